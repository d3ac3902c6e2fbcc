"""Figures that do not come from dossiers, as tables of their own: each stands beside the document that tells it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from central_server.reports.external import EXTERNAL, PUBLISHED, ExternalIndicator, FigureKind
from central_server.reports.indicators import BY_ID
from central_server.reports.layouts import EXTERNAL as TABLE
from central_server.reports.material import Named
from central_server.reports.rates import Basis, OutOf
from central_server.reports.report import Cell, Column, Row, Section
from sync_protocol.errors import N_

KIND_NAMES = {FigureKind.COUNT: N_("number"), FigureKind.SHARE: N_("percent"), FigureKind.POINTS: N_("points")}
PUBLISHED_NAMES = {
    FigureKind.COUNT: N_("number, as published before"),
    FigureKind.SHARE: N_("percent, as published before"),
}
BY_DAY = N_("number, added up from days")
DAYS_MISSING = N_(
    "A number that is added up from days stands with the working days that were told, of how many; the others are "
    "missing from it."
)
NOT_COUNTED = N_("These figures are not counted from dossiers; each is told by the document that stands beside it.")

COLUMNS = (
    Column(id="unit", name=N_("Unit")),
    Column(id="value", name=N_("Value")),
    Column(id="measure", name=N_("Measured in")),
    Column(id="parts", name=N_("Made of")),
    Column(id="source", name=N_("According to")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFigure:
    """A figure of a unit by the document that tells it.

    parts  numerator and denominator, where they are told
    days   of one that is added up from days, the working days that were told, and of how many
    """

    indicator: str
    unit: Named
    value: Decimal
    parts: tuple[int, int] | None
    source: str
    days: tuple[int, int] | None = None


def external(figures: Iterable[ToldFigure]) -> Section:
    """The figures in the order of the list of external indicators, of each by unit."""
    told = list(figures)
    rows = [
        Row(
            key=f"{indicator.id}.{each.unit[0]}",
            name=indicator.name,
            cells=_cells(each, indicator.kind),
            basis=_basis(indicator),
        )
        for indicator in EXTERNAL
        for each in sorted((each for each in told if each.indicator == indicator.id), key=lambda each: each.unit)
    ]
    return Section(
        id=TABLE.id,
        name=TABLE.name,
        rows_of=TABLE.cut.value,
        columns=COLUMNS,
        rows=rows,
        notes=[NOT_COUNTED, *([DAYS_MISSING] if any(map(_misses_days, told)) else [])],
    )


def _basis(indicator: ExternalIndicator) -> Basis | None:
    """What a rate that was published before is a share of: one name hides several."""
    counted = BY_ID.get(indicator.id.removeprefix(PUBLISHED)) if indicator.id.startswith(PUBLISHED) else None
    return counted.basis if counted else None


def _cells(figure: ToldFigure, kind: FigureKind) -> list[Cell]:
    value = int(figure.value) if kind is FigureKind.COUNT else figure.value
    parts = figure.parts or figure.days
    made_of = OutOf(count=parts[0], of=parts[1]) if parts else None
    return [figure.unit[1], value, _measure(figure, kind), made_of, figure.source]


def _measure(figure: ToldFigure, kind: FigureKind) -> str:
    if figure.days:
        return BY_DAY
    return PUBLISHED_NAMES[kind] if figure.indicator.startswith(PUBLISHED) else KIND_NAMES[kind]


def _misses_days(figure: ToldFigure) -> bool:
    return figure.days is not None and figure.days[0] < figure.days[1]
