"""Checking rows one after the other, as they are read: of the live database, and of a backup that was just written.

What is sealed or signed is checked against its hash or signature, and what was made of it against that. A name in the
register, an account and what a device last told of itself rest on nothing else and are not checked.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from central_server.services.dumping import Batch
from central_server.storage.branches import Sign
from sync_protocol.certificates import centre_origin, certificate_hash, read_certificate
from sync_protocol.dossiers import Dossier, read_state
from sync_protocol.entries import BadEntry, Header, SealedEntry, payload_hash
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.packs import pack_hash, read_pack
from sync_protocol.signing import Signed, decoded, encoded, verify
from sync_protocol.statements import Statement, read_statement
from sync_protocol.vocabulary import CENTRE_SLOT, DeskCode, DeviceId, DeviceState, VerdictKind

FAULTS_MAX = 50
"""One damage is often the cause of many; more are counted and not told."""

CONTENT = N_("its content is not the one that was sealed.")
CHAIN = N_("it does not follow from the one before it.")
COLUMNS = N_("its columns are not what it says.")
UNREADABLE = N_("it cannot be read.")
MISSING = N_("entries are missing.")
HEAD = N_("the last entry that is held is another one.")
FILES = N_("published files are missing.")
COUNTS = N_("the counts are not those of its dossiers.")

Row = Mapping[str, Any]
Branch = tuple[DeskCode, int, int]
"""Desk, slot and epoch."""

REPORT_OF = ("layout", "unit_id", "first_on", "last_on")
"""The columns that tell which report a row is about."""


class RowDiffers(FieldSyncError):
    """A row is not what was written there."""

    code = "row_differs"
    text = N_(
        "%(table)s %(key)s: %(reason)s Nothing was changed. Do not work on: keep this database as it is, and restore "
        "the last backup on another machine; the desks then send again what is missing."
    )


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of an epoch."""

    sequence: int
    hash: bytes


@dataclass(slots=True)
class Examiner:
    """Takes the rows of all tables in their order and remembers what is wrong with them.

    heads   the last entry of each epoch of each device
    counts  rows by table
    faults  the first FAULTS_MAX of `fault_count`
    """

    centre_key: bytes
    heads: dict[Branch, Head] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[RowDiffers] = field(default_factory=list)
    fault_count: int = 0
    _devices: dict[DeviceId, Row] = field(default_factory=dict)
    _ends: dict[DeskCode, int] = field(default_factory=dict)
    _ledger: dict[DeskCode, tuple[int, int]] = field(default_factory=dict)
    _dossiers: Counter[tuple[DeskCode, str]] = field(default_factory=Counter)
    _counted: Counter[tuple[DeskCode, str]] = field(default_factory=Counter)
    _published: dict[tuple[Any, ...], dict[str, str]] = field(default_factory=dict)
    _last_step: tuple[tuple[Any, ...], int, str] = ((), 0, "")
    _device: DeviceId | None = None
    _hashes: set[bytes] = field(default_factory=set)

    def take(self, batch: Batch) -> None:
        """Checks some rows of a table."""
        self.counts[batch.table.name] += len(batch.rows)
        check = _CHECKS.get(batch.table.name)
        if check is None:
            return
        for values in batch.rows:
            row = dict(zip(batch.table.columns, values, strict=True))
            try:
                reason = check(self, row)
            except (FieldSyncError, KeyError, TypeError, ValueError, OverflowError, AttributeError):
                reason = UNREADABLE
            if reason:
                self.note(batch.table.name, _key_text(row), reason)

    def finish(self) -> None:
        """Checks what only the whole can tell."""
        for desk, last in self._ends.items():
            # Numbers are unique by their index, so that their count and their sum say that none is left out.
            if self._ledger.get(desk, (0, 0)) != (last, last * (last + 1) // 2):
                self.note("ledger", desk, MISSING)
        for device, row in self._devices.items():
            if not _is_head(row, self.heads.get((device.desk, device.slot, row["epoch"]))):
                self.note("device", str(device), HEAD)
        for desk, day in self._dossiers.keys() | self._counted.keys():
            if self._dossiers[desk, day] != self._counted[desk, day]:
                self.note("counter", f"{desk} {day}", COUNTS)

        for key, files in self._published.items():
            if files:
                self.note("publication_step", ".".join(map(str, key)), FILES)

    def note(self, table: str, key: str, reason: str) -> None:
        """Remembers a fault."""
        self.fault_count += 1
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(RowDiffers(table=table, key=key, reason=reason))

    def _desk(self, row: Row) -> str:
        self._ends[row["code"]] = row["ledger_sequence"]
        return ""

    def _pack(self, row: Row) -> str:
        signed = Signed(row["body"], row["signature"])
        kind, _ = read_pack(signed, self.centre_key)
        return "" if (pack_hash(signed), kind.value) == (row["hash"], row["kind"]) else COLUMNS

    def _device_row(self, row: Row) -> str:
        device = DeviceId(row["desk"], row["slot"])
        self._devices[device] = row
        DeviceState(row["state"])
        signed = Signed(row["certificate"], row["certificate_signature"])
        certificate = read_certificate(signed)
        said = (certificate.device, certificate.signing_key, certificate.agreement_key, certificate.centre_key)
        return "" if said == (device, row["signing_key"], row["agreement_key"], self.centre_key) else COLUMNS

    def _entry(self, row: Row) -> str:
        count, total = self._ledger.get(row["desk"], (0, 0))
        self._ledger[row["desk"]] = count + 1, total + row["ledger"]
        sealed = SealedEntry(row["header"], row["payload_hash"], row["bytes"], row["salt"])
        origins = self._before(row, sealed)
        self.heads[row["desk"], row["slot"], row["epoch"]] = Head(row["sequence"], row["entry_hash"])
        self._hashes.add(row["entry_hash"])
        return _damage_of(row, sealed, origins)

    def _before(self, row: Row, sealed: SealedEntry) -> set[bytes]:
        """The hashes that an entry may follow."""
        device = DeviceId(row["desk"], row["slot"])
        if device != self._device:
            self._device, self._hashes = device, set()
        previous = self.heads.get((row["desk"], row["slot"], row["epoch"]))
        if previous:
            return {previous.hash} if previous.sequence + 1 == row["sequence"] else set()
        if row["sequence"] != 1:
            return set()
        # Also a later epoch goes on from the certificate, where nothing was left of the ones before.
        return self._hashes | self._origin(device) | _parent_hash(sealed)

    def _origin(self, device: DeviceId) -> set[bytes]:
        """What the first entry of a device follows."""
        if device.slot == CENTRE_SLOT:
            return {centre_origin(self.centre_key, device.desk)}
        enrolled = self._devices.get(device)
        return {certificate_hash(Signed(enrolled["certificate"], b""))} if enrolled else set()

    def _sighting(self, row: Row) -> str:
        Sign(row["what"])
        return ""

    def _verdict(self, row: Row) -> str:
        VerdictKind(row["kind"])
        return ""

    def _dossier(self, row: Row) -> str:
        dossier = read_state(row["state"])
        if dossier.counted_on:
            self._dossiers[row["desk"], dossier.counted_on.isoformat()] += 1
        # The rows of an older program's backup have fewer columns: the others are made when it is restored.
        said = {name: value for name, value in _columns_of(dossier).items() if name in row}
        return "" if said == {name: row[name] for name in said} else COLUMNS

    def _counter(self, row: Row) -> str:
        self._counted[row["desk"], row["received_on"]] += row["count"]
        return ""

    def _period_step(self, row: Row) -> str:
        if row["body"] is None:
            return ""
        verify(Signed(row["body"], row["signature"]), self.centre_key)
        return ""

    def _publication_step(self, row: Row) -> str:
        verify(Signed(row["body"], row["signature"]), self.centre_key)
        said, report = orjson.loads(row["body"]), _report_of(row)
        self._published[*report, row["number"]] = dict(said.get("files", {}))
        before = self._last_step if self._last_step[0] == report else (report, 0, "")
        self._last_step = (report, row["number"], encoded(hashlib.sha256(row["body"]).digest()))
        if (said["number"], said["previous"]) != (before[1] + 1, before[2]):
            return CHAIN
        told = (said["layout"], said["unit"], *said["period"].split(".."), said["number"], said["step"])
        return "" if told == (*report, row["number"], row["step"]) else COLUMNS

    def _publication_file(self, row: Row) -> str:
        hash_ = self._published[*_report_of(row), row["number"]].pop(row["ending"])
        return "" if encoded(hashlib.sha256(row["bytes"]).digest()) == hash_ else CONTENT

    def _statement(self, row: Row) -> str:
        device = self._devices[DeviceId(row["desk"], row["slot"])]
        statement = read_statement(Signed(row["body"], row["signature"]), device["signing_key"])
        # One that is of another journal than the one held speaks for a copy, one that came behind a newer one for none.
        is_epoch = row["epoch"] in (statement.epoch, -statement.epoch, 0)
        return "" if _is_of(statement, row) and is_epoch else COLUMNS


_CHECKS: Mapping[str, Callable[[Examiner, Row], str]] = {
    "desk": Examiner._desk,
    "pack": Examiner._pack,
    "device": Examiner._device_row,
    "sighting": Examiner._sighting,
    "entry": Examiner._entry,
    "verdict": Examiner._verdict,
    "dossier": Examiner._dossier,
    "counter": Examiner._counter,
    "statement": Examiner._statement,
    "period_step": Examiner._period_step,
    "publication_step": Examiner._publication_step,
    "publication_file": Examiner._publication_file,
}


def _report_of(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in REPORT_OF)


def _damage_of(row: Row, sealed: SealedEntry, origins: set[bytes]) -> str:
    try:
        header = sealed.header
    except BadEntry:
        return UNREADABLE
    if not _is_row_of(header, row):
        return COLUMNS
    if all(sealed.hash_after(origin) != row["entry_hash"] for origin in origins):
        return CHAIN
    # What the law had erased is gone with its salt; the chain holds without it.
    is_erased = sealed.payload is None and sealed.salt is None
    is_sealed = is_erased or payload_hash(sealed.salt or b"", sealed.payload or b"") == sealed.payload_hash
    return "" if is_sealed else CONTENT


def _is_row_of(header: Header, row: Row) -> bool:
    said = (header.slot, header.epoch, header.sequence, header.kind, header.subject)
    return said == tuple(row[name] for name in ("slot", "epoch", "sequence", "kind", "subject"))


def _is_head(device: Row, held: Head | None) -> bool:
    if held is None:
        return bool(device["head"] == 0)
    return (device["head"], device["head_hash"]) == (held.sequence, held.hash)


def _parent_hash(sealed: SealedEntry) -> set[bytes]:
    """The hash that the first entry of an epoch names as that of its parent, which may not be here."""
    named = orjson.loads(sealed.payload).get("parent_hash") if sealed.payload else None
    return {decoded(named)} if named else set()


def _columns_of(dossier: Dossier) -> dict[str, Any]:
    return {
        "id": dossier.id,
        "dossier_code": dossier.dossier_code,
        "procedure_code": dossier.procedure_code,
        "channel": dossier.channel.value,
        "stage": dossier.stage.value,
        "received_at": _ms(dossier.received_at),
        "received_on": dossier.received_on.isoformat(),
        "recorded_at": _ms(dossier.recorded_at),
        "received_by": dossier.received_by,
        "resolved_at": _ms(dossier.resolved_at),
        "ended_on": dossier.ended_on.isoformat() if dossier.ended_on else None,
        "delivered_at": _ms(dossier.delivered_at),
        "delivered_on": dossier.delivered_on.isoformat() if dossier.delivered_on else None,
        "delivered_by": dossier.delivered_by.value if dossier.delivered_by else "",
        "is_supplemented": dossier.is_supplemented,
        "paid_on": dossier.paid_on.isoformat() if dossier.paid_on else None,
        "payment_method": dossier.payment_method.value if dossier.payment_method else "",
        "rated_on": dossier.rated_on.isoformat() if dossier.rated_on else None,
        "rating": dossier.rating.value if dossier.rating else "",
    }


def _is_of(statement: Statement, row: Row) -> bool:
    """Whether a row tells what was signed."""
    said = (statement.device.desk, statement.device.slot, statement.head, sum(statement.unsent.values()))
    return said == tuple(row[name] for name in ("desk", "slot", "head", "unsent"))


def _key_text(row: Row) -> str:
    """What names a row to a person: its desk and its numbers, or its code."""
    names = ("desk", "slot", "epoch", "sequence", *REPORT_OF, "number", "ending", "id", "code", "hash", "received_on")
    return ".".join(str(row[name]) for name in names if name in row and not isinstance(row[name], bytes))


def _ms(instant: datetime | None) -> int | None:
    return None if instant is None else round(instant.timestamp() * 1000)
