"""The days of many desks in a period: what arrived, what is held back, and how far that is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from central_server.central import Central
from central_server.services.assessing import DeskStanding
from central_server.services.standing import Standings
from central_server.storage import counters, reference
from central_server.storage.database import reading


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodDay:
    """A day of a period; `closes_at` is when its working hours end."""

    day: date
    is_working: bool
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskDays:
    """A desk with its dossiers by day, in the order of the period's days."""

    standing: DeskStanding
    arrived: Sequence[int]
    unsent: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMap:
    """The days of a period and, for each desk, what is known of them."""

    days: Sequence[PeriodDay]
    desks: Sequence[DeskDays]


def day_map(central: Central, told: Standings) -> DayMap:
    """The days of desks that the caller may see, at most `questions.DESKS_NAMED_MAX` of them, as of their instant."""
    period, codes = told.period, [each.desk.code for each in told.desks]
    with reading(central.database):
        calendar = reference.calendar()
        arrived = counters.arrived_by_desk_and_day(period, codes, as_of=told.as_of)
    days = [period.first_on + timedelta(days=ahead) for ahead in range(period.days())]
    return DayMap(
        days=[
            PeriodDay(day=day, is_working=calendar.is_working_day(day), closes_at=calendar.closing(day)) for day in days
        ],
        desks=[
            DeskDays(
                standing=each,
                arrived=[arrived.get((each.desk.code, day), 0) for day in days],
                unsent=[each.unsent_on(day) for day in days],
            )
            for each in told.desks
        ],
    )
