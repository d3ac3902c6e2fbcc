"""Judging entries that are in custody: each gets a verdict, and what counts becomes dossiers. It stops at no entry."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from central_server.services.appointments import PackShelf, shelf_of
from central_server.storage import dossiers, erased, holding, ledger
from central_server.storage.dossiers import Projected
from central_server.storage.erased import Erasures
from central_server.storage.ledger import JudgedEntry
from sync_protocol.deadlines import due_after, due_at
from sync_protocol.dossiers import OPEN, UnknownDossier, counted_change, meant_by_code
from sync_protocol.entries import EntryId, Header
from sync_protocol.errors import FieldSyncError
from sync_protocol.events import (
    AboutDossier,
    Declared,
    Dismissed,
    Erased,
    Event,
    Opening,
    PacksAdopted,
    Rated,
    Received,
    Released,
)
from sync_protocol.folding import Folded, fold
from sync_protocol.instants import local_date
from sync_protocol.packs import Packs
from sync_protocol.schemas import UnknownKind, read_event
from sync_protocol.vocabulary import CENTRE_SLOT, DeskCode, DossierStage, EventKind, VerdictKind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a batch comes to.

    entries       the new ones, in their order
    again         earlier ones of any device of the desk, set aside until now, that met their dossier or were released
    opened        dossiers that begin with it, which no row holds yet
    changed       the others that it changed
    declarations  what was declared, in order; by entries that were released, too
    """

    entries: Sequence[JudgedEntry] = ()
    again: Sequence[JudgedEntry] = ()
    opened: Collection[Projected] = ()
    changed: Collection[Projected] = ()
    declarations: Sequence[Event] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Docket:
    """What lies on the table while a batch is judged.

    known     dossiers by id; ids: the id of the dossier that a code names
    waiting   entries about a dossier that is not there yet, by the id or code by which they name it
    released  entries set aside that a decision of the centre names, by their ids
    judged    what has been judged so far, in order
    opened    dossiers that it began; changed: those that were there, as it changed them
    shelf     the reference packs that entries name
    """

    desk: DeskCode
    shelf: PackShelf
    known: dict[str, Projected] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, list[tuple[JudgedEntry, Event | None]]] = field(default_factory=dict)
    released: dict[str, tuple[JudgedEntry, Event | None]] = field(default_factory=dict)
    judged: dict[EntryId, JudgedEntry] = field(default_factory=dict)
    opened: dict[str, Projected] = field(default_factory=dict)
    changed: dict[str, Projected] = field(default_factory=dict)

    def of(self, subject: str) -> Projected | None:
        """The dossier that an entry names by its id, or by the code on its slip."""
        return self.known.get(self.ids.get(subject, subject))

    def put(self, projected: Projected) -> None:
        """Lays a dossier on the table."""
        dossier = projected.dossier
        self.known[dossier.id] = projected
        code = dossier.dossier_code
        if not code:
            return
        is_other = self.ids.setdefault(code, dossier.id) != dossier.id
        if is_other or dossier.stage is DossierStage.VOIDED:
            all_known = (each.dossier for each in self.known.values())
            self.ids[code] = meant_by_code(each for each in all_known if each.dossier_code == code).id

    def change(self, projected: Projected) -> None:
        """Lays a dossier on the table as it is now."""
        id_ = projected.dossier.id
        (self.opened if id_ in self.opened else self.changed)[id_] = projected
        self.put(projected)

    def open(self, projected: Projected) -> None:
        """Lays a new dossier on the table."""
        self.opened[projected.dossier.id] = projected
        self.put(projected)


def judge(desk: DeskCode, entries: Sequence[JudgedEntry], *, held: Mapping[EntryId, str] | None = None) -> Judged:
    """Judges entries in their order, inside the caller's transaction; what they say raises nothing.

    held  entries that are set aside whatever they say, and why: their device's word does not count
    """
    erasures = erased.at_desk(desk)
    read = [_read(desk, entry, held or {}, erasures) for entry in entries]
    docket = _docket(desk, [event for _, event in read if event])
    for entry, event in read:
        _judge(docket, entry, event)
    own = [docket.judged.pop(entry.header.id) for entry in entries]
    said = [event for _, event in (*read, *docket.released.values()) if event]
    return Judged(
        entries=own,
        again=list(docket.judged.values()),
        opened=docket.opened.values(),
        changed=docket.changed.values(),
        declarations=[event for event in said if isinstance(event.payload, Declared)],
    )


def _docket(desk: DeskCode, events: Sequence[Event]) -> _Docket:
    """All that a batch can touch, with one read of dossiers and one of entries that wait."""
    released = _released(desk, events)
    events = [*events, *(event for _, event in released.values() if event)]
    docket = _Docket(desk=desk, shelf=shelf_of(desk, events), released=released)
    openings = [event for event in events if isinstance(event.payload, Opening)]
    codes = {event.payload.dossier_code for event in openings if isinstance(event.payload, Received)}
    ids = {str(event.header.id) for event in openings}
    for dossier in dossiers.by_refs(desk, {event.header.subject for event in events} - ids - {""}):
        docket.put(dossier)
    for entry in ledger.waiting(desk, UnknownDossier.code, ids | codes):
        if str(entry.header.id) in docket.released:
            continue
        docket.waiting.setdefault(entry.header.subject, []).append(_read(desk, entry))
    return docket


def _released(desk: DeskCode, events: Sequence[Event]) -> dict[str, tuple[JudgedEntry, Event | None]]:
    """What the decisions of a batch release, in the order of the ledger."""
    names = [name for event in events if isinstance(event.payload, Released) for name in event.payload.entries]
    found = holding.named(desk, [EntryId.parse(name) for name in dict.fromkeys(names)]) if names else []
    return {str(entry.header.id): _read(desk, entry) for entry in found}


def _read(
    desk: DeskCode,
    entry: JudgedEntry,
    held: Mapping[EntryId, str] | None = None,
    erasures: Erasures | None = None,
) -> tuple[JudgedEntry, Event | None]:
    """What an entry says; set aside where that cannot be understood or does not count."""
    header = entry.header
    if erasures and erasures.names and _is_erased(entry, erasures):
        # What the order had erased is not kept of a device that has not heard of it, either.
        return replace(entry, sealed=entry.sealed._replace(payload=None, salt=None)), None
    if held and header.id in held:
        reason, day = held[header.id], _undecided_on(header)
        return replace(entry, verdict=VerdictKind.QUARANTINED, reason=reason, undecided_on=day), None
    try:
        return entry, read_event(entry.sealed, header)
    except Exception as error:
        return _set_aside(desk, entry, error), None


def _is_erased(entry: JudgedEntry, erasures: Erasures) -> bool:
    """Whether nothing is kept of what an entry says; what the centre decides keeps its reason."""
    is_decided = entry.header.slot == CENTRE_SLOT and entry.sealed.payload is not None
    return not is_decided and erasures.decision_on(entry.header, entry.sealed.payload_hash) is not None


def _judge(docket: _Docket, entry: JudgedEntry, event: Event | None, opened_by: Header | None = None) -> None:
    """Notes the verdict on an entry, and judges again what has waited for the dossier that it opens.

    opened_by  the entry for which this one has waited: appointments are counted by the packs of that one
    """
    id_ = entry.header.id
    docket.judged[id_] = entry
    if event is None:
        return
    if not _is_about_a_dossier(event):
        if isinstance(event.payload, Released):
            _release(docket, event.payload)
        if isinstance(event.payload, Dismissed):
            _dismiss(docket, event.payload)
        if isinstance(event.payload, PacksAdopted):
            _adopt(docket, event)
        docket.judged[id_] = _without_effect(entry)
        return
    before = docket.of(event.header.subject)
    try:
        folded = fold(before.dossier if before else None, event)
        after = _projected(docket.shelf.then(opened_by or event.header), event, before, folded)
        docket.judged[id_] = _counted(entry, event, before, folded)
    except Exception as error:
        docket.judged[id_] = _set_aside(docket.desk, entry, error)
        if isinstance(error, UnknownDossier):
            docket.waiting.setdefault(event.header.subject, []).append((entry, event))
        return
    if before:
        docket.change(after)
    else:
        docket.open(after)
    for name in _new_names(before, after):
        for waiting, its_event in docket.waiting.pop(name, ()):
            _judge(docket, waiting, its_event, opened_by or event.header)


def _adopt(docket: _Docket, event: Event) -> None:
    """Brings the appointments of what is open to the packs that a device works by from here on."""
    packs = docket.shelf.then(replace(event.header, pack=event.header.sequence))
    if packs is None:
        return
    held = {each.dossier.id: each for each in dossiers.open_ones(docket.desk)}
    for stored in (held | docket.known).values():
        if stored.dossier.stage in OPEN and (due := due_at(stored.dossier, packs)) != stored.due_at:
            docket.change(replace(stored, due_at=due, counted_by=packs))


def _release(docket: _Docket, decision: Released) -> None:
    """Judges what a decision names, in the order of the ledger, as if it came now."""
    names = set(decision.entries)
    for name, (entry, event) in docket.released.items():
        if name in names and entry.header.id not in docket.judged:
            _judge(docket, entry, event)


def _dismiss(docket: _Docket, decision: Dismissed) -> None:
    """What a decision names waits no longer and counts nowhere; the reason for which it was set aside stays with it."""
    for entry in holding.named(docket.desk, list(map(EntryId.parse, decision.entries))):
        docket.judged[entry.header.id] = replace(entry, verdict=VerdictKind.DISMISSED, undecided_on=None)


def _without_effect(entry: JudgedEntry) -> JudgedEntry:
    """An entry that is understood and changes no dossier."""
    return replace(entry, verdict=VerdictKind.APPLIED, reason="", undecided_on=None)


def _is_about_a_dossier(event: Event) -> bool:
    """Whether it has to be folded; a citizen may also rate the desk as a whole."""
    is_general = isinstance(event.payload, Rated) and not event.header.subject
    return isinstance(event.payload, AboutDossier) and not is_general


def _new_names(before: Projected | None, after: Projected) -> list[str]:
    """The id and the code by which a dossier can be named since a step."""
    held = (before.dossier.id, before.dossier.dossier_code) if before else ()
    return [name for name in (after.dossier.id, after.dossier.dossier_code) if name and name not in held]


def _projected(packs: Packs | None, event: Event, before: Projected | None, folded: Folded) -> Projected:
    """What an event makes of a dossier; raises OverflowError where a day of it lies beyond every calendar."""
    dossier = folded.dossier
    # Asked of those too that count nowhere: the last hours of the year 9999 would fail where the dossier is written.
    local_date(dossier.received_at)
    # What the centre itself decides names no packs, and moves no appointment.
    due, counted_by = before.due_at if before and not dossier.is_erased else None, None
    if packs:
        is_by_same = before is not None and before.counted_by is packs
        due = due_after(dossier, packs, before, is_by_same_packs=is_by_same)
        # What was there before may keep an appointment of other packs.
        counted_by = packs if before is None or is_by_same else None
    return Projected.of(dossier, due_at=due, recorded_on=_recorded_on(event, before, folded), counted_by=counted_by)


def _recorded_on(event: Event, before: Projected | None, folded: Folded) -> date:
    """The day of the entry that states the reception, whatever was recorded of the dossier since."""
    dossier = folded.dossier
    is_opening = before is None and not dossier.is_erased
    if is_opening or str(event.header.id) == (dossier.stated_by or dossier.id):
        return local_date(event.header.entered_at)
    # After an erasure nobody can read the opening again: what the erasure has kept of it is all there is.
    return before.recorded_on if before and not dossier.is_erased else local_date(dossier.recorded_at)


def _counted(entry: JudgedEntry, event: Event, before: Projected | None, folded: Folded) -> JudgedEntry:
    """An entry with its effect."""
    # What an erasure leaves was counted before; where it was not, since the contents are gone, it says so itself.
    is_counted = isinstance(event.payload, Erased)
    earlier = folded.dossier if is_counted else before.dossier if before else None
    received_on, left_on = counted_change(earlier, folded.dossier)
    return JudgedEntry(
        sealed=entry.sealed,
        header=entry.header,
        entry_hash=entry.entry_hash,
        verdict=folded.verdict,
        received_on=received_on,
        left_on=left_on,
    )


def _set_aside(desk: DeskCode, entry: JudgedEntry, error: Exception) -> JudgedEntry:
    """An entry that is kept and not counted. Whatever the error, it must not block the neighbours.

    One that nobody foresaw is reported to whoever runs the centre.
    """
    if isinstance(error, UnknownKind):
        return replace(entry, verdict=VerdictKind.FUTURE, reason=error.code, undecided_on=_undecided_on(entry.header))
    if not isinstance(error, FieldSyncError):
        log.error("entry %s of desk %s breaks the projection", entry.header.id, desk, exc_info=error)
    return replace(
        entry,
        verdict=VerdictKind.QUARANTINED,
        reason=error.code if isinstance(error, FieldSyncError) else type(error).__name__,
        undecided_on=_undecided_on(entry.header),
    )


def _undecided_on(header: Header) -> date | None:
    """The day in which a reception would count; None for any other entry, and for an instant in no local day."""
    try:
        return local_date(header.happened_at) if header.kind == EventKind.RECEIVE else None
    except OverflowError:
        return None
