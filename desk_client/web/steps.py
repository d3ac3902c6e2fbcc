"""What happens to a dossier: a form for each kind of step, and its recording."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from desk_client.services.accepting import accept_filed, refuse_filed
from desk_client.services.lifecycle import ForHeadsOnly, record_steps
from desk_client.services.recording import InvalidReception, Recorded
from desk_client.services.viewing import DossierView, view_of
from desk_client.web.dossier_page import Fact, aside_facts
from desk_client.web.dossiers import refused_page
from desk_client.web.due_words import DueWords, due_words
from desk_client.web.errors import error_words
from desk_client.web.field_words import label_of
from desk_client.web.formatting import day_text, local_time, number
from desk_client.web.forms import new_form_id, today
from desk_client.web.present import desk, door, person
from desk_client.web.problems import Problem, problems_shown
from desk_client.web.speech import gettext
from desk_client.web.step_fields import ADVICE, FIELDS, TAKER, texts_before
from desk_client.web.step_words import STEPS
from desk_client.web.sync import StatusLine, status_line_of
from desk_client.web.typed_steps import Part, ShownField, meant, present_texts, sent_texts, shown_fields
from sync_protocol.dossiers import STAGE_WORDS, UnknownDossier
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import local_date
from sync_protocol.schemas import SCHEMAS
from sync_protocol.transitions import STEP_WORDS, AlreadyAsked, IllegalTransition, OutOfOrder
from sync_protocol.vocabulary import DossierStage, EventKind

STALE = N_("This page was open before the program started again. Nothing was saved yet; check it and save once more.")
CONFLICT = 409
FORBIDDEN = 403
OF_FILED = (EventKind.RECEIVE, EventKind.REFUSE_AT_DESK)
"""What only a dossier filed online is still waiting for."""

REFUSALS: tuple[type[FieldSyncError], ...] = (IllegalTransition, AlreadyAsked, ForHeadsOnly)
FORM_ID_CHARACTERS_MAX = 64

steps = Blueprint("steps", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedStep:
    """The form of a step as typed; `is_delivered_too` where the result was handed over in the same action."""

    form_id: str
    texts: Mapping[str, str]
    is_delivered_too: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPage:
    """The form of a step.

    told       what the clerk should see first, label and value; aside: the dossier beside the form
    warning    what the rules say against it, "" for nothing
    taker      the fields of the hand-over in the same action, [] where there is none
    is_fresh   whether nobody has typed yet, so that the time may follow the clock
    """

    status: StatusLine
    view: DossierView
    kind: EventKind
    title: str
    hint: str
    stage: str
    due: DueWords
    procedure_name: str
    told: list[tuple[str, str]]
    aside: list[Fact]
    warning: str
    fields: list[ShownField]
    taker: list[ShownField]
    happened_on: str
    happened_time: str
    is_fresh: bool
    form_id: str
    notice: str
    problems: list[Problem]
    texts: dict[str, str]


@steps.get("/dossiers/<dossier_id>/steps/<kind>")
def form(dossier_id: str, kind: str) -> str | tuple[str, int]:
    """The form of a step, or what is possible instead."""
    wanted = _kind(kind)
    view = view_of(desk(), dossier_id, person().clerk)
    if wanted not in view.steps:
        return refused_page(dossier_id, _refusal(view, wanted)), CONFLICT
    return step_page(view, wanted)


@steps.post("/dossiers/<dossier_id>/steps/<kind>")
def save(dossier_id: str, kind: str) -> Response | tuple[str, int]:
    """Records what happened, or shows the form again with what is wrong."""
    wanted = _kind(kind)
    typed = typed_step(request.form, wanted)
    name = {"form_id": typed.form_id, "dossier": dossier_id, "kind": kind, "typed": repr(typed)}
    try:
        [recorded], is_new = door().saved.save(name, lambda: _record(dossier_id, wanted, typed))
    except InvalidReception as error:
        problems = problems_shown(error.problems, typed.texts, ADVICE)
        return step_page(view_of(desk(), dossier_id, person().clerk), wanted, typed, problems=problems), 422
    except OutOfOrder as error:
        problems = [Problem(field="happened_on", text=error_words(error))]
        return step_page(view_of(desk(), dossier_id, person().clerk), wanted, typed, problems=problems), 422
    except REFUSALS as error:
        return refused_page(dossier_id, error), FORBIDDEN if isinstance(error, ForHeadsOnly) else CONFLICT
    return told_on_page(recorded, EventKind.DELIVER if typed.is_delivered_too else wanted, is_new=is_new)


def told_on_page(recorded: Recorded, kind: EventKind, *, is_new: bool) -> Response:
    """Leads to the dossier, which tells what was done."""
    if is_new:
        door().wake()
    session["done"] = {"kind": kind.value}
    return redirect(url_for("dossiers.dossier", dossier_id=recorded.dossier.id))


def step_page_again(dossier_id: str, kind: str, notice: str = "") -> str | None:
    """The form with what was typed and a new token, which the page's own may be no longer; None if there is none.

    notice  why it comes back, if not for its token
    """
    wanted = _known_kind(kind)
    try:
        view = view_of(desk(), dossier_id, person().clerk)
    except UnknownDossier:
        return None
    if wanted is None:
        return None
    return step_page(view, wanted, typed_step(request.form, wanted), notice=notice or gettext(STALE))


def step_page(
    view: DossierView,
    kind: EventKind,
    typed: TypedStep | None = None,
    *,
    problems: list[Problem] | None = None,
    notice: str = "",
) -> str:
    """The form of a step as typed, or as it stands before."""
    texts = present_texts() | (dict(typed.texts) if typed else texts_before(view, kind, today()))
    words = STEPS[kind]
    page = StepPage(
        status=status_line_of(desk()),
        view=view,
        kind=kind,
        title=gettext(words.button),
        hint=gettext(words.hint),
        stage=gettext(STAGE_WORDS[view.dossier.stage]),
        due=due_words(view.due_state, view.dossier.stage, view.days_left),
        procedure_name=view.procedure.name if view.procedure else view.dossier.procedure_code,
        told=_told(view, kind),
        aside=aside_facts(view),
        warning=_warning(view, kind),
        fields=shown_fields(FIELDS[kind], texts),
        taker=shown_fields(TAKER, texts) if kind is EventKind.RESOLVE else [],
        happened_on=texts["happened_on"],
        happened_time=texts["happened_time"],
        is_fresh=typed is None,
        form_id=typed.form_id if typed else new_form_id(),
        notice=notice,
        problems=problems or [],
        texts={problem.field: problem.text for problem in problems or []},
    )
    return render_template("rate.html" if kind is EventKind.RATE else "step.html", page=page)


def typed_step(form: MultiDict[str, str], kind: EventKind) -> TypedStep:
    """What was sent of a step."""
    is_delivered_too = kind is EventKind.RESOLVE and form.get("and_deliver") == "yes"
    fields = [*FIELDS[kind], *(TAKER if kind is EventKind.RESOLVE else ())]
    return TypedStep(
        form_id=form.get("form_id", "")[:FORM_ID_CHARACTERS_MAX],
        texts=sent_texts(form, fields),
        is_delivered_too=is_delivered_too,
    )


def _record(dossier_id: str, kind: EventKind, typed: TypedStep) -> list[Recorded]:
    clerk = person().clerk.username
    if kind in OF_FILED:
        _, at = meant(typed.texts, [])
        return [_filed(dossier_id, kind, typed, at, clerk)]
    parts: list[Part] = [(kind, FIELDS[kind])]
    if typed.is_delivered_too:
        parts.append((EventKind.DELIVER, TAKER))
    said, at = meant(typed.texts, parts)
    return record_steps(desk(), [(dossier_id, said)], happened_at=at, clerk=clerk)


def _filed(dossier_id: str, kind: EventKind, typed: TypedStep, at: datetime, clerk: str) -> Recorded:
    """What becomes of a dossier filed online, whose fields stand already."""
    if kind is EventKind.RECEIVE:
        return accept_filed(desk(), dossier_id, received_at=at, clerk=clerk)
    return refuse_filed(desk(), dossier_id, typed.texts["reason"], happened_at=at, clerk=clerk)


def _kind(text: str) -> EventKind:
    return _known_kind(text) or abort(404)


def _known_kind(text: str) -> EventKind | None:
    return next((each for each in FIELDS if each.value == text), None)


def _refusal(view: DossierView, kind: EventKind) -> FieldSyncError:
    if kind is EventKind.VOID and view.dossier.stage is not DossierStage.VOIDED:
        return ForHeadsOnly()
    possible = [STEP_WORDS[SCHEMAS[each].makes] for each in view.steps]
    return IllegalTransition(stage=STAGE_WORDS[view.dossier.stage], possible=possible)


def _told(view: DossierView, kind: EventKind) -> list[tuple[str, str]]:
    """What the clerk compares with while typing."""
    match kind:
        case EventKind.EXTEND:
            return [(gettext("Appointment so far"), local_time(view.stored.due_at))]
        case EventKind.SUPPLEMENT_RECEIVED | EventKind.SUPPLEMENT_EXPIRED:
            return [(label_of("papers"), view.stored.text("papers"))]
        case EventKind.PAYMENT_DONE:
            return [(gettext("Asked for"), local_time(view.dossier.wait.since if view.dossier.wait else None))]
        case _:
            return []


def _warning(view: DossierView, kind: EventKind) -> str:
    """What the rules say against a step that is recorded all the same."""
    packs, received_on = desk().packs(), view.dossier.received_on
    days = packs.desk.rules.on(received_on).supplement_request_days
    last_on = packs.calendar.working_day_after(received_on, days)
    due_at = view.stored.due_at
    if kind is EventKind.REQUEST_SUPPLEMENT and today() > last_on:
        return gettext(
            "By the rules papers are asked for within %(days)s working days of reception, which ended on %(last_on)s."
            " It can be recorded all the same.",
            days=number(days),
            last_on=day_text(last_on),
        )
    if kind is EventKind.EXTEND and due_at and today() > local_date(due_at) - timedelta(days=1):
        return gettext(
            "By the rules the apology goes out at the latest on the day before the appointment, %(due_on)s."
            " It can be recorded all the same.",
            due_on=day_text(local_date(due_at)),
        )
    return ""
