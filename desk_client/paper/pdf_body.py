"""The blocks of a sheet and its signatures, as pieces that flow over the pages of a PDF."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from reportlab.lib.colors import black
from reportlab.lib.enums import TA_CENTER, TA_LEFT
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, KeepTogether, Paragraph, Spacer
from reportlab.platypus import Table as Grid

from desk_client.paper.look import HEIGHT_MAX, LINE, SHADE, SOFT, Flowable, Look, grid, lettering, written
from desk_client.paper.sheet import Addressee, Block, Facts, Highlight, Points, Section, Sheet, Signature, Table
from desk_client.paper.sheet import Paragraph as Sentence
from desk_client.paper.typeface import REGULAR, SEMIBOLD


def body(sheet: Sheet, look: Look) -> Iterator[Flowable]:
    """The blocks in order; the last one stays with the signatures, so that these never stand alone on a page."""
    *before, last = (list(_drawn(block, look)) for block in sheet.blocks)
    for drawn in before:
        yield from drawn
    if sheet.signatures:
        yield KeepTogether([*last, *_signatures(sheet.signatures, look)])
    else:
        yield from last


def _drawn(block: Block, look: Look) -> Iterator[Flowable]:
    match block:
        case Facts():
            yield from _facts(block, look)
        case Section():
            yield _section(block, look)
        case Sentence():
            yield _sentence(block, look)
        case Addressee():
            yield written(f"Kính gửi: {block.name}", look.text + 1.4, SEMIBOLD, align=TA_CENTER, before=2, after=5)
        case Points():
            for number, point in enumerate(block.points, start=1):
                yield _hanging(f"{number}.", point, look, indent=5 * mm, is_strong=True)
        case Highlight():
            yield from _highlight(block, look)
        case Table():
            yield from _rows(block, look)


def _facts(block: Facts, look: Look) -> Iterator[Flowable]:
    for fact in block.facts:
        yield _hanging(fact.label, fact.value, look, indent=look.label_width, is_strong=fact.is_strong)


def _hanging(label: str, value: str, look: Look, *, indent: float, is_strong: bool) -> Flowable:
    """A value beside its label; unlike a row of a table, it flows on to the next page by itself."""
    beside = lettering(look.text, SEMIBOLD if is_strong else REGULAR, after=1.6)
    beside.leftIndent = indent
    beside.bulletFontName, beside.bulletFontSize, beside.bulletColor = REGULAR, look.text - 0.3, SOFT
    return Paragraph(escape(value), beside, bulletText=label)


def _section(block: Section, look: Look) -> Flowable:
    heading = lettering(look.text + 0.4, SEMIBOLD, before=5, after=2.5)
    heading.keepWithNext = 1
    return Paragraph(escape(block.title), heading)


def _sentence(block: Sentence, look: Look) -> Flowable:
    size = look.small if block.is_note else look.text
    return written(block.text, size, colour=SOFT if block.is_note else black, before=3, after=3)


def _highlight(block: Highlight, look: Look) -> Iterator[Flowable]:
    lines = [written(block.label, look.text - 0.3, colour=SOFT), written(block.value, look.text + 3, SEMIBOLD)]
    if block.note:
        lines.append(written(block.note, look.text))
    frame = [("BOX", (0, 0), (-1, -1), 1, black)]
    inner = [("LEFTPADDING", (0, 0), (-1, -1), 8), ("TOPPADDING", (0, 0), (-1, -1), 3)]
    yield Spacer(0, 4)
    yield grid([[lines]], [look.width], *frame, *inner, ("BOTTOMPADDING", (0, 0), (-1, -1), 5))
    yield Spacer(0, 4)


def _rows(block: Table, look: Look) -> Iterator[Flowable]:
    widths = [look.width * percent / 100 for percent in block.percents]
    titles = [written(column.title, look.small, SEMIBOLD, align=TA_CENTER) for column in block.columns]
    rows = [
        [_cell(words, look, is_centred=column.is_centred) for words, column in zip(row, block.columns, strict=True)]
        for row in block.rows
    ]
    cells = [titles, *rows]
    least_heights = [0, *[block.row_mm * mm] * len(rows)]
    yield Spacer(0, 2)
    # A table that began where its first row has no room would be split inside that row, or inside its head.
    yield CondPageBreak(min(_height(_table(cells[:2], widths, least_heights[:2])), look.page[1] / 2))
    yield _table(cells, widths, least_heights)
    yield Spacer(0, 4)


def _table(cells: list[list[Flowable]], widths: list[float], least_heights: list[float]) -> Flowable:
    """Split between rows, and inside a row only where it is longer than a page."""
    return Grid(
        cells,
        colWidths=widths,
        minRowHeights=least_heights,
        repeatRows=1,
        splitInRow=1,
        style=[
            ("GRID", (0, 0), (-1, -1), 0.5, LINE),
            ("BACKGROUND", (0, 0), (-1, 0), SHADE),
            ("VALIGN", (0, 0), (-1, 0), "MIDDLE"),
            ("VALIGN", (0, 1), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ],
    )


def _height(drawn: Flowable) -> float:
    _, height = drawn.wrap(HEIGHT_MAX, HEIGHT_MAX)
    return float(height)


def _cell(words: str, look: Look, *, is_centred: bool) -> Flowable:
    return written(words, look.text - 0.4, align=TA_CENTER if is_centred else TA_LEFT)


def _signatures(signatures: Sequence[Signature], look: Look) -> Iterator[Flowable]:
    """Side by side; a single one stands on the right, as letters have it."""
    cells: list[list[Flowable]] = [[]] * (2 - len(signatures)) + [_signature(each, look) for each in signatures]
    yield Spacer(0, 5)
    yield grid([cells], [look.width / len(cells)] * len(cells))


def _signature(signature: Signature, look: Look) -> list[Flowable]:
    return [
        written(signature.role.upper(), look.text - 0.2, SEMIBOLD, align=TA_CENTER),
        written(signature.how, look.small, colour=SOFT, align=TA_CENTER),
        Spacer(0, look.sign),
        written(signature.name, look.text, SEMIBOLD, align=TA_CENTER),
    ]
