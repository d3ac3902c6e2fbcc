"""The judgement on a desk: every combination against the contract's table, then each rule by an example.

The oracle below is written from the contract's table of standings, not from the code: each word has its own condition,
and the first one in the contract's order that holds is the answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations_with_replacement, product
from typing import NamedTuple

import pytest

from sync_protocol.calendars import WorkingCalendar
from sync_protocol.periods import Period
from sync_protocol.standings import (
    EVIDENCE,
    NEXT_STEPS,
    STANDING_NAMES,
    THRESHOLD,
    DeskFacts,
    DeviceFacts,
    Judgement,
    demand_of,
    flag_of,
    judge,
)
from sync_protocol.vocabulary import Declaration, Flag, Standing

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
CALENDAR = WorkingCalendar(days_off=frozenset(), make_up_days=frozenset())

LAST_WORKING_MINUTE = datetime(2021, 10, 20, 10, 0, tzinfo=UTC)
"""Wednesday 20 October 2021, 17:00 local."""

STARTS_AT = datetime(2021, 9, 20, 17, 0, tzinfo=UTC)
ENDS_AT = datetime(2021, 10, 20, 17, 0, tzinfo=UTC)
AFTERWARDS = datetime(2021, 10, 22, 3, 0, tzinfo=UTC)
MEANWHILE = datetime(2021, 10, 13, 3, 0, tzinfo=UTC)
"""Wednesday 13 October 2021, 10:00 local."""

FRESH_FROM = datetime(2021, 10, 12, 3, 0, tzinfo=UTC)
"""One working day before MEANWHILE."""

SECOND = timedelta(seconds=1)
STALE = datetime(2021, 10, 5, 3, 0, tzinfo=UTC)


def judged(
    devices: Sequence[DeviceFacts],
    arrived: int = 0,
    now: datetime = AFTERWARDS,
    *,
    undecided: int = 0,
    threshold: int = THRESHOLD,
) -> Judgement:
    """The judgement on a desk in October 2021."""
    facts = DeskFacts(arrived=arrived, devices=devices, undecided=undecided, threshold=threshold)
    return judge(facts, demand_of(OCTOBER, CALENDAR, now))


def stated(at: datetime, **facts: object) -> DeviceFacts:
    """A device whose latest statement was made and heard at an instant, and says that nothing is held back."""
    return replace(DeviceFacts(slot=1, heard_at=at, stated_at=at, covered_until=at), **facts)  # type: ignore[arg-type]


COVERING = stated(LAST_WORKING_MINUTE)


class Told(NamedTuple):
    """A device as the oracle knows it: when it was last heard, and what it said then."""

    contact: str
    unsent: int
    declaration: Declaration | None


CONTACTS = ("never", "before the period", "without a statement", "stale", "covering")
HEARD = CONTACTS[2:]
DEVICES = [Told(*told) for told in product(CONTACTS, (0, 3, 60), (None, *Declaration))]
DESKS = [(), *((each,) for each in DEVICES), *combinations_with_replacement(DEVICES, 2)]
EVERY_CASE = [
    (devices, arrived, undecided, is_open)
    for devices in DESKS
    for arrived in (0, 1, 49, 50)
    for undecided in (0, 1, 50)
    for is_open in (False, True)
]


def facts_of(told: Told, slot: int, *, is_open: bool) -> DeviceFacts:
    """What the centre would know of such a device."""
    covering = FRESH_FROM if is_open else LAST_WORKING_MINUTE
    before = STARTS_AT - SECOND
    heard_at, stated_at = {
        "never": (None, None),
        "before the period": (before, before),
        "without a statement": (STALE, None),
        "stale": (STALE, STALE),
        "covering": (covering, covering),
    }[told.contact]
    return DeviceFacts(
        slot=slot,
        heard_at=heard_at,
        stated_at=stated_at,
        covered_until=None if told.unsent else stated_at,
        unsent=told.unsent,
        oldest_unsent_on=date(2021, 10, 1) if told.unsent else None,
        declaration=told.declaration,
    )


def says_nothing_is_held_back(told: Told, devices: Sequence[Told], arrived: int) -> bool:
    """Whether a device has said so of the period to its end, or as far as it has come."""
    agreed_nil = arrived == 0 and {each.declaration for each in devices} == {Declaration.NIL}
    has_closed = told.contact in HEARD and (told.declaration == Declaration.COMPLETE or agreed_nil)
    return told.unsent == 0 and (told.contact == "covering" or has_closed)


def expected_standing(devices: Sequence[Told], arrived: int, undecided: int) -> Standing:
    """The first word in the contract's order whose condition holds."""
    unsent = sum(each.unsent for each in devices)
    is_covered = bool(devices) and all(says_nothing_is_held_back(each, devices, arrived) for each in devices)
    is_unheard = any(each.contact not in HEARD for each in devices)
    would_be_zero = arrived == 0 and is_covered and not is_unheard
    could_change = undecided > 0 and arrived < 50 and (arrived + undecided >= 50 or would_be_zero)
    holds = {
        Standing.UNDER_REVIEW: could_change,
        Standing.MET: arrived >= 50,
        Standing.NO_DEVICE: not devices,
        Standing.HELD: unsent > 0,
        Standing.NEVER_HEARD: is_unheard,
        Standing.SILENT: not is_covered,
        Standing.ZERO: arrived == 0,
        Standing.FEW: True,
    }
    return next(standing for standing, is_so in holds.items() if is_so)


def every_judgement() -> Iterator[tuple[Sequence[Told], int, int, bool, Judgement]]:
    """All cases with what the code says of them."""
    for devices, arrived, undecided, is_open in EVERY_CASE:
        facts = [facts_of(told, slot, is_open=is_open) for slot, told in enumerate(devices, start=1)]
        now = MEANWHILE if is_open else AFTERWARDS
        yield devices, arrived, undecided, is_open, judged(facts, arrived, now, undecided=undecided)


def test_every_combination_gives_the_word_of_the_contract() -> None:
    wrong = [
        (devices, arrived, undecided, is_open, judgement.standing)
        for devices, arrived, undecided, is_open, judgement in every_judgement()
        if judgement.standing is not expected_standing(devices, arrived, undecided)
    ]

    assert len(EVERY_CASE) == 25_944
    assert wrong == []


def test_no_combination_accuses_a_desk_that_is_not_covered() -> None:
    """The fourth promise: 0 false accusations, by word or by flag."""
    accused = [
        (devices, arrived, is_open, judgement)
        for devices, arrived, _, is_open, judgement in every_judgement()
        if judgement.standing in (Standing.ZERO, Standing.FEW) or judgement.is_flagged
    ]

    assert len(accused) > 100
    assert [
        each for each in accused
        if not all(says_nothing_is_held_back(told, each[0], each[1]) for told in each[0]) or not each[0]
    ] == []  # fmt: skip


def test_a_flag_is_proven_only_to_the_end_of_the_period_and_only_if_nothing_could_change_it() -> None:
    wrong = [
        (devices, arrived, undecided, is_open)
        for devices, arrived, undecided, is_open, judgement in every_judgement()
        if judgement.flag_proven
        and (
            judgement.standing in (Standing.UNDER_REVIEW, Standing.NEVER_HEARD)
            or any(told.unsent for told in devices)
            or (is_open and not all(told.declaration for told in devices))
            or not judgement.is_covered
        )
    ]

    assert wrong == []


def test_in_an_ended_period_coverage_proves_the_flag() -> None:
    unproven = [
        judgement.standing
        for _, _, _, is_open, judgement in every_judgement()
        if not is_open and judgement.is_covered and not judgement.flag_proven
    ]

    assert set(unproven) == {Standing.UNDER_REVIEW}


def test_figures_and_flag_follow_the_plain_rule_in_every_combination() -> None:
    wrong = [
        judgement
        for devices, arrived, _, _, judgement in every_judgement()
        if (judgement.arrived, judgement.unsent) != (arrived, sum(told.unsent for told in devices))
        or judgement.entered != judgement.arrived + judgement.unsent
        or (judgement.flag is Flag.ZERO) != (judgement.entered == 0)
        or (judgement.flag is Flag.OK) != (judgement.entered >= 50)
    ]

    assert wrong == []


def test_the_order_of_devices_changes_nothing() -> None:
    pairs = [(facts_of(a, 1, is_open=False), facts_of(b, 2, is_open=False)) for a, b in product(DEVICES, repeat=2)]

    wrong = [pair for pair in pairs if judged(pair, 49) != judged(pair[::-1], 49)]

    assert wrong == []


def test_an_exempt_desk_is_not_judged_whatever_is_known_of_it() -> None:
    cases = [(devices, arrived, undecided) for devices, arrived, undecided, is_open in EVERY_CASE[::7] if not is_open]

    judgements = [
        judge(
            DeskFacts(
                arrived=arrived,
                devices=[facts_of(told, slot, is_open=False) for slot, told in enumerate(devices)],
                is_exempt=True,
                undecided=undecided,
            ),
            demand_of(OCTOBER, CALENDAR, AFTERWARDS),
        )
        for devices, arrived, undecided in cases
    ]

    assert {judgement.standing for judgement in judgements} == {Standing.EXEMPT}
    assert not any(judgement.is_flagged for judgement in judgements)


def test_the_threshold_is_fifty() -> None:
    assert THRESHOLD == 50
    assert [flag_of(count, 50) for count in (0, 1, 49, 50)] == [Flag.ZERO, Flag.FEW, Flag.FEW, Flag.OK]


def test_another_threshold_is_used_where_it_is_set() -> None:
    judgement = judged([COVERING], 12, threshold=10)

    assert (judgement.standing, judgement.flag, judgement.threshold) == (Standing.MET, Flag.OK, 10)


@pytest.mark.parametrize(
    ("stated_at", "standing"),
    [
        (LAST_WORKING_MINUTE - SECOND, Standing.SILENT),
        (LAST_WORKING_MINUTE, Standing.ZERO),
        (AFTERWARDS, Standing.ZERO),
    ],
)
def test_a_desk_is_covered_by_a_statement_of_the_last_working_minute_or_later(
    stated_at: datetime, standing: Standing
) -> None:
    judgement = judged([stated(stated_at)])

    assert judgement.standing is standing
    assert judgement.flag_proven is (standing is Standing.ZERO)


def test_a_period_that_ends_on_a_day_off_ends_with_the_last_working_minute_before() -> None:
    holidays = WorkingCalendar(days_off=frozenset({date(2021, 10, 19), date(2021, 10, 20)}), make_up_days=frozenset())
    monday_at_five = datetime(2021, 10, 18, 10, 0, tzinfo=UTC)

    before, after = (
        judge(DeskFacts(arrived=3, devices=[stated(at)]), demand_of(OCTOBER, holidays, AFTERWARDS))
        for at in (monday_at_five - SECOND, monday_at_five)
    )

    assert (before.standing, after.standing) == (Standing.SILENT, Standing.FEW)


@pytest.mark.parametrize(
    ("now", "fresh_from"),
    [
        # Wednesday 10:00: Tuesday 10:00
        (datetime(2021, 10, 13, 3, 0, tzinfo=UTC), datetime(2021, 10, 12, 3, 0, tzinfo=UTC)),
        # Monday 08:00: Friday 08:00, so that whoever switched off on Friday at 16:30 is still fresh
        (datetime(2021, 10, 11, 1, 0, tzinfo=UTC), datetime(2021, 10, 8, 1, 0, tzinfo=UTC)),
        # Sunday 10:00: Friday at opening
        (datetime(2021, 10, 10, 3, 0, tzinfo=UTC), datetime(2021, 10, 8, 0, 0, tzinfo=UTC)),
        # the first day of the period, Tuesday 10:00: Monday 10:00, so that nobody is silent on the first morning
        (datetime(2021, 9, 21, 3, 0, tzinfo=UTC), datetime(2021, 9, 20, 3, 0, tzinfo=UTC)),
        # the evening of the last day, while the period is open
        (datetime(2021, 10, 20, 13, 0, tzinfo=UTC), datetime(2021, 10, 19, 13, 0, tzinfo=UTC)),
        # the period is over: its last working minute
        (datetime(2021, 10, 20, 17, 0, tzinfo=UTC), datetime(2021, 10, 20, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_statement_of_one_working_day_ago_speaks_for_the_present(now: datetime, fresh_from: datetime) -> None:
    fresh = judged([stated(fresh_from, heard_at=now)], 3, now)
    stale = judged([stated(fresh_from - SECOND, heard_at=now)], 3, now)

    assert (fresh.is_covered, fresh.standing) == (True, Standing.FEW)
    assert (stale.is_covered, stale.standing) == (False, Standing.SILENT)


def test_an_open_period_proves_nothing_and_flags_nobody() -> None:
    judgement = judged([stated(MEANWHILE)], 3, MEANWHILE)

    assert (judgement.standing, judgement.flag) == (Standing.FEW, Flag.FEW)
    assert (judgement.is_covered, judgement.flag_proven, judgement.is_flagged) == (True, False, False)


def test_on_its_last_evening_a_period_is_proven_by_statements_after_closing_time() -> None:
    judgement = judged([COVERING], 3, LAST_WORKING_MINUTE + SECOND)

    assert (judgement.flag_proven, judgement.is_flagged) == (True, True)


def test_a_closing_declaration_covers_a_period_that_is_still_open() -> None:
    judgement = judged([stated(MEANWHILE, declaration=Declaration.COMPLETE)], 3, MEANWHILE)

    assert (judgement.standing, judgement.flag_proven) == (Standing.FEW, True)


def test_a_nil_declaration_counts_only_if_all_devices_agree() -> None:
    nil = stated(STALE, declaration=Declaration.NIL)

    assert judged([nil, nil]).standing is Standing.ZERO
    assert judged([nil, stated(STALE)]).standing is Standing.SILENT
    assert judged([nil, COVERING]).standing is Standing.SILENT


def test_a_nil_declaration_that_dossiers_belie_covers_nothing() -> None:
    judgement = judged([stated(STALE, declaration=Declaration.NIL)], 5)

    assert (judgement.standing, judgement.flag_proven) == (Standing.SILENT, False)


def test_what_is_held_back_is_a_network_matter_even_if_the_statement_covers_the_end() -> None:
    judgement = judged([stated(AFTERWARDS, unsent=30, oldest_unsent_on=date(2021, 10, 5))], 5)

    assert (judgement.standing, judgement.flag, judgement.entered) == (Standing.HELD, Flag.FEW, 35)
    assert (judgement.flag_proven, judgement.is_flagged) == (False, False)


def test_held_dossiers_that_reach_the_threshold_are_still_held() -> None:
    judgement = judged([stated(AFTERWARDS, unsent=60)], 5)

    assert (judgement.standing, judgement.flag, judgement.entered) == (Standing.HELD, Flag.OK, 65)


def test_a_desk_that_holds_back_a_voided_dossier_is_not_covered() -> None:
    judgement = judged([stated(AFTERWARDS, unsent=-1, covered_until=STALE)], 5)

    assert (judgement.standing, judgement.unsent, judgement.entered) == (Standing.SILENT, 0, 5)
    assert judgement.covered_until == STALE


def test_a_desk_heard_only_before_the_period_was_never_heard_in_it() -> None:
    just_before, in_time = judged([stated(STARTS_AT - SECOND)]), judged([stated(STARTS_AT)])

    assert (just_before.standing, in_time.standing) == (Standing.NEVER_HEARD, Standing.SILENT)


def test_a_declaration_made_before_a_period_accuses_nobody_in_it() -> None:
    judgement = judged([stated(STARTS_AT - SECOND, declaration=Declaration.NIL)])

    assert (judgement.standing, judgement.flag_proven) == (Standing.NEVER_HEARD, False)


def test_nobody_is_out_of_contact_on_the_first_morning_of_a_period() -> None:
    first_morning = datetime(2021, 9, 21, 1, 0, tzinfo=UTC)

    yesterday = judged([stated(datetime(2021, 9, 20, 9, 55, tzinfo=UTC))], 0, first_morning)
    last_week = judged([stated(datetime(2021, 9, 14, 9, 55, tzinfo=UTC))], 0, first_morning)

    assert (yesterday.standing, yesterday.flag_proven) == (Standing.ZERO, False)
    assert last_week.standing is Standing.NEVER_HEARD


def test_a_machine_that_came_after_a_period_cannot_speak_for_it() -> None:
    late = stated(AFTERWARDS, enrolled_at=ENDS_AT)
    in_time = stated(AFTERWARDS, enrolled_at=ENDS_AT - SECOND)

    judgement = judged([late])

    assert (judgement.standing, judgement.flag_proven) == (Standing.NO_DEVICE, False)
    assert judgement.evidence.text == (
        "The desk's first machine was enrolled after the period; what was received there before is unknown."
    )
    assert judged([in_time]).standing is Standing.ZERO
    assert judged([late, replace(in_time, slot=2)], 3).standing is Standing.FEW


def test_dossiers_of_a_period_count_though_the_machine_came_after_it() -> None:
    late = stated(AFTERWARDS, enrolled_at=ENDS_AT)

    assert judged([late], 50).standing is Standing.MET
    assert judged([replace(late, unsent=3)], 1).standing is Standing.HELD


def test_set_aside_receptions_keep_a_desk_from_being_called_empty() -> None:
    judgement = judged([COVERING], 0, undecided=1)

    assert (judgement.standing, judgement.flag_proven, judgement.is_flagged) == (Standing.UNDER_REVIEW, False, False)


@pytest.mark.parametrize(
    ("arrived", "unsent", "undecided", "standing"),
    [
        (49, 0, 1, Standing.UNDER_REVIEW),
        (48, 0, 1, Standing.FEW),
        (50, 0, 9, Standing.MET),
        (10, 45, 1, Standing.HELD),
        (0, 5, 3, Standing.HELD),
        (45, 10, 5, Standing.UNDER_REVIEW),
    ],
)
def test_a_desk_is_under_review_only_while_that_could_change_the_answer(
    arrived: int, unsent: int, undecided: int, standing: Standing
) -> None:
    judgement = judged([stated(AFTERWARDS, unsent=unsent)], arrived, undecided=undecided)

    assert judgement.standing is standing


def test_the_worst_device_decides() -> None:
    fresh, silent = stated(AFTERWARDS), stated(STALE, slot=2)

    judgement = judged([fresh, silent], 3)

    assert (judgement.standing, judgement.covered_until) == (Standing.SILENT, STALE)
    assert judgement.last_statement_at == AFTERWARDS
    assert judgement.evidence.values["heard_at"] == STALE


def test_the_evidence_for_no_contact_tells_the_last_contact_of_the_device_that_is_missing() -> None:
    judgement = judged([stated(AFTERWARDS), stated(STARTS_AT - SECOND, slot=2)], 3)

    assert judgement.standing is Standing.NEVER_HEARD
    assert judgement.evidence.values["heard_at"] == STARTS_AT - SECOND


def test_coverage_of_a_period_does_not_wait_for_what_was_received_after_it() -> None:
    judgement = judged([stated(AFTERWARDS, covered_until=STALE)], 3)

    assert (judgement.standing, judgement.flag_proven, judgement.covered_until) == (Standing.FEW, True, AFTERWARDS)


def test_coverage_is_unknown_where_one_device_has_never_stated() -> None:
    judgement = judged([COVERING, DeviceFacts(slot=2, heard_at=STALE)], 60)

    assert (judgement.standing, judgement.covered_until, judgement.flag_proven) == (Standing.MET, None, False)


def test_a_proven_flag_of_a_statement_means_coverage_to_the_end() -> None:
    wrong = [
        judgement
        for devices, _, _, _, judgement in every_judgement()
        if judgement.flag_proven
        and not any(told.declaration for told in devices)
        and (judgement.covered_until is None or judgement.covered_until < LAST_WORKING_MINUTE)
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("devices", "arrived", "text"),
    [
        ([COVERING], 60, "60 dossiers have arrived; known until 2021-10-20 10:00:00+00:00."),
        ([DeviceFacts(slot=1, heard_at=STALE)], 60, "60 dossiers have arrived."),
        (
            [COVERING],
            7,
            "7 dossiers, below 50. 1 machine(s): nothing held back until 2021-10-20 10:00:00+00:00.",
        ),
        ([COVERING, COVERING], 0, "No dossier. 2 machine(s): nothing held back until 2021-10-20 10:00:00+00:00."),
        (
            [stated(STALE, declaration=Declaration.NIL)],
            0,
            "The desk declared that nothing arose in the period; its machines hold nothing back.",
        ),
        (
            [stated(STALE, unsent=12, oldest_unsent_on=date(2021, 10, 1))],
            7,
            "7 dossiers have arrived, 12 more are on the desk's machine, not sent yet; "
            "the oldest was received on 2021-10-01.",
        ),
        ([stated(STALE, unsent=12)], 7, "7 dossiers have arrived, 12 more are on the desk's machine, not sent yet."),
        (
            [stated(STALE)],
            7,
            "7 dossiers have arrived; known until 2021-10-05 03:00:00+00:00, unknown since. "
            "Last contact 2021-10-05 03:00:00+00:00.",
        ),
        (
            [DeviceFacts(slot=1, heard_at=STALE)],
            7,
            "7 dossiers have arrived. Last contact 2021-10-05 03:00:00+00:00; what was entered is not fully known.",
        ),
        (
            [stated(STARTS_AT - SECOND)],
            0,
            "No contact in the period; last contact 2021-09-20 16:59:59+00:00. What was entered is unknown.",
        ),
        (
            [DeviceFacts(slot=1)],
            0,
            "The machine was enrolled but has never been in contact; what it holds is unknown.",
        ),
        ([], 0, "No machine of this desk is enrolled; what was received there is unknown."),
    ],
)
def test_the_evidence_says_what_the_judgement_rests_on(devices: list[DeviceFacts], arrived: int, text: str) -> None:
    evidence = judged(devices, arrived).evidence

    assert evidence.text % evidence.values == text


def test_the_evidence_of_a_review_says_how_many_wait() -> None:
    evidence = judged([COVERING], 49, undecided=2).evidence

    assert evidence.text % evidence.values == "49 dossiers have arrived; 2 more wait for a decision."


def test_every_word_has_evidence_a_next_step_and_a_name() -> None:
    assert set(EVIDENCE) == set(NEXT_STEPS) == set(STANDING_NAMES) == set(Standing)


def test_every_evidence_finds_its_values_in_every_combination() -> None:
    sentences = {judgement.evidence.text % judgement.evidence.values for *_, judgement in every_judgement()}

    assert len(sentences) > 30
    assert not any("None" in sentence and "known until" in sentence for sentence in sentences)
