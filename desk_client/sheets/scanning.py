"""One pass over the XML of a sheet, before openpyxl reads it: where values, formulas and merged cells stand.

openpyxl in its lean mode tells either formulas or their values, and no merged cells; nor does it bound a row.
"""

import re
from array import array
from typing import IO
from xml.parsers import expat

from desk_client.sheets.grids import DamagedWorkbook, Merge

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROW, CELL, FORMULA, VALUE, INLINE_TEXT, MERGE = (
    f"{NAMESPACE} {name}" for name in ("row", "c", "f", "v", "t", "mergeCell")
)
ROWS_MAX = 1_048_576
COLUMNS_MAX = 16_384
"""What a sheet can have at all; more is no sheet, and openpyxl would count up to it."""

MERGES_MAX = 1_000
MERGED_TOP = 50
"""Merged cells are kept where names of columns may stand; below it is only noted that there are some."""

PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
"""A cell's place, such as AB12."""


class Scan:
    """What stands where in a sheet; rows and columns count from 1.

    filled    numbers of the rows that hold something, rising
    width     the last column that holds something
    formulas  by row, the columns with a formula, and whether its value is in the file too
    """

    def __init__(self) -> None:
        self.filled = array("L")
        self.width = 0
        self.formulas: dict[int, dict[int, bool]] = {}
        self.formula_until = 0
        self.merges: list[Merge] = []
        self.merged_until = 0
        self._row = 0
        self._column = 0
        self._cell_count = 0
        self._has_formula = False
        self._has_value = False
        self._is_text = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == CELL:
            self._begin_cell(attributes.get("r"))
        elif name in (VALUE, INLINE_TEXT):
            self._is_text = True
        elif name == FORMULA:
            self._has_formula = True
        elif name == ROW:
            self._begin_row(attributes.get("r"))
        elif name == MERGE:
            self._note_merge(attributes["ref"])

    def end(self, name: str) -> None:
        """An element ends."""
        if name == CELL:
            self._end_cell()
        elif name in (VALUE, INLINE_TEXT):
            self._is_text = False

    def text(self, text: str) -> None:
        """Characters between elements."""
        if self._is_text and text:
            self._has_value = True

    def _begin_row(self, stated: str | None) -> None:
        row = int(stated) if stated else self._row + 1
        # openpyxl leaves out rows that do not rise, and would not say so.
        if not self._row < row <= ROWS_MAX:
            raise DamagedWorkbook
        self._row, self._column, self._cell_count = row, 0, 0

    def _begin_cell(self, stated: str | None) -> None:
        self._column = _place(stated)[1] if stated else self._column + 1
        self._cell_count += 1
        if max(self._column, self._cell_count) > COLUMNS_MAX:
            raise DamagedWorkbook
        self._has_formula = self._has_value = False

    def _end_cell(self) -> None:
        if not self._has_formula and not self._has_value:
            return
        if not self.filled or self.filled[-1] != self._row:
            self.filled.append(self._row)
        self.width = max(self.width, self._column)
        if self._has_formula:
            self.formulas.setdefault(self._row, {})[self._column] = self._has_value
            self.formula_until = self._row

    def _note_merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        places = (_place(first), _place(last or first))
        (top, bottom), (left, right) = (sorted(bounds) for bounds in zip(*places, strict=True))
        self.merged_until = max(self.merged_until, bottom)
        if top <= MERGED_TOP and len(self.merges) < MERGES_MAX:
            self.merges.append(Merge(top=top, left=left, bottom=bottom, right=right))


def scan_sheet(part: IO[bytes]) -> Scan:
    """Reads the XML of a sheet once; raises DamagedWorkbook, expat's and zipfile's errors."""
    scan = Scan()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = scan.begin
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    parser.ParseFile(part)
    return scan


def _place(reference: str) -> tuple[int, int]:
    """Row and column of a place such as AB12."""
    match = PLACE.fullmatch(reference)
    if match is None:
        raise DamagedWorkbook
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column
