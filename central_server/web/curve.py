"""How many desks were below the level, period by period: a curve with the same as a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from central_server.services.standing import Standings
from central_server.services.trends import Past
from central_server.web.board import UnitChoice, unit_choices
from central_server.web.formatting import number, percent, period_text
from central_server.web.periods import PeriodShown, shown_period
from central_server.web.present import central
from central_server.web.speech import gettext
from sync_protocol.periods import PeriodSeries, period_name
from sync_protocol.vocabulary import Standing

LEFT, TOP = 44, 18
STEP = 88
HEIGHT = 220
LINES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A period of the curve, with its place in the drawing and its figures; `share` is in words where none is known."""

    name: str
    label: str
    text: str
    x: int
    below_y: int
    unknown_y: int
    zero: int
    few: int
    below: int
    unknown: int
    desks: int
    share: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLine:
    """A line of the scale."""

    y: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePage:
    """The page; lengths in units of the drawing, `below` and `unknown` are the points of its two lines."""

    period: PeriodShown
    unit_id: str
    choices: Sequence[UnitChoice]
    width: int
    height: int
    left: int
    grid: Sequence[GridLine]
    points: Sequence[Point]
    below: str
    unknown: str


def curve_page(told: Standings, unit_id: str, past: Sequence[Past]) -> CurvePage:
    """The page; `past` are the periods, oldest first."""
    series = central().about().series
    top = _round_up(max((max(_below(each), each.unknown) for each in past), default=0))
    points = [_point(each, place, top, series) for place, each in enumerate(past)]
    return CurvePage(
        period=shown_period(told.period, told.now),
        unit_id=unit_id,
        choices=unit_choices(told, unit_id),
        width=LEFT + STEP * len(points),
        height=TOP + HEIGHT,
        left=LEFT,
        grid=[GridLine(y=_y(top * line // LINES, top), text=number(top * line // LINES)) for line in range(LINES + 1)],
        points=points,
        below=" ".join(f"{each.x},{each.below_y}" for each in points),
        unknown=" ".join(f"{each.x},{each.unknown_y}" for each in points),
    )


def _point(past: Past, place: int, top: int, series: PeriodSeries) -> Point:
    below, text = _below(past), period_text(past.period)
    return Point(
        name=period_name(past.period, series),
        label=f"{past.period.last_on:%m/%Y}",
        text=text,
        x=LEFT + STEP * place + STEP // 2,
        below_y=_y(below, top),
        unknown_y=_y(past.unknown, top),
        zero=past.count(Standing.ZERO),
        few=past.count(Standing.FEW),
        below=below,
        unknown=past.unknown,
        desks=past.desks,
        share=gettext("not known") if past.is_unknown else percent(below, past.desks),
        title=gettext(
            "%(period)s: %(below)s below the level, %(unknown)s not known, of %(desks)s desks",
            period=text,
            below=number(below),
            unknown=number(past.unknown),
            desks=number(past.desks),
        ),
    )


def _below(past: Past) -> int:
    return past.count(Standing.ZERO, Standing.FEW)


def _y(count: int, top: int) -> int:
    return TOP + HEIGHT - count * HEIGHT // top


def _round_up(most: int) -> int:
    """The end of a scale whose lines stand at 1, 2 or 5 times a power of ten."""
    steps = (factor * int(10**power) for power in count() for factor in (1, 2, 5))
    return next(step * LINES for step in steps if step * LINES >= most)
