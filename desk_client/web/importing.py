"""Taking in a spreadsheet: give the file, see what would become of each row, then take it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from flask import Blueprint, Request, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from desk_client.services.import_jobs import ImportJob, Phase
from desk_client.services.importing import Order, keep_mapping, mapping_for
from desk_client.services.row_taking import Outcome, RowResult
from desk_client.sheets.advice import Remark
from desk_client.sheets.columns import Field
from desk_client.sheets.grids import FILE_BYTES_MAX, BadSheet
from desk_client.sheets.reading import read_sheet
from desk_client.web.errors import error_words
from desk_client.web.formatting import number
from desk_client.web.present import desk, door, language, person
from desk_client.web.speech import gettext
from desk_client.web.sync import StatusLine, status_line_of
from desk_client.web.words import FIELDS, OUTCOMES, SOURCES
from sync_protocol.messages import translated
from sync_protocol.vocabulary import Source

FORM_BYTES = 64 * 1024
SHOWN_ROWS_MAX = 200
SAMPLES_MAX = 3
UPLOAD = "importing.give"
ROW_ORDER = (Outcome.REFUSED, Outcome.CHANGED, Outcome.NEW, Outcome.UNCHANGED)

importing = Blueprint("importing", __name__)


class MemoryRequest(Request):
    """A request whose uploads stay in memory: a temporary file would hold citizens' names in the clear."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the file: its name, what some of its cells hold, and the field that it is taken for."""

    index: int
    name: str
    samples: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """A row in the table of outcomes."""

    number: str
    outcome: str
    word: str
    dossier_code: str
    remarks: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many rows have an outcome."""

    outcome: str
    word: str
    count: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a file is, for the part of the page that comes anew by itself.

    percent  0 to 100; taken_of: rows with a result of all
    """

    token: str
    is_under_way: bool
    is_tried: bool
    is_taken: bool
    percent: int
    taken_of: str
    counts: list[Count]
    rows: list[RowShown]
    hidden_rows: str
    can_take: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage:
    """A file that was given."""

    status: StatusLine
    name: str
    row_count: str
    has_merged_cells: bool
    has_formulas: bool
    columns: list[Column]
    fields: list[tuple[str, str]]
    sources: list[tuple[str, str]]
    source: str
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class GivePage:
    """The form that takes a file; `problem` says why the last one could not be read."""

    status: StatusLine
    sources: list[tuple[str, str]]
    problem: str = ""


def widen_upload() -> None:
    """Lets the form that takes a file be as large as a file may be; every other form stays small."""
    if request.endpoint == UPLOAD:
        request.max_content_length = FILE_BYTES_MAX + FORM_BYTES


@importing.get("/import")
def page() -> str:
    """The form that takes a file."""
    return _give_page()


@importing.post("/import")
def give() -> BaseResponse | tuple[str, int]:
    """Reads a file and tries its rows under the mapping that fits it."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _give_page(gettext("Choose a file first. Nothing was taken in.")), 422
    try:
        sheet = read_sheet(file.read(), file.filename)
    except BadSheet as error:
        return _give_page(error_words(error)), 422
    order = Order(sheet=sheet, mapping=mapping_for(desk(), sheet), source=_source())
    job = door().imports.begin(desk(), order, person().clerk.username)
    return redirect(url_for("importing.one", token=job.token))


@importing.get("/import/<token>")
def one(token: str) -> str:
    """A file: its columns, and what became or would become of its rows."""
    return render_template("import_file.html", page=_page(_job(token)))


@importing.get("/import/<token>/progress")
def progress(token: str) -> str:
    """The part of that page that changes."""
    return render_template("_import_progress.html", progress=_progress(_job(token)))


@importing.post("/import/<token>/mapping")
def map_columns(token: str) -> BaseResponse:
    """Tries the rows under another mapping, which is remembered for files with these columns."""
    job = _job(token)
    mapping = _mapping(request.form, len(job.order.sheet.header))
    keep_mapping(desk(), job.order.sheet, mapping)
    job.try_again(desk(), mapping, _source())
    return redirect(url_for("importing.one", token=token))


@importing.post("/import/<token>/take")
def take(token: str) -> BaseResponse:
    """Takes the rows in."""
    job = _job(token)
    job.take(desk())
    door().wake()
    return redirect(url_for("importing.one", token=token))


@importing.post("/import/<token>/refused.csv")
def refused(token: str) -> Response:
    """The refused rows by number with what to do about each, to be corrected in the file; without its content."""
    lines = [f"{gettext('Row')};{gettext('What to do')}"]
    rows = [_shown(each) for each in _job(token).results if each.outcome is Outcome.REFUSED]
    lines += [f"{row.number};{_quoted(' '.join(row.remarks))}" for row in rows]
    headers = {"Content-Disposition": 'attachment; filename="dong-can-sua.csv"'}
    return Response("\ufeff" + "\r\n".join(lines) + "\r\n", mimetype="text/csv", headers=headers)


def _give_page(problem: str = "") -> str:
    shown = GivePage(status=status_line_of(desk()), sources=_sources(), problem=problem)
    return render_template("import.html", page=shown)


def _page(job: ImportJob) -> ImportPage:
    sheet, fields = job.order.sheet, {column: name for name, column in job.order.mapping.items()}
    samples = _samples(job)
    return ImportPage(
        status=status_line_of(desk()),
        name=sheet.name,
        row_count=number(sheet.row_count),
        has_merged_cells=sheet.has_merged_cells,
        has_formulas=sheet.has_formulas,
        columns=[
            Column(index=index, name=name, samples=samples.get(index, ""), field=fields.get(index, ""))
            for index, name in enumerate(sheet.header)
        ],
        fields=[(name.value, gettext(text)) for name, text in FIELDS.items()],
        sources=_sources(),
        source=job.order.source.value,
        progress=_progress(job),
    )


def _progress(job: ImportJob) -> Progress:
    counts, total = job.counts(), max(job.order.sheet.row_count, 1)
    ordered = sorted(job.results, key=lambda each: ROW_ORDER.index(each.outcome))
    error = job.error
    return Progress(
        token=job.token,
        is_under_way=job.is_under_way,
        is_tried=job.phase is Phase.TRIED and error is None,
        is_taken=job.phase is Phase.TAKEN and error is None,
        percent=min(100, job.done * 100 // total) if job.is_under_way else 100,
        taken_of=f"{number(job.done)} / {number(job.order.sheet.row_count)}",
        counts=[
            Count(outcome=each.value, word=gettext(OUTCOMES[each]), count=number(counts.get(each, 0)))
            for each in (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.REFUSED)
        ],
        rows=[] if job.is_under_way else [_shown(each) for each in ordered[:SHOWN_ROWS_MAX]],
        hidden_rows=number(max(0, len(ordered) - SHOWN_ROWS_MAX)),
        can_take=counts.get(Outcome.NEW, 0) + counts.get(Outcome.CHANGED, 0),
        problem=error_words(error) if error else "",
    )


def _shown(result: RowResult) -> RowShown:
    remarks = [_remark(each) for each in result.remarks]
    return RowShown(
        number=number(result.number),
        outcome=result.outcome.value,
        word=gettext(OUTCOMES[result.outcome]),
        dossier_code=result.dossier_code,
        remarks=[*remarks, error_words(result.error)] if result.error else remarks,
    )


def _remark(remark: Remark) -> str:
    said = translated(remark.text, remark.values, language(), "desk_client")
    return f"{gettext(FIELDS[remark.field])}: {said}"


def _samples(job: ImportJob) -> dict[int, str]:
    """What the first cells of each column hold, so that a clerk recognises it."""
    found: dict[int, list[str]] = {}
    for row, _ in zip(job.order.sheet.rows(), range(SAMPLES_MAX), strict=False):
        for index, cell in enumerate(row.cells):
            if cell:
                found.setdefault(index, []).append(cell[:40])
    return {index: " · ".join(cells) for index, cells in found.items()}


def _mapping(form: Mapping[str, str], width: int) -> dict[Field, int]:
    """The field chosen for each column; of two columns for one field the first is taken."""
    mapping: dict[Field, int] = {}
    for index in range(width):
        chosen = form.get(f"column_{index}", "")
        if chosen in FIELDS:
            mapping.setdefault(Field(chosen), index)
    return mapping


def _job(token: str) -> ImportJob:
    job = door().imports.of(token, person().clerk.username)
    if job is None:
        abort(404)
    return job


def _source() -> Source:
    return Source.OPENING if request.form.get("source") == Source.OPENING else Source.IMPORT


def _sources() -> list[tuple[str, str]]:
    return [(word.value, gettext(text)) for word, text in SOURCES.items()]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
