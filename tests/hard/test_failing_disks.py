"""A full or failing disk: what was typed is not lost, what was saved is whole, and work goes on after it."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from desk_client.opening import open_desk
from desk_client.services.overview import overview
from desk_client.services.recording import record_reception
from desk_client.services.verifying import verify
from desk_client.settings import Settings
from desk_client.storage.ballast import BALLAST_BYTES, BALLAST_FILE, keep_ballast
from desk_client.storage.trouble import DiskFull, DiskWasFull, StorageTrouble
from tests.desk.conftest import opened
from tests.desk.projections import KEY
from tests.factories import NOW, StandingClock, enrolled_desk, reception
from tests.hard.full_disks import files_no_larger_than, filled, small_disk
from tests.hard.system_calls import require_tracing, tracing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

SEED = 20211020
DISK_MB = 96
POINTS, POINTS_AT_NIGHT = 400, 40_000
FAULTS, FAULTS_AT_NIGHT = 48, 5_000
LINES = 6


def test_a_clerk_whose_disk_is_full_saves_what_was_typed_at_the_second_try(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", DISK_MB) as folder:
        desk = enrolled_desk(folder, clock=StandingClock())
        keep_ballast(folder)
        page = opened(desk)
        page.sign_in()
        # As where the program serves: its own connection stays open beside those of the requests.
        with closing(dbapi2.connect(str(folder / "desk.db"))) as serving:
            serving.execute(f"PRAGMA key = \"x'{KEY}'\"")
            serving.execute("SELECT count(*) FROM entry").fetchone()
            with filled(folder):
                refused = page.save(submitter_name="Hoàng Thị Mận")
                accepted = page.save(submitter_name="Hoàng Thị Mận")

        saved, is_held_free = overview(desk).saved_count, (folder / BALLAST_FILE).exists()
        keep_ballast(folder)
        assert (refused.status_code, accepted.status_code) == (507, 302)
        assert 'value="Hoàng Thị Mận"' in refused.text
        assert (saved, is_held_free) == (1, False)
        assert (folder / BALLAST_FILE).stat().st_size == BALLAST_BYTES


def test_a_disk_that_stays_full_takes_nothing_more_and_loses_nothing(
    tmp_path: Path, figure: Callable[..., None]
) -> None:
    with small_disk(tmp_path / "disk", DISK_MB) as folder:
        desk = enrolled_desk(folder)
        keep_ballast(folder)
        with filled(folder) as somebody_else:
            confirmed, troubles = _save_until_refused(desk, [DiskWasFull, DiskFull])
            held_when_full = overview(desk).saved_count
            somebody_else.unlink()
            record_reception(desk, reception(), received_at=NOW, clerk="an.nv")

        figure("T2", "dossiers saved by the room held free", confirmed, lost=confirmed - held_when_full)
        assert confirmed == held_when_full > 100
        assert troubles == [DiskWasFull, DiskFull]
        assert overview(desk).saved_count == confirmed + 1
        assert verify(desk).faults == ()
        desk.database.close()


def test_room_that_ends_in_the_middle_of_any_write_loses_nothing(
    tmp_path: Path, figure: Callable[..., None], is_night: bool
) -> None:
    """No file may grow beyond a size; wherever in a save that strikes, the next save works once there is room."""
    chance = random.Random(SEED)
    desk = enrolled_desk(tmp_path)
    log = tmp_path / "desk.db-wal"
    troubles, confirmed = Counter[str](), 0

    with desk.database.connection_context():
        for _ in range(POINTS_AT_NIGHT if is_night else POINTS):
            size = log.stat().st_size if log.exists() else 0
            received_at = NOW.replace(year=2000 + confirmed % 99)
            with files_no_larger_than(size + chance.randrange(60_000)):
                confirmed += _save(desk, received_at, troubles)
                confirmed += _save(desk, received_at, troubles)
            confirmed += _save(desk, received_at, Counter())

    held = overview(desk).saved_count
    figure("T2", "ends of the room within a save", troubles.total(), lost=confirmed - held, confirmed=confirmed)
    assert troubles.total() > POINTS // 8
    assert held == confirmed
    assert verify(desk).faults == ()


@pytest.mark.parametrize("fault", ["pwrite64:error=ENOSPC", "pwrite64:error=EIO", "fsync:error=EIO"])
def test_a_call_that_fails_costs_no_line_and_is_told_in_both_languages(
    tmp_path: Path, figure: Callable[..., None], is_night: bool, fault: str
) -> None:
    require_tracing()
    chance = random.Random(f"{SEED} {fault}")
    (tmp_path / "desk.key").write_text(KEY)
    enrolled_desk(tmp_path).database.close()

    runs = (FAULTS_AT_NIGHT if is_night else FAULTS) // 3
    confirmed, told, traces = 0, 0, []
    for number in range(runs):
        done = _record_with(fault, chance.randrange(1, 12 if "sync" in fault else 260), tmp_path, number)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")]
        confirmed += sum("dossier_code" in line for line in lines)
        told += bool(done.returncode)
        traces += [done.stderr.decode()] if b"Traceback" in done.stderr else []

    desk = open_desk(Settings(data=tmp_path, key_store="file"))
    held = overview(desk).saved_count
    figure("T2", "calls made to fail", runs, lost=max(0, confirmed - held), told=told)
    assert traces == []
    assert told > 0
    assert held == confirmed
    assert verify(desk).faults == ()


def _save_until_refused(desk: object, expected: list[type[StorageTrouble]]) -> tuple[int, list[type[StorageTrouble]]]:
    confirmed, troubles = 0, list[type[StorageTrouble]]()
    while len(troubles) < len(expected):
        try:
            received_at = NOW.replace(year=2000 + confirmed % 99)
            record_reception(desk, reception(), received_at=received_at, clerk="an.nv")  # type: ignore[arg-type]
            confirmed += 1
        except StorageTrouble as trouble:
            troubles.append(type(trouble))
    return confirmed, troubles


def _save(desk: object, received_at: object, troubles: Counter[str]) -> int:
    try:
        record_reception(desk, reception(), received_at=received_at, clerk="an.nv")  # type: ignore[arg-type]
    except StorageTrouble as trouble:
        troubles[trouble.code] += 1
        return 0
    return 1


def _record_with(fault: str, at: int, folder: Path, number: int) -> "subprocess.CompletedProcess[bytes]":
    """Records lines with the real command, whose call number `at` of a kind fails."""
    strace = [*tracing(fault.partition(":")[0]), "-qq", "-o", os.devnull, "-e", f"inject={fault}:when={at}"]
    day = f"20{number % 80 + 10}-10-04"
    lines = (
        {"event": "receive", "dossier": str(each), "at": f"{day}T08:15:00+07:00"} | reception() for each in range(LINES)
    )
    return subprocess.run(
        [*strace, sys.executable, "-m", "desk_client", "--data", str(folder), "record", "-", "--json"],
        input="".join(json.dumps(line) + "\n" for line in lines).encode(),
        capture_output=True,
        env=os.environ | {"DESK_KEY_STORE": "file", "PYTHONPATH": str(Path(__file__).parents[2])},
        timeout=60,
    )
