"""Correcting a dossier: all that may be corrected stands in a form, and only what was really changed is recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from desk_client.services.history import stored_after
from desk_client.services.lifecycle import NothingChanged, record_step
from desk_client.services.recording import InvalidReception, Recorded
from desk_client.services.viewing import DossierView, view_of
from desk_client.web.correction_fields import (
    ADVICE_OF_MOMENTS,
    COMPONENTS,
    changes_of,
    fields_of,
    papers_of,
    sections_of,
    texts_of,
)
from desk_client.web.dossier_page import Fact, aside_facts
from desk_client.web.dossiers import refused_page
from desk_client.web.due_words import DueWords, due_words
from desk_client.web.errors import error_words
from desk_client.web.forms import Choice, new_form_id, procedure_choices, today
from desk_client.web.present import desk, door, person
from desk_client.web.problems import ADVICE, Problem, problems_shown
from desk_client.web.speech import gettext
from desk_client.web.step_fields import ADVICE as STEP_ADVICE
from desk_client.web.step_words import STEPS
from desk_client.web.steps import CONFLICT, FORM_ID_CHARACTERS_MAX, REFUSALS, told_on_page
from desk_client.web.sync import StatusLine, status_line_of
from desk_client.web.typed import PAPERS_MAX, TypedPaper, typed
from desk_client.web.typed_steps import ShownField, shown_fields
from sync_protocol.dossiers import STAGE_WORDS
from sync_protocol.errors import N_
from sync_protocol.events import Corrected
from sync_protocol.transitions import OutOfOrder
from sync_protocol.vocabulary import EventKind

REASON_CHARACTERS_MAX = 500
EMPTY_PAPERS = 2
COPY_KINDS = ("originals", "certified_copies", "photocopies")
OVERTAKEN = N_("Somebody has changed this to “%(now)s” in the meantime. Look at it once more, then save again.")
MOMENTS = ("received_at", "resolved_at", "delivered_at")

CORRECTION_ADVICE = (
    ADVICE
    | STEP_ADVICE
    | {"external_code": N_("Type the code in at most 60 characters.")}
    | dict.fromkeys(MOMENTS, ADVICE_OF_MOMENTS)
)

correcting = Blueprint("correcting", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCorrection:
    """The form as sent.

    seen  how many events the dossier had when the form was shown: what was typed is compared with that dossier
    """

    form_id: str
    seen: int
    texts: Mapping[str, str]
    papers: tuple[TypedPaper, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSection:
    """A part of the form, under a heading."""

    title: str
    fields: list[ShownField]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionPage:
    """The form of a correction; `papers` are the rows of papers, empty ones at the end."""

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
    notice: str
    sections: list[ShownSection]
    papers: list[TypedPaper]
    reason: str
    seen: int
    form_id: str
    problems: list[Problem]
    texts: dict[str, str]


@correcting.get("/dossiers/<dossier_id>/steps/correct")
def form(dossier_id: str) -> str:
    """All that may be corrected, as it stands."""
    view = view_of(desk(), dossier_id, person().clerk)
    return _page(view, _fresh(view))


@correcting.post("/dossiers/<dossier_id>/steps/correct")
def save(dossier_id: str) -> Response | tuple[str, int]:
    """Records what was changed, or shows the form again with what is wrong."""
    view = view_of(desk(), dossier_id, person().clerk)
    sent = _sent(view)
    name = {"form_id": sent.form_id, "dossier": dossier_id, "typed": repr(sent)}
    try:
        recorded, is_new = door().saved.save(name, lambda: _record(view, sent))
    except InvalidReception as error:
        problems = _problems(view, error)
    except OutOfOrder as error:
        problems = [Problem(field="received_at", text=error_words(error))]
    except NothingChanged as error:
        return _page(view, _brought_up(view, sent), notice=error_words(error)), 422
    except REFUSALS as error:
        return refused_page(dossier_id, error), CONFLICT
    else:
        return told_on_page(recorded, EventKind.CORRECT, is_new=is_new)
    return _page(view, _brought_up(view, sent), problems=problems), 422


def _record(view: DossierView, sent: TypedCorrection) -> Recorded:
    then = stored_after(desk(), view.dossier.id, sent.seen)
    offered, now = texts_of(then), texts_of(view.stored)
    changed = {name: text for name, text in sent.texts.items() if text.strip() != offered.get(name, "")}
    overtaken = {
        name: [gettext(OVERTAKEN, now=now.get(name, ""))]
        for name, text in changed.items()
        if now.get(name) != offered.get(name) and now.get(name) != text.strip()
    }
    if overtaken:
        raise InvalidReception(overtaken)
    changes = changes_of(view.stored, changed, _components(then.content), today())
    if not changes:
        raise NothingChanged
    step = Corrected(changes=changes, reason=sent.reason)
    at, clerk = desk().working_now(), person().clerk.username
    return record_step(desk(), view.dossier.id, step, happened_at=at, clerk=clerk)


def _components(content: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The papers as JSON where their rows were changed."""
    components: list[dict[str, Any]] = typed(request.form).reception(today())[COMPONENTS]
    # Entries leave out the kinds of copies of which there is none.
    held = [dict.fromkeys(COPY_KINDS, 0) | component for component in content.get(COMPONENTS, ())]
    return None if components == held else components


def _problems(view: DossierView, error: InvalidReception) -> list[Problem]:
    """What is wrong by field; the day of reception stands in its own field here."""
    names = [*(field.name for field in fields_of(view.stored)), COMPONENTS, "reason"]
    return problems_shown(error.problems, names, CORRECTION_ADVICE, shown_at={})


def _fresh(view: DossierView) -> TypedCorrection:
    return TypedCorrection(
        form_id=new_form_id(),
        seen=len(view.history),
        texts=texts_of(view.stored),
        papers=papers_of(view.stored),
        reason="",
    )


def _sent(view: DossierView) -> TypedCorrection:
    seen = request.form.get("seen", "")
    texts = {field.name: request.form.get(field.name, "")[: field.most] for field in fields_of(view.stored)}
    return TypedCorrection(
        form_id=request.form.get("form_id", "")[:FORM_ID_CHARACTERS_MAX],
        seen=int(seen) if seen.isascii() and seen.isdigit() and 1 <= int(seen) <= len(view.history) else 1,
        texts=texts,
        papers=typed(request.form).components,
        reason=request.form.get("reason", "")[:REASON_CHARACTERS_MAX],
    )


def _brought_up(view: DossierView, sent: TypedCorrection) -> TypedCorrection:
    """What was typed over the dossier as it stands now, so that nothing older is saved beside it."""
    offered, now = texts_of(stored_after(desk(), view.dossier.id, sent.seen)), texts_of(view.stored)
    typed_anew = {name: text for name, text in sent.texts.items() if text.strip() != offered.get(name, "")}
    return replace(sent, seen=len(view.history), texts=now | typed_anew)


def _page(view: DossierView, shown: TypedCorrection, *, problems: list[Problem] | None = None, notice: str = "") -> str:
    words = STEPS[EventKind.CORRECT]
    page = CorrectionPage(
        status=status_line_of(desk()),
        view=view,
        kind=EventKind.CORRECT,
        title=gettext(words.button),
        hint=gettext(words.hint),
        stage=gettext(STAGE_WORDS[view.dossier.stage]),
        due=due_words(view.due_state, view.dossier.stage, view.days_left),
        procedure_name=view.procedure.name if view.procedure else view.dossier.procedure_code,
        told=[],
        aside=aside_facts(view),
        warning="",
        notice=notice,
        sections=_sections(view, shown.texts),
        papers=[*shown.papers, *[TypedPaper()] * EMPTY_PAPERS][:PAPERS_MAX],
        reason=shown.reason,
        seen=shown.seen,
        form_id=shown.form_id,
        problems=problems or [],
        texts={problem.field: problem.text for problem in problems or []},
    )
    return render_template("correct.html", page=page)


def _sections(view: DossierView, texts: Mapping[str, str]) -> list[ShownSection]:
    """The parts of the form; the procedures that may be chosen are those of this desk, and the one that stands."""
    return [
        ShownSection(
            title=gettext(section.title),
            fields=[_with_procedures(view, shown) for shown in shown_fields(section.fields, texts)],
        )
        for section in sections_of(view.stored)
    ]


def _with_procedures(view: DossierView, shown: ShownField) -> ShownField:
    if shown.field.name != "procedure_code":
        return shown
    offered = procedure_choices()
    code = view.dossier.procedure_code
    own = [] if any(each.value == code for each in offered) else [Choice(value=code, text=code)]
    return replace(shown, choices=[*own, *offered])
