"""What a save costs at a desk: its time beside a bare insert of the same row, and how often it waits for the disk.

A machine's disk may say that it has written what it has not, so the waits are counted as the system is asked for them
(strace), in a process that saves and does nothing else.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from shutil import which
from typing import Any

from desk_client.desk import Desk
from desk_client.opening import open_desk
from desk_client.services.recording import record_reception
from desk_client.settings import Settings
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.models import DossierRow
from desk_client.storage.rows import insert_row
from scripts.bench_row import Row
from scripts.demo_world import events_of, plan_world
from sync_protocol.instants import parse_instant

SAVES_MEASURED = 300
SAVES_TRACED = 100
BARE = "bare"
"""Id of the row that is inserted without a use case, and taken out again."""


def measured_saves(desk: Desk, lines: Sequence[dict[str, Any]]) -> Iterator[Row]:
    """Every dossier of a plan is saved; the first ones beside bare inserts of the same rows, in turn."""
    save_s, bare_s = [], []
    for number, line in enumerate(lines):
        save_s.append(_seconds(lambda line=line: _save(desk, line)))  # type: ignore[misc]
        if number < SAVES_MEASURED:
            row = DossierRow.select().order_by(DossierRow.number.desc()).dicts().get()
            bare_s.append(_seconds(lambda row=row: _bare_insert(desk, row)))  # type: ignore[misc]
            DossierRow.delete().where(DossierRow.id == BARE).execute()
    save, bare = statistics.median(save_s[:SAVES_MEASURED]), statistics.median(bare_s)
    yield Row("desk: durable saves through the whole use case", 1 / save, "a second")
    yield Row("desk: a durable save through the whole use case", save * 1e3, "ms")
    yield Row("desk: a bare durable insert of the dossier's row", bare * 1e3, "ms")
    yield Row("desk: ratio of the two", save / bare, "×")


def measured_syncs(folder: Path) -> Iterator[Row]:
    """How often a save of the desk in a folder, which nobody else has open, waits for the disk."""
    tracer = which("strace")
    if tracer is None:
        return
    few, many = (_syncs(tracer, folder, count) for count in (0, SAVES_TRACED))
    yield Row("desk: waits for the disk in a save (fsync)", (many - few) / SAVES_TRACED, "a save")


def receptions(desk_code: str) -> list[dict[str, Any]]:
    """The receptions of a desk in the demo's world."""
    plan = next(plan for plan in plan_world() if plan.desk_code == desk_code)
    return [line for line in events_of(plan) if line["event"] == "receive"]


def _syncs(tracer: str, folder: Path, count: int) -> int:
    told = folder / "syncs"
    words = [sys.executable, "-m", "scripts.bench_saving", str(folder), str(count)]
    subprocess.run([tracer, "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", str(told), *words], check=True)
    return sum("sync(" in line for line in told.read_text().splitlines())


def _save(desk: Desk, line: dict[str, Any]) -> None:
    typed = {name: value for name, value in line.items() if name not in ("event", "dossier", "at")}
    record_reception(desk, typed, received_at=parse_instant(line["at"]), clerk="truong")


def _bare_insert(desk: Desk, row: dict[str, Any]) -> None:
    """The row that the screens read, with its indexes, and nothing else: no journal, no check, no words."""
    with write_transaction(desk.database):
        insert_row(DossierRow, {**row, "number": None, "id": BARE, "dossier_code": BARE})


def _seconds(do: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    do()
    return time.perf_counter() - began_s


def _save_some(folder: Path, count: int) -> None:
    desk = open_desk(Settings(data=folder, key_store="file"))
    with reading(desk.database):
        for line in receptions("H62.01")[:count]:
            _save(desk, line)


if __name__ == "__main__":
    _save_some(Path(sys.argv[1]), int(sys.argv[2]))
