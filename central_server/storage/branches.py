"""Epochs of a device beside its present one, what they hold back, and what showed that they are there."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any

from peewee import JOIN

from central_server.storage.devices import CONTACT_COLUMNS, Device
from central_server.storage.holding import AWAITING_A_DECISION
from central_server.storage.ledger import JudgedEntry
from central_server.storage.models import (
    BranchRow,
    BranchUnsent,
    Entry,
    HeldEntry,
    Payload,
    Sighting,
    Unsent,
    VerdictRow,
)
from central_server.storage.questions import same_entry
from sync_protocol.signing import parsed
from sync_protocol.vocabulary import DeskCode, DeviceId


class Sign(StrEnum):
    """What shows that a device was restored or copied.

    restored, copied, parted  the cause that an epoch itself tells
    foreign  its entries do not go on from what is held
    twin     an epoch that another one took the place of has spoken again
    ticket   it spoke with a ticket that was replaced long ago
    """

    RESTORED = "restored"
    COPIED = "copied"
    PARTED = "parted"
    FOREIGN = "foreign"
    TWIN = "twin"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """An epoch beside the present one: its `device` as it was last heard of; the others as in the table."""

    device: Device
    left_at: datetime | None
    leaves_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """What showed that a machine was restored or copied, as it is told on a desk's page."""

    slot: int
    epoch: int
    what: Sign
    sequence: int
    noticed_at: datetime


UNSHOWN = 0
"""The epoch under which a copy of a machine stands that is known by its statements alone."""

COLUMNS = tuple(name for name in CONTACT_COLUMNS if name != "epoch")
"""What a contact tells of an epoch; which one it is stands in the key of a branch."""


def of_device(device: Device) -> dict[int, Branch]:
    """The epochs of a device beside its present one."""
    rows = BranchRow.select().where(BranchRow.desk == device.id.desk, BranchRow.slot == device.id.slot)
    return {row.epoch: _branch(device, row) for row in rows}


def of_desks(devices: Iterable[Device]) -> dict[DeviceId, list[Branch]]:
    """The branches of many devices."""
    known = {device.id: device for device in devices}
    found: dict[DeviceId, list[Branch]] = {}
    for row in BranchRow.select().order_by(BranchRow.desk, BranchRow.slot, BranchRow.epoch):
        device = known.get(DeviceId(row.desk, row.slot))
        if device:
            found.setdefault(device.id, []).append(_branch(device, row))
    return found


def keep(branch: Branch) -> None:
    """Remembers an epoch beside the present one."""
    device = branch.device
    values: dict[str, Any] = {name: getattr(device, name) for name in COLUMNS}
    values |= {"left_at": branch.left_at, "leaves_open": branch.leaves_open}
    key = {"desk": device.id.desk, "slot": device.id.slot, "epoch": device.epoch}
    BranchRow.insert(**key, **values).on_conflict(
        conflict_target=[BranchRow.desk, BranchRow.slot, BranchRow.epoch], preserve=list(values)
    ).execute()


def forget(device: DeviceId, epoch: int) -> None:
    """Knows an epoch beside the present one no more."""
    for model in (BranchUnsent, BranchRow):
        model.delete().where(model.desk == device.desk, model.slot == device.slot, model.epoch == epoch).execute()


def shelve_unsent(device: Device, *, is_counted_elsewhere: bool) -> None:
    """Moves what the present epoch holds back to its branch; drops it where its successor counts it."""
    of_device_rows = (Unsent.desk == device.id.desk) & (Unsent.slot == device.id.slot)
    if not is_counted_elsewhere:
        rows = Unsent.select(Unsent.received_on, Unsent.count).where(of_device_rows).tuples()
        replace_unsent(device, dict(rows))
    Unsent.delete().where(of_device_rows).execute()


def replace_unsent(device: Device, counts: Mapping[date, int]) -> None:
    """Remembers what a branch holds back now."""
    BranchUnsent.delete().where(
        BranchUnsent.desk == device.id.desk, BranchUnsent.slot == device.id.slot, BranchUnsent.epoch == device.epoch
    ).execute()
    for day, count in sorted(counts.items()):
        if count:
            BranchUnsent.insert(
                desk=device.id.desk, slot=device.id.slot, epoch=device.epoch, received_on=day, count=count
            ).execute()


def subtract_unsent(device: Device, arrived: Mapping[date, int]) -> None:
    """Takes from what a branch holds back what has arrived of it."""
    if not arrived:
        return
    rows = BranchUnsent.select(BranchUnsent.received_on, BranchUnsent.count).where(
        BranchUnsent.desk == device.id.desk, BranchUnsent.slot == device.id.slot, BranchUnsent.epoch == device.epoch
    )
    counts = dict(rows.tuples())
    replace_unsent(device, {day: counts.get(day, 0) - arrived.get(day, 0) for day in {*counts, *arrived}})


def hold(entries: Iterable[JudgedEntry], desk: DeskCode, arrived_at: datetime) -> None:
    """Keeps authentic entries that are of no chain here, each once."""
    rows = [
        {
            "desk": desk,
            "slot": each.header.slot,
            "epoch": each.header.epoch,
            "sequence": each.header.sequence,
            "entry_hash": each.entry_hash,
            "arrived_at": arrived_at,
            "header": each.sealed.header_bytes,
            "payload_hash": each.sealed.payload_hash,
            "salt": each.sealed.salt,
            "bytes": each.sealed.payload,
        }
        for each in entries
    ]
    for row in rows:
        HeldEntry.insert(**row).on_conflict_ignore().execute()


def contents_held(device: DeviceId, behind: Mapping[int, int], hashes: Collection[bytes]) -> frozenset[bytes]:
    """Which salted contents a device's ledger holds of dossiers behind a sequence of these epochs.

    Without what is not the desk's until a person releases it: nobody is told of that.
    """
    is_behind = reduce(or_, ((Entry.epoch == epoch) & (Entry.sequence > last) for epoch, last in behind.items()))
    is_withheld = same_entry(VerdictRow, Entry) & VerdictRow.reason.in_(AWAITING_A_DECISION)
    rows = (
        Entry.select(Entry.payload_hash)
        .join(VerdictRow, JOIN.LEFT_OUTER, on=is_withheld)
        .where(Entry.desk == device.desk, Entry.slot == device.slot, is_behind, VerdictRow.slot.is_null())
        .where(Entry.subject != "", Entry.payload_hash.in_(list(hashes)))
    )
    return frozenset(bytes(hash_) for (hash_,) in rows.tuples())


def openings(device: DeviceId) -> list[dict[str, Any]]:
    """What the first entry of each later epoch of a machine says, as JSON."""
    rows = Payload.select(Payload.bytes).where(
        Payload.desk == device.desk, Payload.slot == device.slot, Payload.sequence == 1, Payload.epoch > 1
    )
    return [parsed(bytes(content)) for (content,) in rows.tuples()]


def witnessed(device: DeviceId) -> dict[int, int]:
    """The last sequence of each epoch that a witness of the machine had seen when a later one was opened."""
    seen: dict[int, int] = {}
    for said in openings(device):
        epoch, sequence = said.get("witnessed_epoch"), said.get("witnessed_sequence")
        if isinstance(epoch, int) and isinstance(sequence, int):
            seen[epoch] = max(seen.get(epoch, 0), sequence)
    return seen


def note_sign(device: DeviceId, epoch: int, sign: Sign, sequence: int, noticed_at: datetime) -> None:
    """Remembers what showed that a device was restored or copied; the first time counts."""
    Sighting.insert(
        desk=device.desk,
        slot=device.slot,
        epoch=epoch,
        what=sign.value,
        sequence=sequence,
        noticed_at=noticed_at,
    ).on_conflict_ignore().execute()


def signs(desk: DeskCode, as_of: datetime | None = None) -> list[Sighted]:
    """What showed that machines of a desk were restored or copied, newest first.

    as_of  only what was noticed by an instant
    """
    rows = Sighting.select().where(Sighting.desk == desk).order_by(Sighting.noticed_at.desc(), Sighting.slot)
    rows = rows.where(Sighting.noticed_at <= as_of) if as_of else rows
    return [
        Sighted(slot=row.slot, epoch=row.epoch, what=Sign(row.what), sequence=row.sequence, noticed_at=row.noticed_at)
        for row in rows
    ]


def _branch(device: Device, row: Any) -> Branch:
    values = {name: getattr(row, name) for name in COLUMNS} | {"head_hash": bytes(row.head_hash)}
    return Branch(device=replace(device, epoch=row.epoch, **values), left_at=row.left_at, leaves_open=row.leaves_open)
