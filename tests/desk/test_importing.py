"""Taking in spreadsheets: each row once, again only what changed, a bad one by itself, a trial without a trace."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from desk_client.desk import Desk
from desk_client.services import importing
from desk_client.services.happenings import AS_IMPORTED
from desk_client.services.history import history
from desk_client.services.lifecycle import deliver_unseen, dossier_of, record_step
from desk_client.services.overview import overview
from desk_client.services.row_taking import Outcome
from desk_client.sheets.columns import Field
from sync_protocol.events import Corrected, Delivered
from sync_protocol.instants import LOCAL
from sync_protocol.vocabulary import DeliveryMethod, DossierStage, Source
from tests.conftest import record
from tests.desk.registers import CODE, OTHER_CODE, entries, order, outcomes, row, take
from tests.factories import StandingClock, enrolled_desk


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock) -> Desk:
    return enrolled_desk(tmp_path / "desk", clock=clock)


def test_a_new_row_becomes_a_dossier_with_its_old_code_and_due_date(desk: Desk) -> None:
    results = take(desk, row(), source=Source.OPENING)

    stored = dossier_of(desk, CODE)
    assert outcomes(results) == ["new"]
    assert stored.dossier.source is Source.OPENING
    assert stored.dossier.stage is DossierStage.PROCESSING
    assert stored.dossier.received_on == date(2021, 9, 6)
    assert stored.due_at is not None
    assert stored.due_at.astimezone(LOCAL).date() == date(2021, 10, 20)
    assert stored.text("submitter_name") == stored.text("owner_name") == "Trần Thị Bưởi"


def test_a_code_of_another_form_is_kept_as_the_other_systems(desk: Desk) -> None:
    [result] = take(desk, row(code="BN/2021/00412"))

    stored = dossier_of(desk, result.dossier_code)
    assert stored.text("external_code") == "BN/2021/00412"
    assert stored.dossier.dossier_code == "H62.11.01-210906-0001"


def test_a_code_that_was_taken_in_is_not_given_to_another_dossier(desk: Desk) -> None:
    take(desk, row(code="H62.11.01-211004-0001", received="04/10/2021"))

    assert record(desk).dossier_code == "H62.11.01-211004-0002"


def test_the_same_file_again_does_nothing(desk: Desk) -> None:
    rows = (row(), row(code="BN/2021/00412"), row(code="", owner="Đặng Ước"))
    take(desk, *rows)
    before = entries(desk)

    again = take(desk, *rows)

    assert outcomes(again) == ["unchanged", "unchanged", "unchanged"]
    assert entries(desk) == before
    assert overview(desk).saved_count == 3


def test_a_changed_row_adds_the_steps_that_it_tells(desk: Desk) -> None:
    take(desk, row())

    results = take(desk, row(resolved="01/10/2021", delivered="04/10/2021", taker="Lê Thị Hoa", stage="Đã trả kết quả"))

    dossier = dossier_of(desk, CODE)
    assert outcomes(results) == ["changed"]
    assert dossier.dossier.stage is DossierStage.DELIVERED
    assert dossier.text("delivered_to") == "Lê Thị Hoa"
    assert [line.kind.value for line in history(desk, CODE)] == ["receive", "forward", "resolve", "deliver"]


def test_a_changed_cell_is_a_correction_and_the_rest_stays(desk: Desk) -> None:
    take(desk, row())

    take(desk, row(phone="0987000002"))

    last = history(desk, CODE)[-1]
    assert last.payload == Corrected(changes={"phone": "0987000002"}, reason=AS_IMPORTED)


def test_what_was_corrected_here_is_not_undone_by_another_change_of_the_row(desk: Desk, clock: StandingClock) -> None:
    take(desk, row())
    correction = Corrected(changes={"owner_name": "Trần Thị Bưởi Hồng"}, reason="Sai tên")
    record_step(desk, CODE, correction, happened_at=clock.at, clerk="an.nv")

    take(desk, row(phone="0987000002"))

    stored = dossier_of(desk, CODE)
    assert (stored.text("owner_name"), stored.text("phone")) == ("Trần Thị Bưởi Hồng", "0987000002")


@pytest.mark.parametrize(
    ("stage", "becomes"),
    [
        ("Được tiếp nhận", DossierStage.RECEIVED),
        ("Đang xử lý", DossierStage.PROCESSING),
        ("Yêu cầu bổ sung", DossierStage.AWAITING_SUPPLEMENT),
        ("Chờ nghĩa vụ tài chính", DossierStage.AWAITING_PAYMENT),
        ("Công dân yêu cầu rút", DossierStage.WITHDRAWN),
        ("Trả lại", DossierStage.SENT_BACK),
        ("Dừng xử lý", DossierStage.STOPPED),
        ("Đã xử lý xong", DossierStage.RESOLVED),
        ("Đã trả kết quả", DossierStage.DELIVERED),
    ],
)
def test_a_dossier_is_taken_in_where_its_row_says_that_it_stands(desk: Desk, stage: str, becomes: DossierStage) -> None:
    [result] = take(desk, row(stage=stage))

    assert result.outcome is Outcome.NEW
    assert dossier_of(desk, CODE).dossier.stage is becomes


@pytest.mark.parametrize("first", ["Yêu cầu bổ sung", "Chờ nghĩa vụ tài chính", "Được tiếp nhận"])
def test_a_dossier_that_waited_can_be_done_a_week_later(desk: Desk, clock: StandingClock, first: str) -> None:
    take(desk, row(stage=first))
    clock.move(days=7)

    [result] = take(desk, row(stage="Đã trả kết quả", delivered="11/10/2021"))

    assert result.outcome is Outcome.CHANGED
    assert dossier_of(desk, CODE).dossier.stage is DossierStage.DELIVERED


def test_a_dossier_not_accepted_or_only_filed_counts_nowhere(desk: Desk) -> None:
    take(desk, row(code="BN1", stage="Mới đăng ký"), row(code="BN2", owner="Đặng Ước", stage="Không được tiếp nhận"))

    told = overview(desk)
    assert (told.saved_count, told.received_count) == (2, 0)


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"received": ""}, Field.RECEIVED_AT),
        ({"received": "31/02/2021"}, Field.RECEIVED_AT),
        ({"procedure": "Thủ tục không có ở đây"}, Field.PROCEDURE_CODE),
        ({"owner": ""}, Field.SUBMITTER_NAME),
        ({"owner": "Trần Thị Bưởi 2"}, Field.OWNER_NAME),
        ({"id": "26185900001"}, Field.ID_NUMBER),
        ({"id": "2.6186E+10"}, Field.ID_NUMBER),
        ({"phone": "12"}, Field.PHONE),
        ({"stage": "Không rõ là gì"}, Field.STAGE),
        ({"delivered": "05/10/2021"}, Field.DELIVERED_AT),
        ({"resolved": "01/09/2021"}, Field.RESOLVED_AT),
        ({"owner": "NguyÔn V¨n An"}, Field.OWNER_NAME),
    ],
    ids=lambda value: str(value),
)
def test_a_bad_row_is_refused_by_itself_and_says_where(desk: Desk, cells: dict[str, str], field: Field) -> None:
    results = take(desk, row(code=OTHER_CODE), row(**cells), row(code="H62.11.01-210908-0414"))

    assert outcomes(results) == ["new", "refused", "new"]
    assert field in {each.field for each in results[1].remarks}
    assert overview(desk).saved_count == 2


def test_a_row_that_stands_twice_is_taken_once(desk: Desk) -> None:
    results = take(desk, row(), row(), row(phone="0987000002"))

    assert outcomes(results) == ["new", "refused", "refused"]
    assert [each.remarks[0].values for each in results[1:]] == [{"number": 2}, {"number": 2}]
    assert overview(desk).saved_count == 1


def test_a_refused_row_leaves_nothing_half_done(desk: Desk) -> None:
    before = entries(desk)

    take(desk, row(delivered="05/10/2021"))

    assert entries(desk) == before
    assert overview(desk).saved_count == 0


def test_a_trial_says_what_would_become_of_each_row_and_leaves_no_trace(desk: Desk) -> None:
    take(desk, row())
    before = entries(desk)
    asked = order(desk, row(phone="0987000002"), row(code=OTHER_CODE), row(code="x", received=""))

    tried = list(importing.try_rows(desk, asked, clerk="an.nv"))

    assert outcomes(tried) == ["changed", "new", "refused"]
    assert entries(desk) == before
    assert outcomes(list(importing.import_rows(desk, asked, clerk="an.nv"))) == outcomes(tried)


def test_a_mapping_that_a_clerk_made_is_remembered_for_files_with_these_columns(desk: Desk) -> None:
    asked = order(desk, row())

    importing.keep_mapping(desk, asked.sheet, {Field.OWNER_NAME: 2})

    assert importing.mapping_for(desk, asked.sheet) == {Field.OWNER_NAME: 2}


def test_more_rows_than_a_transaction_holds_are_all_taken_in_order(desk: Desk) -> None:
    rows = [row(code=f"H62.11.01-210906-{1000 + number}") for number in range(importing.ROWS_A_TRANSACTION + 5)]

    results = take(desk, *rows)

    assert Counter(outcomes(results)) == {"new": importing.ROWS_A_TRANSACTION + 5}
    assert [each.number for each in results] == list(range(2, len(rows) + 2))


def test_a_slip_that_was_delivered_against_before_meets_its_imported_dossier(desk: Desk, clock: StandingClock) -> None:
    delivered = Delivered(delivered_to="Lê Thị Hoa", delivered_by=DeliveryMethod.COUNTER)
    deliver_unseen(desk, CODE, delivered, happened_at=clock.at, clerk="an.nv")

    [result] = take(desk, row(stage="Được tiếp nhận"))

    assert result.outcome is Outcome.NEW
    assert dossier_of(desk, CODE).dossier.stage is DossierStage.DELIVERED
