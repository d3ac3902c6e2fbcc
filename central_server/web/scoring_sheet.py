"""Scores as a file for spreadsheets: a sheet of the units and one of the persons, points as numbers."""

from collections.abc import Sequence

from central_server.paper.spreadsheets import Column, Sheet, Value, workbook
from central_server.reports.scoring import CRITERION_NAMES, OF_PERSONS, Criterion, Score
from central_server.services.scoring import Scored, Scoring
from central_server.web.formatting import period_text
from central_server.web.scoring_words import class_text, notes, reasons
from central_server.web.speech import gettext
from sync_protocol.periods import Period

CODE_WIDTH, NAME_WIDTH, POINTS_WIDTH, CLASS_WIDTH = 12, 30, 12, 34


def sheet_name(period: Period) -> str:
    """The name of the file; letters that every machine takes."""
    return f"cham-diem_{period.first_on:%Y%m%d}-{period.last_on:%Y%m%d}.xlsx"


def scoring_sheet(told: Scoring) -> bytes:
    """The file, in the language of the page."""
    return workbook(
        _sheet(told, gettext("Units"), told.units, tuple(Criterion)),
        _sheet(told, gettext("Persons"), told.persons, OF_PERSONS),
    )


def _sheet(told: Scoring, name: str, rows: Sequence[Scored], criteria: Sequence[Criterion]) -> Sheet:
    points = [Column(head=f"{each.value}. {gettext(CRITERION_NAMES[each])}", width=POINTS_WIDTH) for each in criteria]
    return Sheet(
        name=name,
        title=gettext("Scores and classes, period %(period)s", period=period_text(told.period)),
        notes=[*notes(told), *reasons(rows)],
        columns=[
            Column(head=gettext("Code"), width=CODE_WIDTH),
            Column(head=gettext("Unit"), width=NAME_WIDTH),
            Column(head=gettext("Clerk"), width=CODE_WIDTH),
            *points,
            Column(head=gettext("Total of points"), width=POINTS_WIDTH),
            Column(head=gettext("Indicators known"), width=POINTS_WIDTH),
            Column(head=gettext("Class"), width=CLASS_WIDTH),
            Column(head=gettext("By documents"), width=NAME_WIDTH),
        ],
        rows=map(_cells, rows),
    )


def _cells(row: Scored) -> list[Value]:
    points: list[Value] = [None if each.points is None else float(each.points) for each in row.scores]
    total = float(row.total.points) if row.total.known else None
    return [
        row.unit.code,
        row.unit.name,
        row.clerk,
        *points,
        total,
        row.total.known,
        class_text(row),
        "; ".join(_by_document(each) for each in row.scores if each.source),
    ]


def _by_document(score: Score) -> str:
    return gettext("%(number)s by %(source)s", number=score.criterion.value, source=score.source)
