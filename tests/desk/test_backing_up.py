"""A dead machine does not take its unsent dossiers with it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from central_server.central import Central
from central_server.services.unsealing import unsealed_key
from central_server.services.verifying import verify as verify_centre
from desk_client.commands.backups import _unlock
from desk_client.desk import Desk
from desk_client.opening import desk_on
from desk_client.services.backing_up import BackupNotWritten, back_up
from desk_client.services.putting_back import FolderTaken, put_back
from desk_client.services.verifying import verify
from desk_client.settings import Settings
from desk_client.storage.database import open_database
from sync_protocol.passwords import WeakPassword
from sync_protocol.vaults import NotAVault, Unlock, VaultDamaged, WrongPhrase, by_phrase
from tests.conftest import Link, arrived_codes, held_codes, record, sync_quietly
from tests.factories import StandingClock

KEY_HEX = "ab" * 32
PHRASE = "bốn chữ dễ nhớ"


@pytest.fixture
def restored(tmp_path: Path, clock: StandingClock) -> Callable[[Path, Unlock], Desk]:
    """Puts a backup into a new folder and opens what is there then."""

    def put(backup: Path, unlock: Unlock) -> Desk:
        settings = Settings(data=tmp_path / "new", key_store="file")
        put_back(settings, backup, unlock, lambda given, database: replace(desk_on(given, database), clock=clock))
        return replace(desk_on(settings, open_database(settings.data / "desk.db", KEY_HEX)), clock=clock)

    return put


@pytest.fixture
def backup(device: Desk, link: Link, tmp_path: Path) -> Path:
    """The backup of a device that has sent one dossier and holds another back."""
    record(device)
    sync_quietly(device, link)
    record(device, submitter_name="Đặng Thị Kín")
    return back_up(device, KEY_HEX, tmp_path / "stick.fsvault", PHRASE).path


def test_what_was_not_sent_arrives_from_another_machine(
    central: Central, device: Desk, backup: Path, link: Link, restored: Callable[[Path, Unlock], Desk]
) -> None:
    held = held_codes(device)

    again = restored(backup, by_phrase(PHRASE))
    sync_quietly(again, link)

    assert held_codes(again) == held
    assert arrived_codes(central) == held
    assert not verify(again).faults


def test_it_goes_on_in_an_epoch_of_its_own(
    backup: Path, device: Desk, link: Link, central: Central, restored: Callable[[Path, Unlock], Desk]
) -> None:
    """The old machine had gone on behind the backup, and its last dossier had arrived."""
    lost = record(device)
    sync_quietly(device, link)

    again = restored(backup, by_phrase(PHRASE))
    new = record(again)
    sync_quietly(again, link)

    assert new.id.split(".")[1] == "2"
    assert new.dossier_code != lost.dossier_code
    assert {lost.dossier_code, new.dossier_code} < set(arrived_codes(central))
    assert len(arrived_codes(central)) == len(set(arrived_codes(central))) == 4
    assert verify_centre(central).faults == []


def test_the_province_opens_it_when_its_password_is_lost(
    central: Central, device: Desk, backup: Path, restored: Callable[[Path, Unlock], Desk]
) -> None:
    key = unsealed_key(central, backup, by="test").hex()

    again = restored(backup, _unlock("-".join(key[at : at + 4] for at in range(0, 64, 4)).upper()))

    assert held_codes(again) == held_codes(device)


def test_nothing_personal_can_be_read_in_it(backup: Path) -> None:
    raw = backup.read_bytes()

    assert "Kín".encode() not in raw
    assert KEY_HEX.encode() not in raw


def test_another_password_opens_nothing(backup: Path, restored: Callable[[Path, Unlock], Desk], tmp_path: Path) -> None:
    with pytest.raises(WrongPhrase):
        restored(backup, by_phrase("một mật khẩu khác"))

    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("damage", ["flipped", "cut", "something else"])
def test_a_damaged_backup_leaves_nothing_behind(
    backup: Path, restored: Callable[[Path, Unlock], Desk], tmp_path: Path, damage: str
) -> None:
    raw = backup.read_bytes()
    flipped = raw[:-50] + bytes([raw[-50] ^ 1]) + raw[-49:]
    backup.write_bytes({"flipped": flipped, "cut": raw[:-9], "something else": b"PK" + raw}[damage])

    with pytest.raises((VaultDamaged, NotAVault)):
        restored(backup, by_phrase(PHRASE))

    assert list((tmp_path / "new").iterdir()) == []


def test_it_is_never_put_over_an_installation(backup: Path, restored: Callable[[Path, Unlock], Desk]) -> None:
    restored(backup, by_phrase(PHRASE))

    with pytest.raises(FolderTaken):
        restored(backup, by_phrase(PHRASE))


def test_a_short_password_is_refused(device: Desk, tmp_path: Path) -> None:
    with pytest.raises(WeakPassword):
        back_up(device, KEY_HEX, tmp_path / "stick.fsvault", "ngắn")

    assert list(tmp_path.glob("stick*")) == []


def test_a_place_that_cannot_be_written_to_is_named(device: Desk, tmp_path: Path) -> None:
    with pytest.raises(BackupNotWritten):
        back_up(device, KEY_HEX, tmp_path / "no such folder" / "stick.fsvault", PHRASE)
