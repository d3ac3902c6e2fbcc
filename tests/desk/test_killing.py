"""The desk's real process is killed while it records; what it had confirmed is never lost, and nothing is half done."""

import contextlib
import itertools
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from desk_client.desk import Desk
from desk_client.opening import open_desk
from desk_client.services.lifecycle import record_steps
from desk_client.services.recording import Manner, record_receptions
from desk_client.services.verifying import verify
from desk_client.settings import Settings
from desk_client.storage import journal
from desk_client.storage.database import reading
from desk_client.storage.models import DossierRow
from sync_protocol.entries import chain
from sync_protocol.schemas import read_event
from tests.desk.projections import KEY
from tests.factories import enrolled_desk, reception
from tests.processes import confirmed_until_killed
from tests.protocol.lives import PRINTED

KILLS = 60
FORKED_KILLS = 80
LINES_MAX = 400
BULK = 20
SEED = 20211020
FIRST_DAY = datetime(2010, 1, 4, 2, 0, tzinfo=UTC)


@pytest.mark.slow
def test_no_confirmed_line_is_lost_when_the_process_is_killed_while_it_records(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    _make_desk(tmp_path)

    confirmed: Counter[str] = Counter()
    for _ in range(KILLS):
        confirmed.update(_record_until_killed(tmp_path, after_s=chance.uniform(0.0, 0.25)))

    print(f"kill -9: {KILLS}, seed {SEED}, confirmed lines: {confirmed.total()}, of dossiers: {len(confirmed)}")
    assert len(confirmed) > KILLS
    assert max(confirmed.values()) > 1
    _assert_whole(tmp_path, confirmed)


@pytest.mark.slow
def test_an_action_of_several_entries_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    """Many certified copies at once, each received, resolved and handed over; then papers printed for all of them."""
    chance = random.Random(SEED)
    _make_desk(tmp_path)

    confirmed: list[str] = []
    for number in range(FORKED_KILLS):
        work = partial(_work, tmp_path, number)
        confirmed += confirmed_until_killed(work, after_s=chance.uniform(0.0, 0.12))

    print(f"kill -9 of a forked desk: {FORKED_KILLS}, seed {SEED}, confirmed actions: {len(confirmed)}")
    assert len(confirmed) > FORKED_KILLS
    assert set(confirmed) <= set(_actions(tmp_path))


def _make_desk(folder: Path) -> None:
    """An enrolled desk whose file has the key that the command line will find."""
    (folder / "desk.key").write_text(KEY)
    enrolled_desk(folder).database.close()


def _opened(folder: Path) -> Desk:
    return open_desk(Settings(data=folder, key_store="file"))


# The real command


def _record_until_killed(folder: Path, after_s: float) -> list[str]:
    """What the real command confirmed before it was killed, `after_s` after its first confirmation: codes by line."""
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
    """Gives dossiers of many days, so that no day's numbers run out, until there are enough or nobody reads."""
    assert process.stdin is not None
    lines = itertools.chain.from_iterable(map(_life, range(LINES_MAX)))
    with contextlib.suppress(OSError), process.stdin as sink:
        sink.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def _life(number: int) -> Iterator[dict[str, Any]]:
    """A dossier's lines: every one is received, and what follows differs."""
    named = {"dossier": str(number), "at": f"2021-10-{number % 28 + 1:02}T08:15:00+07:00"}
    yield {"event": "receive"} | named | reception()
    if number % 3 == 0:
        yield {"event": "resolve"} | named
        yield {"event": "deliver", "delivered_to": "Đặng Thị Ngoan"} | named
    if number % 4 == 1:
        yield {"event": "correct", "changes": {"owner_name": "Vàng A Páo"}, "reason": "Gõ nhầm"} | named
    if number % 5 == 2:
        yield {"event": "void", "reason": "Nhập trùng"} | named


def _assert_whole(folder: Path, confirmed: Counter[str]) -> None:
    """All that was confirmed is here, each dossier once; the chain holds, and the screens show what it says."""
    desk = _opened(folder)
    identity = desk.identity()
    with reading(desk.database):
        entries = journal.entries_after(identity.id.slot, 1, 0, 1_000_000)
        head = journal.head(identity.id.slot, identity.origin)
        codes = {row.id: row.dossier_code for row in DossierRow.select()}
    received = {
        event.header.subject: event.payload.dossier_code  # type: ignore[union-attr]
        for event in map(read_event, entries)
        if event.header.kind == "receive"
    }
    held = Counter(received[entry.header.subject] for entry in entries if entry.header.subject)
    assert chain(entries, identity.origin)[-1] == head.hash
    assert codes == received
    assert len(set(received.values())) == len(received)
    assert confirmed <= held
    assert verify(desk).faults == ()


# Several entries at once


def _work(folder: Path, kill: int, sending: int) -> None:
    """Bulk after bulk, for ever; each action is named in the dossiers' summaries and confirmed once it is durable."""
    desk = _opened(folder)
    with reading(desk.database):
        for number in itertools.count():
            # Each kill has days of its own, whose numbers suffice.
            received_at = FIRST_DAY + timedelta(days=kill * 30 + number % 30)
            many = [reception(summary=f"{kill}.{number}")] * BULK
            done = record_receptions(desk, many, received_at=received_at, clerk="an.nv", manner=Manner(at_once=True))
            os.write(sending, f"{kill}.{number}.received\n".encode())
            work = [(each.dossier.id, [PRINTED]) for each in done]
            record_steps(desk, work, happened_at=received_at, clerk="an.nv")
            os.write(sending, f"{kill}.{number}.printed\n".encode())


def _actions(folder: Path) -> list[str]:
    """The actions that are in a desk's file; each of them is whole."""
    desk = _opened(folder)
    with reading(desk.database):
        entries = journal.entries_after(1, 1, 2, 10_000_000)
    kinds: dict[str, list[str]] = {}
    for entry in entries:
        kinds.setdefault(entry.header.subject, []).append(entry.header.kind)
    received, printed = Counter[str](), Counter[str]()
    with reading(desk.database):
        for row in DossierRow.select():
            action = json.loads(row.content)["summary"]
            lived = kinds.pop(row.id)
            assert lived[:3] == ["receive", "resolve", "deliver"]
            received[action] += 1
            printed[action] += lived[3:] == ["print"]
    assert kinds == {}
    assert set(received.values()) == {BULK}
    assert set(printed.values()) <= {0, BULK}
    assert verify(desk).faults == ()
    return [f"{name}.received" for name in received] + [f"{name}.printed" for name, count in printed.items() if count]
