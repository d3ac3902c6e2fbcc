"""Standings from what the centre holds: every desk has its row, and no number of dossiers makes them slower."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from central_server.central import Central
from central_server.services import founding
from central_server.services.assessing import DeskStanding
from central_server.services.signing_in import UnknownUnit
from central_server.services.standing import desk_story, standings, unit_id
from central_server.storage.units import EVERYTHING
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.vocabulary import Declaration, Flag, Standing, VerdictKind
from tests.central.writing import DAY, Writer, enrolled_writer
from tests.conftest import DESKS
from tests.factories import NOW, StandingClock

SERIES = PeriodSeries(last_day=20)
OCTOBER = SERIES.month(2021, 10)
AFTER_OCTOBER = datetime(2021, 10, 20, 17, 0, tzinfo=UTC)


def of(central: Central, code: str = "H62.11.01", period: Period = OCTOBER) -> DeskStanding:
    """The standing of one desk."""
    return next(each for each in standings(central, EVERYTHING, period).desks if each.desk.code == code)


@contextmanager
def counted_statements(central: Central) -> Iterator[list[str]]:
    """Notes every SQL statement."""
    statements: list[str] = []
    execute = central.database.execute_sql

    def counting(sql: str, *args: Any, **kwargs: Any) -> Any:
        statements.append(sql)
        return execute(sql, *args, **kwargs)

    central.database.execute_sql = counting
    try:
        yield statements
    finally:
        del central.database.execute_sql


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01."""
    return enrolled_writer(central)


def test_every_desk_has_its_row_though_nothing_is_known_of_it(central: Central) -> None:
    told = standings(central, EVERYTHING, OCTOBER)

    assert [each.desk.code for each in told.desks] == [
        "H62.11", "H62.11.01", "H62.11.02", "H62.12", "H62.12.01", "H62.12.02",
    ]  # fmt: skip
    assert {each.judgement.standing for each in told.desks} == {Standing.NO_DEVICE}
    assert {(each.judgement.arrived, each.judgement.flag_proven) for each in told.desks} == {(0, False)}


def test_a_desk_that_has_entered_enough_has_met_the_level(writer: Writer, central: Central) -> None:
    for _ in range(50):
        writer.receive()
    writer.send()

    judgement = of(central).judgement

    assert (judgement.arrived, judgement.standing, judgement.flag) == (50, Standing.MET, Flag.OK)


def test_what_is_held_back_is_told_and_accuses_nobody(writer: Writer, central: Central, clock: StandingClock) -> None:
    writer.receive(date(2021, 10, 1))
    writer.receive()
    writer.send(writer.contact(last=2))
    clock.at = AFTER_OCTOBER + timedelta(days=5)

    judgement = of(central).judgement

    assert (judgement.arrived, judgement.unsent, judgement.entered) == (1, 1, 2)
    assert (judgement.standing, judgement.flag, judgement.flag_proven) == (Standing.HELD, Flag.FEW, False)


def test_a_desk_that_was_heard_to_the_end_with_few_dossiers_is_proven_few(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    writer.receive()
    clock.at = AFTER_OCTOBER
    writer.send()

    judgement = of(central).judgement

    assert (judgement.arrived, judgement.standing, judgement.flag_proven) == (1, Standing.FEW, True)
    assert judgement.covered_until == AFTER_OCTOBER


def test_a_desk_that_was_heard_to_the_end_without_a_dossier_is_proven_empty(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    clock.at = AFTER_OCTOBER
    writer.send()

    judgement = of(central).judgement

    assert (judgement.standing, judgement.flag, judgement.flag_proven) == (Standing.ZERO, Flag.ZERO, True)


def test_a_desk_that_fell_silent_before_the_end_is_not_known(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    writer.receive()
    writer.send()
    clock.at = AFTER_OCTOBER + timedelta(days=10)

    judgement = of(central).judgement

    assert (judgement.standing, judgement.flag_proven) == (Standing.SILENT, False)
    assert judgement.covered_until == NOW


def test_a_second_machine_that_was_never_heard_leaves_the_desk_unknown(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    enrolled_writer(central, seed=b"\x02" * 32)
    clock.at = AFTER_OCTOBER
    writer.send()

    judgement = of(central).judgement

    assert not judgement.flag_proven
    assert judgement.standing is Standing.SILENT


def test_a_declaration_of_nothing_covers_the_period(writer: Writer, central: Central, clock: StandingClock) -> None:
    writer.write("declare", {"period": str(OCTOBER), "declaration": "nil"})
    clock.at = AFTER_OCTOBER - timedelta(hours=10)
    writer.send(writer.contact(declarations=((OCTOBER, Declaration.NIL),)))
    clock.at = AFTER_OCTOBER + timedelta(days=30)

    judgement = of(central).judgement

    assert (judgement.standing, judgement.flag_proven) == (Standing.ZERO, True)


def test_a_reception_of_a_newer_version_keeps_a_desk_from_being_accused(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    at = datetime(2021, 10, 4, 3, tzinfo=UTC)
    writer.write("receive", {"a field": "of next year"}, {at.date(): 1}, version=2, happened_at=at)
    writer.send()
    clock.at = AFTER_OCTOBER
    writer.send(writer.alone(acknowledged=writer.head))

    assert of(central).judgement.standing is Standing.UNDER_REVIEW


def test_a_reception_that_was_set_aside_keeps_a_desk_from_being_accused(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    for _ in range(49):
        writer.receive()
    writer.write("receive", {"dossier_code": "none"})
    clock.at = AFTER_OCTOBER
    writer.send()

    judgement = of(central).judgement

    assert (judgement.arrived, judgement.standing) == (49, Standing.UNDER_REVIEW)


def test_a_dossier_counts_in_the_period_of_its_reception_whenever_it_arrives(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    writer.receive(date(2021, 9, 20))
    writer.receive(date(2021, 9, 21))
    clock.at = AFTER_OCTOBER + timedelta(days=60)

    writer.send()

    assert of(central).judgement.arrived == 1
    assert of(central, period=SERIES.month(2021, 9)).judgement.arrived == 1
    assert of(central, period=SERIES.month(2021, 11)).judgement.arrived == 0


def test_the_totals_of_the_units_are_those_of_their_desks(writer: Writer, central: Central) -> None:
    other = enrolled_writer(central, "H62.12.02", seed=b"\x02" * 32)
    other.receive()
    other.receive()
    other.send()
    writer.receive()
    writer.send()

    told = standings(central, EVERYTHING, OCTOBER)

    assert [(each.unit.name, each.arrived, len(each.desks)) for each in told.by_unit()] == [
        ("Thành phố Vĩnh Yên", 1, 3),
        ("Huyện Lập Thạch", 2, 3),
    ]
    assert sum(each.judgement.arrived for each in told.desks) == 3


def test_a_unit_is_found_by_its_code(central: Central) -> None:
    under = unit_id(central, "246", OCTOBER)

    told = standings(central, EVERYTHING, OCTOBER, under=under)

    assert [each.desk.code for each in told.desks] == ["H62.12", "H62.12.01", "H62.12.02"]


def test_a_unit_that_is_none_is_named(central: Central) -> None:
    with pytest.raises(UnknownUnit):
        unit_id(central, "999", OCTOBER)


def test_a_desk_counts_in_the_periods_in_which_it_exists(central: Central, clock: StandingClock) -> None:
    early = Period(first_on=date(2018, 1, 1), last_on=date(2018, 12, 31))

    assert list(standings(central, EVERYTHING, early).desks) == []


def test_the_number_of_queries_depends_neither_on_desks_nor_on_dossiers(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    with counted_statements(central) as few:
        standings(central, EVERYTHING, OCTOBER)
    more = "".join(f"H62.12.{number},Bộ phận {number},08770,H62.12.{number},\n" for number in range(10, 40))
    founding.load(central, "desks", DESKS + more)
    for number in range(10, 40, 3):
        other = enrolled_writer(central, f"H62.12.{number}", seed=bytes([number]) * 32)
        for _ in range(5):
            other.receive()
        other.send()

    with counted_statements(central) as many:
        told = standings(central, EVERYTHING, OCTOBER)

    assert len(told.desks) == 36
    assert len(many) == len(few)
    assert len(many) <= 20


def test_the_story_of_a_desk_tells_its_days_and_what_arrived_when(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    writer.receive()
    writer.receive(date(2021, 10, 1))
    writer.resolve("1.1.99")
    writer.send(writer.contact(last=4))
    clock.move(hours=1)
    writer.receive(date(2021, 10, 2))
    writer.send(writer.alone(acknowledged=4))

    story = desk_story(central, EVERYTHING, "H62.11.01", OCTOBER)

    days = {each.day: (each.arrived, each.unsent) for each in story.days if each.arrived or each.unsent}
    assert days == {date(2021, 10, 1): (1, 0), date(2021, 10, 2): (0, 1), DAY: (1, 0)}
    assert len(story.days) == 30
    assert [(each.arrived_at, each.entries, each.dossiers) for each in story.arrivals] == [(NOW, 4, 2)]
    assert [(each.stated_at, each.head, each.unsent) for each in story.statements] == [
        (NOW + timedelta(hours=1), 5, 1),
        (NOW, 4, 2),
    ]
    assert [(str(each.entry), each.verdict, each.reason) for each in story.differing] == [
        ("1.1.4", VerdictKind.QUARANTINED, "unknown_dossier")
    ]
    assert [each.id.slot for each in story.devices] == [1]


def test_the_story_of_a_desk_knows_its_days_off(central: Central) -> None:
    september = SERIES.month(2021, 9)

    story = desk_story(central, EVERYTHING, "H62.11.01", september)

    working = {each.day: each.is_working for each in story.days}
    assert not working[date(2021, 9, 2)]
    assert working[date(2021, 9, 11)]
    assert not working[date(2021, 9, 12)]


def test_a_training_centre_is_judged_at_the_time_that_its_clock_shows(
    make_central: Callable[..., Central], clock: StandingClock
) -> None:
    training = make_central(training=True)
    founding.set_clock(training, datetime(2021, 10, 1, 2, 0, tzinfo=UTC))
    writer = enrolled_writer(training)
    writer.receive(date(2021, 10, 1))
    writer.send(writer.contact(training=True))

    founding.set_clock(training, AFTER_OCTOBER)
    writer.send(writer.alone(acknowledged=2, training=True))
    told = standings(training, EVERYTHING, OCTOBER)

    judgement = next(each.judgement for each in told.desks if each.desk.code == "H62.11.01")
    assert told.now == AFTER_OCTOBER
    assert not told.is_open
    assert (judgement.standing, judgement.covered_until) == (Standing.FEW, AFTER_OCTOBER)


def test_the_clock_that_moves_opens_and_ends_a_period(make_central: Callable[..., Central]) -> None:
    training = make_central(training=True)
    founding.set_clock(training, OCTOBER.ends_at - timedelta(seconds=1))
    before = standings(training, EVERYTHING, OCTOBER)

    founding.set_clock(training, OCTOBER.ends_at)

    assert before.is_open
    assert not standings(training, EVERYTHING, OCTOBER).is_open


def test_what_a_centre_that_was_put_back_lacks_is_not_taken_for_nothing(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    for _ in range(3):
        writer.receive()
    clock.at = AFTER_OCTOBER + timedelta(hours=10)
    writer.send(writer.alone(acknowledged=writer.head))
    lacking = of(central).judgement

    writer.send()

    assert (lacking.flag_proven, lacking.standing) == (False, Standing.SILENT)
    assert (of(central).judgement.flag_proven, of(central).judgement.standing) == (True, Standing.FEW)
