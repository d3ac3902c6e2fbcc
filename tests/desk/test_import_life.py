"""What a row of other software tells of a dossier's life: days in order, steps as they may follow, no false delay.

The clock stands at Monday 4 October 2021, 09:00; the row's dossier was received on 6 September.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from desk_client.desk import Desk
from desk_client.services import happenings, importing, row_taking
from desk_client.services.dating import answer_date
from desk_client.services.history import history
from desk_client.services.lifecycle import dossier_of, record_step
from desk_client.services.overview import overview
from desk_client.services.row_taking import Outcome
from desk_client.services.taking_up import adopt_packs
from desk_client.sheets.columns import Field
from desk_client.storage import device, journal
from desk_client.storage.database import reading
from desk_client.storage.dossiers import Stored
from sync_protocol.calendars import TimeLimit
from sync_protocol.deadlines import DueState, due_state
from sync_protocol.entries import chain
from sync_protocol.events import Resolved, Withdrawn
from sync_protocol.instants import local_date
from sync_protocol.packs import PackKind, procedures_content, signed_pack
from sync_protocol.procedures import ProcedureLimit
from sync_protocol.schemas import WRONG_SIZE, read_event
from sync_protocol.vocabulary import DossierStage, LimitUnit, ResultKind
from tests.desk.registers import CODE, entries, order, outcomes, row, take, take_one, texts
from tests.factories import CENTRE_KEY, NOW, StandingClock, enrolled_desk, procedures


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock) -> Desk:
    return enrolled_desk(tmp_path / "desk", clock=clock)


def stage(desk: Desk) -> DossierStage:
    return dossier_of(desk, CODE).dossier.stage


def days(stored: Stored) -> tuple[date | None, date | None]:
    """The days of the result and of the hand-over."""
    resolved_at, delivered_at = stored.dossier.resolved_at, stored.dossier.delivered_at
    return resolved_at and local_date(resolved_at), delivered_at and local_date(delivered_at)


@pytest.mark.parametrize(
    ("cells", "field", "text"),
    [
        ({"received": "05/10/2021"}, Field.RECEIVED_AT, happenings.IN_THE_FUTURE),
        ({"resolved": "05/10/2021"}, Field.RESOLVED_AT, happenings.IN_THE_FUTURE),
        ({"delivered": "05/10/2021"}, Field.DELIVERED_AT, happenings.IN_THE_FUTURE),
        ({"due": "05/09/2021"}, Field.DUE_ON, happenings.BEFORE_RECEPTION),
        ({"resolved": "05/09/2021"}, Field.RESOLVED_AT, happenings.BEFORE_RECEPTION),
        ({"delivered": "05/09/2021"}, Field.DELIVERED_AT, happenings.BEFORE_RECEPTION),
        ({"resolved": "08/09/2021", "delivered": "07/09/2021"}, Field.DELIVERED_AT, happenings.BEFORE_RESULT),
        ({"received": "06/09/1999"}, Field.RECEIVED_AT, "The date of reception cannot be right."),
    ],
    ids=str,
)
def test_days_that_cannot_be_right_are_refused_where_they_stand(
    desk: Desk, cells: dict[str, str], field: Field, text: str
) -> None:
    result = take_one(desk, **cells)

    assert [(each.field, each.text) for each in result.remarks] == [(field, text)]
    assert overview(desk).saved_count == 0


def test_days_without_a_time_follow_each_other_on_one_day(desk: Desk) -> None:
    take_one(desk, received="06/09/2021 10:20", resolved="06/09/2021", delivered="06/09/2021")

    assert days(dossier_of(desk, CODE)) == (date(2021, 9, 6), date(2021, 9, 6))


def test_today_may_hold_all_of_a_life(desk: Desk) -> None:
    take_one(desk, received="04/10/2021 14:30", stage="Đang xử lý")

    assert stage(desk) is DossierStage.PROCESSING


def test_a_result_without_a_day_is_taken_as_of_today_while_that_is_in_time(desk: Desk) -> None:
    take_one(desk, stage="Đã xử lý xong")

    assert days(dossier_of(desk, CODE)) == (date(2021, 10, 4), None)


def test_a_result_without_a_day_is_never_made_late_by_being_told_today(desk: Desk) -> None:
    result = take_one(desk, stage="Đã trả kết quả", due="10/09/2021")

    assert [(each.field, each.text) for each in result.remarks] == [(Field.RESOLVED_AT, happenings.RESULT_UNDATED)]


def test_a_day_that_is_told_later_takes_the_place_of_the_present(desk: Desk, clock: StandingClock) -> None:
    take_one(desk, stage="Đã xử lý xong")
    clock.move(days=7)

    take_one(desk, stage="Đã trả kết quả", resolved="01/10/2021", delivered="04/10/2021")

    assert days(dossier_of(desk, CODE)) == (date(2021, 10, 1), date(2021, 10, 4))


def test_a_hand_over_before_the_present_that_stood_for_the_result_moves_it(desk: Desk, clock: StandingClock) -> None:
    take_one(desk, stage="Đã xử lý xong")
    clock.move(days=7)

    take_one(desk, stage="Đã trả kết quả", delivered="02/10/2021")

    assert days(dossier_of(desk, CODE)) == (date(2021, 10, 2), date(2021, 10, 2))


def test_a_hand_over_on_the_day_of_the_result_is_not_before_it(desk: Desk, clock: StandingClock) -> None:
    take_one(desk, stage="Đã xử lý xong")
    clock.move(days=1)

    take_one(desk, stage="Đã trả kết quả", delivered="04/10/2021")

    assert days(dossier_of(desk, CODE)) == (date(2021, 10, 4), date(2021, 10, 4))


def test_a_hand_over_on_the_day_on_which_a_clerk_noted_the_result_follows_it(desk: Desk, clock: StandingClock) -> None:
    take_one(desk)
    record_step(desk, CODE, Resolved(result_kind=ResultKind.GRANTED), happened_at=clock.at, clerk="an.nv")

    result = take_one(desk, delivered="04/10/2021")

    assert result.outcome is Outcome.CHANGED
    assert days(dossier_of(desk, CODE)) == (date(2021, 10, 4), date(2021, 10, 4))


def test_days_that_the_other_software_corrects_are_corrected_here(desk: Desk) -> None:
    take_one(desk, resolved="01/10/2021", number="12/QĐ", delivered="04/10/2021", taker="Lê Thị Hoa")

    take_one(desk, received="07/09/2021", resolved="30/09/2021", number="13/QĐ", delivered="01/10/2021", taker="Vũ An")

    stored = dossier_of(desk, CODE)
    assert stored.dossier.received_on == date(2021, 9, 7)
    assert days(stored) == (date(2021, 9, 30), date(2021, 10, 1))
    assert (stored.text("result_number"), stored.text("delivered_to")) == ("13/QĐ", "Vũ An")


def test_a_result_noted_here_on_another_day_stays(desk: Desk, clock: StandingClock) -> None:
    take_one(desk)
    record_step(desk, CODE, Resolved(result_kind=ResultKind.GRANTED), happened_at=clock.at, clerk="an.nv")

    take_one(desk, resolved="01/10/2021")

    assert days(dossier_of(desk, CODE)) == (date(2021, 10, 4), None)


@pytest.mark.parametrize("waiting", ["Yêu cầu bổ sung", "Chờ nghĩa vụ tài chính"])
def test_a_wait_that_was_over_before_it_was_told_makes_no_result_late(
    desk: Desk, clock: StandingClock, waiting: str
) -> None:
    take_one(desk, stage=waiting, due="02/10/2021")
    clock.move(days=7)

    take_one(desk, stage="Đã trả kết quả", due="02/10/2021", resolved="01/10/2021", delivered="05/10/2021")

    stored = dossier_of(desk, CODE)
    assert days(stored) == (date(2021, 10, 1), date(2021, 10, 5))
    assert due_state(stored.dossier, desk.packs(), clock.at) is not DueState.LATE


@pytest.mark.parametrize(
    ("first", "second", "becomes"),
    [
        ("Được tiếp nhận", "Yêu cầu bổ sung", DossierStage.AWAITING_SUPPLEMENT),
        ("Yêu cầu bổ sung", "Được tiếp nhận", DossierStage.PROCESSING),
        ("Yêu cầu bổ sung", "Chờ nghĩa vụ tài chính", DossierStage.AWAITING_PAYMENT),
        ("Chờ nghĩa vụ tài chính", "Yêu cầu bổ sung", DossierStage.AWAITING_SUPPLEMENT),
        ("Yêu cầu bổ sung", "Công dân yêu cầu rút", DossierStage.WITHDRAWN),
        ("Chờ nghĩa vụ tài chính", "Đã xử lý xong", DossierStage.RESOLVED),
        ("Mới đăng ký", "Được tiếp nhận", DossierStage.RECEIVED),
        ("Mới đăng ký", "Đã trả kết quả", DossierStage.DELIVERED),
    ],
)
def test_a_dossier_goes_from_stage_to_stage_as_its_rows_tell(
    desk: Desk, first: str, second: str, becomes: DossierStage
) -> None:
    take_one(desk, external="BN-77", stage=first)

    result = take_one(desk, external="BN-77", stage=second, channel="Trực tuyến")

    assert result.outcome is Outcome.CHANGED
    assert dossier_of(desk, result.dossier_code).dossier.stage is becomes


def test_one_filed_online_and_then_refused_counts_nowhere(desk: Desk) -> None:
    take_one(desk, stage="Mới đăng ký")

    result = take_one(desk, stage="Không được tiếp nhận")

    told = overview(desk)
    assert result.outcome is Outcome.CHANGED
    assert (told.saved_count, told.received_count) == (1, 0)


def test_one_filed_online_counts_from_its_acceptance_with_what_the_row_says_then(desk: Desk) -> None:
    take_one(desk, stage="Mới đăng ký", received="06/09/2021", address="Thôn Đông")

    take_one(desk, stage="Được tiếp nhận", received="08/09/2021", phone="0987000002")

    stored = dossier_of(desk, CODE)
    assert stored.dossier.received_on == date(2021, 9, 8)
    assert (stored.text("phone"), stored.text("address_text")) == ("0987000002", "Thôn Đông")
    assert [line.kind.value for line in history(desk, CODE)] == ["register", "receive"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Đã xử lý xong", "Đang xử lý"),
        ("Đang xử lý", "Mới đăng ký"),
        ("Đã trả kết quả", "Yêu cầu bổ sung"),
        ("Không được tiếp nhận", "Đang xử lý"),
    ],
)
def test_a_row_that_goes_back_changes_nothing_and_says_so(desk: Desk, first: str, second: str) -> None:
    take_one(desk, external="BN-77", stage=first)
    before = entries(desk)

    result = take_one(desk, external="BN-77", stage=second)

    assert (result.outcome, texts(result)) == (Outcome.UNCHANGED, [row_taking.STANDS_ELSEWHERE])
    assert entries(desk) == before


def test_a_dossier_that_ended_here_is_left_as_it_is(desk: Desk, clock: StandingClock) -> None:
    take_one(desk)
    record_step(desk, CODE, Withdrawn(reason="Người dân xin rút"), happened_at=clock.at, clerk="an.nv")

    result = take_one(desk, stage="Đã trả kết quả", resolved="01/10/2021", delivered="04/10/2021", phone="0987000002")

    assert (result.outcome, texts(result)) == (Outcome.CHANGED, [row_taking.STANDS_ELSEWHERE])
    assert stage(desk) is DossierStage.WITHDRAWN
    assert dossier_of(desk, CODE).text("phone") == "0987000002"


def test_a_result_handed_over_since_closes_a_dossier_resolved_here(desk: Desk, clock: StandingClock) -> None:
    take_one(desk)
    record_step(desk, CODE, Resolved(result_kind=ResultKind.GRANTED), happened_at=clock.at, clerk="an.nv")
    clock.move(days=7)

    take_one(desk, stage="Đã trả kết quả", delivered="06/10/2021", taker="Lê Thị Hoa")

    assert stage(desk) is DossierStage.DELIVERED


def test_what_is_sent_back_on_a_day_was_not_handed_over(desk: Desk) -> None:
    take_one(desk, stage="Trả lại hồ sơ", delivered="01/10/2021")

    assert stage(desk) is DossierStage.SENT_BACK


def test_papers_asked_for_a_second_time_are_refused_as_at_the_desk(desk: Desk) -> None:
    take_one(desk, stage="Yêu cầu bổ sung")
    take_one(desk, stage="Đang xử lý")

    result = take_one(desk, stage="Yêu cầu bổ sung")

    assert result.error is not None
    assert result.error.code == "already_asked"


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"taker": "Lê " * 60}, Field.DELIVERED_TO),
        ({"taker": "L"}, Field.DELIVERED_TO),
        ({"number": "1" * 61}, Field.RESULT_NUMBER),
    ],
    ids=["a taker too long", "a taker too short", "a number too long"],
)
def test_a_step_that_could_not_be_read_again_is_not_sealed(desk: Desk, cells: dict[str, str], field: Field) -> None:
    result = take_one(desk, resolved="01/10/2021", delivered="04/10/2021", **cells)

    assert [(each.field, each.text) for each in result.remarks] == [(field, WRONG_SIZE)]


def test_the_chain_holds_after_rows_that_broke_off_half_way(desk: Desk) -> None:
    bad = row(code="BN-1", owner="Đặng Ước", resolved="01/10/2021", delivered="04/10/2021", taker="L")

    results = take(desk, row(), bad, row(code="BN-2", owner="Lê Thị Hoa", delivered="01/10/2021"))

    assert outcomes(results) == ["new", "refused", "new"]
    with reading(desk.database):
        sealed = journal.entries_after(1, 1, 0, 100)
        head = journal.head(1, desk.identity().origin)
    assert [entry.header.sequence for entry in sealed] == list(range(1, head.sequence + 1))
    assert chain(sealed, desk.identity().origin)[-1] == head.hash
    assert [read_event(entry).header.kind for entry in sealed][2:] == [
        "receive",
        "forward",
        "receive",
        "resolve",
        "deliver",
    ]


def test_packs_that_arrive_while_a_file_is_taken_in_are_those_of_what_follows(desk: Desk) -> None:
    rows = [row(code=f"BN-{number}", due="") for number in range(importing.ROWS_A_TRANSACTION + 1)]
    taking = importing.import_rows(desk, order(desk, *rows), clerk="an.nv")
    before = [next(taking) for _ in range(importing.ROWS_A_TRANSACTION)]

    longer = ProcedureLimit(committed=TimeLimit(value=Decimal(5), unit=LimitUnit.WORKING_DAY))
    changed = [replace(each, limits=(longer,)) for each in procedures()]
    adopt_packs(desk, [signed_pack(CENTRE_KEY, PackKind.PROCEDURES, procedures_content(changed, NOW.date()))])
    [last] = taking

    with reading(desk.database):
        adoption, entry = device.last_adoption(), journal.entry_at(1, 1, entries(desk))
    due = [dossier_of(desk, each.dossier_code).due_at for each in (before[0], last)]
    assert entry is not None
    assert entry.header.pack == adoption
    assert [at and local_date(at) for at in due] == [date(2021, 9, 13)] * 2


def test_a_machine_whose_day_a_clerk_has_corrected_takes_in_what_happened_until_then(
    desk: Desk, clock: StandingClock
) -> None:
    clock.at = datetime(2021, 9, 1, 2, 0, tzinfo=UTC)
    answer_date(desk, date(2021, 10, 4))

    assert take_one(desk).outcome is Outcome.NEW
