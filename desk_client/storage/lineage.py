"""Which entries are the device's own journal: epochs, each going on from an entry of an earlier one.

The journal of an installation that was never restored or copied is epoch 1 alone. A later epoch goes on from its
parent, an entry of an earlier epoch; what stood behind the parent belongs to another branch. So the journal is the
entries of each earlier epoch up to where it was left, then all of the present one.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from desk_client.storage.models import (
    DossierRow,
    Entry,
    EpochRow,
    LeftEntry,
    Payload,
    ReceiptRow,
    RunRow,
)
from desk_client.storage.rows import last_row_of
from sync_protocol.entries import EntryId, SealedEntry
from sync_protocol.signing import Signed, content_of
from sync_protocol.statements import RECEIPT
from sync_protocol.vocabulary import EpochCause


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A place in the device's own journal: an entry of it, or what stands before the first one of an epoch (0)."""

    epoch: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive entries of an epoch, both ends inclusive."""

    epoch: int
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many entries it has."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """An epoch after the first: why and when it was opened, what it goes on from, what a witness had seen by then."""

    epoch: int
    parent: Point
    cause: EpochCause
    opened_at: datetime
    witnessed: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """An entry of a branch that is left, with what it changed in the counts."""

    point: Point
    kind: str
    subject: str
    entry_hash: bytes
    entry: SealedEntry
    counted: tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The last entry behind a gap of the journal that a receipt covers, and the centre's name when it gave that."""

    last: Point
    incarnation: str


def present() -> Epoch | None:
    """The present epoch, None while it is the first."""
    row = EpochRow.select().order_by(EpochRow.epoch.desc()).first()
    return _epoch(row) if row else None


def epochs() -> list[Epoch]:
    """All epochs after the first, oldest first."""
    return [_epoch(row) for row in EpochRow.select().order_by(EpochRow.epoch)]


def ancestors() -> list[Point]:
    """Where the journal left each earlier epoch that it goes on from, oldest first."""
    by_number = {each.epoch: each for each in epochs()}
    points: list[Point] = []
    number = max(by_number, default=1)
    while number in by_number and by_number[number].parent.sequence:
        points.append(by_number[number].parent)
        number = by_number[number].parent.epoch
    return points[::-1]


def spans(after: Point, head: Point) -> list[Span]:
    """The journal behind a point of it up to its head."""
    ends = [point for point in ancestors() if after.epoch <= point.epoch < head.epoch] + [head]
    parts = [Span(end.epoch, after.sequence + 1 if end.epoch == after.epoch else 1, end.sequence) for end in ends]
    return [each for each in parts if each.count > 0]


def covered(slot: int) -> Point:
    """The last entry of the journal that a receipt covers; sequence 0 of its first epoch where none does."""
    row = last_row_of(ReceiptRow, {"slot": slot})
    return Point(row.epoch, row.up_to) if row else Point(0, 0)


def confirmed(slot: int) -> Confirmed | None:
    """What a receipt covers behind a gap of the journal; None once the centre has answered again."""
    row = last_row_of(ReceiptRow, {"slot": -slot})
    if row is None:
        return None
    said = content_of(Signed(bytes(row.body), bytes(row.signature)), RECEIPT)
    return Confirmed(Point(row.epoch, row.up_to), said["incarnation"])


def forget_receipts(slot: int, since: int) -> None:
    """Believes no receipt of an epoch or a later one any more: the centre holds another continuation."""
    ReceiptRow.delete().where(ReceiptRow.slot == slot, ReceiptRow.epoch >= since).execute()


def next_number(slot: int, *others: int) -> int:
    """A number that no epoch of the device bears, as far as it is known here; `others` are known besides."""
    numbers = (
        # Those of another branch of this very machine, as they came from the centre, stand under the slot below 0.
        Entry.select(fn.MAX(Entry.epoch)).where(Entry.slot.in_([slot, -slot])).scalar(),
        LeftEntry.select(fn.MAX(LeftEntry.epoch)).where(LeftEntry.slot == slot).scalar(),
        EpochRow.select(fn.MAX(EpochRow.epoch)).scalar(),
    )
    return max(1, *others, *(number or 0 for number in numbers)) + 1


def open_epoch(epoch: Epoch) -> None:
    """Begins an epoch; its first entry is written in the same transaction."""
    EpochRow.insert(
        epoch=epoch.epoch,
        parent_epoch=epoch.parent.epoch,
        parent_sequence=epoch.parent.sequence,
        cause=epoch.cause.value,
        opened_at=epoch.opened_at,
        witnessed_epoch=epoch.witnessed.epoch,
        witnessed_sequence=epoch.witnessed.sequence,
    ).execute()


def entries_of(slot: int, span: Span) -> Iterator[Left]:
    """The entries of a span with all that is kept of them."""
    return _with_contents(slot, Entry.epoch == span.epoch, Entry.sequence.between(span.first, span.last))


def entries_behind(slot: int, point: Point) -> Iterator[Left]:
    """All entries behind a point with all that is kept of them, of whichever epochs, in their order."""
    is_later = (Entry.epoch == point.epoch) & (Entry.sequence > point.sequence)
    return _with_contents(slot, (Entry.epoch > point.epoch) | is_later)


def last_gone(slot: int, seen: Point) -> Point:
    """The last entry up to one that was seen once that is not here, under this slot or that of another branch.

    Sequence 0 where all of that epoch are here.
    """
    rows = Entry.select(Entry.sequence).where(Entry.slot.in_([slot, -slot]), Entry.epoch == seen.epoch)
    here = {sequence for (sequence,) in rows.tuples()}
    return Point(seen.epoch, next((number for number in range(seen.sequence, 0, -1) if number not in here), 0))


def leave(slot: int, entry: Left, became: str) -> None:
    """Moves an entry out of the journal into the branches that were left; `became` is its id from now on."""
    point, sealed = entry.point, entry.entry
    LeftEntry.insert(
        slot=slot,
        epoch=point.epoch,
        sequence=point.sequence,
        entry_hash=entry.entry_hash,
        header=sealed.header_bytes,
        payload_hash=sealed.payload_hash,
        salt=sealed.salt,
        bytes=sealed.payload,
        became=became,
    ).on_conflict_ignore().execute()
    for model in (Payload, Entry):
        model.delete().where(model.slot == slot, model.epoch == point.epoch, model.sequence == point.sequence).execute()


def ends_left(slot: int) -> list[tuple[Point, bytes]]:
    """The places and hashes of the entries of all branches that were left."""
    rows = LeftEntry.select(LeftEntry.epoch, LeftEntry.sequence, LeftEntry.entry_hash).where(LeftEntry.slot == slot)
    return [(Point(epoch, sequence), bytes(hash_)) for epoch, sequence, hash_ in rows.tuples()]


def has_left(slot: int, epoch: int, sequence: int, entry_hash: bytes) -> bool:
    """Whether an entry lies in a branch that was left."""
    found = LeftEntry.select().where(
        LeftEntry.slot == slot,
        LeftEntry.epoch == epoch,
        LeftEntry.sequence == sequence,
        LeftEntry.entry_hash == entry_hash,
    )
    return bool(found.exists())


def missing(slot: int, epoch: Epoch) -> int:
    """How many entries a witness had seen behind the parent of an epoch that are gone.

    They have not come back from the centre, and were not here to be written again.
    """
    parent, witnessed = epoch.parent, epoch.witnessed
    if witnessed.epoch != parent.epoch:
        return 0
    found: set[int] = set()
    # Those of another branch of this very machine stand under the slot below 0.
    for model, own in ((Entry, -slot), (LeftEntry, slot)):
        is_behind = model.sequence.between(parent.sequence + 1, witnessed.sequence)
        rows = model.select(model.sequence).where(model.slot == own, model.epoch == parent.epoch, is_behind)
        found |= {sequence for (sequence,) in rows.tuples()}
    return max(0, witnessed.sequence - parent.sequence - len(found))


def present_id(id_: str) -> str:
    """The id that an entry of a branch that was left bears now, "" where there was none."""
    try:
        before = EntryId.parse(id_)
    except ValueError:
        return ""
    rows = LeftEntry.select(LeftEntry.became).where(
        LeftEntry.slot == before.slot, LeftEntry.epoch == before.epoch, LeftEntry.sequence == before.sequence
    )
    return next((name for (name,) in rows.tuples()), "")


def let_become(ids: Mapping[str, str], *, apart_from: Collection[bytes]) -> None:
    """Lets entries that were left earlier bear the ids that theirs have come to be now.

    apart_from  the hashes of those that are left now: another branch may hold other entries under their former ids
    """
    rows = LeftEntry.select(LeftEntry.slot, LeftEntry.epoch, LeftEntry.sequence, LeftEntry.entry_hash, LeftEntry.became)
    for row in list(rows.where(LeftEntry.became != "")):
        if row.became in ids and bytes(row.entry_hash) not in apart_from:
            LeftEntry.update(became=ids[row.became]).where(
                LeftEntry.slot == row.slot,
                LeftEntry.epoch == row.epoch,
                LeftEntry.sequence == row.sequence,
                LeftEntry.entry_hash == row.entry_hash,
            ).execute()


def dossiers_of(subjects: Collection[str]) -> list[str]:
    """Ids of the dossiers that entries name by their ids or codes, in the order of their rows."""
    wanted = sorted(subjects)
    rows = DossierRow.select(DossierRow.id).where(DossierRow.id.in_(wanted) | DossierRow.dossier_code.in_(wanted))
    return [dossier_id for (dossier_id,) in rows.order_by(DossierRow.number).tuples()]


def forget_places(slot: int, since: Point) -> None:
    """Forgets where entries from a point on stand in the desk's ledger: they stand there no longer."""
    behind = (RunRow.slot == slot) & ((RunRow.epoch > since.epoch) | (RunRow.epoch == since.epoch))
    RunRow.delete().where(behind, (RunRow.epoch > since.epoch) | (RunRow.first >= since.sequence)).execute()
    RunRow.update(last=since.sequence - 1).where(behind, RunRow.last >= since.sequence).execute()


def _with_contents(slot: int, *conditions: Any) -> Iterator[Left]:
    rows = (
        Entry.select(
            Entry.epoch,
            Entry.sequence,
            Entry.kind,
            Entry.subject,
            Entry.entry_hash,
            Entry.received_on,
            Entry.left_on,
            Entry.header,
            Entry.payload_hash,
            Payload.bytes,
            Payload.salt,
        )
        .left_outer_join(
            Payload,
            on=((Payload.slot == Entry.slot) & (Payload.epoch == Entry.epoch) & (Payload.sequence == Entry.sequence)),
        )
        .where(Entry.slot == slot, *conditions)
        .order_by(Entry.epoch, Entry.sequence)
        .tuples()
    )
    for epoch, sequence, kind, subject, entry_hash, received_on, left_on, header, payload_hash, payload, salt in rows:
        yield Left(
            point=Point(epoch, sequence),
            kind=kind,
            subject=subject,
            entry_hash=bytes(entry_hash),
            entry=SealedEntry(bytes(header), bytes(payload_hash), payload and bytes(payload), salt and bytes(salt)),
            counted=(received_on, left_on),
        )


def _epoch(row: Any) -> Epoch:
    return Epoch(
        epoch=row.epoch,
        parent=Point(row.parent_epoch, row.parent_sequence),
        cause=EpochCause(row.cause),
        opened_at=row.opened_at,
        witnessed=Point(row.witnessed_epoch, row.witnessed_sequence),
    )
