"""What the main page shows: the form as typed, with all that stands around it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from flask import render_template, request, session

from desk_client.services.copying import SharedSlip, shared_slip
from desk_client.services.recording import Recorded
from desk_client.services.warning import Oddity, Remark
from desk_client.web.day import DayNotice, day_notice
from desk_client.web.dossiers import TodayList, today_list
from desk_client.web.forms import Choice, Promise, choices, procedure_choices, promise_of
from desk_client.web.present import desk
from desk_client.web.problems import Problem
from desk_client.web.speech import gettext
from desk_client.web.sync import StatusLine, status_line_of
from desk_client.web.typed import PAPERS_MAX, Typed, TypedPaper
from desk_client.web.words import (
    CHANNELS,
    DELIVERY_METHODS,
    ID_TYPES,
    ODDITIES,
    OWNER_TYPES,
    PAYMENT_METHODS,
    PAYMENT_STATUSES,
    SEXES,
)
from sync_protocol.vocabulary import DossierStage

DRAFT = "intake"
PAPERS_SHOWN = 4
MORE_COOKIE = "desk_more"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRemark:
    """Something odd about a field, in words; with the earlier dossier where there is one."""

    field: str
    text: str
    dossier_id: str
    dossier_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedNote:
    """What the banner says of the dossier just saved.

    is_again      the same form had been saved before
    is_delivered  the result was handed over with it; is_refused: it was not accepted and has no code
    on_slip       how many dossiers share its slip
    remarks       what looks odd about it, in words
    """

    dossier_id: str
    dossier_code: str
    due_at: datetime | None
    is_again: bool
    is_delivered: bool
    is_refused: bool
    on_slip: int
    remarks: list[ToldRemark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How the form is shown.

    draft        the name under which it is kept while it is typed
    has_own_day  the day and time are those that the page offers
    is_kept      it was half-typed before, and is here again
    is_refusing  the reason of a refusal is asked for
    notice       what to know about it, "" for nothing
    """

    draft: str = DRAFT
    has_own_day: bool = False
    is_kept: bool = False
    is_refusing: bool = False
    notice: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePage:
    """All that the main page shows; `texts` holds the text of each field that has a problem.

    follows_clock  the day and time move with the clock
    slip           the slip that the dossier joins
    is_more_open   the rarer fields are unfolded
    """

    status: StatusLine
    today: TodayList
    day: DayNotice
    form: Typed
    shown: Shown
    follows_clock: bool
    slip: SharedSlip | None
    is_more_open: bool
    papers: list[TypedPaper]
    papers_max: int
    procedures: list[Choice]
    last_procedure: Choice | None
    channels: list[Choice]
    delivery_methods: list[Choice]
    owner_types: list[Choice]
    id_types: list[Choice]
    sexes: list[Choice]
    payment_statuses: list[Choice]
    payment_methods: list[Choice]
    promise: Promise
    problems: tuple[Problem, ...]
    texts: dict[str, str]
    saved: SavedNote | None


def intake_page(form: Typed, shown: Shown) -> str:
    """The main page with a form; what was saved last is told once."""
    offered, day = procedure_choices(), day_notice("/")
    slip = shared_slip(desk(), form.slip_code)
    page = IntakePage(
        status=status_line_of(desk()),
        today=today_list(desk()),
        day=day,
        form=form if slip else form.having(slip_code=""),
        shown=shown,
        follows_clock=shown.has_own_day and not day.backlog and not slip,
        slip=slip,
        is_more_open=form.has_more or request.cookies.get(MORE_COOKIE) == "open",
        papers=_papers_shown(form),
        papers_max=PAPERS_MAX,
        procedures=offered,
        last_procedure=next((each for each in offered if each.value == session.get("last_procedure")), None),
        channels=choices(CHANNELS),
        delivery_methods=choices(DELIVERY_METHODS),
        owner_types=choices(OWNER_TYPES),
        id_types=choices(ID_TYPES),
        sexes=_or_open(choices(SEXES)),
        payment_statuses=_or_open(choices(PAYMENT_STATUSES)),
        payment_methods=_or_open(choices(PAYMENT_METHODS)),
        promise=promise_of(form.procedure_code, form.channel, form.received_on, form.received_time),
        problems=shown.problems,
        texts={problem.field: problem.text for problem in shown.problems},
        saved=_saved_note(),
    )
    return render_template("intake.html", page=page)


def remember_saved(recorded: Recorded, remarks: list[Remark], *, is_new: bool) -> None:
    """Leaves for the next page what it says of the saved dossier; no personal data goes into the cookie."""
    dossier = recorded.dossier
    session["last_procedure"] = dossier.procedure_code
    session["saved"] = {
        "dossier_id": dossier.id,
        "dossier_code": dossier.dossier_code,
        "slip_code": dossier.slip_code,
        "due_at": recorded.due_at.isoformat() if recorded.due_at else "",
        "is_again": not is_new,
        "is_delivered": dossier.stage is DossierStage.DELIVERED,
        "is_refused": dossier.stage is DossierStage.NOT_ACCEPTED,
        "remarks": [asdict(remark) for remark in remarks],
    }


def told_remarks(remarks: list[Remark]) -> list[ToldRemark]:
    """What is odd, in the words of the page."""
    return [
        ToldRemark(
            field=each.field,
            text=gettext(ODDITIES[each.oddity]) % {"row": each.row},
            dossier_id=each.dossier_id,
            dossier_code=each.dossier_code,
        )
        for each in remarks
    ]


def _saved_note() -> SavedNote | None:
    note: dict[str, Any] | None = session.pop("saved", None)
    if note is None:
        return None
    slip_code, remarks = note.pop("slip_code"), note.pop("remarks")
    is_shared = slip_code not in ("", note["dossier_code"])
    slip = shared_slip(desk(), slip_code) if is_shared else None
    return SavedNote(
        **note | {"due_at": datetime.fromisoformat(note["due_at"]) if note["due_at"] else None},
        on_slip=slip.dossier_count if slip else 1,
        remarks=told_remarks([Remark(**each | {"oddity": Oddity(each["oddity"])}) for each in remarks]),
    )


def _papers_shown(form: Typed) -> list[TypedPaper]:
    """The rows with something in them, one more to go on, and a few in any case."""
    count = min(max(PAPERS_SHOWN, len(form.components) + 1), PAPERS_MAX)
    return [*form.components, *[TypedPaper()] * (count - len(form.components))]


def _or_open(offered: list[Choice]) -> list[Choice]:
    """The choices of a field that may stay open."""
    return [Choice(value="", text="–"), *offered]
