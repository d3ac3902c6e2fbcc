"""A report as a file for spreadsheets: a sheet a table, whose counts and rates are numbers."""

from collections.abc import Iterator
from decimal import Decimal

from central_server.paper.spreadsheets import Column as SheetColumn
from central_server.paper.spreadsheets import Sheet, Value, workbook
from central_server.reports.rates import Rate
from central_server.reports.report import Cell, Report, Section
from central_server.web.formatting import period_text
from central_server.web.report_document import UNSIGNED, SignOff, notes
from central_server.web.report_words import cell_text, head, row_name
from central_server.web.signed_sheets import signed_sheets
from central_server.web.speech import gettext

NAME_WIDTH, FIGURE_WIDTH, KEY_WIDTH = 42, 14, 14


def report_sheet(report: Report, sign_off: SignOff = UNSIGNED) -> bytes:
    """The file, in the language of the page; what it got when it was approved stands before its tables."""
    front = [] if sign_off == UNSIGNED else signed_sheets(report, sign_off)
    return workbook(*front, *(_sheet(report, section) for section in report.sections))


def _sheet(report: Report, section: Section) -> Sheet:
    name = gettext(section.name)
    heads = [head(column) for column in section.columns]
    return Sheet(
        name=name,
        title=f"{gettext(report.name)}: {name}",
        notes=[f"{report.unit_name}, {period_text(report.period)}", *notes(report)],
        columns=[
            SheetColumn(head=gettext("Code"), width=KEY_WIDTH),
            SheetColumn(head=gettext("Name"), width=NAME_WIDTH),
            *(SheetColumn(head=each, width=FIGURE_WIDTH) for each in heads),
        ],
        rows=_rows(section),
    )


def _rows(section: Section) -> Iterator[list[Value]]:
    for row in section.rows:
        yield [row.key, row_name(section, row), *map(_value, row.cells)]


def _value(cell: Cell) -> Value:
    if isinstance(cell, Rate):
        return cell.percent
    if isinstance(cell, Decimal):
        return float(cell)
    return cell if isinstance(cell, int) else cell_text(cell)
