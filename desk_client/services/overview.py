"""What the desk's pages and the status command tell: derived from journal and receipts at each look."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from desk_client.desk import Desk
from desk_client.services.covering import standpoint, waiting_receptions
from desk_client.services.salvaging import SALVAGED
from desk_client.services.standing import device_state
from desk_client.storage import device, dossiers, lineage, notes, placing
from desk_client.storage.database import reading
from sync_protocol.certificates import comparison_number
from sync_protocol.instants import local_date
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeviceState, EpochCause

GOES_ON_TOLD = timedelta(days=14)
"""So long a clerk is told that the machine was put back or copied."""


class SyncState(StrEnum):
    """The one word of the status line."""

    ALL_SENT = "all_sent"
    WAITING = "waiting"
    CUT_OFF = "cut_off"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiblingState:
    """What another machine of the desk last stated that it holds back: dossiers, and entries of any kind."""

    slot: int
    heard_at: datetime | None
    dossiers: int
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoesOn:
    """Why and when the journal went on in a new epoch.

    missing    entries that were written and are not here
    set_aside  folder of the damaged file whose place a fresh one took, "" where that was not so
    """

    cause: EpochCause
    noticed_at: datetime
    missing: int
    set_aside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What is true of this device at `now` (corrected).

    saved_count      dossiers in this journal; unsent_count: those that no receipt covers
    unsent_entries   entries of any kind that no receipt covers
    succeeded_at     last contact that ended with a receipt, by the wall clock, corrected
    problem          code of what went wrong at the last try, "" if it went well
    received_count   dossiers received in the present period, of which working_days_left are left after today
    siblings         the desk's other machines, as far as the centre has told of them
    taken_in         how far the desk's ledger is known here, of ledger_end that there was at the last answer
    to_settle        dossiers of which two machines said something different
    device_state     what this device is to the centre by its last answer
    number           six digits by which a person knows it when approving it
    goes_on          what became of its journal in the last days, None where it simply went on
    """

    now: datetime
    desk_code: str
    desk_name: str
    slot: int
    training: bool
    saved_count: int
    unsent_count: int
    unsent_entries: int
    succeeded_at: datetime | None
    tried_at: datetime | None
    next_try_at: datetime | None
    problem: str
    sync_state: SyncState
    period: Period
    received_count: int
    threshold: int
    working_days_left: int
    siblings: tuple[SiblingState, ...]
    taken_in: int
    ledger_end: int
    to_settle: int
    device_state: DeviceState
    number: str
    goes_on: GoesOn | None


def overview(desk: Desk) -> Overview:
    """The status of this device; raises NotEnrolled."""
    identity, packs = desk.identity(), desk.packs()
    now = desk.now()
    shift = now - desk.clock()
    today = local_date(desk.working_now())
    period = packs.desk.series.containing(today)
    with reading(desk.database):
        at = standpoint(identity)
        waiting = at.waiting
        saved_count = dossiers.saved_count()
        unsent_count = waiting_receptions(at)
        state = device.contact_state()
        told_state = device_state()
        goes_on = _goes_on(identity.id.slot, desk.clock())
        received_count = dossiers.received_count(period.first_on, period.last_on)
        siblings, pulled, to_settle = placing.siblings(), placing.pulled(), dossiers.contradicted_count()
    return Overview(
        now=now,
        desk_code=identity.id.desk,
        desk_name=packs.desk.name,
        slot=identity.id.slot,
        training=identity.certificate.training,
        saved_count=saved_count,
        unsent_count=unsent_count,
        unsent_entries=waiting,
        succeeded_at=state.succeeded_at + shift if state.succeeded_at else None,
        tried_at=state.tried_at + shift if state.tried_at else None,
        next_try_at=state.next_try_at + shift if state.next_try_at else None,
        problem=state.problem,
        sync_state=_sync_state(state, waiting),
        period=period,
        received_count=received_count,
        threshold=packs.desk.threshold,
        working_days_left=packs.calendar.working_days_between(today + timedelta(days=1), period.last_on),
        siblings=tuple(
            SiblingState(
                slot=each.slot, heard_at=each.stated_at, dossiers=each.unsent, entries=max(each.stated - each.held, 0)
            )
            for each in siblings
        ),
        taken_in=pulled.ledger,
        ledger_end=pulled.end,
        to_settle=to_settle,
        device_state=told_state,
        number=comparison_number(identity.origin),
        goes_on=replace(goes_on, noticed_at=goes_on.noticed_at + shift) if goes_on else None,
    )


def _goes_on(slot: int, wall: datetime) -> GoesOn | None:
    """The last epoch if it is a recent one, its instant by the wall clock."""
    present = lineage.present()
    if present is None or abs(wall - present.opened_at) > GOES_ON_TOLD:
        return None
    salvaged = notes.note(SALVAGED)
    return GoesOn(
        cause=present.cause,
        noticed_at=present.opened_at,
        missing=lineage.missing(slot, present),
        set_aside=salvaged["folder"] if salvaged and salvaged["epoch"] == present.epoch else "",
    )


def _sync_state(state: device.ContactState, unsent_entries: int) -> SyncState:
    if state.problem:
        return SyncState.CUT_OFF
    if state.succeeded_at is None:
        return SyncState.NEVER
    return SyncState.WAITING if unsent_entries else SyncState.ALL_SENT
