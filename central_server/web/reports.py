"""The report of a unit's period: its page, and the files of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, g, render_template, request
from werkzeug.exceptions import NotFound

from central_server.paper.documents import TableShown
from central_server.reports.choices import choices
from central_server.reports.layouts import LAYOUTS, Layout
from central_server.reports.report import Report
from central_server.services.reporting import make_report
from central_server.web.periods import PeriodShown, asked_period, shown_period
from central_server.web.present import central, signed_in
from central_server.web.report_choices import ChoiceShown, kept, shown_choices
from central_server.web.report_document import notes, tables, text_of
from central_server.web.report_dossiers import Cell, addresses
from central_server.web.report_files import FORMATS, file_name, file_of
from central_server.web.report_waiting import waiting_page
from central_server.web.speech import gettext
from sync_protocol.periods import Period, period_name

MONTHLY = "monthly"

reports = Blueprint("reports", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """A report as a page.

    names   the reports that there are, each with its name for people and the parts of its address
    behind  where the dossiers behind its cells are listed
    kept    parts of the address that every link to another period of the report keeps
    query   those that every link to another form of it keeps
    """

    period: PeriodShown
    id: str
    name: str
    names: Sequence[tuple[str, str, Mapping[str, str | None]]]
    unit: str
    unit_id: str
    notes: Sequence[str]
    is_provisional: bool
    paragraphs: Sequence[str]
    tables: Sequence[TableShown]
    behind: Mapping[Cell, Mapping[str, str | None]]
    endings: Sequence[str]
    choices: Sequence[ChoiceShown]
    kept: Mapping[str, str | None]
    query: Mapping[str, str | None]


@reports.get("/reports", defaults={"layout": MONTHLY})
@reports.get("/reports/<layout>")
def show(layout: str) -> str | Response:
    """A report by its name; raises UnknownReport, UnknownPeriod, UnknownUnit."""
    waiting = waiting_page(layout)
    if waiting:
        return waiting
    report = _made(layout)
    shown = ReportPage(
        period=shown_period(report.period, report.provenance.as_of),
        id=report.layout,
        name=gettext(report.name),
        names=[(each.id, gettext(each.name), _query_of(each, report.period)) for each in LAYOUTS.values()],
        unit=report.unit_name,
        unit_id=request.args.get("unit", "").strip(),
        notes=notes(report),
        is_provisional=report.is_provisional,
        paragraphs=text_of(report),
        tables=tables(report),
        behind=addresses(report),
        endings=list(FORMATS),
        choices=shown_choices(choices(request.args)),
        kept=kept(),
        query={"period": request.args.get("period"), **kept()},
    )
    return render_template("report.html", page=shown)


@reports.get("/reports/<layout>.<ending>")
def file(layout: str, ending: str) -> Response:
    """A report as a file, of one of FORMATS; raises what its page raises."""
    if ending not in FORMATS:
        raise NotFound
    report = _made(layout)
    name = file_name(report, ending)
    return Response(
        file_of(report, ending, training=g.is_training),
        mimetype=FORMATS[ending].media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _query_of(layout: Layout, period: Period) -> dict[str, str | None]:
    """The parts of a report's address beside a report of a period: a quarter's is of the quarter that has the month."""
    series = central().about().series
    own = series.run_of(period, count=layout.months) if layout.months else period
    return {"period": period_name(own, series), **kept()}


def _made(layout: str) -> Report:
    unit = request.args.get("unit", "").strip() or None
    chosen = choices(request.args)
    return make_report(central(), signed_in().person.scope, layout, asked_period(), unit_id=unit, choices=chosen)
