"""Scores and classes by TT 01/2018: the units of a scope, the clerks of one of them, and the file of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from flask import Blueprint, render_template, request, send_file
from werkzeug.wrappers import Response

from central_server.reports.scoring import CRITERION_NAMES, OF_PERSONS, Criterion, Score
from central_server.services.scoring import MONTHS_A_QUARTER, Scored, Scoring, scores
from central_server.web.periods import PeriodShown, asked_period, shown_period
from central_server.web.present import central, signed_in
from central_server.web.scoring_sheet import scoring_sheet, sheet_name
from central_server.web.scoring_words import class_text, notes, of_text, points_text, reasons, sources
from central_server.web.speech import gettext
from central_server.web.standings_sheet import SHEET_TYPE
from sync_protocol.periods import Period, PeriodSeries, period_name

scoring = Blueprint("scoring", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsShown:
    """Points as they are shown; `note` says why there are none, `of` of how many they are, `source` is a number."""

    text: str
    note: str
    of: str
    source: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRow:
    """A unit or a person with all points; `class_` is the class, or the range of what it may be."""

    name: str
    code: str
    unit_id: str
    points: Sequence[PointsShown]
    total: str
    of: str
    class_: str
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodChoice:
    """A quarter or a year to look at instead."""

    name: str
    text: str
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringPage:
    """The page; persons are shown of one unit alone, and `unit` is its name then."""

    period: PeriodShown
    choices: Sequence[PeriodChoice]
    unit_id: str
    unit: str
    notes: Sequence[str]
    heads: Sequence[tuple[int, str]]
    person_heads: Sequence[tuple[int, str]]
    units: Sequence[ScoredRow]
    persons: Sequence[ScoredRow]
    reasons: Sequence[str]
    sources: Sequence[tuple[int, str]]


@scoring.get("/scoring")
def show() -> str:
    """The page; raises UnknownPeriod, UnknownUnit."""
    told = _told()
    unit_id = _unit_id()
    persons = told.persons if unit_id and len(told.units) == 1 else ()
    numbers = sources(told.units)
    page = ScoringPage(
        period=shown_period(told.period, told.as_of),
        choices=_choices(told.period, central().about().series),
        unit_id=unit_id,
        unit=told.units[0].unit.name if unit_id and len(told.units) == 1 else "",
        notes=notes(told),
        heads=_heads(tuple(Criterion)),
        person_heads=_heads(OF_PERSONS),
        units=[_row(each, numbers) for each in told.units],
        persons=[_row(each, numbers) for each in persons],
        reasons=reasons([*told.units, *persons]),
        sources=[(place, source) for source, place in numbers.items()],
    )
    return render_template("scoring.html", page=page)


@scoring.get("/scoring.xlsx")
def sheet() -> Response:
    """The same as a file for a spreadsheet, with the persons of every unit."""
    told = _told()
    file = BytesIO(scoring_sheet(told))
    return send_file(file, mimetype=SHEET_TYPE, as_attachment=True, download_name=sheet_name(told.period))


def _told() -> Scoring:
    return scores(central(), signed_in().person.scope, _period(), unit_id=_unit_id() or None)


def _period() -> Period:
    """The period named in the address, else the quarter in which the present one lies."""
    period = asked_period()
    return period if request.args.get("period") else _quarter(period, central().about().series)


def _unit_id() -> str:
    return request.args.get("unit", "").strip()


def _quarter(period: Period, series: PeriodSeries) -> Period:
    month = -(-period.last_on.month // MONTHS_A_QUARTER) * MONTHS_A_QUARTER
    return series.months(period.last_on.year, month, count=MONTHS_A_QUARTER)


def _choices(period: Period, series: PeriodSeries) -> list[PeriodChoice]:
    year = series.months(period.last_on.year, 12, count=12)
    quarter = _quarter(period, series)
    names = (
        (quarter, gettext("Quarter %(quarter)s/%(year)s", quarter=quarter.last_on.month // 3, year=year.last_on.year)),
        (year, gettext("Year %(year)s", year=year.last_on.year)),
    )
    return [PeriodChoice(name=period_name(each, series), text=text, is_shown=each == period) for each, text in names]


def _heads(criteria: Sequence[Criterion]) -> list[tuple[int, str]]:
    return [(each.value, gettext(CRITERION_NAMES[each])) for each in criteria]


def _row(row: Scored, numbers: Mapping[str, int]) -> ScoredRow:
    return ScoredRow(
        name=row.clerk or row.unit.name,
        code="" if row.clerk else row.unit.code,
        unit_id=row.unit.id,
        points=[_points(each, numbers) for each in row.scores],
        total=points_text(row.total.points) if row.total.known else points_text(None),
        of=f"{row.total.known}/{row.total.of}",
        class_=class_text(row),
        is_whole=row.total.is_whole,
    )


def _points(score: Score, numbers: Mapping[str, int]) -> PointsShown:
    return PointsShown(
        text=points_text(score.points),
        note=gettext(score.reason) if score.reason else "",
        of=of_text(score),
        source=numbers.get(score.source),
    )
