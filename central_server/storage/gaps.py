"""Authentic entries that lie beyond a gap: what stands before them has not come, so they are of no chain here yet."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import Any

from peewee import Query, Select, fn

from central_server.storage.holding import HeldEntry
from central_server.storage.models import Entry, GapEntry
from central_server.storage.prepared import Prepared
from sync_protocol.entries import EntryId, Header, SealedEntry, read_header
from sync_protocol.vocabulary import DeskCode, DeviceId, VerdictKind

GAP = "gap"
"""Why such an entry waits."""

GAP_ENTRIES_MAX = 2_000
"""Entries that are kept beyond the gaps of one device. Of more it is asked again, as of all of them."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """An entry beyond a gap; `known_hash` is its hash where something signed names it, else b""."""

    header: Header
    entry: SealedEntry
    known_hash: bytes


def hold(device: DeviceId, entries: Iterable[Beyond], arrived_at: datetime) -> None:
    """Keeps entries, each once, as long as there is room."""
    room = GAP_ENTRIES_MAX - _of(device).count()
    for each in list(entries)[: max(0, room)]:
        GapEntry.insert(
            desk=device.desk,
            slot=device.slot,
            epoch=each.header.epoch,
            sequence=each.header.sequence,
            payload_hash=each.entry.payload_hash,
            entry_hash=each.known_hash or None,
            arrived_at=arrived_at,
            header=each.entry.header_bytes,
            salt=each.entry.salt,
            bytes=each.entry.payload,
        ).on_conflict_ignore().execute()


def has_any(device: DeviceId) -> bool:
    """Whether anything of a device lies beyond a gap."""
    return bool(_any(device.desk, device.slot))


def epochs(device: DeviceId) -> list[int]:
    """Of which epochs of a device something lies beyond a gap."""
    rows = GapEntry.select(GapEntry.epoch).where(GapEntry.desk == device.desk, GapEntry.slot == device.slot).distinct()
    return [epoch for (epoch,) in rows.order_by(GapEntry.epoch).tuples()]


def slots(desk: DeskCode) -> list[int]:
    """Of which devices of a desk something lies beyond a gap."""
    rows = GapEntry.select(GapEntry.slot).where(GapEntry.desk == desk).distinct().order_by(GapEntry.slot)
    return [slot for (slot,) in rows.tuples()]


def behind(device: DeviceId, epoch: int, sequence: int) -> list[Beyond]:
    """What lies behind a sequence of an epoch, in order; two entries may claim one place."""
    rows = _of(device).where(GapEntry.epoch == epoch, GapEntry.sequence > sequence).order_by(GapEntry.sequence)
    return [_beyond(row) for row in rows]


def drop(device: DeviceId, payload_hashes: Collection[bytes]) -> None:
    """Lets entries go that have come by their chain, or again in another epoch: a salt is never given twice."""
    GapEntry.delete().where(
        GapEntry.desk == device.desk, GapEntry.slot == device.slot, GapEntry.payload_hash.in_(list(payload_hashes))
    ).execute()


def head(device: DeviceId, epoch: int) -> tuple[int, bytes]:
    """The last entry of an epoch that is of its chain, with its hash; 0 and b"" before the first."""
    row = (
        Entry.select(Entry.sequence, Entry.entry_hash)
        .where(Entry.desk == device.desk, Entry.slot == device.slot, Entry.epoch == epoch)
        .order_by(Entry.sequence.desc())
        .tuples()
        .first()
    )
    return (row[0], bytes(row[1])) if row else (0, b"")


def hashes(device: DeviceId) -> list[bytes]:
    """The hashes of all entries of a device's journals."""
    rows = Entry.select(Entry.entry_hash).where(Entry.desk == device.desk, Entry.slot == device.slot)
    return [bytes(hash_) for (hash_,) in rows.tuples()]


def counts() -> dict[DeskCode, int]:
    """How many entries lie beyond gaps, by desk; desks without any are left out."""
    rows = GapEntry.select(GapEntry.desk, fn.COUNT(GapEntry.sequence)).group_by(GapEntry.desk)
    return {code: int(count) for code, count in rows.tuples()}


def held(desks: Collection[DeskCode], limit: int) -> list[HeldEntry]:
    """Entries of these desks that lie beyond gaps, as they are listed beside others that wait."""
    rows = (
        GapEntry.select()
        .where(GapEntry.desk.in_(sorted(desks)))
        .order_by(GapEntry.desk, GapEntry.slot, GapEntry.epoch, GapEntry.sequence)
        .limit(limit)
    )
    return [_held(row) for row in rows]


def lasting(desk: DeskCode, before: datetime) -> list[EntryId]:
    """Entries of a desk that have lain beyond a gap since before an instant."""
    return list(starmap(EntryId, _lasting(desk, before)))


@Prepared
def _any(desk: Any, slot: Any) -> Query:
    return GapEntry.select(GapEntry.desk).where(GapEntry.desk == desk, GapEntry.slot == slot).limit(1)


@Prepared
def _lasting(desk: Any, before: Any) -> Query:
    row = GapEntry
    rows = row.select(row.slot, row.epoch, row.sequence).where(row.desk == desk, row.arrived_at < before)
    return rows.order_by(row.slot, row.epoch, row.sequence)


def _of(device: DeviceId) -> Select:
    return GapEntry.select().where(GapEntry.desk == device.desk, GapEntry.slot == device.slot)


def _beyond(row: GapEntry) -> Beyond:
    payload, salt = (bytes(row.bytes), bytes(row.salt)) if row.salt is not None else (None, None)
    sealed = SealedEntry(bytes(row.header), bytes(row.payload_hash), payload, salt)
    return Beyond(sealed.header, sealed, bytes(row.entry_hash) if row.entry_hash is not None else b"")


def _held(row: GapEntry) -> HeldEntry:
    header = read_header(bytes(row.header))
    return HeldEntry(
        desk=row.desk,
        id=header.id,
        kind=header.kind,
        subject=header.subject,
        verdict=VerdictKind.QUARANTINED,
        reason=GAP,
        day=None,
        clerk=header.clerk,
        arrived_at=row.arrived_at,
    )
