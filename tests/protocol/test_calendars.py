"""The working calendar, with the real table of days off and examples around Tết, make-up days and 24 November."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.calendars import (
    BadCalendar,
    BadTimeLimit,
    Hours,
    Season,
    TimeLimit,
    WorkingCalendar,
    due_at,
    parse_calendar,
)
from sync_protocol.instants import LOCAL
from sync_protocol.vocabulary import LimitUnit

TABLE = Path(__file__).parents[2] / "central_server" / "reference" / "calendar_vn_2019_2027.csv"

with TABLE.open(encoding="utf-8", newline="") as file:
    CALENDAR = parse_calendar(csv.DictReader(file))


SUMMER = Season(
    first_on=date(2026, 4, 16), last_on=date(2026, 10, 15), hours=((time(7), time(11, 30)), (time(13, 30), time(17)))
)
WINTER_HOURS = ((time(7, 30), time(11, 30)), (time(13), time(16, 30)))
SEASONAL = WorkingCalendar(
    days_off=frozenset({date(2026, 4, 27)}), make_up_days=frozenset(), hours=WINTER_HOURS, seasons=(SUMMER,)
)


def local(text: str) -> datetime:
    """The instant of a local wall time."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)


def due(received: str, value: Decimal | float, unit: LimitUnit, calendar: WorkingCalendar = CALENDAR) -> str:
    """Local wall time at which a dossier received at a local wall time is due."""
    result = due_at(local(received), TimeLimit(value=value, unit=unit), calendar)
    assert result is not None
    assert result.tzinfo is UTC
    return f"{result.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def test_a_holiday_and_a_weekend_are_not_worked_and_a_make_up_saturday_is() -> None:
    days = [date(2026, 11, 24), date(2026, 8, 23), date(2026, 8, 22), date(2026, 8, 21)]

    worked = [CALENDAR.is_working_day(day) for day in days]

    assert worked == [False, False, True, True]


def test_the_next_working_day_is_strictly_after() -> None:
    assert CALENDAR.next_working_day(date(2026, 2, 13)) == date(2026, 2, 23)
    assert CALENDAR.next_working_day(date(2026, 8, 21)) == date(2026, 8, 22)


def test_no_working_day_after_a_day_is_the_day_itself() -> None:
    assert CALENDAR.working_day_after(date(2026, 11, 22), 0) == date(2026, 11, 22)
    assert CALENDAR.working_day_after(date(2026, 11, 22), 2) == date(2026, 11, 25)


def test_the_nearest_working_day_is_the_day_itself_when_it_is_worked() -> None:
    assert CALENDAR.working_day_until(date(2026, 2, 22)) == date(2026, 2, 13)
    assert CALENDAR.working_day_until(date(2026, 2, 13)) == date(2026, 2, 13)
    assert CALENDAR.working_day_from(date(2026, 2, 14)) == date(2026, 2, 23)
    assert CALENDAR.working_day_from(date(2026, 2, 13)) == date(2026, 2, 13)


def test_opening_and_closing_are_utc_instants_of_local_hours() -> None:
    assert CALENDAR.opening(date(2021, 10, 4)) == datetime(2021, 10, 4, 0, 0, tzinfo=UTC)
    assert CALENDAR.closing(date(2021, 10, 4)) == datetime(2021, 10, 4, 10, 0, tzinfo=UTC)


def test_the_last_working_minute_closes_the_last_working_day_of_the_period() -> None:
    wednesday_the_20th = CALENDAR.last_working_minute(date(2021, 9, 21), date(2021, 10, 20))
    friday_before_a_weekend = CALENDAR.last_working_minute(date(2021, 10, 1), date(2021, 10, 31))

    assert wednesday_the_20th == datetime(2021, 10, 20, 10, 0, tzinfo=UTC)
    assert friday_before_a_weekend == datetime(2021, 10, 29, 10, 0, tzinfo=UTC)


def test_a_period_whose_only_working_day_is_its_first_ends_with_it() -> None:
    last_minute = CALENDAR.last_working_minute(date(2021, 10, 29), date(2021, 10, 31))

    assert last_minute == datetime(2021, 10, 29, 10, 0, tzinfo=UTC)


def test_a_period_without_a_working_day_ends_with_the_closing_time_of_its_last_day() -> None:
    last_minute = CALENDAR.last_working_minute(date(2026, 2, 16), date(2026, 2, 20))

    assert last_minute == datetime(2026, 2, 20, 10, 0, tzinfo=UTC)


def test_working_days_are_counted_with_both_ends() -> None:
    assert CALENDAR.working_days_between(date(2026, 2, 12), date(2026, 2, 24)) == 4
    assert CALENDAR.working_days_between(date(2026, 2, 14), date(2026, 2, 22)) == 0
    assert CALENDAR.working_days_between(date(2026, 2, 24), date(2026, 2, 12)) == 0


@pytest.mark.parametrize(
    "first_on", [date(2021, 1, 1) + timedelta(days=7 * week + week % 7) for week in range(0, 50, 5)]
)
@pytest.mark.parametrize("length", [0, 1, 4, 6, 7, 8, 30, 365, 1500])
def test_the_working_days_of_a_period_are_its_days_one_by_one(first_on: date, length: int) -> None:
    days = [first_on + timedelta(days=n) for n in range(length + 1)]

    assert CALENDAR.working_days_between(first_on, days[-1]) == sum(map(CALENDAR.is_working_day, days))


@pytest.mark.parametrize(
    ("received", "days", "expected"),
    [
        ("2026-02-12 09:00", 3, "2026-02-24 09:00"),
        ("2026-08-28 09:00", 5, "2026-09-09 09:00"),
        ("2026-08-21 09:00", 1, "2026-08-22 09:00"),
        ("2025-12-31 09:00", 1, "2026-01-05 09:00"),
        ("2026-11-18 09:00", 3, "2026-11-23 09:00"),
        ("2026-11-18 17:30", 3, "2026-11-25 07:00"),
        ("2026-11-21 20:00", 2, "2026-11-26 07:00"),
    ],
)
def test_a_limit_in_working_days_skips_holidays_and_the_start_day(received: str, days: int, expected: str) -> None:
    assert due(received, days, LimitUnit.WORKING_DAY) == expected


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-11-18 15:00", "2026-11-18 17:00"),
        ("2026-11-18 15:01", "2026-11-19 17:00"),
        ("2026-11-23 15:30", "2026-11-25 17:00"),
        ("2026-11-22 09:00", "2026-11-23 17:00"),
    ],
)
def test_the_same_day_ends_at_three_in_the_afternoon(received: str, expected: str) -> None:
    assert due(received, 0, LimitUnit.SAME_DAY) == expected


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-02-06 09:00", "2026-02-23 09:00"),
        ("2026-04-16 09:00", "2026-05-04 09:00"),
    ],
)
def test_a_limit_in_calendar_days_moves_off_a_day_off(received: str, expected: str) -> None:
    assert due(received, 15, LimitUnit.CALENDAR_DAY) == expected


def test_a_part_of_a_calendar_day_counts_as_a_whole_one() -> None:
    assert due("2026-11-16 09:00", 1.5, LimitUnit.CALENDAR_DAY) == "2026-11-18 09:00"


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-11-18 06:10", "2026-11-19 07:00"),
        ("2026-11-18 12:00", "2026-11-19 13:30"),
        ("2026-11-18 11:30", "2026-11-19 11:30"),
        ("2026-11-18 17:00", "2026-11-19 17:00"),
        ("2026-11-18 17:01", "2026-11-20 07:00"),
    ],
)
def test_a_limit_begins_to_run_inside_working_hours(received: str, expected: str) -> None:
    assert due(received, 1, LimitUnit.WORKING_DAY) == expected


@pytest.mark.parametrize(
    ("received", "value", "unit", "expected"),
    [
        ("2026-11-18 09:00", 1, LimitUnit.HOUR, "2026-11-18 10:00"),
        ("2026-11-18 11:00", 1, LimitUnit.HOUR, "2026-11-18 14:00"),
        ("2026-11-23 16:30", 1, LimitUnit.HOUR, "2026-11-25 07:30"),
        ("2026-11-18 09:00", Decimal("0.5"), LimitUnit.HOUR, "2026-11-18 09:30"),
        ("2026-11-18 09:00", 1, LimitUnit.HALF_DAY, "2026-11-18 15:00"),
        ("2026-11-20 15:00", 1, LimitUnit.HALF_DAY, "2026-11-23 09:00"),
        ("2026-11-18 09:00", 2, LimitUnit.HALF_DAY, "2026-11-19 09:00"),
        ("2026-11-18 09:00", 1.5, LimitUnit.WORKING_DAY, "2026-11-19 15:00"),
    ],
)
def test_hours_and_half_days_run_through_working_hours(
    received: str, value: Decimal | float, unit: LimitUnit, expected: str
) -> None:
    assert due(received, value, unit) == expected


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-11-18 15:00:59", "2026-11-18 17:00"),
        ("2026-11-18 15:01:00", "2026-11-19 17:00"),
    ],
)
def test_the_same_day_ends_with_the_minute_that_the_slip_shows(received: str, expected: str) -> None:
    assert due(received, 0, LimitUnit.SAME_DAY) == expected


def test_a_dossier_of_the_closing_minute_begins_on_its_day() -> None:
    assert due("2026-11-18 17:00:59", 1, LimitUnit.WORKING_DAY) == "2026-11-19 17:00"


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (LimitUnit.SAME_DAY, "2026-11-23 17:00"),
        (LimitUnit.HOUR, "2026-11-23 08:00"),
        (LimitUnit.HALF_DAY, "2026-11-23 11:00"),
        (LimitUnit.WORKING_DAY, "2026-11-25 07:00"),
        (LimitUnit.CALENDAR_DAY, "2026-11-25 07:00"),
    ],
)
def test_a_desk_that_is_open_on_saturday_morning_begins_its_limits_on_monday(unit: LimitUnit, expected: str) -> None:
    assert due("2026-11-21 08:00", 1, unit) == expected


def test_hours_are_those_of_the_season_from_its_first_to_its_last_day() -> None:
    days = [date(2026, 4, 15), date(2026, 4, 16), date(2026, 10, 15), date(2026, 10, 16)]

    assert [SEASONAL.hours_on(day) for day in days] == [WINTER_HOURS, SUMMER.hours, SUMMER.hours, WINTER_HOURS]
    assert [SEASONAL.working_time(day) for day in days[:2]] == [timedelta(hours=7.5), timedelta(hours=8)]
    assert SEASONAL.opening(days[0]) == local("2026-04-15 07:30")
    assert SEASONAL.closing(days[1]) == local("2026-04-16 17:00")


@pytest.mark.parametrize(
    ("received", "value", "unit", "expected"),
    [
        ("2026-04-15 16:40", 1, LimitUnit.WORKING_DAY, "2026-04-17 07:00"),
        ("2026-04-16 16:40", 1, LimitUnit.WORKING_DAY, "2026-04-17 16:40"),
        ("2026-10-15 16:40", 1, LimitUnit.WORKING_DAY, "2026-10-16 16:30"),
        ("2026-10-15 07:10", 1, LimitUnit.WORKING_DAY, "2026-10-16 07:30"),
        ("2026-10-15 13:40", 1, LimitUnit.CALENDAR_DAY, "2026-10-16 13:40"),
        ("2026-04-15 13:10", 1, LimitUnit.WORKING_DAY, "2026-04-16 13:30"),
        ("2026-04-15 16:00", 1, LimitUnit.HOUR, "2026-04-16 07:30"),
        ("2026-10-15 16:30", 1, LimitUnit.HOUR, "2026-10-16 08:00"),
        ("2026-04-15 07:30", 2, LimitUnit.HALF_DAY, "2026-04-15 16:30"),
        ("2026-04-16 07:00", 2, LimitUnit.HALF_DAY, "2026-04-16 17:00"),
        ("2026-04-15 15:00", 0, LimitUnit.SAME_DAY, "2026-04-15 16:30"),
        ("2026-04-15 15:30", 0, LimitUnit.SAME_DAY, "2026-04-16 17:00"),
    ],
)
def test_appointments_follow_the_hours_of_their_own_day(
    received: str, value: float, unit: LimitUnit, expected: str
) -> None:
    assert due(received, value, unit, SEASONAL) == expected


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-04-15 08:00", "2026-04-15 09:00", 1),
        ("2026-04-15 11:00", "2026-04-15 14:00", 1.5),
        ("2026-04-15 16:00", "2026-04-16 07:30", 1),
        ("2026-04-24 16:30", "2026-04-28 08:00", 1.5),
        ("2026-04-25 08:00", "2026-04-27 17:00", 0),
        ("2026-04-16 09:00", "2026-04-16 08:00", 0),
        ("2026-04-17 09:00", "2026-04-16 08:00", 0),
    ],
)
def test_working_time_passes_in_working_hours_only(since: str, until: str, hours: float) -> None:
    assert SEASONAL.working_time_between(local(since), local(until)) == timedelta(hours=hours)


@given(
    st.datetimes(datetime(2026, 4, 1), datetime(2026, 4, 30)).map(lambda naive: naive.replace(tzinfo=UTC)),
    st.timedeltas(timedelta(minutes=1), timedelta(hours=60)),
)
def test_so_much_working_time_later_so_much_working_time_has_passed(start: datetime, length: timedelta) -> None:
    later = SEASONAL.working_time_later(start, length)

    assert SEASONAL.working_time_between(start, later) == length


@pytest.mark.parametrize(
    ("first_on", "last_on"),
    [
        (date(2026, 10, 15), date(2026, 12, 31)),
        (date(2026, 1, 1), date(2026, 4, 16)),
        (date(2026, 5, 1), date(2026, 5, 31)),
        (date(2026, 1, 1), date(2026, 1, 31)),
    ],
    ids=["overlapping at its end", "overlapping at its beginning", "inside", "out of order"],
)
def test_seasons_that_contradict_each_other_are_a_bug(first_on: date, last_on: date) -> None:
    other = Season(first_on=first_on, last_on=last_on, hours=WINTER_HOURS)

    with pytest.raises(ValueError, match="seasons"):
        WorkingCalendar(days_off=frozenset(), make_up_days=frozenset(), seasons=(SUMMER, other))


def test_a_season_that_ends_before_it_begins_is_a_bug() -> None:
    with pytest.raises(ValueError, match="season"):
        Season(first_on=date(2026, 4, 16), last_on=date(2026, 4, 15), hours=WINTER_HOURS)


def test_a_procedure_without_a_limit_has_no_due_date() -> None:
    assert due_at(local("2026-11-18 09:00"), None, CALENDAR) is None


def test_a_naive_reception_has_no_due_date() -> None:
    with pytest.raises(ValueError, match="naive"):
        due_at(datetime(2026, 11, 18, 9), TimeLimit(value=1, unit=LimitUnit.WORKING_DAY), CALENDAR)


@pytest.mark.parametrize("value", [0, -1, 3651, float("nan")])
def test_an_impossible_limit_is_refused(value: float) -> None:
    with pytest.raises(BadTimeLimit):
        TimeLimit(value=value, unit=LimitUnit.WORKING_DAY)


@pytest.mark.parametrize(
    "second_row",
    [
        {"date": "02/09/2021", "kind": "off"},
        {"date": "2021-09-02", "kind": "holiday"},
        {"date": "2021-01-01", "kind": "work"},
        {"kind": "off"},
    ],
)
def test_a_bad_row_of_the_calendar_is_named_by_its_number(second_row: dict[str, str]) -> None:
    with pytest.raises(BadCalendar) as caught:
        parse_calendar([{"date": "2021-01-01", "kind": "off"}, second_row])

    assert caught.value.values == {"row": 2}


@pytest.mark.parametrize(
    "hours",
    [(), ((time(13), time(7)),), ((time(7), time(7)),), ((time(7), time(11)), (time(11), time(17)))],
    ids=["none", "backwards", "empty", "touching"],
)
def test_working_hours_that_are_no_spans_apart_are_a_bug(hours: Hours) -> None:
    with pytest.raises(ValueError, match="working hours"):
        WorkingCalendar(days_off=frozenset(), make_up_days=frozenset(), hours=hours)


def test_a_season_may_be_one_day_long() -> None:
    tet_eve = Season(first_on=date(2026, 2, 13), last_on=date(2026, 2, 13), hours=((time(7), time(11)),))

    calendar = WorkingCalendar(days_off=frozenset(), make_up_days=frozenset(), seasons=(tet_eve,))

    assert calendar.closing(date(2026, 2, 13)) == local("2026-02-13 11:00")


def test_the_longest_limit_is_taken() -> None:
    assert TimeLimit(value=3650, unit=LimitUnit.HOUR).value == 3650


receptions = st.datetimes(datetime(2019, 1, 1), datetime(2026, 12, 1)).map(lambda naive: naive.replace(tzinfo=UTC))
limits = st.builds(
    TimeLimit, value=st.integers(1, 60), unit=st.sampled_from([unit for unit in LimitUnit if unit != "calendar_day"])
)


@given(received_at=receptions, limit=limits)
def test_a_due_date_is_a_working_day_not_before_reception(received_at: datetime, limit: TimeLimit) -> None:
    result = due_at(received_at, limit, CALENDAR)

    assert result is not None
    assert result >= received_at
    assert CALENDAR.is_working_day(result.astimezone(LOCAL).date())


@given(earlier=receptions, wait=st.timedeltas(timedelta(), timedelta(days=10)), limit=limits)
def test_who_comes_later_is_never_due_on_an_earlier_day(earlier: datetime, wait: timedelta, limit: TimeLimit) -> None:
    first, second = due_at(earlier, limit, CALENDAR), due_at(earlier + wait, limit, CALENDAR)

    assert first is not None
    assert second is not None
    assert first.astimezone(LOCAL).date() <= second.astimezone(LOCAL).date()
