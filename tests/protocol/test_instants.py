"""Local days and instants are those of the zone's own table, in every year."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync_protocol.instants import LOCAL, local_date, local_instant

INSTANTS = st.datetimes(datetime(1900, 1, 2), datetime(9998, 12, 30), timezones=st.just(UTC))


@given(INSTANTS)
@example(datetime(1975, 6, 12, 16, 30, tzinfo=UTC))
@example(datetime(1975, 12, 31, 16, 30, tzinfo=UTC))
@example(datetime(1976, 1, 1, tzinfo=UTC))
def test_an_instant_falls_in_the_local_day_of_the_zone(instant: datetime) -> None:
    expected = instant.astimezone(LOCAL).date()

    assert local_date(instant) == expected
    assert local_date(instant.astimezone(timezone(timedelta(hours=-3)))) == expected


@given(st.dates(date(1900, 1, 2), date(9998, 12, 30)), st.times())
@example(date(1975, 6, 12), time(23, 30))
@example(date(1976, 1, 1), time(0))
@example(date(1977, 1, 1), time(0))
def test_a_local_time_is_the_instant_of_the_zone(day: date, at: time) -> None:
    instant = local_instant(day, at)

    assert instant == datetime.combine(day, at, LOCAL).astimezone(UTC)
    assert instant.tzinfo is UTC


def test_the_last_hours_of_all_lie_in_no_local_day() -> None:
    with pytest.raises(OverflowError):
        local_date(datetime.max.replace(tzinfo=UTC))
