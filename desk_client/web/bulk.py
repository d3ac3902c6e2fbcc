"""Many dossiers of one kind on one page: certified copies by the dozen, typed row after row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from desk_client.services.backlog import backlog_of, follow_backlog
from desk_client.services.listing import DossierLine, of_ids
from desk_client.services.recording import (
    InvalidReception,
    Manner,
    Recorded,
    checked_reception,
    record_receptions,
)
from desk_client.services.warning import remarks_on_rows
from desk_client.web.bulk_form import (
    ROW_PARTS,
    ROWS_MAX,
    Handing,
    TypedBulk,
    TypedRow,
    fresh_bulk,
    rows_shown,
    typed_bulk,
)
from desk_client.web.day import DayNotice, day_notice
from desk_client.web.drafts import fields_of, forget_form, kept_at_text, kept_form
from desk_client.web.formatting import day_text
from desk_client.web.forms import (
    Choice,
    Promise,
    choices,
    competent_unit_of,
    is_same_day,
    new_form_id,
    procedure_choices,
    procedure_meant,
    promise_of,
    received_at,
)
from desk_client.web.intake_page import Shown, ToldRemark, told_remarks
from desk_client.web.present import desk, door, person
from desk_client.web.problems import Problem, problems_shown
from desk_client.web.speech import gettext
from desk_client.web.sync import StatusLine, status_line_of
from desk_client.web.words import CHANNELS, HANDINGS
from sync_protocol.errors import N_
from sync_protocol.instants import local_date
from sync_protocol.vocabulary import DossierStage

DRAFT = "bulk"
SHARED_FIELDS = ("procedure_code", "channel", "received_on", "received_time", "received_at")
BROUGHT_BACK = N_("Your half-typed dossiers from %(at)s are here again.")
STALE = N_("This page was open before the program started again. Nothing was saved yet; check it and save once more.")
NOTHING_TYPED = N_("Type at least one name. Nothing was saved yet.")

COLUMNS = (
    ("submitter_name", N_("Submitter"), 150, False),
    ("id_number", N_("Number of the paper"), 20, True),
    ("phone", N_("Phone"), 40, True),
    ("copy_count", N_("Copies"), 4, True),
    ("page_count", N_("Pages"), 4, True),
)
"""The fields of a row in the order of the form: their words, how many characters they take, whether digits."""

bulk = Blueprint("bulk", __name__)


class InvalidRows(Exception):
    """What was typed does not fit: by field of the whole form, and by row and field."""

    def __init__(self, shared: Mapping[str, list[str]], rows: Mapping[int, Mapping[str, list[str]]]) -> None:
        self.shared = shared
        self.rows = rows
        super().__init__()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the rows: the field, its words, how many characters it takes and whether they are digits."""

    part: str
    words: str
    most: int
    is_number: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRow:
    """A row of the page; `texts` holds the text of each field that has a problem."""

    number: int
    typed: TypedRow
    texts: dict[str, str]
    remarks: list[ToldRemark]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkPage:
    """The form of many dossiers; `problems` are those of what they share, `wrong_rows` the rows with some."""

    status: StatusLine
    day: DayNotice
    form: TypedBulk
    shown: Shown
    follows_clock: bool
    columns: list[Column]
    rows: list[BulkRow]
    rows_max: int
    procedures: list[Choice]
    last_procedure: Choice | None
    channels: list[Choice]
    handings: list[Choice]
    promise: Promise
    problems: tuple[Problem, ...]
    texts: dict[str, str]
    wrong_rows: list[BulkRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedBulkPage:
    """What has become of a form: the dossiers in their order.

    procedure_name  of all of them
    is_delivered    their results were handed over; has_one_slip: they share one
    """

    status: StatusLine
    lines: list[DossierLine]
    procedure_name: str
    is_again: bool
    is_delivered: bool
    has_one_slip: bool


@bulk.get("/bulk")
def form() -> str:
    """The empty form, or what was half-typed into it."""
    offered, draft = _offered(), kept_form(DRAFT)
    if draft is None:
        return bulk_page(offered, Shown(draft=DRAFT, has_own_day=True))
    kept = typed_bulk(fields_of(draft)).having(form_id=offered.form_id)
    if kept.own_day == "yes":
        kept = kept.having(received_on=offered.received_on, received_time=offered.received_time)
    notice = gettext(BROUGHT_BACK, at=kept_at_text(draft))
    return bulk_page(kept, Shown(draft=DRAFT, has_own_day=kept.own_day == "yes", is_kept=True, notice=notice))


@bulk.post("/bulk")
def save() -> Response | tuple[str, int]:
    """Saves all rows, or shows them again with what is wrong in which."""
    form = _sent_form()
    try:
        recorded, is_new = door().saved.save(form.content(), lambda: _record(form))
    except InvalidRows as error:
        return bulk_page(
            form, _again(form, problems=tuple(problems_shown(error.shared, form.content()))), error.rows
        ), 422
    if is_new:
        door().wake()
    session["last_procedure"] = form.procedure_code
    session["saved_bulk"] = {"ids": [each.dossier.id for each in recorded], "is_again": not is_new}
    return redirect(url_for("bulk.saved"))


@bulk.get("/bulk/saved")
def saved() -> Response | str:
    """The dossiers saved last from this form, with the papers that they may need."""
    note = session.get("saved_bulk")
    if note is None:
        return redirect(url_for("bulk.form"))
    lines = of_ids(desk(), note["ids"])
    slips = {line.slip_code for line in lines}
    procedure = desk().packs().procedures.get(lines[0].procedure_code)
    page = SavedBulkPage(
        status=status_line_of(desk()),
        lines=lines,
        procedure_name=procedure.name if procedure else lines[0].procedure_code,
        is_again=note["is_again"],
        is_delivered=all(line.stage is DossierStage.DELIVERED for line in lines),
        has_one_slip=len(slips) == 1 < len(lines),
    )
    return render_template("bulk_saved.html", page=page)


@bulk.post("/bulk/remarks")
def remarks() -> str:
    """What looks odd about the rows typed so far, each row's in it."""
    form = typed_bulk(request.form)
    told = _remarks(form)
    return render_template("_bulk_remarks.html", rows={row: told.get(row, []) for row in range(1, len(form.rows) + 1)})


def bulk_page_again(notice: str = "") -> str:
    """The form with what was typed and a new token, which the page's own may be no longer; `notice` says why else."""
    form = typed_bulk(request.form)
    return bulk_page(form, _again(form, notice=notice or gettext(STALE)))


def bulk_page(form: TypedBulk, shown: Shown, wrong: Mapping[int, Mapping[str, list[str]]] | None = None) -> str:
    """The page with a form as typed; `wrong` says by row and field what does not fit."""
    offered, day, told = procedure_choices(), day_notice("/bulk"), _remarks(form)
    rows = [
        BulkRow(
            number=number,
            typed=row,
            texts={each.field: each.text for each in problems_shown((wrong or {}).get(number, {}), ROW_PARTS)},
            remarks=told.get(number, []),
        )
        for number, row in enumerate(rows_shown(form), start=1)
    ]
    page = BulkPage(
        status=status_line_of(desk()),
        day=day,
        form=form,
        shown=shown,
        follows_clock=shown.has_own_day and not day.backlog,
        columns=[
            Column(part=part, words=gettext(words), most=most, is_number=is_number)
            for part, words, most, is_number in COLUMNS
        ],
        rows=rows,
        rows_max=ROWS_MAX,
        procedures=offered,
        last_procedure=next((each for each in offered if each.value == session.get("last_procedure")), None),
        channels=choices(CHANNELS),
        handings=choices(HANDINGS),
        promise=promise_of(form.procedure_code, form.channel, form.received_on, form.received_time),
        problems=shown.problems,
        texts={problem.field: problem.text for problem in shown.problems},
        wrong_rows=[row for row in rows if row.texts],
    )
    return render_template("bulk.html", page=page)


def _again(form: TypedBulk, **how: Any) -> Shown:
    """How a form that was sent is shown once more."""
    return Shown(draft=DRAFT, has_own_day=form.own_day == "yes", **how)


def _offered() -> TypedBulk:
    """The empty form for the procedure used last, of now or of the register that is typed in."""
    form = fresh_bulk(desk().working_now(), new_form_id(), session.get("last_procedure", ""))
    register = backlog_of(desk(), person().clerk.username)
    if register is None:
        return form
    return form.having(received_on=day_text(register.day), received_time=f"{register.at:%H:%M}")


def _sent_form() -> TypedBulk:
    form = typed_bulk(request.form)
    return form.having(procedure_code=procedure_meant(form.procedure_code, form.procedure_text))


def _remarks(form: TypedBulk) -> dict[int, list[ToldRemark]]:
    try:
        at = received_at(form.received_on, form.received_time)
    except InvalidReception:
        at = None
    return {row: told_remarks(each) for row, each in remarks_on_rows(desk(), form.receptions({}), at).items()}


def _record(form: TypedBulk) -> list[Recorded]:
    """Records all rows in one transaction; raises InvalidRows with what is wrong in all of them."""
    receptions, at = _checked(form)
    is_now = form.handing == Handing.NOW or (
        form.handing != Handing.LATER and is_same_day(form.procedure_code, form.channel, at)
    )
    manner = Manner(at_once=is_now, on_one_slip=form.on_one_slip == "yes")
    clerk = person().clerk.username
    try:
        recorded = record_receptions(desk(), receptions, received_at=at, clerk=clerk, manner=manner)
    except InvalidReception as error:
        raise InvalidRows(error.problems, {}) from error
    follow_backlog(desk(), clerk, at)
    forget_form(DRAFT)
    return recorded


def _checked(form: TypedBulk) -> tuple[list[dict[str, Any]], datetime]:
    """The receptions of the rows and when they were handed in; raises InvalidRows."""
    shared: dict[str, list[str]] = {}
    try:
        at = received_at(form.received_on, form.received_time)
    except InvalidReception as error:
        shared, at = dict(error.problems), desk().working_now()
    receptions = form.receptions({"competent_unit": competent_unit_of(form.procedure_code, local_date(at))})
    problems = {row: found for row, each in receptions.items() if (found := _problems(each, at))}
    for found in problems.values():
        shared = {name: texts for name, texts in found.items() if name in SHARED_FIELDS} | shared
    own = {row: {name: found[name] for name in found if name in ROW_PARTS} for row, found in problems.items()}
    if not receptions:
        shared["rows"] = [NOTHING_TYPED]
    if shared or problems:
        raise InvalidRows(shared, own)
    return list(receptions.values()), at


def _problems(reception: dict[str, Any], at: datetime) -> Mapping[str, list[str]]:
    try:
        checked_reception(desk().packs(), reception, at)
    except InvalidReception as error:
        return error.problems
    return {}
