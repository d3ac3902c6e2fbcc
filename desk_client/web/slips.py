"""A scanned slip: it opens its dossier, lists those that share it, or is handed over against though nobody knows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from desk_client.services.handing_over import hand_over_together
from desk_client.services.lifecycle import deliver_unseen, unseen_deliveries
from desk_client.services.listing import RUNNING, DossierLine, of_slip
from desk_client.services.recording import InvalidReception
from desk_client.services.searching import id_of
from desk_client.services.signing_in import name_of
from desk_client.web.errors import error_words
from desk_client.web.field_words import value_text
from desk_client.web.forms import new_form_id
from desk_client.web.present import desk, door, person
from desk_client.web.problems import Problem, problems_shown
from desk_client.web.rows import Row, rows_of
from desk_client.web.step_fields import ADVICE, FIELDS, TAKER
from desk_client.web.sync import StatusLine, status_line_of
from desk_client.web.typed_steps import ShownField, meant, present_texts, sent_texts, shown_fields
from sync_protocol.dossier_codes import parse_code
from sync_protocol.events import Delivered, Event
from sync_protocol.transitions import OutOfOrder
from sync_protocol.vocabulary import DeliveryMethod, DossierStage, EventKind

WITH_RESULTS = "with_results"
FORM_ID_CHARACTERS_MAX = 64

slips = Blueprint("slips", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form of a hand-over as typed; `with_results` where those in work have their result now too."""

    form_id: str
    texts: Mapping[str, str]
    with_results: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A hand-over that was recorded against a slip whose dossier is not here."""

    happened_at: datetime
    to: str
    how: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPage:
    """A slip: its dossiers, or what was recorded against it while they are not here.

    ready_count  results that wait; open_count: dossiers in work beside them
    is_done      whether a hand-over was recorded just now
    """

    status: StatusLine
    code: str
    rows: list[Row]
    told: list[Told]
    ready_count: int
    open_count: int
    fields: list[ShownField]
    happened_on: str
    happened_time: str
    form_id: str
    is_done: bool
    problems: list[Problem]
    texts: dict[str, str]


@slips.get("/slips/<code>")
def slip(code: str) -> Response | str:
    """The dossier of a slip, the list of those that share it, or the slip alone; raises BadDossierCode."""
    together = of_slip(desk(), code)
    if len(together) > 1:
        return render_template("slip.html", page=_page(code, together))
    if dossier_id := id_of(desk(), code):
        return redirect(url_for("dossiers.dossier", dossier_id=dossier_id))
    parse_code(code)
    return render_template("unseen_slip.html", page=_page(code, []))


@slips.post("/slips/<code>")
def deliver(code: str) -> Response | tuple[str, int]:
    """Records that the result of a slip was handed over whose dossier is not here."""
    typed = _sent()
    try:
        return _saved(code, typed, lambda: _deliver_unseen(code, typed.texts))
    except InvalidReception as error:
        problems = problems_shown(error.problems, typed.texts, ADVICE)
        return render_template("unseen_slip.html", page=_page(code, [], typed, problems)), 422


@slips.post("/slips/<code>/all")
def deliver_all(code: str) -> Response | tuple[str, int]:
    """Records that the results of a slip were handed over together."""
    typed = _sent()
    try:
        return _saved(code, typed, lambda: _deliver_all(code, typed.texts, with_results=typed.with_results))
    except InvalidReception as error:
        problems = problems_shown(error.problems, typed.texts, ADVICE)
    except OutOfOrder as error:
        problems = [Problem(field="happened_on", text=error_words(error))]
    return render_template("slip.html", page=_page(code, of_slip(desk(), code), typed, problems)), 422


def _deliver_unseen(code: str, texts: Mapping[str, str]) -> None:
    [delivered], at = meant(texts, [(EventKind.DELIVER, FIELDS[EventKind.DELIVER])])
    assert isinstance(delivered, Delivered)
    deliver_unseen(desk(), code, delivered, happened_at=at, clerk=person().clerk.username)


def _deliver_all(code: str, texts: Mapping[str, str], *, with_results: bool) -> None:
    [delivered], at = meant(texts, [(EventKind.DELIVER, TAKER)])
    assert isinstance(delivered, Delivered)
    clerk = person().clerk.username
    hand_over_together(desk(), code, delivered, with_results=with_results, happened_at=at, clerk=clerk)


def _sent() -> Typed:
    return Typed(
        form_id=request.form.get("form_id", "")[:FORM_ID_CHARACTERS_MAX],
        texts=sent_texts(request.form, FIELDS[EventKind.DELIVER]),
        with_results=request.form.get("which") == WITH_RESULTS,
    )


def _saved(code: str, typed: Typed, save: Callable[[], None]) -> Response:
    """Saves a form once, and leads back to the slip, which tells that it was."""
    _, is_new = door().saved.save({"form_id": typed.form_id, "slip": code, "typed": repr(typed)}, save)
    if is_new:
        door().wake()
    session["slip_done"] = code
    return redirect(url_for("slips.slip", code=code))


def _page(
    code: str, together: list[DossierLine], typed: Typed | None = None, problems: list[Problem] | None = None
) -> SlipPage:
    submitter = together[0].submitter_name if together else ""
    before = {"delivered_to": submitter, "delivered_by": DeliveryMethod.COUNTER.value}
    texts = present_texts() | (dict(typed.texts) if typed else before)
    told = [] if together else unseen_deliveries(desk(), code)
    return SlipPage(
        status=status_line_of(desk()),
        code=code,
        rows=rows_of(together),
        told=[_told(event) for event in told],
        ready_count=sum(line.stage is DossierStage.RESOLVED for line in together),
        open_count=sum(line.stage in RUNNING for line in together),
        fields=shown_fields(TAKER if together else FIELDS[EventKind.DELIVER], texts),
        happened_on=texts["happened_on"],
        happened_time=texts["happened_time"],
        form_id=typed.form_id if typed else new_form_id(),
        is_done=session.pop("slip_done", "") == code,
        problems=problems or [],
        texts={problem.field: problem.text for problem in problems or []},
    )


def _told(event: Event) -> Told:
    payload = event.payload
    assert isinstance(payload, Delivered), "nothing else is recorded against a slip"
    return Told(
        happened_at=event.happened_at,
        to=payload.delivered_to,
        how=value_text("delivered_by", payload.delivered_by),
        who=name_of(desk(), event.header.clerk),
    )
