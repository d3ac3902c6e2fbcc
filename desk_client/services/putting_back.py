"""Putting a backup of an installation into an empty data folder, on this machine or another one."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
from peewee import OperationalError

from desk_client.desk import Desk
from desk_client.services import continuing
from desk_client.services.backing_up import KIND, LENGTH
from desk_client.settings import Settings
from desk_client.storage import journal, notes
from desk_client.storage.database import DATABASE_FILE, open_database, write_transaction
from desk_client.storage.keys import KEY_HEX_CHARACTERS, keep_key
from desk_client.storage.lineage import Point
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.vaults import NotAVault, Unlock, VaultDamaged, blocks, key_of, read_head

RESTORING = ".restoring"
SIDES = ("", "-wal", "-shm")


class FolderTaken(FieldSyncError):
    """The data folder holds an installation already."""

    code = "folder_taken"
    text = N_(
        "There is an installation in %(path)s already, and a backup is never put over one. Nothing was changed; name "
        "another folder with --data."
    )


class BackupUnreadable(FieldSyncError):
    """The backup file is not there, or the folder cannot be written to."""

    code = "backup_unreadable"
    text = N_(
        "The backup %(path)s cannot be put back: the file cannot be read, or the disk is full. Nothing was changed; "
        "check the file's name and the free space, and try again."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """What was put back, as the backup tells of itself."""

    device: str
    made_at: str


def put_back(settings: Settings, backup: Path, unlock: Unlock, as_desk: Callable[[Settings, object], Desk]) -> PutBack:
    """Puts a backup into an empty data folder, and opens a new epoch in it; all or nothing.

    The backup is an older state of a journal that went on: its next entries would bear the numbers of others.
    as_desk  makes a Desk of settings and a database
    Raises FolderTaken, BackupUnreadable, NotAVault, WrongPhrase, WrongKey, VaultDamaged.
    """
    path = settings.data / DATABASE_FILE
    if path.exists():
        raise FolderTaken(path=str(settings.data))
    beside = path.with_name(path.name + RESTORING)
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with backup.open("rb") as file:
            vault = read_head(file)
            if vault.kind != KIND:
                raise NotAVault
            key_hex = _unpack(blocks(file, vault, key_of(vault, unlock)), beside)
        _begin_epoch(as_desk(settings, open_database(beside, key_hex)))
        keep_key(settings.data, settings.key_store, key_hex)
        os.replace(beside, path)
    except (OSError, OperationalError) as error:
        raise BackupUnreadable(path=str(backup)) from error
    finally:
        for side in SIDES:
            beside.with_name(beside.name + side).unlink(missing_ok=True)
    return PutBack(device=str(vault.told.get("device", "")), made_at=str(vault.told.get("made_at", "")))


def _unpack(stream: Iterator[bytes], beside: Path) -> str:
    """Writes the database and gives its key."""
    first = next(stream)
    try:
        (length,) = LENGTH.unpack_from(first)
        key_hex = str(orjson.loads(first[LENGTH.size : LENGTH.size + length])["key"])
        if len(bytes.fromhex(key_hex)) * 2 != KEY_HEX_CHARACTERS:
            raise ValueError("another key")
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise VaultDamaged from error
    with open(beside, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(first[LENGTH.size + length :])
        for piece in stream:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return key_hex


def _begin_epoch(desk: Desk) -> None:
    identity = desk.identity()
    with write_transaction(desk.database):
        end = journal.head(identity.id.slot, identity.origin)
        continuing.go_on_behind(desk, Point(end.epoch, end.sequence))
        notes.keep_note(continuing.INSTALLATION, {"machine": desk.machine})
    desk.database.close()
