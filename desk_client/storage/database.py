"""The desk's file: one encrypted SQLite database that survives a power cut."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from peewee import Database, DatabaseError, OperationalError
from playhouse.migrations import Runner
from playhouse.sqlcipher_ext import SqlCipherDatabase
from sqlcipher3 import dbapi2

from desk_client.storage.models import MODELS
from desk_client.storage.trouble import trouble_of
from sync_protocol.errors import N_, FieldSyncError

ENGINE_AT_LEAST = (3, 51, 3)
"""Older engines can corrupt a WAL file that two processes write (fixed upstream in 3.51.3)."""

DATABASE_FILE = "desk.db"
BUSY_TIMEOUT_MS = 10_000
MIGRATIONS = Path(__file__).with_name("migrations")


class EngineTooOld(FieldSyncError):
    """The SQLite engine is older than the one known to be safe."""

    code = "engine_too_old"
    text = N_("The database engine %(version)s is too old to be safe. Nothing was opened; install this program again.")


class DatabaseNewer(FieldSyncError):
    """The file was written by a newer version of this program."""

    code = "database_newer"
    text = N_(
        "The data in %(path)s was written by a newer version of this program. "
        "It is untouched; install the newer version and start again."
    )


class DatabaseUnreadable(FieldSyncError):
    """The file cannot be opened with this key."""

    code = "database_unreadable"
    text = N_(
        "The data in %(path)s cannot be opened: the key does not fit or the file is damaged. "
        "It is untouched; call your supervisor before you do anything else."
    )


class FolderNotWritable(FieldSyncError):
    """The data folder cannot be written to."""

    code = "folder_not_writable"
    text = N_("The folder %(path)s cannot be written to. Nothing was saved; allow writing there or choose another one.")


def open_database(path: Path, key_hex: str) -> Database:
    """Opens and migrates the encrypted file; `key_hex` is the raw 256-bit key, "" for a plain file in tests.

    Raises EngineTooOld, DatabaseUnreadable, DatabaseNewer, FolderNotWritable.
    """
    if dbapi2.sqlite_version_info < ENGINE_AT_LEAST:
        raise EngineTooOld(version=dbapi2.sqlite_version)
    database = SqlCipherDatabase(
        path,
        passphrase=f"x'{key_hex}'" if key_hex else "",
        pragmas=(
            ("cipher_log_level", "NONE"),
            ("busy_timeout", BUSY_TIMEOUT_MS),
            ("journal_mode", "wal"),
            ("synchronous", "full"),
            ("foreign_keys", 1),
            ("recursive_triggers", 1),
        ),
        lock_type="IMMEDIATE",
    )
    try:
        with database.connection_context():
            _migrate(database, path)
    except OperationalError as error:
        raise FolderNotWritable(path=str(path.parent)) from error
    except DatabaseError as error:
        raise DatabaseUnreadable(path=str(path)) from error
    return database


def copy_database(database: Database, path: Path, key_hex: str) -> None:
    """Copies the file as it stands now to `path`, encrypted by the same key, while others may write.

    Raises DatabaseUnreadable where the copy does not pass the engine's own checks, OSError where there is no room.
    """
    copy = dbapi2.connect(str(path))
    try:
        with reading(database):
            if key_hex:
                copy.execute(f"PRAGMA key = \"x'{key_hex}'\"")
            database.connection().backup(copy)
        found = [*copy.execute("PRAGMA cipher_integrity_check"), *copy.execute("PRAGMA integrity_check")]
        if found != [("ok",)]:
            raise DatabaseUnreadable(path=str(path))
    except dbapi2.OperationalError as error:
        raise OSError(str(error)) from error
    finally:
        copy.close()


@contextmanager
def write_transaction(database: Database) -> Iterator[None]:
    """One write transaction, durable when it ends; takes the write lock at once and refuses to nest.

    Raises StorageTrouble where the disk does not let it: then nothing of it is saved.
    """
    assert not database.in_transaction(), "a write transaction does not nest"
    with reading(database), database.atomic():
        yield


@contextmanager
def snapshot(database: Database) -> Iterator[None]:
    """One look at everything as it stands now, beside which others may write."""
    assert not database.in_transaction(), "a snapshot does not nest"
    with reading(database), database.atomic("DEFERRED"):
        yield


@contextmanager
def savepoint(database: Database) -> Iterator[None]:
    """A part of a write transaction that is undone by itself where it raises."""
    assert database.in_transaction(), "a savepoint stands in a write transaction"
    with database.atomic():
        yield


@contextmanager
def reading(database: Database) -> Iterator[None]:
    """A connection for reading, the thread's open one where there is one; binds the models to `database`.

    Raises StorageTrouble in place of the engine's own errors about the disk.
    """
    if MODELS[0]._meta.database is not database:
        database.bind(MODELS)
    try:
        with database.connection_context() if database.is_closed() else nullcontext():
            yield
    except DatabaseError as error:
        trouble = trouble_of(error, database)
        if trouble is None:
            raise
        raise trouble from error


def _migrate(database: Database, path: Path) -> None:
    runner = Runner(database, str(MIGRATIONS))
    if any(migration.path is None for migration in runner.status()):
        raise DatabaseNewer(path=str(path))
    if any(migration.applied is None for migration in runner.status()):
        runner.up()
