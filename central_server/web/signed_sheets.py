"""What stands before the tables in a workbook that was approved: its document, its text, and what it corrects."""

from collections.abc import Iterator, Sequence

from central_server.paper.documents import TableShown
from central_server.paper.spreadsheets import Column, Sheet, Value
from central_server.reports.by_hand import Piece
from central_server.reports.report import Report
from central_server.web.formatting import day_text, period_text
from central_server.web.report_document import SignOff, notes
from central_server.web.speech import gettext

NAME_WIDTH, TEXT_WIDTH, FIGURE_WIDTH = 42, 90, 16


def signed_sheets(report: Report, sign_off: SignOff) -> Sequence[Sheet]:
    """The sheets of a report that was approved, or is shown as it would be."""
    document = Sheet(
        name=gettext("Publication"),
        title=gettext(report.name),
        notes=[f"{report.unit_name}, {period_text(report.period)}"],
        columns=[
            Column(head=gettext("Name"), width=NAME_WIDTH),
            Column(head=gettext("Content"), width=TEXT_WIDTH),
        ],
        rows=_document(report, sign_off),
    )
    return [document, _table(report, sign_off.corrections)] if sign_off.corrections else [document]


def _document(report: Report, sign_off: SignOff) -> Iterator[list[Value]]:
    yield [gettext("Number of the document"), sign_off.number]
    yield [gettext("Date of issue"), day_text(sign_off.issued_on) if sign_off.issued_on else ""]
    yield [gettext("Approved by"), sign_off.signer]
    for note in (*notes(report), *sign_off.notes):
        yield [gettext("To be known"), note]
    for runs in sign_off.paragraphs or ():
        yield [gettext("Text"), "".join(map(_marked, runs))]


def _marked(run: Piece) -> str:
    return f"{run.text} ({gettext('by hand')})" if run.is_by_hand else run.text


def _table(report: Report, table: TableShown) -> Sheet:
    return Sheet(
        name=table.name,
        title=f"{gettext(report.name)}: {table.name}",
        notes=table.notes,
        columns=[
            *(Column(head=head.text, width=NAME_WIDTH) for head in table.names),
            *(Column(head=head.text, width=FIGURE_WIDTH) for head in table.heads),
        ],
        rows=[[row.name, *(cell.text for cell in row.cells)] for row in table.rows],
    )
