"""Receiving a dossier on the main page: saved, handed over at once, joined to a slip, or refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import Blueprint, abort, redirect, request, session, url_for
from werkzeug.wrappers import Response

from desk_client.services.backlog import Backlog, backlog_of, follow_backlog
from desk_client.services.copying import SharedSlip, acquaintance, people_of, shared_slip
from desk_client.services.drafting import Draft
from desk_client.services.recording import InvalidReception, Manner, Recorded, record_reception, record_refusal
from desk_client.services.warning import Remark, remarks_on
from desk_client.web.drafts import fields_of, forget_form, keep_form, kept_at_text, kept_form
from desk_client.web.formatting import day_text
from desk_client.web.forms import competent_unit_of, new_form_id, procedure_meant, received_at, today
from desk_client.web.intake_page import DRAFT, Shown, intake_page, remember_saved
from desk_client.web.papers import noted_print
from desk_client.web.present import desk, door, person
from desk_client.web.problems import problems_shown
from desk_client.web.speech import gettext
from desk_client.web.typed import Typed, fresh, prefilled, typed, typed_fields
from sync_protocol.errors import N_
from sync_protocol.instants import LOCAL, local_date
from sync_protocol.schemas import IntakeSchema
from sync_protocol.vocabulary import PaperForm

COPY_DRAFT = "intake.copy"
"""Keeps a form that was opened for the citizen of a dossier, so that it does not take the place of a half-typed one."""

DRAFTS = (DRAFT, COPY_DRAFT)

STALE = N_("This page was open before the program started again. Nothing was saved yet; check it and save once more.")
BROUGHT_BACK = N_("Your half-typed dossier from %(at)s is here again.")
COPIED = N_("Filled in from the last dossier with the number %(number)s. Check it and go on.")
NOBODY_KNOWN = N_("No dossier on this machine has this number yet. Nothing was changed; type the rest as usual.")
WHY_REFUSED = N_("Nothing is saved yet. Write the reason, then record the refusal.")

intake = Blueprint("intake", __name__)


class Errand(StrEnum):
    """What a button of the form asks for beside saving."""

    SAVE = "save"
    PRINT = "print"
    AT_ONCE = "at_once"
    SAME_SLIP = "same_slip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What a form has become, and what was odd about it."""

    recorded: Recorded
    remarks: list[Remark]


@intake.get("/")
def main() -> str:
    """The form beside what was entered today: empty, half-typed, or with what another dossier knows."""
    ref, slip_code = (request.args.get(name, "") for name in ("from", "slip"))
    if slip_code:
        return intake_page(_on_slip(shared_slip(desk(), slip_code) or abort(404)), Shown(has_own_day=True))
    if ref:
        return intake_page(prefilled(_offered(), people_of(desk(), ref)), Shown(draft=COPY_DRAFT, has_own_day=True))
    kept = next(((name, draft) for name in DRAFTS if (draft := kept_form(name))), None)
    return _kept_page(*kept) if kept else intake_page(_offered(), Shown(has_own_day=True))


@intake.post("/dossiers")
def save() -> Response | tuple[str, int]:
    """Saves what was typed, or shows it again with what is wrong."""
    form, errand = _sent_form(), _errand()
    manner = Manner(slip_code=form.slip_code, at_once=errand is Errand.AT_ONCE)

    def record(reception: dict[str, Any], at: datetime) -> Recorded:
        return record_reception(desk(), reception, received_at=at, clerk=_clerk(), manner=manner)

    try:
        recorded = _saved(form, record)
    except InvalidReception as error:
        return _wrong(form, error), 422
    return redirect(_next_page(errand, recorded))


@intake.post("/refuse")
def refuse() -> Response | str | tuple[str, int]:
    """Asks why what was typed is not accepted, then records that."""
    form = _sent_form()
    if not form.reason.strip():
        return intake_page(form, _again(form, is_refusing=True, notice=gettext(WHY_REFUSED)))

    def record(reception: dict[str, Any], at: datetime) -> Recorded:
        return record_refusal(desk(), reception, form.reason, happened_at=at, clerk=_clerk())

    try:
        recorded = _saved(form, record)
    except InvalidReception as error:
        return _wrong(form, error, is_refusing=True), 422
    return redirect(_paper_page(recorded, PaperForm.REFUSAL))


@intake.post("/copied")
def copy() -> Response:
    """Fills in what the citizen's last dossier knows of them; the form comes back as a half-typed one does."""
    form = typed(request.form)
    known = acquaintance(desk(), id_type=form.id_type, id_number=form.id_number, phone=form.phone)
    keep_form(_draft_name(), typed_fields(prefilled(form, known.fields) if known else form))
    session["notice"] = gettext(COPIED, number=known.masked_number) if known else gettext(NOBODY_KNOWN)
    return redirect(url_for("intake.main"))


def intake_page_again(notice: str = "") -> str:
    """The form with what was typed and a new token, which the page's own may be no longer; `notice` says why else."""
    form = typed(request.form)
    return intake_page(form, _again(form, notice=notice or gettext(STALE)))


def _offered() -> Typed:
    """The empty form, of now or of the register that is typed in."""
    form = fresh(desk().working_now(), new_form_id())
    register = backlog_of(desk(), _clerk())
    return _received(form, register) if register else form


def _on_slip(slip: SharedSlip) -> Typed:
    """The form of the next dossier on a slip: the same people, handed in at the same time."""
    at = slip.received_at.astimezone(LOCAL)
    form = prefilled(_offered(), slip.fields).having(slip_code=slip.slip_code)
    return _received(form, Backlog(day=at.date(), at=at.time()))


def _received(form: Typed, when: Backlog) -> Typed:
    return form.having(received_on=day_text(when.day), received_time=f"{when.at:%H:%M}")


def _kept_page(name: str, draft: Draft) -> str:
    """The main page with a half-typed form; a day and a time that were the page's own are those of now."""
    form, offered = typed(fields_of(draft)), _offered()
    form = form.having(form_id=offered.form_id)
    if form.own_day == "yes":
        form = form.having(received_on=offered.received_on, received_time=offered.received_time)
    notice = session.pop("notice", "") or gettext(BROUGHT_BACK, at=kept_at_text(draft))
    return intake_page(form, Shown(draft=name, has_own_day=form.own_day == "yes", is_kept=True, notice=notice))


def _again(form: Typed, **how: Any) -> Shown:
    """How a form that was sent is shown once more."""
    return Shown(draft=_draft_name(), has_own_day=form.own_day == "yes", **how)


def _wrong(form: Typed, error: InvalidReception, *, is_refusing: bool = False) -> str:
    problems = tuple(problems_shown(error.problems, form.content()))
    return intake_page(form, _again(form, is_refusing=is_refusing, problems=problems))


def _sent_form() -> Typed:
    form = typed(request.form)
    return form.having(procedure_code=procedure_meant(form.procedure_code, form.procedure_text))


def _errand() -> Errand:
    sent = request.form.get("errand")
    return next((each for each in Errand if each == sent), Errand.SAVE)


def _draft_name() -> str:
    sent = request.form.get("draft")
    return next((name for name in DRAFTS if name == sent), DRAFT)


def _clerk() -> str:
    return person().clerk.username


def _saved(form: Typed, record: Callable[[dict[str, Any], datetime], Recorded]) -> Recorded:
    """Saves a form once, and leaves for the next page what it says of it; raises InvalidReception."""
    saving, is_new = door().saved.save(form.content(), lambda: _recorded(form, record))
    if is_new:
        door().wake()
    remember_saved(saving.recorded, saving.remarks, is_new=is_new)
    return saving.recorded


def _recorded(form: Typed, record: Callable[[dict[str, Any], datetime], Recorded]) -> Saving:
    reception = form.reception(today())
    try:
        at = received_at(form.received_on, form.received_time)
    except InvalidReception as error:
        raise InvalidReception(
            _of_shown_fields(IntakeSchema().validate(reception), form) | dict(error.problems)
        ) from error
    reception["competent_unit"] = form.competent_unit or competent_unit_of(form.procedure_code, local_date(at))
    remarks = remarks_on(desk(), reception, at)
    try:
        recorded = record(reception, at)
    except InvalidReception as error:
        raise InvalidReception(_of_shown_fields(error.problems, form)) from error
    follow_backlog(desk(), _clerk(), at)
    forget_form(_draft_name())
    return Saving(recorded=recorded, remarks=remarks)


def _of_shown_fields(problems: Any, form: Typed) -> dict[str, list[str]]:
    """Without the owner's, where the owner is the submitter and would be told the same twice."""
    hidden = {"owner_name", "owner_type"} if form.is_owner else set[str]()
    return {name: texts for name, texts in problems.items() if name not in hidden}


def _next_page(errand: Errand, recorded: Recorded) -> str:
    if errand is Errand.PRINT:
        return _paper_page(recorded, PaperForm.RECEIPT)
    if errand is Errand.SAME_SLIP:
        return url_for("intake.main", slip=recorded.dossier.slip_code)
    return url_for("intake.main")


def _paper_page(recorded: Recorded, paper: PaperForm) -> str:
    """The page of a printed form, which begins to print at once; that it is printed is noted."""
    return noted_print(recorded.dossier.id, paper, after=0)
