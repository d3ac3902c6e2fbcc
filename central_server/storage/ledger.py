"""The ledger of a desk: accepted entries in the order in which the centre committed them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from peewee import JOIN, Case, Database, Expression, Query, fn

from central_server.storage import undecided
from central_server.storage.database import columns_of, write_rows
from central_server.storage.models import DeskRow, Entry, Payload, VerdictRow
from central_server.storage.prepared import Prepared
from central_server.storage.questions import same_entry
from sync_protocol.entries import EntryId, Header, SealedEntry
from sync_protocol.values import value
from sync_protocol.vocabulary import DeskCode, DeviceId, VerdictKind


@value
class JudgedEntry:
    """An entry with what the centre made of it; `received_on` gains a dossier in the counts, `left_on` loses one.

    undecided_on  day of a reception that was set aside, so that nobody is accused while it waits
    """

    sealed: SealedEntry
    header: Header
    entry_hash: bytes
    verdict: VerdictKind = VerdictKind.APPLIED
    reason: str = ""
    received_on: date | None = None
    left_on: date | None = None
    undecided_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """An entry that was kept but not simply applied."""

    entry: EntryId
    verdict: VerdictKind
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How many entries of a device arrived with a contact, and how many dossiers they received."""

    arrived_at: datetime
    slot: int
    entries: int
    dossiers: int


def locked_sequence(desk: DeskCode) -> int:
    """Locks the desk's ledger until the transaction ends and gives its last sequence: no reader sees 8 before 7."""
    ((sequence,),) = _locked_sequence(desk)
    return int(sequence)


def append(
    database: Database, desk: DeskCode, entries: Sequence[JudgedEntry], last_sequence: int, arrived_at: datetime
) -> None:
    """Writes consecutive entries behind the ledger's last sequence; the caller holds its lock."""
    write_rows(
        database,
        Entry,
        _keys(desk, entries)
        | {
            "ledger": range(last_sequence + 1, last_sequence + len(entries) + 1),
            "arrived_at": [arrived_at] * len(entries),
            "kind": [each.header.kind for each in entries],
            "subject": [each.header.subject for each in entries],
            "header": [each.sealed.header_bytes for each in entries],
            "payload_hash": [each.sealed.payload_hash for each in entries],
            "entry_hash": [each.entry_hash for each in entries],
            "received_on": [each.received_on for each in entries],
            "left_on": [each.left_on for each in entries],
        },
    )
    whole = [each for each in entries if each.sealed.payload is not None]
    contents = {"salt": [each.sealed.salt for each in whole], "bytes": [each.sealed.payload for each in whole]}
    write_rows(database, Payload, _keys(desk, whole) | contents)
    note_verdicts(database, desk, entries, arrived_at)
    _move_on(desk, last_sequence + len(entries))


def note_verdicts(database: Database, desk: DeskCode, entries: Sequence[JudgedEntry], at: datetime) -> None:
    """Remembers the verdicts on entries that have none yet; `at` is the ledger time."""
    differing = [each for each in entries if each.verdict is not VerdictKind.APPLIED]
    write_rows(database, VerdictRow, _keys(desk, differing) | columns_of([_verdict(each) for each in differing]))
    undecided.add(desk, [each.undecided_on for each in entries], [], at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """An entry where it stands in the ledger, not judged, with what it changed in the counts when it arrived."""

    number: int
    arrived_at: datetime
    entry: JudgedEntry
    counted: tuple[date | None, date | None]


def in_order(desk: DeskCode, after: int, limit: int) -> list[LedgerEntry]:
    """Entries of a desk behind a number of its ledger, in order; without the payload where the law had it erased."""
    rows = (
        Entry.select(Entry, Payload.bytes, Payload.salt)
        .join(Payload, JOIN.LEFT_OUTER, on=same_entry(Entry, Payload))
        .where(Entry.desk == desk, Entry.ledger > after)
        .order_by(Entry.ledger)
        .limit(limit)
        .objects()
    )
    return [_ledger_entry(row) for row in rows]


def waiting(desk: DeskCode, reason: str, subjects: Collection[str]) -> list[JudgedEntry]:
    """Entries of a desk that were set aside for a reason and are about one of these, in the order of the ledger."""
    # Nearly every batch asks, and nearly none has to look for its own subjects.
    if not subjects or not _one_of_reason(desk, reason):
        return []
    rows = (
        VerdictRow.select(
            VerdictRow.kind,
            VerdictRow.received_on,
            Entry.header,
            Entry.payload_hash,
            Entry.entry_hash,
            Payload.bytes,
            Payload.salt,
            Entry.ledger,
        )
        .join(Entry, on=same_entry(VerdictRow, Entry))
        .join(Payload, on=same_entry(VerdictRow, Payload))
        .where(VerdictRow.desk == desk, VerdictRow.reason == reason, VerdictRow.subject.in_(sorted(subjects)))
        .where(VerdictRow.kind != VerdictKind.DISMISSED.value)
        .tuples()
    )
    return [
        JudgedEntry(
            sealed=(sealed := SealedEntry(bytes(header), bytes(payload_hash), bytes(payload), bytes(salt))),
            header=sealed.header,
            entry_hash=bytes(entry_hash),
            verdict=VerdictKind(kind),
            reason=reason,
            undecided_on=undecided_on,
        )
        # Ordered here: to be spared the sorting, SQLite would read all of the desk's ledger.
        for kind, undecided_on, header, payload_hash, entry_hash, payload, salt, _ in sorted(rows, key=itemgetter(-1))
    ]


def keep_verdicts(desk: DeskCode, entries: Sequence[JudgedEntry], at: datetime) -> None:
    """Remembers what became of entries of the ledger that were judged again; `at` is the ledger time of that."""
    for each in entries:
        of_entry = (VerdictRow.desk == desk) & _of_entry(VerdictRow, each.header.id)
        waited_on = VerdictRow.select(VerdictRow.received_on).where(of_entry).scalar()
        undecided.add(desk, [each.undecided_on], [waited_on], at)
        if each.verdict is VerdictKind.APPLIED:
            VerdictRow.delete().where(of_entry).execute()
        else:
            VerdictRow.update(**_verdict(each)).where(of_entry).execute()


def hashes(device: DeviceId, epoch: int, first: int, last: int) -> dict[int, bytes]:
    """Entry hashes by sequence, both ends inclusive."""
    rows = _hashes(device.desk, device.slot, epoch, first, last)
    return {sequence: bytes(hash_) for sequence, hash_ in rows}


def counted_between(device: DeviceId, epoch: int, after: int, up_to: int) -> dict[date, int]:
    """What the held entries of an epoch after a sequence, up to another, change in the counts, by day of reception."""
    counts: dict[date, int] = {}
    for received_on, left_on, count in _changed_between(device.desk, device.slot, epoch, after, up_to):
        for day, step in ((received_on, count), (left_on, -count)):
            if day:
                counts[day] = counts.get(day, 0) + step
    return counts


def counted_at_arrival(desk: DeskCode, ids: Collection[EntryId]) -> set[EntryId]:
    """Those of some entries that changed the counts when they arrived, not later by a decision."""
    is_counted = Entry.received_on.is_null(False) | Entry.left_on.is_null(False)
    rows = Entry.select().where(Entry.desk == desk, is_counted)
    return {id_ for id_ in ids if rows.where(_of_entry(Entry, id_)).exists()}


def open_verdicts(desk: DeskCode) -> list[Differing]:
    """Entries of a desk that wait: set aside, of a later version, or in conflict with what stands."""
    rows = (
        VerdictRow.select()
        .where(VerdictRow.desk == desk)
        .where(VerdictRow.kind.not_in([VerdictKind.MERGED.value, VerdictKind.DISMISSED.value]))
        .order_by(VerdictRow.slot, VerdictRow.epoch, VerdictRow.sequence)
    )
    return [
        Differing(entry=EntryId(row.slot, row.epoch, row.sequence), verdict=VerdictKind(row.kind), reason=row.reason)
        for row in rows
    ]


def arrivals(desk: DeskCode, limit: int, as_of: datetime | None = None) -> list[Arrival]:
    """What arrived of a desk with each contact, newest first; a dossier that was moved to another day is no new one.

    as_of  only what had arrived by an instant
    """
    had_arrived = Entry.arrived_at <= as_of if as_of else True
    received_on = Case(None, [(Entry.left_on.is_null(), Entry.received_on)])
    rows = (
        Entry.select(Entry.arrived_at, Entry.slot, fn.COUNT(Entry.sequence), fn.COUNT(received_on))
        .where(Entry.desk == desk, had_arrived)
        .group_by(Entry.arrived_at, Entry.slot)
        .order_by(Entry.arrived_at.desc(), Entry.slot)
        .limit(limit)
        .tuples()
    )
    return [
        Arrival(arrived_at=arrived_at, slot=slot, entries=entries, dossiers=dossiers)
        for arrived_at, slot, entries, dossiers in rows
    ]


@Prepared
def _locked_sequence(desk: Any) -> Query:
    sequence = DeskRow.ledger_sequence
    return DeskRow.update(ledger_sequence=sequence).where(DeskRow.code == desk).returning(sequence)


@Prepared
def _move_on(desk: Any, sequence: Any) -> Query:
    return DeskRow.update(ledger_sequence=sequence).where(DeskRow.code == desk)


@Prepared
def _one_of_reason(desk: Any, reason: Any) -> Query:
    return VerdictRow.select(VerdictRow.desk).where(VerdictRow.desk == desk, VerdictRow.reason == reason).limit(1)


@Prepared
def _hashes(desk: Any, slot: Any, epoch: Any, first: Any, last: Any) -> Query:
    return Entry.select(Entry.sequence, Entry.entry_hash).where(
        _of_epoch(desk, slot, epoch), Entry.sequence.between(first, last)
    )


@Prepared
def _changed_between(desk: Any, slot: Any, epoch: Any, after: Any, up_to: Any) -> Query:
    days = (Entry.received_on, Entry.left_on)
    is_counted = Entry.received_on.is_null(False) | Entry.left_on.is_null(False)
    return (
        Entry.select(*days, fn.COUNT(Entry.sequence))
        .where(_of_epoch(desk, slot, epoch), Entry.sequence > after, Entry.sequence <= up_to, is_counted)
        .group_by(*days)
    )


def _of_entry(table: type[Entry | VerdictRow], id_: EntryId) -> Expression:
    return (table.slot == id_.slot) & (table.epoch == id_.epoch) & (table.sequence == id_.sequence)


def _of_epoch(desk: Any, slot: Any, epoch: Any) -> Expression:
    return (Entry.desk == desk) & (Entry.slot == slot) & (Entry.epoch == epoch)


def _ledger_entry(row: Any) -> LedgerEntry:
    payload, salt = (bytes(row.bytes), bytes(row.salt)) if row.salt is not None else (None, None)
    sealed = SealedEntry(bytes(row.header), bytes(row.payload_hash), payload, salt)
    return LedgerEntry(
        number=row.ledger,
        arrived_at=row.arrived_at,
        entry=JudgedEntry(sealed=sealed, header=sealed.header, entry_hash=bytes(row.entry_hash)),
        counted=(row.received_on, row.left_on),
    )


def _keys(desk: DeskCode, entries: Sequence[JudgedEntry]) -> dict[str, Sequence[Any]]:
    """The columns of the key of entries."""
    return {
        "desk": [desk] * len(entries),
        "slot": [each.header.slot for each in entries],
        "epoch": [each.header.epoch for each in entries],
        "sequence": [each.header.sequence for each in entries],
    }


def _verdict(entry: JudgedEntry) -> dict[str, object]:
    return {
        "kind": entry.verdict.value,
        "reason": entry.reason,
        "received_on": entry.undecided_on,
        "subject": entry.header.subject,
    }
