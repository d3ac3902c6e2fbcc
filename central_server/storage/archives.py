"""Verified backups: when the last one was made, and up to where each device's journal is in one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peewee import Query, chunked, fn

from central_server.storage import units
from central_server.storage.models import AccessTokenRow, ArchivedRow, BackupRow, DeviceRow, Invitation, SlotFloor
from central_server.storage.prepared import Prepared
from sync_protocol.vocabulary import DeskCode, DeviceId

SLOTS_LEFT_OUT = 5
"""Slots of a desk that its machines may have been given since the backup, and that nobody else gets after a restore."""

FLOORS_AT_ONCE = 1_000


def last_made_at() -> datetime | None:
    """When the newest state was taken that a verified backup holds, None before the first backup."""
    row = BackupRow.select().order_by(BackupRow.number.desc()).first()
    made_at: datetime | None = row.made_at if row else None
    return made_at


def keep(
    made_at: datetime, verified_at: datetime, digest: bytes, heads: Mapping[tuple[DeskCode, int, int], int]
) -> None:
    """Remembers a backup that was verified.

    heads  the last sequence that it holds of each desk, slot and epoch
    """
    last = BackupRow.select(fn.MAX(BackupRow.number)).scalar() or 0
    BackupRow.insert(
        number=last + 1, made_at=made_at, verified_at=verified_at, digest=digest, entries=sum(heads.values())
    ).execute()
    for (desk, slot, epoch), sequence in heads.items():
        ArchivedRow.insert(desk=desk, slot=slot, epoch=epoch, sequence=sequence).on_conflict(
            conflict_target=[ArchivedRow.desk, ArchivedRow.slot, ArchivedRow.epoch], preserve=[ArchivedRow.sequence]
        ).execute()


def up_to(device: DeviceId, epoch: int) -> int:
    """The last sequence of an epoch that a verified backup holds, 0 where none does."""
    row = _up_to.first(device.desk, device.slot, epoch)
    return row[0] if row else 0


def forget_what_came_later(made_at: datetime) -> None:
    """What a restored register must not go on with, since more may have happened to it after the backup.

    Tickets would reveal every device as its own clone; a code that was not used yet may have been used since, and an
    access token revoked; and the next slots of a desk may be those of machines that are still to come back.
    """
    ArchivedRow.delete().execute()
    DeviceRow.update(ticket="", previous_ticket="").execute()
    Invitation.update(expires_at=made_at).where(Invitation.used_slot.is_null()).execute()
    AccessTokenRow.update(revoked_at=made_at).where(AccessTokenRow.revoked_at.is_null()).execute()
    leave_slots_out()


def leave_slots_out() -> None:
    """Gives the next slots of every desk to nobody: its machines may have been given them since the present state.

    A desk of which no machine is known yet may have got its first one since.
    """
    rows: Any = DeviceRow.select(DeviceRow.desk, fn.MAX(DeviceRow.slot)).group_by(DeviceRow.desk).tuples()
    last = dict(rows)
    floors = [{"desk": desk, "slot": last.get(desk, 0) + SLOTS_LEFT_OUT + 1} for desk in units.desk_codes()]
    for some in chunked(floors, FLOORS_AT_ONCE):
        SlotFloor.insert_many(some).on_conflict(conflict_target=[SlotFloor.desk], preserve=[SlotFloor.slot]).execute()


def first_free_slot(desk: DeskCode, following: int) -> int:
    """The slot for a desk's next device, where `following` comes behind those that are known."""
    row = SlotFloor.get_or_none(SlotFloor.desk == desk)
    return max(following, row.slot) if row else following


@Prepared
def _up_to(desk: Any, slot: Any, epoch: Any) -> Query:
    row = ArchivedRow
    return row.select(row.sequence).where(row.desk == desk, row.slot == slot, row.epoch == epoch)
