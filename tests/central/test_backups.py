"""The centre can burn down: what is backed up is verified, and another machine goes on with it."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from central_server.central import Central
from central_server.services import backing_up, enrolment
from central_server.services.backing_up import BackupNotWritten, DatabaseDamaged, Made, NoRecoveryKit, alarm, back_up
from central_server.services.recovering import Kit
from central_server.services.restoring import Ground, PlaceTaken, Restored, restore
from central_server.settings import Settings
from central_server.storage import models, tables
from central_server.storage.database import reading, shape_of, snapshot
from central_server.storage.keys import KEY_FILE, NAMES
from central_server.storage.models import MODELS
from desk_client.desk import Desk
from desk_client.storage.database import reading as desk_reading
from desk_client.storage.models import ReceiptRow
from sync_protocol.signing import Signed, agreement_public
from sync_protocol.statements import read_receipt
from sync_protocol.vaults import NotAVault, VaultDamaged, WrongKey
from tests.conftest import DATABASES, KEYS, OTHER_DESK, Centres, Link, close, record, sync, sync_quietly
from tests.damage import without_triggers
from tests.factories import StandingClock
from tests.postgresql import Server

SEED = b"b" * 32
KIT = Kit(
    keys={name: getattr(KEYS, name) for name in NAMES} | {"backup_public": agreement_public(SEED)}, backup_seed=SEED
)
RENEWED = {"centre", "archived", "backup", "change", "slot_floor", "session", "device", "invitation"}
"""Tables that a restored centre does not have as they were."""


@pytest.fixture
def safe(central: Central) -> Central:
    """The centre with a recovery kit."""
    return replace(central, keys=replace(central.keys, backup_public=agreement_public(SEED)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "backups"


@pytest.fixture
def empty_database(centres: Centres, postgresql_server: Callable[[], Server]) -> Callable[[str], str]:
    """Gives the setting of an empty database of a kind."""

    def make(kind: str) -> str:
        return postgresql_server().create(f"restored_{next(centres.numbers)}") if kind == "postgresql" else ""

    return make


def restored(made: Made, data: Path, clock: StandingClock, url: str = "", kit: Kit = KIT) -> Restored:
    """The centre of a backup on a new machine."""
    return restore(
        Settings(data=data, database=url), made.path, kit, Ground(wall=clock, randomness=os.urandom, who="test")
    )


def content(central: Central) -> dict[str, str]:
    """A fingerprint of each table that a restore leaves as it was."""
    digests = {}
    with snapshot(central.database):
        for table in tables.tables():
            rows = [list(row) for batch in tables.rows(central.database, table) for row in batch]
            digests[table.name] = hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
    return {name: digest for name, digest in digests.items() if name not in RENEWED}


@pytest.mark.parametrize("kind", DATABASES)
def test_another_machine_has_all_that_was_backed_up_on_either_database(
    safe: Central,
    device: Desk,
    link: Link,
    clock: StandingClock,
    folder: Path,
    tmp_path: Path,
    empty_database: Callable[[str], str],
    kind: str,
) -> None:
    record(device)
    record(device, submitter_name="Trần Văn Bình")
    sync_quietly(device, link)
    before, incarnation = content(safe), safe.about().incarnation
    made = back_up(safe, folder)

    new = restored(made, tmp_path / "new", clock, empty_database(kind))

    assert content(new.central) == before
    assert (new.devices, new.dossiers, new.faults) == (1, 2, [])
    assert new.central.about().incarnation != incarnation
    assert new.central.keys.signing_seed == safe.keys.signing_seed
    close(new.central)


def test_every_table_of_the_database_is_in_the_backup(central: Central) -> None:
    backed_up = {table.name for table in tables.tables()}

    with reading(central.database):
        there = set(central.database.get_tables())

    assert there - backed_up == {"schema_migration", "session", "payload", "register_mark"}
    assert len(MODELS) == len(backed_up) + 3


def test_a_receipt_says_what_is_archived_only_after_a_verified_backup(
    safe: Central, device: Desk, link: Link, folder: Path
) -> None:
    record(device)
    sync_quietly(device, link)
    before = archived_by_last_receipt(device)
    back_up(safe, folder)
    record(device)

    sync(device, link)

    assert before == 0
    assert archived_by_last_receipt(device) == 3


def test_what_the_disk_gives_back_otherwise_is_no_backup(
    safe: Central, device: Desk, link: Link, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(device)
    sync_quietly(device, link)
    write = backing_up._write

    def failing(central: Central, part: Path, *rest: object) -> object:
        tally = write(central, part, *rest)  # type: ignore[arg-type]
        raw = bytearray(part.read_bytes())
        raw[-100] ^= 1
        part.write_bytes(raw)
        return tally

    monkeypatch.setattr(backing_up, "_write", failing)
    with pytest.raises(backing_up.BackupDiffers):
        back_up(safe, folder)

    assert list(folder.iterdir()) == []
    assert backing_up.last_backup_at(safe) is None


def test_a_backup_of_damaged_rows_is_kept_and_does_not_count(
    safe: Central, device: Desk, link: Link, folder: Path
) -> None:
    record(device)
    sync_quietly(device, link)
    without_triggers(safe)
    with reading(safe.database):
        models.Payload.update(salt=b"x" * 16).where(models.Payload.sequence == 3).execute()

    with pytest.raises(DatabaseDamaged):
        back_up(safe, folder)

    assert [path.suffix for path in folder.iterdir()] == [".unverified"]
    assert backing_up.last_backup_at(safe) is None


def test_without_a_recovery_kit_nothing_is_written(central: Central, folder: Path) -> None:
    with pytest.raises(NoRecoveryKit):
        back_up(central, folder)

    assert not folder.exists()


def test_a_folder_that_cannot_be_written_to_is_named(safe: Central, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(BackupNotWritten):
        back_up(safe, tmp_path / "taken")


def test_nothing_personal_can_be_read_in_a_backup(safe: Central, device: Desk, link: Link, folder: Path) -> None:
    record(device, submitter_name="Đặng Thị Kín")
    sync_quietly(device, link)

    made = back_up(safe, folder)

    assert "Kín".encode() not in made.path.read_bytes()
    assert b"0987000001" not in made.path.read_bytes()


def test_the_kit_of_another_centre_opens_nothing(
    safe: Central, clock: StandingClock, folder: Path, tmp_path: Path
) -> None:
    made = back_up(safe, folder)

    with pytest.raises(WrongKey):
        restored(made, tmp_path / "new", clock, kit=replace(KIT, backup_seed=b"z" * 32))

    assert not (tmp_path / "new" / KEY_FILE).exists()


@pytest.mark.parametrize("damage", ["flipped", "cut", "something else"])
def test_a_damaged_backup_leaves_nothing_behind(
    safe: Central, clock: StandingClock, folder: Path, tmp_path: Path, damage: str
) -> None:
    made = back_up(safe, folder)
    raw = made.path.read_bytes()
    flipped = raw[:-50] + bytes([raw[-50] ^ 1]) + raw[-49:]
    made.path.write_bytes({"flipped": flipped, "cut": raw[:-9], "something else": b"PK" + raw}[damage])

    with pytest.raises((VaultDamaged, NotAVault)):
        restored(made, tmp_path / "new", clock)

    assert not (tmp_path / "new" / "central.db").exists()
    assert not (tmp_path / "new" / KEY_FILE).exists()


def test_a_backup_is_never_restored_over_a_centre(
    safe: Central, clock: StandingClock, folder: Path, tmp_path: Path
) -> None:
    made = back_up(safe, folder)
    new = restored(made, tmp_path / "new", clock)

    with pytest.raises(PlaceTaken):
        restored(made, tmp_path / "new", clock)

    close(new.central)


def test_what_was_interrupted_is_begun_again(safe: Central, clock: StandingClock, folder: Path, tmp_path: Path) -> None:
    made = back_up(safe, folder)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "central.db.restoring").write_bytes(b"half a file")

    new = restored(made, tmp_path / "new", clock)

    assert shape_of(new.central.database) == shape_of(safe.database)
    close(new.central)


def test_a_code_that_was_not_used_by_then_is_void(
    safe: Central, clock: StandingClock, folder: Path, tmp_path: Path
) -> None:
    [invitation] = enrolment.invite(safe, OTHER_DESK)
    made = back_up(safe, folder)
    new = restored(made, tmp_path / "new", clock)

    with reading(new.central.database):
        expires_at = models.Invitation.get(models.Invitation.public == invitation.code.public).expires_at

    assert expires_at == made.made_at
    close(new.central)


def test_old_and_missing_backups_raise_an_alarm(safe: Central, clock: StandingClock, folder: Path) -> None:
    never = alarm(safe, clock(), is_training=False)
    back_up(safe, folder)
    fresh = alarm(safe, clock(), is_training=False)
    clock.move(hours=26, seconds=1)

    old = alarm(safe, clock(), is_training=False)

    assert never is not None
    assert never.last_at is None
    assert fresh is None
    assert old is not None
    assert old.last_at is not None


def test_a_training_centre_raises_no_alarm(make_central: Callable[..., Central], clock: StandingClock) -> None:
    training = make_central(training=True)

    assert alarm(training, clock(), is_training=training.about().training) is None


def archived_by_last_receipt(device: Desk) -> int:
    """What the last receipt that a device has kept says of backups."""
    with desk_reading(device.database):
        row = ReceiptRow.select().order_by(ReceiptRow.epoch.desc()).first()
    return read_receipt(Signed(bytes(row.body), bytes(row.signature)), KEYS.signing.public).archived_up_to
