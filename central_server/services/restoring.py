"""Standing up the centre again on another machine, from a backup and the recovery kit."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from peewee import Database

from central_server.central import Central, Keys
from central_server.services import erasing
from central_server.services.backing_up import KIND
from central_server.services.dumping import Batch, Origin, read_dump
from central_server.services.examining import Examiner, RowDiffers
from central_server.services.recovering import Kit
from central_server.settings import Settings
from central_server.storage import archives, centre, changes, tables
from central_server.storage.changes import Change
from central_server.storage.database import (
    DATABASE_FILE,
    DatabaseUnreachable,
    bring_up,
    filling,
    open_database,
    write_transaction,
)
from central_server.storage.keys import make_keys, read_keys
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import Clock, instant_text
from sync_protocol.signing import encoded
from sync_protocol.vaults import NotAVault, blocks, by_key, key_of, read_head

INCARNATION_BYTES = 9
RESTORING = ".restoring"
RESTORED = "restore"


class PlaceTaken(FieldSyncError):
    """There is a centre where one is to be restored."""

    code = "place_taken"
    text = N_(
        "There is a centre in %(path)s already, and a backup is never restored over one. Nothing was changed; "
        "name an empty folder with --data, and an empty database in CENTRAL_DATABASE."
    )


class BackupUnreadable(FieldSyncError):
    """The backup file is not there."""

    code = "backup_unreadable"
    text = N_("The file %(path)s cannot be read. Nothing was changed; check its name and that you may read it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A centre that stands again.

    made_at  when the state was taken that it has now: what is newer, the devices send again
    faults   rows that were damaged when the backup was made
    """

    central: Central
    made_at: datetime
    devices: int
    entries: int
    dossiers: int
    faults: list[RowDiffers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a restored centre works with beside its settings."""

    wall: Clock
    randomness: Callable[[int], bytes]
    who: str


def restore(settings: Settings, backup: Path, kit: Kit, ground: Ground) -> Restored:
    """Restores a backup into an empty data folder and an empty database; all or nothing.

    Raises PlaceTaken, BackupUnreadable, NotAVault, WrongKey, VaultDamaged, DatabaseNewer, DatabaseUnreachable,
    DatabaseFull.
    """
    path = settings.data / DATABASE_FILE
    if path.exists() or _keys_of(settings) not in (None, kit.keys):
        raise PlaceTaken(path=str(settings.data))
    keys = Keys(**kit.keys)
    with _opened(backup) as file, _room_beside(path) as beside:
        vault = read_head(file)
        if vault.kind != KIND:
            raise NotAVault
        origin, stream = read_dump(blocks(file, vault, key_of(vault, by_key(kit.backup_seed))))
        database = open_database(beside, settings.database, shape=origin.shape)
        examiner = _loaded(settings, database, stream, keys)
        central = Central(
            settings=settings, database=database, wall=ground.wall, randomness=ground.randomness, keys=keys
        )
        _settle(central, origin, examiner, who=ground.who)
        # What the law had erased since the backup was made is erased again before anybody can see it.
        erasing.bring_record(central, backup.parent)
        erasing.reapply(central)
        _close(database)
        # The database comes last: without it nothing here takes itself for the centre, and all can be begun again.
        if _keys_of(settings) is None:
            make_keys(settings.data, kit.keys)
        if not settings.database:
            os.replace(beside, path)
    return Restored(
        central=replace(central, database=open_database(path, settings.database)),
        made_at=origin.made_at,
        devices=examiner.counts["device"],
        entries=examiner.counts["entry"],
        dossiers=examiner.counts["dossier"],
        faults=examiner.faults,
    )


def restore_keys(settings: Settings, kit: Kit) -> None:
    """Puts the keys back beside a database that is still there; raises PlaceTaken where they are not missing."""
    if _keys_of(settings) is not None:
        raise PlaceTaken(path=str(settings.data))
    make_keys(settings.data, kit.keys)


@contextmanager
def _opened(backup: Path) -> Iterator[BinaryIO]:
    try:
        file = backup.open("rb")
    except OSError as error:
        raise BackupUnreadable(path=str(backup)) from error
    with file:
        yield file


@contextmanager
def _room_beside(path: Path) -> Iterator[Path]:
    """Where an embedded database grows until it is whole; what does not become whole is not left there."""
    beside = path.with_name(path.name + RESTORING)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove(beside)
        yield beside
    except OSError as error:
        raise DatabaseUnreachable(where=str(path.parent)) from error
    finally:
        with suppress(OSError):
            _remove(beside)


def _remove(beside: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        beside.with_name(beside.name + suffix).unlink(missing_ok=True)


def _keys_of(settings: Settings) -> dict[str, bytes] | None:
    try:
        return read_keys(settings.data)
    except FileNotFoundError:
        return None


def _loaded(settings: Settings, database: Database, stream: Iterator[Batch], keys: Keys) -> Examiner:
    if not tables.is_empty(database):
        raise PlaceTaken(path="CENTRAL_DATABASE" if settings.database else str(settings.data))
    examiner = Examiner(centre_key=keys.signing.public)
    with filling(database, "CENTRAL_DATABASE" if settings.database else str(settings.data)):
        for batch in stream:
            tables.load(database, batch.table, batch.rows)
            examiner.take(batch)
    examiner.finish()
    return examiner


def _settle(central: Central, origin: Origin, examiner: Examiner, *, who: str) -> None:
    """Brings the rows to today's shape and makes them another incarnation, which the devices notice by themselves."""
    bring_up(central.database)
    incarnation, now = encoded(central.randomness(INCARNATION_BYTES)), central.wall()
    with write_transaction(central.database):
        tables.number_all_on(central.database)
        centre.renew(incarnation)
        archives.forget_what_came_later(origin.made_at)
        archives.keep(origin.made_at, now, b"", {branch: head.sequence for branch, head in examiner.heads.items()})
        changes.keep(
            Change(
                at=now,
                who=who,
                what=RESTORED,
                before={"incarnation": origin.incarnation},
                after={"incarnation": incarnation, "state_of": instant_text(origin.made_at)},
            )
        )


def _close(database: Database) -> None:
    if hasattr(database, "close_all"):
        database.close_all()
    elif not database.is_closed():
        database.close()
