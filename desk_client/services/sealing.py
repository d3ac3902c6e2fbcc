"""Sealing an event at the end of the device's journal, inside the caller's transaction."""

from datetime import date, datetime

from desk_client.desk import Desk, Identity
from desk_client.storage import device, journal
from sync_protocol.entries import SALT_BYTES, EntryId, Header, seal
from sync_protocol.events import Event, Payload, Received
from sync_protocol.schemas import KIND_VERSION, KINDS, payload_content


def next_event(
    desk: Desk, identity: Identity, payload: Payload, *, happened_at: datetime, clerk: str = "", subject: str = ""
) -> Event:
    """The event that the next entry will say, its header filled in; a `receive` is its own subject."""
    end = journal.head(identity.id.slot, identity.origin)
    entry_id = EntryId(identity.id.slot, end.epoch, end.sequence + 1)
    return Event(
        Header(
            slot=entry_id.slot,
            epoch=entry_id.epoch,
            sequence=entry_id.sequence,
            kind=KINDS[type(payload)].value,
            version=KIND_VERSION,
            subject=str(entry_id) if isinstance(payload, Received) else subject,
            happened_at=happened_at,
            recorded_at=desk.clock(),
            monotonic_ms=desk.monotonic_ms(),
            boot=desk.boot,
            offset_ms=device.contact_state().offset_ms,
            clerk=clerk,
            pack=journal.last_adoption(entry_id.slot, entry_id.epoch),
        ),
        payload,
    )


def append(
    desk: Desk, identity: Identity, event: Event, counted: tuple[date | None, date | None] = (None, None)
) -> None:
    """Seals an event made by `next_event` in this transaction and appends it."""
    end = journal.head(identity.id.slot, identity.origin)
    assert event.header.sequence == end.sequence + 1, "an event is sealed in the transaction that made it"
    entry = seal(event.header, payload_content(event.payload), desk.randomness(SALT_BYTES))
    journal.append(event.header, entry, entry.hash_after(end.hash), counted)


def note(desk: Desk, identity: Identity, payload: Payload, *, clerk: str = "") -> None:
    """Seals and appends an event that is about no dossier and happens now."""
    append(desk, identity, next_event(desk, identity, payload, happened_at=desk.now(), clerk=clerk))
