"""A backup that an older program made is restored by this one: its rows are brought to today's shape."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from central_server.app import create_app
from central_server.central import Central
from central_server.services.backing_up import KIND, Made
from central_server.services.dumping import Batch, Origin, batches, dumped
from central_server.services.rebuilding import rebuild_if_needed
from central_server.services.verifying import verify
from central_server.storage import tables
from central_server.storage.database import open_database, reading, shape_of, snapshot
from central_server.storage.tables import CONTENT, Table
from desk_client.desk import Desk
from sync_protocol.vaults import VaultWriter, lock_for_key
from tests.central.test_backups import empty_database, folder, restored, safe
from tests.conftest import Link, arrived_codes, close, held_codes, record, sync_quietly, void
from tests.factories import StandingClock

__all__ = ["empty_database", "folder", "safe"]

SHAPES = ("0007_epochs", "0011_period_counts")
"""The last migrations of programs that made backups."""

KEY = b"k" * 32


def columns_at(shape: str, path: Path) -> tuple[tuple[str, ...], dict[str, set[str]]]:
    """The migrations up to one, and the columns of each table after it."""
    newest = open_database(path / "newest.db")
    with reading(newest):
        names = tuple(name for name in shape_of(newest) if name <= shape)
    newest.close()
    old = open_database(path / "old.db", shape=names)
    with reading(old):
        columns = {table: {each.name for each in old.get_columns(table)} for table in old.get_tables()}
    old.close()
    return names, columns


def as_of_then(stream: Iterator[Batch], columns: dict[str, set[str]]) -> Iterator[Batch]:
    """Rows as a program had them that knew these tables and columns."""
    for batch in stream:
        known = columns.get(batch.table.name)
        if known is None:
            continue
        at = [index for index, name in enumerate(batch.table.columns) if name in known or name in CONTENT]
        table = Table(
            name=batch.table.name,
            columns=[batch.table.columns[index] for index in at],
            kinds=[batch.table.kinds[index] for index in at],
        )
        yield Batch(table, [[row[index] for index in at] for row in batch.rows])


def older_backup(safe: Central, path: Path, shape: str) -> Made:
    """A backup as an older program would have made it now."""
    path.mkdir()
    names, columns = columns_at(shape, path)
    about, now = safe.about(), safe.now()
    origin = Origin(made_at=now, incarnation=about.incarnation, training=False, app="0.1.0", shape=names)
    with (path / "older.fsvault").open("wb") as file, snapshot(safe.database):
        locks = [lock_for_key(KEY, safe.keys.backup_public)]
        writer = VaultWriter(file, KEY, kind=KIND, told={}, locks=locks)
        for piece in dumped(origin, as_of_then(batches(safe.database), columns)):
            writer.write(piece)
        writer.close()
    return Made(path=path / "older.fsvault", made_at=now, devices=1, entries=0, dossiers=0, bytes=0)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_backup_of_an_older_program_is_brought_to_todays_shape(
    safe: Central,
    device: Desk,
    link: Link,
    clock: StandingClock,
    tmp_path: Path,
    empty_database: Callable[[str], str],
    database_kind: str,
    shape: str,
) -> None:
    record(device)
    void(device, record(device))
    sync_quietly(device, link)
    made = older_backup(safe, tmp_path / "backups", shape)
    record(device)
    sync_quietly(device, link)

    new = restored(made, tmp_path / "new", clock, empty_database(database_kind))
    rebuild_if_needed(new.central)

    assert (new.devices, new.dossiers, new.faults) == (1, 2, [])
    with reading(safe.database):
        assert shape_of(new.central.database) == shape_of(safe.database)
    sync_quietly(device, Link(create_app(new.central)))
    assert arrived_codes(new.central) == held_codes(device)
    assert verify(new.central).faults == []
    assert rows_of(new.central, "dossier") == rows_of(safe, "dossier")
    close(new.central)


def rows_of(central: Central, name: str) -> list[list[object]]:
    """The rows of a table."""
    [table] = [each for each in tables.tables() if each.name == name]
    with snapshot(central.database):
        return [list(row) for batch in tables.rows(central.database, replace(table)) for row in batch]
