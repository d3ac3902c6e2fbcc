"""A device without a program: seals and signs whatever a test asks for, the impossible too."""

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import orjson

from central_server.central import Central
from central_server.services import enrolment, receiving
from central_server.storage import models
from central_server.storage.database import reading
from sync_protocol.certificates import certificate_hash, read_certificate
from sync_protocol.enrolments import enrolment_request
from sync_protocol.entries import EntryId, Header, SealedEntry, chain, payload_hash, seal
from sync_protocol.packing import pack_contact, pack_entries
from sync_protocol.signing import Signed, SigningKey
from sync_protocol.statements import Receipt, Statement, read_receipt
from sync_protocol.vocabulary import DeviceId
from tests.factories import NOW, reception

DAY = date(2021, 10, 4)
SALT = b"s" * 16
OPENINGS = ("register", "receive", "refuse_at_desk")


@dataclass(frozen=True)
class Answer:
    """What the centre answered to a contact."""

    receipt: Receipt
    verdicts: Sequence[tuple[int, str, str]]
    packs: Mapping[str, str]
    standings: Sequence[Mapping[str, Any]]


@dataclass
class Writer:
    """An enrolled device: its key, its journal, and the days that each entry changes in the counts."""

    central: Central
    key: SigningKey
    device: DeviceId
    origin: bytes
    entries: list[SealedEntry] = field(default_factory=list)
    changes: list[dict[date, int]] = field(default_factory=list)
    serials: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def head(self) -> int:
        """The highest sequence of the journal."""
        return len(self.entries)

    @property
    def hashes(self) -> list[bytes]:
        """The entry hashes, that of sequence 1 first."""
        return chain(self.entries, self.origin)

    def write(
        self, kind: str, payload: Mapping[str, Any] | bytes, change: Mapping[date, int] | None = None, **header: Any
    ) -> str:
        """Seals an entry and gives its id; bytes as payload are taken as they are."""
        id_ = EntryId(self.device.slot, 1, self.head + 1)
        values: dict[str, Any] = {
            "slot": id_.slot,
            "epoch": id_.epoch,
            "sequence": id_.sequence,
            "kind": kind,
            "version": 1,
            "subject": str(id_) if kind in OPENINGS else "",
            "happened_at": NOW,
            "recorded_at": NOW,
            "monotonic_ms": 1,
            "boot": "boot0001",
            "offset_ms": None,
            "clerk": "truong",
            "pack": 0,
        }
        sealed_header = Header(**values | header)
        if isinstance(payload, bytes):
            entry = SealedEntry(sealed_header.as_bytes(), payload_hash(SALT, payload), payload, SALT)
        else:
            entry = seal(sealed_header, payload, SALT)
        self.entries.append(entry)
        self.changes.append(dict(change or {}))
        return str(id_)

    def receive(self, on: date = DAY, **overrides: Any) -> str:
        """Seals the reception of a dossier on a local day at 10:00."""
        at = datetime(on.year, on.month, on.day, 3, tzinfo=UTC)
        code = f"{self.device.desk}-{on:%y%m%d}-{1000 * self.device.slot + next(self.serials)}"
        return self.write("receive", reception(dossier_code=code) | overrides, {on: 1}, happened_at=at)

    def resolve(self, subject: str) -> str:
        """Seals that a result is ready."""
        return self.write("resolve", {"result_kind": "granted"}, subject=subject)

    def deliver(self, subject: str, **header: Any) -> str:
        """Seals that the result of a dossier, named by its id or by the code on its slip, was handed over."""
        return self.write("deliver", {"delivered_to": "Nguyễn Thị Hường"}, subject=subject, **header)

    def void(self, subject: str, on: date = DAY) -> str:
        """Seals that a dossier, received on a day, counts nowhere."""
        return self.write("void", {"reason": "Nhập trùng"}, {on: -1}, subject=subject)

    def unsent(self, acknowledged: int, head: int | None = None) -> dict[date, int]:
        """What the entries after `acknowledged` change in the counts, up to a head."""
        total: dict[date, int] = {}
        for change in self.changes[acknowledged:head]:
            for day, count in change.items():
                total[day] = total.get(day, 0) + count
        return {day: count for day, count in total.items() if count}

    def statement(self, body: bytes = b"", **overrides: Any) -> Statement:
        """A true statement, but for what is overridden."""
        head = overrides.get("head", self.head)
        acknowledged = overrides.get("acknowledged", 0)
        values: dict[str, Any] = {
            "device": self.device,
            "epoch": 1,
            "head": head,
            "hash": ([self.origin, *self.hashes])[min(head, self.head)],
            "acknowledged": acknowledged,
            "body_hash": hashlib.sha256(body).digest() if body else b"",
            "at": self.central.now(),
            "ticket": "",
            "app_version": "0.1.0",
            "free_disk_mb": 1000,
            "training": False,
            "unsent": self.unsent(acknowledged, head),
        }
        return Statement(**values | overrides)

    def contact(self, first: int = 1, last: int | None = None, **overrides: Any) -> bytes:
        """The bytes of a contact with the entries from `first` to `last`, acknowledged up to the one before."""
        chosen = self.entries[first - 1 : last]
        body = pack_entries(chosen) if chosen else b""
        statement = self.statement(body, **{"acknowledged": first - 1} | overrides)
        return pack_contact(statement.signed_by(self.key), body)

    def alone(self, **overrides: Any) -> bytes:
        """The bytes of a contact that only states."""
        return pack_contact(self.statement(**overrides).signed_by(self.key))

    def send(self, raw: bytes | None = None) -> Answer:
        """Lets the centre accept a contact, by default one with the whole journal."""
        return accept(self.central, self.contact() if raw is None else raw)


def enrolled_writer(central: Central, code: str = "H62.11.01", seed: bytes = b"\x01" * 32) -> Writer:
    """A device of a desk whose journal holds its first entry, `open_epoch`."""
    key = SigningKey.from_seed(seed)
    [invitation] = enrolment.invite(central, code)
    answer = enrolment.enrol(central, request(str(invitation.code), key))
    certificate = Signed.from_json(answer["certificate"])
    writer = Writer(central, key, read_certificate(certificate).device, certificate_hash(certificate))
    writer.write("open_epoch", {"app_version": "0.1.0", "machine": "test"})
    return writer


def request(code: str, key: SigningKey) -> dict[str, str]:
    """What a new device asks with."""
    return enrolment_request(code, key, b"a" * 32, "0.1.0")


def accept(central: Central, raw: bytes) -> Answer:
    """The centre's answer to a contact, its receipt verified."""
    answer = receiving.accept_contact(central, raw)
    # What the answer says has to survive the wire.
    assert orjson.loads(orjson.dumps(answer)) == answer
    return Answer(
        receipt=read_receipt(Signed.from_json(answer["receipt"]), central.keys.signing.public),
        verdicts=[(sequence, verdict, reason) for sequence, verdict, reason in answer["verdicts"]],
        packs=answer["packs"],
        standings=answer["standings"],
    )


def ledger_of(central: Central, code: str = "H62.11.01") -> list[tuple[int, int, int]]:
    """Ledger number, slot and sequence of a desk's entries in the order of the ledger."""
    row = models.Entry
    with reading(central.database):
        query = row.select(row.ledger, row.slot, row.sequence).where(row.desk == code).order_by(row.ledger)
        return [tuple(each) for each in query.tuples()]


def arrived_by_day(central: Central, code: str = "H62.11.01") -> dict[date, int]:
    """The counts of a desk by day of reception, as standings read them."""
    return _sums(central, models.Counter, code)


def unsent_by_day(central: Central, code: str = "H62.11.01") -> dict[date, int]:
    """What the devices of a desk hold back, by day of reception."""
    return _sums(central, models.Unsent, code)


def recounted(central: Central, code: str = "H62.11.01") -> dict[date, int]:
    """The counts of a desk by day, counted from its ledger."""
    row = models.Entry
    counts: dict[date, int] = {}
    with reading(central.database):
        for received_on, left_on in row.select(row.received_on, row.left_on).where(row.desk == code).tuples():
            for day, step in ((received_on, 1), (left_on, -1)):
                if day:
                    counts[day] = counts.get(day, 0) + step
    return {day: count for day, count in counts.items() if count}


def _sums(central: Central, row: Any, code: str) -> dict[date, int]:
    counts: dict[date, int] = {}
    with reading(central.database):
        for day, count in row.select(row.received_on, row.count).where(row.desk == code).tuples():
            counts[day] = counts.get(day, 0) + count
    return {day: count for day, count in counts.items() if count}
