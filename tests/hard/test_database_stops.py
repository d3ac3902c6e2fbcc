"""PostgreSQL stops, cuts connections, locks and runs out of them: what the centre has confirmed is never lost.

Real devices' contacts over real sockets to a serving centre. Meanwhile the centre answers 503 with Retry-After and a
name; it goes on by itself.
"""

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
import requests

from central_server.central import Central
from central_server.services import founding
from central_server.settings import Settings
from central_server.storage import database as storage
from central_server.storage import ledger, models
from central_server.storage.database import open_database, reading
from desk_client.agent.transport import HttpRoad, road_to
from desk_client.services.road import CentreRefused
from desk_client.services.syncing import CONTACT_PATH, CONTENT_TYPE
from sync_protocol.signing import Signed
from sync_protocol.statements import read_receipt
from tests.central.writing import Writer, enrolled_writer, ledger_of
from tests.conftest import DESK, KEYS, OTHER_DESK, REGISTER
from tests.factories import NOW, StandingClock
from tests.hard.serving import serving
from tests.hard.test_wire_cuts import Sender
from tests.postgresql import Stopping, stopping_server

SEED = 20211020
RESTARTS = 5
TERMINATIONS = 200
NAME = "centre"

pytestmark = pytest.mark.slow
Note = Callable[..., None]


@pytest.fixture(scope="module")
def stopping() -> Iterator[Stopping]:
    """A PostgreSQL server of this file's own."""
    with stopping_server() as server:
        server.server.create("prepared")
        central = opened(server, "prepared", Path("/nonexistent"))
        founding.found(central, training=False)
        for what, text in REGISTER.items():
            founding.load(central, what, text)
        central.database.close_all()
        yield server


@pytest.fixture
def central(stopping: Stopping, tmp_path: Path) -> Iterator[Central]:
    """A founded centre on that server."""
    stopping.server.create(NAME, "prepared")
    made = opened(stopping, NAME, tmp_path)
    yield made
    made.database.close_all()
    stopping.server.drop(NAME)


def opened(stopping: Stopping, name: str, folder: Path) -> Central:
    """A centre on a database of the server."""
    url = stopping.server.url(name)
    return Central(
        settings=Settings(data=folder, database=url),
        database=open_database(folder, url),
        wall=StandingClock(),
        randomness=random.Random(SEED).randbytes,
        keys=KEYS,
    )


@dataclass
class Load:
    """A device that sends one dossier after another, tries again what failed, and remembers what was confirmed."""

    sender: Writer
    road: HttpRoad
    confirmed: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    waits_s: list[int] = field(default_factory=list)

    def run(self, is_over: threading.Event) -> None:
        """Until told otherwise, and then until the last one is confirmed."""
        while not is_over.is_set():
            self.sender.receive()
            while not self._is_confirmed():
                time.sleep(0.01)

    def _is_confirmed(self) -> bool:
        raw = self.sender.contact(first=self.confirmed + 1)
        try:
            answer = self.road.post(CONTACT_PATH, raw, CONTENT_TYPE)
        except CentreRefused as refusal:
            self.refusals[refusal.refusal_code] += 1
            self.waits_s.append(refusal.retry_after_s)
            return False
        receipt = read_receipt(Signed.from_json(answer["receipt"]), KEYS.signing.public)
        assert receipt.hash == self.sender.hashes[receipt.up_to - 1]
        self.confirmed = receipt.up_to
        return self.confirmed == self.sender.head


@contextmanager
def under_load(central: Central) -> Iterator[list[Load]]:
    """Four devices of two desks that send all the time; afterwards each has sent all."""
    still = SimpleNamespace(now=lambda: NOW)
    is_over = threading.Event()
    loads: list[Load] = []
    errors: list[BaseException] = []
    with serving(central) as port:
        for number, code in enumerate((DESK, DESK, OTHER_DESK, OTHER_DESK), start=1):
            writer = enrolled_writer(central, code, bytes([number]) * 32)
            sender = Sender(cast(Any, still), writer.key, writer.device, writer.origin, writer.entries, writer.changes)
            loads.append(Load(sender, road_to(f"http://127.0.0.1:{port}")))

        def run(load: Load) -> None:
            try:
                load.run(is_over)
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=run, args=(load,)) for load in loads]
        for thread in threads:
            thread.start()
        try:
            yield loads
        finally:
            is_over.set()
            for thread in threads:
                thread.join(timeout=60)
    assert errors == []


def assert_nothing_lost(central: Central, loads: list[Load]) -> int:
    """All that each device has recorded is at the centre, in its order, once; gives how many entries that is."""
    assert all(load.confirmed == load.sender.head for load in loads)
    for code in (DESK, OTHER_DESK):
        rows = ledger_of(central, code)
        assert [number for number, _, _ in rows] == list(range(1, len(rows) + 1))
        for load in loads:
            if load.sender.device.desk == code:
                own = [sequence for _, slot, sequence in rows if slot == load.sender.device.slot]
                assert own == list(range(1, load.sender.head + 1))
    return sum(load.confirmed for load in loads)


def refusals_of(loads: list[Load]) -> Counter[str]:
    """What the centre has said while it could not."""
    assert all(15 <= wait_s < 30 for load in loads for wait_s in load.waits_s)
    return sum((load.refusals for load in loads), Counter())


def test_nothing_confirmed_is_lost_when_the_database_server_stops_at_once(
    central: Central, stopping: Stopping, figure: Note
) -> None:
    with under_load(central) as loads:
        for _ in range(RESTARTS):
            time.sleep(0.4)
            stopping.stop_at_once()
            time.sleep(0.2)
            stopping.start_again()
        time.sleep(0.3)

    confirmed = assert_nothing_lost(central, loads)
    refusals = refusals_of(loads)
    figure("T7", "immediate stops of PostgreSQL under load", RESTARTS, lost=0, confirmed=confirmed, **refusals)
    assert set(refusals) == {"database_busy"}


def test_nothing_confirmed_is_lost_when_connections_are_cut_at_random(
    central: Central, stopping: Stopping, figure: Note
) -> None:
    chance = random.Random(SEED)
    cut = 0
    with under_load(central) as loads, psycopg.connect(stopping.server.url("postgres"), autocommit=True) as admin:
        give_up_at = time.monotonic() + 60
        while cut < TERMINATIONS and time.monotonic() < give_up_at:
            rows = admin.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [NAME]).fetchall()
            if rows:
                admin.execute("SELECT pg_terminate_backend(%s)", chance.choice(rows))
                cut += 1
            time.sleep(0.02)

    confirmed = assert_nothing_lost(central, loads)
    figure("T7", "terminated PostgreSQL connections", cut, lost=0, confirmed=confirmed, **refusals_of(loads))
    assert cut == TERMINATIONS
    assert set(refusals_of(loads)) <= {"database_busy"}


@contextmanager
def locked(stopping: Stopping, desk: str) -> Iterator[None]:
    """Somebody else holds the row of a desk."""
    with psycopg.connect(stopping.server.url(NAME)) as other:
        other.execute("SELECT * FROM desk WHERE code = %s FOR UPDATE", [desk])
        yield


BUSY_FOR = {
    "a lock that is held": "lock_timeout",
    "a statement that takes too long": "statement_timeout",
}


@pytest.mark.parametrize("name", BUSY_FOR)
def test_a_centre_that_waits_in_vain_says_so_and_goes_on(
    central: Central, stopping: Stopping, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if BUSY_FOR[name] == "lock_timeout":
        monkeypatch.setattr(storage, "BUSY_TIMEOUT_MS", 200)
    else:
        with psycopg.connect(stopping.server.url("postgres"), autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {NAME} SET statement_timeout = 200")
        central.database.close_all()
    sender = enrolled_writer(central)
    sender.receive()
    with serving(central) as port:
        road = road_to(f"http://127.0.0.1:{port}")
        with locked(stopping, DESK), pytest.raises(CentreRefused) as refused:
            road.post(CONTACT_PATH, sender.contact(), CONTENT_TYPE)
        answer = road.post(CONTACT_PATH, sender.contact(), CONTENT_TYPE)
        road.close()

    assert (refused.value.refusal_code, refused.value.retry_after_s > 0) == ("database_busy", True)
    assert read_receipt(Signed.from_json(answer["receipt"]), KEYS.signing.public).up_to == sender.head


def test_a_centre_without_a_free_connection_says_so_and_goes_on(
    central: Central, stopping: Stopping, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = enrolled_writer(central)
    sender.receive()
    central.database.close_all()
    monkeypatch.setattr(central.database, "_max_connections", 1)
    monkeypatch.setattr(central.database, "_wait_timeout", 0.2)
    with serving(central) as port:
        road = road_to(f"http://127.0.0.1:{port}")
        with reading(central.database), pytest.raises(CentreRefused) as refused:
            road.post(CONTACT_PATH, sender.contact(), CONTENT_TYPE)
        central.database.close_all()
        answer = road.post(CONTACT_PATH, sender.contact(), CONTENT_TYPE)
        road.close()

    assert refused.value.refusal_code == "database_busy"
    assert read_receipt(Signed.from_json(answer["receipt"]), KEYS.signing.public).up_to == sender.head


def test_pages_say_that_the_database_is_away(central: Central, stopping: Stopping) -> None:
    with serving(central) as port:
        stopping.stop_at_once()
        try:
            page = requests.get(f"http://127.0.0.1:{port}/standings", timeout=20)
            health = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=20)
        finally:
            stopping.start_again()
        again = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=20)

    assert (page.status_code, health.status_code, again.status_code) == (503, 503, 200)
    assert "peewee" not in page.text


def test_a_reader_of_the_ledger_skips_no_entry_whose_transaction_took_its_number_first_and_ends_last(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_while_one_is_late(central, monkeypatch) == [1, 2, 3, 4]


def test_without_the_lock_of_the_desk_the_reader_would_skip_some(
    central: Central, stopping: Stopping, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counter-check of the test above: numbers that are given out and not held until the commit."""
    numbers = itertools.count(0, 2)
    monkeypatch.setattr(ledger, "locked_sequence", lambda _: next(numbers))
    monkeypatch.setattr(ledger, "_move_on", lambda *_: None)

    assert len(read_while_one_is_late(central, monkeypatch)) == 2


def read_while_one_is_late(central: Central, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ledger numbers that a reader with a cursor sees while the first of two devices is held before its commit."""
    writers = [enrolled_writer(central, seed=bytes([number]) * 32) for number in (1, 2)]
    for writer in writers:
        writer.receive()
    has_written, is_overtaken = threading.Event(), threading.Event()
    append = ledger.append

    def hold_the_first(database: Any, desk: Any, entries: Any, *rest: Any) -> None:
        append(database, desk, entries, *rest)
        if entries[0].header.slot == 1:
            has_written.set()
            is_overtaken.wait(1.0)

    def overtake() -> None:
        has_written.wait(10)
        writers[1].send()
        time.sleep(0.2)
        is_overtaken.set()

    monkeypatch.setattr(ledger, "append", hold_the_first)
    threads = [threading.Thread(target=writers[0].send), threading.Thread(target=overtake)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    is_last = False
    while not is_last:
        is_last = not any(thread.is_alive() for thread in threads)
        seen += numbers_after(central, seen[-1] if seen else 0)
    return seen


def numbers_after(central: Central, cursor: int) -> list[int]:
    """The numbers of the ledger of H62.11.01 behind a cursor."""
    row = models.Entry
    with reading(central.database):
        query = row.select(row.ledger).where(row.desk == DESK, row.ledger > cursor).order_by(row.ledger)
        return [number for (number,) in query.tuples()]
