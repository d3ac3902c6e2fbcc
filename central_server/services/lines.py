"""Lines of CSV files, and what stands in their cells; whatever does not fit is told with the number of its line."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from io import StringIO
from typing import TypeVar

from sync_protocol.calendars import TimeLimit
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.texts import BadText, normalised
from sync_protocol.vocabulary import LimitUnit

Word = TypeVar("Word", bound=StrEnum)
ROWS_MAX = 50_000
AMOUNT_MOST_VND = 1_000_000_000


class BadFile(FieldSyncError):
    """A file of reference data cannot be loaded."""

    code = "bad_file"
    text = N_(
        "The file cannot be loaded, line %(line)d: %(reason)s. Nothing of it was loaded; correct it and load it again."
    )


class BadHeader(BadFile):
    """A file of reference data begins with other columns than it should."""

    text = N_("The file cannot be loaded: its first line has to be %(header)s. Nothing of it was loaded.")


class NotOneOf(FieldSyncError):
    """A word that does not belong to the closed set of its column."""

    code = "not_one_of"
    text = N_('"%(word)s" stands where one of these has to stand: %(words)s')


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a CSV file with the number of its line; a column that the file does not have is not in its cells."""

    number: int
    cells: dict[str, str]

    def cell(self, column: str) -> str:
        """What stands in a column, "" where the file does not have it."""
        return self.cells.get(column, "")

    def word(self, column: str, words: type[Word]) -> Word:
        """A word of a closed set."""
        return self.word_of(self.cell(column), words)

    def word_of(self, text: str, words: type[Word]) -> Word:
        """A text as a word of a closed set."""
        try:
            return words(text)
        except ValueError as error:
            reason = NotOneOf(word=text, words=", ".join(words))
            raise BadFile(line=self.number, reason=reason) from error

    def day(self, column: str) -> date | None:
        """A day, None where nothing stands."""
        text = self.cell(column)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise self.bad(N_("a day is not usable; write it like 2021-10-04")) from error

    def days(self, first: str, last: str) -> tuple[date | None, date | None]:
        """A first and a last day, both inclusive."""
        first_on, last_on = self.day(first), self.day(last)
        if first_on and last_on and last_on < first_on:
            raise self.bad(N_("the last day lies before the first"))
        return first_on, last_on

    def amount(self, column: str) -> int | None:
        """An amount of whole đồng, None where nothing stands."""
        text = self.cell(column)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and int(text) <= AMOUNT_MOST_VND):
            raise self.bad(N_("the amount is not a whole number of đồng"))
        return int(text)

    def limit(self, value: str, unit: LimitUnit) -> TimeLimit:
        """A time limit."""
        try:
            return TimeLimit(value=Decimal(value), unit=unit)
        except (ArithmeticError, FieldSyncError) as error:
            raise self.bad(N_("the time limit is not a number")) from error

    def bad(self, reason: str) -> BadFile:
        """What to raise about this line."""
        return BadFile(line=self.number, reason=reason)


def read_lines(text: str, required: Iterable[str], optional: Iterable[str]) -> Iterator[Line]:
    """The rows of a file that has at least the required columns; raises BadFile."""
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""))
    required = list(required)
    try:
        if rows.fieldnames is None or not set(required) <= set(rows.fieldnames):
            raise BadHeader(line=1, header=",".join(required))
        columns = [*required, *(name for name in optional if name in rows.fieldnames)]
        for row in rows:
            if rows.line_num > ROWS_MAX or any(row[name] is None for name in columns):
                raise BadFile(line=rows.line_num, reason=N_("a column is missing, or the file is too long"))
            yield Line(rows.line_num, {name: normalised(row[name]) for name in columns})
    except (BadText, csv.Error) as error:
        raise BadFile(line=rows.reader.line_num, reason=error if isinstance(error, BadText) else str(error)) from error
