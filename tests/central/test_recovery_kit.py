"""The recovery kit: on paper it is the centre's keys, and without its code nothing."""

from pathlib import Path

import pytest

from central_server.central import Central
from central_server.services.recovering import KitNotWritten, NotAKit, make_kit, read_kit
from central_server.storage.keys import NAMES, make_keys, read_keys
from sync_protocol.signing import agreement_public, encoded
from sync_protocol.vaults import WrongPhrase
from tests.conftest import KEYS, only_on_sqlite

pytestmark = only_on_sqlite


@pytest.fixture
def founded(central: Central) -> Central:
    """A centre whose keys lie in its folder, without a kit."""
    make_keys(central.settings.data, {name: getattr(KEYS, name) for name in NAMES})
    return central


def test_the_kit_and_its_code_are_the_keys(founded: Central, tmp_path: Path) -> None:
    code = make_kit(founded, tmp_path / "kit.html")

    kit = read_kit(tmp_path / "kit.html", code)

    assert kit.keys == read_keys(founded.settings.data)
    assert kit.keys["signing_seed"] == KEYS.signing_seed
    assert kit.keys["backup_public"] == agreement_public(kit.backup_seed)


def test_the_machine_does_not_hold_what_opens_its_backups(founded: Central, tmp_path: Path) -> None:
    code = make_kit(founded, tmp_path / "kit.html")
    seed = read_kit(tmp_path / "kit.html", code).backup_seed

    held = b"".join(path.read_bytes() for path in founded.settings.data.iterdir())

    assert seed not in held
    assert encoded(seed).encode() not in held


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " "), lambda code: f"  {code}\n"])
def test_the_code_may_be_typed_as_people_type(founded: Central, tmp_path: Path, typed: object) -> None:
    code = make_kit(founded, tmp_path / "kit.html")
    assert callable(typed)

    kit = read_kit(tmp_path / "kit.html", typed(code))

    assert kit.keys["code_key"] == KEYS.code_key


def test_another_code_opens_nothing(founded: Central, tmp_path: Path) -> None:
    make_kit(founded, tmp_path / "kit.html")

    with pytest.raises(WrongPhrase):
        read_kit(tmp_path / "kit.html", "0000-0000-0000-0000-0000-0000")


def test_the_code_stands_nowhere_on_the_sheet(founded: Central, tmp_path: Path) -> None:
    code = make_kit(founded, tmp_path / "kit.html")

    assert code not in (tmp_path / "kit.html").read_text("utf-8")
    assert code.replace("-", "") not in (tmp_path / "kit.html").read_text("utf-8")


@pytest.mark.parametrize("text", ["", "nothing", "FSKIT1.", "FSKIT1.AAAA", "FSKIT1." + "A" * 500])
def test_a_file_that_is_no_kit_is_named(founded: Central, tmp_path: Path, text: str) -> None:
    assert founded.keys
    (tmp_path / "other.html").write_text(text)

    with pytest.raises(NotAKit):
        read_kit(tmp_path / "other.html", "0000")


def test_a_kit_that_cannot_be_written_leaves_the_keys_as_they_were(founded: Central, tmp_path: Path) -> None:
    make_kit(founded, tmp_path / "kit.html")
    before = read_keys(founded.settings.data)

    with pytest.raises(KitNotWritten):
        make_kit(founded, tmp_path / "no such folder" / "kit.html")

    assert read_keys(founded.settings.data) == before
