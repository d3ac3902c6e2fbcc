"""The ledger as a device of the desk takes it in: the place of each entry, and the entries that it does not have."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from peewee import JOIN, fn

from central_server.storage.models import DeviceRow, Entry, Payload, Unsent, VerdictRow
from central_server.storage.questions import same_entry
from sync_protocol.entries import EntryId, SealedEntry
from sync_protocol.siblings import SIBLINGS_MAX, Sibling
from sync_protocol.vocabulary import DeskCode, DeviceId, VerdictKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an entry stands in the ledger of its desk; `reason` is why it was set aside, "" where it was not."""

    id: EntryId
    ledger: int
    kind: str
    entry_hash: bytes
    reason: str


def places_after(desk: DeskCode, ledger: int, limit: int) -> list[Place]:
    """The places that follow a number of the ledger, in order."""
    rows = (
        Entry.select(
            Entry.ledger, Entry.slot, Entry.epoch, Entry.sequence, Entry.kind, Entry.entry_hash, VerdictRow.reason
        )
        .join(
            VerdictRow,
            JOIN.LEFT_OUTER,
            on=same_entry(VerdictRow, Entry)
            & VerdictRow.kind.in_([VerdictKind.QUARANTINED.value, VerdictKind.DISMISSED.value]),
        )
        .where(Entry.desk == desk, Entry.ledger > ledger)
        .order_by(Entry.ledger)
        .limit(limit)
    )
    # Thousands of rows, and nothing in them that a field would read otherwise than the driver does.
    found = Entry._meta.database.execute(rows)
    return [
        Place(
            id=EntryId(slot, epoch, sequence),
            ledger=number,
            kind=kind,
            entry_hash=bytes(entry_hash),
            reason=reason or "",
        )
        for number, slot, epoch, sequence, kind, entry_hash, reason in found
    ]


def places_of(desk: DeskCode, ids: Sequence[EntryId]) -> dict[EntryId, Place]:
    """The places of entries by their ids, for those that are held."""
    found = {}
    for id_ in ids:
        row = Entry.get_or_none(
            Entry.desk == desk, Entry.slot == id_.slot, Entry.epoch == id_.epoch, Entry.sequence == id_.sequence
        )
        if row:
            found[id_] = Place(id=id_, ledger=row.ledger, kind=row.kind, entry_hash=bytes(row.entry_hash), reason="")
    return found


def sealed(desk: DeskCode, ledgers: Collection[int]) -> dict[int, SealedEntry]:
    """Entries by their numbers in the ledger, without the payload where the law had it erased."""
    if not ledgers:
        return {}
    rows = (
        Entry.select(Entry.ledger, Entry.header, Entry.payload_hash, Payload.bytes, Payload.salt)
        .join(Payload, JOIN.LEFT_OUTER, on=same_entry(Payload, Entry))
        .where(Entry.desk == desk, Entry.ledger.in_(sorted(ledgers)))
        .tuples()
    )
    return {
        number: SealedEntry(
            bytes(header), bytes(payload_hash), payload and bytes(payload), bytes(salt) if payload else None
        )
        for number, header, payload_hash, payload, salt in rows
    }


def siblings(device: DeviceId, state: str) -> list[Sibling]:
    """What the desk's other devices of a state last stated."""
    rows = list(
        DeviceRow.select(DeviceRow.slot, DeviceRow.stated_at, DeviceRow.head, DeviceRow.stated_head)
        .where(DeviceRow.desk == device.desk, DeviceRow.slot != device.slot, DeviceRow.state == state)
        .order_by(DeviceRow.slot)
        .limit(SIBLINGS_MAX)
    )
    # Most desks have one device.
    if not rows:
        return []
    held = dict(
        Unsent.select(Unsent.slot, fn.SUM(Unsent.count))
        .where(Unsent.desk == device.desk)
        .group_by(Unsent.slot)
        .tuples()
    )
    return [
        Sibling(row.slot, row.stated_at, row.head, max(row.stated_head, row.head), int(held.get(row.slot) or 0))
        for row in rows
    ]
