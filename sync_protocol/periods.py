"""Reporting periods: pairs of local dates, both inclusive, and the monthly series that they come from.

Source: NĐ 09/2019, whose month ends on the 14th; provinces publish with other cut-offs, so the last day is a setting.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import local_instant

MONTH_END_FROM = 28
"""A series whose last day is this or later ends with the calendar month, since February may have no 29th."""

ONE_DAY = timedelta(days=1)

EARLIEST_ON = date(1900, 1, 1)
LATEST_ON = date(2999, 12, 31)
"""Bounds of every period, far from those of the calendar, so that neighbours and instants always exist."""

SHOWN_MAX = 40
"""How much of a name that is no period is repeated to the person who sent it."""

MONTH_NAME = re.compile(r"([0-9]{4})-([0-9]{2})")
QUARTER_NAME = re.compile(r"([0-9]{4})-Q([1-4])")
YEAR_NAME = re.compile(r"([0-9]{4})")
DATES_NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})")


class UnknownPeriod(FieldSyncError):
    """A name that is not a period, or dates that run backwards or leave the calendar."""

    code = "unknown_period"
    text = N_(
        "%(name)s is not a period. Write a month such as 2021-10, a quarter such as 2021-Q3, a year such as 2021,"
        " or two dates in order such as 2021-09-21..2021-10-20. Nothing was changed."
    )


class BadSeries(FieldSyncError):
    """A series of periods that cannot end on the day it is told to."""

    code = "bad_series"
    text = N_("A month of reports cannot end on day %(last_day)s; use a number from 1 to 31. Nothing was changed.")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Local days from ``first_on`` to ``last_on``, both inclusive.

    Raises UnknownPeriod if they run backwards, or leave the years 1900 to 2999.
    """

    first_on: date
    last_on: date

    def __post_init__(self) -> None:
        if not EARLIEST_ON <= self.first_on <= self.last_on <= LATEST_ON:
            raise UnknownPeriod(name=str(self))

    def __contains__(self, day: date) -> bool:
        return self.first_on <= day <= self.last_on

    def __str__(self) -> str:
        return f"{self.first_on.isoformat()}..{self.last_on.isoformat()}"

    def days(self) -> int:
        """How many days the period has, at least 1."""
        return (self.last_on - self.first_on).days + 1

    @property
    def starts_at(self) -> datetime:
        """The UTC instant of the first local midnight, which belongs to the period."""
        return local_instant(self.first_on, time())

    @property
    def ends_at(self) -> datetime:
        """The UTC instant of the local midnight after the last day, which no longer belongs to the period."""
        return local_instant(self.last_on + ONE_DAY, time())


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodSeries:
    """Monthly periods without gap or overlap.

    last_day  day on which each ends: 20 gives 21st to 20th, 14 gives 15th to 14th, 28 and more the calendar month
    """

    last_day: int = 20

    def __post_init__(self) -> None:
        if not 1 <= self.last_day <= 31:
            raise BadSeries(last_day=self.last_day)

    def month(self, year: int, month: int) -> Period:
        """The period that ends in a calendar month; UnknownPeriod if there is no such month."""
        return self.months(year, month, count=1)

    def months(self, year: int, month: int, *, count: int) -> Period:
        """The run of so many monthly periods whose last one ends in a calendar month."""
        try:
            first_on = self.last_on(_month_number(year, month) - count) + ONE_DAY
            return Period(first_on=first_on, last_on=self.last_on(_month_number(year, month)))
        except (ValueError, OverflowError) as error:
            raise UnknownPeriod(name=f"{year:04d}-{month:02d}") from error

    def containing(self, day: date) -> Period:
        """The monthly period in which a local day lies."""
        year, month = _year_and_month(self.number_of(day))
        return self.month(year, month)

    def before(self, period: Period) -> Period:
        """The period of the same kind that ends on the day before this one begins.

        As many months of the series, if the period is made of such months; else as many days.
        """
        last_on = period.first_on - ONE_DAY
        count = self.month_count(period)
        if count is None:
            return Period(first_on=period.first_on - timedelta(days=period.days()), last_on=last_on)
        return self.months(last_on.year, last_on.month, count=count)

    def after(self, period: Period) -> Period:
        """The period of the same kind that begins on the day after this one ends; see ``before``."""
        first_on = period.last_on + ONE_DAY
        count = self.month_count(period)
        if count is None:
            return Period(first_on=first_on, last_on=period.last_on + timedelta(days=period.days()))
        year, month = _year_and_month(_month_number(period.last_on.year, period.last_on.month) + count)
        return self.months(year, month, count=count)

    def run_of(self, period: Period, *, count: int) -> Period:
        """The run of so many months of a year, one behind the other from its first, in which a period ends.

        The period itself where it has as many months, is not made of months, or where there is no such run.
        """
        if self.month_count(period) in (None, count):
            return period
        year, month = _year_and_month(self.number_of(period.last_on))
        try:
            return self.months(year, -(-month // count) * count, count=count)
        except UnknownPeriod:
            return period

    def month_count(self, period: Period) -> int | None:
        """Of how many whole months of the series a period is made; None if it is made of other days."""
        return _month_count(self, period)

    def number_of(self, day: date) -> int:
        """Number of the monthly period in which a day lies: that of the calendar month in which it ends."""
        number = _month_number(day.year, day.month)
        return number if day <= self.last_on(number) else number + 1

    def last_on(self, number: int) -> date:
        """The last day of a monthly period by its number."""
        year, month = _year_and_month(number)
        if self.last_day >= MONTH_END_FROM:
            return date(year, month, calendar.monthrange(year, month)[1])
        return date(year, month, self.last_day)


# Asked for each desk of a province about the same few periods.
@lru_cache(maxsize=256)
def _month_count(series: PeriodSeries, period: Period) -> int | None:
    first, last = series.number_of(period.first_on), series.number_of(period.last_on)
    is_whole = period.first_on == series.last_on(first - 1) + ONE_DAY and period.last_on == series.last_on(last)
    return last - first + 1 if is_whole else None


def parse_period(text: str, series: PeriodSeries) -> Period:
    """The period of a name: ``2021-10`` (the month that ends there), ``2021-Q3``, ``2021`` or two dates.

    Raises UnknownPeriod, whose text says which forms are possible.
    """
    name = text.strip()
    try:
        return _parsed(name, series)
    except (ValueError, UnknownPeriod) as error:
        raise UnknownPeriod(name=name[:SHOWN_MAX]) from error


def period_name(period: Period, series: PeriodSeries) -> str:
    """The shortest name that ``parse_period`` reads back as this period in this series."""
    year, month = period.last_on.year, period.last_on.month
    match series.month_count(period):
        case 12 if month == 12:
            return f"{year:04d}"
        case 3 if month % 3 == 0:
            return f"{year:04d}-Q{month // 3}"
        case 1:
            return f"{year:04d}-{month:02d}"
    return str(period)


def _parsed(name: str, series: PeriodSeries) -> Period:
    if match := YEAR_NAME.fullmatch(name):
        return series.months(int(match[1]), 12, count=12)
    if match := QUARTER_NAME.fullmatch(name):
        return series.months(int(match[1]), 3 * int(match[2]), count=3)
    if match := MONTH_NAME.fullmatch(name):
        return series.month(int(match[1]), int(match[2]))
    if match := DATES_NAME.fullmatch(name):
        return Period(first_on=date.fromisoformat(match[1]), last_on=date.fromisoformat(match[2]))
    raise UnknownPeriod(name=name)


def _month_number(year: int, month: int) -> int:
    """Months counted through; ValueError for a month that no year has."""
    if not 1 <= month <= 12:
        raise ValueError(f"{month} is not a month")
    return year * 12 + month - 1


def _year_and_month(number: int) -> tuple[int, int]:
    return number // 12, number % 12 + 1
