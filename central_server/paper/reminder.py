"""The reminder letter (công văn đôn đốc) as PDF, set as administrative letters are, ready to be numbered and signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, SimpleDocTemplate, Spacer

from central_server.paper.administrative import (
    BODY,
    BOTTOM,
    DOTS,
    FRAME_PADDING,
    LEFT,
    OPEN_DAY,
    RIGHT,
    TOP,
    Letterhead,
    committee,
    foot,
    grid,
    letterhead,
    lower,
    page_drawing,
    paragraph,
    text,
)
from central_server.paper.typeface import SEMIBOLD, register_typeface
from central_server.reports.by_hand import Piece
from sync_protocol.instants import LOCAL

RECEIVERS = ("- Như trên;", f"- {DOTS}{DOTS};", f"- Lưu: VT, {DOTS}.")


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
    draw = page_drawing(training=letter.training)
    document.build(_content(letter), onFirstPage=draw, onLaterPages=draw)
    return file.getvalue()


def _content(letter: ReminderLetter) -> list[Any]:
    return [
        _head(letter),
        Spacer(1, 5 * mm),
        text(f"Kính gửi: {committee(letter.unit)}", size=12, align=TA_CENTER),
        Spacer(1, 4 * mm),
        *_opening(letter),
        *_reminded("Không có hồ sơ (đã xác nhận)", letter.zero),
        *_reminded(_few_title(letter.few), letter.few),
        *_request(letter),
        *_unknown(letter.unknown),
        # Whoever signs sees at least the last words of what is signed above the name.
        KeepTogether([_closing(), Spacer(1, 5 * mm), foot(RECEIVERS)]),
    ]


def _head(letter: ReminderLetter) -> Any:
    return letterhead(
        Letterhead(
            agency=committee(letter.superior).upper() if letter.superior else DOTS * 3,
            number=f"Số: {DOTS} / {DOTS}",
            subject=f"V/v đôn đốc nhập hồ sơ tại Bộ phận Một cửa, kỳ {_day(letter.first_on)} – {_day(letter.last_on)}",
            place_and_day=f"{letter.place}, {OPEN_DAY}",
        )
    )


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
            f"ngày {_day(letter.last_on)}, {total} Bộ phận Một cửa thuộc {lower(letter.unit)} có tình trạng nhập hồ "
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
    cells = [[text(each, size=9.5, font=SEMIBOLD, align=TA_CENTER) for each in head]]
    cells += [
        [text(each, size=9.5, align=_align(column, figures)) for column, each in enumerate(line)] for line in lines
    ]
    drawn = grid(cells, [each * mm for each in widths_mm])
    heading = text(title, size=BODY, font=SEMIBOLD, keep_with_next=True)
    above = [Spacer(1, 2.5 * mm), heading, *([lead] if lead else []), Spacer(1, 1.5 * mm)]
    return [*above, drawn, Spacer(1, 3.5 * mm)]


def _align(column: int, figures: Sequence[int]) -> int:
    return int(TA_CENTER if column == 0 else TA_RIGHT if column in figures else TA_LEFT)


def _paragraph(words: str) -> Any:
    return paragraph(Piece(words))


def _named(name: str, code: str) -> str:
    return f"{name} ({code})"


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
