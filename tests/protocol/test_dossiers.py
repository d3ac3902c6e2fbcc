"""A dossier's life: what may follow what, in which day it counts, and what becomes of the work of two devices."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import orjson
import pytest

from sync_protocol.dossiers import (
    STAGE_WORDS,
    Dossier,
    DueSet,
    UnknownDossier,
    Wait,
    counted_change,
    read_state,
    state_bytes,
)
from sync_protocol.events import (
    Corrected,
    Delivered,
    EpochOpened,
    Extended,
    Forwarded,
    Opening,
    Payload,
    PaymentDone,
    PaymentRequested,
    Printed,
    Rated,
    Received,
    RefusedAtDesk,
    Resolved,
    SentBack,
    Step,
    Stopped,
    SupplementExpired,
    SupplementReceived,
    SupplementRequested,
    Voided,
    Withdrawn,
)
from sync_protocol.folding import fold
from sync_protocol.schemas import KINDS
from sync_protocol.transitions import (
    FOLLOWS,
    STEP_WORDS,
    AlreadyAsked,
    IllegalTransition,
    NoResultYet,
    OutOfOrder,
    check_follows,
    possible_steps,
)
from sync_protocol.vocabulary import (
    Channel,
    DeliveryMethod,
    DossierStage,
    EventKind,
    ResultKind,
    Source,
    VerdictKind,
    WaitKind,
)
from tests.protocol.golden import make_2, make_3, make_4, make_5
from tests.protocol.lives import (
    CORRECTED,
    DELIVERED,
    EXTENDED,
    FORWARDED,
    PAYMENT_DONE,
    PAYMENT_REQUESTED,
    PRINTED,
    RECEIVED,
    RECEIVED_AT,
    RECORDED_AT,
    REFUSED,
    REFUSED_AFTER_APPRAISAL,
    REGISTERED,
    RESOLVED,
    SENT_BACK,
    STEPS,
    STOPPED,
    SUPPLEMENT_EXPIRED,
    SUPPLEMENT_RECEIVED,
    SUPPLEMENT_REQUESTED,
    VOIDED,
    WITHDRAWN,
    after,
    corrected,
    event,
    met,
)

Stage = DossierStage
DAY = timedelta(days=1)
FOURTH, FIFTH, SIXTH, SEVENTH, EIGHTH = (RECEIVED_AT + n * DAY for n in range(5))

REACHED_BY: dict[Stage, tuple[Payload, ...]] = {
    Stage.REGISTERED: (REGISTERED,),
    Stage.RECEIVED: (RECEIVED,),
    Stage.NOT_ACCEPTED: (REFUSED,),
    Stage.PROCESSING: (RECEIVED, FORWARDED),
    Stage.AWAITING_SUPPLEMENT: (RECEIVED, SUPPLEMENT_REQUESTED),
    Stage.AWAITING_PAYMENT: (RECEIVED, PAYMENT_REQUESTED),
    Stage.WITHDRAWN: (RECEIVED, WITHDRAWN),
    Stage.STOPPED: (RECEIVED, STOPPED),
    Stage.SENT_BACK: (RECEIVED, SENT_BACK),
    Stage.RESOLVED: (RECEIVED, RESOLVED),
    Stage.DELIVERED: (RECEIVED, RESOLVED, DELIVERED),
    Stage.VOIDED: (RECEIVED, VOIDED),
}
Taken = dict[type[Payload], Stage | None]

ANYWHERE: Taken = {Corrected: None, Voided: Stage.VOIDED, Rated: None, Printed: None}
OWED: Taken = {Extended: None, Withdrawn: Stage.WITHDRAWN, SentBack: Stage.SENT_BACK, Stopped: Stage.STOPPED}
WORKING: Taken = {
    Forwarded: Stage.PROCESSING,
    SupplementRequested: Stage.AWAITING_SUPPLEMENT,
    PaymentRequested: Stage.AWAITING_PAYMENT,
    Resolved: Stage.RESOLVED,
}
SUPPLEMENT: Taken = {SupplementReceived: Stage.PROCESSING, SupplementExpired: Stage.STOPPED}
BECOMES: dict[Stage, Taken] = {
    Stage.REGISTERED: ANYWHERE | {Received: Stage.RECEIVED, RefusedAtDesk: Stage.NOT_ACCEPTED},
    Stage.RECEIVED: ANYWHERE | OWED | WORKING,
    Stage.NOT_ACCEPTED: ANYWHERE,
    Stage.PROCESSING: ANYWHERE | OWED | WORKING,
    Stage.AWAITING_SUPPLEMENT: ANYWHERE | OWED | SUPPLEMENT,
    Stage.AWAITING_PAYMENT: ANYWHERE | OWED | {PaymentDone: Stage.PROCESSING},
    Stage.WITHDRAWN: ANYWHERE,
    Stage.STOPPED: ANYWHERE,
    Stage.SENT_BACK: ANYWHERE,
    Stage.RESOLVED: ANYWHERE | {Delivered: Stage.DELIVERED},
    Stage.DELIVERED: ANYWHERE,
    Stage.VOIDED: {},
}
"""What may follow each stage, and the stage that it becomes, None for the same. Source: domain §9.2."""

EXAMPLES: dict[type[Payload], Step | Opening] = {type(each): each for each in (RECEIVED, REFUSED, *STEPS)}


def at_stage(stage: Stage) -> Dossier:
    """The dossier 1.1.3 at a stage."""
    return after(*REACHED_BY[stage])


def check(dossier: Dossier, payload: Step | Opening, happened_at: datetime = RECEIVED_AT) -> None:
    """Asks whether an event may be sealed, by the rules of the decree."""
    check_follows(dossier, payload, happened_at, supplements_most=1, extensions_most=1)


# --- one device ---


def test_a_reception_opens_a_dossier_without_personal_data() -> None:
    folded = fold(None, event(RECEIVED))

    assert (folded.verdict, folded.has_effect) == (VerdictKind.APPLIED, True)
    assert folded.dossier == Dossier(
        id="1.1.3",
        dossier_code="H62.11.01-211004-0001",
        procedure_code="1.004873",
        channel=Channel.DIRECT,
        stage=Stage.RECEIVED,
        received_at=RECEIVED_AT,
        recorded_at=RECORDED_AT,
        received_by="an.nv",
        slip_code="H62.11.01-211004-0001",
    )


def test_a_dossier_goes_from_reception_to_hand_over() -> None:
    processing = fold(after(RECEIVED), event(FORWARDED, FOURTH, sequence=4)).dossier
    waiting = fold(processing, event(SUPPLEMENT_REQUESTED, FIFTH, sequence=5)).dossier
    resumed = fold(waiting, event(SUPPLEMENT_RECEIVED, SIXTH, sequence=6)).dossier
    extended = fold(resumed, event(EXTENDED, SIXTH, sequence=7)).dossier
    resolved = fold(extended, event(RESOLVED, SEVENTH, sequence=8)).dossier
    delivered = fold(resolved, event(DELIVERED, EIGHTH, sequence=9)).dossier

    assert waiting.wait == Wait(kind=WaitKind.SUPPLEMENT, since=FIFTH)
    assert resumed.wait is None
    assert (resolved.stage, resolved.resolved_at, resolved.delivered_at) == (Stage.RESOLVED, SEVENTH, None)
    assert (delivered.stage, delivered.resolved_at, delivered.delivered_at) == (Stage.DELIVERED, SEVENTH, EIGHTH)
    assert (delivered.result_kind, delivered.delivered_by) == (ResultKind.GRANTED, DeliveryMethod.COUNTER)
    assert delivered.timeline == (
        Wait(kind=WaitKind.SUPPLEMENT, since=FIFTH, until=SIXTH),
        DueSet(at=SIXTH, due_on=date(2021, 10, 15), is_extension=True),
    )


def test_a_dossier_filed_online_counts_from_its_reception_under_the_id_it_had() -> None:
    registered = after(REGISTERED)

    received = fold(registered, event(RECEIVED, SIXTH, sequence=4)).dossier

    assert (registered.counted_on, registered.dossier_code) == (None, "")
    assert (received.id, received.stage, received.counted_on) == ("1.1.3", Stage.RECEIVED, date(2021, 10, 6))
    assert (received.dossier_code, received.stated_by) == ("H62.11.01-211004-0001", "1.1.4")
    assert counted_change(registered, received) == (date(2021, 10, 6), None)


def test_a_dossier_that_is_not_accepted_counts_nowhere() -> None:
    refused_at_once = after(REFUSED)
    refused_after_filing = after(REGISTERED, REFUSED)

    assert {each.stage for each in (refused_at_once, refused_after_filing)} == {Stage.NOT_ACCEPTED}
    assert {each.counted_on for each in (refused_at_once, refused_after_filing)} == {None}
    assert {each.closed_at for each in (refused_at_once, refused_after_filing)} == {RECEIVED_AT}


def test_a_dossier_on_the_slip_of_another_bears_its_code_too() -> None:
    dossier = after(replace(RECEIVED, slip_code="H62.11.01-211004-0007"))

    assert (dossier.dossier_code, dossier.slip_code) == ("H62.11.01-211004-0001", "H62.11.01-211004-0007")


def test_a_dossier_taken_over_keeps_the_appointment_of_its_old_slip() -> None:
    dossier = after(replace(RECEIVED, source=Source.OPENING, due_on=date(2021, 10, 8)))

    assert dossier.source is Source.OPENING
    assert dossier.timeline == (DueSet(at=RECEIVED_AT, due_on=date(2021, 10, 8)),)


def test_the_arrival_at_the_competent_unit_is_that_of_the_first_forwarding() -> None:
    once = fold(after(RECEIVED), event(FORWARDED, FIFTH, sequence=4)).dossier

    twice = fold(once, event(FORWARDED, SIXTH, sequence=5)).dossier

    assert twice.arrived_at == FIFTH


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_says_what_may_follow(stage: Stage) -> None:
    dossier = at_stage(stage)

    assert set(possible_steps(dossier)) == set(BECOMES[stage])


@pytest.mark.parametrize(
    ("stage", "kind", "becomes"),
    [(stage, kind, becomes) for stage, taken in BECOMES.items() for kind, becomes in taken.items()],
)
def test_what_follows_is_taken(stage: Stage, kind: type[Payload], becomes: Stage | None) -> None:
    before = at_stage(stage)

    check(before, EXAMPLES[kind])
    folded = fold(before, event(EXAMPLES[kind], sequence=9))

    assert (folded.verdict, folded.has_effect) == (VerdictKind.APPLIED, True)
    assert folded.dossier.stage is (becomes or stage)


@pytest.mark.parametrize(
    ("stage", "kind"), [(stage, kind) for stage, kind in product(Stage, EXAMPLES) if kind not in BECOMES[stage]]
)
def test_what_does_not_follow_is_refused_before_it_is_sealed(stage: Stage, kind: type[Payload]) -> None:
    with pytest.raises(IllegalTransition) as caught:
        check(at_stage(stage), EXAMPLES[kind])

    assert caught.value.values["stage"] == STAGE_WORDS[stage]


def test_a_second_filing_is_refused_before_it_is_sealed() -> None:
    with pytest.raises(IllegalTransition):
        check(after(REGISTERED), REGISTERED)


def test_a_refusal_says_what_is_possible_instead_in_the_order_of_a_life() -> None:
    with pytest.raises(IllegalTransition) as caught:
        check(after(RECEIVED, SUPPLEMENT_REQUESTED), RESOLVED)

    assert caught.value.values == {
        "stage": "waiting for missing papers",
        "possible": [
            "take the missing papers",
            "end the waiting for papers",
            "extend with an apology",
            "note a withdrawal",
            "send back",
            "stop",
            "correct",
            "take out of the counts",
            "note a rating",
            "print",
        ],
    }


def test_every_step_and_every_stage_has_words() -> None:
    assert set(STEP_WORDS) == set(FOLLOWS) == set(EXAMPLES)
    assert set(STAGE_WORDS) == set(Stage)


def test_papers_are_asked_for_as_often_as_the_rules_say() -> None:
    """Once, and then complete: NĐ 61/2018 Đ.15(3)."""
    asked_once = after(RECEIVED, SUPPLEMENT_REQUESTED, SUPPLEMENT_RECEIVED)

    with pytest.raises(AlreadyAsked) as caught:
        check(asked_once, SUPPLEMENT_REQUESTED)

    assert caught.value.values == {"most": 1}
    check_follows(asked_once, SUPPLEMENT_REQUESTED, RECEIVED_AT, supplements_most=2, extensions_most=1)


def test_an_appointment_is_moved_as_often_as_the_rules_say() -> None:
    """At most once: NĐ 61/2018 Đ.19(9)."""
    extended_once = after(RECEIVED, EXTENDED)

    with pytest.raises(AlreadyAsked):
        check(extended_once, EXTENDED)

    check_follows(extended_once, EXTENDED, RECEIVED_AT, supplements_most=1, extensions_most=2)


def test_payments_and_old_appointments_are_not_counted_as_supplements_and_extensions() -> None:
    dossier = after(replace(RECEIVED, due_on=date(2021, 10, 8)), PAYMENT_REQUESTED, PAYMENT_DONE)

    check(dossier, SUPPLEMENT_REQUESTED)
    check(dossier, EXTENDED)


@pytest.mark.parametrize(
    ("lived", "step", "earliest"),
    [
        ((RECEIVED,), FORWARDED, FIFTH),
        ((RECEIVED,), RESOLVED, FIFTH),
        ((RECEIVED,), EXTENDED, FIFTH),
        ((RECEIVED,), WITHDRAWN, FIFTH),
        ((RECEIVED, RESOLVED), DELIVERED, FIFTH),
        ((RECEIVED, SUPPLEMENT_REQUESTED), SUPPLEMENT_RECEIVED, FIFTH),
        ((RECEIVED, SUPPLEMENT_REQUESTED), SUPPLEMENT_EXPIRED, FIFTH),
        ((RECEIVED, SUPPLEMENT_REQUESTED), STOPPED, FIFTH),
        ((RECEIVED, PAYMENT_REQUESTED), PAYMENT_DONE, FIFTH),
        ((RECEIVED, SUPPLEMENT_REQUESTED, SUPPLEMENT_RECEIVED), RESOLVED, FIFTH),
        ((RECEIVED, SUPPLEMENT_REQUESTED, SUPPLEMENT_RECEIVED), PAYMENT_REQUESTED, FIFTH),
        ((REGISTERED,), RECEIVED, FIFTH),
    ],
)
def test_nothing_happens_before_what_it_follows(lived: tuple[Payload, ...], step: Step, earliest: datetime) -> None:
    """A time is compared to the minute, since a clerk gives minutes and a machine seconds."""
    dossier = after(*lived, at=FIFTH.replace(second=40))

    check(dossier, step, earliest.replace(second=0))
    with pytest.raises(OutOfOrder):
        check(dossier, step, earliest.replace(second=0) - timedelta(seconds=1))


@pytest.mark.parametrize("step", [CORRECTED, VOIDED, PRINTED])
def test_what_is_done_at_the_desk_itself_is_not_hindered_by_a_clock_that_fell_back_by_years(step: Step) -> None:
    check_follows(after(RECEIVED), step, RECEIVED_AT - timedelta(days=7300), supplements_most=1, extensions_most=1)


@pytest.mark.parametrize("step", [SUPPLEMENT_RECEIVED, SUPPLEMENT_EXPIRED, WITHDRAWN, STOPPED])
def test_nothing_ends_a_wait_before_it_began(step: Step) -> None:
    waiting = fold(after(RECEIVED), event(SUPPLEMENT_REQUESTED, SIXTH, sequence=4)).dossier

    check(waiting, step, SIXTH)
    with pytest.raises(OutOfOrder):
        check(waiting, step, FIFTH)


@pytest.mark.parametrize("step", [RESOLVED, FORWARDED, PAYMENT_REQUESTED, WITHDRAWN])
def test_nothing_happens_within_a_wait_that_has_ended(step: Step) -> None:
    waiting = fold(after(RECEIVED), event(SUPPLEMENT_REQUESTED, FIFTH, sequence=4)).dossier
    resumed = fold(waiting, event(SUPPLEMENT_RECEIVED, SEVENTH, sequence=5)).dossier

    check(resumed, step, SEVENTH)
    with pytest.raises(OutOfOrder):
        check(resumed, step, SIXTH)


def test_an_apology_may_be_noted_with_the_day_on_which_it_was_written_within_a_wait() -> None:
    waiting = fold(after(RECEIVED), event(SUPPLEMENT_REQUESTED, SIXTH, sequence=4)).dossier

    check(waiting, EXTENDED, FIFTH)


def test_a_step_out_of_order_names_the_time_that_it_has_to_follow() -> None:
    with pytest.raises(OutOfOrder) as caught:
        check(after(RECEIVED), RESOLVED, RECEIVED_AT - DAY)

    assert caught.value.values == {"earliest": RECEIVED_AT}


def test_a_result_may_be_noted_with_the_hour_at_which_it_was_there_before_it_was_forwarded() -> None:
    """A hand-over is often recorded late; only the law's order of reception, result and delivery is asked for."""
    forwarded = fold(after(RECEIVED), event(FORWARDED, SIXTH, sequence=4)).dossier

    check(forwarded, RESOLVED, FIFTH)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_about_no_known_dossier_names_it(step: Payload) -> None:
    with pytest.raises(UnknownDossier) as caught:
        fold(None, event(step))

    assert caught.value.values == {"dossier": "1.1.3"}


@pytest.mark.parametrize("payload", [RECEIVED, REFUSED])
def test_a_reception_of_a_dossier_filed_online_that_is_not_here_names_it(payload: Payload) -> None:
    with pytest.raises(UnknownDossier):
        fold(None, event(payload, subject="2.1.7"))


@pytest.mark.parametrize("payload", [RECEIVED, REFUSED, REGISTERED, EpochOpened(app_version="1", machine="m")])
def test_nothing_opens_a_dossier_a_second_time(payload: Payload) -> None:
    with pytest.raises(IllegalTransition):
        met(after(RECEIVED, FORWARDED), payload)


# --- counting ---


def test_a_dossier_counts_in_the_local_day_of_its_reception() -> None:
    before_midnight = after(RECEIVED, at=datetime(2021, 10, 4, 16, 59, 59, tzinfo=UTC))
    after_midnight = after(RECEIVED, at=datetime(2021, 10, 4, 17, 0, tzinfo=UTC))

    assert before_midnight.counted_on == date(2021, 10, 4)
    assert after_midnight.counted_on == date(2021, 10, 5)


def test_a_voided_dossier_leaves_the_counts_and_keeps_its_day() -> None:
    voided = after(RECEIVED, VOIDED)

    assert voided.counted_on is None
    assert voided.received_on == date(2021, 10, 4)


def test_counts_change_when_a_dossier_comes_moves_and_is_voided_only() -> None:
    received = after(RECEIVED)
    resolved = fold(received, event(RESOLVED, sequence=4)).dossier
    moved = fold(resolved, event(corrected(received_at="2021-10-03T01:15:00Z"), sequence=5)).dossier
    voided = fold(moved, event(VOIDED, sequence=6)).dossier

    assert counted_change(None, received) == (date(2021, 10, 4), None)
    assert counted_change(received, resolved) == (None, None)
    assert counted_change(resolved, moved) == (date(2021, 10, 3), date(2021, 10, 4))
    assert counted_change(moved, voided) == (None, date(2021, 10, 3))


@pytest.mark.parametrize("stage", [Stage.REGISTERED, Stage.NOT_ACCEPTED])
def test_a_dossier_that_never_counted_does_not_leave_the_counts(stage: Stage) -> None:
    before = at_stage(stage)

    assert counted_change(None, before) == (None, None)
    assert counted_change(before, fold(before, event(VOIDED, sequence=9)).dossier) == (None, None)


# --- corrections ---


def test_a_correction_replaces_what_a_dossier_holds_and_notes_which_entry_stands() -> None:
    changes = {
        "procedure_code": "1.001193",
        "channel": "online",
        "out_of_area": True,
        "filed_by_clerk": True,
        "received_at": "2021-10-03T08:00:00+07:00",
        "owner_name": "Đặng Văn Ướt",
    }

    folded = fold(after(RECEIVED), event(corrected(**changes), sequence=4))

    assert (folded.verdict, folded.fields) == (VerdictKind.APPLIED, frozenset(changes))
    assert (folded.dossier.procedure_code, folded.dossier.channel) == ("1.001193", Channel.ONLINE)
    assert (folded.dossier.out_of_area, folded.dossier.filed_by_clerk) == (True, True)
    assert folded.dossier.received_at == datetime(2021, 10, 3, 1, tzinfo=UTC)
    assert folded.dossier.origins == dict.fromkeys(changes, "1.1.4")
    assert folded.dossier.dossier_code == "H62.11.01-211004-0001"


def test_a_correction_of_a_result_and_a_hand_over_replaces_them() -> None:
    changes = {
        "resolved_at": "2021-10-05T01:15:00Z",
        "delivered_at": "2021-10-06T01:15:00Z",
        "result_kind": "refused_after_appraisal",
        "delivered_by": "post",
    }

    dossier = fold(at_stage(Stage.DELIVERED), event(corrected(**changes), sequence=9)).dossier

    assert (dossier.resolved_at, dossier.delivered_at) == (FIFTH, SIXTH)
    assert (dossier.result_kind, dossier.delivered_by) == (
        ResultKind.REFUSED_AFTER_APPRAISAL,
        DeliveryMethod.POST,
    )


def test_a_corrected_appointment_stands_in_the_timeline_and_is_no_extension() -> None:
    dossier = fold(after(RECEIVED), event(corrected(due_on="2021-10-08"), FIFTH, sequence=4)).dossier

    assert dossier.timeline == (DueSet(at=FIFTH, due_on=date(2021, 10, 8)),)


def test_a_correction_names_the_entry_that_it_replaces() -> None:
    once = after(RECEIVED, corrected(phone="0987000002"))

    base = once.base_of(["phone", "email"])
    twice = fold(once, event(corrected(phone="0987000003"), sequence=5, base=base))

    assert base == {"phone": "1.1.4", "email": "1.1.3"}
    assert twice.verdict is VerdictKind.APPLIED


def test_of_two_corrections_of_one_field_the_one_that_came_first_stands() -> None:
    first = met(after(RECEIVED), corrected(phone="0987000002")).dossier

    second = fold(first, event(corrected(phone="0987000003", email="a@example.vn"), sequence=4))

    assert (second.verdict, second.has_effect, second.fields) == (VerdictKind.CONFLICT, True, frozenset({"email"}))
    assert second.dossier.origins == {"phone": "2.1.9", "email": "1.1.4"}


def test_a_correction_none_of_which_is_taken_has_no_effect() -> None:
    first = met(after(RECEIVED), corrected(phone="0987000002")).dossier

    second = fold(first, event(corrected(phone="0987000003"), sequence=4))

    assert (second.verdict, second.has_effect, second.fields) == (VerdictKind.CONFLICT, False, frozenset())


def test_a_correction_of_what_was_filed_online_is_a_conflict_once_it_was_received_anew() -> None:
    received = after(REGISTERED, RECEIVED)

    late = met(received, corrected(phone="0987000002"), base=after(REGISTERED).base_of(["phone"]))
    aware = met(received, corrected(phone="0987000002"), base=received.base_of(["phone"]))

    assert (late.verdict, aware.verdict) == (VerdictKind.CONFLICT, VerdictKind.APPLIED)


@pytest.mark.parametrize(
    ("stage", "changes"),
    [
        (Stage.RECEIVED, {"resolved_at": "2021-10-05T01:15:00Z"}),
        (Stage.PROCESSING, {"result_kind": "granted"}),
        (Stage.RECEIVED, {"result_number": "12/XN"}),
        (Stage.RECEIVED, {"result_date": "2021-10-05"}),
        (Stage.WITHDRAWN, {"signer": "Phạm Văn Rồng"}),
        (Stage.RESOLVED, {"delivered_at": "2021-10-05T01:15:00Z"}),
        (Stage.RESOLVED, {"delivered_to": "Đặng Thị Ngoan"}),
        (Stage.RECEIVED, {"delivered_by": "post"}),
    ],
)
def test_what_a_dossier_does_not_have_yet_cannot_be_corrected(stage: Stage, changes: dict[str, str]) -> None:
    before = at_stage(stage)

    with pytest.raises(NoResultYet):
        check(before, corrected(**changes))

    folded = met(before, corrected(**changes))
    assert (folded.verdict, folded.has_effect) == (VerdictKind.CONFLICT, False)
    assert (folded.dossier.resolved_at, folded.dossier.delivered_at) == (before.resolved_at, before.delivered_at)


def test_an_empty_field_of_a_form_is_no_correction_of_a_result() -> None:
    check(after(RECEIVED), corrected(signer="", phone="0987000002"))


@pytest.mark.parametrize(
    ("changes", "is_possible"),
    [
        ({"received_at": "2021-10-06T01:15:00Z"}, True),
        ({"received_at": "2021-10-06T01:16:00Z"}, False),
        ({"resolved_at": "2021-10-04T01:15:00Z"}, True),
        ({"resolved_at": "2021-10-04T01:14:00Z"}, False),
        ({"resolved_at": "2021-10-08T01:16:00Z"}, False),
        ({"delivered_at": "2021-10-06T01:15:00Z"}, True),
        ({"delivered_at": "2021-10-06T01:14:00Z"}, False),
        ({"resolved_at": "2021-10-10T01:15:00Z", "delivered_at": "2021-10-10T01:15:00Z"}, True),
        ({"phone": "0987000002"}, True),
    ],
)
def test_a_correction_leaves_reception_result_and_hand_over_in_order(
    changes: dict[str, str], is_possible: bool
) -> None:
    resolved = fold(after(RECEIVED), event(RESOLVED, SIXTH, sequence=4)).dossier
    delivered = fold(resolved, event(DELIVERED, EIGHTH, sequence=5)).dossier

    assert _may_be_corrected(delivered, changes) == is_possible


def test_a_correction_leaves_reception_and_an_end_without_result_in_order() -> None:
    withdrawn = fold(after(RECEIVED), event(WITHDRAWN, SIXTH, sequence=4)).dossier

    assert _may_be_corrected(withdrawn, {"received_at": "2021-10-06T01:15:00Z"})
    assert not _may_be_corrected(withdrawn, {"received_at": "2021-10-06T01:16:00Z"})


def test_the_day_of_a_refusal_may_be_corrected_to_a_later_one() -> None:
    assert _may_be_corrected(after(REFUSED), {"received_at": "2021-10-06T01:16:00Z"})


def _may_be_corrected(dossier: Dossier, changes: dict[str, str]) -> bool:
    try:
        check(dossier, corrected(**changes), EIGHTH)
    except OutOfOrder:
        return False
    return True


# --- two devices ---


@pytest.mark.parametrize("stage", [Stage.RECEIVED, Stage.PROCESSING, Stage.AWAITING_SUPPLEMENT, Stage.AWAITING_PAYMENT])
def test_a_result_handed_over_wins_over_work_in_progress(stage: Stage) -> None:
    folded = met(at_stage(stage), DELIVERED, EIGHTH)

    assert (folded.verdict, folded.has_effect) == (VerdictKind.MERGED, True)
    assert (folded.dossier.stage, folded.dossier.delivered_at, folded.dossier.wait) == (Stage.DELIVERED, EIGHTH, None)
    assert (folded.dossier.resolved_at, folded.dossier.result_kind) == (EIGHTH, None)


@pytest.mark.parametrize("stage", [Stage.AWAITING_SUPPLEMENT, Stage.AWAITING_PAYMENT])
def test_a_result_wins_over_waiting_in_either_order(stage: Stage) -> None:
    resolved_last = met(at_stage(stage), RESOLVED, FIFTH)
    resolved_first = met(after(RECEIVED, RESOLVED), REACHED_BY[stage][1], FIFTH)

    assert (resolved_last.verdict, resolved_first.verdict) == (VerdictKind.MERGED, VerdictKind.MERGED)
    assert (resolved_last.dossier.stage, resolved_first.dossier.stage) == (Stage.RESOLVED, Stage.RESOLVED)
    assert resolved_last.dossier.wait is None


@pytest.mark.parametrize("result", [RESOLVED, REFUSED_AFTER_APPRAISAL])
def test_result_and_hand_over_give_the_same_dossier_in_either_order(result: Payload) -> None:
    """No desk is said to be late because the device that noted the result was heard last."""
    resolved_first = fold(after(RECEIVED), event(result, SIXTH, sequence=4)).dossier
    delivered_first = met(after(RECEIVED), DELIVERED, EIGHTH).dossier

    one = met(resolved_first, DELIVERED, EIGHTH).dossier
    other = fold(delivered_first, event(result, SIXTH, sequence=4))

    assert other.dossier == one
    assert (other.verdict, other.has_effect) == (VerdictKind.MERGED, True)
    assert (one.resolved_at, one.delivered_at) == (SIXTH, EIGHTH)


def test_a_result_is_there_at_the_latest_when_it_is_handed_over() -> None:
    resolved_later = fold(after(RECEIVED), event(RESOLVED, EIGHTH, sequence=4)).dossier
    handed_over = met(after(RECEIVED), DELIVERED, SIXTH).dossier

    one = met(resolved_later, DELIVERED, SIXTH).dossier
    other = fold(handed_over, event(RESOLVED, EIGHTH, sequence=4)).dossier

    assert one == other
    assert (one.resolved_at, one.delivered_at) == (SIXTH, SIXTH)


def test_a_corrected_time_of_a_result_outlives_the_result_that_comes_late() -> None:
    handed_over = met(after(RECEIVED), DELIVERED, EIGHTH).dossier
    right_time = fold(handed_over, event(corrected(resolved_at="2021-10-05T01:15:00Z"), sequence=4)).dossier

    completed = fold(right_time, event(RESOLVED, SIXTH, sequence=5)).dossier

    assert (completed.resolved_at, completed.result_kind) == (FIFTH, ResultKind.GRANTED)


@pytest.mark.parametrize(
    ("lived", "step"),
    [
        ((RECEIVED, RESOLVED), REFUSED_AFTER_APPRAISAL),
        ((RECEIVED, RESOLVED, DELIVERED), REFUSED_AFTER_APPRAISAL),
        ((RECEIVED, RESOLVED), WITHDRAWN),
        ((RECEIVED, RESOLVED), SENT_BACK),
        ((RECEIVED, RESOLVED), STOPPED),
        ((RECEIVED, RESOLVED, DELIVERED), WITHDRAWN),
        ((RECEIVED, WITHDRAWN), RESOLVED),
        ((RECEIVED, WITHDRAWN), DELIVERED),
        ((RECEIVED, WITHDRAWN), SENT_BACK),
        ((RECEIVED, SENT_BACK), WITHDRAWN),
        ((RECEIVED, STOPPED), DELIVERED),
        ((RECEIVED, SUPPLEMENT_REQUESTED, SUPPLEMENT_RECEIVED), SUPPLEMENT_EXPIRED),
        ((RECEIVED, SUPPLEMENT_REQUESTED, SUPPLEMENT_EXPIRED), SUPPLEMENT_RECEIVED),
        ((REGISTERED, RECEIVED), RECEIVED),
        ((REGISTERED, RECEIVED, RESOLVED), RECEIVED),
        ((REGISTERED, RECEIVED), REFUSED),
        ((REGISTERED, REFUSED), RECEIVED),
        ((REGISTERED, REFUSED), RESOLVED),
        ((REFUSED,), DELIVERED),
    ],
)
def test_what_contradicts_waits_for_a_person_and_changes_nothing(lived: tuple[Payload, ...], step: Payload) -> None:
    before = after(*lived)

    folded = met(before, step)

    assert (folded.verdict, folded.has_effect) == (VerdictKind.CONFLICT, False)
    assert replace(folded.dossier, seen={}) == replace(before, seen={})


@pytest.mark.parametrize(
    ("lived", "step"),
    [
        ((RECEIVED, RESOLVED), RESOLVED),
        ((RECEIVED, RESOLVED), FORWARDED),
        ((RECEIVED, RESOLVED), EXTENDED),
        ((RECEIVED, RESOLVED, DELIVERED), DELIVERED),
        ((RECEIVED, RESOLVED, DELIVERED), RESOLVED),
        ((RECEIVED, RESOLVED, DELIVERED), SUPPLEMENT_REQUESTED),
        ((RECEIVED, WITHDRAWN), WITHDRAWN),
        ((RECEIVED, WITHDRAWN), FORWARDED),
        ((RECEIVED, WITHDRAWN), SUPPLEMENT_RECEIVED),
        ((RECEIVED, STOPPED), SUPPLEMENT_EXPIRED),
        ((RECEIVED, SUPPLEMENT_REQUESTED), SUPPLEMENT_REQUESTED),
        ((RECEIVED, SUPPLEMENT_REQUESTED), PAYMENT_REQUESTED),
        ((RECEIVED, PAYMENT_REQUESTED), SUPPLEMENT_RECEIVED),
        ((REGISTERED, REFUSED), REFUSED),
        ((REGISTERED, VOIDED), RECEIVED),
        *(((RECEIVED, VOIDED), step) for step in STEPS),
    ],
)
def test_what_was_overtaken_or_says_the_same_is_kept_and_changes_nothing(
    lived: tuple[Payload, ...], step: Payload
) -> None:
    before = after(*lived)

    folded = met(before, step)

    assert (folded.verdict, folded.has_effect) == (VerdictKind.MERGED, False)
    assert replace(folded.dossier, seen={}) == replace(before, seen={})


def test_of_two_apologies_that_did_not_know_of_each_other_the_second_is_a_conflict() -> None:
    base = after(RECEIVED).base_of(["due_on"])
    extended = fold(after(RECEIVED), event(EXTENDED, FIFTH, sequence=4, base=base)).dossier

    second = met(extended, replace(EXTENDED, due_on=date(2021, 10, 20)), FIFTH, base)
    aware = met(extended, replace(EXTENDED, due_on=date(2021, 10, 20)), FIFTH, extended.base_of(["due_on"]))

    assert (second.verdict, second.has_effect, second.dossier.timeline) == (
        VerdictKind.CONFLICT,
        False,
        extended.timeline,
    )
    assert aware.verdict is VerdictKind.APPLIED


@pytest.mark.parametrize(
    ("step", "changes"),
    [
        (EXTENDED, {"due_on": "2021-10-20"}),
        (PAYMENT_REQUESTED, {"fee_amount_vnd": 20_000}),
        (PAYMENT_REQUESTED, {"payment_status": "paid"}),
    ],
)
def test_a_correction_that_did_not_know_of_a_step_does_not_undo_it(step: Payload, changes: dict[str, object]) -> None:
    before = after(RECEIVED)
    stepped = fold(before, event(step, FIFTH, sequence=4)).dossier

    folded = met(stepped, corrected(**changes), SIXTH, before.base_of(changes))

    assert (folded.verdict, folded.has_effect) == (VerdictKind.CONFLICT, False)


def test_a_payment_that_is_done_is_not_undone_by_a_correction_that_did_not_know_of_it() -> None:
    asked = after(RECEIVED, PAYMENT_REQUESTED)
    paid = fold(asked, event(PAYMENT_DONE, sequence=9)).dossier

    folded = met(paid, corrected(payment_status="unpaid"), base=asked.base_of(["payment_status"]))

    assert folded.verdict is VerdictKind.CONFLICT


def test_a_wait_never_ends_before_it_began() -> None:
    waiting = fold(after(RECEIVED), event(SUPPLEMENT_REQUESTED, SIXTH, sequence=4)).dossier

    resumed = met(waiting, SUPPLEMENT_RECEIVED, FIFTH).dossier

    assert resumed.timeline == (Wait(kind=WaitKind.SUPPLEMENT, since=SIXTH, until=SIXTH),)


@pytest.mark.parametrize("step", [VOIDED, WITHDRAWN, SENT_BACK, STOPPED, SUPPLEMENT_EXPIRED])
def test_whatever_ends_a_dossier_ends_its_wait(step: Payload) -> None:
    ended = fold(after(RECEIVED, SUPPLEMENT_REQUESTED), event(step, FIFTH, sequence=9)).dossier

    assert ended.wait is None
    assert ended.timeline == (Wait(kind=WaitKind.SUPPLEMENT, since=RECEIVED_AT, until=FIFTH),)


def test_an_event_that_comes_again_changes_nothing() -> None:
    dossier = after(RECEIVED, FORWARDED, SUPPLEMENT_REQUESTED)

    again = [fold(dossier, event(step, sequence=n)) for n, step in ((3, RECEIVED), (4, FORWARDED), (5, RESOLVED))]

    assert {(each.verdict, each.has_effect) for each in again} == {(VerdictKind.MERGED, False)}
    assert [each.dossier for each in again] == [dossier] * 3


def test_a_hand_over_that_was_recorded_before_its_dossier_was_known_meets_it_later() -> None:
    """A clerk delivers against a slip that this machine has never seen, and imports its dossier afterwards."""
    early = event(DELIVERED, EIGHTH, sequence=2, subject="H62.11.01-211004-0001")
    forwarded = fold(after(RECEIVED), event(FORWARDED, FIFTH, sequence=4)).dossier

    met_at_once, met_later = fold(after(RECEIVED), early), fold(forwarded, early)

    assert (met_at_once.has_effect, met_at_once.dossier.stage) == (True, Stage.DELIVERED)
    assert (met_later.has_effect, met_later.dossier.stage) == (True, Stage.DELIVERED)
    assert not fold(met_later.dossier, early).has_effect


# --- how it is kept ---


def test_the_state_of_a_dossier_holds_what_is_not_at_its_default_only() -> None:
    assert orjson.loads(state_bytes(after(replace(RECEIVED, slip_code="")))) == {
        "id": "1.1.3",
        "dossier_code": "H62.11.01-211004-0001",
        "procedure_code": "1.004873",
        "channel": "direct",
        "stage": "received",
        "received_at": "2021-10-04T01:15:00Z",
        "recorded_at": "2021-10-04T01:16:00Z",
        "received_by": "an.nv",
        "slip_code": "H62.11.01-211004-0001",
    }


def test_the_parts_of_a_timeline_are_kept_as_short() -> None:
    dossier = after(replace(RECEIVED, due_on=date(2021, 10, 8)), EXTENDED, SUPPLEMENT_REQUESTED)

    assert orjson.loads(state_bytes(dossier))["timeline"] == [
        {"at": "2021-10-04T01:15:00Z", "due_on": "2021-10-08"},
        {"at": "2021-10-04T01:15:00Z", "due_on": "2021-10-15", "is_extension": True},
        {"kind": "supplement", "since": "2021-10-04T01:15:00Z"},
    ]


@pytest.mark.parametrize("stage", Stage)
def test_a_dossier_of_every_stage_is_read_as_it_was_kept(stage: Stage) -> None:
    dossier = at_stage(stage)

    assert read_state(state_bytes(dossier)) == dossier


def test_a_state_with_every_default_written_out_is_read_too() -> None:
    dossier = after(RECEIVED, EXTENDED, SUPPLEMENT_REQUESTED)

    assert read_state(orjson.dumps(dossier)) == dossier


def test_the_golden_journal_makes_the_dossiers_that_it_made_when_it_was_sealed() -> None:
    """Both ends, and every later program, have to make the same of it; what is known since then stands beside it."""
    learnt_since: dict[str, Any] = dict.fromkeys(["paid_at", "payment_method", "rated_at", "rating"])

    assert list(map(read_state, make_2.states())) == [replace(each, **learnt_since) for each in make_2.dossiers()]


def test_the_golden_journals_hold_an_entry_of_every_kind() -> None:
    said = [payload for release in (make_2, make_3, make_4, make_5) for payload, _ in release.payloads()]

    assert {KINDS[type(payload)] for payload in said} == set(EventKind)


def test_a_state_is_read_without_what_is_not_known_of_it() -> None:
    held = orjson.loads(state_bytes(after(RECEIVED))) | {"weight_kg": 5}

    assert read_state(orjson.dumps(held)) == after(RECEIVED)
