"""Desks that existed for a part of a period only: since when, for how many of its days, and what is asked of them then.

A desk exists from the day on which the register has it and it has a machine.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sync_protocol.instants import local_date
from sync_protocol.periods import Period

SHARE = "share"
"""What is asked of such a desk: the share of the level that its days are of the period's."""

UNKNOWN = "unknown"
"""Its days before are not known: nothing is said of it until it confirms the period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Existence:
    """For how many of a period's days a desk existed, both counted in days of the calendar.

    begun_on  the day since which it existed; after the period's last day it existed on none of them
    """

    begun_on: date
    days: int
    of_days: int


def begun_on(registered_on: date, enrolled: Iterable[datetime]) -> date:
    """Since when a desk has existed; `enrolled` is when each of its machines was, whatever became of it."""
    return max(registered_on, min(map(local_date, enrolled), default=registered_on))


def existence(begun: date, period: Period) -> Existence | None:
    """For how much of a period a desk existed, None for all of it."""
    if begun <= period.first_on:
        return None
    day = timedelta(days=1)
    days = max(0, (period.last_on - begun) // day + 1)
    return Existence(begun_on=begun, days=days, of_days=(period.last_on - period.first_on) // day + 1)


def level(value: str, told: Existence, threshold: int) -> int | None:
    """What is asked of a desk by the value of a ruling: a share rounded up, an own figure, None where nobody can say.

    Of a desk that existed on none of the days nobody can say anything.
    """
    if value == UNKNOWN or not told.days:
        return None
    return -(-threshold * told.days // told.of_days) if value == SHARE else int(value)
