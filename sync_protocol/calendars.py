"""The working calendar and the appointments computed from it.

Days are local days (UTC+7) and results are aware UTC instants. Everything here is a pure function of the
calendar that it is handed, so a desk and the centre with the same pack give the same appointment.
Sources: NĐ 23/2015 Đ.7 and Luật Hộ tịch Đ.5(3) for the 15:00 rule, NĐ 61/2018 Đ.18 and Đ.19 for the limits; days are
counted as deployed one-stop software counts them.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import LOCAL, local_date, local_instant
from sync_protocol.vocabulary import LimitUnit

OFFICE_HOURS = ((time(7), time(11, 30)), (time(13, 30), time(17)))
"""Default working hours, 8 in a day. Source: the defaults of deployed one-stop software."""

SAME_DAY_UNTIL = time(15)
"""A same-day procedure received strictly later is due on the next working day. Source: NĐ 23/2015 Đ.7."""

LIMIT_VALUE_MAX = 3650
"""Bound of a time limit, in any unit, and so of the walk through the calendar."""

SATURDAY = 5


class BadCalendar(FieldSyncError):
    """A table of days off that cannot be read; the calendar in use stays in force."""

    code = "bad_calendar"
    text = N_(
        "Row %(row)d of the calendar is not usable. It needs a date such as 2021-09-02, stated once, and the kind"
        " off or work. The calendar in use was not changed; correct the row and load the table again."
    )


class BadTimeLimit(FieldSyncError):
    """A time limit outside what a procedure can have."""

    code = "bad_time_limit"
    text = N_(
        "A time limit of %(value)s is not possible; it is a number above 0 and at most %(limit)d."
        " Nothing was changed; correct it and try again."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """Which days are worked, and in which hours; weekends need not be listed.

    days_off      public holidays and compensation days
    make_up_days  days worked in place of a day off; they win over weekends and days off
    hours         spans of local wall time, in order and apart, the same on every working day
    """

    days_off: frozenset[date]
    make_up_days: frozenset[date]
    hours: tuple[tuple[time, time], ...] = OFFICE_HOURS

    def __post_init__(self) -> None:
        bounds = [bound for span in self.hours for bound in span]
        if not bounds or any(later <= earlier for earlier, later in pairwise(bounds)):
            raise ValueError("working hours are spans in order that do not touch")

    def is_working_day(self, day: date) -> bool:
        """Whether the day counts as worked."""
        if day in self.make_up_days:
            return True
        return day.weekday() < SATURDAY and day not in self.days_off

    def next_working_day(self, after: date) -> date:
        """The first working day strictly after a day."""
        day = after + timedelta(days=1)
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def working_day_after(self, day: date, n: int) -> date:
        """The n-th working day strictly after a day; the day itself for n = 0."""
        for _ in range(n):
            day = self.next_working_day(day)
        return day

    def working_day_from(self, day: date) -> date:
        """The day itself if it is worked, else the next working day."""
        return day if self.is_working_day(day) else self.next_working_day(day)

    def working_day_until(self, day: date) -> date:
        """The day itself if it is worked, else the last working day before it."""
        while not self.is_working_day(day):
            day -= timedelta(days=1)
        return day

    def opening(self, day: date) -> datetime:
        """The UTC instant at which the working hours of a day begin; worked or not is not asked."""
        return local_instant(day, self.hours[0][0])

    def closing(self, day: date) -> datetime:
        """The UTC instant at which the working hours of a day end; worked or not is not asked."""
        return local_instant(day, self.hours[-1][1])

    def last_working_minute(self, first_on: date, last_on: date) -> datetime:
        """The UTC instant of closing of the last working day in a local period, both ends inclusive.

        A period without a working day ends with the closing time of its last day.
        Source: README, "What the standings mean".
        """
        last_worked_on = self.working_day_until(last_on)
        return self.closing(last_worked_on if last_worked_on >= first_on else last_on)

    def working_days_between(self, first_on: date, last_on: date) -> int:
        """How many working days a local period has, both ends inclusive; 0 if it runs backwards."""
        days = range((last_on - first_on).days + 1)
        return sum(self.is_working_day(first_on + timedelta(days=offset)) for offset in days)

    def working_time(self) -> timedelta:
        """The length of one working day."""
        return sum((_length(opens, closes) for opens, closes in self.hours), timedelta())


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """How long a procedure may take.

    value  above 0; of half days, 1 is one half of a working day; without meaning for the same day, where it may be 0
    """

    value: Decimal | float
    unit: LimitUnit

    def __post_init__(self) -> None:
        is_possible = self.value > 0 or (self.value == 0 and self.unit is LimitUnit.SAME_DAY)
        if not is_possible or self.value > LIMIT_VALUE_MAX:
            raise BadTimeLimit(value=self.value, limit=LIMIT_VALUE_MAX)


def parse_calendar(rows: Iterable[Mapping[str, str]]) -> WorkingCalendar:
    """The calendar stated by rows with the columns date (ISO) and kind (off or work); others are ignored.

    Raises BadCalendar with the number of the row, the first after the header being 1.
    """
    kinds: dict[date, str] = {}
    for number, row in enumerate(rows, start=1):
        day, kind = _day_of(row, number), row.get("kind")
        if kind not in ("off", "work") or day in kinds:
            raise BadCalendar(row=number)
        kinds[day] = kind
    return WorkingCalendar(
        days_off=frozenset(day for day, kind in kinds.items() if kind == "off"),
        make_up_days=frozenset(day for day, kind in kinds.items() if kind == "work"),
    )


def due_at(received_at: datetime, limit: TimeLimit | None, calendar: WorkingCalendar) -> datetime | None:
    """When the result is promised, as a UTC instant; None for a procedure without a limit.

    received_at  aware; outside working hours the limit runs from their next beginning

    The law counts dates, so the hour is a courtesy: for limits in days it is the wall time at which the limit began
    to run, for the same day it is closing time, for hours and half days it is where they end. A part of a working
    day runs through working hours; a part of a calendar day counts as a whole one.
    Sources: those of the module.
    """
    if limit is None:
        return None
    start = _start(received_at, calendar)
    value = Decimal(str(limit.value))
    match limit.unit:
        case LimitUnit.SAME_DAY:
            return _same_day_due_at(start, calendar)
        case LimitUnit.CALENDAR_DAY:
            return _calendar_days_later(start, math.ceil(value), calendar)
        case LimitUnit.WORKING_DAY:
            return _working_days_later(start, value, calendar)
        case LimitUnit.HALF_DAY:
            return _working_time_later(start, _share(calendar.working_time(), value / 2), calendar)
        case LimitUnit.HOUR:
            return _working_time_later(start, _share(timedelta(hours=1), value), calendar)


def _day_of(row: Mapping[str, str], number: int) -> date:
    try:
        return date.fromisoformat(row.get("date") or "")
    except ValueError as error:
        raise BadCalendar(row=number) from error


def _start(received_at: datetime, calendar: WorkingCalendar) -> datetime:
    """When the limit begins to run; both ends of a span of working hours belong to it."""
    if received_at.tzinfo is None:
        raise ValueError("a naive datetime has no instant")
    day, wall_time = local_date(received_at), received_at.astimezone(LOCAL).time()
    if not calendar.is_working_day(day):
        return calendar.opening(calendar.next_working_day(day))
    for opens, closes in calendar.hours:
        if wall_time < opens:
            return local_instant(day, opens)
        if wall_time <= closes:
            return received_at.astimezone(UTC)
    return calendar.opening(calendar.next_working_day(day))


def _same_day_due_at(start: datetime, calendar: WorkingCalendar) -> datetime:
    day = local_date(start)
    is_in_time = start.astimezone(LOCAL).time() <= SAME_DAY_UNTIL
    return calendar.closing(day if is_in_time else calendar.next_working_day(day))


def _calendar_days_later(start: datetime, days: int, calendar: WorkingCalendar) -> datetime:
    return _same_time_on(calendar.working_day_from(local_date(start) + timedelta(days=days)), start)


def _working_days_later(start: datetime, days: Decimal, calendar: WorkingCalendar) -> datetime:
    whole_days = int(days)
    after_whole_days = _same_time_on(calendar.working_day_after(local_date(start), whole_days), start)
    return _working_time_later(after_whole_days, _share(calendar.working_time(), days - whole_days), calendar)


def _working_time_later(start: datetime, left: timedelta, calendar: WorkingCalendar) -> datetime:
    """The instant at which so much working time has passed, carried over lunch, nights and days off."""
    if not left:
        return start
    day = local_date(start)
    while True:
        for opens, closes in calendar.hours:
            begins_at = max(start, local_instant(day, opens))
            available = max(local_instant(day, closes) - begins_at, timedelta())
            if left <= available:
                return begins_at + left
            left -= available
        day = calendar.next_working_day(day)


def _same_time_on(day: date, instant: datetime) -> datetime:
    return local_instant(day, instant.astimezone(LOCAL).time())


def _share(whole: timedelta, share: Decimal) -> timedelta:
    """A multiple of a span of time, to the second, without the errors of binary fractions."""
    return timedelta(seconds=int(Decimal(int(whole.total_seconds())) * share))


def _length(opens: time, closes: time) -> timedelta:
    return datetime.combine(date.min, closes) - datetime.combine(date.min, opens)
