"""Whatever two devices of a desk do to a dossier, in whatever order it arrives, the fold keeps its promises."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sync_protocol.contents import content_after
from sync_protocol.dossiers import (
    CLOSED_OTHERWISE,
    UNCOUNTED,
    Dossier,
    UnknownDossier,
    Wait,
    counted_change,
    read_state,
    state_bytes,
)
from sync_protocol.events import Corrected, Delivered, Event, Extended, Opening, Payload, Step
from sync_protocol.folding import Folded, fold
from sync_protocol.transitions import FOLLOWS, AlreadyAsked, IllegalTransition, NoResultYet, OutOfOrder, check_follows
from sync_protocol.vocabulary import DossierStage, VerdictKind, WaitKind
from tests.protocol.lives import RECEIVED, RECEIVED_AT, REFUSED, REGISTERED, STEPS, corrected, event

AWAITING = {
    DossierStage.AWAITING_SUPPLEMENT: WaitKind.SUPPLEMENT,
    DossierStage.AWAITING_PAYMENT: WaitKind.PAYMENT,
}
CORRECTIONS: dict[str, list[Any]] = {
    "procedure_code": ["1.001193", "2.000815"],
    "channel": ["online", "post"],
    "out_of_area": [True, False],
    "filed_by_clerk": [True, False],
    "received_at": ["2021-10-01T01:15:00Z", "2021-10-03T17:30:00Z", "2021-10-09T01:15:00Z"],
    "resolved_at": ["2021-10-05T02:00:00Z", "2021-10-11T02:00:00Z"],
    "delivered_at": ["2021-10-06T02:00:00Z", "2021-10-12T02:00:00Z"],
    "result_kind": ["granted", "refused_after_appraisal"],
    "delivered_by": ["post", "online"],
    "delivered_to": ["Hoàng Thị Sáu"],
    "due_on": ["2021-10-08", "2021-10-18"],
    "owner_name": ["Đặng Văn Ướt", "Vàng A Páo"],
    "phone": ["0987000088", ""],
    "birth_date": ["1985-02-03", None],
    "fee_amount_vnd": [8_000, None],
    "payment_status": ["paid", "refunded"],
}
PERSONAL = (
    "Hường", "Ước", "Ướt", "Páo", "Sáu", "Ngoan", "Lò Thị", "Rồng", "098700", "026185", "huong@", "Thôn Đông", "1985",
    "kết hôn", "Giấy", "ủy quyền", "Tờ khai", "Kệ 3", "thẩm quyền", "tư pháp", "bản chính", "bổ sung", "Lệ phí",
    "xác minh", "27/UBND", "Con gái", "Đổi ý", "hợp lệ", "tranh chấp", "Nhập trùng", "Gõ nhầm",
)  # fmt: skip
"""Something of every personal text that the events here hold."""

changes = st.dictionaries(st.sampled_from(sorted(CORRECTIONS)), st.integers(0, 2), min_size=1, max_size=4).map(
    lambda picked: {name: CORRECTIONS[name][n % len(CORRECTIONS[name])] for name, n in picked.items()}
)
extensions = st.dates(date(2021, 10, 4), date(2021, 11, 4)).map(lambda day: Extended(reason="Chờ xác minh", due_on=day))
steps: st.SearchStrategy[Payload] = (
    st.sampled_from(STEPS) | changes.map(lambda picked: corrected(**picked)) | extensions
)
openings: st.SearchStrategy[Payload] = st.sampled_from([RECEIVED, RECEIVED, RECEIVED, REGISTERED, REFUSED])
acceptances: st.SearchStrategy[Payload] = st.sampled_from([RECEIVED, REFUSED])
few, some = settings(max_examples=40), settings(max_examples=70)
minutes = st.integers(-3_000, 20_000)
"""When something happened, from the reception on; a clock that is wrong is ordinary."""


@dataclass
class Ledger:
    """A dossier's events in the order in which the centre took them, each device's own in the order of its journal."""

    taken: list[Event] = field(default_factory=list)
    states: list[Dossier] = field(default_factory=list)
    folded: list[Folded] = field(default_factory=list)
    set_aside: list[Event] = field(default_factory=list)

    def take(self, taken: Event) -> None:
        """Folds an event in as the centre does; any other error than the two that set it aside fails the test."""
        try:
            folded = fold(self.dossier, taken)
        except (UnknownDossier, IllegalTransition):
            self.set_aside.append(taken)
            return
        self.taken.append(taken)
        self.folded.append(folded)
        self.states.append(folded.dossier)

    @property
    def dossier(self) -> Dossier | None:
        """The dossier as it is now."""
        return self.states[-1] if self.states else None

    def content(self) -> dict[str, Any]:
        """What is written down of the dossier now."""
        content: dict[str, Any] = {}
        for taken, folded in zip(self.taken, self.folded, strict=True):
            content = content_after(content, taken, folded)
        return content


@st.composite
def ledgers(draw: st.DrawFn, *, least: int = 0) -> Ledger:
    """What two devices did to a dossier: anything, at any time, on whatever base each of them knew."""
    ledger = Ledger()
    ledger.take(event(draw(openings)))
    sequences = {1: 3, 2: 0}
    for _ in range(draw(st.integers(least, 10))):
        slot = draw(st.integers(1, 2))
        sequences[slot] += 1
        payload = draw(_next_steps(known(ledger)) | steps | acceptances)
        base = draw(st.sampled_from(ledger.states)).base_of(CORRECTIONS)
        at = RECEIVED_AT + timedelta(minutes=draw(minutes))
        ledger.take(event(payload, at, sequence=sequences[slot], slot=slot, base=base))
    return ledger


def _next_steps(dossier: Dossier) -> st.SearchStrategy[Payload]:
    """What moves a dossier on from where it stands, so that lives get long."""
    moving: list[Payload] = [each for each in (RECEIVED, *STEPS[:-3]) if dossier.stage in FOLLOWS[type(each)]]
    return st.sampled_from([*moving, STEPS[-1]])


def known(ledger: Ledger) -> Dossier:
    """The dossier of a ledger, which has one from its first event on."""
    assert ledger.dossier is not None
    return ledger.dossier


@few
@given(ledgers())
def test_stage_and_times_agree(ledger: Ledger) -> None:
    for dossier in ledger.states:
        if dossier.stage is DossierStage.VOIDED:
            continue
        is_closed = dossier.stage in CLOSED_OTHERWISE | {DossierStage.NOT_ACCEPTED}
        has_result = dossier.stage in (DossierStage.RESOLVED, DossierStage.DELIVERED)
        assert (dossier.closed_at is not None) == is_closed
        assert (dossier.resolved_at is not None) == has_result
        assert (dossier.delivered_at is not None) == (dossier.stage is DossierStage.DELIVERED)
        assert (dossier.delivered_by is not None) == (dossier.stage is DossierStage.DELIVERED)
        assert dossier.result_kind is None or has_result
        assert dossier.result_kind is not None or dossier.stage is not DossierStage.RESOLVED


@few
@given(ledgers())
def test_a_result_is_there_when_it_is_handed_over(ledger: Ledger) -> None:
    for dossier in ledger.states:
        if dossier.delivered_at and not {"resolved_at", "delivered_at"} & set(dossier.origins):
            assert dossier.resolved_at is not None
            assert dossier.resolved_at <= dossier.delivered_at


@few
@given(ledgers())
def test_a_dossier_waits_for_one_thing_while_it_is_said_to_wait_and_for_none_else(ledger: Ledger) -> None:
    for dossier in ledger.states:
        waits = [each for each in dossier.timeline if isinstance(each, Wait)]
        assert [each.kind for each in waits if each.until is None] == [
            kind for stage, kind in AWAITING.items() if stage is dossier.stage
        ]
        assert all(each.until is None or each.since <= each.until for each in waits)


@few
@given(ledgers())
def test_a_dossier_is_counted_in_one_day_or_in_none(ledger: Ledger) -> None:
    counts: Counter[date] = Counter()

    for before, after in zip([None, *ledger.states], ledger.states, strict=False):
        gains, loses = counted_change(before, after)
        counts.update([gains] if gains else [])
        counts.subtract([loses] if loses else [])

    dossier = known(ledger)
    expected = set() if dossier.stage in UNCOUNTED else {dossier.received_on}
    assert {day for day, count in counts.items() if count} == expected
    assert set(counts.values()) <= {0, 1}


@few
@given(ledgers())
def test_what_is_over_stays_over(ledger: Ledger) -> None:
    """A voided dossier never counts again; an end is never replaced, but by taking the dossier out of the counts."""
    final = CLOSED_OTHERWISE | {DossierStage.NOT_ACCEPTED, DossierStage.DELIVERED, DossierStage.VOIDED}

    for before, after in zip(ledger.states, ledger.states[1:], strict=False):
        if before.stage in final:
            assert after.stage in (before.stage, DossierStage.VOIDED)
        if before.stage is DossierStage.VOIDED:
            assert replace(after, seen={}) == replace(before, seen={})


@few
@given(ledgers())
def test_what_has_no_effect_changes_nothing_and_what_was_applied_has_one(ledger: Ledger) -> None:
    for before, folded in zip(ledger.states, ledger.folded[1:], strict=False):
        if folded.verdict is VerdictKind.APPLIED:
            assert folded.has_effect
        if not folded.has_effect:
            assert replace(folded.dossier, seen={}) == replace(before, seen={})


@few
@given(ledgers())
def test_a_hand_over_is_taken_wherever_a_result_is_owed(ledger: Ledger) -> None:
    owed = {DossierStage.RECEIVED, DossierStage.PROCESSING, DossierStage.RESOLVED, *AWAITING}

    for before, taken, folded in zip(ledger.states, ledger.taken[1:], ledger.folded[1:], strict=False):
        if isinstance(taken.payload, Delivered) and before.stage in owed:
            assert (folded.has_effect, folded.dossier.stage) == (True, DossierStage.DELIVERED)


@some
@given(ledgers(), st.data())
def test_an_event_that_comes_again_at_any_point_changes_nothing(ledger: Ledger, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(ledger.taken) - 1))
    later = data.draw(st.integers(first, len(ledger.taken) - 1))

    again = fold(ledger.states[later], ledger.taken[first])

    assert again == Folded(dossier=ledger.states[later], verdict=VerdictKind.MERGED, has_effect=False)


@some
@given(ledgers(least=3), st.data())
def test_a_ledger_in_which_entries_stand_twice_ends_in_the_same_dossier(ledger: Ledger, data: st.DataObject) -> None:
    repeated = Ledger()

    for n, taken in enumerate(ledger.taken):
        repeated.take(taken)
        for again in data.draw(st.lists(st.integers(0, n), max_size=2)):
            repeated.take(ledger.taken[again])

    assert repeated.dossier == ledger.dossier
    assert repeated.content() == ledger.content()


@few
@given(ledgers())
def test_nothing_but_a_second_opening_is_ever_set_aside(ledger: Ledger) -> None:
    assert [each for each in ledger.set_aside if isinstance(each.payload, Step)] == []


@few
@given(ledgers())
def test_a_dossier_is_read_as_it_was_kept(ledger: Ledger) -> None:
    for dossier in ledger.states:
        assert read_state(state_bytes(dossier)) == dossier


@few
@given(ledgers())
def test_a_dossier_never_holds_what_is_personal(ledger: Ledger) -> None:
    for dossier in ledger.states:
        kept = repr(dossier) + state_bytes(dossier).decode()
        assert [text for text in PERSONAL if text in kept] == []


def test_the_events_of_these_tests_hold_every_personal_text_that_is_looked_for() -> None:
    held = repr([RECEIVED, REFUSED, *STEPS, CORRECTIONS])

    assert [text for text in PERSONAL if text not in held] == []


@some
@given(ledgers(), changes, changes, minutes, minutes)
def test_corrections_of_different_fields_commute(
    ledger: Ledger, one: dict[str, Any], other: dict[str, Any], one_at: int, other_at: int
) -> None:
    other = {name: value for name, value in other.items() if name not in one}
    assume(other)
    pair = [_correction(ledger, one, 1, one_at), _correction(ledger, other, 2, other_at)]

    forth, back = _continued(ledger, pair), _continued(ledger, pair[::-1])

    assert forth.dossier == back.dossier
    assert forth.content() == back.content()
    assert [each.verdict for each in forth.folded[-2:]] == [each.verdict for each in back.folded[:-3:-1]]


@some
@given(ledgers(), changes, changes, minutes)
def test_of_two_corrections_of_one_field_from_one_base_exactly_the_first_is_taken(
    ledger: Ledger, one: dict[str, Any], other: dict[str, Any], at: int
) -> None:
    both = set(one) & set(other)
    pair = [_correction(ledger, one, 1, at), _correction(ledger, other, 2, at)]
    first = fold(ledger.dossier, pair[0])
    assume(both & first.fields)

    for order in (pair, pair[::-1]):
        taken, late = _continued(ledger, order).folded[-2:]

        assert both & first.fields <= taken.fields
        assert not both & late.fields
        assert late.verdict is VerdictKind.CONFLICT


@some
@given(openings, st.data())
def test_what_one_device_may_seal_is_applied(opening: Payload, data: st.DataObject) -> None:
    dossier = fold(None, event(opening)).dossier

    for sequence in range(4, 14):
        payload, minute = data.draw(_next_steps(dossier) | steps), data.draw(minutes)
        at = RECEIVED_AT + timedelta(minutes=minute)
        if not _may_be_sealed(dossier, payload, minute):
            continue
        base = dossier.base_of(_fields(payload))
        folded = fold(dossier, event(payload, at, sequence=sequence, base=base))
        assert (folded.verdict, folded.has_effect) == (VerdictKind.APPLIED, True)
        dossier = folded.dossier
        _assert_in_order(dossier)


@some
@given(openings, st.data())
def test_what_two_careful_devices_seal_is_never_set_aside(opening: Payload, data: st.DataObject) -> None:
    """Each works by what it has heard; what it has not heard is merged, or waits for a person."""
    ledger = Ledger()
    ledger.take(event(opening))
    views = dict.fromkeys((1, 2), known(ledger))
    journals: dict[int, list[Event]] = {1: [], 2: []}
    sequences = {1: 3, 2: 0}

    for _ in range(14):
        slot, minute = data.draw(st.integers(1, 2)), data.draw(minutes)
        payload = data.draw(_next_steps(views[slot]) | steps)
        if _may_be_sealed(views[slot], payload, minute):
            sequences[slot] += 1
            at = RECEIVED_AT + timedelta(minutes=minute)
            base = views[slot].base_of(_fields(payload))
            sealed = event(payload, at, sequence=sequences[slot], slot=slot, base=base)
            views[slot] = fold(views[slot], sealed).dossier
            journals[slot].append(sealed)
        if data.draw(st.booleans()):
            for each in journals[slot]:
                ledger.take(each)
            journals[slot].clear()
            views[slot] = known(ledger)

    assert ledger.set_aside == []


def _correction(ledger: Ledger, picked: dict[str, Any], slot: int, minute: int) -> Event:
    """A correction by a device that knows the dossier as it is."""
    at = RECEIVED_AT + timedelta(minutes=minute)
    return event(corrected(**picked), at, sequence=50, slot=slot, base=known(ledger).base_of(picked))


def _continued(ledger: Ledger, more: Sequence[Event]) -> Ledger:
    continued = Ledger(list(ledger.taken), list(ledger.states), list(ledger.folded))
    for each in more:
        continued.take(each)
    return continued


def _fields(payload: Payload) -> Sequence[str]:
    """The fields that a device names in the base of what it seals."""
    if isinstance(payload, Corrected):
        return list(payload.changes)
    return ["due_on"] if isinstance(payload, Extended) else []


def _may_be_sealed(dossier: Dossier, payload: Payload, minute: int) -> bool:
    assert isinstance(payload, Step | Opening)
    try:
        check_follows(dossier, payload, RECEIVED_AT + timedelta(minutes=minute), supplements_most=2, extensions_most=2)
    except (IllegalTransition, AlreadyAsked, OutOfOrder, NoResultYet):
        return False
    return True


def _assert_in_order(dossier: Dossier) -> None:
    """To the minute: what happened first is not said to have happened later."""
    ends = [each for each in (dossier.resolved_at, dossier.delivered_at, dossier.closed_at) if each]
    moments = [dossier.received_at, *ends] if dossier.stage is not DossierStage.NOT_ACCEPTED else []
    minutes_of = [each.replace(second=0) for each in moments]
    assert minutes_of == sorted(minutes_of)
