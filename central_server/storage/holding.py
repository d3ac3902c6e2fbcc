"""Entries that are kept and set aside, and what only the centre decides about them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import Query, Select, fn

from central_server.storage import undecided
from central_server.storage.ledger import JudgedEntry
from central_server.storage.models import (
    Counter,
    DossierRow,
    Entry,
    LaterCount,
    MonthCount,
    Payload,
    VerdictRow,
)
from central_server.storage.prepared import Prepared
from central_server.storage.questions import same_entry
from sync_protocol.entries import EntryId, Header, SealedEntry, read_header
from sync_protocol.instants import local_date
from sync_protocol.vocabulary import CENTRE_SLOT, DeskCode, EventKind, VerdictKind

DEVICE_REVOKED = "device_revoked"
DEVICE_PENDING = "device_pending"

AWAITING_A_DECISION = frozenset({DEVICE_REVOKED, DEVICE_PENDING})
"""Reasons that do not lie in an entry: only a person ends them."""

SET_ASIDE = frozenset({VerdictKind.QUARANTINED, VerdictKind.FUTURE})
SET_ASIDE_WORDS = tuple(sorted(kind.value for kind in SET_ASIDE))
DISMISSED_WORDS = (VerdictKind.DISMISSED.value,)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEntry:
    """An entry that was set aside.

    day         the local day in which a reception would count, None for any other entry
    arrived_at  since when it waits
    """

    desk: DeskCode
    id: EntryId
    kind: str
    subject: str
    verdict: VerdictKind
    reason: str
    day: date | None
    clerk: str
    arrived_at: datetime


def held(desks: Collection[DeskCode], limit: int, words: Collection[str] = SET_ASIDE_WORDS) -> list[HeldEntry]:
    """Entries of these desks that wait, those that wait longest first within each desk; or those of other verdicts."""
    rows = (
        _held(words, VerdictRow.kind, VerdictRow.reason, VerdictRow.received_on, Entry.header, Entry.arrived_at)
        .where(VerdictRow.desk.in_(sorted(desks)))
        .order_by(VerdictRow.desk, Entry.ledger)
        .limit(limit)
        .tuples()
    )
    return [_held_entry(*row) for row in rows]


def held_counts(words: Collection[str] = SET_ASIDE_WORDS) -> dict[DeskCode, int]:
    """How many entries of each desk wait, or have other verdicts; desks without any are left out."""
    rows = (
        VerdictRow.select(VerdictRow.desk, fn.COUNT(VerdictRow.sequence))
        .where(VerdictRow.kind.in_(words))
        .group_by(VerdictRow.desk)
        .tuples()
    )
    return {code: int(count) for code, count in rows}


def told(desk: DeskCode, limit: int) -> tuple[int, list[tuple[EntryId, str, str]]]:
    """How many entries of a desk wait, and of the first of them the id, the verdict and the reason."""
    rows = _told(desk, limit)
    listed = [(EntryId(slot, epoch, sequence), kind, reason) for slot, epoch, sequence, kind, reason in rows]
    return (len(listed) if len(listed) < limit else held_counts().get(desk, 0)), listed


def named(desk: DeskCode, ids: Collection[EntryId]) -> list[JudgedEntry]:
    """Those of these entries of a desk that are set aside or were dismissed, in the order of the ledger."""
    found = []
    for id_ in ids:
        key = (VerdictRow.slot == id_.slot, VerdictRow.epoch == id_.epoch, VerdictRow.sequence == id_.sequence)
        rows = _set_aside(desk, (*SET_ASIDE_WORDS, *DISMISSED_WORDS)).where(*key).tuples()
        found += [(ledger, _judged(*row)) for ledger, *row in rows]
    return [entry for _, entry in sorted(found, key=lambda each: each[0])]


def open_entries(desk: DeskCode, slot: int | None = None) -> list[JudgedEntry]:
    """All entries of a desk, or of one of its devices, that are set aside, in the order of the ledger."""
    query = _set_aside(desk, SET_ASIDE_WORDS)
    if slot is not None:
        query = query.where(VerdictRow.slot == slot)
    return [_judged(*row) for _, *row in query.order_by(Entry.ledger).tuples()]


def dismissed(desk: DeskCode) -> dict[EntryId, str]:
    """Entries of a desk that a person has decided not to count, and why they had been set aside."""
    row = VerdictRow
    rows = row.select(row.slot, row.epoch, row.sequence, row.reason).where(
        row.desk == desk, row.kind.in_(DISMISSED_WORDS)
    )
    return {EntryId(*id_): reason for *id_, reason in rows.tuples()}


def decisions(desk: DeskCode, kind: EventKind) -> list[SealedEntry]:
    """What the centre decided at a desk, of one kind, in the order in which it did."""
    return [SealedEntry(*map(bytes, row)) for row in _decisions(desk, kind.value)]


def head_of_centre(desk: DeskCode) -> tuple[EntryId, bytes] | None:
    """The last entry of the centre's own journal at a desk and its hash, None before the first."""
    row = (
        Entry.select(Entry.epoch, Entry.sequence, Entry.entry_hash)
        .where(Entry.desk == desk, Entry.slot == CENTRE_SLOT)
        .order_by(Entry.epoch.desc(), Entry.sequence.desc())
        .tuples()
        .first()
    )
    return (EntryId(CENTRE_SLOT, row[0], row[1]), bytes(row[2])) if row else None


def payload_of(desk: DeskCode, id_: EntryId) -> bytes | None:
    """The content of one entry, None where it is not here or was erased."""
    row = Payload.get_or_none(
        Payload.desk == desk, Payload.slot == id_.slot, Payload.epoch == id_.epoch, Payload.sequence == id_.sequence
    )
    return bytes(row.bytes) if row else None


def add_later(desk: DeskCode, entries: Sequence[JudgedEntry], at: datetime) -> None:
    """Remembers what entries changed in the counts after they had arrived; `at` is the ledger time."""
    for each in entries:
        if each.received_on or each.left_on:
            LaterCount.insert(
                **_key(desk, each.header.id),
                ledger_on=local_date(at),
                counted_at=at,
                received_on=each.received_on,
                left_on=each.left_on,
            ).execute()


def clear_projections(desk: DeskCode) -> None:
    """Takes away what is made from the ledger of a desk, so that it can be made again."""
    for model in (DossierRow, Counter, MonthCount, VerdictRow, LaterCount):
        model.delete().where(model.desk == desk).execute()
    undecided.forget(desk)


@Prepared
def _told(desk: Any, limit: Any) -> Query:
    row = VerdictRow
    rows = row.select(row.slot, row.epoch, row.sequence, row.kind, row.reason)
    waiting = rows.where(row.desk == desk, row.kind.in_(SET_ASIDE_WORDS))
    return waiting.order_by(row.slot, row.epoch, row.sequence).limit(limit)


@Prepared
def _decisions(desk: Any, kind: Any) -> Query:
    rows = Entry.select(Entry.header, Entry.payload_hash, Payload.bytes, Payload.salt)
    own = rows.where(Entry.desk == desk, Entry.slot == CENTRE_SLOT, Entry.kind == kind)
    return own.join(Payload, on=same_entry(Entry, Payload)).order_by(Entry.epoch, Entry.sequence)


def _held(words: Collection[str], *columns: Any) -> Select:
    return (
        VerdictRow.select(VerdictRow.desk, *columns)
        .join(Entry, on=same_entry(VerdictRow, Entry))
        .where(VerdictRow.kind.in_(words))
    )


def _held_entry(
    desk: DeskCode, word: str, reason: str, day: date | None, header: Any, arrived_at: datetime
) -> HeldEntry:
    read: Header = read_header(bytes(header))
    return HeldEntry(
        desk=desk,
        id=read.id,
        kind=read.kind,
        subject=read.subject,
        verdict=VerdictKind(word),
        reason=reason,
        day=day,
        clerk=read.clerk,
        arrived_at=arrived_at,
    )


def _set_aside(desk: DeskCode, words: Collection[str]) -> Select:
    columns = (VerdictRow.kind, VerdictRow.reason, VerdictRow.received_on, Entry.header, Entry.payload_hash)
    return (
        VerdictRow.select(Entry.ledger, *columns, Entry.entry_hash, Payload.bytes, Payload.salt)
        .join(Entry, on=same_entry(VerdictRow, Entry))
        .join(Payload, on=same_entry(VerdictRow, Payload))
        .where(VerdictRow.desk == desk, VerdictRow.kind.in_(words))
    )


def _judged(
    word: str, reason: str, day: date | None, header: Any, payload_hash: Any, entry_hash: Any, payload: Any, salt: Any
) -> JudgedEntry:
    sealed = SealedEntry(bytes(header), bytes(payload_hash), bytes(payload), bytes(salt))
    return JudgedEntry(
        sealed=sealed,
        header=sealed.header,
        entry_hash=bytes(entry_hash),
        verdict=VerdictKind(word),
        reason=reason,
        undecided_on=day,
    )


def _key(desk: DeskCode, id_: EntryId) -> dict[str, object]:
    return {"desk": desk, "slot": id_.slot, "epoch": id_.epoch, "sequence": id_.sequence}
