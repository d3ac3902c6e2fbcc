"""What happened to a dossier: by whom, when, when it was entered and where, and what each event changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from desk_client.desk import Desk
from desk_client.services.listing import acknowledged_of
from desk_client.services.projecting import life_of
from desk_client.storage import dossiers
from desk_client.storage.database import reading
from desk_client.storage.dossiers import Stored
from sync_protocol.dossiers import UnknownDossier, fold
from sync_protocol.events import Event, Payload, Printed
from sync_protocol.schemas import KINDS
from sync_protocol.vocabulary import EventKind, PaperForm

FACTS = ("received_at", "due_at", "resolved_at", "delivered_at")
"""What events change of a dossier beside its content; the appointment follows from them."""


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
    changes      in the order of the fields; of what opened the dossier, only its appointment
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
    slot, acknowledged = desk.identity().id.slot, acknowledged_of(desk)
    with reading(desk.database):
        known = dossiers.by_ref(ref)
        if known is None:
            raise UnknownDossier(dossier=ref)
        life = life_of(desk, known.dossier.id)
    lines: list[HistoryLine] = []
    before: Stored | None = None
    for event, after in life:
        is_sent = event.header.slot != slot or event.header.sequence <= acknowledged
        lines.append(_line(event, before, after, is_sent=is_sent))
        before = after
    return lines


def prints_of(lines: list[HistoryLine], form: PaperForm) -> list[HistoryLine]:
    """The prints of a form, the first one first."""
    return [line for line in lines if isinstance(line.payload, Printed) and line.payload.form is form]


def _line(event: Event, before: Stored | None, after: Stored, *, is_sent: bool) -> HistoryLine:
    header = event.header
    return HistoryLine(
        kind=KINDS[type(event.payload)],
        payload=event.payload,
        happened_at=event.happened_at,
        recorded_at=header.recorded_at + timedelta(milliseconds=header.offset_ms or 0),
        clerk=header.clerk,
        slot=header.slot,
        changes=_changes(before, after),
        is_sent=is_sent,
        has_effect=before is None or fold(before.dossier, event).has_effect,
    )


def _changes(before: Stored | None, after: Stored) -> tuple[Change, ...]:
    held, holds = _fields(before), _fields(after)
    names = [name for name in (*holds, *held) if held.get(name) != holds.get(name)]
    shown = names if before else [name for name in names if name == "due_at"]
    return tuple(Change(field=name, before=held.get(name), after=holds.get(name)) for name in dict.fromkeys(shown))


def _fields(stored: Stored | None) -> Mapping[str, Any]:
    if stored is None:
        return {}
    dossier = stored.dossier
    return dict(stored.content) | {
        "received_at": dossier.received_at,
        "due_at": stored.due_at,
        "resolved_at": dossier.resolved_at,
        "delivered_at": dossier.delivered_at,
    }
