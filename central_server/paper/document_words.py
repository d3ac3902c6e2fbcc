"""A report as a file for a word processor, so that an office can go on writing in it; set as Nghị định 30/2020 says."""

import unicodedata
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from docx import Document as new_document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor

from central_server.paper.administrative import MOTTO, NATION, OFFICE, SIGNER
from central_server.paper.documents import CellShown, Document, HeadShown, RowShown, TableShown
from central_server.reports.by_hand import Piece

FONT = "Times New Roman"
LEFT, CENTRE, RIGHT, BOTH = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)
WIDTH, HEIGHT = Mm(210), Mm(297)
TOP, BOTTOM, RIGHT_MARGIN = Mm(20), Mm(20), Mm(15)
LEFT_MARGIN = {False: Mm(30), True: Mm(20)}
"""By whether the page lies across."""

AGENCY_SHARE = 0.42
NAME_SHARE = {False: 0.34, True: 0.24}
BODY, FIGURE, SMALL, LINE_AFTER = 14, 10, 8, 2
"""In points."""

INDENT, CELL_PADDING, PLACE_WIDTH = Mm(10), Mm(2), Emu(Mm(10))
HEAD_GROUND, TOTAL_GROUND = "E6EDF5", "F2F2F2"
TRAINING, TRAINING_COLOUR = "TẬP HUẤN", RGBColor(0xA0, 0x20, 0x20)


def document_words(document: Document) -> bytes:
    """The paper as a .docx file."""
    file = new_document()
    _set_up(file, document)
    _letterhead(file, document)
    _opening(file, document)
    across = document.is_wide
    for table in document.tables:
        if table.is_wide != across:
            across = table.is_wide
            turned = file.add_section(WD_SECTION.NEW_PAGE)
            turned.different_first_page_header_footer = False
            _turn(turned, across=across)
        _table(file, table, across=across)
    _foot(file, document)
    written = BytesIO()
    file.save(written)
    return written.getvalue()


def _set_up(file: Any, document: Document) -> None:
    style = file.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(BODY)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    style.element.rPr.append(language)
    style.paragraph_format.space_after = Pt(0)
    file.core_properties.title, file.core_properties.author = document.title, ""
    file.core_properties.comments, file.core_properties.language = "", "vi-VN"
    first = file.sections[0]
    first.top_margin, first.bottom_margin, first.right_margin = TOP, BOTTOM, RIGHT_MARGIN
    _turn(first, across=document.is_wide)
    first.different_first_page_header_footer = True
    _page_head(first.header.paragraphs[0], training=document.training)
    if document.training:
        first.first_page_header.paragraphs[0].alignment = CENTRE
        _words(first.first_page_header.paragraphs[0], TRAINING, size=BODY, bold=True, colour=TRAINING_COLOUR)


def _page_head(line: Any, *, training: bool) -> None:
    """The number of the page, which a word processor counts."""
    line.alignment = CENTRE
    run = line.add_run()
    for kind, said in (("begin", None), (None, "PAGE"), ("end", None)):
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = said
        run._element.append(mark)
    if training:
        _words(line, f"   {TRAINING}", size=BODY, bold=True, colour=TRAINING_COLOUR)


def _turn(section: Any, *, across: bool) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (HEIGHT, WIDTH) if across else (WIDTH, HEIGHT)
    section.left_margin = LEFT_MARGIN[across]


def _letterhead(file: Any, document: Document) -> None:
    table = _bare_table(file, 2)
    agency, nation = table.rows[0].cells
    _line(agency, document.agency, size=12, align=CENTRE)
    _line(agency, OFFICE, size=12, align=CENTRE, bold=True)
    _rule(agency, Mm(20))
    _line(nation, NATION, size=12, align=CENTRE, bold=True)
    _line(nation, MOTTO, size=13, align=CENTRE, bold=True)
    _rule(nation, Mm(52))
    number, place = table.rows[1].cells
    _line(number, document.number, size=12, align=CENTRE)
    _line(place, document.place_and_day, size=13, align=CENTRE, italic=True)


def _opening(file: Any, document: Document) -> None:
    _line(file, document.title, size=BODY, align=CENTRE, bold=True, before=18)
    for subtitle in document.subtitles:
        _line(file, subtitle, size=BODY, align=CENTRE)
    _line(file, "", size=8)
    for runs in document.paragraphs:
        _body(file.add_paragraph(), runs)
    if document.changed:
        _line(file, document.changed, size=11, italic=True)
    for note in document.notes:
        _line(file, note, size=11)


def _body(line: Any, runs: Sequence[Piece]) -> None:
    line.alignment = BOTH
    line.paragraph_format.first_line_indent = INDENT
    line.paragraph_format.space_after = Pt(6)
    for run in runs:
        _words(line, run.text, size=BODY, underline=run.is_by_hand)


def _table(file: Any, table: TableShown, *, across: bool) -> None:
    _line(file, table.name, size=BODY - 1, bold=True, before=10, with_next=True)
    columns = len(table.names) + len(table.heads)
    # All rows at once: a row that is added later is a copy that has to be found again.
    drawn = file.add_table(rows=len(table.head_rows) + len(table.rows), cols=columns)
    drawn.style, drawn.alignment, drawn.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    rows = list(drawn.rows)
    _set_widths(drawn, rows, _widths(table, across=across))
    _heads(table, rows)
    for row, shown in zip(rows[len(table.head_rows) :], table.rows, strict=True):
        _row(row, table, shown)
    for note in table.notes:
        _line(file, note, size=FIGURE)


def _heads(table: TableShown, rows: Sequence[Any]) -> None:
    for row in rows[: len(table.head_rows)]:
        _repeats(row)
    grid = [row.cells for row in rows[: len(table.head_rows)]]
    for cell in (cell for cells in table.head_rows for cell in cells):
        last = grid[cell.down + cell.rows - 1][cell.across + cell.columns - 1]
        place = grid[cell.down][cell.across].merge(last)
        _ground(place, HEAD_GROUND)
        _line(place, cell.text, size=FIGURE - 1, bold=True, align=CENTRE)


def _row(drawn: Any, table: TableShown, row: RowShown) -> None:
    _stays_whole(drawn)
    cells = list(drawn.cells)
    if len(table.names) > 1:
        _line(cells.pop(0), row.place, size=FIGURE, align=CENTRE)
    name, *figures = cells
    _line(name, row.name, size=FIGURE, bold=row.is_total)
    if row.key:
        _line(name, row.key, size=SMALL)
    for cell, head, shown in zip(figures, table.heads, row.cells, strict=True):
        _figure(cell, head, shown, bold=row.is_total)
    if row.is_total:
        for cell in drawn.cells:
            _ground(cell, TOTAL_GROUND)


def _figure(cell: Any, head: HeadShown, shown: CellShown, *, bold: bool) -> None:
    _line(cell, shown.text, size=FIGURE, align=LEFT if head.is_words else RIGHT, bold=bold)
    if shown.made_of:
        _line(cell, shown.made_of, size=SMALL, align=RIGHT)


def _foot(file: Any, document: Document) -> None:
    _line(file, "", size=BODY)
    left, right = _bare_table(file, 1).rows[0].cells
    _line(left, "Nơi nhận:", size=12, bold=True, italic=True)
    for receiver in document.receivers:
        _line(left, receiver, size=11)
    _line(right, SIGNER, size=13, align=CENTRE, bold=True)
    _line(right, document.signer, size=BODY, align=CENTRE, bold=True, before=80)


def _bare_table(file: Any, rows: int) -> Any:
    """Two columns beside each other, without lines, as wide as a page upright."""
    table = file.add_table(rows=rows, cols=2)
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    inner = WIDTH - LEFT_MARGIN[False] - RIGHT_MARGIN
    for row in table.rows:
        _stays_whole(row)
    _set_widths(table, list(table.rows), [Emu(int(inner * share)) for share in (AGENCY_SHARE, 1 - AGENCY_SHARE)])
    return table


def _set_widths(table: Any, rows: Sequence[Any], widths: Sequence[Emu]) -> None:
    """Both in the grid and in the cells: word processors differ in which of them they go by."""
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def _widths(table: TableShown, *, across: bool) -> list[Emu]:
    inner = int(HEIGHT if across else WIDTH) - LEFT_MARGIN[across] - RIGHT_MARGIN
    places = [PLACE_WIDTH] * (len(table.names) - 1)
    name = int(inner * NAME_SHARE[across]) - sum(places)
    return [*places, Emu(name), *[Emu((inner - name - sum(places)) // len(table.heads))] * len(table.heads)]


def _line(
    place: Any,
    words: str,
    *,
    size: int,
    align: Any = LEFT,
    bold: bool = False,
    italic: bool = False,
    before: int = 0,
    with_next: bool = False,
) -> None:
    """A line in a cell or below what the file holds; a new cell already has an empty one, which is taken first."""
    lines = place.paragraphs if hasattr(place, "_tc") else []
    line = lines[0] if len(lines) == 1 and not lines[0].text else place.add_paragraph()
    line.alignment = align
    line.paragraph_format.space_before, line.paragraph_format.keep_with_next = Pt(before), with_next
    line.paragraph_format.space_after = Pt(LINE_AFTER)
    _words(line, words, size=size, bold=bold, italic=italic)


def _rule(cell: Any, width: int) -> None:
    """The short line below an agency's name and below the motto: the edge of an empty line, drawn in at both sides."""
    line = cell.add_paragraph()
    free = Emu(int((cell.width - width) / 2) - CELL_PADDING)
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = free
    line.paragraph_format.line_spacing = Pt(5)
    edges, edge = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "auto")):
        edge.set(qn(f"w:{name}"), value)
    edges.append(edge)
    line._element.get_or_add_pPr().append(edges)


def _words(
    line: Any,
    words: str,
    *,
    size: int,
    bold: bool = False,
    italic: bool = False,
    underline: bool = False,
    colour: RGBColor | None = None,
) -> None:
    run = line.add_run(unicodedata.normalize("NFC", words))
    run.font.size, run.font.name = Pt(size), FONT
    run.bold, run.italic, run.underline = bold, italic, underline
    if colour is not None:
        run.font.color.rgb = colour


def _repeats(row: Any) -> None:
    """The head of a table stands again on each page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _stays_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _ground(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)
