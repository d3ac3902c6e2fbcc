"""The desk killed thousands of times: nothing confirmed is lost, the page is back at once, the centre counts once."""

import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from desk_client.opening import open_desk
from desk_client.services.recording import record_reception
from desk_client.services.verifying import verify
from desk_client.settings import Settings
from desk_client.storage.database import reading
from desk_client.storage.models import DossierRow, Entry
from sync_protocol.instants import instant_text, local_date
from sync_protocol.periods import PeriodSeries
from tests.desk.projections import KEY
from tests.factories import enrolled_desk, reception
from tests.processes import PASSWORD, Server, central, confirmed_until_killed, desk, founded_centre

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3_600)]

SEED = 20211020
SHARES = 2
FORKED, FORKED_AT_NIGHT = 2_000, 100_000
KILLS_A_DESK = 200
"""Then comes another desk: a file opens the slower the more it holds."""

FULL, FULL_AT_NIGHT = 50, 5_000
BACK_WITHIN_S = 10.0
DESK = "H62.11.01"
FIRST_DAY = datetime(2010, 1, 4, 2, 0, tzinfo=UTC)
PERIODS = PeriodSeries(last_day=20)


@pytest.mark.parametrize("share", range(SHARES))
def test_a_writer_killed_at_any_moment_has_kept_what_it_confirmed(
    tmp_path: Path, figure: Callable[..., None], is_night: bool, share: int
) -> None:
    chance = random.Random(f"{SEED} {share}")
    kills = (FORKED_AT_NIGHT if is_night else FORKED) // SHARES

    confirmed, lost = 0, 0
    for number in range(kills // KILLS_A_DESK):
        folder = tmp_path / f"desk{number}"
        folder.mkdir()
        told = _told_until_killed(folder, chance)
        confirmed, lost = confirmed + len(told), lost + len(told - _assert_whole(folder))

    figure("T5", "kill -9 of a forked desk", kills, lost=lost, confirmed=confirmed)
    assert lost == 0
    assert confirmed > kills // 2


@pytest.mark.parametrize("share", range(SHARES))
def test_a_desk_killed_while_it_serves_records_and_sends_counts_once(
    tmp_path: Path, figure: Callable[..., None], is_night: bool, share: int
) -> None:
    chance = random.Random(f"{SEED} {share}")
    centre, folder = founded_centre(tmp_path / "centre").start(), tmp_path / "desk"
    try:
        code = json.loads(central(centre.data, "invite", DESK, "--json"))["code"]
        assert desk(folder, "enrol", "--server", centre.url, "--code", code, given=PASSWORD).code == 0
        kills = (FULL_AT_NIGHT if is_night else FULL) // SHARES
        confirmed, slowest_s = set[str](), 0.0
        for _ in range(kills):
            codes, back_s = _serve_until_killed(folder, after_s=chance.uniform(0.0, 0.5))
            confirmed |= codes
            slowest_s = max(slowest_s, back_s)
        for _ in range(5):
            last = desk(folder, "sync", "--json")
        held = _assert_whole(folder)
        figure("T5", "kill -9 of a whole desk", kills, lost=len(confirmed - held), back_after_ms=int(slowest_s * 1000))
        assert confirmed <= held
        assert slowest_s < BACK_WITHIN_S
        assert json.loads(last.out)["unsent"] == 0
        assert _arrived(centre) == len(held)
    finally:
        centre.kill()


def _told_until_killed(folder: Path, chance: random.Random) -> set[str]:
    """Codes that the writers of a new desk confirmed, each of them before it was killed."""
    (folder / "desk.key").write_text(KEY)
    enrolled_desk(folder).database.close()
    works = [partial(_write, folder, number) for number in range(KILLS_A_DESK)]
    told = [confirmed_until_killed(work, after_s=chance.uniform(0.0, 0.02)) for work in works]
    return set(itertools.chain.from_iterable(told))


def _write(folder: Path, number: int, sending: int) -> None:
    opened = open_desk(Settings(data=folder, key_store="file"))
    with reading(opened.database):
        for each in itertools.count():
            received_at = FIRST_DAY + timedelta(days=number % 3_650, minutes=each)
            done = record_reception(opened, reception(), received_at=received_at, clerk="an.nv")
            os.write(sending, f"{done.dossier.dossier_code}\n".encode())


def _serve_until_killed(folder: Path, after_s: float) -> tuple[set[str], float]:
    """Codes that a command confirmed beside the serving and sending program, and how long that took to answer."""
    page = Server(
        "desk_client", folder, "/sign-in", environment={"DESK_KEY_STORE": "file", "DESK_SYNC_INTERVAL_S": "1"}
    )
    began = time.monotonic()
    page.start()
    back_s = time.monotonic() - began
    recording = subprocess.Popen(
        [sys.executable, "-m", "desk_client", "--data", str(folder), "record", "-", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"DESK_KEY_STORE": "file", "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert recording.stdin is not None
    assert recording.stdout is not None
    recording.stdin.write(b"".join(json.dumps(line).encode() + b"\n" for line in _lines()))
    recording.stdin.flush()
    told = recording.stdout.readline()
    time.sleep(after_s)
    page.kill()
    recording.kill()
    told += recording.stdout.read()
    recording.wait()
    whole = told[: told.rfind(b"\n") + 1].splitlines()
    return {json.loads(each)["dossier_code"] for each in whole if b"dossier_code" in each}, back_s


def _lines() -> Iterator[dict[str, Any]]:
    at = instant_text(datetime.now(UTC) - timedelta(minutes=1))
    return ({"event": "receive", "dossier": str(each), "at": at} | reception() for each in range(20))


def _assert_whole(folder: Path) -> set[str]:
    """Codes of all dossiers, each there once, in a file that is whole, in its first epoch, and never set aside."""
    opened = open_desk(Settings(data=folder, key_store="file"))
    with reading(opened.database):
        codes = [code for (code,) in DossierRow.select(DossierRow.dossier_code).tuples()]
        epochs = {epoch for (epoch,) in Entry.select(Entry.epoch).distinct().tuples()}
    assert len(set(codes)) == len(codes)
    assert epochs == {1}
    assert verify(opened).faults == ()
    assert not any(folder.glob("set-aside-*"))
    opened.database.close()
    return set(codes)


def _arrived(centre: Server) -> int:
    period = PERIODS.containing(local_date(datetime.now(UTC)))
    desks = json.loads(central(centre.data, "standings", "--period", str(period), "--json"))
    return next(int(each["arrived"]) for each in desks if each["desk"] == DESK)
