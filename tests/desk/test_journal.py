"""The desk's file: append-only, encrypted, and safe against a power cut by its settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import peewee
import pytest
from sqlcipher3 import dbapi2

from desk_client.desk import Desk
from desk_client.opening import open_desk
from desk_client.services.lifecycle import record_step
from desk_client.settings import Settings
from desk_client.storage import journal, models
from desk_client.storage.database import (
    DatabaseNewer,
    DatabaseUnreadable,
    EngineTooOld,
    FolderNotWritable,
    open_database,
    reading,
    write_transaction,
)
from desk_client.storage.keys import KeyMissing
from desk_client.storage.trouble import DiskFull
from sync_protocol.entries import chain
from sync_protocol.events import Delivered, Resolved
from sync_protocol.vocabulary import DeliveryMethod, ResultKind
from tests.conftest import record, void
from tests.factories import NOW, StandingClock, bare_desk, enrolled_desk

KEY = "ab" * 32
PLANTED = ("Nguyễn Thị Hường", "026185900001", "0987000001", "Thôn Đông", "mot-cua-2021", "1.004873", "receive")


@pytest.fixture
def desk(field_path: Path, clock: StandingClock) -> Desk:
    """An enrolled device with two dossiers."""
    made = enrolled_desk(field_path / "desk", clock=clock)
    record(made)
    record(made)
    return made


def kinds(desk: Desk) -> list[str]:
    with reading(desk.database):
        return [each.kind for each in models.Entry.select().order_by(models.Entry.sequence)]


# Append-only


CHANGES: dict[str, Callable[[], Any]] = {
    "changed": lambda: models.Entry.update(kind="x").execute(),
    "removed": lambda: models.Entry.delete().execute(),
    "replaced": lambda: models.Entry.replace(
        slot=1, epoch=1, sequence=1, kind="x", subject="", header=b"", payload_hash=b"", entry_hash=b""
    ).execute(),
    "written twice": lambda: models.Entry.insert(
        slot=1, epoch=1, sequence=1, kind="x", subject="", header=b"", payload_hash=b"", entry_hash=b""
    ).execute(),
    "given another payload": lambda: models.Payload.update(bytes=b"{}").execute(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_entry_is_never(desk: Desk, change: str) -> None:
    with pytest.raises(peewee.IntegrityError), write_transaction(desk.database):
        CHANGES[change]()

    assert kinds(desk) == ["open_epoch", "adopt_packs", "receive", "receive"]


def test_a_payload_without_its_entry_is_refused(desk: Desk) -> None:
    with pytest.raises(peewee.IntegrityError), write_transaction(desk.database):
        models.Payload.insert(slot=1, epoch=1, sequence=99, salt=b"s" * 16, bytes=b"{}").execute()


def test_sequences_run_from_one_without_a_gap_and_each_hash_follows_from_the_last(desk: Desk) -> None:
    identity = desk.identity()
    with reading(desk.database):
        entries = journal.entries_after(1, 1, 0, 100)
        hashes = [journal.hash_at(1, 1, sequence) for sequence in (1, 2, 3, 4)]

    assert [entry.header.sequence for entry in entries] == [1, 2, 3, 4]
    assert chain(entries, identity.origin) == hashes


def test_a_correction_of_a_dossier_is_a_new_entry(desk: Desk) -> None:
    dossier = record(desk)

    void(desk, dossier)

    assert kinds(desk)[-2:] == ["receive", "void"]


def test_a_save_that_fails_half_way_leaves_neither_entry_nor_dossier_nor_number(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the power is cut")

    with monkeypatch.context() as patched:
        patched.setattr("desk_client.storage.dossiers.keep_serial", fail)
        with pytest.raises(RuntimeError):
            record(desk)

    assert kinds(desk) == ["open_epoch", "adopt_packs", "receive", "receive"]
    assert record(desk).dossier_code == "H62.11.01-211004-0003"


def test_a_full_disk_saves_nothing_and_the_next_save_works_once_there_is_room(desk: Desk) -> None:
    with reading(desk.database):
        [pages] = desk.database.execute_sql("PRAGMA page_count").fetchone()
        desk.database.execute_sql(f"PRAGMA max_page_count={pages}")
        with pytest.raises(DiskFull):
            _record_many(desk)
        saved = desk.database.execute_sql("SELECT COUNT(*) FROM dossier").fetchone()[0]
    entries = kinds(desk)

    record(desk)

    assert entries.count("receive") == saved
    assert kinds(desk) == [*entries, "receive"]


def _record_many(desk: Desk) -> None:
    for _ in range(100):
        record(desk, summary="x" * 500)


def test_what_is_counted_of_a_dossier_is_where_its_entries_say(desk: Desk) -> None:
    dossier = record(desk)
    void(desk, dossier)

    with reading(desk.database):
        before = journal.unsent_by_day(1, 1, 0, up_to=5)
        after = journal.unsent_by_day(1, 1, 0, up_to=6)

    assert (before, after) == ({NOW.date(): 3}, {NOW.date(): 2})


# The file


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_the_file_holds_nothing_that_can_be_read_without_the_key(desk: Desk, suffix: str) -> None:
    delivered = Delivered(delivered_to="Nguyễn Thị Hường", delivered_by=DeliveryMethod.COUNTER)
    # The log is written back when the last connection closes, so one is held open.
    with reading(desk.database):
        dossier = record(desk)
        record_step(desk, dossier.id, Resolved(result_kind=ResultKind.GRANTED), happened_at=NOW, clerk="an.nv")
        record_step(desk, dossier.id, delivered, happened_at=NOW, clerk="an.nv")
        raw = (desk.settings.data / f"desk.db{suffix}").read_bytes()

    assert len(raw) > 4096
    assert [word for word in (*PLANTED, "SQLite format 3", "CREATE TABLE", "entry") if word.encode() in raw] == []


def test_no_file_of_the_folder_holds_a_name(desk: Desk) -> None:
    with reading(desk.database):
        record(desk)
        files = [path for path in desk.settings.data.rglob("*") if path.is_file()]
        found = [path.name for path in files for word in PLANTED if word.encode() in path.read_bytes()]

    assert len(files) >= 2
    assert found == []


def test_a_live_connection_survives_a_power_cut_and_holds_its_rules(desk: Desk) -> None:
    with reading(desk.database):
        told = {
            name: desk.database.execute_sql(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout")
        }

    assert told == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "busy_timeout": 10_000,
    }  # fmt: skip


def test_the_engine_in_use_is_new_enough(desk: Desk) -> None:
    with reading(desk.database):
        [version] = desk.database.execute_sql("SELECT sqlite_version()").fetchone()

    assert tuple(map(int, version.split("."))) >= (3, 51, 3)


@pytest.mark.parametrize("version", [(3, 51, 2), (3, 40, 1)])
def test_an_older_engine_is_refused_before_the_file_is_touched(
    desk: Desk, version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.settings.data / "desk.db"
    before = path.read_bytes()
    monkeypatch.setattr(dbapi2, "sqlite_version_info", version)

    with pytest.raises(EngineTooOld):
        open_database(path, KEY)

    assert path.read_bytes() == before


def test_data_of_a_newer_version_is_left_alone(desk: Desk) -> None:
    with write_transaction(desk.database):
        desk.database.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2031-01-01')")

    with pytest.raises(DatabaseNewer):
        open_database(desk.settings.data / "desk.db", KEY)

    assert len(kinds(desk)) == 4


def test_a_wrong_key_opens_nothing_and_changes_nothing(desk: Desk) -> None:
    path = desk.settings.data / "desk.db"
    before = path.read_bytes()

    with pytest.raises(DatabaseUnreadable):
        open_database(path, "cd" * 32)

    assert path.read_bytes() == before
    assert len(kinds(desk)) == 4


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(b"not a database" * 1000)

    with pytest.raises(DatabaseUnreadable):
        open_database(path, KEY)

    assert path.read_bytes() == b"not a database" * 1000


def test_a_changed_byte_in_the_file_is_not_read_as_if_nothing_had_happened(desk: Desk) -> None:
    with reading(desk.database):
        desk.database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    desk.database.close()
    path = desk.settings.data / "desk.db"
    raw = bytearray(path.read_bytes())
    raw[100] ^= 1
    path.write_bytes(raw)

    with pytest.raises(DatabaseUnreadable):
        open_database(path, KEY)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(FolderNotWritable):
        open_desk(Settings(data=tmp_path / "file" / "desk", key_store="file"))


def test_a_file_in_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FolderNotWritable):
        open_database(tmp_path / "nowhere" / "desk.db", KEY)


def test_what_was_saved_is_there_after_a_restart(tmp_path: Path, clock: StandingClock) -> None:
    first = enrolled_desk(tmp_path, clock=clock)
    code = record(first).dossier_code
    first.database.close()

    second = bare_desk(tmp_path, clock)

    assert record(second).dossier_code == "H62.11.01-211004-0002"
    assert code == "H62.11.01-211004-0001"
    assert kinds(second) == ["open_epoch", "adopt_packs", "receive", "receive"]


def test_a_new_installation_makes_its_own_key_that_only_its_owner_may_read(tmp_path: Path) -> None:
    first = open_desk(Settings(data=tmp_path / "one", key_store="file"))
    second = open_desk(Settings(data=tmp_path / "two", key_store="file"))

    keys = [(each.settings.data / "desk.key").read_text() for each in (first, second)]
    assert keys[0] != keys[1]
    assert [len(bytes.fromhex(key)) for key in keys] == [32, 32]
    assert (tmp_path / "one" / "desk.key").stat().st_mode & 0o777 == 0o600


def test_a_file_whose_key_is_gone_is_left_alone(tmp_path: Path) -> None:
    open_desk(Settings(data=tmp_path, key_store="file")).database.close()
    (tmp_path / "desk.key").unlink()

    with pytest.raises(KeyMissing):
        open_desk(Settings(data=tmp_path, key_store="file"))

    assert not (tmp_path / "desk.key").exists()


def test_a_write_transaction_does_not_nest(desk: Desk) -> None:
    with write_transaction(desk.database), pytest.raises(AssertionError), write_transaction(desk.database):
        pass


# What stands twice


def test_the_fields_of_both_ends_are_the_same_byte_for_byte() -> None:
    root = Path(__file__).resolve().parents[2]

    desk, centre = (root / end / "storage" / "fields.py" for end in ("desk_client", "central_server"))

    assert desk.read_bytes() == centre.read_bytes()
