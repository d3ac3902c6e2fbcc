"""Reading .xlsx files: the cells by openpyxl; formulas and merged cells, which it does not tell, by a scan before."""

import io
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from zipfile import ZipFile

import openpyxl

from desk_client.sheets.grids import (
    CELL_CHARACTERS_MAX,
    BadSheet,
    DamagedWorkbook,
    FileTooLarge,
    Grid,
    Mark,
    ProtectedWorkbook,
    Row,
    is_broken_number,
)
from desk_client.sheets.scanning import Scan, scan_sheet

UNPACKED_BYTES_MAX = 256 * 1024 * 1024
PARTS_MAX = 5_000
RATIO_MAX = 250
RATIO_FREE_BYTES = 1024 * 1024
"""A part above this size may be packed at most RATIO_MAX to one; registers of one repeated word reach about 30."""

SHEETS_MAX = 50
ENCRYPTED_FLAG = 1
GENERAL = "General"
WHOLE_DIGITS_MAX = 10
"""Where no format is set, a longer number is shown as 1.20123E+11 and may not be what was typed."""

ZEROS = re.compile(r"0+")
ESCAPED_BREAK = re.compile(r"_x00(?:0D|0A|09)_", re.IGNORECASE)
"""How the format writes line breaks and tabs in a text; openpyxl leaves them so."""

# Its warnings may repeat what stands in a cell, and would reach the log.
warnings.filterwarnings("ignore", module=r"openpyxl\b")


def read_workbook(raw: bytes) -> list[Grid]:
    """The visible sheets of an .xlsx file; raises FileTooLarge, ProtectedWorkbook, DamagedWorkbook."""
    with _damage_told():
        archive = ZipFile(io.BytesIO(raw))
        _check_parts(archive)
        workbook = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        return [_grid(archive, sheet) for sheet in visible[:SHEETS_MAX]]


@contextmanager
def _damage_told() -> Iterator[None]:
    """Turns whatever a damaged file makes of the readers into DamagedWorkbook.

    Neither zipfile nor expat nor openpyxl promises a closed set of errors for a file that is not well formed.
    """
    try:
        yield
    except BadSheet:
        raise
    except Exception as error:
        raise DamagedWorkbook from error


def _check_parts(archive: ZipFile) -> None:
    """Refuses an archive that unpacks to more than a register can hold; zipfile stops at the sizes stated."""
    parts = archive.infolist()
    if any(part.flag_bits & ENCRYPTED_FLAG for part in parts):
        raise ProtectedWorkbook
    is_dense = any(part.file_size > max(RATIO_FREE_BYTES, RATIO_MAX * part.compress_size) for part in parts)
    if is_dense or len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX:
        raise FileTooLarge(limit=UNPACKED_BYTES_MAX // 1024**2)


def _grid(archive: ZipFile, sheet: Any) -> Grid:
    # The one private name of openpyxl here: where a sheet stands in the archive is told nowhere else.
    with archive.open(sheet._worksheet_path) as part:
        scan = scan_sheet(part)
    # What the file says of its size is often wrong, and rows would be padded to it.
    sheet.reset_dimensions()
    return Grid(
        name=str(sheet.title),
        filled=scan.filled,
        width=scan.width,
        merges=tuple(scan.merges),
        merged_until=scan.merged_until,
        formula_until=scan.formula_until,
        rows=lambda: _rows(sheet, scan),
    )


def _rows(sheet: Any, scan: Scan) -> Iterator[Row]:
    if not scan.width:
        return
    with _damage_told():
        for number, cells in enumerate(sheet.iter_rows(max_col=scan.width), start=1):
            row = _row(number, cells, scan)
            if any(text.strip() for text in row.cells) or row.marks:
                yield row


def _row(number: int, cells: tuple[Any, ...], scan: Scan) -> Row:
    formulas = scan.formulas.get(number, {})
    texts = [_text(cell) for cell in cells]
    marks = {
        column: mark
        for column, cell in enumerate(cells)
        if (mark := _mark(cell, texts[column], has_value=formulas.get(column + 1)))
    }
    return Row(number, tuple(text[:CELL_CHARACTERS_MAX] for text in texts), marks)


def _mark(cell: Any, text: str, *, has_value: bool | None) -> Mark | None:
    """What is to be said of a cell; has_value is None where it holds no formula."""
    if has_value is False:
        return Mark.WITHOUT_VALUE
    is_number = cell.data_type == "n" and cell.value is not None
    if cell.data_type == "e" or (is_number and not math.isfinite(cell.value)):
        return Mark.ERROR
    is_shortened = is_number and len(text) > WHOLE_DIGITS_MAX and text.isdigit() and cell.number_format == GENERAL
    if is_shortened or is_broken_number(text):
        return Mark.BROKEN_NUMBER
    if len(text) > CELL_CHARACTERS_MAX:
        return Mark.TOO_LONG
    return Mark.FORMULA if has_value else None


def _text(cell: Any) -> str:
    """A cell as a person sees it; numbers with their digits rather than their decoration."""
    match cell.value:
        case None:
            return ""
        case str(text):
            return ESCAPED_BREAK.sub(" ", text)
        case bool(truth):
            return "TRUE" if truth else "FALSE"
        case int() | float():
            return _number_text(cell.value, cell.number_format)
        case datetime(hour=0, minute=0, second=0) as day:
            return _day_text(day)
        case datetime() as instant:
            rounded = instant + timedelta(microseconds=500_000)
            return f"{_day_text(rounded)} {_time_text(rounded.time())}"
        case date() as day:
            return _day_text(day)
        case time() as at:
            return _time_text(at)
        case timedelta() as span:
            return _span_text(span)
        case other:
            return str(other)


def _number_text(number: float, form: str | None) -> str:
    """A number with up to 15 digits, which is what a spreadsheet keeps; zeros in front where the cell shows them."""
    if isinstance(number, float) and not (number.is_integer() and abs(number) < 1e15):
        return f"{number:.15g}"
    digits = str(int(number))
    return digits.zfill(len(form)) if form and ZEROS.fullmatch(form) else digits


def _day_text(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def _time_text(at: time) -> str:
    return f"{at.hour:02}:{at.minute:02}" + (f":{at.second:02}" if at.second else "")


def _span_text(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"
