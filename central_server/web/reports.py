"""The report of a unit's period: its page, and the files of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from flask import Blueprint, Response, render_template, request, send_file
from werkzeug.wrappers import Response as BaseResponse

from central_server.reports.choices import choices
from central_server.reports.layouts import LAYOUTS, Cut
from central_server.reports.report import Report, Section
from central_server.services.reporting import make_report
from central_server.web.periods import PeriodShown, asked_period, shown_period
from central_server.web.present import central, signed_in
from central_server.web.report_sheet import file_name, notes, report_sheet
from central_server.web.report_words import cell_text, head, made_of, row_name
from central_server.web.speech import gettext
from central_server.web.standings_sheet import SHEET_TYPE

MONTHLY = "monthly"

reports = Blueprint("reports", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShown:
    """A cell as it is shown; `made_of`: numerator and denominator of a rate."""

    text: str
    made_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """A row as it is shown."""

    name: str
    key: str
    cells: Sequence[CellShown]
    is_total: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionShown:
    """A table as it is shown."""

    id: str
    name: str
    heads: Sequence[str]
    rows: Sequence[RowShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """A report as a page; `names` are the reports that there are, each with its name for people."""

    period: PeriodShown
    id: str
    name: str
    names: Sequence[tuple[str, str]]
    unit: str
    unit_id: str
    notes: Sequence[str]
    is_provisional: bool
    sections: Sequence[SectionShown]


@reports.get("/reports")
def monthly() -> str:
    """The monthly report; raises UnknownPeriod, UnknownUnit."""
    return _page(MONTHLY)


@reports.get("/reports/<layout>")
def show(layout: str) -> str:
    """A report by its name; raises UnknownReport, UnknownPeriod, UnknownUnit."""
    return _page(layout)


@reports.get("/reports/<layout>.xlsx")
def sheet(layout: str) -> BaseResponse:
    """A report as a file for spreadsheets."""
    report = _made(layout)
    file = BytesIO(report_sheet(report))
    return send_file(file, mimetype=SHEET_TYPE, as_attachment=True, download_name=file_name(report))


@reports.get("/reports/<layout>.json")
def machine(layout: str) -> Response:
    """A report for machines."""
    return Response(_made(layout).as_json(), mimetype="application/json")


def _made(layout: str) -> Report:
    unit = request.args.get("unit", "").strip() or None
    chosen = choices(request.args)
    return make_report(central(), signed_in().person.scope, layout, asked_period(), unit_id=unit, choices=chosen)


def _page(layout: str) -> str:
    report = _made(layout)
    shown = ReportPage(
        period=shown_period(report.period, report.provenance.as_of),
        id=report.layout,
        name=gettext(report.name),
        names=[(each.id, gettext(each.name)) for each in LAYOUTS.values()],
        unit=report.unit_name,
        unit_id=request.args.get("unit", "").strip(),
        notes=notes(report),
        is_provisional=report.is_provisional,
        sections=[_section(each) for each in report.sections],
    )
    return render_template("report.html", page=shown)


def _section(section: Section) -> SectionShown:
    return SectionShown(
        id=section.id,
        name=gettext(section.name),
        heads=[head(column) for column in section.columns],
        rows=[
            RowShown(
                name=row_name(section, row),
                key="" if section.rows_of == Cut.INDICATOR else row.key,
                cells=[CellShown(text=cell_text(cell), made_of=made_of(cell)) for cell in row.cells],
                is_total=row.is_total,
            )
            for row in section.rows
        ],
    )
