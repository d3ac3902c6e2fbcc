"""The dossiers behind a figure of a report, by codes and dates alone, and the addresses of these lists."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request

from central_server.reports.indicators import BY_ID
from central_server.reports.layouts import LAYOUTS, Comparison, Cut, Table
from central_server.reports.rates import BASIS_WORDS, Rate
from central_server.reports.reconciling import is_additive
from central_server.reports.report import Report, Row
from central_server.services.report_dossiers import Behind, Place, clerk_mark, dossiers_behind, leads_to_dossiers
from central_server.web.dossier_rows import DossierShown, dossier_shown
from central_server.web.paging import PAGE_DOSSIERS, asked_page, first_of, shown_text
from central_server.web.periods import PeriodShown, asked_period, shown_period
from central_server.web.present import central, signed_in
from central_server.web.report_choices import kept
from central_server.web.speech import gettext
from sync_protocol.errors import N_

Cell = tuple[str, int, int]
"""The id of a table, and the numbers of a row and of a cell in it."""

Query = Mapping[str, str | None]
"""Parts of an address."""

THEN: Mapping[str, Comparison | None] = {
    "now": None,
    "whole": None,
    "months": None,
    "before": Comparison.BEFORE,
    "year_before": Comparison.YEAR_BEFORE,
}
"""The columns of a table by indicators that hold counts, each with the period that it is about, None for its own."""

BASE_OF = N_("%(name)s: all %(basis)s")

report_dossiers = Blueprint("report_dossiers", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BehindPage:
    """A page of the list; `report` leads back, previous and following are parts of addresses.

    period  that of the figure
    """

    layout: str
    report: str
    report_query: Query
    title: str
    unit: str
    period: PeriodShown
    shown: str
    rows: Sequence[DossierShown]
    previous: Query | None
    following: Query | None


@report_dossiers.get("/reports/<layout>/dossiers")
def show(layout: str) -> str:
    """A page of the list; raises UnknownReport, UnknownPeriod, UnknownUnit, UnknownFigure."""
    person, page, period = signed_in().person, asked_page(), asked_period()
    place = Place(
        section=request.args.get("section", ""),
        row=request.args.get("row"),
        figure=request.args.get("figure", ""),
        is_base=request.args.get("base", "") == "1",
        then=next((each for each in Comparison if each == request.args.get("then")), None),
    )
    unit_id = request.args.get("unit", "").strip() or None
    found = dossiers_behind(
        central(),
        person.scope,
        layout,
        period,
        place,
        unit_id=unit_id,
        start=first_of(page),
        limit=PAGE_DOSSIERS,
        by=person.username,
    )
    return render_template("report_dossiers.html", page=_page(found, place, {"period": str(period), **kept()}, page))


def addresses(report: Report) -> dict[Cell, Query]:
    """Where the dossiers behind the cells of a report are listed; the base of a rate at the same with ``base=1``."""
    tables = {table.id: table for table in LAYOUTS[report.layout].tables}
    asked = {"period": str(report.period), **kept()}
    return {
        (section.id, at, column): {**asked, "section": section.id, "row": key, "figure": figure, "then": then}
        for section in report.sections
        if (table := tables.get(section.id)) and leads_to_dossiers(table)
        for at, row in enumerate(section.rows)
        if _has_address(row)
        for column, figure, then in _figures(table, row, [each.id for each in section.columns])
        for key in [_key(table, row)]
    }


def _key(table: Table, row: Row) -> str | None:
    if row.is_total or table.cut is Cut.INDICATOR:
        return None
    return clerk_mark(row.key) if table.cut is Cut.CLERK else row.key


def _has_address(row: Row) -> bool:
    """Whether the key of a row tells it from the others: what is not named at all has none."""
    return (row.is_total and not row.key) or (not row.is_total and bool(row.key))


def _figures(table: Table, row: Row, columns: Sequence[str]) -> Iterator[tuple[int, str, Comparison | None]]:
    """The cells that are counts or rates of such, each with its indicator and the period that it is about."""
    for at, (column, cell) in enumerate(zip(columns, row.cells, strict=True)):
        figure = _figure(table, row, column)
        something = cell.denominator if isinstance(cell, Rate) else cell
        if figure in BY_ID and isinstance(cell, int | Rate) and something:
            yield at, figure, THEN.get(column)


def _figure(table: Table, row: Row, column: str) -> str:
    """What a cell would be an indicator of; "" where no list of dossiers is what it counts."""
    if table.cut is not Cut.INDICATOR:
        return column
    # What is open when a month ends stands in several months.
    is_listed = column in THEN and (column != "months" or is_additive(BY_ID[row.key]))
    return row.key if is_listed else ""


def _page(found: Behind, place: Place, asked: Query, page: int) -> BehindPage:
    figure = dict(asked) | {"section": place.section, "row": place.row, "figure": place.figure, "then": place.then}
    figure |= {"base": "1" if place.is_base else None}
    last = first_of(page) + len(found.dossiers)
    return BehindPage(
        layout=found.layout.id,
        report=gettext(found.layout.name),
        report_query=asked,
        title=_title(found, place),
        unit=found.unit_name,
        period=shown_period(found.period, found.now),
        shown=shown_text(page, len(found.dossiers), found.count),
        rows=[
            dossier_shown(
                each, desk, found.facts[each.procedure_code].name if each.procedure_code in found.facts else ""
            )
            for each, desk in found.dossiers
        ],
        previous=figure | {"page": str(page - 1)} if page > 1 else None,
        following=figure | {"page": str(page + 1)} if last < found.count else None,
    )


def _title(found: Behind, place: Place) -> str:
    name, basis = gettext(found.indicator.name), found.indicator.basis
    if basis is None or not place.is_base:
        return name
    return gettext(BASE_OF, name=name, basis=gettext(BASIS_WORDS[basis]))
