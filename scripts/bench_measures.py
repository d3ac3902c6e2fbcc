"""What is measured: one desk with a thousand dossiers and one centre, in one process, each use case whole."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from central_server.central import Central
from central_server.opening import open_central, prepare_folder
from central_server.services import enrolment, founding, receiving, standing
from central_server.settings import Settings as CentralSettings
from central_server.storage.database import reading as reading_central
from central_server.storage.units import EVERYTHING
from desk_client.desk import Desk
from desk_client.opening import open_desk
from desk_client.services.enrolment import enrol
from desk_client.services.syncing import contact
from desk_client.settings import Settings as DeskSettings
from desk_client.storage import journal
from desk_client.storage.database import reading
from scripts.bench_import import measured_import
from scripts.bench_many import measured_on_many
from scripts.bench_row import Row
from scripts.bench_saving import measured_saves, measured_syncs, receptions
from scripts.bench_wire import measured_on_the_wire
from scripts.demo_show import LOADS, PERIOD
from scripts.demo_world import REFERENCE
from sync_protocol.instants import parse_instant
from sync_protocol.periods import parse_period

DESK_CODE = "H62.01"
PASSWORD = "mot-cua-2021"  # noqa: S105
ROUNDS = 9


@dataclass(slots=True)
class ShortRoad:
    """Straight into the centre's services: the whole of both ends but the socket."""

    central: Central
    sizes: list[int] = field(default_factory=list)

    def post(self, path: str, body: bytes, content_type: str) -> dict[str, Any]:
        """The answer to an enrolment or a contact; the size of the request is kept."""
        self.sizes.append(len(body))
        if path.endswith("enrolments"):
            return enrolment.enrol(self.central, json.loads(body))
        return receiving.accept_contact(self.central, body)

    def get(self, path: str) -> dict[str, Any]:
        """A reference pack."""
        return dict(enrolment.pack_named(self.central, path.rpartition("/")[2]).as_json())


def measured(folder: Path) -> Iterator[Row]:
    """All figures, in an order in which each finds what it needs."""
    central = _centre(folder / "centre")
    road = ShortRoad(central)
    desk = _enrolled(folder / "desk", road)
    with reading(desk.database), reading_central(central.database):
        yield from _statement(desk, road)
        yield from measured_saves(desk, receptions(DESK_CODE))
        yield from _wire(desk)
        yield from _exchange(desk, road)
        yield from _standings(central)
        yield from measured_on_many(desk)
    _enrolled(folder / "traced", road).database.close()
    yield from measured_syncs(folder / "traced")
    beside = _enrolled(folder / "beside", road)
    with reading(beside.database):
        yield from measured_import(beside)


def _enrolled(folder: Path, road: ShortRoad) -> Desk:
    desk = open_desk(DeskSettings(data=folder, key_store="file"))
    with reading(desk.database), reading_central(road.central.database):
        code = enrolment.invite(road.central, DESK_CODE)[0].code
        enrol(desk, road, "http://127.0.0.1", str(code), PASSWORD)
    return desk


def _centre(folder: Path) -> Central:
    prepare_folder(folder)
    central = open_central(CentralSettings(data=folder))
    founding.found(central, training=True)
    founding.set_clock(central, parse_instant("2021-10-21T08:00:00+07:00"))
    for what, name in LOADS:
        founding.load(central, what, (REFERENCE / name).read_text("utf-8"))
    return central


def _statement(desk: Desk, road: ShortRoad) -> Iterator[Row]:
    contact(desk, road, jitter=0.5, interval_s=300)
    contact(desk, road, jitter=0.5, interval_s=300)
    yield Row("wire: a contact that has nothing new", road.sizes[-1], "bytes")


def _wire(desk: Desk) -> Iterator[Row]:
    entries = [each for each in journal.entries_after(1, 1, 0, 10_000) if each.header.kind == "receive"]
    yield from measured_on_the_wire(entries)


def _exchange(desk: Desk, road: ShortRoad) -> Iterator[Row]:
    began_s = time.perf_counter()
    outcome = contact(desk, road, jitter=0.5, interval_s=300)
    assert outcome.unsent == 0, outcome
    rate = outcome.sent / (time.perf_counter() - began_s)
    yield Row("both ends: dossiers sent, checked, counted, receipted", rate, "a second")


def _standings(central: Central) -> Iterator[Row]:
    period = parse_period(PERIOD, central.about().series)
    judge_s = [_seconds(lambda: standing.standings(central, EVERYTHING, period)) for _ in range(ROUNDS)]
    yield Row("centre: standings of 146 desks", statistics.median(judge_s) * 1e3, "ms")


def _seconds(do: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    do()
    return time.perf_counter() - began_s
