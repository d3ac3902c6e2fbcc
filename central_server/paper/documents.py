"""A report in its words, ready to be drawn: the same value for the page, the PDF and the file for a word processor."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShown:
    """A cell as it is shown; `made_of`: numerator and denominator of a rate, "" for any other figure."""

    text: str
    made_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """A row as it is shown; `key` is a code that tells more than the name, "" where none does."""

    name: str
    key: str
    cells: Sequence[CellShown]
    is_total: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShown:
    """A table as it is shown; `heads` are those of its figures."""

    id: str
    name: str
    heads: Sequence[str]
    rows: Sequence[RowShown]

    @property
    def is_wide(self) -> bool:
        """Whether it is printed across the page."""
        return len(self.heads) > COLUMNS_UPRIGHT_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Words of a paragraph; those that were changed by hand are marked."""

    text: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report as a paper of an office.

    agency       whose office reports; number: its number, or dots where it has none yet
    title        what stands large above it; subtitles: the lines below
    notes        what a reader has to know of the figures
    paragraphs   its text; changed: what is said below it where something in it was changed by hand
    receivers    lines of its foot; signer: a name, or dots
    training     whether it comes from a training centre
    """

    agency: str
    number: str
    place_and_day: str
    title: str
    subtitles: Sequence[str]
    notes: Sequence[str]
    paragraphs: Sequence[Sequence[Run]]
    changed: str
    name_head: str
    tables: Sequence[TableShown]
    receivers: Sequence[str]
    signer: str
    training: bool


COLUMNS_UPRIGHT_MAX = 6
