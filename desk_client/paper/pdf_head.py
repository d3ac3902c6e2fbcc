"""The head of every page of a PDF, and the title with the symbol on the first."""

from collections.abc import Sequence
from itertools import pairwise
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Line, Path
from reportlab.lib.colors import black
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Paragraph, Spacer

from desk_client.paper.look import HEIGHT_MAX, SHADE, SOFT, Flowable, Look, grid, written
from desk_client.paper.qr import QUIET_MODULES, qr_rows
from desk_client.paper.sheet import Sheet
from desk_client.paper.typeface import REGULAR, SEMIBOLD

QR_MM = 26.4
"""Side of the symbol with its border; without it 20 mm for the codes in use, which every scanner reads."""


def head(sheet: Sheet, look: Look) -> Flowable:
    """What stands at the head of every page: the form's number, the desk, the country, place and day."""
    number = written(sheet.form.label, look.small - 0.8, colour=SOFT, align=TA_RIGHT)
    above = [number, Spacer(0, 2)] if sheet.form.label else []
    left, right = look.width * 0.48, look.width * 0.52
    unit = [
        _balanced(sheet.unit_line, look.head, REGULAR, left - 6),
        _balanced(sheet.desk_line, look.head, SEMIBOLD, left - 6),
        _rule(24 * mm),
    ]
    country = [
        written(sheet.country, look.head, SEMIBOLD, align=TA_CENTER),
        written(sheet.motto, look.head + 0.6, SEMIBOLD, align=TA_CENTER),
        _rule(stringWidth(sheet.motto, SEMIBOLD, look.head + 0.6)),
        Spacer(0, 4),
        written(sheet.place_and_day, look.head + 0.6, align=TA_CENTER),
    ]
    band = [_band(sheet.practice_mark, look), Spacer(0, 3)] if sheet.practice_mark else []
    blocks = grid([[unit, country]], [left, right], ("ALIGN", (0, 0), (-1, -1), "CENTER"))
    return grid([[[*band, *above, blocks]]], [look.width])


def title(sheet: Sheet, look: Look) -> Flowable:
    """The title; beside it the symbol, below it the code in large letters and the mark of a reprint."""
    lines = [written(line, look.title, SEMIBOLD, align=TA_CENTER) for line in sheet.title_lines]
    if sheet.code:
        lines += [Spacer(0, 3), written(sheet.code, _code_size(sheet.code, look), SEMIBOLD, align=TA_CENTER)]
    if sheet.reprint_mark:
        lines += [Spacer(0, 3), written(sheet.reprint_mark, look.small, SEMIBOLD, align=TA_CENTER)]
    if not sheet.code:
        return grid(
            [[lines]], [look.width], ("TOPPADDING", (0, 0), (-1, -1), 12), ("BOTTOMPADDING", (0, 0), (-1, -1), 8)
        )
    symbol = _symbol(sheet.code)
    # The white border of the symbol goes into the margin, so that its dark edge is in line with the text.
    border = _qr_width() * QUIET_MODULES / len(qr_rows(sheet.code))
    return grid(
        [[symbol, lines]],
        [_qr_width(), look.width - _qr_width()],
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (0, 0), -border),
    )


def _band(mark: str, look: Look) -> Flowable:
    return grid(
        [[written(mark, look.text + 1, SEMIBOLD, align=TA_CENTER)]],
        [look.width],
        ("BOX", (0, 0), (-1, -1), 1.2, black),
        ("BACKGROUND", (0, 0), (-1, -1), SHADE),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    )


def _balanced(words: str, size: float, font: str, width: float) -> Flowable:
    """A centred text whose lines are about equally long, so that none holds a single word."""
    full = written(words, size, font, align=TA_CENTER)
    _, height = full.wrap(width, HEIGHT_MAX)
    narrowest = width
    while narrowest > width / 2 and full.wrap(narrowest - 4, HEIGHT_MAX)[1] == height:
        narrowest -= 4
    inset = full.style.clone("balanced")
    inset.leftIndent = inset.rightIndent = (width - narrowest) / 2
    return Paragraph(escape(words), inset)


def _rule(width: float) -> Flowable:
    """A thin line in the middle of its cell; reportlab's own ruler always begins at the left."""
    drawing = Drawing(width, 3)
    drawing.add(Line(0, 1, width, 1, strokeColor=black, strokeWidth=0.6))
    return drawing


def _symbol(code: str) -> Flowable:
    """The QR symbol with its white border."""
    rows = qr_rows(code)
    module = _qr_width() / len(rows)
    drawing = Drawing(_qr_width(), _qr_width())
    # One path, since separate squares leave hairlines between them on some printers.
    path = Path(fillColor=black, strokeColor=None)
    for y, row in enumerate(reversed(rows)):
        for start, end in _runs(row):
            left, right, low, high = start * module, end * module, y * module, (y + 1) * module
            path.moveTo(left, low)
            path.lineTo(right, low)
            path.lineTo(right, high)
            path.lineTo(left, high)
            path.closePath()
    drawing.add(path)
    return drawing


def _runs(row: Sequence[bool]) -> list[tuple[int, int]]:
    """Where the dark stretches of a row begin and end."""
    edges = [at for at, (one, next_one) in enumerate(pairwise((False, *row, False))) if one != next_one]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _code_size(code: str, look: Look) -> float:
    """As large as fits into one line."""
    largest = look.title + 2
    room = look.width - _qr_width()
    width = float(stringWidth(code, SEMIBOLD, largest))
    return min(largest, largest * room / width)


def _qr_width() -> float:
    return float(QR_MM * mm)
