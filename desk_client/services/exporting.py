"""Tables as files for spreadsheets: text cells only, in which nothing is ever a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from desk_client.desk import Desk
from desk_client.services.listing import DossierLine, lines_of
from desk_client.storage import finding
from desk_client.storage.database import reading

EXPORT_ROWS_MAX = 50_000
"""Rows of one file at the most; a longer register is exported in parts."""

CELL_CHARACTERS_MAX = 32_767
"""Of an .xlsx cell. Source: Excel's specifications and limits."""

OPTIONS = {"in_memory": True, "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
COLUMN_WIDTH_MAX = 60
LIVE_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take the text of a .csv cell for a formula."""

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads the file in the code page of the machine and breaks every Vietnamese letter."""


def workbook(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[str]]) -> bytes:
    """An .xlsx file of one sheet; `columns` are titles with their widths in characters."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
        for column, (_, width) in enumerate(columns):
            sheet.set_column(column, column, min(width, COLUMN_WIDTH_MAX))
        sheet.freeze_panes(1, 0)
        for number, row in enumerate([[words for words, _ in columns], *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell[:CELL_CHARACTERS_MAX], text if number else bold)
    return file.getvalue()


def separated(columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[str]]) -> bytes:
    """A .csv file with its byte order mark; what a spreadsheet would run is quoted away."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([words for words, _ in columns])
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return (BYTE_ORDER_MARK + file.getvalue()).encode()


def register_between(desk: Desk, first_on: date, last_on: date, limit: int) -> Iterator[tuple[DossierLine, Any]]:
    """The register (*sổ theo dõi hồ sơ*) between two local days of reception, both inclusive.

    Each dossier comes with its content: the fields that a clerk wrote down, as JSON.
    """
    with reading(desk.database):
        found = list(finding.registered_between(first_on, last_on, limit))
        lines = lines_of(desk, [each for each, _ in found])
    yield from zip(lines, (content for _, content in found), strict=True)


def register_count(desk: Desk, first_on: date, last_on: date) -> int:
    """How many dossiers the register has between two local days."""
    with reading(desk.database):
        return finding.registered_count(first_on, last_on)


def _sheet_name(title: str) -> str:
    """A name that a sheet may bear: at most 31 characters, without the signs of addresses."""
    return "".join(sign for sign in title if sign not in "[]:*?/\\'")[:31]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(LIVE_SIGNS) else cell
