"""A machine that was lost, suspended or replaced leaves unknown what it had not sent; it never makes a desk guilty.

The oracle is written from the contract: a destroyed machine's dossiers are unknown and never zero, and `no_device`
stands for a desk whose machine was lost.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import NamedTuple

from sync_protocol.calendars import WorkingCalendar
from sync_protocol.periods import Period
from sync_protocol.standings import DeskFacts, DeviceFacts, Judgement, demand_of, judge
from sync_protocol.vocabulary import Declaration, Standing

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
CALENDAR = WorkingCalendar(days_off=frozenset(), make_up_days=frozenset())
LAST_WORKING_MINUTE = datetime(2021, 10, 20, 10, 0, tzinfo=UTC)
BEFORE = datetime(2021, 9, 20, 3, 0, tzinfo=UTC)
MIDST = datetime(2021, 10, 6, 3, 0, tzinfo=UTC)
AFTERWARDS = datetime(2021, 10, 22, 3, 0, tzinfo=UTC)
LATER = datetime(2021, 10, 22, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

LEFT = {"before the period": BEFORE, "within it": MIDST, "after it": LATER}
STATED = {
    "never": None,
    "before it left": MIDST - SECOND,
    "as it left": MIDST,
    "a second too early": LAST_WORKING_MINUTE - SECOND,
    "to the period's end": LAST_WORKING_MINUTE,
}


class Case(NamedTuple):
    """A desk: when one machine left, what it had stated, and what another machine says, "" where there is none."""

    left: str
    stated: str
    unsent: int
    other: str
    arrived: int


OTHERS = ("", "covering", "silent", "complete", "nil")
EVERY_CASE = [Case(*each) for each in product(LEFT, STATED, (0, 12), OTHERS, (0, 7, 50))]


def gone(case: Case) -> DeviceFacts:
    at = STATED[case.stated]
    return DeviceFacts(slot=1, heard_at=at, stated_at=at, unsent=case.unsent, left_at=LEFT[case.left])


def other(case: Case) -> list[DeviceFacts]:
    covering = DeviceFacts(slot=2, heard_at=LATER, stated_at=LATER, covered_until=LATER)
    silent = DeviceFacts(slot=2, heard_at=BEFORE, stated_at=BEFORE, covered_until=BEFORE)
    return {
        "": [],
        "covering": [covering],
        "silent": [silent],
        "complete": [replace(covering, declaration=Declaration.COMPLETE)],
        "nil": [replace(covering, declaration=Declaration.NIL)],
    }[case.other]


def judged(case: Case) -> Judgement:
    return judge(
        DeskFacts(arrived=case.arrived, devices=[gone(case), *other(case)]), demand_of(OCTOBER, CALENDAR, AFTERWARDS)
    )


def leaves_something_unknown(case: Case) -> bool:
    """Whether nobody has said that the machine held nothing of the period back when it left."""
    if case.left == "before the period" or case.other == "complete":
        return False
    enough = {"within it": list(STATED)[2:], "after it": list(STATED)[4:]}[case.left]
    return case.unsent > 0 or case.stated not in enough


def expected(case: Case) -> Standing:
    if case.arrived >= 50:
        return Standing.MET
    if not case.other or leaves_something_unknown(case):
        return Standing.NO_DEVICE
    if case.other == "silent":
        return Standing.NEVER_HEARD
    return Standing.FEW if case.arrived else Standing.ZERO


def cases_with_judgements() -> Iterator[tuple[Case, Judgement]]:
    return ((case, judged(case)) for case in EVERY_CASE)


def test_every_combination_with_a_machine_that_left_gives_the_word_of_the_contract() -> None:
    wrong = [(case, told.standing) for case, told in cases_with_judgements() if told.standing is not expected(case)]

    assert len(EVERY_CASE) == 450
    assert wrong == []


def test_nobody_is_flagged_while_what_a_lost_machine_held_is_unknown() -> None:
    """The fourth promise, by word and by flag."""
    flagged = [
        case
        for case, told in cases_with_judgements()
        if (told.is_flagged or told.flag_proven) and (leaves_something_unknown(case) or case.other in ("", "silent"))
    ]

    assert flagged == []


def test_nobody_is_flagged_while_a_suspended_machine_may_have_gone_on() -> None:
    """It had stated all up to its suspension; the clerk recorded three dossiers on it afterwards, without a link."""
    suspended = DeviceFacts(
        slot=1, heard_at=MIDST, stated_at=MIDST, covered_until=MIDST, left_at=MIDST, is_used_on=True
    )
    covering = DeviceFacts(slot=2, heard_at=LATER, stated_at=LATER, covered_until=LATER)

    told = judge(DeskFacts(arrived=0, devices=[suspended, covering]), demand_of(OCTOBER, CALENDAR, AFTERWARDS))

    assert not told.flag_proven
    assert told.standing is Standing.NO_DEVICE


def test_the_evidence_counts_what_a_lost_machine_had_stated() -> None:
    told = judged(Case("within it", "as it left", 12, "covering", 7))

    assert "it stated that it held" in told.evidence.text
    assert (told.evidence.values["missing"], told.evidence.values["left_at"]) == (12, MIDST)
    assert told.next_step.text.startswith("Desk: compare with the paper register")


def test_the_word_of_a_lost_machine_is_not_added_to_what_waits_on_the_others() -> None:
    told = judged(Case("within it", "as it left", 12, "covering", 7))

    assert (told.arrived, told.unsent, told.entered) == (7, 0, 7)


def test_without_another_machine_the_next_step_is_a_code() -> None:
    assert judged(Case("within it", "never", 0, "", 0)).next_step.text == "Province: send the desk an enrolment code."


def test_a_desk_is_known_as_far_as_its_lost_machine_stated() -> None:
    told = judged(Case("within it", "before it left", 0, "covering", 7))

    assert told.covered_until == MIDST - SECOND
