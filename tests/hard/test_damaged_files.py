"""A damaged file of a desk: noticed, set aside and never deleted; what is whole of it goes on, and nothing loops.

Pages of a real encrypted file are flipped, zeroed and cut off, and so is its log; the program is started on each.
"""

import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from desk_client.desk import Desk
from desk_client.opening import open_desk
from desk_client.services import mending
from desk_client.services.overview import overview
from desk_client.services.recording import record_reception
from desk_client.services.verifying import JournalCutOff, verify
from desk_client.settings import Settings
from desk_client.storage.carving import PAGE_BYTES, carve
from desk_client.storage.database import DatabaseUnreadable, reading
from desk_client.storage.models import DossierRow
from desk_client.storage.trouble import DatabaseDamaged
from desk_client.storage.witness import WITNESS_FILE
from tests.desk.projections import KEY
from tests.factories import NOW, enrolled_desk, reception
from tests.postgresql import memory_folder

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

SEED = 20211020
SHARES = 2
DAMAGES, DAMAGES_AT_NIGHT = 300, 20_000
DOSSIERS = 40


def _flip(raw: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 20))):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)


def _zero(raw: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 8))):
        start = chance.randrange(len(raw) // PAGE_BYTES) * PAGE_BYTES
        raw[start : start + PAGE_BYTES] = bytes(PAGE_BYTES)


def _scramble(raw: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(raw) // 512) * 512
    raw[start : start + 512] = chance.randbytes(512)


def _cut_off(raw: bytearray, chance: random.Random) -> None:
    del raw[chance.randrange(len(raw) // 2, len(raw)) :]


DAMAGES_DONE = (_flip, _zero, _scramble, _cut_off)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Data folder of a desk that was killed: half of its dossiers are in the file, half in the log."""
    made, left = tmp_path / "made", tmp_path / "left"
    made.mkdir()
    (made / "desk.key").write_text(KEY)
    desk = enrolled_desk(made)
    _record(desk, range(DOSSIERS // 2))
    desk.database.close()
    desk = _started(made)
    with reading(desk.database):
        _record(desk, range(DOSSIERS // 2, DOSSIERS))
        shutil.copytree(made, left)
    (left / "desk.db-shm").unlink()
    return left


@pytest.mark.parametrize("share", range(SHARES))
def test_what_is_whole_of_a_damaged_file_goes_on(
    folder: Path, figure: Callable[..., None], is_night: bool, share: int
) -> None:
    damages = (DAMAGES_AT_NIGHT if is_night else DAMAGES) // SHARES

    lost, gone, salvaged = _damage_and_start(folder, damages, random.Random(f"{SEED} {share}"))

    figure("T10", "damaged files", damages, lost=lost, set_aside=salvaged, dossiers_in_damaged_pages=gone)
    assert lost == 0
    assert salvaged > damages // 2


def test_a_log_that_is_not_kept_before_it_is_opened_is_found_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter-check: the engine takes of a damaged log what comes first and overwrites the rest."""
    monkeypatch.setattr(mending, "_keep", lambda *_: None)

    lost, _, _ = _damage_and_start(folder, 60, random.Random(SEED))

    assert lost > 0


def test_a_file_that_was_being_saved_when_the_power_went_is_saved_by_the_next_start(folder: Path) -> None:
    """Found by the simulator, seed 5: the log is empty by then, and the file passed for one that had ended in order."""
    _started(folder).database.close()
    (folder / "desk.db-wal.kept").write_bytes(b"")
    raw = bytearray((folder / "desk.db").read_bytes())
    raw[len(raw) - PAGE_BYTES + 100] ^= 1
    (folder / "desk.db").write_bytes(raw)

    desk = _started(folder)

    assert len(list(folder.glob("set-aside-*"))) == 1
    assert not (folder / "desk.db-wal.kept").exists()
    _assert_goes_on(desk, folder)


def test_a_machine_that_stands_in_a_damaged_log_alone_goes_on(tmp_path: Path) -> None:
    """Found by the simulator, seed 12: what the engine took of the log was from before the enrolment."""
    made, left = tmp_path / "made", tmp_path / "left"
    made.mkdir()
    (made / "desk.key").write_text(KEY)
    opened = _started(made).database
    # A connection that stays open keeps all in the log.
    with opened.connection_context():
        _record(enrolled_desk(made), range(3))
        shutil.copytree(made, left)
    (left / "desk.db-shm").unlink()
    raw = bytearray((left / "desk.db-wal").read_bytes())
    raw[1_000] ^= 1
    (left / "desk.db-wal").write_bytes(raw)

    again = _started(left)

    assert len(_codes(again)) == 3
    _assert_goes_on(again, left)


def test_what_a_damaged_log_holds_goes_on_although_the_witness_is_torn(folder: Path) -> None:
    """Found by the simulator, seed 30028: nobody was left to say that the engine had taken a part of the log alone."""
    (folder / WITNESS_FILE).write_bytes(bytes(7))
    raw = bytearray((folder / "desk.db-wal").read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / "desk.db-wal").write_bytes(raw)
    intact = _intact(folder)

    desk = _started(folder)

    assert intact <= _codes(desk)
    assert len(list(folder.glob("set-aside-*"))) == 1
    _assert_goes_on(desk, folder)


def test_a_file_of_another_key_is_not_touched(folder: Path) -> None:
    (folder / "desk.db-wal").unlink()
    (folder / "desk.key").write_text("cd" * 32)
    before = (folder / "desk.db").read_bytes()

    for _ in range(2):
        with pytest.raises(DatabaseUnreadable):
            _started(folder)

    assert (folder / "desk.db").read_bytes() == before
    assert not any(folder.glob("set-aside-*"))


def test_a_damage_met_at_work_is_told_and_mended_by_the_next_start(folder: Path) -> None:
    _started(folder).database.close()
    raw = bytearray((folder / "desk.db").read_bytes())
    raw[len(raw) - PAGE_BYTES + 100] ^= 1
    (folder / "desk.db").write_bytes(raw)

    with pytest.raises(DatabaseDamaged):
        verify(_started(folder))
    desk = _started(folder)

    [aside] = folder.glob("set-aside-*")
    assert carve(aside / "desk.db", aside / "desk.db-wal", KEY).damaged == 1
    goes_on = overview(desk).goes_on
    assert goes_on is not None
    assert goes_on.set_aside == aside.name
    _assert_goes_on(desk, folder)


def _damage_and_start(folder: Path, damages: int, chance: random.Random) -> tuple[int, int, int]:
    """Dossiers in whole pages that were lost, those in damaged pages, and how often a file was set aside."""
    lost, gone, salvaged = 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="damaged-", dir=memory_folder()) as parent:
        room = Path(parent) / "desk"
        for number in range(damages):
            shutil.copytree(folder, room)
            _damage(room, chance, DAMAGES_DONE[number % len(DAMAGES_DONE)])
            intact = _intact(room)
            desk = _started(room)
            shown = _codes(desk)
            lost += len(intact - shown)
            gone += DOSSIERS - len(shown)
            salvaged += any(room.glob("set-aside-*"))
            _assert_goes_on(desk, room)
            shutil.rmtree(room)
    return lost, gone, salvaged


def _record(desk: Desk, numbers: range) -> None:
    for number in numbers:
        record_reception(desk, reception(summary=f"Hồ sơ {number}"), received_at=NOW, clerk="an.nv")


def _started(folder: Path) -> Desk:
    return open_desk(Settings(data=folder, key_store="file"))


def _damage(folder: Path, chance: random.Random, do: Callable[[bytearray, random.Random], None]) -> None:
    path = folder / chance.choice(("desk.db", "desk.db", "desk.db-wal"))
    raw = bytearray(path.read_bytes())
    do(raw, chance)
    path.write_bytes(raw)


def _intact(folder: Path) -> set[str]:
    """Codes of the dossiers of which everything lies in whole pages, seen without the program."""
    rows = carve(folder / "desk.db", folder / "desk.db-wal", KEY).rows
    contents: dict[tuple[object, ...], bytes] = {
        row[:3]: row[4] for row in rows if len(row) == 5 and isinstance(row[4], bytes)
    }
    received = [row for row in rows if len(row) == 10 and row[3] == "receive" and row[:3] in contents]
    return {str(orjson.loads(contents[row[:3]])["dossier_code"]) for row in received}


def _codes(desk: Desk) -> set[str]:
    with reading(desk.database):
        return {code for (code,) in DossierRow.select(DossierRow.dossier_code).tuples()}


def _assert_goes_on(desk: Desk, folder: Path) -> None:
    """The next dossier can be saved, the journal is whole, and the next start is an ordinary one."""
    record_reception(desk, reception(), received_at=NOW, clerk="an.nv")
    desk.database.close()
    before = sorted(path.name for path in folder.glob("set-aside-*"))
    again = _started(folder)
    # What the damage took and the machine once wrote is told, until the centre has given it back.
    assert {type(fault) for fault in verify(again).faults} <= {JournalCutOff}
    again.database.close()
    assert sorted(path.name for path in folder.glob("set-aside-*")) == before
