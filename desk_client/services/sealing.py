"""Sealing an event at the end of the device's journal, inside the caller's transaction."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from desk_client.desk import Desk, Identity
from desk_client.storage import device, journal
from sync_protocol.entries import SALT_BYTES, EntryId, Header, seal
from sync_protocol.events import Event, Payload, Received
from sync_protocol.schemas import KIND_VERSION, KINDS, payload_content


@dataclass(frozen=True, slots=True)
class Draft:
    """The event that the next entry will say, the hash that it follows, and the corrected time at which it is made."""

    event: Event
    previous_hash: bytes
    now: datetime


def draft(
    desk: Desk,
    identity: Identity,
    payload: Payload,
    *,
    happened_at: datetime | None = None,
    clerk: str = "",
    subject: str = "",
) -> Draft:
    """Fills in the header of the next entry; a `receive` is its own subject, what has no time happens now."""
    end = journal.head(identity.id.slot, identity.origin)
    entry_id = EntryId(identity.id.slot, end.epoch, end.sequence + 1)
    wall, offset_ms = desk.clock(), device.contact_state().offset_ms
    now = wall + timedelta(milliseconds=offset_ms or 0)
    header = Header(
        slot=entry_id.slot,
        epoch=entry_id.epoch,
        sequence=entry_id.sequence,
        kind=KINDS[type(payload)].value,
        version=KIND_VERSION,
        subject=str(entry_id) if isinstance(payload, Received) else subject,
        happened_at=happened_at or now,
        recorded_at=wall,
        monotonic_ms=desk.monotonic_ms(),
        boot=desk.boot,
        offset_ms=offset_ms,
        clerk=clerk,
        pack=device.last_adoption(),
    )
    return Draft(Event(header, payload), end.hash, now)


def append(desk: Desk, drafted: Draft, counted: tuple[date | None, date | None] = (None, None)) -> None:
    """Seals what was drafted in this transaction and appends it; the journal refuses a second one of its sequence."""
    event = drafted.event
    entry = seal(event.header, payload_content(event.payload), desk.randomness(SALT_BYTES))
    journal.append(event.header, entry, entry.hash_after(drafted.previous_hash), counted)


def note(desk: Desk, identity: Identity, payload: Payload, *, clerk: str = "") -> int:
    """Seals and appends an event that is about no dossier and happens now; gives its sequence."""
    drafted = draft(desk, identity, payload, clerk=clerk)
    append(desk, drafted)
    return drafted.event.header.sequence
