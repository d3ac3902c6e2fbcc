"""A desk that had its first machine in the midst of a period, also where its days before are ruled to be unknown."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sync_protocol.calendars import WorkingCalendar
from sync_protocol.messages import sentence
from sync_protocol.periods import Period
from sync_protocol.standings import DeskFacts, DeviceFacts, demand_of, judge
from sync_protocol.vocabulary import Declaration, Flag, Standing

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
CALENDAR = WorkingCalendar(days_off=frozenset(), make_up_days=frozenset())
AFTERWARDS = datetime(2021, 10, 22, 3, tzinfo=UTC)
MACHINE = DeviceFacts(
    slot=1, enrolled_at=datetime(2021, 10, 6, 3, tzinfo=UTC), heard_at=AFTERWARDS, stated_at=AFTERWARDS
)
FIRST_ON = date(2021, 10, 6)
NEW = DeskFacts(arrived=3, devices=[MACHINE], begun_on=FIRST_ON)


def test_what_a_desk_received_before_its_first_machine_accuses_nobody() -> None:
    judgement = judge(NEW, demand_of(OCTOBER, CALENDAR, AFTERWARDS))

    assert (judgement.standing, judgement.flag, judgement.flag_proven) == (Standing.NO_DEVICE, Flag.FEW, False)
    assert not judgement.is_covered
    assert judgement.evidence.values["begun_on"] == FIRST_ON
    assert judgement.evidence.text.startswith("%(arrived)d dossiers have arrived. The desk has had a machine since")
    assert judgement.next_step.text.startswith("Desk: enter what was received before")


def test_once_the_desk_has_confirmed_the_period_it_is_judged() -> None:
    confirmed = replace(NEW, devices=[replace(MACHINE, declaration=Declaration.COMPLETE)])

    judgement = judge(confirmed, demand_of(OCTOBER, CALENDAR, AFTERWARDS))

    assert (judgement.standing, judgement.flag_proven) == (Standing.FEW, True)


def test_a_desk_that_has_met_the_level_all_the_same_has_met_it() -> None:
    assert judge(replace(NEW, arrived=50), demand_of(OCTOBER, CALENDAR, AFTERWARDS)).standing is Standing.MET


def test_without_the_ruling_its_machine_speaks_for_the_whole_period() -> None:
    assert judge(replace(NEW, begun_on=None), demand_of(OCTOBER, CALENDAR, AFTERWARDS)).standing is Standing.FEW


@pytest.mark.parametrize(
    ("arrived", "told"),
    [(3, "3 hồ sơ, dưới 50. 1 máy, máy đầu tiên đăng ký ngày 06/10/2021: không giữ lại hồ sơ nào đến "),
     (0, "Không có hồ sơ. 1 máy, máy đầu tiên đăng ký ngày 06/10/2021: không giữ lại hồ sơ nào đến ")],
)  # fmt: skip
def test_whoever_asks_a_desk_for_the_cause_reads_since_when_it_has_had_a_machine(arrived: int, told: str) -> None:
    facts = DeskFacts(arrived=arrived, devices=[MACHINE], first_machine_on=FIRST_ON)

    judgement = judge(facts, demand_of(OCTOBER, CALENDAR, AFTERWARDS))

    assert judgement.is_flagged
    assert sentence(judgement.evidence, "vi").startswith(told)


def test_a_desk_that_declared_that_nothing_arose_is_told_by_its_word_alone() -> None:
    nil = replace(MACHINE, declaration=Declaration.NIL)

    judgement = judge(
        DeskFacts(arrived=0, devices=[nil], first_machine_on=FIRST_ON), demand_of(OCTOBER, CALENDAR, AFTERWARDS)
    )

    assert judgement.evidence.text.startswith("The desk declared that nothing arose")
