"""The main page: the form that receives a dossier, with what it offers while a clerk types."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from desk_client.services.choosing import procedures_offered
from desk_client.services.recording import InvalidReception, Recorded, appointment, record_reception
from desk_client.web.dossiers import TodayList, today_list
from desk_client.web.formatting import number
from desk_client.web.present import desk, door, person
from desk_client.web.problems import Problem, problems_shown
from desk_client.web.speech import gettext
from desk_client.web.sync import StatusLine, status_line_of
from desk_client.web.typed import Typed, fresh, parse_day, parse_time, typed
from desk_client.web.words import CHANNELS, DELIVERY_METHODS, ID_TYPES, LIMITS, OWNER_TYPES
from sync_protocol.calendars import TimeLimit
from sync_protocol.deadlines import limit_of
from sync_protocol.errors import N_
from sync_protocol.instants import LOCAL, local_date, local_instant
from sync_protocol.procedures import Procedure
from sync_protocol.schemas import IntakeSchema
from sync_protocol.vocabulary import Channel

OFFERED_MAX = 20
"""Procedures that the type-ahead offers for one query."""

FORM_ID_BYTES = 16
STALE = N_("This page was open before the program started again. Nothing was saved yet; check it and save once more.")

intake = Blueprint("intake", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer of a closed set: the value that is sent and its words."""

    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedNote:
    """What the banner says of the dossier just saved; `is_again` where the same form had been saved before."""

    dossier_code: str
    due_at: datetime | None
    is_ahead: bool
    is_again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The appointment as far as it is known while a clerk types.

    limit  the procedure's limit in words; problem  what is missing or wrong, "" if nothing
    """

    due_at: datetime | None = None
    limit: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePage:
    """All that the main page shows; `problems` holds the text of each field that has one."""

    status: StatusLine
    today: TodayList
    form: Typed
    follows_clock: bool
    procedures: list[Choice]
    last_procedure: Choice | None
    channels: list[Choice]
    delivery_methods: list[Choice]
    owner_types: list[Choice]
    id_types: list[Choice]
    promise: Promise
    notice: str
    problems: list[Problem]
    texts: dict[str, str]
    saved: SavedNote | None


@intake.get("/")
def main() -> str:
    """The empty form beside what was entered today."""
    return intake_page(fresh(desk().now(), _form_id()), saved=_saved_note())


@intake.post("/dossiers")
def save() -> BaseResponse | tuple[str, int]:
    """Saves what was typed, or shows it again with what is wrong."""
    form = _with_procedure(typed(request.form))
    try:
        recorded, is_new = door().saved.save(form.content(), lambda: _record(form))
    except InvalidReception as error:
        return intake_page(form, problems=problems_shown(error.problems, form.content())), 422
    if is_new:
        door().wake()
    _remember(form, recorded, is_new=is_new)
    return redirect(url_for("intake.main"))


@intake.get("/procedures")
def procedures() -> Response:
    """Procedures that fit what was typed, as JSON; the first ones are used most here."""
    found = procedures_offered(desk(), request.args.get("q", ""))[:OFFERED_MAX]
    return jsonify([{"code": each.code, "name": each.name, "field": each.field} for each in found])


@intake.get("/appointment")
def promised() -> str:
    """The appointment of what is typed so far."""
    return render_template("_appointment.html", promise=_promise(typed(request.args)))


def intake_page(
    form: Typed, *, problems: list[Problem] | None = None, notice: str = "", saved: SavedNote | None = None
) -> str:
    """The main page with a form as typed."""
    offered = [_procedure_choice(each) for each in procedures_offered(desk())]
    page = IntakePage(
        status=status_line_of(desk()),
        today=today_list(desk()),
        form=form,
        follows_clock=not problems and not notice,
        procedures=offered,
        last_procedure=next((each for each in offered if each.value == session.get("last_procedure")), None),
        channels=_choices(CHANNELS),
        delivery_methods=_choices(DELIVERY_METHODS),
        owner_types=_choices(OWNER_TYPES),
        id_types=_choices(ID_TYPES),
        promise=_promise(form),
        notice=notice,
        problems=problems or [],
        texts={problem.field: problem.text for problem in problems or []},
        saved=saved,
    )
    return render_template("intake.html", page=page)


def stale_intake_page() -> str:
    """The form of a page whose token is no longer good, with what was typed and a new token."""
    return intake_page(typed(request.form), notice=gettext(STALE))


def _record(form: Typed) -> Recorded:
    try:
        received_at = _received_at(form)
    except InvalidReception as error:
        raise InvalidReception(_schema_problems(form) | dict(error.problems)) from error
    try:
        return record_reception(desk(), form.reception(), received_at=received_at, clerk=person().clerk.username)
    except InvalidReception as error:
        raise InvalidReception(_of_shown_fields(error.problems, form)) from error


def _received_at(form: Typed) -> datetime:
    """When the dossier was handed in; raises InvalidReception for a day or a time that is none."""
    now = desk().now().astimezone(LOCAL)
    problems: dict[str, list[str]] = {}
    day, wall_time = now.date(), now.time()
    try:
        day = parse_day(form.received_on, now.date())
    except ValueError:
        problems["received_on"] = []
    try:
        wall_time = parse_time(form.received_time, now.time().replace(second=0, microsecond=0))
    except ValueError:
        problems["received_time"] = []
    if problems:
        raise InvalidReception(problems)
    return local_instant(day, wall_time)


def _schema_problems(form: Typed) -> dict[str, list[str]]:
    return _of_shown_fields(IntakeSchema().validate(form.reception()), form)


def _of_shown_fields(problems: Any, form: Typed) -> dict[str, list[str]]:
    """Without the owner's, where the owner is the submitter and would be told the same twice."""
    hidden = {"owner_name", "owner_type"} if form.is_owner else set[str]()
    return {name: texts for name, texts in problems.items() if name not in hidden}


def _promise(form: Typed) -> Promise:
    chosen = desk().packs().procedures.get(form.procedure_code)
    if chosen is None:
        return Promise(problem=gettext("Choose a procedure to see the appointment."))
    try:
        received_at = _received_at(form)
        limit = limit_of(desk().packs(), chosen.code, local_date(received_at), Channel.DIRECT)
        return Promise(due_at=appointment(desk(), chosen.code, form.channel, received_at), limit=_limit_text(limit))
    except (InvalidReception, OverflowError):
        return Promise(problem=gettext("The day or the time of reception is not right yet."))


def _limit_text(limit: TimeLimit | None) -> str:
    if limit is None:
        return gettext("no time limit")
    return gettext(LIMITS[limit.unit]) % {"value": number(limit.value)}


def _with_procedure(form: Typed) -> Typed:
    """With the procedure that the typed text means, where none was picked and only one fits."""
    if form.procedure_code or not form.procedure_text.strip():
        return form
    found = procedures_offered(desk(), form.procedure_text)
    return form.having(procedure_code=found[0].code) if len(found) == 1 else form


def _remember(form: Typed, recorded: Recorded, *, is_new: bool) -> None:
    """Leaves for the next page what it says of the saved dossier; no personal data goes into the cookie."""
    session["last_procedure"] = form.procedure_code
    session["saved"] = {
        "dossier_code": recorded.dossier.dossier_code,
        "due_at": recorded.due_at.isoformat() if recorded.due_at else "",
        "is_ahead": recorded.is_ahead,
        "is_again": not is_new,
    }


def _saved_note() -> SavedNote | None:
    note = session.pop("saved", None)
    if note is None:
        return None
    due_at = datetime.fromisoformat(note["due_at"]) if note["due_at"] else None
    return SavedNote(**note | {"due_at": due_at})


def _procedure_choice(procedure: Procedure) -> Choice:
    return Choice(value=procedure.code, text=f"{procedure.code} {procedure.name}")


def _choices(words: Any) -> list[Choice]:
    return [Choice(value=word.value, text=gettext(text)) for word, text in words.items()]


def _form_id() -> str:
    return desk().randomness(FORM_ID_BYTES).hex()
