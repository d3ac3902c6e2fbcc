"""Days and times as cells of spreadsheets show them; always day before month."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from sync_protocol.instants import LOCAL
from sync_protocol.texts import folded

SEPARATED_DAY = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?!\d)", re.ASCII)
SPOKEN_DAY = re.compile(r"(?<!\d)(\d{1,2}) thang (\d{1,2}),? nam (\d{4})(?!\d)", re.ASCII)
ISO_START = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)
BESIDE_DAY = re.compile(r"\b(?:ngay|luc|vao)\b|[,;()]")
TIME = re.compile(r"(\d{1,2})(?: ?[:hg] ?(\d{2})?)(?::(\d{2})(?:\.\d+)?)?(?: ?phut)? ?(sa|ch|am|pm)?", re.ASCII)
YEAR_ONLY = re.compile(r"(?:\d{1,2}[/.\-])?((?:19|20)\d{2})", re.ASCII)
UNKNOWN_DAY = re.compile(r"0{1,2}[/.\-]0{1,2}[/.\-]((?:19|20)\d{2})", re.ASCII)
YEARS = range(1900, 2100)
SECOND_HALF = frozenset({"ch", "pm"})
HALF_HOURS = 12
ISO_DAY_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Moment:
    """A local day, and the wall time where the cell has one."""

    on: date
    at: time | None


def parse_moment(text: str, *, is_recent: bool = True) -> Moment:
    """The moment of ``04/10/2021``, ``4-10-21``, ``08:15 04/10/2021``, ``04/10/2021 8h15`` or an ISO time.

    is_recent  two figures of a year mean 20…; without it they are refused, as a birth may be of either century
    An ISO time with an offset is turned into local time. ValueError if it is none of these.
    """
    key = folded(text)
    if ISO_START.match(key):
        return _iso_moment(key)
    match = SEPARATED_DAY.search(key) or SPOKEN_DAY.search(key)
    if match is None:
        raise ValueError("no day")
    year = int(match[3])
    if len(match[3]) == 2:
        if not is_recent:
            raise ValueError("a year of two figures")
        year += 2000
    rest = BESIDE_DAY.sub(" ", key[: match.start()] + " " + key[match.end() :])
    return _checked(date(year, int(match[2]), int(match[1])), _time(" ".join(rest.split())))


def parse_birth(text: str) -> tuple[date, bool]:
    """A date of birth, and whether its day is known; of ``1965``, ``7/1965`` and ``00/00/1965`` only the year is kept.

    ValueError if it is none, or has a year of two figures.
    """
    key = folded(text)
    match = YEAR_ONLY.fullmatch(key) or UNKNOWN_DAY.fullmatch(key)
    if match:
        return date(int(match[1]), 1, 1), False
    return parse_moment(key, is_recent=False).on, True


def _iso_moment(text: str) -> Moment:
    try:
        told = datetime.fromisoformat(text.upper())
    except ValueError:
        return _checked(date.fromisoformat(text[:ISO_DAY_LENGTH]), _time(text[ISO_DAY_LENGTH:].strip()))
    _checked(told.date(), None)
    if told.tzinfo:
        told = told.astimezone(LOCAL)
    return Moment(told.date(), told.time().replace(microsecond=0) if len(text) > ISO_DAY_LENGTH else None)


def _time(text: str) -> time | None:
    if not text:
        return None
    match = TIME.fullmatch(text)
    if match is None:
        raise ValueError("no time")
    hour, half = int(match[1]), match[4]
    if half and hour <= HALF_HOURS:
        hour = hour % HALF_HOURS + (HALF_HOURS if half in SECOND_HALF else 0)
    return time(hour, int(match[2] or 0), int(match[3] or 0))


def _checked(day: date, at: time | None) -> Moment:
    if day.year not in YEARS:
        raise ValueError("out of bounds")
    return Moment(day, at)
