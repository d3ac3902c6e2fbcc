"""The ledger as a device of the desk takes it in: the place of each entry, and the entries that it does not have."""

import hashlib
from collections.abc import Collection, Sequence
from itertools import starmap
from typing import Any, NamedTuple

from peewee import JOIN, Query, fn

from central_server.storage.models import DeviceRow, Entry, Payload, Unsent, VerdictRow
from central_server.storage.prepared import Prepared
from central_server.storage.questions import same_entry
from sync_protocol.entries import EntryId, SealedEntry
from sync_protocol.siblings import SIBLINGS_MAX, Sibling
from sync_protocol.signing import encoded
from sync_protocol.vocabulary import DeskCode, DeviceId, VerdictKind

MARK_BYTES = 6


class Place(NamedTuple):
    """Where an entry stands in the ledger of its desk; `reason` is why it was set aside, None where it was not.

    A tuple as the database gives it: nearly every contact looks at hundreds of them, and nearly all are its own.
    """

    ledger: int
    slot: int
    epoch: int
    sequence: int
    kind: str
    entry_hash: bytes
    reason: str | None

    @property
    def id(self) -> EntryId:
        """The entry's identity within the desk."""
        return EntryId(self.slot, self.epoch, self.sequence)


def places_after(desk: DeskCode, ledger: int, limit: int) -> list[Place]:
    """The places that follow a number of the ledger, in order."""
    return list(starmap(Place, _places_after(desk, ledger, limit)))


def mark_at(desk: DeskCode, ledger: int) -> str:
    """What tells the ledger up to a number from every other that has come to it; "" where it does not go so far.

    The same entry under the same number may stand behind others in a ledger that was put back, but then it came at
    another time.
    """
    found = _arrival_of.first(desk, ledger)
    if found is None:
        return ""
    entry_hash, arrived_at = found
    return encoded(hashlib.sha256(bytes(entry_hash) + arrived_at.isoformat().encode()).digest()[:MARK_BYTES])


def places_of(desk: DeskCode, ids: Sequence[EntryId]) -> dict[EntryId, Place]:
    """The places of entries by their ids, for those that are held."""
    found = {}
    for id_ in ids:
        row = Entry.get_or_none(
            Entry.desk == desk, Entry.slot == id_.slot, Entry.epoch == id_.epoch, Entry.sequence == id_.sequence
        )
        if row:
            found[id_] = Place(row.ledger, id_.slot, id_.epoch, id_.sequence, row.kind, bytes(row.entry_hash), None)
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
    rows = _siblings(device.desk, device.slot, state)
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
        Sibling(slot, stated_at, head, max(stated_head, head), int(held.get(slot) or 0))
        for slot, stated_at, head, stated_head in rows
    ]


@Prepared
def _places_after(desk: Any, ledger: Any, limit: Any) -> Query:
    withheld = VerdictRow.kind.in_([VerdictKind.QUARANTINED.value, VerdictKind.DISMISSED.value])
    row = Entry
    return (
        row.select(row.ledger, row.slot, row.epoch, row.sequence, row.kind, row.entry_hash, VerdictRow.reason)
        .join(VerdictRow, JOIN.LEFT_OUTER, on=same_entry(VerdictRow, row) & withheld)
        .where(row.desk == desk, row.ledger > ledger)
        .order_by(row.ledger)
        .limit(limit)
    )


@Prepared
def _arrival_of(desk: Any, ledger: Any) -> Query:
    return Entry.select(Entry.entry_hash, Entry.arrived_at).where(Entry.desk == desk, Entry.ledger == ledger)


@Prepared
def _siblings(desk: Any, slot: Any, state: Any) -> Query:
    row = DeviceRow
    others = row.select(row.slot, row.stated_at, row.head, row.stated_head).where(
        row.desk == desk, row.slot != slot, row.state == state
    )
    return others.order_by(row.slot).limit(SIBLINGS_MAX)
