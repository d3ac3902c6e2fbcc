"""Instants and local days: storage and wire hold aware UTC, people count in local days."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sync_protocol.errors import N_

NOT_AN_INSTANT = N_("write an ISO time with its offset, such as 2021-10-21T08:00:00+07:00.")
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
"""The one zone in which days are counted: UTC+7, no daylight saving."""

_AHEAD, _AHEAD_SINCE = timedelta(hours=7), 1976
"""What the zone is ahead of UTC since this year, which needs no table; before, it had been eight hours at times."""

Clock = Callable[[], datetime]
"""Gives the present as an aware UTC datetime."""


def system_clock() -> datetime:
    """The machine's own clock, aware UTC."""
    return datetime.now(UTC)


def local_date(instant: datetime) -> date:
    """The local day in which an aware instant falls."""
    if instant.tzinfo is UTC and instant.year >= _AHEAD_SINCE:
        return (instant + _AHEAD).date()
    return instant.astimezone(LOCAL).date()


def local_minute(instant: datetime) -> time:
    """The local wall time of an aware instant to the minute, as people write it."""
    return instant.astimezone(LOCAL).time().replace(second=0, microsecond=0)


def local_instant(day: date, at: time) -> datetime:
    """The UTC instant of a local day and wall time."""
    if day.year > _AHEAD_SINCE:
        return datetime.combine(day, at, UTC) - _AHEAD
    return datetime.combine(day, at, tzinfo=LOCAL).astimezone(UTC)


def instant_text(instant: datetime) -> str:
    """RFC 3339 text of an instant in UTC to the second, the one form used on the wire."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no instant")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str) -> datetime:
    """The aware UTC instant of an RFC 3339 text; ValueError if it is not one or has no offset."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return instant.astimezone(UTC)
