"""A spreadsheet of figures for the book: looked through row by row, and kept only when a person has seen it.

What is confirmed is the very file that was looked through, read again. Numbers are taken, formulas never: what a cell
shows is not what somebody has written. The archive is bounded before it is opened.
"""

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zipfile import ZipFile

import openpyxl

from central_server.central import Central
from central_server.reports.external import EXTERNAL_BY_ID
from central_server.services.external_figures import COLUMNS, BadFigure, keep_all, read_figure
from central_server.storage import external_figures
from central_server.storage.database import reading, write_transaction
from central_server.storage.external_figures import ExternalFigure
from central_server.storage.units import Scope
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.periods import PeriodSeries

FILE_BYTES_MAX = 40 * 1024
"""A form that holds such a file once more stays below the bound of forms."""

UNPACKED_BYTES_MAX = 16 * 1024 * 1024
PARTS_MAX = 200
ROWS_MAX = 500
HEAD_ROW = 2
"""Under the title, as in the sample file."""

CELL_CHARACTERS_MAX = 300
COMMUNE_CODE_DIGITS = 5
"""A code such as 08707 that a spreadsheet took for a number has lost its zero."""

FORMULA = N_("a cell holds a formula; write the number itself")

# Its warnings may repeat what stands in a cell, and would reach the log.
warnings.filterwarnings("ignore", module=r"openpyxl\b")


class BadFigureSheet(FieldSyncError):
    """A file that is no spreadsheet of figures."""

    code = "bad_figure_sheet"
    text = N_(
        "The file cannot be read: it has to be an Excel file (.xlsx) of at most %(kilobytes)d KB and %(rows)d rows, as "
        "the sample file has them. Nothing was kept."
    )

    def __init__(self) -> None:
        super().__init__(kilobytes=FILE_BYTES_MAX // 1024, rows=ROWS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureLine:
    """A row of the file: what it tells, and the figure, or the reason why there is none.

    number    as the spreadsheet counts its rows
    is_known  whether the book says just this already
    """

    number: int
    told: Mapping[str, str]
    figure: ExternalFigure | None
    problem: FieldSyncError | None
    is_known: bool

    @property
    def is_to_be_kept(self) -> bool:
        """Whether it would be added to the book."""
        return self.figure is not None and not self.is_known


def look_through(central: Central, scope: Scope, raw: bytes, *, by: str) -> list[FigureLine]:
    """What the rows of a file would add to the book; keeps nothing. Raises BadFigureSheet."""
    rows = list(_rows(raw))
    with reading(central.database):
        return _lines(rows, scope, central.about().series, by=by, now=central.now())


def keep_sheet(central: Central, scope: Scope, raw: bytes, *, by: str) -> int:
    """Adds the usable rows that the book does not hold yet, and gives how many; raises BadFigureSheet."""
    rows, now, series = list(_rows(raw)), central.now(), central.about().series
    with write_transaction(central.database):
        lines = _lines(rows, scope, series, by=by, now=now)
        figures = [each.figure for each in lines if each.figure and each.is_to_be_kept]
        if figures:
            keep_all(figures, by=by, now=now)
    return len(figures)


def _lines(
    rows: Sequence[tuple[int, Mapping[str, str] | None]], scope: Scope, series: PeriodSeries, *, by: str, now: datetime
) -> list[FigureLine]:
    standing = {each.key: _says(each) for each in external_figures.rows()}
    lines = []
    for number, told in rows:
        figure, problem = None, None
        try:
            if told is None:
                raise BadFigure(reason=FORMULA)
            figure = read_figure(told, scope, series, by=by, now=now)
        except BadFigure as error:
            problem = error
        is_known = figure is not None and standing.get(figure.key) == _says(figure)
        if figure:
            standing[figure.key] = _says(figure)
        lines.append(FigureLine(number=number, told=told or {}, figure=figure, problem=problem, is_known=is_known))
    return lines


def _says(figure: ExternalFigure) -> tuple[object, ...]:
    return figure.value, figure.numerator, figure.denominator, figure.source


def _rows(raw: bytes) -> Iterator[tuple[int, Mapping[str, str] | None]]:
    """The rows below the head of the first sheet, None for one with a formula; empty ones are left out."""
    # Neither zipfile nor openpyxl promises a closed set of errors for a file that is not well formed.
    try:
        cells = list(_cells(raw))
    except Exception as error:
        raise BadFigureSheet from error
    if len(cells) > ROWS_MAX:
        raise BadFigureSheet
    for number, row in cells:
        if any(cell.data_type == "f" for cell in row):
            yield number, None
        else:
            yield number, {name: _text(name, cell.value) for name, cell in zip(COLUMNS, row, strict=False)}


def _cells(raw: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    parts = ZipFile(io.BytesIO(raw)).infolist()
    if len(raw) > FILE_BYTES_MAX or len(parts) > PARTS_MAX or sum(p.file_size for p in parts) > UNPACKED_BYTES_MAX:
        raise BadFigureSheet
    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
    sheet = book.worksheets[0]
    # What the file says of its size is often wrong, and rows would be padded to it.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(min_row=HEAD_ROW, max_row=HEAD_ROW + ROWS_MAX + 1, max_col=len(COLUMNS))
    _check_head([cell.value for cell in next(rows)])
    for number, row in enumerate(rows, start=HEAD_ROW + 1):
        if any(cell.value is not None for cell in row):
            yield number, row


def _check_head(heads: Sequence[Any]) -> None:
    """Where the head is missing, a first figure would be taken for it and be lost."""
    if len(heads) < len(COLUMNS) or not all(heads) or heads[0] in EXTERNAL_BY_ID:
        raise BadFigureSheet


def _text(column: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value)
        case int() | float() if column == "unit_code":
            digits = f"{value:.15g}"
            return digits.zfill(COMMUNE_CODE_DIGITS) if len(digits) == COMMUNE_CODE_DIGITS - 1 else digits
        case int() | float():
            return f"{value:.15g}".replace(".", ",")
        case datetime(day=1) if column == "period":
            # A spreadsheet takes 2021-10 for the first day of that month.
            return f"{value:%Y-%m}"
        case _:
            return str(value)[:CELL_CHARACTERS_MAX]
