"""What a spreadsheet holds as values, its bounds, and why a file cannot be read."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sync_protocol.errors import N_, FieldSyncError

FILE_BYTES_MAX = 32 * 1024 * 1024
DATA_ROWS_MAX = 100_000
COLUMNS_MAX = 200
CELL_CHARACTERS_MAX = 2_000
"""Longer cells are cut and marked; no field of a dossier takes as much."""


BROKEN_NUMBER = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}")


class BadSheet(FieldSyncError):
    """A file that cannot be read as a table; the subclasses say why."""

    code = "bad_sheet"
    text = N_(
        "This file is not a table that can be read. Nothing was taken from it. Open it in the spreadsheet program,"
        " save it as .xlsx and give that file."
    )


class DamagedWorkbook(BadSheet):
    """Looks like an .xlsx file but cannot be read to its end."""

    code = "damaged_workbook"
    text = N_(
        "This spreadsheet is damaged or of a kind that cannot be read. Nothing was taken from it. Open it in the"
        " spreadsheet program, save it as .xlsx under a new name and give that file."
    )


class OldWorkbook(BadSheet):
    """An .xls file."""

    code = "old_workbook"
    text = N_(
        "This is an old .xls file. Nothing was taken from it. Open it in the spreadsheet program, save it as .xlsx and"
        " give that file."
    )


class ProtectedWorkbook(BadSheet):
    """A file that opens with a password only."""

    code = "protected_workbook"
    text = N_(
        "This spreadsheet is protected by a password. Nothing was taken from it. Open it with its password, save it as"
        " .xlsx without one and give that file."
    )


class UnreadableFile(BadSheet):
    """The file is not there, or another program holds it."""

    code = "unreadable_file"
    text = N_(
        "This file cannot be opened. Nothing was taken from it. Close it in the other programs, or copy it to this"
        " machine first, and give it again."
    )


class UnreadableText(BadSheet):
    """A text file whose characters do not fit any encoding in use."""

    code = "unreadable_text"
    text = N_(
        "The characters of this file cannot be read. Nothing was taken from it. Open it in the spreadsheet program,"
        " save it as .xlsx, or as CSV in UTF-8, and give that file."
    )


class WrongQuotes(BadSheet):
    """A text file whose quotation marks do not pair."""

    code = "wrong_quotes"
    text = N_(
        "The quotation marks near row %(row)d do not fit together, so the columns after them cannot be told apart."
        " Nothing was taken from the file. Correct that row, or save the file as .xlsx, and give it again."
    )


class LegacyFont(BadSheet):
    """The whole file was typed in an old font."""

    code = "legacy_font"
    text = N_(
        "This file was typed in an old font (TCVN3 such as .VnTime, or VNI). Nothing was taken from it, since names"
        " would be wrong. Convert it to Unicode, for example with UniKey, and give it again."
    )


class FileTooLarge(BadSheet):
    """The file, or what is packed in it, is over the bound."""

    code = "file_too_large"
    text = N_("This file is over %(limit)d MB. Nothing was taken from it. Split the file and give the parts.")


class TooManyRows(BadSheet):
    """More rows than one import takes."""

    code = "too_many_rows"
    text = N_("This table has more than %(limit)d rows. Nothing was taken from it. Split the file and give the parts.")


class TooManyColumns(BadSheet):
    """More columns than any register has."""

    code = "too_many_columns"
    text = N_(
        "This table has more than %(limit)d columns. Nothing was taken from it. Delete the columns that are not needed"
        " and give it again."
    )


class EmptySheet(BadSheet):
    """No row under the names of the columns."""

    code = "empty_sheet"
    text = N_(
        "No row was found in this file. Nothing was taken from it. A row of column names has to stand above the"
        " dossiers, on a sheet that is not hidden."
    )


class Mark(StrEnum):
    """What a cell's text does not tell.

    FORMULA          the value is the one that the spreadsheet program computed last
    WITHOUT_VALUE    a formula that was never computed; the text is empty
    ERROR            the spreadsheet shows an error such as #N/A
    BROKEN_NUMBER    a long number that the spreadsheet shows, or wrote, as 1.20123E+11
    TOO_LONG         the text was cut at CELL_CHARACTERS_MAX
    """

    FORMULA = "formula"
    WITHOUT_VALUE = "without_value"
    ERROR = "error"
    BROKEN_NUMBER = "broken_number"
    TOO_LONG = "too_long"


def is_broken_number(text: str) -> bool:
    """Whether a text is a number as spreadsheets shorten it, of which digits are lost: 1.20123E+11."""
    return "+" in text and BROKEN_NUMBER.fullmatch(text.strip()) is not None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that holds something, as a person sees it.

    number  as the spreadsheet program shows it, from 1
    cells   texts from the first column on; rows may end early
    marks   by column index from 0, only where there is one
    """

    number: int
    cells: tuple[str, ...]
    marks: Mapping[int, Mark] = field(default_factory=dict)

    def text(self, column: int) -> str:
        """The text of a cell, "" past the end of the row."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells shown as one, from 1, bounds included; only the first of them holds the value."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One sheet before its columns are known.

    filled         numbers of the rows that hold something, rising
    width          columns up to the last one that holds something
    merges         those at the top of the sheet, where names of columns stand
    merged_until   last row in which cells are merged, 0 where none are
    formula_until  last row that holds a formula, 0 where there is none
    rows           reads the rows anew from the top; may raise DamagedWorkbook
    """

    name: str
    filled: Sequence[int]
    width: int
    merges: tuple[Merge, ...] = ()
    merged_until: int = 0
    formula_until: int = 0
    rows: Callable[[], Iterator[Row]]
