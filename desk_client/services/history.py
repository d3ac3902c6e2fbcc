"""What happened to a dossier: by whom, when, when it was entered and where, and what each event changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk_client.desk import Desk
from desk_client.services.listing import covered_of
from desk_client.services.projecting import life_of
from desk_client.storage import dossiers
from desk_client.storage.database import reading
from desk_client.storage.dossiers import Stored
from desk_client.storage.lineage import Point
from sync_protocol.dossiers import UnknownDossier
from sync_protocol.events import Corrected, Event, Payload, Printed, Rated, Settled
from sync_protocol.folding import fold
from sync_protocol.schemas import KINDS, payload_content
from sync_protocol.vocabulary import EventKind, PaperForm

APPOINTMENT = "due_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A field before and after an event: JSON values or instants, None for empty."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One event of a dossier: what happened and what it changed.

    recorded_at  when it was entered, by the corrected clock; happened_at: when it happened
    clerk        username of who entered it; slot: the machine on which
    changes      what it says, and how the appointment moved; of what opened the dossier, only the appointment
    is_sent      whether the centre has it
    has_effect   False where another machine's later word stands
    """

    kind: EventKind
    payload: Payload
    happened_at: datetime
    recorded_at: datetime
    clerk: str
    slot: int
    changes: tuple[Change, ...]
    is_sent: bool
    has_effect: bool


def history(desk: Desk, ref: str) -> list[HistoryLine]:
    """All that happened to a dossier, in the order in which it counts; raises UnknownDossier."""
    slot, covered = desk.identity().id.slot, covered_of(desk)
    with reading(desk.database):
        known = dossiers.by_ref(ref)
        if known is None:
            raise UnknownDossier(dossier=ref)
        life = life_of(desk, known.dossier.id)
    lines: list[HistoryLine] = []
    before: Stored | None = None
    for event, after in life:
        is_sent = event.header.slot != slot or Point(event.header.epoch, event.header.sequence) <= covered
        lines.append(_line(event, before, after, is_sent=is_sent))
        before = after
    return lines


def stored_after(desk: Desk, dossier_id: str, count: int) -> Stored:
    """A dossier as it stood after so many of its events, at least one; as it stands where there are not so many."""
    with reading(desk.database):
        life = life_of(desk, dossier_id)
    return life[min(max(count, 1), len(life)) - 1][1]


def prints_of(lines: list[HistoryLine], form: PaperForm) -> list[HistoryLine]:
    """The prints of a form, the first one first."""
    return [line for line in lines if isinstance(line.payload, Printed) and line.payload.form is form]


def _line(event: Event, before: Stored | None, after: Stored, *, is_sent: bool) -> HistoryLine:
    header = event.header
    return HistoryLine(
        kind=KINDS[type(event.payload)],
        payload=event.payload,
        happened_at=event.happened_at,
        recorded_at=header.entered_at,
        clerk=header.clerk,
        slot=header.slot,
        changes=_changes(event, before, after),
        is_sent=is_sent,
        has_effect=before is None or fold(before.dossier, event).has_effect,
    )


def _changes(event: Event, before: Stored | None, after: Stored) -> tuple[Change, ...]:
    """What an event says and what follows from it; of a correction, each field before and after it."""
    if before is None:
        return tuple(each for each in _moved({}, _facts(after)) if each.field == APPOINTMENT)
    if isinstance(event.payload, Corrected | Settled):
        moved = _moved(dict(before.content) | _facts(before), dict(after.content) | _facts(after))
        return (*moved, Change(field="reason", before=None, after=event.payload.reason))
    is_told = isinstance(event.payload, Printed | Rated)
    said = {} if is_told else payload_content(event.payload)
    appointment = {APPOINTMENT: before.due_at}, {APPOINTMENT: after.due_at}
    return (*(Change(field=name, before=None, after=value) for name, value in said.items()), *_moved(*appointment))


def _moved(held: Mapping[str, Any], holds: Mapping[str, Any]) -> tuple[Change, ...]:
    names = [name for name in dict.fromkeys((*holds, *held)) if held.get(name) != holds.get(name)]
    return tuple(Change(field=name, before=held.get(name), after=holds.get(name)) for name in names)


def _facts(stored: Stored) -> dict[str, Any]:
    """What a correction changes of a dossier beside its content; the appointment follows from it."""
    dossier = stored.dossier
    return {
        "received_at": dossier.received_at,
        APPOINTMENT: stored.due_at,
        "resolved_at": dossier.resolved_at,
        "delivered_at": dossier.delivered_at,
    }
