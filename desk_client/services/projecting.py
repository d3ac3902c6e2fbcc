"""An event and what the screens read of it: sealed and projected together, or made again from the journal."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from desk_client.desk import Desk
from desk_client.services.sealing import Pen
from desk_client.storage import dossiers, journal
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.dossiers import Stored
from sync_protocol.contents import content_after
from sync_protocol.deadlines import basis_of, due_at
from sync_protocol.dossiers import OPEN, Dossier, counted_change
from sync_protocol.entries import Header, SealedEntry
from sync_protocol.events import Event, Opening, PacksAdopted, Payload, Received
from sync_protocol.folding import fold
from sync_protocol.instants import local_date
from sync_protocol.packs import Packs
from sync_protocol.schemas import BadPayload, UnknownKind, read_event

Counted = tuple[date | None, date | None]
"""The local days that gain and lose a dossier by an event, None where none does."""


def write(
    pen: Pen,
    packs: Packs,
    payload: Payload,
    *,
    happened_at: datetime,
    before: Stored | None = None,
    base: Mapping[str, str] | None = None,
) -> Stored:
    """Seals an event about a dossier and projects it, inside the caller's transaction.

    packs  those in force, read in that transaction: the entry names their adoption
    Steps that were recorded against its code before this machine knew the dossier meet it here.
    """
    return dossiers.put(sealed(pen, packs, payload, happened_at=happened_at, before=before, base=base))


def sealed(
    pen: Pen,
    packs: Packs,
    payload: Payload,
    *,
    happened_at: datetime,
    before: Stored | None = None,
    base: Mapping[str, str] | None = None,
) -> Stored:
    """As `write`, but the row is the caller's to put: of several events in one transaction the last one is enough."""
    event = pen.draft(payload, happened_at=happened_at, subject=before.dossier.id if before else "", base=base)
    after, counted = _projected(packs, event, before)
    pen.append(event, counted)
    for early in _early(payload):
        after, _ = _projected(packs, early, after)
    return after


def refresh_due(packs: Packs) -> None:
    """Brings the appointments of open dossiers to the packs in force, inside the caller's transaction."""
    for stored in dossiers.open_ones():
        moved = _under(packs, stored)
        if moved.due_at != stored.due_at:
            assert stored.number is not None, "what is read has a row"
            dossiers.move_due(stored.number, moved.due_at)


def rebuild(desk: Desk) -> int:
    """Makes the projection again from the journal, all or nothing; gives the number of dossiers."""
    count = 0
    with write_transaction(desk.database):
        dossiers.clear()
        for stored in lives(desk):
            dossiers.put(stored)
            count += 1
    return count


def rebuild_if_needed(desk: Desk) -> None:
    """Makes the projection after a change of its shape; a journal without dossiers needs none."""
    with reading(desk.database):
        is_needed = dossiers.is_empty() and bool(journal.opened())
    if is_needed:
        rebuild(desk)


def lives(desk: Desk) -> Iterator[Stored]:
    """Every dossier as the journal makes it, in the order in which they were opened, inside the caller's transaction.

    One whose opening cannot be read, because the law had its content erased, is not among them.
    """
    shelf = _Shelf(desk)
    for dossier_id in journal.opened():
        events = events_of(dossier_id)
        if events and isinstance(events[0].payload, Opening):
            yield _lived(shelf, events)


def life_of(desk: Desk, dossier_id: str) -> list[tuple[Event, Stored]]:
    """A dossier after each of its events, as it was to be seen then, inside the caller's transaction."""
    return list(_stages(_Shelf(desk), events_of(dossier_id)))


def events_of(dossier_id: str) -> list[Event]:
    """What happened to a dossier, in the order in which it is folded.

    What was recorded against its code before the dossier was known here stands behind the entry that brought the code.
    What cannot be read, since it was erased or a newer program wrote it, is left out.
    """
    return [each for event in _understood(journal.history(dossier_id)) for each in (event, *_early(event.payload))]


@dataclass(slots=True)
class _Shelf:
    """The reference packs of every time, by the entry that adopted them."""

    desk: Desk
    known: dict[tuple[int, int, int], Packs] = field(default_factory=dict)

    def then(self, header: Header) -> Packs:
        """The packs by which an entry was sealed; a kind that is not here any more is taken as it is in force."""
        key = header.slot, header.epoch, header.pack
        if key not in self.known:
            adopted = [each.payload for each in _understood(filter(None, [journal.entry_at(*key)]))]
            names = [name for each in adopted if isinstance(each, PacksAdopted) for name in each.packs.values()]
            self.known[key] = self.desk.packs_named(names)
        return self.known[key]


def _lived(shelf: _Shelf, events: list[Event]) -> Stored:
    """A dossier after its events, by the packs in force."""
    *_, (_, stored) = _stages(shelf, events)
    return _under(shelf.desk.packs(), stored)


def _stages(shelf: _Shelf, events: Iterable[Event]) -> Iterator[tuple[Event, Stored]]:
    """A dossier after each of its events: what each left open was brought to the packs of the next one's time."""
    latest: Header | None = None
    stored: Stored | None = None
    for event in events:
        # What was recorded early is folded by the packs of the entry that it waited for.
        latest = max(latest or event.header, event.header, key=lambda header: header.id)
        packs = shelf.then(latest)
        stored, _ = _projected(packs, event, _under(packs, stored) if stored else None)
        yield event, stored


def _early(payload: Payload) -> list[Event]:
    """Steps that were recorded against a dossier's code while it was not known here."""
    return list(_understood(journal.history(payload.dossier_code))) if isinstance(payload, Received) else []


def _understood(entries: Iterable[SealedEntry]) -> Iterator[Event]:
    for entry in entries:
        try:
            yield read_event(entry)
        except (UnknownKind, BadPayload):
            continue


def _under(packs: Packs, stored: Stored) -> Stored:
    """A dossier by the packs in force: they move what is open; what was answered keeps the appointment that it had."""
    return replace(stored, due_at=due_at(stored.dossier, packs)) if stored.dossier.stage in OPEN else stored


def _projected(packs: Packs, event: Event, before: Stored | None) -> tuple[Stored, Counted]:
    """What an event makes of a dossier, and the days that gain and lose one by it."""
    folded = fold(before.dossier if before else None, event)
    header = event.header
    recorded_at = header.recorded_at + timedelta(milliseconds=header.offset_ms or 0)
    after = Stored(
        number=before.number if before else None,
        dossier=folded.dossier,
        content=content_after(before.content if before else {}, event, folded),
        due_at=_appointment(packs, folded.dossier, before),
        recorded_on=before.recorded_on if before else local_date(recorded_at),
        sequence=before.sequence if before else header.sequence,
        last_sequence=max(header.sequence, before.last_sequence if before else 0),
    )
    return after, counted_change(before.dossier if before else None, folded.dossier)


def _appointment(packs: Packs, dossier: Dossier, before: Stored | None) -> datetime | None:
    """The appointment after an event; one that does not touch what it follows from leaves it as it is."""
    if before and basis_of(before.dossier) == basis_of(dossier):
        return before.due_at
    return due_at(dossier, packs)
