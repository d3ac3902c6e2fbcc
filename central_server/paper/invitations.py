"""Invitations as one PDF: a sheet of A4 a desk, with its code to type or to scan and three steps, in Vietnamese.

reportlab reads markup in texts, so each one is escaped on its way in, and sets loose marks beside their letters, so
each one is composed.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import segno
from reportlab.lib.colors import Color, black, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from central_server.paper.training_mark import draw_training_mark
from central_server.paper.typeface import REGULAR, SEMIBOLD, register_typeface
from sync_protocol.instants import LOCAL

WIDTH, HEIGHT = A4
SIDE = 22 * mm
INNER = WIDTH - 2 * SIDE
SOFT, LINE, SHADE, MARK = (
    Color(0.3, 0.3, 0.3),
    Color(0.55, 0.55, 0.55),
    Color(0.95, 0.94, 0.91),
    Color(0.88, 0.88, 0.88),
)

LEADING = 1.38
"""Lines stand this far apart: Vietnamese capitals carry two marks."""

QR_SIZE = 46 * mm
QR_QUIET_MODULES = 4
"""The white border that a scanner needs. Source: ISO/IEC 18004."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationSheet:
    """What stands on a desk's sheet.

    code         in groups, as it is typed
    server       address under which the machine finds the centre, "" where it is told otherwise
    is_approved  whether a person compares six digits before the machine counts
    """

    desk_name: str
    desk_code: str
    unit_name: str
    phone: str
    code: str
    expires_at: datetime
    server: str
    is_approved: bool
    training: bool


def invitations_pdf(sheets: Iterable[InvitationSheet]) -> bytes:
    """All sheets as one file, a page each, in their order; about 3 ms a page."""
    register_typeface()
    file = BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=1, lang="vi-VN")
    canvas.setTitle("Phiếu đăng ký máy")
    canvas.setCreator("field-sync")
    for sheet in sheets:
        _draw(canvas, sheet)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _draw(canvas: Any, sheet: InvitationSheet) -> None:
    if sheet.training:
        draw_training_mark(canvas, MARK)
    at = HEIGHT - 24 * mm
    at = _write(canvas, "PHIẾU ĐĂNG KÝ MÁY", at, size=12, font=SEMIBOLD, colour=SOFT)
    at = _write(canvas, sheet.desk_name, at - 2 * mm, size=21, font=SEMIBOLD)
    at = _write(canvas, _facts(sheet), at - 1 * mm, size=11.5, colour=SOFT)
    at = _draw_code(canvas, sheet, at - 8 * mm)
    at = _write(canvas, "Ba bước trên máy dùng để nhập hồ sơ", at - 9 * mm, size=14, font=SEMIBOLD)
    for number, (text, command) in enumerate(_steps(sheet), start=1):
        at = _draw_step(canvas, number, text, command, at - 5.5 * mm)
    _draw_foot(canvas)


def _facts(sheet: InvitationSheet) -> str:
    phone = f"Điện thoại {sheet.phone}" if sheet.phone else ""
    return "   ·   ".join(filter(None, (sheet.unit_name, f"Mã Bộ phận {sheet.desk_code}", phone)))


def _steps(sheet: InvitationSheet) -> list[tuple[str, str]]:
    """What to do, and what to type for it."""
    asked = "gõ địa chỉ dưới đây" if sheet.server else "gõ địa chỉ máy chủ do tỉnh thông báo"
    told = (
        " Màn hình hiện sáu chữ số: đọc qua điện thoại cho cán bộ theo dõi để máy được duyệt."
        if sheet.is_approved
        else ""
    )
    return [
        (
            "Bật máy, nối mạng, rồi mở cửa sổ lệnh: nhấn phím Windows, gõ cmd, nhấn Enter. Gõ dòng dưới đây, nhấn "
            "Enter, rồi mở trình duyệt ở địa chỉ hiện ra, bắt đầu bằng http://mot-cua.",
            "desk-client serve",
        ),
        (
            f"Ở trang Đăng ký máy này, ô Địa chỉ máy chủ: {asked}; ô Mã đăng ký: gõ hoặc quét mã ở trên.",
            sheet.server,
        ),
        (
            "Trưởng Bộ phận tự đặt mật khẩu, từ 10 ký tự, gõ hai lần, rồi nhấn nút Đăng ký máy này. Xong, đăng nhập "
            f"với tên truong và bắt đầu nhập hồ sơ.{told}",
            "",
        ),
    ]


def _draw_code(canvas: Any, sheet: InvitationSheet, top: float) -> float:
    """The box with the code in groups and until when it is good, and the same code as QR at its right."""
    height = QR_SIZE + 10 * mm
    canvas.setFillColor(SHADE)
    canvas.setStrokeColor(LINE)
    canvas.roundRect(SIDE, top - height, INNER, height, 3 * mm, fill=1, stroke=1)
    _draw_qr(canvas, sheet.code, WIDTH - SIDE - QR_SIZE - 5 * mm, top - height + 5 * mm)
    left, room = SIDE + 8 * mm, INNER - QR_SIZE - 21 * mm
    at = _write(canvas, "Mã đăng ký", top - 7 * mm, size=11.5, colour=SOFT, left=left, width=room)
    groups = sheet.code.split("-")
    step = (room + 3 * mm) / 2
    for number, group in enumerate(groups):
        x, y = left + (number % 2) * step, at - 13 * mm - (number // 2) * 14 * mm
        canvas.setFillColor(white)
        canvas.roundRect(x, y, step - 3 * mm, 11.5 * mm, 1.5 * mm, fill=1, stroke=1)
        canvas.setFillColor(black)
        canvas.setFont(SEMIBOLD, 20)
        canvas.drawCentredString(x + (step - 3 * mm) / 2, y + 3.3 * mm, group, charSpace=3)
    expires = sheet.expires_at.astimezone(LOCAL).strftime("%H:%M ngày %d/%m/%Y")
    at -= 13 * mm + (len(groups) - 1) // 2 * 14 * mm + 3 * mm
    _write(canvas, f"Dùng được đến {expires}", at, size=11.5, font=SEMIBOLD, left=left, width=room)
    return float(top - height)


def _draw_qr(canvas: Any, code: str, left: float, low: float) -> None:
    """The code and nothing else, so that a scanner that types can fill it in; make() might give a Micro QR."""
    rows = list(segno.make_qr(code, error="m").matrix_iter(border=QR_QUIET_MODULES))
    size = QR_SIZE / len(rows)
    canvas.setFillColor(white)
    canvas.rect(left, low, QR_SIZE, QR_SIZE, fill=1, stroke=0)
    canvas.setFillColor(black)
    path = canvas.beginPath()
    for down, row in enumerate(rows):
        for across, is_dark in enumerate(row):
            if is_dark:
                path.rect(left + across * size, low + QR_SIZE - (down + 1) * size, size, size)
    canvas.drawPath(path, fill=1, stroke=0)


def _draw_step(canvas: Any, number: int, text: str, command: str, top: float) -> float:
    radius = 4 * mm
    canvas.setFillColor(black)
    canvas.circle(SIDE + radius, top - radius, radius, fill=1, stroke=0)
    canvas.setFillColor(white)
    canvas.setFont(SEMIBOLD, 12.5)
    canvas.drawCentredString(SIDE + radius, top - radius - 4.4, str(number))
    left, room = SIDE + 12 * mm, INNER - 12 * mm
    at = _write(canvas, text, top + 0.2 * mm, size=12.5, left=left, width=room)
    if not command:
        return float(min(at, top - 2 * radius))
    drawn = _paragraph(command, size=12, font=SEMIBOLD)
    _, height = drawn.wrap(room - 8 * mm, HEIGHT)
    box = height + 5 * mm
    canvas.setFillColor(SHADE)
    canvas.setStrokeColor(LINE)
    canvas.roundRect(left, at - 2 * mm - box, room, box, 1.5 * mm, fill=1, stroke=1)
    drawn.drawOn(canvas, left + 4 * mm, at - 2 * mm - box + 2.5 * mm)
    return float(at - 2 * mm - box)


def _draw_foot(canvas: Any) -> None:
    text = (
        "Mã chỉ dùng một lần, cho một máy. Ai cầm mã này có thể đăng ký máy thay đơn vị: không gửi ảnh phiếu qua mạng, "
        "xong việc thì hủy phiếu. Nếu máy báo mã sai hoặc hết hạn thì chưa có gì bị mất: "
        "gọi cán bộ theo dõi để xin mã mới."
    )
    drawn = _paragraph(text, size=10.5, colour=SOFT)
    _, height = drawn.wrap(INNER, HEIGHT)
    canvas.setStrokeColor(LINE)
    canvas.line(SIDE, 18 * mm + height + 3 * mm, WIDTH - SIDE, 18 * mm + height + 3 * mm)
    drawn.drawOn(canvas, SIDE, 18 * mm)


def _write(
    canvas: Any,
    text: str,
    top: float,
    *,
    size: float,
    font: str = REGULAR,
    colour: Any = black,
    left: float = SIDE,
    width: float = INNER,
) -> float:
    """Draws a text that may take several lines below `top`, and gives where it ends."""
    drawn = _paragraph(text, size=size, font=font, colour=colour)
    _, height = drawn.wrap(width, HEIGHT)
    drawn.drawOn(canvas, left, top - height)
    return float(top - height)


def _paragraph(text: str, *, size: float, font: str = REGULAR, colour: Any = black) -> Any:
    style = ParagraphStyle("text", fontName=font, fontSize=size, leading=size * LEADING, textColor=colour)
    return Paragraph(escape(unicodedata.normalize("NFC", text)), style)
