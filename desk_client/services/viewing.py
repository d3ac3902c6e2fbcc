"""One dossier with all that its page tells: how it stands to its appointment, what may follow, what was printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from desk_client.desk import Desk
from desk_client.services.history import HistoryLine, history, prints_of
from desk_client.services.lifecycle import dossier_of
from desk_client.services.listing import DossierLine, of_slip
from desk_client.storage import clerks, dossiers
from desk_client.storage.clerks import Clerk
from desk_client.storage.database import reading
from desk_client.storage.dossiers import Stored
from sync_protocol.deadlines import DueState, days_left, state_of
from sync_protocol.dossiers import Dossier
from sync_protocol.errors import FieldSyncError
from sync_protocol.events import Extended, Step, SupplementRequested
from sync_protocol.packs import Packs
from sync_protocol.procedures import Procedure
from sync_protocol.schemas import KINDS
from sync_protocol.transitions import check_follows, possible_steps
from sync_protocol.vocabulary import EventKind, PaperForm, Role

PAPER_OF = {
    EventKind.RECEIVE: PaperForm.RECEIPT,
    EventKind.REFUSE_AT_DESK: PaperForm.REFUSAL,
    EventKind.FORWARD: PaperForm.CONTROL_SLIP,
    EventKind.REQUEST_SUPPLEMENT: PaperForm.SUPPLEMENT_REQUEST,
    EventKind.SUPPLEMENT_RECEIVED: PaperForm.RECEIPT,
    EventKind.SUPPLEMENT_EXPIRED: PaperForm.STOP_NOTICE,
    EventKind.EXTEND: PaperForm.APOLOGY,
    EventKind.SEND_BACK: PaperForm.STOP_NOTICE,
    EventKind.STOP: PaperForm.STOP_NOTICE,
}
"""The form that an event is followed by. Source: TT 01/2018 Đ.9; the stop notice, TT 03/2025."""

ONCE: Mapping[EventKind, Step] = {
    EventKind.REQUEST_SUPPLEMENT: SupplementRequested(papers="-", reason="-"),
    EventKind.EXTEND: Extended(reason="-", due_on=date.max),
}
"""Steps that the rules allow so many times, as they would be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierView:
    """A dossier as its page needs it.

    procedure        its version of the day of reception, None where it is not known here
    days_left        working days until the appointment, negative once it has passed; None where there is none
    original_due_at  the appointment on its first slip, None where it is still the one in force
    steps            what may be recorded now by the person who asks, in the order of a dossier's life
    prints           how often each form that there is was printed
    together         the other dossiers of its slip
    history          all that happened, the first event first; names: full names of the people of this machine
    """

    stored: Stored
    procedure: Procedure | None
    due_state: DueState
    days_left: int | None
    original_due_at: datetime | None
    steps: tuple[EventKind, ...]
    prints: Mapping[PaperForm, int]
    together: list[DossierLine]
    history: list[HistoryLine]
    names: Mapping[str, str]

    @property
    def dossier(self) -> Dossier:
        """The dossier itself."""
        return self.stored.dossier

    @property
    def is_sent(self) -> bool:
        """Whether the centre has all about it."""
        return all(line.is_sent for line in self.history)


def view_of(desk: Desk, ref: str, clerk: Clerk) -> DossierView:
    """A dossier by its code or id as a person may see it; raises UnknownDossier."""
    stored, packs, now = dossier_of(desk, ref), desk.packs(), desk.working_now()
    dossier, lines = stored.dossier, history(desk, ref)
    procedure = packs.procedures.get(dossier.procedure_code)
    shared = of_slip(desk, dossier.slip_code) if dossier.slip_code else []
    with reading(desk.database):
        names = clerks.full_names()
    state = state_of(
        dossier.stage, due_at=stored.due_at, resolved_at=dossier.resolved_at, now=now, calendar=packs.calendar
    )
    return DossierView(
        stored=stored,
        procedure=(procedure.version_on(dossier.received_on) or procedure) if procedure else None,
        due_state=state,
        days_left=days_left(stored.due_at, now, packs.calendar) if stored.due_at else None,
        original_due_at=_original_due_at(stored, lines),
        steps=steps_open_to(packs, dossier, clerk.role),
        prints=_prints(desk, stored, lines),
        together=[line for line in shared if line.id != dossier.id],
        history=lines,
        names=names,
    )


def steps_open_to(packs: Packs, dossier: Dossier, role: Role) -> tuple[EventKind, ...]:
    """The steps that may follow now and that a person of a role may record; printing is none of them."""
    kinds = [KINDS[kind] for kind in possible_steps(dossier)]
    closed = {EventKind.PRINT} | (set() if role is Role.HEAD else {EventKind.VOID})
    closed |= {kind for kind, step in ONCE.items() if kind in kinds and not _may_follow(packs, dossier, step)}
    return tuple(kind for kind in kinds if kind not in closed)


def forms_of(dossier: Dossier, lines: list[HistoryLine]) -> list[PaperForm]:
    """The forms that there are of a dossier, in the order of its life; once received, the control slip is one.

    None once its content was erased: there is nothing to write on them.
    """
    if dossier.is_erased:
        return []
    kinds = [line.kind for line in lines if line.has_effect]
    forms = [PAPER_OF[kind] for kind in kinds if kind in PAPER_OF]
    received = [PaperForm.CONTROL_SLIP] if EventKind.RECEIVE in kinds else []
    return list(dict.fromkeys([*forms, *received]))


def holder_of(desk: Desk, stored: Stored, form: PaperForm) -> Stored:
    """The dossier under which a form is kept: a slip that several share is the first one's, so its prints add up."""
    if form is not PaperForm.RECEIPT or stored.dossier.slip_code in ("", stored.dossier.dossier_code):
        return stored
    with reading(desk.database):
        return dossiers.by_ref(stored.dossier.slip_code) or stored


def _prints(desk: Desk, stored: Stored, lines: list[HistoryLine]) -> dict[PaperForm, int]:
    counts = {form: len(prints_of(lines, form)) for form in forms_of(stored.dossier, lines)}
    holder = holder_of(desk, stored, PaperForm.RECEIPT)
    if PaperForm.RECEIPT in counts and holder is not stored:
        counts[PaperForm.RECEIPT] = len(prints_of(history(desk, holder.dossier.id), PaperForm.RECEIPT))
    return counts


def _may_follow(packs: Packs, dossier: Dossier, step: Step) -> bool:
    rules = packs.desk.rules.on(dossier.received_on)
    try:
        check_follows(
            dossier,
            step,
            datetime.max.replace(tzinfo=UTC),
            supplements_most=rules.supplements_most,
            extensions_most=rules.extensions_most,
        )
    except FieldSyncError:
        return False
    return True


def _original_due_at(stored: Stored, lines: list[HistoryLine]) -> datetime | None:
    """The first appointment that an event gave, unless it is the one in force."""
    appointments = [change.after for line in lines for change in line.changes if change.field == "due_at"]
    return appointments[0] if appointments and appointments[0] != stored.due_at else None
