"""The working calendar and the appointments computed from it.

Days are local days (UTC+7) and results are aware UTC instants. Everything here is a pure function of the
calendar that it is handed, so a desk and the centre with the same pack give the same appointment.
Sources: NĐ 23/2015 Đ.7 and Luật Hộ tịch Đ.5(3) for the 15:00 rule, NĐ 61/2018 Đ.18 and Đ.19 for the limits; days are
counted as deployed one-stop software counts them.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import LOCAL, local_date, local_instant, local_minute
from sync_protocol.vocabulary import LimitUnit

Hours = tuple[tuple[time, time], ...]
"""Spans of local wall time in which a day is worked, in order and apart."""

OFFICE_HOURS: Hours = ((time(7), time(11, 30)), (time(13, 30), time(17)))
"""Default working hours, 8 in a day. Source: the defaults of deployed one-stop software."""

SAME_DAY_UNTIL = time(15)
"""A same-day procedure received in a later minute is due on the next working day. Source: NĐ 23/2015 Đ.7."""

LIMIT_VALUE_MAX = 3650
"""Bound of a time limit, in any unit, and so of the walk through the calendar."""

A_DAY = timedelta(days=1)
SATURDAY = 5
DAYS_OF_WEEK = 7
WALKS_KEPT = 4_096
"""How many walks from a day to a later working day a calendar remembers."""


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
class Season:
    """Days, both ends inclusive, in which other hours are worked: provinces have hours of summer and of winter."""

    first_on: date
    last_on: date
    hours: Hours

    def __post_init__(self) -> None:
        _check_hours(self.hours)
        if self.last_on < self.first_on:
            raise ValueError("a season ends after it begins")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """Which days are worked, and in which hours; weekends need not be listed.

    days_off      public holidays and compensation days
    make_up_days  days worked in place of a day off; they win over weekends and days off
    hours         the hours of a working day outside the seasons
    seasons       in order and apart
    A desk may be open on a day that is not worked (Saturday morning); its limits begin on the next working day.
    """

    days_off: frozenset[date]
    make_up_days: frozenset[date]
    hours: Hours = OFFICE_HOURS
    seasons: tuple[Season, ...] = ()
    _walks: dict[tuple[date, int], date] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_hours(self.hours)
        if any(later.first_on <= earlier.last_on for earlier, later in pairwise(self.seasons)):
            raise ValueError("seasons are in order and do not overlap")

    def is_working_day(self, day: date) -> bool:
        """Whether the day counts as worked."""
        if day in self.make_up_days:
            return True
        return day.weekday() < SATURDAY and day not in self.days_off

    def next_working_day(self, after: date) -> date:
        """The first working day strictly after a day."""
        return self.working_day_after(after, 1)

    def working_day_after(self, day: date, n: int) -> date:
        """The n-th working day strictly after a day; the day itself for n = 0."""
        # The dossiers of a day have few different limits, and a centre counts those of all desks.
        walked = self._walks.get((day, n))
        if walked is None:
            if len(self._walks) >= WALKS_KEPT:
                self._walks.clear()
            walked = self._walks[day, n] = self._walked(day, n)
        return walked

    def working_day_from(self, day: date) -> date:
        """The day itself if it is worked, else the next working day."""
        return day if self.is_working_day(day) else self.next_working_day(day)

    def working_day_until(self, day: date) -> date:
        """The day itself if it is worked, else the last working day before it."""
        while not self.is_working_day(day):
            day -= A_DAY
        return day

    def hours_on(self, day: date) -> Hours:
        """The working hours of a day; worked or not is not asked."""
        for each in self.seasons:
            if each.first_on <= day <= each.last_on:
                return each.hours
        return self.hours

    def opening(self, day: date) -> datetime:
        """The UTC instant at which the working hours of a day begin; worked or not is not asked."""
        return local_instant(day, self.hours_on(day)[0][0])

    def closing(self, day: date) -> datetime:
        """The UTC instant at which the working hours of a day end; worked or not is not asked."""
        return local_instant(day, self.hours_on(day)[-1][1])

    def last_working_minute(self, first_on: date, last_on: date) -> datetime:
        """The UTC instant of closing of the last working day in a local period, both ends inclusive.

        A period without a working day ends with the closing time of its last day.
        Source: README, "What the standings mean".
        """
        last_worked_on = self.working_day_until(last_on)
        return self.closing(last_worked_on if last_worked_on >= first_on else last_on)

    def working_days_between(self, first_on: date, last_on: date) -> int:
        """How many working days a local period has, both ends inclusive; 0 if it runs backwards.

        Counted by weeks and exceptions: lists ask this of days that lie years back.
        """
        if last_on < first_on:
            return 0
        weeks, rest = divmod((last_on - first_on).days + 1, DAYS_OF_WEEK)
        weekdays = weeks * SATURDAY + sum((first_on.weekday() + n) % DAYS_OF_WEEK < SATURDAY for n in range(rest))
        within = [day for day in self.days_off | self.make_up_days if first_on <= day <= last_on]
        return weekdays + sum(self.is_working_day(day) - (day.weekday() < SATURDAY) for day in within)

    def working_time(self, day: date) -> timedelta:
        """The length of a day's working hours; worked or not is not asked."""
        return sum((_length(opens, closes) for opens, closes in self.hours_on(day)), timedelta())

    def working_instant_from(self, instant: datetime) -> datetime:
        """The instant itself within working hours, else their next beginning, in UTC.

        Both ends of a span belong to it, compared to the minute: that is what the slip shows.
        """
        return self.working_moment_from(_in_local_zone(instant)).astimezone(UTC)

    def working_moment_from(self, local: datetime) -> datetime:
        """As `working_instant_from`, of a datetime in the local zone and in it."""
        day, minute = local.date(), time(local.hour, local.minute)
        if self.is_working_day(day):
            for opens, closes in self.hours_on(day):
                if minute < opens:
                    return datetime.combine(day, opens, LOCAL)
                if minute <= closes:
                    return local
        return self.opening(self.next_working_day(day)).astimezone(LOCAL)

    def working_time_between(self, since: datetime, until: datetime) -> timedelta:
        """How much working time passes from one instant to another; none if it runs backwards."""
        days = range((local_date(until) - local_date(since)).days + 1)
        return sum((self._worked(local_date(since) + timedelta(days=n), since, until) for n in days), timedelta())

    def working_time_later(self, start: datetime, left: timedelta) -> datetime:
        """The instant at which so much working time has passed, carried over lunch, nights and days off."""
        if not left:
            return start
        day = local_date(start)
        while True:
            for opens, closes in self.hours_on(day) if self.is_working_day(day) else ():
                begins_at = max(start, local_instant(day, opens))
                available = max(local_instant(day, closes) - begins_at, timedelta())
                if left <= available:
                    return begins_at + left
                left -= available
            day = self.next_working_day(day)

    def same_hour_on(self, day: date, instant: datetime) -> datetime:
        """The UTC instant of a working day at the hour of another one, moved into the hours of that day."""
        wanted = instant.astimezone(LOCAL).time()
        for opens, closes in self.hours_on(day):
            if wanted <= closes:
                return local_instant(day, max(wanted, opens))
        return self.closing(day)

    def _walked(self, day: date, n: int) -> date:
        while n > 0:
            day += A_DAY
            n -= self.is_working_day(day)
        return day

    def _worked(self, day: date, since: datetime, until: datetime) -> timedelta:
        """The working time of a day between two instants."""
        if not self.is_working_day(day):
            return timedelta()
        spans = [(local_instant(day, opens), local_instant(day, closes)) for opens, closes in self.hours_on(day)]
        return sum((max(min(closes, until) - max(opens, since), timedelta()) for opens, closes in spans), timedelta())


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
    # Days are counted by local wall time: each way to UTC and back would cost as much as the counting.
    start = calendar.working_moment_from(_in_local_zone(received_at))
    value = limit.value if isinstance(limit.value, Decimal) else Decimal(str(limit.value))
    match limit.unit:
        case LimitUnit.SAME_DAY:
            return _same_day_due_at(start, calendar)
        case LimitUnit.CALENDAR_DAY:
            return _calendar_days_later(start, math.ceil(value), calendar)
        case LimitUnit.WORKING_DAY:
            return _working_days_later(start, value, calendar)
        case LimitUnit.HALF_DAY:
            half_days = _share(calendar.working_time(start.date()), value / 2)
            return calendar.working_time_later(start.astimezone(UTC), half_days)
        case LimitUnit.HOUR:
            return calendar.working_time_later(start.astimezone(UTC), _share(timedelta(hours=1), value))


def _day_of(row: Mapping[str, str], number: int) -> date:
    try:
        return date.fromisoformat(row.get("date") or "")
    except ValueError as error:
        raise BadCalendar(row=number) from error


def _in_local_zone(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no instant")
    return instant.astimezone(LOCAL)


def _same_day_due_at(start: datetime, calendar: WorkingCalendar) -> datetime:
    day = start.date()
    return calendar.closing(day if local_minute(start) <= SAME_DAY_UNTIL else calendar.next_working_day(day))


def _calendar_days_later(start: datetime, days: int, calendar: WorkingCalendar) -> datetime:
    day = start.date() + timedelta(days=days)
    return calendar.same_hour_on(calendar.working_day_from(day), start)


def _working_days_later(start: datetime, days: Decimal, calendar: WorkingCalendar) -> datetime:
    whole_days = int(days)
    day = calendar.working_day_after(start.date(), whole_days)
    same_hour = calendar.same_hour_on(day, start)
    if days == whole_days:
        return same_hour
    return calendar.working_time_later(same_hour, _share(calendar.working_time(day), days - whole_days))


def _share(whole: timedelta, share: Decimal) -> timedelta:
    """A multiple of a span of time, to the second, without the errors of binary fractions."""
    return timedelta(seconds=int(Decimal(int(whole.total_seconds())) * share))


def _check_hours(hours: Hours) -> None:
    bounds = [bound for span in hours for bound in span]
    if not bounds or any(later <= earlier for earlier, later in pairwise(bounds)):
        raise ValueError("working hours are spans in order that do not touch")


def _length(opens: time, closes: time) -> timedelta:
    return datetime.combine(date.min, closes) - datetime.combine(date.min, opens)
