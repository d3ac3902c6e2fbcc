"""A backup of this installation as one encrypted file, so that a dead machine does not take unsent dossiers with it.

Two may open it: who knows its password, and the centre that the desk is enrolled at. What was recorded after the
backup is not in it; what was sent is at the centre anyway.
"""

import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import orjson

from desk_client.desk import Desk
from desk_client.storage.database import DATABASE_FILE, copy_database
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text
from sync_protocol.passwords import check_new_password
from sync_protocol.signing import KEY_BYTES
from sync_protocol.vaults import VaultDamaged, VaultWriter, blocks, lock_for_key, lock_for_phrase, read_head

KIND = "desk_backup"
PIECE_BYTES = 1_048_576
LENGTH = struct.Struct(">I")


class BackupNotWritten(FieldSyncError):
    """The disk is full, or the place cannot be written to."""

    code = "backup_not_written"
    text = N_(
        "The backup cannot be written to %(path)s: the disk is full, or writing there is not allowed. Everything on "
        "this machine is as it was; free some space, or choose another place."
    )


class BackupDiffers(FieldSyncError):
    """What was read from the disk is not what was written."""

    code = "backup_differs"
    text = N_(
        "The backup that was just written to %(path)s cannot be read again as it was. Everything on this machine is as "
        "it was; choose another disk or stick."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was read again and checked."""

    path: Path
    made_at: datetime
    bytes: int


def back_up(desk: Desk, key_hex: str, path: Path, phrase: str) -> Made:
    """Writes a backup to `path` and reads it again.

    key_hex  the raw key of the desk's file; phrase: the password that opens the backup
    Raises NotEnrolled, WeakPassword, BackupNotWritten, BackupDiffers.
    """
    check_new_password(phrase)
    certificate, now, key = desk.identity().certificate, desk.now(), desk.randomness(KEY_BYTES)
    locks = [lock_for_phrase(key, phrase), lock_for_key(key, certificate.centre_agreement_key)]
    told = {"device": str(certificate.device), "made_at": instant_text(now)}
    part = path.with_name(path.name + ".part")
    try:
        # The copy lies beside the file that it is of, encrypted by the same key, and never anywhere in the clear.
        with TemporaryDirectory(dir=desk.settings.data, prefix="backup-") as folder:
            copy = Path(folder) / DATABASE_FILE
            copy_database(desk.database, copy, key_hex)
            with _created(part) as file:
                writer = VaultWriter(file, key, kind=KIND, told=told, locks=locks)
                _write(writer, copy, key_hex)
                file.flush()
                os.fsync(file.fileno())
            _check(part, key, copy)
        os.replace(part, path)
    except OSError as error:
        raise BackupNotWritten(path=str(path)) from error
    except VaultDamaged as error:
        raise BackupDiffers(path=str(path)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return Made(path=path, made_at=now, bytes=path.stat().st_size)


def _write(writer: VaultWriter, copy: Path, key_hex: str) -> None:
    told = orjson.dumps({"key": key_hex})
    writer.write(LENGTH.pack(len(told)) + told)
    with copy.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            writer.write(piece)
    writer.close()


def _check(part: Path, key: bytes, copy: Path) -> None:
    """Compares what the disk gives back with what was copied; raises VaultDamaged."""
    with part.open("rb") as file, copy.open("rb") as original:
        stream = blocks(file, read_head(file), key)
        first = next(stream)
        (length,) = LENGTH.unpack_from(first)
        piece = first[LENGTH.size + length :]
        while piece:
            if original.read(len(piece)) != piece:
                raise VaultDamaged
            piece = next(stream, b"")
        if original.read(1):
            raise VaultDamaged


def _created(path: Path) -> BinaryIO:
    path.unlink(missing_ok=True)
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))
