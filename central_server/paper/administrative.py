"""What the centre's administrative papers have in common when they are set as PDF: letterhead, text, tables, foot.

Source of the form: Nghị định 30/2020/NĐ-CP, Phụ lục I (A4, margins 20/20/30/15 mm; quốc hiệu and tiêu ngữ at the right,
the agency at the left, number and subject below it, Nơi nhận; page numbers from the second page on, at the top). Set in
the letters of this project instead of Times New Roman. What whoever signs has to fill in is left open.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, black
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, Spacer, Table

from central_server.paper.training_mark import draw_training_mark
from central_server.paper.typeface import REGULAR, SEMIBOLD
from central_server.reports.by_hand import Piece

WIDTH, HEIGHT = A4
TOP, BOTTOM, LEFT, RIGHT = 20 * mm, 20 * mm, 30 * mm, 15 * mm
INNER = WIDTH - LEFT - RIGHT
LEFT_COLUMN = 0.42 * INNER
LEADING = 1.38
BODY = 11.5
INDENT = 10 * mm
FRAME_PADDING = 6
"""What reportlab leaves free at each side of a page's frame, in points."""

LINE, MARK = Color(0.35, 0.35, 0.35), Color(0.9, 0.9, 0.9)
UNIT_KINDS = ("Tỉnh", "Thành phố", "Thị xã", "Thị trấn", "Huyện", "Quận", "Phường", "Xã", "Đặc khu")
DOTS = "………"
OPEN_DAY = "ngày …… tháng …… năm 20……"
NATION, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
OFFICE = "VĂN PHÒNG"
SIGNER = "QUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """The head of a paper: whose office writes, its number, what it is about ("" where a title says it), and where."""

    agency: str
    number: str
    subject: str
    place_and_day: str


def letterhead(head: Letterhead) -> Any:
    """The head, drawn."""
    below = [text(head.number, size=11, align=TA_CENTER)]
    if head.subject:
        below += [Spacer(1, 1.5 * mm), text(head.subject, size=10, align=TA_CENTER)]
    rows = [
        [
            [text(head.agency, size=10.5, align=TA_CENTER), text(OFFICE, size=10.5, font=SEMIBOLD, align=TA_CENTER)],
            [
                text(NATION, size=10.5, font=SEMIBOLD, align=TA_CENTER),
                text(MOTTO, size=11.5, font=SEMIBOLD, align=TA_CENTER),
            ],
        ],
        [_rule(18 * mm), _rule(50 * mm)],
        [below, text(head.place_and_day, size=11, align=TA_CENTER)],
    ]
    return beside(
        rows,
        [LEFT_COLUMN, INNER - LEFT_COLUMN],
        [("TOPPADDING", (0, 2), (-1, 2), 2.5 * mm), ("ALIGN", (0, 1), (-1, 1), "CENTER")],
    )


def foot(receivers: Sequence[str], signer: str = DOTS * 4) -> Any:
    """Who gets it, and where it is signed."""
    left = [
        text("Nơi nhận:", size=10, font=SEMIBOLD),
        *(text(line, size=9.5) for line in receivers),
    ]
    right = [
        text(SIGNER, size=11, font=SEMIBOLD, align=TA_CENTER),
        Spacer(1, 26 * mm),
        text(signer, size=11, align=TA_CENTER),
    ]
    return beside([[left, right]], [LEFT_COLUMN, INNER - LEFT_COLUMN], [])


def committee(unit: str) -> str:
    """The people's committee of a unit, whose name goes on in small letters: Ủy ban nhân dân xã Ngọc Mỹ."""
    return f"Ủy ban nhân dân {lower(unit)}"


def lower(unit: str) -> str:
    """The name of a unit within a sentence."""
    return f"{unit[:1].lower()}{unit[1:]}"


def place_of(unit: str) -> str:
    """Where a paper is signed: the name of a unit without what kind of unit it is."""
    kind = next((each for each in UNIT_KINDS if unit.startswith(f"{each} ")), "")
    return unit[len(kind) :].strip()


def beside(rows: Sequence[Sequence[Any]], widths: Sequence[float], styles: Sequence[Any]) -> Any:
    """Columns beside each other, without lines."""
    drawn = Table(rows, colWidths=widths)
    bare = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ]
    drawn.setStyle([*bare, *styles])
    return drawn


def grid(cells: Sequence[Sequence[Any]], widths: Sequence[float], styles: Sequence[Any] = (), *, heads: int = 1) -> Any:
    """A table with lines, whose first rows, its heads, stand again on each page."""
    drawn = Table(cells, colWidths=widths, repeatRows=heads)
    lined = [
        ("GRID", (0, 0), (-1, -1), 0.5, LINE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.2 * mm),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.6 * mm),
        ("LEFTPADDING", (0, 0), (-1, -1), 1.5 * mm),
        ("RIGHTPADDING", (0, 0), (-1, -1), 1.5 * mm),
    ]
    drawn.setStyle([*lined, *styles])
    return drawn


def paragraph(*runs: Piece) -> Any:
    """A paragraph of the body; what was changed by hand in it is underlined."""
    marked = (f"<u>{_plain(run.text)}</u>" if run.is_by_hand else _plain(run.text) for run in runs)
    style = _style(size=BODY, align=TA_JUSTIFY, indent=INDENT, after=2 * mm)
    return Paragraph("".join(marked), style)


def text(
    words: str,
    *,
    size: float,
    font: str = REGULAR,
    align: int = TA_LEFT,
    after: float = 0,
    keep_with_next: bool = False,
) -> Any:
    """Words on lines of their own."""
    return Paragraph(_plain(words), _style(size=size, font=font, align=align, after=after, keep=keep_with_next))


def page_drawing(*, training: bool) -> Callable[[Any, Any], None]:
    """What draws a page's own marks: its number, and that it comes from a training centre."""
    return partial(_draw_page, training=training)


def _draw_page(canvas: Any, document: Any, *, training: bool) -> None:
    width, height = canvas._pagesize
    if training:
        draw_training_mark(canvas, MARK, width, height)
    if document.page > 1:
        canvas.setFont(REGULAR, 11)
        canvas.drawCentredString(width / 2, height - 13 * mm, str(document.page))


def _rule(width: float) -> Any:
    """The short line below an agency's name and below the motto."""
    drawn = Table([[""]], colWidths=[width], rowHeights=[1.5 * mm], hAlign="CENTER")
    drawn.setStyle([("LINEABOVE", (0, 0), (-1, 0), 0.7, black)])
    return drawn


def _plain(words: str) -> str:
    """Words as reportlab takes them: it reads markup, and sets loose marks beside their letters."""
    return escape(unicodedata.normalize("NFC", words))


def _style(
    *, size: float, font: str = REGULAR, align: int, indent: float = 0, after: float, keep: bool = False
) -> ParagraphStyle:
    return ParagraphStyle(
        "text",
        fontName=font,
        fontSize=size,
        leading=size * LEADING,
        alignment=align,
        firstLineIndent=indent,
        spaceAfter=after,
        keepWithNext=keep,
        splitLongWords=0,
    )
