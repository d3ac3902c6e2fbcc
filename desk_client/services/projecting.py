"""An event and what the screens read of it: sealed and projected together, or made again from the journal."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from desk_client.desk import Desk
from desk_client.services.sealing import Pen
from desk_client.storage import dossiers, journal
from desk_client.storage.database import write_transaction
from desk_client.storage.dossiers import Stored
from sync_protocol.contents import content_after
from sync_protocol.deadlines import due_at
from sync_protocol.dossiers import counted_change, fold
from sync_protocol.events import Event, Opening, Payload, Step
from sync_protocol.instants import local_date
from sync_protocol.packs import Packs
from sync_protocol.schemas import read_event


def write(
    pen: Pen,
    packs: Packs,
    payload: Payload,
    *,
    happened_at: datetime,
    before: Stored | None = None,
    base: Mapping[str, str] | None = None,
) -> Stored:
    """Seals an event about a dossier and projects it, inside the caller's transaction.

    Steps that were recorded against its code before this machine knew the dossier meet it here.
    """
    event = pen.draft(payload, happened_at=happened_at, subject=before.dossier.id if before else "", base=base)
    after, counted = _projected(packs, event, before)
    pen.append(event, counted)
    for waiting in _waiting_for(after) if isinstance(payload, Opening) else ():
        after, _ = _projected(packs, waiting, after)
    dossiers.put(pen.desk.database, after)
    return after


def refresh_due(packs: Packs) -> None:
    """Brings the appointments of open dossiers to the packs in force, inside the caller's transaction."""
    for stored in dossiers.open_ones():
        moved_to = due_at(stored.dossier, packs)
        if moved_to != stored.due_at:
            assert stored.number is not None, "what is read has a row"
            dossiers.move_due(stored.number, moved_to)


def rebuild(desk: Desk) -> int:
    """Makes the projection again from the journal, all or nothing; gives the number of dossiers."""
    packs, slot = desk.packs(), desk.identity().id.slot
    held: dict[str, Stored] = {}
    unmet: dict[str, list[Event]] = {}
    with write_transaction(desk.database):
        dossiers.clear()
        for entry in journal.everything(slot):
            _replay(packs, read_event(entry), held, unmet)
        for stored in held.values():
            dossiers.put(desk.database, stored)
    return len(held)


def rebuild_if_needed(desk: Desk) -> None:
    """Makes the projection after a change of its shape; a journal without dossiers needs none."""
    with write_transaction(desk.database):
        is_needed = dossiers.is_empty() and journal.has_openings()
    if is_needed:
        rebuild(desk)


def _replay(packs: Packs, event: Event, held: dict[str, Stored], unmet: dict[str, list[Event]]) -> None:
    if not isinstance(event.payload, Opening | Step) or not event.header.subject:
        return
    subject = event.header.subject
    before = held.get(subject)
    if before is None and not isinstance(event.payload, Opening):
        unmet.setdefault(subject, []).append(event)
        return
    after, _ = _projected(packs, event, before)
    if isinstance(event.payload, Opening):
        for waiting in unmet.pop(after.dossier.dossier_code, ()):
            after, _ = _projected(packs, waiting, after)
    held[subject] = after


def _waiting_for(opened: Stored) -> list[Event]:
    """Steps that were recorded against a dossier's code while it was not known here."""
    code = opened.dossier.dossier_code
    return [read_event(entry) for entry in journal.history(code)] if code else []


def _projected(packs: Packs, event: Event, before: Stored | None) -> tuple[Stored, Any]:
    """What an event makes of a dossier, and the days that gain and lose one by it."""
    folded = fold(before.dossier if before else None, event)
    header = event.header
    recorded_at = header.recorded_at + timedelta(milliseconds=header.offset_ms or 0)
    after = Stored(
        number=before.number if before else None,
        dossier=folded.dossier,
        content=content_after(before.content if before else {}, event, folded),
        due_at=due_at(folded.dossier, packs),
        recorded_on=before.recorded_on if before else local_date(recorded_at),
        sequence=before.sequence if before else header.sequence,
        last_sequence=max(header.sequence, before.last_sequence if before else 0),
    )
    return after, counted_change(before.dossier if before else None, folded.dossier)
