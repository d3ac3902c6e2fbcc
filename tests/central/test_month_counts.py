"""Sums by months tell of any period what its days add up to, whatever is counted and taken back."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from central_server.central import Central
from central_server.storage import counters, models
from central_server.storage.database import reading, write_transaction
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.vocabulary import DeviceId
from tests.central.test_standings_of_desks import counted_statements
from tests.conftest import DESK, OTHER_DESK

FIRST_ON, DAYS = date(2019, 12, 20), 500
USUAL = [PeriodSeries(last_day=last_day) for last_day in (14, 20, 28)]
OCTOBER = PeriodSeries(last_day=20).month(2020, 10)
CUSTOM = [
    Period(first_on=date(2020, 2, 21), last_on=date(2020, 2, 29)),
    Period(first_on=date(2020, 1, 1), last_on=date(2020, 2, 14)),
    Period(first_on=date(2020, 9, 30), last_on=date(2020, 10, 29)),
    Period(first_on=date(2020, 12, 15), last_on=date(2020, 12, 15)),
]


@pytest.fixture
def counted(central: Central) -> dict[str, Counter[date]]:
    """What two desks count by day, of which some was taken back later."""
    dice = random.Random(5)
    found: dict[str, Counter[date]] = {}
    with write_transaction(central.database):
        for desk in (DESK, OTHER_DESK):
            found[desk] = Counter()
            for contact in range(40):
                days = [FIRST_ON + timedelta(days=dice.randrange(DAYS)) for _ in range(30)]
                changes = {day: dice.choice((1, 2, 3, -1)) for day in days}
                counters.add(DeviceId(desk, 1 + contact % 2), changes, FIRST_ON + timedelta(days=contact))
                found[desk].update(changes)
    return found


def summed(counted: dict[str, Counter[date]], period: Period) -> dict[str, int]:
    """What the days of a period add up to, by desk."""
    return {code: sum(count for day, count in days.items() if day in period) for code, days in counted.items()}


def periods_of(series: PeriodSeries) -> list[Period]:
    """Every month of a year in a series, some quarters, and the year."""
    months = [series.month(2020, month) for month in range(1, 13)]
    return [
        *months,
        series.months(2020, 3, count=3),
        series.months(2020, 11, count=3),
        series.months(2020, 12, count=12),
    ]


@pytest.mark.parametrize("series", [*USUAL, PeriodSeries(last_day=9)])
def test_any_period_of_a_series_is_the_sum_of_its_days(
    central: Central, counted: dict[str, Counter[date]], series: PeriodSeries
) -> None:
    periods = periods_of(series)

    with reading(central.database):
        found = [counters.arrived(each) for each in periods]

    assert found == [summed(counted, each) for each in periods]


@pytest.mark.parametrize("period", CUSTOM)
def test_a_period_between_any_two_days_is_the_sum_of_its_days(
    central: Central, counted: dict[str, Counter[date]], period: Period
) -> None:
    with reading(central.database):
        found = counters.arrived(period)

    assert {code: found.get(code, 0) for code in counted} == summed(counted, period)


@pytest.mark.parametrize("series", USUAL)
def test_a_year_of_months_and_one_desk_of_it_are_told_by_the_sums_alone(
    central: Central, counted: dict[str, Counter[date]], series: PeriodSeries
) -> None:
    months = [series.month(2020, month) for month in range(1, 13)]

    with reading(central.database), counted_statements(central) as statements:
        found = counters.arrived_in(months, [DESK])

    assert found == [{DESK: summed(counted, each)[DESK]} for each in months]
    assert {("month_count" in each, "counter" in each) for each in statements} == {(True, False)}


def test_what_was_known_at_an_instant_is_told_by_the_days(central: Central, counted: dict[str, Counter[date]]) -> None:
    with write_transaction(central.database):
        models.MonthCount.delete().execute()

    with reading(central.database):
        found = counters.arrived(OCTOBER, as_of=central.now())

    assert found == summed(counted, OCTOBER)


def test_a_day_before_every_period_is_counted_too(central: Central) -> None:
    with write_transaction(central.database):
        counters.add(DeviceId(DESK, 1), {date.min: 1}, date(2020, 10, 15))

    with reading(central.database):
        assert [row.count for row in models.Counter.select()] == [1]


def test_what_a_contact_adds_to_a_month_is_one_row_of_each_series(central: Central) -> None:
    with write_transaction(central.database), counted_statements(central) as statements:
        counters.add(DeviceId(DESK, 1), {date(2020, 10, day): 1 for day in range(1, 15)}, date(2020, 10, 15))

    assert sum("month_count" in each for each in statements) == 1
    with reading(central.database):
        rows = {row.first_on: row.count for row in models.MonthCount.select()}
    assert rows == {date(2020, 10, 1): 14, date(2020, 9, 15): 14, date(2020, 9, 21): 14}


@pytest.mark.parametrize("series", [*USUAL, PeriodSeries(last_day=9)])
def test_one_desk_is_told_of_the_running_period_and_of_the_one_before(
    central: Central, counted: dict[str, Counter[date]], series: PeriodSeries
) -> None:
    told = [series.month(2020, 4), series.month(2020, 3)]

    with reading(central.database):
        found = counters.arrived_at_desk(OTHER_DESK, told)

    assert found == [summed(counted, each)[OTHER_DESK] for each in told]
