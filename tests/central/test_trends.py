"""How desks did before: who was flagged, for how long, and who has fallen against their own history."""

from datetime import UTC, date, datetime, timedelta

import pytest

from central_server.central import Central
from central_server.services import founding
from central_server.services.day_map import day_map
from central_server.services.standing import standings
from central_server.services.trends import curve, has_fallen, past_of, periods_before, periods_running
from central_server.storage import counters, declarations
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING, Scope
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.vocabulary import Standing
from tests.central.test_standings_of_desks import counted_statements
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, DESKS, OTHER_DESK
from tests.factories import StandingClock

SERIES = PeriodSeries(last_day=20)
OCTOBER = SERIES.month(2021, 10)
AFTER_OCTOBER = datetime(2021, 10, 21, 2, tzinfo=UTC)
IN_AUGUST, IN_SEPTEMBER, IN_OCTOBER = date(2021, 8, 10), date(2021, 9, 10), date(2021, 10, 5)


@pytest.fixture
def writer(central: Central, clock: StandingClock) -> Writer:
    """A desk with 3 dossiers in August, 60 in September and 2 in October, known to the end of October."""
    each = enrolled_writer(central)
    for day, count in ((IN_AUGUST, 3), (IN_SEPTEMBER, 60), (IN_OCTOBER, 2)):
        for _ in range(count):
            each.receive(day)
    clock.at = AFTER_OCTOBER
    each.send()
    each.send(each.alone(acknowledged=each.head))
    return each


@pytest.mark.parametrize(
    ("entered", "before", "expected"),
    [
        (29, [60, 60, 60], True),
        (30, [60, 60, 60], False),
        (0, [20, 20, 20], True),
        (0, [20, 20, 19], False),
        (60, [200, 150, 100], True),
        (0, [60, 60], False),
        (0, [19, 19, 19, 500], False),
    ],
)
def test_a_fall_is_less_than_half_of_the_mean_of_three_periods_of_some_size(
    entered: int, before: list[int], *, expected: bool
) -> None:
    assert has_fallen(entered, before) is expected


def test_nobody_has_fallen_on_the_first_morning_of_a_period() -> None:
    assert has_fallen(0, [60, 60, 60], pace=0.0) is False
    assert has_fallen(5, [60, 60, 60], pace=0.5) is True


def test_the_periods_before_are_of_the_same_kind_and_the_nearest_comes_first() -> None:
    months = periods_before(OCTOBER, SERIES, 2)
    quarters = periods_before(SERIES.months(2021, 9, count=3), SERIES, 1)

    assert months == [SERIES.month(2021, 9), SERIES.month(2021, 8)]
    assert quarters == [SERIES.months(2021, 6, count=3)]


def test_the_past_tells_what_arrived_in_each_period_and_who_was_flagged(writer: Writer, central: Central) -> None:
    desks = standings(central, EVERYTHING, OCTOBER).desks

    september, august, july = past_of(central, desks, OCTOBER, 3)

    assert [past.arrived.get(DESK, 0) for past in (september, august, july)] == [60, 3, 0]
    assert [past.is_flagged(DESK) for past in (september, august, july)] == [False, True, False]
    assert july.standings[DESK] is Standing.NO_DEVICE
    assert (september.desks, september.unknown, august.count(Standing.FEW)) == (6, 5, 1)


def test_a_desk_is_flagged_for_as_many_periods_as_run_without_a_break(writer: Writer, central: Central) -> None:
    desks = standings(central, EVERYTHING, OCTOBER).desks
    in_october, in_september = past_of(central, desks, OCTOBER, 2), past_of(central, desks, SERIES.month(2021, 9), 2)

    assert periods_running(DESK, in_october) == 1
    assert periods_running(DESK, in_september) == 2


def test_the_curve_ends_with_the_last_period_that_has_ended(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    ended = curve(central, EVERYTHING, OCTOBER)
    clock.at = AFTER_OCTOBER - timedelta(days=5)
    running = curve(central, EVERYTHING, OCTOBER)

    assert (len(ended), len(running)) == (12, 12)
    assert (ended[-1].period, running[-1].period) == (OCTOBER, SERIES.month(2021, 9))
    assert [past.count(Standing.FEW) for past in ended[-3:]] == [1, 0, 1]


def test_the_curve_of_a_scope_counts_its_desks_only(writer: Writer, central: Central) -> None:
    vinh_yen = standings(central, EVERYTHING, OCTOBER).desks[0].desk.district.id
    lap_thach = standings(central, EVERYTHING, OCTOBER).desks[-1].desk.district.id

    assert curve(central, Scope(root=vinh_yen), OCTOBER)[-1].count(Standing.FEW) == 1
    assert curve(central, Scope(root=lap_thach), OCTOBER)[-1].count(Standing.FEW) == 0
    assert curve(central, EVERYTHING, OCTOBER, under=lap_thach)[-1].desks == 3
    assert curve(central, Scope(root=vinh_yen), OCTOBER, under=lap_thach)[-1].desks == 0


def test_a_desk_is_asked_for_its_days_and_the_worst_machine_decides_how_far_they_are_known(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    second = enrolled_writer(central, DESK, seed=b"\x02" * 32)
    second.receive(date(2021, 10, 6))
    second.send(second.alone())
    told = standings(central, EVERYTHING, OCTOBER)

    days = day_map(central, told)

    [desk] = [each for each in days.desks if each.standing.desk.code == DESK]
    assert [len(days.days), days.days[0].day, days.days[0].is_working] == [30, date(2021, 9, 21), True]
    assert (sum(desk.arrived), desk.arrived[14], desk.unsent[15]) == (2, 2, 1)
    assert desk.standing.stated_at == AFTER_OCTOBER
    assert {each.standing.stated_at for each in days.desks if each.standing.desk.code != DESK} == {None}


def test_queries_are_as_many_for_one_desk_as_for_many(writer: Writer, central: Central) -> None:
    def look(central: Central) -> int:
        told = standings(central, EVERYTHING, OCTOBER)
        with counted_statements(central) as statements:
            past_of(central, told.desks, OCTOBER, 5)
            curve(central, EVERYTHING, OCTOBER)
            day_map(central, told)
        return len(statements)

    few = look(central)
    more = "".join(f"H62.12.{number},Bộ phận {number},08770,H62.12.{number},\n" for number in range(10, 30))
    founding.load(central, "desks", DESKS + more)
    for number in range(10, 30, 5):
        other = enrolled_writer(central, f"H62.12.{number}", seed=bytes([number]) * 32)
        other.receive(IN_OCTOBER)
        other.send()

    assert look(central) == few


def test_the_counts_of_several_periods_are_those_of_each(writer: Writer, central: Central) -> None:
    periods = [OCTOBER, SERIES.month(2021, 8), Period(first_on=date(2021, 8, 21), last_on=IN_SEPTEMBER)]

    with reading(central.database):
        together = counters.arrived_in(periods)
        apart = [counters.arrived(each) for each in periods]
        of_another = counters.arrived_in(periods, [OTHER_DESK])

    assert together == apart == [{DESK: 2}, {DESK: 3}, {DESK: 60}]
    assert of_another == [{}, {}, {}]


def test_no_desk_has_explained_a_period_that_it_said_nothing_of(writer: Writer, central: Central) -> None:
    with reading(central.database):
        assert declarations.explained(OCTOBER) == {}
