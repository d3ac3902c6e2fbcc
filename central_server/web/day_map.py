"""Desks by days as a picture that can be read in grey, each cell a link, with the same as a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from central_server.services.day_map import DayMap, DeskDays, PeriodDay
from central_server.services.standing import Standings
from central_server.web.board import UnitChoice, unit_choices
from central_server.web.day_strip import STATE_NAMES, DayState, day_state
from central_server.web.desk_rows import COMMON_NAME
from central_server.web.formatting import number, short_day, weekday
from central_server.web.periods import PeriodShown, shown_period
from central_server.web.speech import gettext
from sync_protocol.instants import local_date

MAP_DESKS_MAX = 150
"""Of more desks than these only one unit is drawn at a time."""

NAMES_WIDTH = 200
NAME_CHARACTERS_MAX = 28
COLUMN_MAX = 34
CELLS_WIDTH = 31 * COLUMN_MAX
COLUMN_LEAST = 4
COLUMN_LABELLED_LEAST = 22
ROW = 24
HEAD = 34
GAP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A day with its place in the drawing."""

    day: date
    is_working: bool
    middle: int
    number: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A desk on a day; `mark` is what stands in the cell, so that no colour is needed to read it."""

    url: str
    state: DayState
    state_name: str
    mark: str
    title: str
    x: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRow:
    """A desk with its days; `short_name` fits beside the drawing, `y` is the upper edge of its row."""

    code: str
    name: str
    short_name: str
    url: str
    y: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMap:
    """The drawing of the desks that a unit supervises."""

    name: str
    height: int
    rows: Sequence[MapRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMapPage:
    """The page; lengths in units of the drawings."""

    period: PeriodShown
    unit_id: str
    choices: Sequence[UnitChoice]
    needs_unit: bool
    width: int
    names_width: int
    column: int
    row: int
    head: int
    is_labelled: bool
    columns: Sequence[Column]
    units: Sequence[UnitMap]


def chosen_unit(told: Standings, unit_id: str) -> str:
    """The unit to draw: the one asked for, else all, or the first one where there are many desks."""
    if unit_id or len(told.desks) <= MAP_DESKS_MAX:
        return unit_id
    return told.desks[0].desk.district.id


def day_map_page(told: Standings, unit_id: str, drawn: DayMap) -> DayMapPage:
    """The page of the desks that are drawn, out of all that the person may see."""
    period = shown_period(told.period, told.now)
    column = max(COLUMN_LEAST, min(COLUMN_MAX, CELLS_WIDTH // len(drawn.days)))
    groups: dict[str, list[DeskDays]] = {}
    for each in drawn.desks:
        groups.setdefault(each.standing.desk.district.name, []).append(each)
    return DayMapPage(
        period=period,
        unit_id=unit_id,
        choices=unit_choices(told, unit_id),
        needs_unit=len(told.desks) > MAP_DESKS_MAX,
        width=NAMES_WIDTH + column * len(drawn.days),
        names_width=NAMES_WIDTH,
        column=column - GAP,
        row=ROW - GAP,
        head=HEAD,
        is_labelled=column >= COLUMN_LABELLED_LEAST,
        columns=[
            Column(
                day=each.day,
                is_working=each.is_working,
                middle=NAMES_WIDTH + place * column + column // 2,
                number=short_day(each.day),
                name=weekday(each.day),
            )
            for place, each in enumerate(drawn.days)
        ],
        units=[
            UnitMap(
                name=name,
                height=HEAD + ROW * len(desks),
                rows=[_row(each, place, column, drawn.days, told.now, period.name) for place, each in enumerate(desks)],
            )
            for name, desks in groups.items()
        ],
    )


def _row(desk: DeskDays, place: int, column: int, days: Sequence[PeriodDay], now: datetime, period: str) -> MapRow:
    node = desk.standing.desk
    name, url = node.name.removeprefix(COMMON_NAME), url_for("desks.show", code=node.code, period=period)
    return MapRow(
        code=node.code,
        name=name,
        short_name=name if len(name) <= NAME_CHARACTERS_MAX else f"{name[: NAME_CHARACTERS_MAX - 1].rstrip()}…",
        url=url,
        y=HEAD + place * ROW,
        cells=[
            _cell(desk, at, each, now, name=name, url=f"{url}#d{each.day}", x=NAMES_WIDTH + at * column)
            for at, each in enumerate(days)
        ],
    )


def _cell(desk: DeskDays, at: int, day: PeriodDay, now: datetime, *, name: str, url: str, x: int) -> Cell:
    count = desk.arrived[at] + desk.unsent[at]
    is_known = desk.standing.knows(day.day, day.closes_at, now)
    state = day_state(count=count, day=day.day, is_working=day.is_working, today=local_date(now), is_known=is_known)
    state_name = gettext(STATE_NAMES[state])
    return Cell(
        url=url,
        state=state,
        state_name=state_name,
        mark=_mark(state, count),
        title=gettext(
            "%(desk)s, %(day)s: %(state)s, %(count)s dossiers",
            desk=name,
            day=short_day(day.day),
            state=state_name,
            count=number(count),
        )
        if state is DayState.SOME
        else gettext("%(desk)s, %(day)s: %(state)s", desk=name, day=short_day(day.day), state=state_name),
        x=x,
    )


def _mark(state: DayState, count: int) -> str:
    marks = {DayState.SOME: number(count), DayState.NONE: "0", DayState.UNKNOWN: "?"}
    return marks.get(state, "")
