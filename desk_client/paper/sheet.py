"""A printed form as a value: its head, its title, its blocks in order. The page and the PDF draw the same sheet."""

import unicodedata
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from desk_client.paper.forms import Form
from desk_client.paper.qr import qr_svg
from desk_client.paper.words import copies_words, day_words, hour_and_day

PRACTICE_MARK = "BẢN TẬP – KHÔNG CÓ GIÁ TRỊ"
SIGN_HERE = "(Ký, ghi rõ họ tên)"

View = TypeVar("View")


class PaperSize(StrEnum):
    """Forms are A5, the register and what goes to supervisors A4, upright. Source: TT 01/2018 Đ.9(2)."""

    A5 = "a5"
    A4 = "a4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprint:
    """A paper that was printed before; `number` counts the prints, so that the first reprint is number 2."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What every form of a desk has at its head.

    unit_name    such as ``Ủy ban nhân dân phường Tích Sơn``; desk_name stands below it
    place        of the place and the day, such as ``Tích Sơn``
    printed_on   local day; on a reprint that of the first print
    is_practice  the dossier is not real, and every page says so
    """

    unit_name: str
    desk_name: str
    place: str
    printed_on: date
    is_practice: bool = False
    reprint: Reprint | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a form: what it is about, and what is so."""

    label: str
    value: str
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Lines of a form; labels stand in a column of their own."""

    kind: ClassVar[str] = "facts"
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading inside a form; what follows stays with it."""

    kind: ClassVar[str] = "section"
    title: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or more; a note is set smaller."""

    kind: ClassVar[str] = "paragraph"
    text: str
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter is for, in the middle of the sheet."""

    kind: ClassVar[str] = "addressee"
    name: str


@dataclass(frozen=True, slots=True)
class Points:
    """Things to bring or to do, numbered from 1."""

    kind: ClassVar[str] = "points"
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Highlight:
    """What the reader takes the paper home for, in a frame; `note` in smaller letters below it."""

    kind: ClassVar[str] = "highlight"
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; its width as a share of all widths."""

    title: str
    share: int
    is_centred: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with lines around its cells; `row_mm` is the least height of a row, where people write by hand."""

    kind: ClassVar[str] = "table"
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    row_mm: int = 0

    @property
    def percents(self) -> tuple[float, ...]:
        """How wide each column is, in percent of the table."""
        shares = sum(column.share for column in self.columns)
        return tuple(100 * column.share / shares for column in self.columns)


Block = Facts | Section | Paragraph | Addressee | Points | Highlight | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signs, how, and the name below where it is known."""

    role: str
    how: str = SIGN_HERE
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A form that is ready to be drawn.

    code  goes into the QR symbol and, in large letters, beside it; "" for a paper about no dossier
    """

    country: ClassVar[str] = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    motto: ClassVar[str] = "Độc lập - Tự do - Hạnh phúc"

    heading: Heading
    form: Form
    blocks: tuple[Block, ...]
    signatures: tuple[Signature, ...]
    code: str = ""
    size: PaperSize = PaperSize.A5

    @property
    def unit_line(self) -> str:
        """The upper line of the left head."""
        return self.heading.unit_name.upper()

    @property
    def desk_line(self) -> str:
        """The lower line of the left head."""
        return self.heading.desk_name.upper()

    @property
    def place_and_day(self) -> str:
        """``Tích Sơn, ngày 04 tháng 10 năm 2021``."""
        return f"{self.heading.place}, {day_words(self.heading.printed_on)}"

    @property
    def title_lines(self) -> tuple[str, ...]:
        """The title in capitals, in the lines it is printed in."""
        return tuple(line.upper() for line in self.form.title_lines)

    @property
    def code_line(self) -> str:
        """What the foot of every page says of the dossier, so that loose pages find each other."""
        return f"Mã hồ sơ: {self.code}" if self.code else self.form.title

    @property
    def reprint_mark(self) -> str:
        """``BẢN IN LẠI LẦN 2 – 08:15 05/10/2021``, "" on a first print."""
        reprint = self.heading.reprint
        return f"BẢN IN LẠI LẦN {reprint.number} – {hour_and_day(reprint.at)}" if reprint else ""

    @property
    def practice_mark(self) -> str:
        """Says on every page of a practice dossier that the paper is worth nothing; "" on a real one."""
        return PRACTICE_MARK if self.heading.is_practice else ""

    @property
    def qr_svg(self) -> str:
        """The code as inline SVG, made by the program and free of anything that a person typed."""
        return qr_svg(self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPage:
    """What the page ``paper_sheet.html`` shows: a sheet, and where its toolbar leads.

    print_url  where it is noted that the sheet is printed, "" for a paper whose prints nobody counts
    prints     how often that was noted
    """

    sheet: Sheet
    pdf_url: str
    back_url: str
    print_url: str = ""
    prints: int = 0


def facts(*told: Fact) -> Facts:
    """The lines that have something to tell; a telephone that was not given leaves no gap."""
    return Facts(tuple(fact for fact in told if fact.value))


def reached_at(phone: str, email: str) -> Fact:
    """Telephone and e-mail share a line, as on the forms."""
    if phone and email:
        return Fact("Số điện thoại", f"{phone} – Email: {email}")
    return Fact("Số điện thoại", phone) if phone else Fact("Email", email)


def numbered(rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Rows of a table with their number, from 1, before the first cell."""
    return tuple((copies_words(number), *row) for number, row in enumerate(rows, start=1))


def composed(view: View) -> View:
    """A view whose texts are all as they can be drawn: composed (NFC), in one line, without invisible marks.

    Every form passes its view through here first. Decomposed letters, as some keyboards send them, print broken.
    """
    done: View = _composed(view)
    return done


def _composed(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value
    if isinstance(value, str):
        return _drawable(value)
    if isinstance(value, tuple):
        return tuple(map(_composed, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _composed(getattr(value, field.name)) for field in fields(value)})
    return value


def _drawable(text: str) -> str:
    """Old entries may hold what today's forms refuse, and a paper is printed all the same."""
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    plain = "".join(" " if unicodedata.category(character) == "Cc" else character for character in visible)
    return " ".join(unicodedata.normalize("NFC", plain).split())
