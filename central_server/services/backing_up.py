"""Backups: all that the centre holds in one encrypted file, read again from the disk and checked before it counts."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BufferedReader
from pathlib import Path

from central_server.central import Central
from central_server.services import erasing
from central_server.services.dumping import Batch, batches, dumped, origin_of, read_dump
from central_server.services.examining import Examiner, RowDiffers
from central_server.storage import archives
from central_server.storage.database import reading, snapshot, write_transaction
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text
from sync_protocol.signing import KEY_BYTES
from sync_protocol.vaults import VaultDamaged, VaultWriter, blocks, lock_for_key, read_head

KIND = "centre_backup"
SUFFIX = ".fsvault"
UNVERIFIED = ".unverified"
BACKUP_FOLDER = "backups"


class NoRecoveryKit(FieldSyncError):
    """There is nobody to seal a backup for."""

    code = "no_recovery_kit"
    text = N_(
        "This centre has no recovery kit yet, and a backup could not be opened without one. Nothing was written; "
        "run: central-server kit --out FILE"
    )


class BackupNotWritten(FieldSyncError):
    """The disk is full, or the folder cannot be written to."""

    code = "backup_not_written"
    text = N_(
        "The backup cannot be written to %(path)s: the disk is full, or writing there is not allowed. The centre and "
        "its earlier backups are as before; free some space, or name another folder with --out."
    )


class BackupDiffers(FieldSyncError):
    """What was read from the disk is not what was written."""

    code = "backup_differs"
    text = N_(
        "The backup that was just written cannot be read again as it was: the disk of %(path)s is failing. The centre "
        "and its earlier backups are as before; name a folder on another disk with --out."
    )


class DatabaseDamaged(FieldSyncError):
    """Rows of the database are not what was written there; the file holds them as they are."""

    code = "database_damaged"
    text = N_(
        "The database holds damaged rows, so that this backup does not count: %(fault)s It was kept as %(path)s. "
        "Do not delete earlier backups; run: central-server verify"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was verified; counts are of what it holds."""

    path: Path
    made_at: datetime
    devices: int
    entries: int
    dossiers: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """The last verified backup is too old, or there is none."""

    last_at: datetime | None
    hours: int


@dataclass(slots=True)
class _Tally:
    """What was handed to the file, to compare with what is read from it."""

    counts: dict[str, int] = field(default_factory=dict)
    heads: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def through(self, stream: Iterator[Batch]) -> Iterator[Batch]:
        for batch in stream:
            self.counts[batch.table.name] = self.counts.get(batch.table.name, 0) + len(batch.rows)
            if batch.table.name == "entry":
                at = [batch.table.columns.index(name) for name in ("desk", "slot", "epoch", "sequence")]
                for row in batch.rows:
                    desk, slot, epoch, sequence = (row[index] for index in at)
                    self.heads[desk, slot, epoch] = sequence
            yield batch


def back_up(central: Central, folder: Path) -> Made:
    """Writes a backup into a folder, verifies it, and lets receipts say what it holds.

    Raises NoRecoveryKit, BackupNotWritten, BackupDiffers, DatabaseDamaged.
    """
    if not central.keys.backup_public:
        raise NoRecoveryKit
    now, key = central.now(), central.randomness(KEY_BYTES)
    path = folder / f"central-{now:%Y%m%dT%H%M%SZ}{SUFFIX}"
    part = path.with_name(path.name + ".part")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        tally = _write(central, part, key, now)
        examiner, digest, size = _examined(central, part, key)
        if (examiner.counts, _sequences(examiner)) != (tally.counts, tally.heads):
            raise BackupDiffers(path=str(folder))
        if examiner.faults:
            raise _kept_unverified(part, path, examiner.faults[0])
        os.replace(part, path)
        erasing.leave_record(central, folder)
    except OSError as error:
        raise BackupNotWritten(path=str(folder)) from error
    except VaultDamaged as error:
        raise BackupDiffers(path=str(folder)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    with write_transaction(central.database):
        archives.keep(now, central.now(), digest, tally.heads)
    return Made(
        path=path,
        made_at=now,
        devices=examiner.counts["device"],
        entries=examiner.counts["entry"],
        dossiers=examiner.counts["dossier"],
        bytes=size,
    )


def last_backup_at(central: Central) -> datetime | None:
    """When the newest state was taken that a verified backup holds."""
    with reading(central.database):
        return archives.last_made_at()


def alarm(central: Central, now: datetime, *, is_training: bool) -> Alarm | None:
    """Whether the last verified backup is too old; never at a training centre, whose dossiers are invented."""
    if is_training:
        return None
    last_at, hours = last_backup_at(central), central.settings.backup_alarm_h
    is_old = last_at is None or now - last_at > timedelta(hours=hours)
    return Alarm(last_at=last_at, hours=hours) if is_old else None


def _write(central: Central, part: Path, key: bytes, now: datetime) -> _Tally:
    about, tally = central.about(), _Tally()
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file, snapshot(central.database):
        told = {"made_at": instant_text(now), "incarnation": about.incarnation}
        locks = [lock_for_key(key, central.keys.backup_public)]
        writer = VaultWriter(file, key, kind=KIND, told=told, locks=locks)
        origin = origin_of(central.database, about, now)
        for piece in dumped(origin, tally.through(batches(central.database))):
            writer.write(piece)
        writer.close()
        file.flush()
        os.fsync(file.fileno())
    return tally


def _examined(central: Central, part: Path, key: bytes) -> tuple[Examiner, bytes, int]:
    """What a file holds, read from the disk; with its SHA-256 and size."""
    examiner = Examiner(centre_key=central.keys.signing.public)
    with part.open("rb") as file:
        _, stream = read_dump(blocks(file, read_head(file), key))
        for batch in stream:
            examiner.take(batch)
        examiner.finish()
        size = file.tell()
        return examiner, _digest(file), size


def _digest(file: BufferedReader) -> bytes:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").digest()


def _sequences(examiner: Examiner) -> dict[tuple[str, int, int], int]:
    return {branch: head.sequence for branch, head in examiner.heads.items()}


def _kept_unverified(part: Path, path: Path, fault: RowDiffers) -> DatabaseDamaged:
    """A backup of damaged rows is better than none, but must not pass for a good one."""
    kept = path.with_name(path.name + UNVERIFIED)
    os.replace(part, kept)
    return DatabaseDamaged(fault=fault, path=str(kept))
