"""Standing up the centre again on another machine, from a backup and the recovery kit."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from peewee import Database

from central_server.central import Central, Keys
from central_server.services import erasing
from central_server.services.backing_up import KIND
from central_server.services.dumping import Origin, read_dump
from central_server.services.examining import Examiner, RowDiffers
from central_server.services.recovering import Kit
from central_server.settings import Settings
from central_server.storage import archives, centre, changes, tables
from central_server.storage.changes import Change
from central_server.storage.database import (
    DATABASE_FILE,
    DatabaseUnreachable,
    bring_up,
    open_database,
    write_transaction,
)
from central_server.storage.keys import KEY_FILE, make_keys, read_keys
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

    Raises PlaceTaken, BackupUnreadable, NotAVault, WrongKey, VaultDamaged, DatabaseNewer, DatabaseUnreachable.
    """
    path = settings.data / DATABASE_FILE
    if (settings.data / KEY_FILE).exists() or path.exists():
        raise PlaceTaken(path=str(settings.data))
    keys = Keys(**kit.keys)
    with _opened(backup) as file:
        vault = read_head(file)
        if vault.kind != KIND:
            raise NotAVault
        origin, stream = read_dump(blocks(file, vault, key_of(vault, by_key(kit.backup_seed))))
        beside = _room_beside(path)
        database = open_database(beside, settings.database, shape=origin.shape)
        examiner = Examiner(centre_key=keys.signing.public)
        _check_empty(settings, database)
        with write_transaction(database):
            for batch in stream:
                tables.load(database, batch.table, batch.rows)
                examiner.take(batch)
        examiner.finish()
    _settle(database, origin, examiner, ground)
    _close(database)
    if not settings.database:
        os.replace(beside, path)
    central = Central(
        settings=settings,
        database=open_database(path, settings.database),
        wall=ground.wall,
        randomness=ground.randomness,
        keys=keys,
    )
    # What the law had erased since the backup was made is erased again before anybody can see it.
    erasing.bring_record(central, backup.parent)
    erasing.reapply(central)
    # The keys come last: without them nothing here takes itself for the centre.
    make_keys(settings.data, kit.keys)
    return Restored(
        central=central,
        made_at=origin.made_at,
        devices=examiner.counts["device"],
        entries=examiner.counts["entry"],
        dossiers=examiner.counts["dossier"],
        faults=examiner.faults,
    )


def restore_keys(settings: Settings, kit: Kit) -> None:
    """Puts the keys back beside a database that is still there; raises PlaceTaken where they are not missing."""
    try:
        read_keys(settings.data)
    except FileNotFoundError:
        make_keys(settings.data, kit.keys)
        return
    raise PlaceTaken(path=str(settings.data))


@contextmanager
def _opened(backup: Path) -> Iterator[BinaryIO]:
    try:
        file = backup.open("rb")
    except OSError as error:
        raise BackupUnreadable(path=str(backup)) from error
    with file:
        yield file


def _room_beside(path: Path) -> Path:
    """Where an embedded database grows until it is whole; what an interrupted restore left there goes."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + RESTORING + suffix).unlink(missing_ok=True)
    except OSError as error:
        raise DatabaseUnreachable(where=str(path.parent)) from error
    return path.with_name(path.name + RESTORING)


def _check_empty(settings: Settings, database: Database) -> None:
    if not tables.is_empty(database):
        raise PlaceTaken(path="CENTRAL_DATABASE" if settings.database else str(settings.data))


def _settle(database: Database, origin: Origin, examiner: Examiner, ground: Ground) -> None:
    """Brings the rows to today's shape and makes them another incarnation, which the devices notice by themselves."""
    bring_up(database)
    incarnation = encoded(ground.randomness(INCARNATION_BYTES))
    with write_transaction(database):
        tables.number_all_on(database)
        centre.renew(incarnation)
        archives.forget_what_came_later(origin.made_at)
        heads = {branch: head.sequence for branch, head in examiner.heads.items()}
        archives.keep(origin.made_at, ground.wall(), b"", heads)
        changes.keep(
            Change(
                at=ground.wall(),
                who=ground.who,
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
