"""A spreadsheet that is taken in, as its pages show it: its columns, how far it is, and what became of its rows."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from desk_client.services.import_jobs import ImportJob, Phase
from desk_client.services.importing import NEEDED
from desk_client.services.row_fields import NOT_TAKEN
from desk_client.services.row_taking import Outcome, RowResult
from desk_client.sheets.advice import Remark
from desk_client.sheets.columns import COLUMN_NAMES, Field
from desk_client.sheets.grids import FILE_BYTES_MAX
from desk_client.sheets.reading import Sheet
from desk_client.web.errors import error_words
from desk_client.web.formatting import number
from desk_client.web.present import desk, language
from desk_client.web.problems import ADVICE, OTHER_ADVICE
from desk_client.web.speech import gettext
from desk_client.web.sync import StatusLine, status_line_of
from desk_client.web.words import FIELDS, OUTCOMES, SOURCES
from sync_protocol.errors import N_
from sync_protocol.messages import translated
from sync_protocol.schemas import GENERAL_TEXTS

SHOWN_ROWS_MAX = 200
SAMPLES_MAX = 3
SAMPLE_CHARACTERS_MAX = 40
ROW_ORDER = (Outcome.REFUSED, Outcome.CHANGED, Outcome.NEW, Outcome.UNCHANGED)
COUNT_ORDER = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.REFUSED)
UNQUOTED = "…"
"""Stands for a cell's own text where advice leaves the machine."""

ROW_ADVICE = ADVICE | {
    Field.EXTERNAL_CODE: N_("Write the code in at most 60 characters."),
    Field.RESULT_NUMBER: N_("Write the number in at most 60 characters."),
    Field.DELIVERED_TO: N_("Write the name of whoever took the result, 2 to 150 characters."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the file: its name, what some of its cells hold, and the field that it is taken for."""

    index: int
    name: str
    samples: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """A row in the table of outcomes; `dossier_id` is "" where no page can be opened."""

    number: int
    outcome: str
    word: str
    dossier_id: str
    dossier_code: str
    remarks: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many rows have an outcome."""

    outcome: str
    word: str
    count: str
    is_none: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a file is, for the part of the page that comes anew by itself.

    headline  what is done just now or was done, in a sentence; done_of: rows with a result of all
    percent   0 to 100
    can_take  rows that would change something, "" where there are none or it is too early to ask
    rows      what a person has to see first, SHOWN_ROWS_MAX of them; hidden_rows: how many more there are, "" for none
    problem   why it stopped, "" while all goes well
    """

    token: str
    is_under_way: bool
    is_taken: bool
    headline: str
    done_of: str
    percent: int
    can_take: str
    has_refused: bool
    counts: list[Count]
    rows: list[RowShown]
    hidden_rows: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage:
    """A file that was given.

    table    name of the table in it, "" where that says nothing more
    columns  to be mapped; none once the rows are taken in
    missing  what a dossier needs and no column is taken for, as words
    notice   why what was asked last was not done, "" if it was
    """

    status: StatusLine
    name: str
    table: str
    row_count: str
    has_merged_cells: bool
    has_formulas: bool
    columns: list[Column]
    fields: list[tuple[str, str]]
    sources: list[tuple[str, str]]
    source: str
    missing: list[str]
    notice: str
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class GivePage:
    """The form that takes a file.

    problem     why the last one could not be read; too_large: what is said before a file over `bytes_max` is sent
    understood  names of columns that are known
    """

    status: StatusLine
    sources: list[tuple[str, str]]
    problem: str
    too_large: str
    bytes_max: int
    understood: list[str]


def give_page(problem: str, too_large: str) -> GivePage:
    """The form, with what is wrong with the file that was given last."""
    return GivePage(
        status=status_line_of(desk()),
        sources=_sources(),
        problem=problem,
        too_large=too_large,
        bytes_max=FILE_BYTES_MAX,
        understood=[names[0] for field, names in COLUMN_NAMES.items() if field not in NOT_TAKEN],
    )


def file_page(job: ImportJob, notice: str = "") -> ImportPage:
    """The page of a file."""
    sheet, mapping = job.order.sheet, job.order.mapping
    is_open = job.phase not in (Phase.TAKING, Phase.TAKEN)
    missing = [names[0] for names in NEEDED if not any(name in mapping for name in names)]
    return ImportPage(
        status=status_line_of(desk()),
        name=job.name,
        table=sheet.name if sheet.name != job.name else "",
        row_count=number(sheet.row_count),
        has_merged_cells=sheet.has_merged_cells,
        has_formulas=sheet.has_formulas,
        columns=_columns(sheet, mapping) if is_open else [],
        fields=[(name.value, gettext(text)) for name, text in FIELDS.items() if name not in NOT_TAKEN],
        sources=_sources(),
        source=job.order.source.value,
        missing=[gettext(FIELDS[name]) for name in missing] if is_open else [],
        notice=notice,
        progress=progress_of(job),
    )


def progress_of(job: ImportJob) -> Progress:
    """How far a file is."""
    # The thread that reads on may add rows meanwhile; a page agrees with itself.
    is_under_way, results = job.is_under_way, list(job.results)
    counts, total = Counter(each.outcome for each in results), max(job.order.sheet.row_count, 1)
    takeable = counts[Outcome.NEW] + counts[Outcome.CHANGED]
    is_tried = job.phase is Phase.TRIED and not job.error
    return Progress(
        token=job.token,
        is_under_way=is_under_way,
        is_taken=job.phase is Phase.TAKEN and not job.error,
        headline=_headline(job, takeable),
        done_of=f"{number(len(results))} / {number(job.order.sheet.row_count)}",
        percent=min(100, len(results) * 100 // total),
        can_take=number(takeable) if is_tried and takeable else "",
        has_refused=counts[Outcome.REFUSED] > 0 and not is_under_way,
        counts=[_count(each, counts[each]) for each in COUNT_ORDER],
        rows=[] if is_under_way else [_shown(job, each) for each in _by_need(results)[:SHOWN_ROWS_MAX]],
        hidden_rows=number(len(results) - SHOWN_ROWS_MAX) if len(results) > SHOWN_ROWS_MAX else "",
        problem=error_words(job.error) if job.error else "",
    )


def mapping_of(form: Mapping[str, str], width: int) -> dict[Field, int]:
    """The field that was chosen for each column; of two columns for one field the first is taken."""
    mapping: dict[Field, int] = {}
    for index in range(width):
        chosen = form.get(f"column_{index}", "")
        if chosen in FIELDS and chosen not in NOT_TAKEN:
            mapping.setdefault(Field(chosen), index)
    return mapping


def refused_csv(job: ImportJob) -> str:
    """The refused rows by number with what to do about each: nothing of what stands in their cells."""
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=";")
    writer.writerow([gettext("Row"), gettext("What to do")])
    for result in job.results:
        if result.outcome is Outcome.REFUSED:
            writer.writerow([result.number, " ".join(_words(job, _without_cell(result)))])
    return lines.getvalue()


def _headline(job: ImportJob, takeable: int) -> str:
    match job.phase:
        case Phase.TAKING:
            return gettext("Taking the rows in…")
        case Phase.TAKEN:
            return gettext("The file is taken in and saved on this machine; it is sent by itself.")
        case Phase.TRIED if takeable:
            return gettext("Nothing is taken in yet. This is what would become of the rows.")
        case Phase.TRIED:
            return gettext("There is nothing new to take in.")
        case _:
            return gettext("Reading the rows…")


def _by_need(results: list[RowResult]) -> list[RowResult]:
    """What has to be corrected first, then what something is said about."""
    return sorted(results, key=lambda each: (ROW_ORDER.index(each.outcome), not each.remarks))


def _columns(sheet: Sheet, mapping: Mapping[Field, int]) -> list[Column]:
    fields, samples = {column: name.value for name, column in mapping.items()}, _samples(sheet)
    return [
        Column(index=index, name=name, samples=samples.get(index, ""), field=fields.get(index, ""))
        for index, name in enumerate(sheet.header)
    ]


def _samples(sheet: Sheet) -> dict[int, str]:
    """What the first cells of each column hold, so that a clerk recognises it."""
    found: dict[int, list[str]] = {}
    for row, _ in zip(sheet.rows(), range(SAMPLES_MAX), strict=False):
        for index, cell in enumerate(row.cells):
            if cell:
                found.setdefault(index, []).append(cell[:SAMPLE_CHARACTERS_MAX])
    return {index: " · ".join(cells) for index, cells in found.items()}


def _count(outcome: Outcome, count: int) -> Count:
    return Count(outcome=outcome.value, word=gettext(OUTCOMES[outcome]), count=number(count), is_none=not count)


def _shown(job: ImportJob, result: RowResult) -> RowShown:
    return RowShown(
        number=result.number,
        outcome=result.outcome.value,
        word=gettext(OUTCOMES[result.outcome]),
        dossier_id=result.dossier_id,
        dossier_code=result.dossier_code,
        remarks=_words(job, result),
    )


def _words(job: ImportJob, result: RowResult) -> list[str]:
    """What is said of a row, each sentence behind the column that it is about, as the file names it."""
    remarks = [
        f"{job.order.column_of(each.field) or gettext(FIELDS[each.field])}: {_remark(each)}" for each in result.remarks
    ]
    return [*remarks, error_words(result.error)] if result.error else remarks


def _remark(remark: Remark) -> str:
    if remark.text in GENERAL_TEXTS:
        return gettext(ROW_ADVICE.get(remark.field, OTHER_ADVICE))
    return translated(remark.text, remark.values, language(), "desk_client")


def _without_cell(result: RowResult) -> RowResult:
    remarks = (
        replace(each, values={name: UNQUOTED if name == "text" else value for name, value in each.values.items()})
        for each in result.remarks
    )
    return replace(result, remarks=tuple(remarks))


def _sources() -> list[tuple[str, str]]:
    return [(word.value, gettext(text)) for word, text in SOURCES.items()]
