"""How the PDF looks: the measures of each size of paper, and the text and the grids that everything is made of.

reportlab reads markup in texts, so each one is escaped on its way in.
"""

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, black
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, Table

from desk_client.paper.sheet import PaperSize
from desk_client.paper.typeface import REGULAR

Flowable = Any
"""A piece of reportlab, which is not typed."""

SOFT = Color(0.25, 0.25, 0.25)
LINE = Color(0.45, 0.45, 0.45)
SHADE = Color(0.93, 0.93, 0.93)
LEADING = 1.3
"""Lines stand this far apart: Vietnamese capitals carry two marks."""

HEIGHT_MAX = 10_000
"""More than any page; for measuring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The measures of a sheet: lengths in points, letters by their size; `sign` is the room for a signature."""

    page: tuple[float, float]
    side: float
    top: float
    bottom: float
    text: float
    head: float
    title: float
    label_width: float
    sign: float

    @property
    def width(self) -> float:
        """Between the margins."""
        return self.page[0] - 2 * self.side

    @property
    def small(self) -> float:
        """Size of notes."""
        return self.text - 1.2


LOOKS = {
    PaperSize.A5: Look(
        page=A5,
        side=12 * mm,
        top=6 * mm,
        bottom=6 * mm,
        text=8.6,
        head=7.6,
        title=12.6,
        label_width=43 * mm,
        sign=12 * mm,
    ),
    PaperSize.A4: Look(
        page=A4,
        side=22 * mm,
        top=14 * mm,
        bottom=12 * mm,
        text=11,
        head=9.6,
        title=16,
        label_width=66 * mm,
        sign=20 * mm,
    ),
}


def written(
    words: str,
    size: float,
    font: str = REGULAR,
    *,
    colour: Color = black,
    align: int = TA_LEFT,
    before: float = 0,
    after: float = 0,
) -> Flowable:
    """A text in one style that may take several lines."""
    drawn = lettering(size, font, before=before, after=after)
    drawn.textColor, drawn.alignment = colour, align
    return Paragraph(escape(words), drawn)


def lettering(size: float, font: str, *, before: float = 0, after: float = 0) -> Any:
    """A style of reportlab for whole paragraphs; room before and after in points."""
    return ParagraphStyle(
        "text", fontName=font, fontSize=size, leading=size * LEADING, spaceBefore=before, spaceAfter=after
    )


def grid(cells: list[list[Any]], widths: list[float], *commands: tuple[Any, ...]) -> Flowable:
    """Cells without lines and room around them, unless commands say so; they stay on one page."""
    bare = [
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    return Table(cells, colWidths=widths, style=[*bare, *commands])
