"""Writing what was judged: ledger, verdicts, dossiers and counts, while the desk's ledger is held."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from peewee import Database

from central_server.services.judging import Judged
from central_server.storage import counters, dossiers, erased, holding, ledger
from central_server.storage.ledger import JudgedEntry
from sync_protocol.instants import local_date
from sync_protocol.vocabulary import DeskCode, DeviceId


def keep_judged(database: Database, desk: DeskCode, judged: Judged, last_sequence: int, now: datetime) -> None:
    """Appends new entries behind the ledger's last sequence and writes what follows from them.

    What is judged again counts for the device that recorded it, on the ledger day of what has caused it.
    """
    if not judged.entries:
        return
    ledger.append(database, desk, judged.entries, last_sequence, now)
    if bare := [each for each in judged.entries if each.sealed.payload is None]:
        erased.note_late(desk, bare)
    ledger.keep_verdicts(desk, judged.again, now)
    holding.add_later(desk, judged.again, now)
    dossiers.keep(database, desk, opened=judged.opened, changed=judged.changed)
    count(desk, (*judged.entries, *judged.again), local_date(now))


def count(desk: DeskCode, entries: Iterable[JudgedEntry], ledger_on: date) -> None:
    """Adds what entries change to the counts of the devices that recorded them."""
    by_slot: dict[int, list[JudgedEntry]] = {}
    for each in entries:
        by_slot.setdefault(each.header.slot, []).append(each)
    for slot, recorded in by_slot.items():
        counters.add(DeviceId(desk, slot), changes(recorded), ledger_on)


def changes(entries: Iterable[JudgedEntry]) -> Counter[date]:
    """What entries change in the counts, by day of reception."""
    counts: Counter[date] = Counter()
    for each in entries:
        for day, step in ((each.received_on, 1), (each.left_on, -1)):
            if day:
                counts[day] += step
    return counts
