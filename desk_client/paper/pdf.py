"""A sheet as a PDF file. The same sheet always gives the same bytes, so that an archive can name it by its hash."""

from dataclasses import fields, is_dataclass
from io import BytesIO
from typing import Any

from reportlab.lib.colors import Color
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Spacer

from desk_client.paper.look import HEIGHT_MAX, LINE, LOOKS, SOFT, Look
from desk_client.paper.pdf_body import body
from desk_client.paper.pdf_head import head, title
from desk_client.paper.sheet import Sheet
from desk_client.paper.typeface import REGULAR, SEMIBOLD, register_typeface, undrawable
from sync_protocol.errors import N_, FieldSyncError

WATERMARK = Color(0.88, 0.88, 0.88)
FOOT = 14
"""Height of the foot in points."""


class Undrawable(FieldSyncError):
    """A text with letters that the PDF's typeface does not have; a paper with a gap in a name must not go out."""

    code = "undrawable_text"
    text = N_(
        "The PDF cannot show these letters: %(letters)s. The dossier is safe, and its paper is complete on the screen."
        " Print it from there."
    )


def sheet_pdf(sheet: Sheet) -> bytes:
    """The sheet as PDF, as many pages as it needs; raises Undrawable. Takes some 20 ms."""
    register_typeface()
    if letters := undrawable(" ".join(_texts(sheet))):
        raise Undrawable(letters=letters)
    page_count, _ = _drawn(sheet, page_count=1)
    return _drawn(sheet, page_count=page_count)[1]


def _drawn(sheet: Sheet, *, page_count: int) -> tuple[int, bytes]:
    """How many pages there are, and the file; the foot of each page names the count that it was told."""
    look = LOOKS[sheet.size]
    file = BytesIO()
    document = BaseDocTemplate(
        file,
        pagesize=look.page,
        title=f"{sheet.form.title} {sheet.code}".strip(),
        author=sheet.heading.unit_name,
        subject=sheet.form.title,
        creator="field-sync",
        lang="vi-VN",
        displayDocTitle=1,
        invariant=1,
    )
    head_height = _head_height(sheet, look)
    low = look.bottom + FOOT
    frame = Frame(
        look.side,
        low,
        look.width,
        look.page[1] - look.top - head_height - low,
        leftPadding=0,
        rightPadding=0,
        topPadding=4,
        bottomPadding=0,
    )

    def decorate(canvas: Any, _: Any) -> None:
        _draw_watermark(canvas, sheet, look)
        _draw_head(canvas, sheet, look)
        _draw_foot(canvas, sheet, look, page_count)

    document.addPageTemplates([PageTemplate(frames=[frame], onPage=decorate)])
    document.build([title(sheet, look), Spacer(0, 5), *body(sheet, look)])
    return document.page, file.getvalue()


def _head_height(sheet: Sheet, look: Look) -> float:
    _, height = head(sheet, look).wrap(look.width, HEIGHT_MAX)
    return float(height)


def _draw_head(canvas: Any, sheet: Sheet, look: Look) -> None:
    drawn = head(sheet, look)
    _, height = drawn.wrapOn(canvas, look.width, HEIGHT_MAX)
    drawn.drawOn(canvas, look.side, look.page[1] - look.top - height)


def _draw_foot(canvas: Any, sheet: Sheet, look: Look, page_count: int) -> None:
    """Loose pages find each other by the code, and nobody misses one by the count."""
    left, right, at = look.side, look.page[0] - look.side, look.bottom
    page = f"Trang {canvas.getPageNumber()}/{page_count}"
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.4)
    canvas.line(left, at + FOOT - 5, right, at + FOOT - 5)
    canvas.setFillColor(SOFT)
    canvas.setFont(REGULAR, look.small - 0.6)
    canvas.drawString(left, at, sheet.code_line)
    canvas.drawRightString(right, at, "   ".join(filter(None, (sheet.reprint_mark, page))))


def _draw_watermark(canvas: Any, sheet: Sheet, look: Look) -> None:
    if not sheet.practice_mark:
        return
    canvas.saveState()
    canvas.translate(look.page[0] / 2, look.page[1] / 2)
    canvas.rotate(52)
    canvas.setFillColor(WATERMARK)
    canvas.setFont(SEMIBOLD, look.page[0] / 15)
    canvas.drawCentredString(0, 0, sheet.practice_mark)
    canvas.restoreState()


def _texts(value: Any) -> list[str]:
    """Every text in a sheet."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for each in value for text in _texts(each)]
    if is_dataclass(value):
        return [text for field in fields(value) for text in _texts(getattr(value, field.name))]
    return []
