"""How instants, days, counts and words look on a page. Local time exists here and nowhere deeper."""

from datetime import date, datetime, time
from decimal import Decimal

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal
from flask import Flask

from desk_client.web.speech import gettext, page_locale
from sync_protocol.instants import LOCAL

DASH = "–"


def register_filters(app: Flask) -> None:
    """Makes the filters known to the templates."""
    app.jinja_env.filters.update(
        local_time=local_time,
        local_hour=local_hour,
        local_day=local_day,
        local_day_short=local_day_short,
        weekday=weekday,
        weekday_of=weekday_of,
        wall_time=wall_time,
        day=day_text,
        short_day=short_day,
        number=number,
        since=since,
    )


def local_time(instant: datetime | None) -> str:
    """An instant as ``17:00 07/10/2021``."""
    return instant.astimezone(LOCAL).strftime("%H:%M %d/%m/%Y") if instant else DASH


def local_hour(instant: datetime | None) -> str:
    """The wall time of an instant, ``17:00``."""
    return instant.astimezone(LOCAL).strftime("%H:%M") if instant else DASH


def local_day(instant: datetime | None) -> str:
    """The local day of an instant, ``07/10/2021``."""
    return day_text(instant.astimezone(LOCAL).date()) if instant else DASH


def local_day_short(instant: datetime) -> str:
    """The local day of an instant within a year that is clear, ``07/10``."""
    return short_day(instant.astimezone(LOCAL).date())


def weekday(instant: datetime) -> str:
    """The name of an instant's local weekday, ``Thứ Năm``."""
    return weekday_of(instant.astimezone(LOCAL).date())


def weekday_of(day: date) -> str:
    """The name of a local day, ``Thứ Năm``."""
    return format_date(day, "EEEE", locale=page_locale())


def wall_time(at: time) -> str:
    """A wall time, ``08:00``."""
    return at.strftime("%H:%M")


def day_text(day: date) -> str:
    """A local day, ``07/10/2021``."""
    return day.strftime("%d/%m/%Y")


def short_day(day: date) -> str:
    """A local day within a year that is clear, ``07/10``."""
    return day.strftime("%d/%m")


def number(count: float | Decimal) -> str:
    """A count with the separators of the language, ``1.234``."""
    return format_decimal(count, locale=page_locale())


def since(instant: datetime, now: datetime) -> str:
    """How long ago an instant was, ``3 giờ trước``."""
    if abs((now - instant).total_seconds()) < 60:
        return gettext("just now")
    return format_timedelta(instant - now, add_direction=True, locale=page_locale())
