"""What the centre's intake costs over real HTTP, beside bare inserts and a plain service on the same engine.

Method: the centre and the plain service (`bench_plain`) serve at the same time, each by waitress in a process of its
own on one core, each on a database of its own of the same engine, both durable: SQLite in WAL with synchronous=FULL,
PostgreSQL with fsync. The centre knows the procedures of the receptions and counts their appointments; the plain
service is told them. One client posts to them in turn over connections that stay open, the bodies made beforehand: a
contact of 500 new dossiers, a plain batch of the same 500, then some single dossiers. The figures are medians over
these rounds, so a ratio compares what stood beside each other. Processor time is that of the serving process, all its
threads, as the system counts it; what a PostgreSQL server uses beside it is in the rates alone. The bare inserts are
those of the centre's own rows of its three tables, many rows a statement, durable by the batch.
"""

import http.client
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peewee import Database, Model

from central_server.storage.database import columns_of, open_database, reading, write_rows, write_transaction
from central_server.storage.models import DossierRow, Entry, Payload
from scripts.bench_contacts import BATCH, DESK, contacts, greeting, plain_batches, plain_singles
from scripts.bench_plain import TOKEN
from scripts.bench_row import Row
from scripts.demo_show import LOADS
from sync_protocol.enrolments import enrolment_request
from sync_protocol.signing import Signed, SigningKey
from tests.postgresql import BINARIES, durable_server
from tests.processes import REFERENCE, Server, command, free_port

ROUNDS = 12
SINGLES = 40
"""How many dossiers a round sends one a POST."""

WARM_UP = 1
"""Rounds that are not counted."""

START_TRIES_MAX = 400


@dataclass(slots=True)
class Target:
    """A serving process with an open connection to it, and what it took for each dossier of each POST."""

    pid: int
    connection: http.client.HTTPConnection
    content_type: str
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)

    def post(self, path: str, body: bytes, count: int) -> bytes:
        """The answer to a body of `count` dossiers, which has to be 200."""
        before_s, began_s = cpu_s(self.pid), time.perf_counter()
        headers = {"Content-Type": self.content_type, "Authorization": f"Bearer {TOKEN}"}
        self.connection.request("POST", path, body, headers)
        response = self.connection.getresponse()
        answer = response.read()
        self.wall_s.append((time.perf_counter() - began_s) / count)
        self.cpu_s.append((cpu_s(self.pid) - before_s) / count)
        assert response.status == 200, answer[:300]
        return answer

    def forget(self) -> None:
        """Lets what was measured so far not count: it warmed the process up."""
        self.wall_s.clear()
        self.cpu_s.clear()

    @property
    def rate(self) -> float:
        """Dossiers a second."""
        return 1 / statistics.median(self.wall_s)

    @property
    def cpu_us(self) -> float:
        """Microseconds of processor time a dossier; NaN where the system does not tell."""
        return statistics.median(self.cpu_s) * 1e6


def measured_engines() -> Iterator[Row]:
    """The figures of SQLite, then of PostgreSQL where it is there."""
    yield from measured("SQLite")
    if any(root.glob("*/bin/initdb") for root in BINARIES):
        with durable_server() as server:
            yield from measured("PostgreSQL", server.create("centre"), server.create("plain"))


def measured(engine: str, url: str = "", plain_url: str = "") -> Iterator[Row]:
    """The figures of one engine: the centre, the plain service one by one and in batches, and bare inserts."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        rounds = ROUNDS + WARM_UP
        ours, bodies = _centre(folder / "centre", url, rounds, running)
        one, batch = _plain(plain_url or str(folder / "plain.db"), running)
        singles = plain_singles(rounds * SINGLES, behind=rounds)
        for number, (body, plain_body) in enumerate(zip(bodies, plain_batches(rounds), strict=True)):
            if number == WARM_UP:
                for target in (ours, one, batch):
                    target.forget()
            ours.post("/v1/contacts", body, BATCH)
            batch.post("/batches", plain_body, BATCH)
            for single in itertools.islice(singles, SINGLES):
                one.post("/dossiers", single, 1)
        bare = _bare_rate(folder / "centre", engine, url)
    yield Row(f"{engine}: the centre, everything on, batches of {BATCH}", ours.rate, "dossiers a second")
    yield Row(f"{engine}: the centre's processor time for a dossier", ours.cpu_us, "µs")
    yield Row(f"{engine}: plain service, one dossier a POST", one.rate, "dossiers a second")
    yield Row(f"{engine}: its processor time for a dossier by itself", one.cpu_us, "µs")
    yield Row(f"{engine}: plain service, batches of {BATCH}, rows saved", batch.rate, "dossiers a second")
    yield Row(f"{engine}: its processor time for a dossier in batches", batch.cpu_us, "µs")
    yield Row(f"{engine}: the same rows of the centre, bare inserts", bare, "dossiers a second")
    yield Row(f"{engine}: the centre beside one a POST", ours.rate / one.rate, "×")
    yield Row(f"{engine}: the centre beside batches", ours.rate / batch.rate, "×")
    yield Row(f"{engine}: bare inserts beside the centre", bare / ours.rate, "×")


def cpu_s(pid: int) -> float:
    """Processor seconds that the threads of a process have used; NaN where the system does not tell."""
    try:
        told = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    except OSError:
        return float("nan")
    return sum(int(each.split()[0]) for each in told) / 1e9 if told else float("nan")


def _centre(data: Path, url: str, rounds: int, running: ExitStack) -> tuple[Target, list[bytes]]:
    """The centre, serving, with a device that it knows, and that device's contacts."""
    environment = {"CENTRAL_DATABASE": url, "CENTRAL_CONTACTS_PER_MINUTE": "100000"}
    for words in (["init"], *(["load", what, str(REFERENCE / file)] for what, file in LOADS)):
        done = command("central_server", data, *words, **environment)
        assert done.code == 0, done.err
    code = json.loads(command("central_server", data, "invite", DESK, "--json", **environment).out)["code"]
    server = Server("central_server", data, "/healthz", environment=environment).start()
    running.callback(server.kill)
    assert server.process is not None
    target = _target(server.process.pid, server.port, "application/octet-stream", running)
    key = SigningKey.from_seed(b"b" * 32)
    wish = enrolment_request(code, key, b"a" * 32, "0.1.0")
    enrolled = json.loads(target.post("/v1/enrolments", json.dumps(wish).encode(), 1))
    certificate = Signed.from_json(enrolled["certificate"])
    told = json.loads(target.post("/v1/contacts", greeting(certificate, key), 1))
    adoption, *bodies = contacts(certificate, key, told, rounds)
    target.post("/v1/contacts", adoption, 1)
    return target, bodies


def _plain(where: str, running: ExitStack) -> tuple[Target, Target]:
    """The plain service, serving, as it is asked one by one and in batches."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "scripts.bench_plain", where, str(port)])
    running.callback(process.wait)
    running.callback(process.kill)
    one, batch = (_target(process.pid, port, "application/json", running) for _ in range(2))
    return one, batch


def _target(pid: int, port: int, content_type: str, running: ExitStack) -> Target:
    """A connection to a process that serves, or begins to."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    running.callback(connection.close)
    for _ in range(START_TRIES_MAX):
        try:
            connection.connect()
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    return Target(pid, connection, content_type)


def _bare_rate(folder: Path, engine: str, url: str) -> float:
    """The rows that the centre has just written for these dossiers, inserted once more by many-row statements."""
    database = open_database(folder / "central.db", url)
    with reading(database):
        rows = {
            model: [row | {"desk": engine} for row in model.select().dicts()] for model in (Entry, Payload, DossierRow)
        }
        taken_s = [_inserted_s(database, rows, at) for at in range(0, len(rows[Entry]), BATCH)]
    database.close()
    return BATCH / statistics.median(taken_s)


def _inserted_s(database: Database, rows: dict[type[Model], list[dict[str, Any]]], at: int) -> float:
    began_s = time.perf_counter()
    with write_transaction(database):
        for model, found in rows.items():
            write_rows(database, model, columns_of(found[at : at + BATCH]))
    return time.perf_counter() - began_s
