"""The centre's database: an embedded SQLite file or PostgreSQL, the same queries on both."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from peewee import AutoField, Database, DatabaseError, DateField, Field, InterfaceError, Model, OperationalError, fn
from playhouse.db_url import parse as parse_url
from playhouse.migrations import Runner
from playhouse.pool import MaxConnectionsExceeded, PooledPostgresqlDatabase, PooledSqliteDatabase
from playhouse.sqlcipher_ext import SqlCipherDatabase
from psycopg.sql import SQL, Identifier
from sqlcipher3 import dbapi2

from central_server.storage.fields import InstantField
from central_server.storage.models import MODELS
from sync_protocol.errors import N_, FieldSyncError

log = logging.getLogger(__name__)
ENGINE_AT_LEAST = (3, 51, 3)
"""Older engines can corrupt a WAL file that two processes write (fixed upstream in 3.51.3)."""

DATABASE_FILE = "central.db"
BUSY_TIMEOUT_MS = 20_000
CONNECTIONS_MAX = 20
CONNECT_S = 5
COPIED_LEAST = 20
"""For fewer rows a statement that PostgreSQL already knows is the quicker way."""

COPIED_AS = {"TEXT": "text", "INT": "int4", "BIGINT": "int8", "BOOL": "bool", "DATE": "date", "BLOB": "bytea"}
"""The types of columns in PostgreSQL, by those of fields: in its own form a value does not say what it is."""

POOL_WAIT_S = 10
"""Who has waited so long for a connection hears that the database is busy, before the caller gives up."""

MIGRATIONS = Path(__file__).with_name("migrations")

# The driver takes these as they are, but first looks for somebody who makes something else of them: that nobody is
# found costs it a microsecond for each value, more than to store it.
for _kind in (bytes, bool, type(None)):
    dbapi2.register_adapter(_kind, lambda value: value)


class EngineTooOld(FieldSyncError):
    """The SQLite engine is older than the one known to be safe."""

    code = "engine_too_old"
    text = N_("The database engine %(version)s is too old to be safe. Nothing was opened; install this program again.")


class DatabaseNewer(FieldSyncError):
    """The database was written by a newer version of this program."""

    code = "database_newer"
    text = N_(
        "The database was written by a newer version of this program. "
        "It is untouched; install the newer version and start again."
    )


class DatabaseUnreachable(FieldSyncError):
    """The database cannot be opened or does not answer."""

    code = "database_unreachable"
    text = N_(
        "The database %(where)s cannot be opened. Nothing was changed; "
        "check that the folder can be written to, or that the database server runs."
    )


class DatabaseBusy(FieldSyncError):
    """The database does not answer now, or is at the end of its means: nothing was written."""

    code = "database_busy"
    text = N_("The centre's database does not answer now. Nothing was taken or changed; try again in a minute.")


class DatabaseFull(FieldSyncError):
    """The disk under the database is full, or the database server stopped."""

    code = "database_full"
    text = N_(
        "The database %(where)s cannot take what should be written: its disk is full, or the database server stopped. "
        "Nothing of it was written, and the files that it was read from are as they were; free some space and run the "
        "same command again."
    )


class _KeepableSqlite(PooledSqliteDatabase, SqlCipherDatabase):
    """SQLite that keeps the connections which are given back while somebody asks for it, and closes them otherwise."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.is_kept = False

    def _can_reuse(self, conn: Any) -> bool:
        return self.is_kept and bool(super()._can_reuse(conn))


def open_database(path: Path, url: str = "", *, shape: Collection[str] | None = None) -> Database:
    """Opens and migrates the SQLite file at `path`, or the PostgreSQL database of a postgresql:// URL.

    shape  the migrations to stop at, so that rows of then can be loaded; all where None
    Raises EngineTooOld, DatabaseNewer, DatabaseUnreachable.
    """
    database = _postgresql(url) if url else _sqlite(path)
    try:
        with database.connection_context():
            _migrate(database, shape)
    except (OperationalError, DatabaseError) as error:
        raise DatabaseUnreachable(where="PostgreSQL" if url else str(path)) from error
    return database


@contextmanager
def filling(database: Database, where: str) -> Iterator[None]:
    """Writing so much that the disk may not hold it; raises DatabaseFull, and nothing of it was written then."""
    try:
        with write_transaction(database):
            yield
    # Rows that go by the driver's own cursor fail with the driver's own errors.
    except (OperationalError, dbapi2.OperationalError, psycopg.OperationalError) as error:
        raise DatabaseFull(where=where) from error


def shape_of(database: Database) -> list[str]:
    """The migrations that the database has been through, in their order."""
    with reading(database):
        return sorted(Runner(database, str(MIGRATIONS)).applied())


def bring_up(database: Database) -> None:
    """Runs the migrations that are left."""
    with reading(database):
        _migrate(database, None)


@contextmanager
def write_transaction(database: Database) -> Iterator[None]:
    """One write transaction, durable when it ends; takes the write lock at once and refuses to nest."""
    assert not database.in_transaction(), "a write transaction does not nest"
    with reading(database), _named_errors(), database.atomic():
        if is_postgresql(database):
            # As long as SQLite waits for its one writer; who asks gives up soon after.
            database.execute_sql(f"SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}")
        yield


@contextmanager
def snapshot(database: Database) -> Iterator[None]:
    """One look at everything as it stands now, beside which others may write."""
    assert not database.in_transaction(), "a snapshot does not nest"
    kind = "REPEATABLE READ" if is_postgresql(database) else "DEFERRED"
    with reading(database), database.atomic(kind):
        if is_postgresql(database):
            # What a connection has asked ten times PostgreSQL plans for good, blind to days and desks: a year's report
            # took four times as long then.
            database.execute_sql("SET LOCAL plan_cache_mode = force_custom_plan")
        yield


@contextmanager
def reading(database: Database) -> Iterator[None]:
    """A connection for reading, the thread's open one where there is one; binds the models to `database`."""
    if MODELS[0]._meta.database is not database:
        database.bind(MODELS)
    with _named_errors(), database.connection_context() if database.is_closed() else nullcontext():
        yield


@contextmanager
def keeping(database: Database) -> Iterator[None]:
    """Keeps SQLite's connections for whoever asks next, as PostgreSQL's always are.

    With each new one the engine reads its tables and prepares every statement anew, which takes it longer than to
    answer; and where the last one closes it makes a checkpoint.
    """
    if not isinstance(database, _KeepableSqlite):
        yield
        return
    database.is_kept = True
    try:
        yield
    finally:
        database.is_kept = False
        database.close_idle()


def connect(database: Database) -> bool:
    """Opens the thread's connection, False where it is open already; raises DatabaseBusy."""
    with _named_errors():
        return bool(database.connect(reuse_if_open=True))


def disconnect(database: Database) -> None:
    """Gives the thread's connection back, also one that has died."""
    with suppress(OperationalError, InterfaceError):
        database.close()


@contextmanager
def _named_errors() -> Iterator[None]:
    """Makes what a database says that is stopped, cut off, locked or full an error of our own."""
    try:
        yield
    except (OperationalError, InterfaceError, MaxConnectionsExceeded) as error:
        cause = getattr(error, "orig", error)
        # Without its message, which may hold what was to be written.
        log.error("database: %s %s", type(cause).__name__, getattr(cause, "sqlstate", None) or "")
        raise DatabaseBusy from error


def clear_traces(database: Database) -> None:
    """Brings what was overwritten from the log into the file; PostgreSQL overwrites with its next clearing up."""
    if isinstance(database, SqlCipherDatabase):
        with reading(database):
            database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def write_rows(
    database: Database, model: type[Model], columns: Mapping[str, Sequence[Any]], *, update: Sequence[str] = ()
) -> None:
    """Inserts many rows at the driver's speed; columns named in `update` replace those of a row of the same key.

    columns  by name, each with the values of all rows in their order
    One statement is made by peewee, once, and run for all rows: its own paths cost eight times as much a row.
    PostgreSQL takes many new rows by COPY, which costs a third of that again; it cannot replace any.
    """
    count = len(next(iter(columns.values()), ()))
    if not update:
        columns = _said(model, columns)
    if is_postgresql(database) and count >= COPIED_LEAST and not update:
        _copy(database, model, columns)
    elif count:
        rows = list(zip(*(_as_text(model._meta.fields[name], each) for name, each in columns.items()), strict=True))
        insert = _insert_sql(model, tuple(columns), tuple(update), is_postgresql(database))  # type: ignore[arg-type]
        database.cursor().executemany(insert, rows)


def write_row(model: type[Model], **values: Any) -> None:
    """Inserts one row, as `write_rows` does many."""
    write_rows(model._meta.database, model, {name: [value] for name, value in values.items()})


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Rows of equal names, as the columns that `write_rows` takes."""
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def streamed(database: Database, sql: str, rows_max: int) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a question, some at a time, never all in memory; inside a transaction."""
    # A plain cursor of psycopg fetches all rows at once; one with a name leaves them at the server.
    cursor = database.connection().cursor("streamed") if is_postgresql(database) else database.cursor()
    try:
        cursor.execute(sql)
        while batch := cursor.fetchmany(rows_max):
            yield batch
    finally:
        cursor.close()


def number_on(database: Database, model: type[Model]) -> None:
    """Lets numbers that the database gives by itself go on behind those that are there."""
    key = model._meta.primary_key
    if not isinstance(key, AutoField) or not is_postgresql(database):
        return
    following = (model.select(fn.MAX(key)).scalar() or 0) + 1
    database.execute_sql(
        "SELECT setval(pg_get_serial_sequence(%s, %s), %s, false)", [model._meta.table_name, key.column_name, following]
    )


def is_postgresql(database: Database) -> bool:
    """Which of the two databases it is."""
    return isinstance(database, PooledPostgresqlDatabase)


def _sqlite(path: Path) -> Database:
    if dbapi2.sqlite_version_info < ENGINE_AT_LEAST:
        raise EngineTooOld(version=dbapi2.sqlite_version)
    return _KeepableSqlite(
        path,
        passphrase="",
        max_connections=None,
        check_same_thread=False,
        pragmas=(
            ("busy_timeout", BUSY_TIMEOUT_MS),
            ("journal_mode", "wal"),
            ("synchronous", "full"),
            # Always, since a page that is split keeps what moved to another: an erasure would come too late for that.
            ("secure_delete", 1),
            ("foreign_keys", 1),
            ("recursive_triggers", 1),
        ),
        lock_type="IMMEDIATE",
    )


def _postgresql(url: str) -> Database:
    return PooledPostgresqlDatabase(
        **{"connect_timeout": CONNECT_S} | parse_url(url),
        prefer_psycopg3=True,
        max_connections=CONNECTIONS_MAX,
        timeout=POOL_WAIT_S,
        stale_timeout=300,
    )


@cache
def _insert_sql(model: type[Model], names: tuple[str, ...], update: tuple[str, ...], _is_postgresql: bool) -> str:
    """The statement that inserts a row of these columns, in the words of the database that the models are bound to."""
    query = model.insert(dict.fromkeys(names))
    if update:
        keys = model._meta.get_primary_keys()
        query = query.on_conflict(conflict_target=keys, preserve=[model._meta.fields[name] for name in update])
    return str(query.sql()[0].partition(" RETURNING ")[0])


def _copy(database: Database, model: type[Model], columns: Mapping[str, Sequence[Any]]) -> None:
    """Rows of new keys by PostgreSQL's own way for many, in the form in which it holds values itself."""
    fields = [model._meta.fields[name] for name in columns]
    table, names = Identifier(model._meta.table_name), SQL(", ").join(Identifier(each.column_name) for each in fields)
    with database.cursor().copy(SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(table, names)) as copied:
        copied.set_types([COPIED_AS[each.field_type] for each in fields])
        for row in zip(*map(_as_numbers, fields, columns.values()), strict=True):
            copied.write_row(row)


def _said(model: type[Model], columns: Mapping[str, Sequence[Any]]) -> Mapping[str, Sequence[Any]]:
    """The columns of new rows without those that say nothing of any: for a driver, to say so is as long as a text."""
    fields = model._meta.fields
    return {
        name: values
        for name, values in columns.items()
        if not (fields[name].null and all(value is None for value in values))
    }


def _as_text(field: Field, values: Sequence[Any]) -> Sequence[Any]:
    """A column as drivers take it soonest: instants as numbers, days as their ISO text, which they are slow to make."""
    if isinstance(field, DateField):
        return [value and value.isoformat() for value in values]
    return _as_numbers(field, values)


def _as_numbers(field: Field, values: Sequence[Any]) -> Sequence[Any]:
    """A column with its instants as numbers."""
    return [field.db_value(value) for value in values] if isinstance(field, InstantField) else values


def _migrate(database: Database, shape: Collection[str] | None) -> None:
    runner = Runner(database, str(MIGRATIONS))
    known = runner.status()
    if any(migration.path is None for migration in known) or set(shape or ()) - {each.name for each in known}:
        raise DatabaseNewer
    if any(migration.applied is None for migration in known):
        runner.up(max(shape) if shape else None)
