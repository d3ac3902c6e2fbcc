"""Reading a spreadsheet: the right kind of file, the right sheet, the row with the names of the columns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from desk_client.sheets.columns import field_of, guessed
from desk_client.sheets.grids import (
    COLUMNS_MAX,
    DATA_ROWS_MAX,
    FILE_BYTES_MAX,
    BadSheet,
    EmptySheet,
    FileTooLarge,
    Grid,
    LegacyFont,
    OldWorkbook,
    ProtectedWorkbook,
    Row,
    TooManyColumns,
    TooManyRows,
    UnreadableFile,
)
from desk_client.sheets.separated import read_separated
from desk_client.sheets.workbooks import read_workbook
from sync_protocol.legacy_text import is_legacy_font

HEADER_ROWS = 20
"""The names of the columns stand within the first so many rows that hold something; titles stand above them."""

NUMBERED_LEAST = 3
"""A row under the names that counts the columns, as printed forms have, has at least so many."""

ZIP_START = b"PK"
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
MARKUP_STARTS = (b"<", b"%PDF", b"{\\rtf")
"""Web pages and the like, which some systems hand out under the name of .xls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table that was read: the names of its columns and, on demand, its rows.

    name              of the sheet, or of the file
    header            names of the columns as they stand, those of two rows joined where a form has two
    header_row        the last row that belongs to them, from 1
    row_count         rows below; rows of blanks only are counted too, so it may be a few too many
    has_merged_cells  below the header: all but the first of merged cells are read as empty
    has_formulas      below the header: values are those that the spreadsheet program computed last
    """

    name: str
    header: tuple[str, ...]
    header_row: int
    row_count: int
    has_merged_cells: bool
    has_formulas: bool
    read: Callable[[], Iterator[Row]]

    def rows(self) -> Iterator[Row]:
        """The rows below the header that hold something, read anew at each call; may raise DamagedWorkbook."""
        return (row for row in self.read() if row.number > self.header_row)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    names: tuple[str, ...]
    last_row: int

    @property
    def known_count(self) -> int:
        return len(guessed(self.names))


def read_sheet(source: Path | bytes, name: str) -> Sheet:
    """The table of an .xlsx or csv file, told apart by content; of several sheets the one whose columns are known best.

    name  what to call a table without a name of its own, such as the file's name
    Raises a BadSheet that says what to do with the file, and nothing else. Broken cells are no reason: they are marked
    in their rows.
    """
    grids = [grid for grid in _grids(_bytes_of(source), name) if grid.filled]
    if not grids:
        raise EmptySheet
    grid, header = max(((grid, _header(grid)) for grid in grids), key=lambda found: found[1].known_count)
    if not header.known_count and _is_in_old_font(grid):
        raise LegacyFont
    row_count = sum(number > header.last_row for number in grid.filled)
    if not row_count:
        raise EmptySheet
    if row_count > DATA_ROWS_MAX:
        raise TooManyRows(limit=DATA_ROWS_MAX)
    if grid.width > COLUMNS_MAX:
        raise TooManyColumns(limit=COLUMNS_MAX)
    return Sheet(
        name=grid.name,
        header=header.names,
        header_row=header.last_row,
        row_count=row_count,
        has_merged_cells=grid.merged_until > header.last_row,
        has_formulas=grid.formula_until > header.last_row,
        read=grid.rows,
    )


def _bytes_of(source: Path | bytes) -> bytes:
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size > FILE_BYTES_MAX:
            raise FileTooLarge(limit=FILE_BYTES_MAX // 1024**2)
        return source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise UnreadableFile from error


def _grids(raw: bytes, name: str) -> list[Grid]:
    if raw.startswith(ZIP_START):
        return read_workbook(raw)
    if raw.startswith(OLE_START):
        raise ProtectedWorkbook if ENCRYPTED_STREAM in raw else OldWorkbook
    if raw.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(MARKUP_STARTS):
        raise BadSheet
    return [read_separated(raw, name)]


def _header(grid: Grid) -> _Header:
    """The names of the columns: the row, or the two rows, of which most are known; else the first row of a table."""
    top = list(islice(grid.rows(), HEADER_ROWS + 1))
    singles = [_Header(names=row.cells, last_row=row.number) for row in top[:HEADER_ROWS]]
    doubles = [_joined(grid, upper, lower) for upper, lower in pairwise(top) if lower.number == upper.number + 1]
    best = max((*singles, *doubles), key=lambda header: header.known_count, default=_Header(names=(), last_row=0))
    if not best.known_count:
        best = next((header for header in singles if sum(map(bool, header.names)) > 1), best)
    below = next((row for row in top if row.number > best.last_row), None)
    if below and _counts_columns(below):
        return _Header(names=best.names, last_row=below.number)
    return best


def _joined(grid: Grid, upper: Row, lower: Row) -> _Header:
    """One header of two rows: a name of a group of columns with the names of its columns below it."""
    groups = list(_spread(grid, upper))
    width = max(len(groups), len(lower.cells))
    groups += [""] * (width - len(groups))
    names = tuple(_joined_name(group, lower.text(column)) for column, group in enumerate(groups))
    return _Header(names=names, last_row=lower.number)


def _spread(grid: Grid, upper: Row) -> Sequence[str]:
    """The texts of a row, those of merged cells in all columns that they cover."""
    texts = list(upper.cells)
    for merge in grid.merges:
        if merge.top == upper.number and merge.right <= COLUMNS_MAX:
            texts += [""] * (merge.right - len(texts))
            texts[merge.left - 1 : merge.right] = [texts[merge.left - 1]] * (merge.right - merge.left + 1)
    return texts


def _joined_name(group: str, name: str) -> str:
    joined = f"{group} {name}".strip()
    return name if field_of(name) and not field_of(joined) else joined


def _counts_columns(row: Row) -> bool:
    """Whether a row says 1, 2, 3 … or (1), (2), (3) … under the names of the columns."""
    said = [text.strip().strip("()") for text in row.cells if text.strip()]
    return len(said) >= NUMBERED_LEAST and said == [str(number) for number in range(1, len(said) + 1)]


def _is_in_old_font(grid: Grid) -> bool:
    return is_legacy_font(" ".join(" ".join(row.cells) for row in islice(grid.rows(), HEADER_ROWS)))
