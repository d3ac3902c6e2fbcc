"""How instants, days and counts look on a page. Local time exists here and nowhere deeper."""

import re
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal
from flask import Flask

from central_server.reports import rates
from central_server.web.speech import gettext, page_locale
from sync_protocol.instants import LOCAL
from sync_protocol.messages import Language
from sync_protocol.periods import Period

DASH = rates.DASH
FIGURES_KEPT = 10_000
SEPARATED_FROM = 1_000
PHONE = re.compile(r"(\d{4})(\d{3})(\d{3,4})")


def register_filters(app: Flask) -> None:
    """Makes the filters known to the templates."""
    app.jinja_env.filters.update(
        local_time=local_time,
        short_time=short_time,
        local_day=local_day,
        day=day_text,
        short_day=short_day,
        weekday=weekday,
        number=number,
        signed=signed,
        phone=phone,
        since=since,
    )


def local_time(instant: datetime | None) -> str:
    """An instant as ``17:00 07/10/2021``."""
    return instant.astimezone(LOCAL).strftime("%H:%M %d/%m/%Y") if instant else DASH


def short_time(instant: datetime | None) -> str:
    """An instant within a year that is clear, ``17:00 07/10``."""
    return instant.astimezone(LOCAL).strftime("%H:%M %d/%m") if instant else DASH


def local_day(instant: datetime | None) -> str:
    """The local day of an instant, ``07/10/2021``."""
    return day_text(instant.astimezone(LOCAL).date()) if instant else DASH


def day_text(day: date) -> str:
    """A local day, ``07/10/2021``."""
    return day.strftime("%d/%m/%Y")


def short_day(day: date) -> str:
    """A local day within a year that is clear, ``07/10``."""
    return day.strftime("%d/%m")


def weekday(day: date) -> str:
    """The short name of a local day's weekday, ``T5``; Sunday is ``CN``."""
    return format_date(day, "EEEEEE", locale=page_locale())


def period_text(period: Period) -> str:
    """Both ends of a period, ``21/09/2021 – 20/10/2021``."""
    return f"{day_text(period.first_on)} {DASH} {day_text(period.last_on)}"


def number(count: float) -> str:
    """A count with the separators of the language, ``1.234``."""
    # A figure below a thousand has none: a page of many desks tells thousands of them.
    if isinstance(count, int) and 0 <= count < SEPARATED_FROM:
        return str(count)
    return _number(count, page_locale())


def percent(part: int, whole: int) -> str:
    """A share as `reports.rates` prints it, ``99,98%``; a dash of nothing."""
    return _percent(part, whole, page_locale())


def signed(count: int) -> str:
    """A difference with its sign, ``+1.234``, ``−5``."""
    return f"+{number(count)}" if count > 0 else number(count).replace("-", "−")


def phone(digits: str) -> str:
    """A telephone number in groups that can be read out, ``0211 000 0003``; any other text as it is."""
    match = PHONE.fullmatch(digits)
    return " ".join(match.groups()) if match else digits or DASH


def since(instant: datetime | None, now: datetime) -> str:
    """How long ago an instant was, ``3 giờ trước``."""
    if instant is None:
        return gettext("never")
    if abs((now - instant).total_seconds()) < 60:
        return gettext("just now")
    return str(format_timedelta(instant - now, add_direction=True, locale=page_locale()))


# A page of many desks tells the same few figures thousands of times.
@lru_cache(maxsize=FIGURES_KEPT)
def _number(count: float, language: Language) -> str:
    return str(format_decimal(count, locale=language))


@lru_cache(maxsize=FIGURES_KEPT)
def _percent(part: int, whole: int, language: Language) -> str:
    return rates.percent_text(rates.percent_of(part, whole), language)
