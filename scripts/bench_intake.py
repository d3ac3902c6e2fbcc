"""What the centre's intake costs over real HTTP, beside bare inserts and a plain service on the same engine."""

import hashlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from central_server.storage.database import open_database, reading, write_rows, write_transaction
from central_server.storage.models import DossierRow, Entry, Payload
from scripts.bench_plain import DossierSchema
from scripts.bench_row import Row
from scripts.demo_world import events_of, plan_world
from sync_protocol.certificates import certificate_hash, read_certificate
from sync_protocol.entries import Header, SealedEntry, chain, seal
from sync_protocol.packing import pack_contact, pack_entries
from sync_protocol.signing import Signed, SigningKey, content_of, encoded
from sync_protocol.statements import RECEIPT, Pulled, Statement
from tests.postgresql import BINARIES, running_server
from tests.processes import LOADS, REFERENCE, Server, command, free_port

DESK = "H62.01"
DOSSIERS = 4_000
BATCH = 500
BYTES = {"Content-Type": "application/octet-stream"}
JSON = {"Content-Type": "application/json"}
SINGLES = 300
"""How many dossiers are sent one a POST: enough for a rate, since each takes milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Dossiers a second, and microseconds of the server's processor for each; NaN where the system does not tell."""

    rate: float
    cpu_us: float


def measured_engines() -> Iterator[Row]:
    """The figures of SQLite, then of PostgreSQL where it is there."""
    yield from measured("SQLite", "")
    if any(root.glob("*/bin/initdb") for root in BINARIES):
        with running_server() as server:
            yield from measured("PostgreSQL", server.create("centre"), server.create("plain"))


def measured(engine: str, url: str = "", plain_url: str = "") -> Iterator[Row]:
    """The figures of one engine: the centre, the plain service one by one and in batches, and bare inserts."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        ours = _our_pace(folder / "centre", url, running)
        one, batch = _plain_pace(plain_url or str(folder / "plain.db"), running)
        bare = _bare_rate(folder / "centre", engine, url)
    yield Row(f"{engine}: the centre, everything on, batches of {BATCH}", ours.rate, "dossiers a second")
    yield Row(f"{engine}: the centre's processor time for a dossier", ours.cpu_us, "µs")
    yield Row(f"{engine}: plain service, one dossier a POST", one.rate, "dossiers a second")
    yield Row(f"{engine}: plain service, batches of {BATCH}, rows saved", batch.rate, "dossiers a second")
    yield Row(f"{engine}: its processor time for a dossier in batches", batch.cpu_us, "µs")
    yield Row(f"{engine}: the same rows of the centre, bare inserts", bare, "dossiers a second")
    yield Row(f"{engine}: the centre beside one a POST", ours.rate / one.rate, "×")
    yield Row(f"{engine}: the centre beside batches", ours.rate / batch.rate, "×")
    yield Row(f"{engine}: bare inserts beside the centre", bare / ours.rate, "×")


def _our_pace(data: Path, url: str, running: ExitStack) -> Pace:
    environment = {"CENTRAL_DATABASE": url, "CENTRAL_CONTACTS_PER_MINUTE": "100000"}
    for words in (["init"], *(["load", what, str(REFERENCE / file)] for what, file in LOADS)):
        done = command("central_server", data, *words, **environment)
        assert done.code == 0, done.err
    code = json.loads(command("central_server", data, "invite", DESK, "--json", **environment).out)["code"]
    server = Server("central_server", data, "/healthz", environment=environment).start()
    running.callback(server.kill)
    session = requests.Session()
    key = SigningKey.from_seed(b"b" * 32)
    wish = {"code": code, "signing_key": encoded(key.public), "agreement_key": encoded(b"a" * 32), "app": "0.1.0"}
    signed = Signed.from_json(session.post(f"{server.url}/v1/enrolments", json=wish).json()["certificate"])
    url_of_contacts = f"{server.url}/v1/contacts"
    told = session.post(url_of_contacts, data=_greeting(signed, key), headers=BYTES).json()
    incarnation = content_of(Signed.from_json(told["receipt"]), RECEIPT)["incarnation"]
    contacts = [(url_of_contacts, raw) for raw in _contacts(signed, key, incarnation)]
    assert server.process is not None
    return _paced(server.process.pid, session, contacts, DOSSIERS)


def _greeting(certificate: Signed, key: SigningKey) -> bytes:
    """The statement of a device that holds nothing yet: it warms the centre up and learns its name."""
    return pack_contact(_statement(certificate, head=0, hash_=certificate_hash(certificate)).signed_by(key))


def _contacts(certificate: Signed, key: SigningKey, incarnation: str) -> Iterator[bytes]:
    """Contacts of BATCH receptions each, sealed beforehand, as a device sends them that takes in what it is told."""
    entries = _sealed(read_certificate(certificate).device.slot)
    hashes = chain(entries, certificate_hash(certificate))
    for first in range(0, len(entries), BATCH):
        section = pack_entries(entries[first : first + BATCH])
        head = min(first + BATCH, len(entries))
        statement = replace(
            _statement(certificate, head=head, hash_=hashes[head - 1]),
            acknowledged=first,
            body_hash=hashlib.sha256(section).digest(),
            pulled=Pulled(incarnation, first),
        )
        yield pack_contact(statement.signed_by(key), section)


def _statement(certificate: Signed, *, head: int, hash_: bytes) -> Statement:
    return Statement(
        device=read_certificate(certificate).device,
        epoch=1,
        head=head,
        hash=hash_,
        acknowledged=0,
        body_hash=b"",
        at=datetime.now(UTC),
        ticket="",
        app_version="0.1.0",
        free_disk_mb=10_000,
        training=False,
        unsent={},
    )


def _sealed(slot: int) -> list[SealedEntry]:
    now = datetime.now(UTC).replace(microsecond=0)
    entries = []
    for number, payload in enumerate(itertools.islice(_payloads(), DOSSIERS), start=1):
        header = Header(
            slot=slot, epoch=1, sequence=number, kind="receive", version=1, subject=f"{slot}.1.{number}",
            happened_at=now, recorded_at=now, monotonic_ms=number, boot="5f3a9c01", offset_ms=0, clerk="truong",
            pack=0, base={},
        )  # fmt: skip
        entries.append(seal(header, payload, number.to_bytes(16)))
    return entries


def _payloads() -> Iterator[dict[str, Any]]:
    """Receptions of the demo's world, each with a code of its own."""
    lines = (line for plan in plan_world() for line in events_of(plan) if line["event"] == "receive")
    for number, line in enumerate(itertools.cycle(list(itertools.islice(lines, 1_000)))):
        typed = {name: value for name, value in line.items() if name not in ("event", "dossier", "at")}
        yield typed | {"dossier_code": f"{DESK}-211004-{100_000 + number}"}


def _plain_pace(where: str, running: ExitStack) -> tuple[Pace, Pace]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "scripts.bench_plain", where, str(port)])
    running.callback(process.wait)
    running.callback(process.kill)
    session, root = requests.Session(), f"http://127.0.0.1:{port}"
    _await(session, root)
    rows = [_plain_row(payload) for payload in itertools.islice(_payloads(), DOSSIERS + SINGLES)]
    singles = [(f"{root}/dossiers", json.dumps(row).encode()) for row in rows[:SINGLES]]
    rest = rows[SINGLES:]
    batches = [(f"{root}/batches", json.dumps(rest[at : at + BATCH]).encode()) for at in range(0, DOSSIERS, BATCH)]
    return _paced(process.pid, session, singles, SINGLES), _paced(process.pid, session, batches, DOSSIERS)


def _plain_row(payload: dict[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in payload.items() if name in DossierSchema().fields}
    return known | {"desk": DESK, "received_at": "2021-10-04T08:15:00"}


def _bare_rate(folder: Path, engine: str, url: str) -> float:
    """The rows that the centre has just written for these dossiers, inserted once more by many-row statements."""
    source = folder / "central.db"
    database = open_database(source, url)
    with reading(database):
        rows = {model: list(model.select().dicts()) for model in (Entry, Payload, DossierRow)}
    began_s = time.perf_counter()
    for at in range(0, DOSSIERS, BATCH):
        with write_transaction(database):
            for model, found in rows.items():
                write_rows(database, model, [row | {"desk": engine} for row in found[at : at + BATCH]])
    rate = DOSSIERS / (time.perf_counter() - began_s)
    database.close()
    return rate


def _paced(pid: int, session: requests.Session, requests_: list[tuple[str, bytes]], count: int) -> Pace:
    cpu_before, began_s = _cpu_s(pid), time.perf_counter()
    for url, body in requests_:
        answer = session.post(url, data=body, headers=BYTES if url.endswith("contacts") else JSON, timeout=60)
        assert answer.status_code == 200, answer.text[:300]
    took_s = time.perf_counter() - began_s
    return Pace(rate=count / took_s, cpu_us=(_cpu_s(pid) - cpu_before) / count * 1e6)


def _cpu_s(pid: int) -> float:
    """Processor seconds that a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _await(session: requests.Session, root: str) -> None:
    for _ in range(200):
        try:
            session.get(root, timeout=1)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("the plain service does not answer")
