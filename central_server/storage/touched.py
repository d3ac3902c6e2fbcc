"""Which dossiers the entries of a desk's ledger speak of."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from central_server.storage.models import Entry
from sync_protocol.entries import EntryId
from sync_protocol.vocabulary import DeskCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """An entry of the ledger; `subject` is the id or code of a dossier, "" where the entry is about none."""

    number: int
    kind: str
    subject: str


def touches_after(desk: DeskCode, number: int, limit: int) -> list[Touch]:
    """The entries behind a number of a desk's ledger, in order."""
    rows = (
        Entry.select(Entry.ledger, Entry.kind, Entry.subject)
        .where(Entry.desk == desk, Entry.ledger > number)
        .order_by(Entry.ledger)
        .limit(limit)
        .tuples()
    )
    return [Touch(number=number, kind=kind, subject=subject) for number, kind, subject in rows]


def subjects(desk: DeskCode, ids: Sequence[EntryId]) -> set[str]:
    """What these entries of a desk are about."""
    found: set[str] = set()
    for (slot, epoch), group in groupby(sorted(ids), key=lambda id_: (id_.slot, id_.epoch)):
        rows = Entry.select(Entry.subject).where(
            Entry.desk == desk,
            Entry.slot == slot,
            Entry.epoch == epoch,
            Entry.sequence.in_([id_.sequence for id_ in group]),
        )
        found |= {subject for (subject,) in rows.tuples()}
    return found - {""}
