"""The ledger of a desk: append-only, in one order without a gap, whoever writes and reads at the same time."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peewee
import pytest
from sqlcipher3 import dbapi2

from central_server.central import Central
from central_server.storage import ledger, models
from central_server.storage.database import (
    DatabaseBusy,
    DatabaseNewer,
    DatabaseUnreachable,
    EngineTooOld,
    open_database,
    reading,
    write_transaction,
)
from tests.central.test_enrolment import in_parallel
from tests.central.writing import DAY, Writer, arrived_by_day, enrolled_writer, ledger_of, recounted, unsent_by_day
from tests.conftest import DESK, only_on_postgresql, only_on_sqlite
from tests.postgresql import Server

DOSSIERS = 15


@pytest.fixture
def writers(central: Central) -> list[Writer]:
    """Two devices of H62.11.01."""
    return [enrolled_writer(central, seed=bytes([number]) * 32) for number in (1, 2)]


def send_one_by_one(writer: Writer) -> None:
    """Receives dossiers and sends each with a contact of its own."""
    for _ in range(DOSSIERS):
        writer.receive()
        writer.send(writer.contact(first=max(2, writer.head)) if writer.head > 2 else writer.contact())


CHANGES = {
    "changed": lambda: models.Entry.update(kind="x").execute(),
    "changed in its hash": lambda: models.Entry.update(entry_hash=b"x").where(models.Entry.sequence == 1).execute(),
    "removed": lambda: models.Entry.delete().execute(),
    "replaced": lambda: models.Entry.insert(
        desk=DESK, slot=1, epoch=1, sequence=1, ledger=99, arrived_at=None, kind="x", subject="", header=b"",
        payload_hash=b"", entry_hash=b"",
    ).on_conflict(
        conflict_target=[models.Entry.desk, models.Entry.slot, models.Entry.epoch, models.Entry.sequence],
        preserve=[models.Entry.kind],
    ).execute(),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_an_entry_of_the_ledger_is_never(central: Central, writers: list[Writer], change: str) -> None:
    writers[0].receive()
    writers[0].send()

    with pytest.raises(peewee.DatabaseError), write_transaction(central.database):
        CHANGES[change]()

    assert ledger_of(central) == [(1, 1, 1), (2, 1, 2)]


@only_on_sqlite
def test_insert_or_replace_does_not_pass_the_triggers(central: Central, writers: list[Writer]) -> None:
    writers[0].send()

    with pytest.raises(peewee.IntegrityError), write_transaction(central.database):
        central.database.execute_sql(
            "INSERT OR REPLACE INTO entry SELECT desk, slot, epoch, sequence, ledger, arrived_at, 'x', subject, header,"
            " payload_hash, entry_hash, received_on, left_on FROM entry"
        )

    with reading(central.database):
        assert [each.kind for each in models.Entry.select()] == ["open_epoch"]


def test_devices_that_send_at_once_leave_one_order_without_gap_or_double(
    central: Central, writers: list[Writer]
) -> None:
    in_parallel(*[lambda writer=writer: send_one_by_one(writer) for writer in writers])

    entries = ledger_of(central)
    assert [number for number, _, _ in entries] == list(range(1, 2 * (DOSSIERS + 1) + 1))
    assert [sequence for _, slot, sequence in entries if slot == 1] == list(range(1, DOSSIERS + 2))
    assert arrived_by_day(central) == recounted(central) == {DAY: 2 * DOSSIERS}
    assert unsent_by_day(central) == {}


def test_a_reader_never_skips_an_entry_that_is_committed_late(central: Central, writers: list[Writer]) -> None:
    is_over = threading.Event()
    seen: list[int] = []

    def read_on() -> None:
        row = models.Entry
        last = False
        while not last:
            last = is_over.is_set()
            with reading(central.database):
                after = seen[-1] if seen else 0
                query = row.select(row.ledger).where(row.desk == DESK, row.ledger > after).order_by(row.ledger)
                seen.extend(number for (number,) in query.tuples())

    reader = threading.Thread(target=read_on)
    reader.start()
    in_parallel(*[lambda writer=writer: send_one_by_one(writer) for writer in writers])
    is_over.set()
    reader.join()

    assert seen == list(range(1, 2 * (DOSSIERS + 1) + 1))


def test_the_same_contact_that_arrives_twice_at_once_counts_once(central: Central, writers: list[Writer]) -> None:
    writer = writers[0]
    writer.receive()
    raw = writer.contact()

    in_parallel(*[lambda: writer.send(raw) for _ in range(4)])

    assert arrived_by_day(central) == {DAY: 1}
    assert ledger_of(central) == [(1, 1, 1), (2, 1, 2)]


def test_the_locked_sequence_is_the_last_number_given(central: Central, writers: list[Writer]) -> None:
    writers[0].receive()
    writers[0].send()

    with write_transaction(central.database):
        sequence = ledger.locked_sequence(DESK)

    assert sequence == 2


def test_a_write_transaction_does_not_nest(central: Central) -> None:
    with write_transaction(central.database), pytest.raises(AssertionError), write_transaction(central.database):
        pass


def test_a_write_transaction_that_fails_leaves_nothing(central: Central) -> None:
    def fail() -> None:
        with write_transaction(central.database):
            models.DeskRow.update(name="x").execute()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with reading(central.database):
        assert models.DeskRow.select().where(models.DeskRow.name == "x").count() == 0


@only_on_postgresql
def test_a_restart_of_the_database_server_costs_nothing(
    central: Central, writers: list[Writer], postgresql_server: Callable[[], Server]
) -> None:
    name = str(central.database.database)
    writers[0].receive()
    writers[0].send()

    cut = postgresql_server().cut_connections(name)

    writers[0].receive()
    assert cut >= 1
    assert writers[0].send(writers[0].contact(first=3)).receipt.up_to == 3
    assert arrived_by_day(central) == {DAY: 2}


@only_on_postgresql
def test_a_connection_that_dies_in_the_middle_of_a_contact_leaves_nothing_and_the_next_contact_works(
    central: Central, writers: list[Writer], postgresql_server: Callable[[], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = writers[0]
    writer.receive()
    append = ledger.append

    def cut_after(*args: Any) -> None:
        append(*args)
        postgresql_server().cut_connections(str(central.database.database))

    with monkeypatch.context() as patched:
        patched.setattr("central_server.storage.ledger.append", cut_after)
        with pytest.raises(DatabaseBusy):
            writer.send()

    assert ledger_of(central) == []
    assert writer.send().receipt.up_to == 2
    assert arrived_by_day(central) == {DAY: 1}


@only_on_sqlite
def test_a_full_disk_refuses_the_contact_and_loses_nothing(central: Central, writers: list[Writer]) -> None:
    writer = writers[0]
    for _ in range(400):
        writer.receive(summary="x" * 400)
    with reading(central.database):
        [pages] = central.database.execute_sql("PRAGMA page_count").fetchone()
        central.database.execute_sql(f"PRAGMA max_page_count={pages + 2}")
        with pytest.raises(DatabaseBusy):
            writer.send()

    assert ledger_of(central) == []
    assert writer.send().receipt.up_to == 401


def test_a_database_of_a_newer_version_is_left_alone(central: Central) -> None:
    with write_transaction(central.database):
        central.database.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2031-01-01')")

    with pytest.raises(DatabaseNewer):
        open_database(central.settings.data / "central.db", central.settings.database)


def test_an_engine_that_can_corrupt_a_file_is_refused(field_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbapi2, "sqlite_version_info", (3, 51, 2))

    with pytest.raises(EngineTooOld):
        open_database(field_path / "new.db")

    assert not (field_path / "new.db").exists()


def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable):
        open_database(tmp_path / "x.db", f"postgresql://nobody@/nothing?host={tmp_path}")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable):
        open_database(tmp_path / "nowhere" / "central.db")


@only_on_sqlite
def test_the_embedded_database_survives_a_power_cut_by_its_settings(central: Central) -> None:
    with reading(central.database):
        told = {
            name: central.database.execute_sql(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        }

    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
