"""Scores of units as a table of a report: points, the class or what it may be, and the documents that tell some."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from central_server.reports.layouts import SCORING as TABLE
from central_server.reports.material import Named
from central_server.reports.rates import OutOf
from central_server.reports.report import Cell, Column, Row, Section
from central_server.reports.scoring import CLASS_NAMES, CRITERION_NAMES, PersonGrade, Score, Total, UnitClass
from sync_protocol.errors import N_

BY_CIRCULAR = N_(
    "By TT 01/2018, of 18 points. What is not known has no points; the class is settled when the lowest and the highest"
    " are the same."
)

COLUMNS = (
    Column(id="total", name=N_("Points in all")),
    Column(id="known", name=N_("Indicators known")),
    Column(id="lowest", name=N_("Class at least")),
    Column(id="highest", name=N_("Class at most")),
    *(Column(id=f"criterion_{each.value}", name=name) for each, name in CRITERION_NAMES.items()),
    Column(id="source", name=N_("According to")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredUnit:
    """A unit with its points, and the class that it has if what is not known gave nothing, and if it gave all."""

    unit: Named
    scores: Sequence[Score]
    total: Total
    lowest: UnitClass | PersonGrade
    highest: UnitClass | PersonGrade


def scoring(units: Iterable[ScoredUnit]) -> Section:
    """The units in the order of their codes."""
    return Section(
        id=TABLE.id,
        name=TABLE.name,
        rows_of=TABLE.cut.value,
        columns=COLUMNS,
        rows=[
            Row(key=each.unit[0], name=each.unit[1], cells=_cells(each))
            for each in sorted(units, key=lambda each: each.unit)
        ],
        notes=[BY_CIRCULAR],
    )


def _cells(scored: ScoredUnit) -> list[Cell]:
    points = {score.criterion: score.points for score in scored.scores}
    sources = dict.fromkeys(score.source for score in scored.scores if score.source)
    return [
        scored.total.points,
        OutOf(count=scored.total.known, of=scored.total.of),
        CLASS_NAMES[scored.lowest],
        CLASS_NAMES[scored.highest],
        *(points.get(each) for each in CRITERION_NAMES),
        "; ".join(sources) or None,
    ]
