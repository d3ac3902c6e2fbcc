"""What receipts cover of the device's journal: believed by hash only, and followed where the centre holds another."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from desk_client.desk import Identity
from desk_client.storage import journal, lineage
from desk_client.storage.lineage import Confirmed, Point, Span
from sync_protocol.entries import SealedEntry
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.signing import Signed
from sync_protocol.statements import ANCESTORS_MAX, Ancestor, Receipt
from sync_protocol.vocabulary import EventKind


class ForeignReceipt(FieldSyncError):
    """The centre confirmed something that this journal does not hold."""

    code = "foreign_receipt"
    text = N_(
        "The centre has another record of this machine than the machine itself. Nothing was changed or thrown away; "
        "call your supervisor."
    )


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Where the journal ends, and the last entry of it that a receipt covers; inside a connection."""

    slot: int
    head: Point
    covered: Point

    def spans(self) -> list[Span]:
        """What no receipt covers yet."""
        return lineage.spans(self.covered, self.head)

    @property
    def waiting(self) -> int:
        """How many entries no receipt covers yet."""
        return sum(span.count for span in self.spans())


@dataclass(frozen=True, slots=True)
class Sent:
    """What a contact carried: the head that was stated, and from which to which entry, None where none came."""

    head: Point
    first: Point | None = None
    last: Point | None = None

    def shows(self, point: Point) -> bool:
        """Whether the centre has seen an entry in this contact."""
        return self.first is not None and self.last is not None and self.first <= point <= self.last


def standpoint(identity: Identity) -> Standpoint:
    """How much of the journal is covered, inside a connection."""
    end = journal.head(identity.id.slot, identity.origin)
    return Standpoint(identity.id.slot, Point(end.epoch, end.sequence), lineage.covered(identity.id.slot))


def waiting_entries(at: Standpoint, limit: int) -> list[SealedEntry]:
    """The first entries that no receipt covers, in the order of the journal."""
    entries: list[SealedEntry] = []
    for span in at.spans():
        if len(entries) < limit:
            most = min(limit - len(entries), span.count)
            entries += journal.entries_after(at.slot, span.epoch, span.first - 1, most)
    return entries


def waiting_by_day(at: Standpoint) -> dict[date, int]:
    """Dossiers by day of reception that the entries bring which no receipt covers, less those they take away."""
    counts: Counter[date] = Counter()
    for span in at.spans():
        counts.update(journal.unsent_by_day(at.slot, span.epoch, span.first - 1, up_to=span.last))
    return {day: count for day, count in counts.items() if count}


def waiting_receptions(at: Standpoint) -> int:
    """How many dossiers the entries received that no receipt covers."""
    return sum(journal.receptions_between(at.slot, span.epoch, span.first, span.last) for span in at.spans())


def unconfirmed(at: Standpoint, kind: EventKind) -> Iterator[SealedEntry]:
    """Entries of a kind that no receipt covers yet, oldest first."""
    for span in at.spans():
        for entry in journal.unconfirmed(at.slot, span.epoch, span.first - 1, kind):
            if entry.header.sequence <= span.last:
                yield entry


def acknowledged(at: Standpoint, confirmed: Confirmed | None) -> tuple[int, int]:
    """The last sequence that a receipt covers and the earlier epoch that it is of, 0 for the present one.

    confirmed  what a receipt covers behind a gap of the journal
    """
    covered = confirmed.last if confirmed else at.covered
    begins_in = next((point.epoch for point in lineage.ancestors()), at.head.epoch)
    epoch = covered.epoch or begins_in
    return covered.sequence, 0 if epoch == at.head.epoch else epoch


def stated_ancestors(slot: int) -> tuple[Ancestor, ...]:
    """The earlier epochs that the journal goes on from, newest first, as a statement names them."""
    named = []
    for point in reversed(lineage.ancestors()[-ANCESTORS_MAX:]):
        hash_ = journal.hash_at(slot, point.epoch, point.sequence)
        assert hash_ is not None, "the journal goes on from entries that are here"
        named.append(Ancestor(point.epoch, point.sequence, hash_))
    return tuple(named)


def believe(identity: Identity, receipt: Receipt, signed: Signed, sent: Sent, at: datetime) -> Point | None:
    """Keeps a receipt that names this journal's own hash; gives the point behind which the journal cannot go on.

    Inside the caller's transaction. A receipt of another hash says that the two part before it: what an earlier one
    covered behind that is not sure any more, and is sent again. Raises ForeignReceipt where it can be nothing of this
    journal.
    """
    slot, point = identity.id.slot, Point(receipt.epoch, receipt.up_to)
    own = journal.hash_at(slot, *_pair(point)) if point.sequence else identity.origin
    if receipt.device != identity.id or own is None or point.epoch > sent.head.epoch:
        raise ForeignReceipt
    if own != receipt.hash:
        if lineage.covered(slot) < point and sent.first is not None:
            raise ForeignReceipt
        if lineage.covered(slot) >= point:
            lineage.forget_receipts(slot, point.epoch)
        return None
    lineage.forget_receipts(slot, point.epoch + 1 if point.sequence else point.epoch)
    if point.sequence:
        journal.keep_receipt(receipt, signed, at)
    is_parted = bool(receipt.fork) and (point == sent.head or sent.shows(Point(point.epoch, point.sequence + 1)))
    return point if is_parted else None


def _pair(point: Point) -> tuple[int, int]:
    return point.epoch, point.sequence
