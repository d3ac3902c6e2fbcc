"""The device's journal: append, read on, and what no receipt covers yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import SQL, fn

from desk_client.storage.lineage import Point
from desk_client.storage.models import Entry, Payload, ReceiptRow
from desk_client.storage.rows import insert_row, last_row_of, row_of
from sync_protocol.entries import Header, SealedEntry, read_header
from sync_protocol.signing import Signed
from sync_protocol.statements import Receipt
from sync_protocol.vocabulary import EventKind


@dataclass(frozen=True, slots=True)
class Head:
    """Where the journal ends: epoch 1, sequence 0 and the certificate's hash while it is empty."""

    epoch: int
    sequence: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry as it lies in the file: what its row says of it, and what was sealed."""

    slot: int
    epoch: int
    sequence: int
    kind: str
    subject: str
    entry_hash: bytes
    entry: SealedEntry


def head(slot: int, origin: bytes) -> Head:
    """The end of the journal of `slot`; `origin` is the hash of the device's certificate."""
    row = last_row_of(Entry, {"slot": slot})
    return Head(row.epoch, row.sequence, bytes(row.entry_hash)) if row else Head(1, 0, origin)


def parted(slot: int, parent: Point, origin: bytes, epoch: int) -> Head:
    """The end of the journal while an epoch that goes on from `parent` has no entry yet."""
    hash_ = hash_at(slot, parent.epoch, parent.sequence) if parent.sequence else origin
    assert hash_ is not None, "an epoch goes on from an entry that is here"
    return Head(epoch, 0, hash_)


def append(
    header: Header,
    entry: SealedEntry,
    entry_hash: bytes,
    counted: tuple[date | None, date | None],
) -> None:
    """Writes a sealed entry at the end; the primary key refuses a second one of the same sequence."""
    key = {"slot": header.slot, "epoch": header.epoch, "sequence": header.sequence}
    said = {"kind": header.kind, "subject": header.subject, "header": entry.header_bytes}
    hashes = {"payload_hash": entry.payload_hash, "entry_hash": entry_hash}
    insert_row(Entry, key | said | hashes | {"received_on": counted[0], "left_on": counted[1]})
    if entry.payload is not None:
        insert_row(Payload, key | {"salt": entry.salt, "bytes": entry.payload})


def history(subject: str) -> list[SealedEntry]:
    """All entries about a dossier, in their order."""
    # Asked at each reception for what was recorded by its code before: there is hardly ever anything.
    if row_of(Entry, {"subject": subject}) is None:
        return []
    return [_sealed(row) for row in _with_payloads().where(Entry.subject == subject).tuples()]


def entry_at(slot: int, epoch: int, sequence: int) -> SealedEntry | None:
    """One entry, None if it is not here."""
    rows = _with_payloads().where(Entry.slot == slot, Entry.epoch == epoch, Entry.sequence == sequence)
    return next(map(_sealed, rows.tuples()), None)


def everything(slot: int) -> Iterator[Kept]:
    """All entries of a device, from the first."""
    columns = (Entry.slot, Entry.epoch, Entry.sequence, Entry.kind, Entry.subject, Entry.entry_hash)
    rows = _with_payloads(*columns).where(Entry.slot == slot).tuples().iterator()
    return (_kept(*row) for row in rows)


def last_of_kind(slot: int, kind: EventKind, limit: int) -> list[SealedEntry]:
    """The last entries of a kind that a device wrote, newest first; for kinds that have an index of their own."""
    # Spelled out, since a partial index serves only a question that says its condition in so many words; the plus
    # keeps the planner from going by the key of the table instead, through every entry of the slot.
    rows = _with_payloads().where(SQL("+t1.slot") == slot, SQL(f"t1.kind = '{kind.value}'"))
    return [_sealed(row) for row in rows.order_by(Entry.epoch.desc(), Entry.sequence.desc()).limit(limit).tuples()]


def opened() -> list[str]:
    """Ids of all dossiers, in the order in which they were opened: an entry that opens one is its own subject."""
    own_id = fn.printf("%d.%d.%d", Entry.slot, Entry.epoch, Entry.sequence)
    rows = Entry.select(Entry.subject).where(Entry.subject == own_id)
    return [subject for (subject,) in rows.order_by(Entry.slot, Entry.epoch, Entry.sequence).tuples()]


def last_recorded(slot: int) -> tuple[datetime, int | None] | None:
    """The wall clock at a device's last entry and the offset then known in milliseconds, None before the first one."""
    row = last_row_of(Entry, {"slot": slot})
    if row is None:
        return None
    header = read_header(bytes(row.header))
    return header.recorded_at, header.offset_ms


def hash_at(slot: int, epoch: int, sequence: int) -> bytes | None:
    """The hash of one entry, None if it is not here."""
    row = row_of(Entry, {"slot": slot, "epoch": epoch, "sequence": sequence})
    return bytes(row.entry_hash) if row else None


def entries_after(slot: int, epoch: int, sequence: int, limit: int) -> list[SealedEntry]:
    """Up to `limit` entries that follow a sequence, as they were sealed."""
    rows = _with_payloads().where(Entry.slot == slot, Entry.epoch == epoch, Entry.sequence > sequence)
    return [_sealed(row) for row in rows.limit(limit).tuples()]


def unsent_by_day(slot: int, epoch: int, acknowledged: int, *, up_to: int) -> dict[date, int]:
    """Dossiers by day of reception that the entries after `acknowledged` bring, less those they take away.

    up_to  the head that is stated with them: a clerk may save another dossier while the statement is being made
    """
    counts: dict[date, int] = {}
    for column, step in ((Entry.received_on, 1), (Entry.left_on, -1)):
        rows = (
            Entry.select(column, fn.COUNT(Entry.sequence))
            .where(
                Entry.slot == slot,
                Entry.epoch == epoch,
                Entry.sequence.between(acknowledged + 1, up_to),
                column.is_null(False),
            )
            .group_by(column)
            .tuples()
        )
        for day, count in rows:
            counts[day] = counts.get(day, 0) + step * count
    return {day: count for day, count in counts.items() if count}


def receptions_between(slot: int, epoch: int, first: int, last: int) -> int:
    """How many dossiers were received by consecutive entries."""
    counted = Entry.select().where(
        Entry.slot == slot,
        Entry.epoch == epoch,
        Entry.sequence.between(first, last),
        Entry.kind == EventKind.RECEIVE.value,
    )
    return int(counted.count())


def unconfirmed(slot: int, epoch: int, acknowledged: int, kind: EventKind) -> list[SealedEntry]:
    """Entries of a kind that no receipt covers yet, oldest first."""
    rows = (
        Entry.select(Entry.sequence)
        .where(Entry.slot == slot, Entry.epoch == epoch, Entry.sequence > acknowledged, Entry.kind == kind.value)
        .order_by(Entry.sequence)
        .tuples()
    )
    return [entries_after(slot, epoch, sequence - 1, 1)[0] for (sequence,) in rows]


def acknowledged(slot: int, epoch: int) -> int:
    """Highest sequence of an epoch that a receipt covers."""
    row = ReceiptRow.get_or_none(ReceiptRow.slot == slot, ReceiptRow.epoch == epoch)
    return row.up_to if row else 0


def keep_receipt(receipt: Receipt, signed: Signed, learned_at: object) -> None:
    """Remembers the last receipt of an epoch; the caller has compared its hash with the journal."""
    values: Mapping[str, object] = {
        "slot": receipt.device.slot,
        "epoch": receipt.epoch,
        "up_to": receipt.up_to,
        "hash": receipt.hash,
        "body": signed.body,
        "signature": signed.signature,
        "learned_at": learned_at,
    }
    ReceiptRow.insert(**values).on_conflict(
        conflict_target=[ReceiptRow.slot, ReceiptRow.epoch], preserve=list(values)[2:]
    ).execute()


def _with_payloads(*columns: Any) -> Any:
    """Entries with what they say, None where that was erased, in the order of the journal."""
    return (
        Entry.select(*columns, Entry.header, Entry.payload_hash, Payload.bytes, Payload.salt)
        .left_outer_join(
            Payload,
            on=((Payload.slot == Entry.slot) & (Payload.epoch == Entry.epoch) & (Payload.sequence == Entry.sequence)),
        )
        .order_by(Entry.slot, Entry.epoch, Entry.sequence)
    )


def _kept(slot: int, epoch: int, sequence: int, kind: str, subject: str, entry_hash: Any, *sealed: Any) -> Kept:
    header, payload_hash, payload, salt = sealed
    return Kept(slot, epoch, sequence, kind, subject, bytes(entry_hash), _sealed((header, payload_hash, payload, salt)))


def _sealed(row: tuple[Any, Any, Any, Any]) -> SealedEntry:
    header, payload_hash, payload, salt = row
    return SealedEntry(bytes(header), bytes(payload_hash), payload and bytes(payload), salt and bytes(salt))
