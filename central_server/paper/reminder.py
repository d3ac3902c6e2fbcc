"""The reminder letter (công văn đôn đốc) as PDF, set as administrative letters are, ready to be numbered and signed.

Source of the form: Nghị định 30/2020/NĐ-CP, Phụ lục I (A4, margins 20/20/30/15 mm; quốc hiệu and tiêu ngữ at the right,
the agency at the left, number and subject below it, Kính gửi, Nơi nhận; page numbers from the second page on, at the
top). Set in the letters of this project instead of Times New Roman. Number, day, signer and deadline are left open.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, black
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from central_server.paper.training_mark import draw_training_mark
from central_server.paper.typeface import REGULAR, SEMIBOLD, register_typeface
from sync_protocol.instants import LOCAL

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
DOTS = "………"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """A desk that is reminded: what was entered, the level asked for, and the evidence with its date."""

    name: str
    code: str
    entered: int
    threshold: int
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownRow:
    """A desk of which nobody knows enough: what is known, and what would help."""

    name: str
    code: str
    evidence: str
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderLetter:
    """What the letter says.

    unit, superior  names of the unit it is sent to and of the one above it, "" where there is none
    place           where it is signed
    known_at        the instant whose figures it tells
    zero, few       proven flags only; unknown: desks that are not accused of anything
    enough          desks that reached the level or are not judged
    """

    unit: str
    superior: str
    place: str
    first_on: date
    last_on: date
    known_at: datetime
    enough: int
    zero: Sequence[ReminderRow]
    few: Sequence[ReminderRow]
    unknown: Sequence[UnknownRow]
    training: bool


def reminder_pdf(letter: ReminderLetter) -> bytes:
    """The letter as one file."""
    register_typeface()
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        topMargin=TOP,
        bottomMargin=BOTTOM,
        leftMargin=LEFT - FRAME_PADDING,
        rightMargin=RIGHT - FRAME_PADDING,
        title="Công văn đôn đốc nhập hồ sơ",
        author="",
        creator="field-sync",
        lang="vi-VN",
        invariant=1,
    )
    draw = _draw_training_page if letter.training else _draw_page
    document.build(_content(letter), onFirstPage=draw, onLaterPages=draw)
    return file.getvalue()


def _content(letter: ReminderLetter) -> list[Any]:
    return [
        _head(letter),
        Spacer(1, 5 * mm),
        _text(f"Kính gửi: {committee(letter.unit)}", size=12, align=TA_CENTER),
        Spacer(1, 4 * mm),
        *_opening(letter),
        *_reminded("Không có hồ sơ (đã xác nhận)", letter.zero),
        *_reminded(_few_title(letter.few), letter.few),
        *_request(letter),
        *_unknown(letter.unknown),
        # Whoever signs sees at least the last words of what is signed above the name.
        KeepTogether([_closing(), Spacer(1, 5 * mm), _foot()]),
    ]


def committee(unit: str) -> str:
    """The people's committee of a unit, whose name goes on in small letters: Ủy ban nhân dân xã Ngọc Mỹ."""
    return f"Ủy ban nhân dân {_lower(unit)}"


def _head(letter: ReminderLetter) -> Any:
    agency = committee(letter.superior).upper() if letter.superior else DOTS * 3
    subject = f"V/v đôn đốc nhập hồ sơ tại Bộ phận Một cửa, kỳ {_day(letter.first_on)} – {_day(letter.last_on)}"
    rows = [
        [
            [_text(agency, size=10.5, align=TA_CENTER), _text("VĂN PHÒNG", size=10.5, font=SEMIBOLD, align=TA_CENTER)],
            [
                _text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=10.5, font=SEMIBOLD, align=TA_CENTER),
                _text("Độc lập - Tự do - Hạnh phúc", size=11.5, font=SEMIBOLD, align=TA_CENTER),
            ],
        ],
        [_rule(18 * mm), _rule(50 * mm)],
        [
            [
                _text(f"Số: {DOTS} / {DOTS}", size=11, align=TA_CENTER),
                Spacer(1, 1.5 * mm),
                _text(subject, size=10, align=TA_CENTER),
            ],
            _text(f"{letter.place}, ngày …… tháng …… năm 20……", size=11, align=TA_CENTER),
        ],
    ]
    return _table(
        rows,
        [LEFT_COLUMN, INNER - LEFT_COLUMN],
        [("TOPPADDING", (0, 2), (-1, 2), 2.5 * mm), ("ALIGN", (0, 1), (-1, 1), "CENTER")],
    )


def _rule(width: float) -> Any:
    """The short line below an agency's name and below the motto."""
    drawn = Table([[""]], colWidths=[width], rowHeights=[1.5 * mm], hAlign="CENTER")
    drawn.setStyle([("LINEABOVE", (0, 0), (-1, 0), 0.7, black)])
    return drawn


def _opening(letter: ReminderLetter) -> list[Any]:
    known_at = letter.known_at.astimezone(LOCAL).strftime("%H:%M ngày %d/%m/%Y")
    total = letter.enough + len(letter.zero) + len(letter.few) + len(letter.unknown)
    sums = [
        (letter.enough, "đã đạt mức hoặc không xét trong kỳ"),
        (len(letter.zero), "không có hồ sơ"),
        (len(letter.few), "nhập dưới mức"),
        (len(letter.unknown), "chưa rõ số liệu"),
    ]
    told = "; ".join(f"{count} Bộ phận {words}" for count, words in sums if count)
    return [
        _paragraph(
            f"Theo số liệu máy chủ của tỉnh đã nhận đến {known_at}, trong kỳ từ ngày {_day(letter.first_on)} đến hết "
            f"ngày {_day(letter.last_on)}, {total} Bộ phận Một cửa thuộc {_lower(letter.unit)} có tình trạng nhập hồ "
            f"sơ như sau: {told}."
        )
    ]


def _reminded(title: str, rows: Sequence[ReminderRow]) -> list[Any]:
    if not rows:
        return []
    head = ("STT", "Bộ phận Một cửa", "Số hồ sơ", "Mức", "Căn cứ")
    lines = [
        (str(number), _named(row.name, row.code), str(row.entered), str(row.threshold), row.evidence)
        for number, row in enumerate(rows, start=1)
    ]
    return _titled_table(f"{title}: {len(rows)} Bộ phận", head, lines, (10, 57, 16, 14, 68), figures=(2, 3))


def _unknown(rows: Sequence[UnknownRow]) -> list[Any]:
    if not rows:
        return []
    head = ("STT", "Bộ phận Một cửa", "Điều đã biết", "Đề nghị")
    lines = [
        (str(number), _named(row.name, row.code), row.evidence, row.request) for number, row in enumerate(rows, start=1)
    ]
    told = _paragraph(
        "Các Bộ phận dưới đây chưa rõ số liệu, vì máy chủ chưa nhận đủ thông tin đến hết kỳ. Việc nêu tên không có "
        "nghĩa là Bộ phận chưa nhập hồ sơ. Đề nghị tạo điều kiện để máy của các Bộ phận này kết nối:"
    )
    title = f"Chưa rõ số liệu, đề nghị kết nối: {len(rows)} Bộ phận"
    return _titled_table(title, head, lines, (10, 52, 55, 48), figures=(), lead=told)


def _request(letter: ReminderLetter) -> list[Any]:
    if not (letter.zero or letter.few):
        return []
    return [
        _paragraph(
            f"Đề nghị {committee(letter.unit)} chỉ đạo các Bộ phận nêu trên đối chiếu với sổ giấy, nhập đủ hồ sơ đã "
            "tiếp nhận trong kỳ; trường hợp thực tế không phát sinh hồ sơ thì xác nhận không phát sinh trên phần mềm."
        )
    ]


def _closing() -> Any:
    return _paragraph(
        "Đề nghị quý cơ quan thông báo nguyên nhân, khó khăn (nếu có) về Văn phòng trước ngày …… / …… / 20…… để "
        "phối hợp giải quyết. Nếu số liệu trên chưa đúng với thực tế, đề nghị phản ánh để được đối chiếu lại./."
    )


def _few_title(rows: Sequence[ReminderRow]) -> str:
    thresholds = {row.threshold for row in rows}
    if len(thresholds) == 1:
        return f"Nhập từ 1 đến {thresholds.pop() - 1} hồ sơ (đã xác nhận)"
    return "Nhập dưới mức của kỳ (đã xác nhận)"


def _foot() -> Any:
    receivers = [
        _text("Nơi nhận:", size=10, font=SEMIBOLD),
        *(_text(line, size=9.5) for line in ("- Như trên;", f"- {DOTS}{DOTS};", f"- Lưu: VT, {DOTS}.")),
    ]
    signer = [
        _text("QUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ", size=11, font=SEMIBOLD, align=TA_CENTER),
        Spacer(1, 26 * mm),
        _text(DOTS * 4, size=11, align=TA_CENTER),
    ]
    return _table([[receivers, signer]], [LEFT_COLUMN, INNER - LEFT_COLUMN], [])


def _titled_table(
    title: str,
    head: Sequence[str],
    lines: Sequence[Sequence[str]],
    widths_mm: Sequence[float],
    *,
    figures: Sequence[int],
    lead: Any = None,
) -> list[Any]:
    """A table whose head stands again on each page; its title never stands alone at the foot of a page."""
    cells = [[_text(each, size=9.5, font=SEMIBOLD, align=TA_CENTER) for each in head]]
    cells += [
        [_text(each, size=9.5, align=_align(column, figures)) for column, each in enumerate(line)] for line in lines
    ]
    drawn = Table(cells, colWidths=[each * mm for each in widths_mm], repeatRows=1)
    drawn.setStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, LINE),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("TOPPADDING", (0, 0), (-1, -1), 1.2 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.6 * mm),
            ("LEFTPADDING", (0, 0), (-1, -1), 1.5 * mm),
            ("RIGHTPADDING", (0, 0), (-1, -1), 1.5 * mm),
        ]
    )
    heading = _text(title, size=BODY, font=SEMIBOLD, keep_with_next=True)
    above = [Spacer(1, 2.5 * mm), heading, *([lead] if lead else []), Spacer(1, 1.5 * mm)]
    return [*above, drawn, Spacer(1, 3.5 * mm)]


def _align(column: int, figures: Sequence[int]) -> int:
    return int(TA_CENTER if column == 0 else TA_RIGHT if column in figures else TA_LEFT)


def _table(rows: Sequence[Sequence[Any]], widths: Sequence[float], styles: Sequence[Any]) -> Any:
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


def _paragraph(text: str) -> Any:
    return _text(text, size=BODY, align=TA_JUSTIFY, indent=INDENT, after=2 * mm)


def _text(
    text: str,
    *,
    size: float,
    font: str = REGULAR,
    align: int = TA_LEFT,
    indent: float = 0,
    after: float = 0,
    keep_with_next: bool = False,
) -> Any:
    """A text of the letter; reportlab reads markup and sets loose marks beside their letters, hence both steps."""
    style = ParagraphStyle(
        "text",
        fontName=font,
        fontSize=size,
        leading=size * LEADING,
        alignment=align,
        firstLineIndent=indent,
        spaceAfter=after,
        keepWithNext=keep_with_next,
        splitLongWords=0,
    )
    return Paragraph(escape(unicodedata.normalize("NFC", text)), style)


def _draw_page(canvas: Any, document: Any) -> None:
    if document.page > 1:
        canvas.setFont(REGULAR, 11)
        canvas.drawCentredString(WIDTH / 2, HEIGHT - 13 * mm, str(document.page))


def _draw_training_page(canvas: Any, document: Any) -> None:
    draw_training_mark(canvas, MARK)
    _draw_page(canvas, document)


def _named(name: str, code: str) -> str:
    return f"{name} ({code})"


def _lower(unit: str) -> str:
    return f"{unit[:1].lower()}{unit[1:]}"


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
