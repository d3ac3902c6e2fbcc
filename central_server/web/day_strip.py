"""A desk's days in a period, as a drawing and as a table: what is known of each day, and what is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from central_server.services.standing import DayCount, DeskStory
from central_server.web.formatting import day_text, number, weekday
from central_server.web.speech import gettext
from sync_protocol.errors import N_
from sync_protocol.instants import local_date

WIDTH = 1200
COLUMN_MAX = 40
COLUMN_LABELLED_LEAST = 20
BARS_HEIGHT = 96
BAR_LEAST = 4
HEADROOM = 16


class DayState(StrEnum):
    """What is known of a day."""

    SOME = "some"
    NONE = "none"
    UNKNOWN = "unknown"
    OFF = "off"
    TO_COME = "to_come"


STATE_NAMES = {
    DayState.SOME: N_("has dossiers"),
    DayState.NONE: N_("none"),
    DayState.UNKNOWN: N_("not known"),
    DayState.OFF: N_("day off"),
    DayState.TO_COME: N_("to come"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day with its place in the drawing; lengths in units of the drawing, bars grow from `BARS_HEIGHT` upwards.

    is_least  the day has dossiers and may have more that are not known yet
    """

    day: date
    state: DayState
    state_name: str
    is_least: bool
    arrived: int
    unsent: int
    label: str
    title: str
    x: int
    middle: int
    arrived_y: int
    arrived_height: int
    unsent_y: int
    unsent_height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStrip:
    """The drawing."""

    width: int
    column: int
    bars_height: int
    is_labelled: bool
    days: Sequence[Day]


def day_strip(story: DeskStory) -> DayStrip:
    """The days of a desk's story."""
    column = max(2, min(COLUMN_MAX, WIDTH // len(story.days)))
    most = max(1, *(day.arrived + day.unsent for day in story.days), 1)
    return DayStrip(
        width=column * len(story.days),
        column=column,
        bars_height=BARS_HEIGHT,
        is_labelled=column >= COLUMN_LABELLED_LEAST,
        days=[_day(count, place, column, most, story) for place, count in enumerate(story.days)],
    )


def day_state(*, count: int, day: date, is_working: bool, today: date, is_known: bool) -> DayState:
    """What is known of a day of a desk; `is_known` whether all its machines have stated what they hold of it."""
    if count:
        return DayState.SOME
    if not is_working:
        return DayState.OFF
    if day > today:
        return DayState.TO_COME
    if not is_known:
        return DayState.UNKNOWN
    return DayState.TO_COME if day == today else DayState.NONE


def _day(count: DayCount, place: int, column: int, most: int, story: DeskStory) -> Day:
    is_known = story.standing.knows(count.day, count.closes_at, story.now)
    state = day_state(
        count=count.arrived + count.unsent,
        day=count.day,
        is_working=count.is_working,
        today=local_date(story.now),
        is_known=is_known,
    )
    arrived_height, unsent_height = _height(count.arrived, most), _height(count.unsent, most)
    is_least = state is DayState.SOME and not is_known and count.day <= local_date(story.now)
    sum_ = number(count.arrived + count.unsent)
    return Day(
        day=count.day,
        state=state,
        state_name=gettext(STATE_NAMES[state]),
        is_least=is_least,
        arrived=count.arrived,
        unsent=count.unsent,
        label=(f"≥{sum_}" if is_least else sum_) if state is DayState.SOME else "0" if state is DayState.NONE else "",
        title=_title(count, state),
        x=place * column,
        middle=place * column + column // 2,
        arrived_y=BARS_HEIGHT - arrived_height,
        arrived_height=arrived_height,
        unsent_y=BARS_HEIGHT - arrived_height - unsent_height,
        unsent_height=unsent_height,
    )


def _height(count: int, most: int) -> int:
    return max(BAR_LEAST, count * (BARS_HEIGHT - HEADROOM) // most) if count else 0


def _title(count: DayCount, state: DayState) -> str:
    return gettext(
        "%(weekday)s %(day)s: %(state)s; arrived %(arrived)s, not sent %(unsent)s",
        weekday=weekday(count.day),
        day=day_text(count.day),
        state=gettext(STATE_NAMES[state]),
        arrived=number(count.arrived),
        unsent=number(count.unsent),
    )
