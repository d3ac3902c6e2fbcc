"""Tables as files for spreadsheets: counts and percentages are numbers, instants are dates, no text is a formula."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO

import xlsxwriter

from sync_protocol.instants import LOCAL

Value = str | int | float | Decimal | datetime | None
"""A cell; a decimal number is one of percent, a float has one decimal place, or two where it needs them."""

CELL_CHARACTERS_MAX = 32_767
"""Of an .xlsx cell. Source: Excel's specifications and limits."""

OPTIONS = {"in_memory": True, "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
SHEET_NAME_MAX = 31
A4 = 9
MARGIN_INCHES = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column with its width in characters."""

    head: str
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table with the lines above it; a cell of None stays empty. It is printed on A4 across, heads on each page."""

    name: str
    title: str
    notes: Sequence[str]
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]


def workbook(*sheets: Sheet) -> bytes:
    """An .xlsx file of one sheet or more."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1}),
            "text": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "border": 1}),
            "count": book.add_format({"num_format": "#,##0", "valign": "top", "border": 1}),
            "hundredths": book.add_format({"num_format": "0.00", "valign": "top", "border": 1}),
            "points": book.add_format({"num_format": "0.0", "valign": "top", "border": 1}),
            "percent": book.add_format({"num_format": "0.00%", "valign": "top", "border": 1}),
            "instant": book.add_format({"num_format": "hh:mm dd/mm/yyyy", "valign": "top", "border": 1}),
        }
        for sheet, name in zip(sheets, sheet_names([each.name for each in sheets]), strict=True):
            _write_sheet(book.add_worksheet(name), sheet, styles)
    return file.getvalue()


def sheet_names(names: Iterable[str]) -> list[str]:
    """Names within the length that programs take, each unlike the others, whatever the case of its letters."""
    given: dict[str, str] = {}
    for name in names:
        short, number = name[:SHEET_NAME_MAX], 1
        while short.casefold() in given:
            number += 1
            mark = f" ({number})"
            short = name[: SHEET_NAME_MAX - len(mark)] + mark
        given[short.casefold()] = short
    return list(given.values())


def _write_sheet(
    page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, styles: dict[str, xlsxwriter.format.Format]
) -> None:
    head_row = len(sheet.notes) + 1
    _set_up(page, sheet, head_row)
    page.write_string(0, 0, sheet.title, styles["title"])
    for number, note in enumerate(sheet.notes, start=1):
        page.write_string(number, 0, note)
    for place, column in enumerate(sheet.columns):
        page.write_string(head_row, place, column.head, styles["head"])
    last_row = head_row
    for last_row, row in enumerate(sheet.rows, start=head_row + 1):
        for place, value in enumerate(row):
            _write(page, last_row, place, value, styles)
    page.autofilter(head_row, 0, last_row, len(sheet.columns) - 1)


def _set_up(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, head_row: int) -> None:
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
    page.freeze_panes(head_row + 1, 0)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(head_row)
    page.set_margins(*[MARGIN_INCHES] * 4)
    page.set_footer("&C&P / &N")


def _write(
    page: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    value: Value,
    styles: dict[str, xlsxwriter.format.Format],
) -> None:
    if isinstance(value, datetime):
        # A spreadsheet knows no zones: what is written is local time.
        page.write_datetime(row, column, value.astimezone(LOCAL).replace(tzinfo=None, microsecond=0), styles["instant"])
    elif isinstance(value, Decimal):
        page.write_number(row, column, float(value / 100), styles["percent"])
    elif isinstance(value, float):
        page.write_number(row, column, value, styles["points" if value == round(value, 1) else "hundredths"])
    elif isinstance(value, int):
        page.write_number(row, column, value, styles["count"])
    elif value:
        page.write_string(row, column, value[:CELL_CHARACTERS_MAX], styles["text"])
    else:
        page.write_blank(row, column, None, styles["text"])
