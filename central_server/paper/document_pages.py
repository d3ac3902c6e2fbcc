"""A report as PDF: its text upright, tables of many columns across the page, set as administrative papers are."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from reportlab.lib.colors import Color
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Spacer,
)

from central_server.paper.administrative import (
    BODY,
    BOTTOM,
    FRAME_PADDING,
    LEFT,
    RIGHT,
    TOP,
    Letterhead,
    foot,
    grid,
    letterhead,
    page_drawing,
    paragraph,
    text,
)
from central_server.paper.documents import CellShown, Document, HeadShown, RowShown, TableShown
from central_server.paper.typeface import REGULAR, SEMIBOLD, register_typeface

UPRIGHT, ACROSS = "upright", "across"
MARGINS = {UPRIGHT: (LEFT, RIGHT), ACROSS: (20 * mm, 15 * mm)}
PAGES = {UPRIGHT: A4, ACROSS: landscape(A4)}
NAME_SHARE = {UPRIGHT: 0.34, ACROSS: 0.24}
FIGURE, SMALL = 8.5, 7.0
PLACE_WIDTH = 10 * mm
TABLE_BEGINS = 45 * mm
"""Its name, its head and a row or two."""

TOTAL_GROUND, HEAD_GROUND = Color(0.95, 0.95, 0.95), Color(0.9, 0.93, 0.96)


def document_pages(document: Document) -> bytes:
    """The paper as one file."""
    register_typeface()
    file = BytesIO()
    pages = BaseDocTemplate(file, title=document.title, author="", creator="field-sync", lang="vi-VN", invariant=1)
    ways = sorted(PAGES, key=lambda way: way != _first_way(document))
    pages.addPageTemplates([_template(each, training=document.training) for each in ways])
    pages.build(list(_content(document)))
    return file.getvalue()


def _template(way: str, *, training: bool) -> PageTemplate:
    width, height = PAGES[way]
    left, right = MARGINS[way]
    frame = Frame(left - FRAME_PADDING, BOTTOM, width - left - right + 2 * FRAME_PADDING, height - TOP - BOTTOM)
    return PageTemplate(id=way, frames=[frame], pagesize=PAGES[way], onPage=page_drawing(training=training))


def _content(document: Document) -> Iterator[Any]:
    yield from _opening(document)
    way = _first_way(document)
    for table in document.tables:
        wanted = ACROSS if table.is_wide else UPRIGHT
        if wanted != way:
            yield from (NextPageTemplate(wanted), PageBreak())
            way = wanted
        yield from _table(table, way)
    # Whoever signs sees it beside something that is signed, as wide as a page upright.
    yield KeepTogether([Spacer(1, 6 * mm), foot(document.receivers, document.signer)])


def _first_way(document: Document) -> str:
    return ACROSS if document.is_wide else UPRIGHT


def _opening(document: Document) -> Iterator[Any]:
    yield letterhead(
        Letterhead(agency=document.agency, number=document.number, subject="", place_and_day=document.place_and_day)
    )
    yield Spacer(1, 7 * mm)
    yield text(document.title, size=14, font=SEMIBOLD, align=TA_CENTER)
    for line in document.subtitles:
        yield text(line, size=11.5, align=TA_CENTER)
    yield Spacer(1, 5 * mm)
    for runs in document.paragraphs:
        yield paragraph(*runs)
    if document.changed:
        yield text(document.changed, size=9, after=2 * mm)
    for note in document.notes:
        yield text(note, size=9.5, after=0.6 * mm)


def _table(table: TableShown, way: str) -> Iterator[Any]:
    heads, spans = _heads(table)
    totals = [
        ("BACKGROUND", (0, place), (-1, place), TOTAL_GROUND)
        for place, row in enumerate(table.rows, start=len(heads))
        if row.is_total
    ]
    # The name of a table never stands alone at the foot of a page.
    yield CondPageBreak(TABLE_BEGINS)
    yield Spacer(1, 4 * mm)
    yield text(table.name, size=BODY, font=SEMIBOLD, after=1.5 * mm)
    yield grid(
        [*heads, *(_row(table, row) for row in table.rows)],
        _widths(table, way),
        [("BACKGROUND", (0, 0), (-1, len(heads) - 1), HEAD_GROUND), *spans, *totals],
        heads=len(heads),
    )
    for note in table.notes:
        yield text(note, size=FIGURE)


def _widths(table: TableShown, way: str) -> list[float]:
    width = PAGES[way][0] - sum(MARGINS[way])
    places = [PLACE_WIDTH] * (len(table.names) - 1)
    name = NAME_SHARE[way] * width - sum(places)
    rest = (width - sum(places) - name) / len(table.heads)
    return [*places, name, *[rest] * len(table.heads)]


def _heads(table: TableShown) -> tuple[list[list[Any]], list[Any]]:
    """The rows of the head, and the styles that make cells of it reach over others, which stay empty."""
    rows: list[list[Any]] = [[""] * len((*table.names, *table.heads)) for _ in table.head_rows]
    spans = []
    for cell in (cell for cells in table.head_rows for cell in cells):
        rows[cell.down][cell.across] = text(cell.text, size=SMALL + 0.5, font=SEMIBOLD, align=TA_CENTER)
        last = (cell.across + cell.columns - 1, cell.down + cell.rows - 1)
        spans.append(("SPAN", (cell.across, cell.down), last))
    return rows, spans


def _row(table: TableShown, row: RowShown) -> list[Any]:
    font = SEMIBOLD if row.is_total else REGULAR
    place = [text(row.place, size=FIGURE, align=TA_CENTER)] if len(table.names) > 1 else []
    name = [text(row.name, size=FIGURE, font=font)]
    if row.key:
        name.append(text(row.key, size=SMALL))
    return [*place, name, *(_cell(head, each, font) for head, each in zip(table.heads, row.cells, strict=True))]


def _cell(head: HeadShown, cell: CellShown, font: str) -> list[Any]:
    drawn = [text(cell.text, size=FIGURE, font=font, align=TA_LEFT if head.is_words else TA_RIGHT)]
    if cell.made_of:
        drawn.append(text(cell.made_of, size=SMALL, align=TA_RIGHT))
    return drawn
