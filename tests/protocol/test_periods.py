"""Reporting periods and their names."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.periods import BadSeries, Period, PeriodSeries, UnknownPeriod, parse_period, period_name

OURS = PeriodSeries()
LEGAL = PeriodSeries(last_day=14)
CALENDAR_MONTHS = PeriodSeries(last_day=31)

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))


def test_both_ends_belong_to_a_period() -> None:
    days = [date(2021, 9, 20), date(2021, 9, 21), date(2021, 10, 20), date(2021, 10, 21)]

    inside = [day in OCTOBER for day in days]

    assert inside == [False, True, True, False]
    assert OCTOBER.days() == 30


def test_a_period_runs_from_local_midnight_to_local_midnight() -> None:
    assert OCTOBER.starts_at == datetime(2021, 9, 20, 17, 0, tzinfo=UTC)
    assert OCTOBER.ends_at == datetime(2021, 10, 20, 17, 0, tzinfo=UTC)


def test_a_period_reads_as_its_two_dates() -> None:
    assert str(OCTOBER) == "2021-09-21..2021-10-20"


def test_periods_sort_by_their_beginning() -> None:
    assert Period(first_on=date(2021, 8, 21), last_on=date(2021, 12, 20)) < OCTOBER


def test_a_period_that_runs_backwards_is_refused() -> None:
    with pytest.raises(UnknownPeriod):
        Period(first_on=date(2021, 10, 20), last_on=date(2021, 9, 21))


@pytest.mark.parametrize(
    ("series", "year", "month", "expected"),
    [
        (OURS, 2021, 10, "2021-09-21..2021-10-20"),
        (OURS, 2021, 1, "2020-12-21..2021-01-20"),
        (LEGAL, 2021, 10, "2021-09-15..2021-10-14"),
        (CALENDAR_MONTHS, 2021, 10, "2021-10-01..2021-10-31"),
        (CALENDAR_MONTHS, 2024, 2, "2024-02-01..2024-02-29"),
        (PeriodSeries(last_day=28), 2021, 3, "2021-03-01..2021-03-31"),
        (PeriodSeries(last_day=27), 2021, 3, "2021-02-28..2021-03-27"),
        (PeriodSeries(last_day=1), 2021, 3, "2021-02-02..2021-03-01"),
    ],
)
def test_a_month_is_the_period_that_ends_in_it(series: PeriodSeries, year: int, month: int, expected: str) -> None:
    assert str(series.month(year, month)) == expected


@pytest.mark.parametrize("last_day", [0, 32, -1])
def test_a_series_ends_on_a_day_that_months_have(last_day: int) -> None:
    with pytest.raises(BadSeries):
        PeriodSeries(last_day=last_day)


def test_a_day_after_the_cut_off_lies_in_the_next_month() -> None:
    assert OURS.containing(date(2021, 10, 20)) == OURS.month(2021, 10)
    assert OURS.containing(date(2021, 10, 21)) == OURS.month(2021, 11)
    assert OURS.containing(date(2021, 12, 31)) == OURS.month(2022, 1)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("2021-01", "2020-12", "2021-02"),
        ("2021-Q1", "2020-Q4", "2021-Q2"),
        ("2021", "2020", "2022"),
        ("2021-10-04..2021-10-05", "2021-10-02..2021-10-03", "2021-10-06..2021-10-07"),
    ],
)
def test_the_neighbours_of_a_period_are_of_its_kind(name: str, before: str, after: str) -> None:
    period = parse_period(name, OURS)

    neighbours = [OURS.before(period), OURS.after(period)]

    assert [period_name(neighbour, OURS) for neighbour in neighbours] == [before, after]


@pytest.mark.parametrize(
    ("name", "series", "expected"),
    [
        ("2021-10", OURS, "2021-09-21..2021-10-20"),
        ("2021-Q3", OURS, "2021-06-21..2021-09-20"),
        ("2021", OURS, "2020-12-21..2021-12-20"),
        ("2021", LEGAL, "2020-12-15..2021-12-14"),
        ("2021-Q1", CALENDAR_MONTHS, "2021-01-01..2021-03-31"),
        ("2021-09-21..2021-10-20", LEGAL, "2021-09-21..2021-10-20"),
        (" 2021-10 ", OURS, "2021-09-21..2021-10-20"),
    ],
)
def test_a_name_is_read_in_its_series(name: str, series: PeriodSeries, expected: str) -> None:
    assert str(parse_period(name, series)) == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        "2021-13",
        "2021-00",
        "0000",
        "9999",
        "2021-Q5",
        "10/2021",
        "2021-10-20..2021-09-21",
        "2021-02-30..2021-03-01",
        "2021-9",
        "٢٠٢١",
    ],
)
def test_an_unknown_name_is_answered_with_the_possible_forms(name: str) -> None:
    with pytest.raises(UnknownPeriod) as caught:
        parse_period(name, OURS)

    assert caught.value.code == "unknown_period"
    assert "2021-10, a quarter such as 2021-Q3, a year such as 2021" in str(caught.value)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("2021-09-21..2021-10-20", "2021-10"),
        ("2021-06-21..2021-09-20", "2021-Q3"),
        ("2020-12-21..2021-12-20", "2021"),
        ("2021-07-21..2021-10-20", "2021-07-21..2021-10-20"),
        ("2021-09-15..2021-10-14", "2021-09-15..2021-10-14"),
    ],
)
def test_a_period_is_called_by_its_shortest_name(dates: str, expected: str) -> None:
    assert period_name(parse_period(dates, OURS), OURS) == expected


every_series = st.builds(PeriodSeries, last_day=st.integers(1, 31))
days = st.dates(date(1950, 1, 1), date(2200, 12, 31))


@given(series=every_series, day=days)
def test_a_series_has_no_gap_and_no_overlap(series: PeriodSeries, day: date) -> None:
    period = series.containing(day)

    before, after = series.before(period), series.after(period)

    assert day in period
    assert before.last_on + timedelta(days=1) == period.first_on
    assert period.last_on + timedelta(days=1) == after.first_on
    assert series.after(before) == period == series.before(after)


@given(series=every_series, first_on=days, length=st.integers(0, 800))
def test_the_name_of_a_period_is_read_back_as_that_period(series: PeriodSeries, first_on: date, length: int) -> None:
    period = Period(first_on=first_on, last_on=first_on + timedelta(days=length))

    assert parse_period(period_name(period, series), series) == period


@given(series=every_series, year=st.integers(1950, 2200), month=st.integers(1, 12), count=st.integers(1, 24))
def test_a_run_of_months_is_recognised(series: PeriodSeries, year: int, month: int, count: int) -> None:
    period = series.months(year, month, count=count)

    assert series.month_count(period) == count
    assert parse_period(period_name(period, series), series) == period


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [
        ("2021-10", 3, "2021-Q4"),
        ("2021-09", 3, "2021-Q3"),
        ("2021-01", 12, "2021"),
        ("2021", 1, "2021-12"),
        ("2021-Q2", 12, "2021"),
        ("2021-Q2", 3, "2021-Q2"),
        ("2021-10-01..2021-10-07", 3, "2021-10-01..2021-10-07"),
        ("1900-03", 12, "1900-03"),
    ],
)
def test_a_period_leads_to_the_run_of_months_in_which_it_ends(name: str, count: int, expected: str) -> None:
    series = PeriodSeries(last_day=20)

    run = series.run_of(parse_period(name, series), count=count)

    assert period_name(run, series) == expected
