"""What happens to a dossier after it was handed in: what may be recorded, by whom, and what its history tells."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk_client.desk import Desk
from desk_client.services.accepting import accept_filed, refuse_filed
from desk_client.services.handing_over import NothingToHandOver, hand_over_together
from desk_client.services.history import Change, history, stored_after
from desk_client.services.lifecycle import (
    ForHeadsOnly,
    HandedOverBefore,
    KnownHere,
    NothingChanged,
    deliver_unseen,
    dossier_of,
    record_step,
    record_steps,
    unseen_deliveries,
)
from desk_client.services.printing import NoSuchPaper, print_paper, sheet_of
from desk_client.services.projecting import write
from desk_client.services.recording import (
    InvalidReception,
    Manner,
    record_receptions,
    record_refusal,
    record_registration,
)
from desk_client.services.sealing import take_pen
from desk_client.services.signing_in import add_clerk
from desk_client.services.viewing import view_of
from desk_client.storage import models
from desk_client.storage.clerks import Clerk
from desk_client.storage.database import reading, write_transaction
from sync_protocol.dossier_codes import BadDossierCode
from sync_protocol.dossiers import Dossier, UnknownDossier
from sync_protocol.events import (
    Corrected,
    PaymentDone,
    Rated,
    Received,
    SentBack,
    Step,
    Stopped,
    SupplementExpired,
    SupplementReceived,
    Voided,
    Withdrawn,
)
from sync_protocol.instants import local_instant
from sync_protocol.schemas import KINDS, SCHEMAS
from sync_protocol.transitions import AlreadyAsked, IllegalTransition, OutOfOrder
from sync_protocol.vocabulary import (
    Channel,
    DeliveryMethod,
    DossierStage,
    EventKind,
    OwnerType,
    PaperForm,
    Rating,
    RatingSource,
    RatingSubject,
    Role,
)
from tests.desk.lives import (
    CLERK,
    DELIVERED,
    EXTENDED,
    FORWARDED,
    PAPERS_ASKED_FOR,
    PAYMENT_ASKED_FOR,
    RESOLVED,
    after,
    received,
)
from tests.factories import NOW, PASSWORD, StandingClock, enrolled_desk, reception

HEAD = Clerk(username=CLERK, full_name="Nguyễn Văn An", role=Role.HEAD)
BINH = Clerk(username="binh.tt", full_name="Trần Thị Bình", role=Role.CLERK)
UNSEEN = "H62.11.01-210920-2555"
SAMPLES: dict[EventKind, Step] = {
    EventKind.FORWARD: FORWARDED,
    EventKind.REQUEST_SUPPLEMENT: PAPERS_ASKED_FOR,
    EventKind.SUPPLEMENT_RECEIVED: SupplementReceived(),
    EventKind.SUPPLEMENT_EXPIRED: SupplementExpired(expired_on=date(2021, 10, 4)),
    EventKind.REQUEST_PAYMENT: PAYMENT_ASKED_FOR,
    EventKind.PAYMENT_DONE: PaymentDone(),
    EventKind.EXTEND: EXTENDED,
    EventKind.RESOLVE: RESOLVED,
    EventKind.DELIVER: DELIVERED,
    EventKind.WITHDRAW: Withdrawn(reason="Công dân xin rút"),
    EventKind.SEND_BACK: SentBack(reason="Không thuộc thẩm quyền"),
    EventKind.STOP: Stopped(reason="Chủ hồ sơ đã mất"),
    EventKind.CORRECT: Corrected(changes={"phone": "0987000999"}, reason="Gõ nhầm số"),
    EventKind.VOID: Voided(reason="Nhập thử"),
    EventKind.RATE: Rated(
        rating=Rating.SATISFIED, subject=RatingSubject.SERVICE, source=RatingSource.SCREEN, scale_version="1"
    ),
}
WAYS: dict[str, tuple[Step, ...]] = {
    "received": (),
    "processing": (FORWARDED,),
    "awaiting_supplement": (PAPERS_ASKED_FOR,),
    "supplemented": (PAPERS_ASKED_FOR, SupplementReceived()),
    "awaiting_payment": (PAYMENT_ASKED_FOR,),
    "extended": (EXTENDED,),
    "resolved": (RESOLVED,),
    "delivered": (RESOLVED, DELIVERED),
    "withdrawn": (SAMPLES[EventKind.WITHDRAW],),
    "sent_back": (SAMPLES[EventKind.SEND_BACK],),
    "stopped": (SAMPLES[EventKind.STOP],),
    "voided": (SAMPLES[EventKind.VOID],),
}


@pytest.fixture
def clock() -> StandingClock:
    """Monday 4 October 2021, 09:00 local, until it is moved."""
    return StandingClock()


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock) -> Desk:
    """A desk with its head an.nv and the clerk binh.tt."""
    desk = enrolled_desk(tmp_path / "desk", clock=clock)
    add_clerk(desk, BINH, PASSWORD)
    return desk


def entry_count(desk: Desk) -> int:
    """How many entries the journal holds."""
    with reading(desk.database):
        return int(models.Entry.select().count())


def stage_of(desk: Desk, dossier: Dossier) -> DossierStage:
    """Where a dossier stands in its row."""
    return dossier_of(desk, dossier.id).dossier.stage


# What is offered


def is_recorded(desk: Desk, way: tuple[Step, ...], step: Step) -> bool:
    """Whether a step can be recorded of a new dossier after others."""
    dossier = after(desk, received(desk), *way)
    with suppress(IllegalTransition, AlreadyAsked):
        record_step(desk, dossier.id, step, happened_at=NOW, clerk=CLERK)
        return True
    return False


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_is_offered_is_what_can_be_recorded(desk: Desk, way: tuple[Step, ...]) -> None:
    dossier = after(desk, received(desk), *way)

    offered = view_of(desk, dossier.id, HEAD).steps

    assert set(offered) == {kind for kind, step in SAMPLES.items() if is_recorded(desk, way, step)}


def test_papers_are_asked_for_once_and_the_appointment_moves_once(desk: Desk) -> None:
    dossier = after(desk, received(desk), PAPERS_ASKED_FOR, SupplementReceived(), EXTENDED)

    offered = view_of(desk, dossier.id, HEAD).steps

    assert EventKind.REQUEST_SUPPLEMENT not in offered
    assert EventKind.EXTEND not in offered
    assert EventKind.RESOLVE in offered


def test_a_dossier_filed_online_waits_to_be_accepted_or_refused(desk: Desk) -> None:
    filed = record_registration(desk, reception(channel="online"), filed_at=NOW, clerk=CLERK).dossier

    offered = view_of(desk, filed.id, BINH).steps

    assert set(offered) == {EventKind.RECEIVE, EventKind.REFUSE_AT_DESK, EventKind.CORRECT, EventKind.RATE}


def test_a_dossier_filed_online_is_accepted_as_it_was_filed(desk: Desk) -> None:
    filed = record_registration(desk, reception(channel="online", summary="Xin nhanh"), filed_at=NOW, clerk=CLERK)

    accepted = accept_filed(desk, filed.dossier.id, received_at=NOW, clerk="binh.tt")

    assert accepted.dossier.id == filed.dossier.id
    assert accepted.dossier.dossier_code == "H62.11.01-211004-0001"
    assert accepted.stored.text("summary") == "Xin nhanh"


def test_a_dossier_filed_online_is_refused_with_a_reason(desk: Desk) -> None:
    filed = record_registration(desk, reception(channel="online"), filed_at=NOW, clerk=CLERK).dossier

    with pytest.raises(InvalidReception):
        refuse_filed(desk, filed.id, " ", happened_at=NOW, clerk=CLERK)
    refuse_filed(desk, filed.id, "Không thuộc thẩm quyền", happened_at=NOW, clerk=CLERK)

    assert stage_of(desk, filed) is DossierStage.NOT_ACCEPTED


# Several in one action


def test_a_result_is_noted_and_handed_over_in_one_action(desk: Desk) -> None:
    dossier = received(desk)

    record_steps(desk, [(dossier.id, [RESOLVED, DELIVERED])], happened_at=NOW, clerk=CLERK)

    assert stage_of(desk, dossier) is DossierStage.DELIVERED


def test_several_steps_are_saved_together_or_not_at_all(desk: Desk) -> None:
    dossier, other = received(desk), after(desk, received(desk), RESOLVED)
    before = entry_count(desk)

    with pytest.raises(IllegalTransition):
        record_steps(desk, [(other.id, [DELIVERED]), (dossier.id, [DELIVERED])], happened_at=NOW, clerk=CLERK)

    assert entry_count(desk) == before
    assert stage_of(desk, other) is DossierStage.RESOLVED


def on_one_slip(desk: Desk, count: int) -> list[Dossier]:
    """Dossiers received on one slip."""
    made = record_receptions(
        desk,
        [reception(procedure_code="2.000815", owner_name=f"Chủ Hồ Sơ {'ABCDE'[number]}") for number in range(count)],
        received_at=NOW,
        clerk=CLERK,
        manner=Manner(on_one_slip=True),
    )
    return [each.dossier for each in made]


def test_the_results_of_a_slip_that_are_ready_are_handed_over_together(desk: Desk) -> None:
    first, second, third = on_one_slip(desk, 3)
    after(desk, first, RESOLVED)
    after(desk, third, RESOLVED)

    hand_over_together(desk, first.slip_code, DELIVERED, with_results=False, happened_at=NOW, clerk=CLERK)

    stages = [stage_of(desk, each) for each in (first, second, third)]
    assert stages == [DossierStage.DELIVERED, DossierStage.RECEIVED, DossierStage.DELIVERED]


def test_all_of_a_slip_can_be_resolved_and_handed_over_together(desk: Desk) -> None:
    first, second, third = on_one_slip(desk, 3)
    after(desk, third, Withdrawn(reason="Công dân xin rút"))

    hand_over_together(desk, first.slip_code, DELIVERED, with_results=True, happened_at=NOW, clerk=CLERK)

    stages = [stage_of(desk, each) for each in (first, second, third)]
    assert stages == [DossierStage.DELIVERED, DossierStage.DELIVERED, DossierStage.WITHDRAWN]


def test_a_slip_without_results_hands_nothing_over(desk: Desk) -> None:
    first, *_ = on_one_slip(desk, 2)
    before = entry_count(desk)

    with pytest.raises(NothingToHandOver):
        hand_over_together(desk, first.slip_code, DELIVERED, with_results=False, happened_at=NOW, clerk=CLERK)

    assert entry_count(desk) == before


# When, and by whom


def test_a_step_cannot_have_happened_tomorrow(desk: Desk) -> None:
    dossier = received(desk)

    with pytest.raises(InvalidReception) as refused:
        record_step(desk, dossier.id, RESOLVED, happened_at=NOW + timedelta(days=1), clerk=CLERK)

    assert set(refused.value.problems) == {"happened_at"}
    assert stage_of(desk, dossier) is DossierStage.RECEIVED


def test_a_step_cannot_have_happened_before_what_it_follows(desk: Desk) -> None:
    dossier = received(desk)

    with pytest.raises(OutOfOrder):
        record_step(desk, dossier.id, RESOLVED, happened_at=NOW - timedelta(minutes=1), clerk=CLERK)

    assert stage_of(desk, dossier) is DossierStage.RECEIVED


def test_only_a_head_takes_a_dossier_out_of_the_counts(desk: Desk) -> None:
    dossier = received(desk)

    with pytest.raises(ForHeadsOnly):
        record_step(desk, dossier.id, Voided(reason="Nhập trùng"), happened_at=NOW, clerk="binh.tt")

    assert stage_of(desk, dossier) is DossierStage.RECEIVED
    assert EventKind.VOID not in view_of(desk, dossier.id, BINH).steps
    assert EventKind.VOID in view_of(desk, dossier.id, HEAD).steps


def test_a_step_of_a_dossier_that_is_not_here_is_refused(desk: Desk) -> None:
    with pytest.raises(UnknownDossier):
        record_step(desk, "1.1.999", RESOLVED, happened_at=NOW, clerk=CLERK)


# Corrections


def test_a_correction_records_only_what_it_changes(desk: Desk) -> None:
    dossier = received(desk)
    changes = {"phone": "0987000001", "owner_name": "Nguyễn Thị Hương", "summary": ""}

    after(desk, dossier, Corrected(changes=changes, reason="Gõ nhầm tên"))

    [_, line] = history(desk, dossier.id)
    assert isinstance(line.payload, Corrected)
    assert dict(line.payload.changes) == {"owner_name": "Nguyễn Thị Hương"}


def test_a_correction_of_nothing_is_refused(desk: Desk) -> None:
    dossier = received(desk)

    with pytest.raises(NothingChanged):
        after(desk, dossier, Corrected(changes={"phone": "0987000001"}, reason="Không sửa gì"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"owner_name": "1"}, "owner_name"),
        ({"owner_name": "Nguyễn 5 Hường"}, "owner_name"),
        ({"channel": "post"}, "channel"),
        ({"procedure_code": "9.999999"}, "procedure_code"),
    ],
)
def test_a_correction_leaves_a_possible_dossier(desk: Desk, changes: dict[str, Any], field: str) -> None:
    dossier = received(desk)

    with pytest.raises(InvalidReception) as refused:
        after(desk, dossier, Corrected(changes=changes, reason="Thử"))

    assert set(refused.value.problems) == {field}


# History


def test_the_history_tells_who_when_where_and_when_it_was_entered(desk: Desk, clock: StandingClock) -> None:
    dossier = received(desk, on=date(2021, 10, 1))
    clock.move(hours=2)
    record_step(desk, dossier.id, FORWARDED, happened_at=NOW, clerk="binh.tt")

    [opening, forwarding] = history(desk, dossier.id)

    assert (opening.kind, opening.clerk, opening.slot) == (EventKind.RECEIVE, CLERK, 1)
    assert opening.happened_at == local_instant(date(2021, 10, 1), datetime(2021, 1, 1, 8).time())
    assert opening.recorded_at == NOW
    assert (forwarding.kind, forwarding.clerk) == (EventKind.FORWARD, "binh.tt")
    assert forwarding.recorded_at == NOW + timedelta(hours=2)
    assert not forwarding.is_sent


def test_the_history_of_a_correction_tells_before_and_after(desk: Desk) -> None:
    dossier = received(desk)

    after(desk, dossier, Corrected(changes={"phone": "0987000999", "summary": "Xin gấp"}, reason="Gõ nhầm"))

    [_, line] = history(desk, dossier.id)
    assert line.changes == (
        Change(field="phone", before="0987000001", after="0987000999"),
        Change(field="summary", before=None, after="Xin gấp"),
        Change(field="reason", before=None, after="Gõ nhầm"),
    )


def test_the_history_tells_how_the_appointment_moved(desk: Desk) -> None:
    dossier = received(desk)

    after(desk, dossier, EXTENDED)

    [opening, extension] = history(desk, dossier.id)
    first_due_at = datetime(2021, 10, 7, 2, 0, tzinfo=UTC)
    assert opening.changes == (Change(field="due_at", before=None, after=first_due_at),)
    assert extension.changes[-1] == Change(
        field="due_at", before=first_due_at, after=datetime(2021, 10, 12, 10, 0, tzinfo=UTC)
    )


def test_a_dossier_tells_its_first_appointment_once_it_moved(desk: Desk) -> None:
    dossier = received(desk)
    before = view_of(desk, dossier.id, HEAD).original_due_at

    after(desk, dossier, EXTENDED)

    assert before is None
    assert view_of(desk, dossier.id, HEAD).original_due_at == datetime(2021, 10, 7, 2, 0, tzinfo=UTC)


def test_a_dossier_as_it_stood_can_be_read_again(desk: Desk) -> None:
    dossier = after(desk, received(desk), Corrected(changes={"phone": "0987000999"}, reason="Gõ nhầm"))

    assert stored_after(desk, dossier.id, 1).text("phone") == "0987000001"
    assert stored_after(desk, dossier.id, 2).text("phone") == "0987000999"
    assert stored_after(desk, dossier.id, 99).text("phone") == "0987000999"


# Slips that this machine has never seen


def arrive(desk: Desk, code: str) -> Dossier:
    """What an import, or another machine's entry, does to a dossier that bears a code already."""
    payload = Received(
        dossier_code=code,
        procedure_code="1.004873",
        submitter_name="Lê Thị Thu",
        owner_name="Lê Thị Thu",
        owner_type=OwnerType.CITIZEN,
        channel=Channel.DIRECT,
        delivery_method=DeliveryMethod.COUNTER,
        set_count=1,
    )
    with write_transaction(desk.database):
        pen = take_pen(desk, desk.identity(), clerk=CLERK)
        return write(pen, desk.packs(), payload, happened_at=local_instant(date(2021, 9, 20), NOW.time())).dossier


def test_a_result_is_handed_over_against_a_slip_that_nobody_knows_here(desk: Desk) -> None:
    deliver_unseen(desk, UNSEEN, DELIVERED, happened_at=NOW, clerk=CLERK)

    [told] = unseen_deliveries(desk, UNSEEN)

    assert told.payload == DELIVERED
    assert told.header.subject == UNSEEN


def test_what_was_handed_over_unseen_meets_its_dossier_when_that_arrives(desk: Desk) -> None:
    deliver_unseen(desk, UNSEEN, DELIVERED, happened_at=NOW, clerk=CLERK)

    dossier = arrive(desk, UNSEEN)

    assert dossier.stage is DossierStage.DELIVERED
    assert dossier.delivered_at == NOW
    assert [line.kind for line in history(desk, dossier.id)] == [EventKind.RECEIVE, EventKind.DELIVER]
    assert stage_of(desk, dossier) is DossierStage.DELIVERED


def test_an_unseen_slip_is_handed_over_once(desk: Desk) -> None:
    deliver_unseen(desk, UNSEEN, DELIVERED, happened_at=NOW, clerk=CLERK)

    with pytest.raises(HandedOverBefore):
        deliver_unseen(desk, UNSEEN, DELIVERED, happened_at=NOW, clerk=CLERK)

    assert len(unseen_deliveries(desk, UNSEEN)) == 1


def test_a_slip_of_a_dossier_that_is_here_is_not_unseen(desk: Desk) -> None:
    dossier = received(desk)

    with pytest.raises(KnownHere):
        deliver_unseen(desk, dossier.dossier_code, DELIVERED, happened_at=NOW, clerk=CLERK)


@pytest.mark.parametrize("code", ["", "Nguyễn Thị Hường", "H62.11.01-211399-0001"])
def test_what_is_no_code_cannot_be_handed_over_against(desk: Desk, code: str) -> None:
    with pytest.raises(BadDossierCode):
        deliver_unseen(desk, code, DELIVERED, happened_at=NOW, clerk=CLERK)


# Papers


def test_prints_are_counted_and_every_later_one_is_marked(desk: Desk, clock: StandingClock) -> None:
    dossier = received(desk)
    print_paper(desk, dossier.id, PaperForm.RECEIPT, clerk=CLERK)
    first = sheet_of(desk, dossier.id, PaperForm.RECEIPT)
    clock.move(days=1)

    copy = print_paper(desk, dossier.id, PaperForm.RECEIPT, clerk=CLERK)

    assert copy == 2
    assert first.reprint_mark == ""
    assert sheet_of(desk, dossier.id, PaperForm.RECEIPT).reprint_mark == "BẢN IN LẠI LẦN 2 – 09:00 05/10/2021"
    assert sheet_of(desk, dossier.id, PaperForm.RECEIPT).heading.printed_on == date(2021, 10, 4)
    assert sheet_of(desk, dossier.id, PaperForm.RECEIPT, 1).reprint_mark == ""


def test_looking_at_a_paper_records_nothing(desk: Desk) -> None:
    dossier = received(desk)
    before = entry_count(desk)

    sheet_of(desk, dossier.id, PaperForm.RECEIPT)

    assert entry_count(desk) == before


def test_a_slip_that_several_share_counts_its_prints_together(desk: Desk) -> None:
    first, second = on_one_slip(desk, 2)
    print_paper(desk, second.id, PaperForm.RECEIPT, clerk=CLERK)

    copy = print_paper(desk, first.id, PaperForm.RECEIPT, clerk=CLERK)

    assert copy == 2
    assert view_of(desk, second.id, HEAD).prints[PaperForm.RECEIPT] == 2
    assert sheet_of(desk, second.id, PaperForm.RECEIPT).code == first.dossier_code


def texts_of(sheet: Any) -> str:
    """All that a sheet says."""
    return repr(sheet)


@pytest.mark.parametrize(
    ("way", "form", "told"),
    [
        ((), PaperForm.RECEIPT, "09 giờ 00 phút, ngày 07 tháng 10 năm 2021"),
        ((FORWARDED,), PaperForm.CONTROL_SLIP, "Lê Văn Tịnh"),
        ((PAPERS_ASKED_FOR,), PaperForm.SUPPLEMENT_REQUEST, "Thiếu bản sao sổ hộ khẩu"),
        ((EXTENDED,), PaperForm.APOLOGY, "ngày 12 tháng 10 năm 2021"),
        ((EXTENDED,), PaperForm.APOLOGY, "09 giờ 00 phút, ngày 07 tháng 10 năm 2021"),
        ((Stopped(reason="Chủ hồ sơ đã mất"),), PaperForm.STOP_NOTICE, "Chủ hồ sơ đã mất"),
        ((SentBack(reason="Sai thẩm quyền"),), PaperForm.STOP_NOTICE, "trả lại hồ sơ nêu trên"),
        (
            (PAPERS_ASKED_FOR, SupplementExpired(expired_on=date(2021, 10, 4))),
            PaperForm.STOP_NOTICE,
            "Không nộp bổ sung hồ sơ",
        ),
    ],
)
def test_each_event_has_the_paper_that_follows_it(
    desk: Desk, way: tuple[Step, ...], form: PaperForm, told: str
) -> None:
    dossier = after(desk, received(desk), *way)

    sheet = sheet_of(desk, dossier.id, form)

    assert told in texts_of(sheet)
    assert form in view_of(desk, dossier.id, HEAD).prints


def test_a_refusal_is_printed_without_a_code(desk: Desk) -> None:
    refused = record_refusal(desk, reception(), "Không thuộc thẩm quyền", happened_at=NOW, clerk=CLERK).dossier

    sheet = sheet_of(desk, refused.id, PaperForm.REFUSAL)

    assert sheet.code == ""
    assert "Không thuộc thẩm quyền" in texts_of(sheet)


def test_a_supplement_request_lists_each_paper(desk: Desk) -> None:
    asked = SCHEMAS[EventKind.REQUEST_SUPPLEMENT].load({"papers": "Sổ hộ khẩu; Giấy khai sinh ;", "reason": "Thiếu"})
    assert KINDS[type(asked)] is EventKind.REQUEST_SUPPLEMENT
    dossier = after(desk, received(desk), asked)

    assert "points=('Sổ hộ khẩu', 'Giấy khai sinh')" in texts_of(
        sheet_of(desk, dossier.id, PaperForm.SUPPLEMENT_REQUEST)
    )


def test_the_control_slip_tells_the_way_there_and_back(desk: Desk) -> None:
    dossier = after(desk, received(desk), FORWARDED, RESOLVED)

    told = texts_of(sheet_of(desk, dossier.id, PaperForm.CONTROL_SLIP))

    assert "('Nguyễn Văn An', 'Lê Văn Tịnh', '09:00 04/10/2021', '', '')" in told
    assert "('Lê Văn Tịnh', 'Nguyễn Văn An', '09:00 04/10/2021', 'Trước hạn', '')" in told


@pytest.mark.parametrize("form", [PaperForm.APOLOGY, PaperForm.REFUSAL, PaperForm.REGISTER_BOOK])
def test_a_paper_that_a_dossier_does_not_have_is_refused(desk: Desk, form: PaperForm) -> None:
    dossier = received(desk)

    with pytest.raises(NoSuchPaper):
        sheet_of(desk, dossier.id, form)
    with pytest.raises(NoSuchPaper):
        print_paper(desk, dossier.id, form, clerk=CLERK)


def test_a_print_that_was_never_made_is_refused(desk: Desk) -> None:
    dossier = received(desk)

    with pytest.raises(NoSuchPaper):
        sheet_of(desk, dossier.id, PaperForm.RECEIPT, 1)
