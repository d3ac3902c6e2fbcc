"""A report in its words, ready to be drawn: the same value for the page, the PDF and the file for a word processor."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from central_server.reports.by_hand import Piece

COLUMNS_UPRIGHT_MAX = 6
"""Of figures; a table of more is printed across the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShown:
    """A cell as it is shown; `made_of`: numerator and denominator of a rate, "" for any other figure."""

    text: str
    made_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """A row as it is shown; `key` is a code that tells more than the name, "" where none does.

    place  its number in an official form, "" in any other table
    """

    place: str
    name: str
    key: str
    cells: Sequence[CellShown]
    is_total: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadShown:
    """The head of a column; `number` and `group` are those of an official form, "" in any other table.

    is_words  whether words stand in the column, not figures
    """

    text: str
    number: str = ""
    group: str = ""
    is_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadCell:
    """A cell of the head at a row and a column of it, which reaches over so many columns and so many rows."""

    text: str
    down: int
    across: int
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShown:
    """A table as it is shown; `names` are the heads of what says what a row is about, `heads` those of its figures."""

    id: str
    name: str
    names: Sequence[HeadShown]
    heads: Sequence[HeadShown]
    rows: Sequence[RowShown]
    notes: Sequence[str] = ()

    @property
    def is_wide(self) -> bool:
        """Whether it is printed across the page."""
        return len(self.heads) > COLUMNS_UPRIGHT_MAX

    @property
    def head_rows(self) -> Sequence[Sequence[HeadCell]]:
        """The rows of the head: columns of one group stand under it, and the form's numbers stand below all."""
        heads = list(enumerate((*self.names, *self.heads)))
        height = 2 if any(head.group for _, head in heads) else 1
        groups = [list(members) for _, members in groupby(heads, key=lambda placed: placed[1].group)]
        rows = [
            [cell for members in groups for cell in _top(members, height)],
            [HeadCell(text=head.text, down=1, across=across) for across, head in heads if head.group],
            [HeadCell(text=head.number, down=height, across=across) for across, head in heads],
        ]
        return [row for row in rows if any(cell.text for cell in row)]


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
    paragraphs: Sequence[Sequence[Piece]]
    changed: str
    tables: Sequence[TableShown]
    receivers: Sequence[str]
    signer: str
    training: bool

    @property
    def is_wide(self) -> bool:
        """Whether all of it is printed across the page: of upright tables it has none."""
        return bool(self.tables) and all(table.is_wide for table in self.tables)


def _top(members: Sequence[tuple[int, HeadShown]], height: int) -> list[HeadCell]:
    across, head = members[0]
    if head.group:
        return [HeadCell(text=head.group, down=0, across=across, columns=len(members))]
    return [HeadCell(text=head.text, down=0, across=across, rows=height) for across, head in members]
