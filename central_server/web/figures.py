"""The book of figures from elsewhere: what stands in it, one more by a form, or many from a file, shown before."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from central_server.paper.spreadsheets import Column as SheetColumn
from central_server.paper.spreadsheets import Sheet, workbook
from central_server.reports.external import EXTERNAL, PUBLISHED, FigureKind
from central_server.reports.indicators import BY_ID
from central_server.reports.rates import number_text
from central_server.reports.report import Column
from central_server.services import external_figures
from central_server.services.external_figures import COLUMNS, SOURCE_CHARACTERS_MAX, BadFigure, BookRow
from central_server.services.figure_sheets import (
    FILE_BYTES_MAX,
    ROWS_MAX,
    BadFigureSheet,
    FigureLine,
    keep_sheet,
    look_through,
)
from central_server.storage.external_figures import ExternalFigure
from central_server.web.formatting import number, period_text
from central_server.web.present import central, is_changer, language, signed_in
from central_server.web.report_words import head
from central_server.web.speech import gettext, page_locale
from central_server.web.standings_sheet import SHEET_TYPE
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.messages import error_text

ROWS_SHOWN_MAX = 300
SAMPLE_NAME = "mau-so-lieu-nguon-khac.xlsx"
COLUMN_NAMES = {
    "indicator": N_("Code of the indicator"),
    "unit_code": N_("Code of the unit"),
    "period": N_("Period"),
    "value": N_("Value"),
    "numerator": N_("Part"),
    "denominator": N_("Of the whole"),
    "source": N_("By which document"),
}
NAME_WIDTH, CODE_WIDTH = 60, 34

figures = Blueprint("figures", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """A figure as it is listed."""

    indicator: str
    unit: str
    period: str
    value: str
    made_of: str
    source: str
    row: BookRow


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresPage:
    """The page; `typed` stands in the form that was refused, and `problem` says why."""

    rows: Sequence[FigureRow]
    count: int
    indicators: Sequence[tuple[str, str]]
    can_change: bool
    source_max: int
    file_kilobytes: int
    rows_max: int
    kept: str
    typed: Mapping[str, str]
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShown:
    """A row of a file as it is shown before it is kept: "good", "known" or "wrong", and why."""

    number: int
    state: str
    told: Mapping[str, str]
    value: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPage:
    """What a file would add; `file` is all of it, to be sent once more."""

    heads: Sequence[str]
    columns: Sequence[str]
    lines: Sequence[LineShown]
    good: int
    known: int
    wrong: int
    file: str


@figures.get("/figures")
def show() -> str:
    """The book, as far as the person may see."""
    return _page({}, "")


@figures.post("/figures")
def add() -> Response | tuple[str, int]:
    """Adds a figure; what cannot be is told on the page, with what was typed."""
    typed = {name: request.form.get(name, "").strip()[: SOURCE_CHARACTERS_MAX + 1] for name in COLUMNS}
    try:
        external_figures.add(central(), signed_in().person.scope, typed, by=signed_in().person.username)
    except BadFigure as error:
        return _page(typed, error_text(error, language())), HTTPStatus.BAD_REQUEST
    return redirect(url_for("figures.show", kept=1), HTTPStatus.SEE_OTHER)


@figures.post("/figures/preview")
def preview() -> str | tuple[str, int]:
    """What a file would add to the book; nothing is kept."""
    sent = request.files.get("file")
    raw = sent.read(FILE_BYTES_MAX + 1) if sent else b""
    try:
        lines = look_through(central(), signed_in().person.scope, raw, by=signed_in().person.username)
    except BadFigureSheet as error:
        return _page({}, error_text(error, language())), HTTPStatus.BAD_REQUEST
    page = PreviewPage(
        heads=[gettext(name) for name in COLUMN_NAMES.values()],
        columns=COLUMNS,
        lines=[_line(each) for each in lines],
        good=sum(each.is_to_be_kept for each in lines),
        known=sum(each.is_known for each in lines),
        wrong=sum(each.figure is None for each in lines),
        file=urlsafe_b64encode(raw).decode(),
    )
    return render_template("figures_preview.html", page=page)


@figures.post("/figures/import")
def keep() -> Response | tuple[str, int]:
    """Keeps the usable rows of the file that was looked through."""
    try:
        raw = urlsafe_b64decode(request.form.get("file", ""))
        count = keep_sheet(central(), signed_in().person.scope, raw, by=signed_in().person.username)
    except (NotBase64, ValueError, BadFigureSheet):
        return _page({}, error_text(BadFigureSheet(), language())), HTTPStatus.BAD_REQUEST
    return redirect(url_for("figures.show", kept=count), HTTPStatus.SEE_OTHER)


@figures.get("/figures/sample.xlsx")
def sample() -> Response:
    """An empty file of the columns, with the list of indicators beside."""
    heads = [SheetColumn(head=gettext(name), width=CODE_WIDTH) for name in COLUMN_NAMES.values()]
    listed = [SheetColumn(head=gettext("Code"), width=CODE_WIDTH), SheetColumn(head=gettext("Name"), width=NAME_WIDTH)]
    file = workbook(
        Sheet(
            name=gettext("Figures"),
            title=gettext("Figures from elsewhere, one a row"),
            notes=(),
            columns=heads,
            rows=(),
        ),
        Sheet(name=gettext("Indicators"), title=gettext("Indicators"), notes=(), columns=listed, rows=_indicators()),
    )
    return send_file(BytesIO(file), mimetype=SHEET_TYPE, as_attachment=True, download_name=SAMPLE_NAME)


def indicator_name(id_: str) -> str:
    """What a figure is called; one that was published before with what it is a share of."""
    if id_.startswith(PUBLISHED):
        counted = BY_ID[id_.removeprefix(PUBLISHED)]
        name = head(Column(id=counted.id, name=counted.name, basis=counted.basis))
        return gettext("Published before: %(name)s", name=name)
    return gettext(_NAMES[id_])


_NAMES = {each.id: each.name for each in EXTERNAL}
_KINDS = {each.id: each.kind for each in EXTERNAL}


def _page(typed: Mapping[str, str], problem: str) -> str:
    rows = external_figures.book(central(), signed_in().person.scope)
    kept = request.args.get("kept", "")
    page = FiguresPage(
        rows=[_row(each) for each in rows[:ROWS_SHOWN_MAX]],
        count=len(rows),
        indicators=_indicators(),
        can_change=is_changer(),
        source_max=SOURCE_CHARACTERS_MAX,
        file_kilobytes=FILE_BYTES_MAX // 1024,
        rows_max=ROWS_MAX,
        kept=number(int(kept)) if kept.isascii() and kept.isdigit() and len(kept) < 5 else "",
        typed=typed,
        problem=problem,
    )
    return render_template("figures.html", page=page)


def _indicators() -> list[tuple[str, str]]:
    return [(each.id, indicator_name(each.id)) for each in EXTERNAL]


def _row(row: BookRow) -> FigureRow:
    told = row.figure
    is_made_of = told.numerator is not None and told.denominator is not None
    return FigureRow(
        indicator=indicator_name(told.indicator),
        unit=row.unit_name,
        period=period_text(told.period),
        value=_value(told),
        made_of=f"{number(told.numerator or 0)}/{number(told.denominator or 0)}" if is_made_of else "",
        source=gettext("by %(source)s", source=told.source),
        row=row,
    )


def _value(figure: ExternalFigure) -> str:
    text = number_text(figure.value, page_locale())
    return f"{text}%" if _KINDS[figure.indicator] is FigureKind.SHARE else text


def _line(line: FigureLine) -> LineShown:
    state = "known" if line.is_known else "good" if line.figure else "wrong"
    return LineShown(
        number=line.number,
        state=state,
        told=line.told,
        value=_value(line.figure) if line.figure else "",
        problem=_reason(line.problem.values["reason"]) if line.problem else "",
    )


def _reason(reason: object) -> str:
    return error_text(reason, language()) if isinstance(reason, FieldSyncError) else gettext(str(reason))
