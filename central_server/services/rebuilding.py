"""Making a desk's dossiers, verdicts and counts again from its ledger: they come out as they were kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from peewee import Database

from central_server.central import Central
from central_server.services.deciding import judge_again
from central_server.services.judging import Judged, judge
from central_server.services.keeping import count
from central_server.storage import centre, counters, dossiers, gaps, holding, ledger, units
from central_server.storage.database import reading, write_transaction
from central_server.storage.holding import AWAITING_A_DECISION
from central_server.storage.ledger import LedgerEntry
from sync_protocol.entries import EntryId
from sync_protocol.events import Erased, Event, Released
from sync_protocol.instants import local_date
from sync_protocol.schemas import read_event
from sync_protocol.vocabulary import CENTRE_SLOT, DeskCode, DeviceId, EventKind

READ_AT_ONCE = 1_000
"""Entries of a ledger that are held in memory at a time."""

SHAPE = 2
"""Number of the shape in which dossiers are made; raised when a migration gives their table another column."""

UNTIL_RELEASED = "until_released"
"""Why an entry is set aside that a later decision releases; the reason that it had is gone with the verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What was gone through; `beyond` counts entries that are kept and go on from nothing that is here."""

    desks: int
    entries: int
    dossiers: int
    beyond: int


def rebuild(central: Central) -> Rebuilt:
    """Makes the projections and counts of all desks again, each desk by itself; what waits is judged again first."""
    judge_again(central)
    with reading(central.database):
        codes = units.desk_codes()
    entries = sum(_rebuild_desk(central.database, code) for code in codes)
    with write_transaction(central.database):
        centre.keep_projected_as(SHAPE)
        count_, beyond = dossiers.count(), sum(gaps.counts().values())
    return Rebuilt(desks=len(codes), entries=entries, dossiers=count_, beyond=beyond)


def rebuild_if_needed(central: Central) -> None:
    """Makes the projections again after a change of their shape; each desk by itself, so that others may work on."""
    with reading(central.database):
        shape = centre.projected_as()
    if shape not in (None, SHAPE):
        rebuild(central)


def _rebuild_desk(database: Database, desk: DeskCode) -> int:
    with write_transaction(database):
        end = ledger.locked_sequence(desk)
        held, erased = _held(desk), set[str]()
        holding.clear_projections(desk)
        for arrived_at, batch in _batches(desk):
            judged = judge(desk, [each.entry for each in batch], held=held)
            _keep_again(database, desk, judged, batch, arrived_at)
            _count_erased_once(desk, judged, erased)
    return end


def _held(desk: DeskCode) -> dict[EntryId, str]:
    """Entries that only a decision counts: those that wait for one, and those to which one came later.

    At a centre that was put back a decision may find its entries counted already: they came again before it did.
    """
    waiting = {each.header.id: each.reason for each in holding.open_entries(desk) if each.reason in AWAITING_A_DECISION}
    events = [read_event(entry) for entry in holding.decisions(desk, EventKind.RELEASE)]
    names = [name for event in events if isinstance(event.payload, Released) for name in event.payload.entries]
    released = {EntryId.parse(name) for name in names}
    # What a person has dismissed is not judged by what this program understands of it meanwhile.
    later = released - ledger.counted_at_arrival(desk, released)
    return dict.fromkeys(later, UNTIL_RELEASED) | holding.dismissed(desk) | waiting


def _batches(desk: DeskCode) -> Iterator[tuple[datetime, list[LedgerEntry]]]:
    """The ledger in order, in parts that came at one time; what the centre decided stands alone.

    A decision finds what it releases among the verdicts, so these are written before it is judged.
    """
    after = 0
    while entries := ledger.in_order(desk, after, READ_AT_ONCE):
        after = entries[-1].number
        for (arrived_at, _), batch in groupby(entries, key=_part):
            yield arrived_at, list(batch)


def _part(each: LedgerEntry) -> tuple[datetime, int]:
    return each.arrived_at, each.number if each.entry.header.slot == CENTRE_SLOT else 0


def _keep_again(
    database: Database, desk: DeskCode, judged: Judged, batch: Sequence[LedgerEntry], arrived_at: datetime
) -> None:
    ledger_on = local_date(arrived_at)
    at_arrival: Mapping[EntryId, tuple[object, object]] = {each.entry.header.id: each.counted for each in batch}
    later = [each for each in judged.entries if at_arrival[each.header.id] == (None, None)]
    ledger.note_verdicts(database, desk, judged.entries, arrived_at)
    ledger.keep_verdicts(desk, judged.again, arrived_at)
    holding.add_later(desk, (*later, *judged.again), arrived_at)
    dossiers.keep(database, desk, opened=judged.opened, changed=judged.changed)
    count(desk, (*judged.entries, *judged.again), ledger_on)


def _count_erased_once(desk: DeskCode, judged: Judged, erased: set[str]) -> None:
    """Counts what erasures say of their dossiers: of one that came back after it had been made anew, one time."""
    for each in judged.entries:
        is_erasure = each.header.slot == CENTRE_SLOT and each.header.kind == EventKind.ERASE
        if is_erasure and each.header.subject not in erased:
            count_erased(desk, read_event(each.sealed))
            erased.add(each.header.subject)


def count_erased(desk: DeskCode, event: Event) -> None:
    """Counts what an erased dossier had changed, as its erasure says."""
    assert isinstance(event.payload, Erased)
    for each in event.payload.counts:
        counters.add(DeviceId(desk, each.slot), {each.received_on: each.count}, each.ledger_on)
