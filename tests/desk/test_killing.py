"""The desk's real process is killed while it records; what it had confirmed is never lost."""

import contextlib
import json
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from desk_client.opening import open_desk
from desk_client.settings import Settings
from desk_client.storage import journal
from desk_client.storage.database import reading
from desk_client.storage.models import DossierRow, Entry
from sync_protocol.entries import chain
from sync_protocol.schemas import read_event
from tests.factories import enrolled_desk, reception

KILLS = 60
LINES_MAX = 400
SEED = 20211020


@pytest.mark.slow
def test_no_confirmed_dossier_is_lost_when_the_process_is_killed_while_it_records(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    _make_desk(tmp_path)

    confirmed: list[str] = []
    for _ in range(KILLS):
        confirmed += _record_until_killed(tmp_path, after_s=chance.uniform(0.0, 0.25))

    print(f"kill -9: {KILLS}, seed {SEED}, confirmed: {len(confirmed)}")
    assert len(confirmed) > KILLS
    _assert_whole(tmp_path, confirmed)


def _make_desk(folder: Path) -> None:
    """An enrolled desk whose file has the key that the command line will find."""
    (folder / "desk.key").write_text("ab" * 32)
    enrolled_desk(folder).database.close()


def _record_until_killed(folder: Path, after_s: float) -> list[str]:
    """What the real command confirmed before it was killed, `after_s` after its first confirmation."""
    process = subprocess.Popen(
        [sys.executable, "-m", "desk_client", "--data", str(folder), "record", "-", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    threading.Thread(target=_feed, args=(process,), daemon=True).start()
    first = process.stdout.readline()
    time.sleep(after_s)
    process.kill()
    told = first + process.stdout.read()
    process.wait()
    whole_lines = told[: told.rfind(b"\n") + 1].splitlines()
    return [json.loads(each)["dossier_code"] for each in whole_lines if b"dossier_code" in each]


def _feed(process: subprocess.Popen[bytes]) -> None:
    """Gives receptions of many days, so that no day's numbers run out, until there are enough or nobody reads."""
    assert process.stdin is not None
    lines = (
        {"event": "receive", "dossier": str(number), "at": f"2021-10-{number % 28 + 1:02}T08:15:00+07:00"} | reception()
        for number in range(LINES_MAX)
    )
    with contextlib.suppress(OSError), process.stdin as sink:
        sink.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def _assert_whole(folder: Path, confirmed: list[str]) -> None:
    """Every confirmed code is here once, the chain holds, and the screens' rows are exactly those of the journal."""
    desk = open_desk(Settings(data=folder, key_store="file"))
    identity = desk.identity()
    with reading(desk.database):
        entries = journal.entries_after(identity.id.slot, 1, 0, 1_000_000)
        hashes = [bytes(row.entry_hash) for row in Entry.select().order_by(Entry.sequence)]
        rows = {row.id: row.dossier_code for row in DossierRow.select()}
    received = {
        event.header.subject: event.payload.dossier_code  # type: ignore[union-attr]
        for event in map(read_event, entries)
        if event.header.kind == "receive"
    }
    assert chain(entries, identity.origin) == hashes
    assert rows == received
    assert len(set(confirmed)) == len(confirmed)
    assert set(confirmed) <= set(received.values())
