"""An event and what the screens read of it: sealed and projected together, or made again from the journal."""

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from desk_client.desk import Desk
from desk_client.services.contradicting import still_contradicted
from desk_client.services.dismissing import dismissed
from desk_client.services.sealing import Pen
from desk_client.storage import dossiers, journal, placing
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.dossiers import Stored
from sync_protocol.contents import content_after
from sync_protocol.deadlines import due_after, due_at
from sync_protocol.dossiers import OPEN, counted_change, meant_by_code
from sync_protocol.entries import Header, SealedEntry
from sync_protocol.errors import FieldSyncError
from sync_protocol.events import Erased, Event, Opening, PacksAdopted, Payload, Received
from sync_protocol.folding import fold
from sync_protocol.instants import local_date
from sync_protocol.packs import Packs
from sync_protocol.schemas import BadPayload, UnknownKind, read_event

log = logging.getLogger(__name__)

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
        # Which of several dossiers an entry means by their code can be told only once all of them are there.
        _put_again(_Shelf(desk), dossiers.ids_of_shared_codes())
    return count


def rebuild_if_needed(desk: Desk) -> None:
    """Makes the projection after a change of its shape; a journal without dossiers needs none."""
    with reading(desk.database):
        is_needed = dossiers.is_empty() and bool(placing.opened())
    if is_needed:
        rebuild(desk)


def lives(desk: Desk) -> Iterator[Stored]:
    """Every dossier as the journals make it, in the order in which they were opened, inside the caller's transaction.

    One whose opening cannot be read, because the law had its content erased, is not among them.
    """
    shelf = _Shelf(desk)
    for dossier_id in placing.opened():
        lived = _lived(shelf, dossier_id)
        if lived:
            yield lived


def refold(desk: Desk, dossier_ids: Iterable[str]) -> None:
    """Makes some dossiers again from the journals, inside the caller's transaction: other machines spoke of them."""
    shelf, ids = _Shelf(desk), list(dossier_ids)
    _put_again(shelf, ids)
    # What names a code may have come to mean another dossier under it.
    _put_again(shelf, dossiers.ids_of_shared_codes(ids))


def life_of(desk: Desk, dossier_id: str) -> list[tuple[Event, Stored]]:
    """A dossier after each of its events, as it was to be seen then, inside the caller's transaction."""
    return list(_stages(_Shelf(desk), dossier_id))


def events_of(dossier_id: str) -> list[Event]:
    """What was sealed about a dossier, by its id and by its code, in the order of the desk's ledger.

    What cannot be read, since it was erased or a newer program wrote it, is left out.
    """
    own = _understood(placing.about([dossier_id]))
    codes = {event.payload.dossier_code for event in own if isinstance(event.payload, Received)}
    # Asked anew only where somebody spoke of the code: nearly never.
    return _standing(_understood(placing.about([dossier_id, *codes])) if placing.about(codes) else own)


def events_about(code: str) -> list[Event]:
    """What was sealed by the code on a slip alone."""
    return _standing(_understood(placing.about([code])))


@dataclass(slots=True)
class _Shelf:
    """The reference packs of every time, by the entry that adopted them."""

    desk: Desk
    known: dict[tuple[int, int, int], Packs] = field(default_factory=dict)

    def then(self, header: Header) -> Packs:
        """The packs by which an entry was sealed; a kind that is not here any more is taken as it is in force."""
        key = header.slot, header.epoch, header.pack
        if key not in self.known:
            adopted = [event.payload for event in _understood(filter(None, [journal.entry_at(*key)]))]
            names = [name for each in adopted if isinstance(each, PacksAdopted) for name in each.packs.values()]
            self.known[key] = self.desk.packs_named(names)
        return self.known[key]


def _put_again(shelf: _Shelf, dossier_ids: Iterable[str]) -> None:
    for dossier_id in dossier_ids:
        lived, number = _lived(shelf, dossier_id), dossiers.number_of(dossier_id)
        if lived:
            dossiers.put(replace(lived, number=number))
        elif number is not None:
            dossiers.remove(number)


def _lived(shelf: _Shelf, dossier_id: str) -> Stored | None:
    """A dossier after its events, by the packs in force; None where nothing that can be read opens it."""
    stored = None
    for _, after in _stages(shelf, dossier_id):
        stored = after
    return _under(shelf.desk.packs(), stored) if stored else None


def _stages(shelf: _Shelf, dossier_id: str) -> Iterator[tuple[Event, Stored]]:
    """A dossier after each of its events, by the packs of each one's time.

    As the centre does, what speaks of it before it is there waits for the entry that brings its id or its code, and is
    folded by the packs of that entry; what cannot be folded is passed over. Others under its code are folded beside it,
    since what names the code may mean one of them.
    """
    known: dict[str, Stored] = {}
    waiting: dict[str, list[Event]] = {}
    queue = deque((event, event.header) for event in _events_under_code_of(dossier_id))
    while queue:
        event, by = queue.popleft()
        before = _meant(known, event.header.subject)
        if before is None and not _opens(event):
            waiting.setdefault(event.header.subject, []).append(event)
            continue
        packs = shelf.then(by)
        try:
            stored, _ = _projected(packs, event, before)
        # Whatever another machine sealed, the centre has set it aside in the same way, and its neighbours count.
        except (FieldSyncError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            log.warning("entry %s changes nothing: %s", event.header.id, type(error).__name__)
            continue
        known[stored.dossier.id] = stored
        if stored.dossier.id == dossier_id:
            yield event, stored
        ready = [each for name in _names(stored) for each in waiting.pop(name, ())]
        queue.extendleft((each, event.header) for each in reversed(ready))


def _events_under_code_of(dossier_id: str) -> list[Event]:
    """As `events_of`, with those of the other dossiers under its code where something was sealed by the code alone."""
    events = events_of(dossier_id)
    named = {event.header.subject for event in events} - {dossier_id}
    rivals = {each for code in named for each in dossiers.ids_under(code)} - {dossier_id}
    return _standing(_understood(placing.about([dossier_id, *named, *rivals]))) if rivals else events


def _meant(known: Mapping[str, Stored], subject: str) -> Stored | None:
    """The dossier that an entry names by its id, or by the code on its slip."""
    if subject in known:
        return known[subject]
    under = [each.dossier for each in known.values() if each.dossier.dossier_code == subject]
    return known[meant_by_code(under).id] if under else None


def _names(stored: Stored | None) -> tuple[str, ...]:
    """The id and the code by which a dossier can be named."""
    return tuple(filter(None, (stored.dossier.id, stored.dossier.dossier_code))) if stored else ()


def _opens(event: Event) -> bool:
    """Whether a dossier can begin with an event; of one that was erased, the entry that says so may be the first."""
    is_own = isinstance(event.payload, Opening) and event.header.subject == str(event.header.id)
    return is_own or isinstance(event.payload, Erased)


def _early(payload: Payload) -> list[Event]:
    """Steps that were recorded against a dossier's code while it was not known here."""
    return events_about(payload.dossier_code) if isinstance(payload, Received) else []


def _understood(entries: Iterable[SealedEntry]) -> list[Event]:
    events = []
    for entry in entries:
        with suppress(UnknownKind, BadPayload):
            events.append(read_event(entry))
    return events


def _standing(events: list[Event]) -> list[Event]:
    """Events without the steps that a person at the centre has decided not to count.

    A reception stays to be seen: what the centre does not count has been in the clerk's hands.
    """
    left_out = dismissed() if events else {}
    return [event for event in events if isinstance(event.payload, Opening) or event.header.id not in left_out]


def _under(packs: Packs, stored: Stored) -> Stored:
    """A dossier by the packs in force: they move what is open; what was answered keeps the appointment that it had."""
    return replace(stored, due_at=due_at(stored.dossier, packs)) if stored.dossier.stage in OPEN else stored


def _projected(packs: Packs, event: Event, before: Stored | None) -> tuple[Stored, Counted]:
    """What an event makes of a dossier, and the days that gain and lose one by it."""
    folded = fold(before.dossier if before else None, event)
    entered_at = folded.dossier.recorded_at if isinstance(event.payload, Erased) else event.header.entered_at
    after = Stored(
        number=before.number if before else None,
        dossier=folded.dossier,
        content=content_after(before.content if before else {}, event, folded),
        due_at=due_after(folded.dossier, packs, before),
        recorded_on=before.recorded_on if before else local_date(entered_at),
        contradicted=still_contradicted(before, event, folded) if before else (),
    )
    # Asked of those too that count nowhere, as the centre does: the last hours of the year 9999 lie in no local day.
    local_date(folded.dossier.received_at)
    return after, counted_change(before.dossier if before else None, folded.dossier)
