"""Reading text files with separators (csv): their encoding, their separator, their rows."""

import csv
import io
import re
import unicodedata
from array import array
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from desk_client.sheets.columns import guessed
from desk_client.sheets.grids import CELL_CHARACTERS_MAX, Grid, Mark, Row, UnreadableText, WrongQuotes, is_broken_number
from sync_protocol.legacy_text import is_legacy_font

SEPARATORS = (",", ";", "\t")
SNIFFED_ROWS = 20
SAMPLE_CHARACTERS = 100_000
"""Enough of a text to tell an old font from Windows-1258."""

ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|#+)")
FORCED_TEXT = re.compile(r'="(.*)"', re.DOTALL)
"""How programs keep a spreadsheet from dropping zeros: ="001090000001"."""


def read_separated(raw: bytes, name: str) -> Grid:
    """The table of a csv file; raises UnreadableText, WrongQuotes."""
    text = _decoded(raw)
    separator = max(SEPARATORS, key=lambda each: _fitness(text, each))
    filled, width = array("L"), 0
    for row in _rows(text, separator):
        filled.append(row.number)
        width = max(width, len(row.cells))
    return Grid(name=name, filled=filled, width=width, rows=lambda: _rows(text, separator))


def _decoded(raw: bytes) -> str:
    """Text of UTF-8, UTF-16 with its mark, else of the Windows code pages that Vietnamese machines had."""
    try:
        if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            text = raw.decode("utf-16")
        elif raw.startswith(BOM_UTF8) or _is_utf8(raw):
            text = raw.decode("utf-8-sig")
        else:
            text = _of_code_page(raw)
    except UnicodeDecodeError as error:
        raise UnreadableText from error
    if "\0" in text:
        raise UnreadableText
    return text


def _is_utf8(raw: bytes) -> bool:
    """Whether bytes are UTF-8; raises UnreadableText for UTF-8 that is damaged.

    Text of a code page holds hardly any well-formed sequence by chance, so a file with many is not of one.
    """
    text = raw.decode("utf-8", errors="replace")
    bad_count = text.count("\ufffd")
    good_count = sum(len(run) for run in re.findall(r"[^\0-\x7f\ufffd]+", text))
    if bad_count and good_count >= bad_count:
        raise UnreadableText
    return not bad_count


def _of_code_page(raw: bytes) -> str:
    western = raw.decode("cp1252", errors="replace")
    # Kept as it looks, so that the cells are refused with the right advice.
    if is_legacy_font(western[:SAMPLE_CHARACTERS]):
        return western
    return unicodedata.normalize("NFC", raw.decode("cp1258"))


def _fitness(text: str, separator: str) -> tuple[int, int]:
    """How well a separator fits: names of columns that it shows at the top of the file, then columns."""
    best = (0, 0)
    # Wrong quotation marks below the names are told when the right separator is known.
    with suppress(WrongQuotes):
        for row in islice(_rows(text, separator), SNIFFED_ROWS):
            best = max(best, (len(guessed(row.cells)), len(row.cells)))
    return best


def _rows(text: str, separator: str) -> Iterator[Row]:
    # Strict, since a quotation mark that never closes would swallow the rest of the file into one cell.
    records = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(records, start=1):
            if any(cell.strip() for cell in cells):
                yield _row(number, cells)
    except csv.Error as error:
        raise WrongQuotes(row=number + 1) from error


def _row(number: int, cells: list[str]) -> Row:
    while not cells[-1].strip():
        cells.pop()
    shown = [FORCED_TEXT.sub(r"\1", cell) if cell.startswith("=") else cell for cell in cells]
    marks = {column: mark for column, cell in enumerate(shown) if (mark := _mark(cell))}
    texts = (
        cell[:CELL_CHARACTERS_MAX] if marks.get(column) is not Mark.WITHOUT_VALUE else ""
        for column, cell in enumerate(shown)
    )
    return Row(number, tuple(texts), marks)


def _mark(cell: str) -> Mark | None:
    if cell.startswith("="):
        return Mark.WITHOUT_VALUE
    if cell.startswith("#") and ERROR.fullmatch(cell.strip()):
        return Mark.ERROR
    if len(cell) > CELL_CHARACTERS_MAX:
        return Mark.TOO_LONG
    return Mark.BROKEN_NUMBER if is_broken_number(cell) else None
