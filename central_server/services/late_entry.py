"""Dossiers that were entered on a later day than received: a desk that types its backlog is not idle.

A fact to show, never a fault: bulk entry is often ordered from above, or an outage made it necessary. Source: the
contract's desk flags, and the guide's thresholds for bulk entry; the period of a dossier is that of its reception,
whenever it was entered.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from central_server.central import Central
from central_server.services.standing import DeskStory
from central_server.storage import dossiers, units
from central_server.storage.database import reading
from central_server.storage.dossiers import LateDossier
from central_server.storage.units import Scope
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode

BULK_DOSSIERS = 20
BULK_DAYS = 3
BULK_WITHIN = timedelta(minutes=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """Many dossiers of several days that one clerk entered at a stretch."""

    first_at: datetime
    last_at: datetime
    dossiers: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateEntry:
    """What a desk entered late: in a period for days before it, and after the period for its days."""

    earlier: int
    after: int
    bulks: Sequence[Bulk]


def recorded_for_earlier_days(central: Central, scope: Scope, period: Period) -> Mapping[DeskCode, int]:
    """How many dossiers each desk entered in a period for days before it; desks without any are left out."""
    with reading(central.database):
        counts = dossiers.entered_for_earlier_days(period)
        return {desk.code: counts[desk.code] for desk in units.desks(scope, period.last_on) if desk.code in counts}


def late_entry(central: Central, story: DeskStory) -> LateEntry:
    """What a desk entered late in or of a period; the story says that the caller may see the desk."""
    period = story.period
    with reading(central.database):
        late = dossiers.entered_late(story.standing.desk.code, period)
    return LateEntry(
        earlier=sum(each.received_on < period.first_on for each in late),
        after=sum(each.recorded_on > period.last_on for each in late),
        bulks=bulks(late),
    )


def bulks(late: Sequence[LateDossier]) -> list[Bulk]:
    """Where BULK_DOSSIERS of BULK_DAYS days were entered BULK_WITHIN by one clerk, in the order of time. Pure.

    late  in the order in which they were entered
    """
    by_clerk = groupby(sorted(late, key=lambda each: each.clerk), key=lambda each: each.clerk)
    found = [bulk for _, entered in by_clerk for bulk in _of_clerk(list(entered))]
    return sorted(found, key=lambda each: each.first_at)


def _of_clerk(entered: Sequence[LateDossier]) -> Iterator[Bulk]:
    """The stretches of a clerk: windows that overlap are one."""
    start, stretch_start, stretch_end = 0, 0, 0
    days: Counter[date] = Counter()
    for end, each in enumerate(entered, start=1):
        days[each.received_on] += 1
        while each.recorded_at - entered[start].recorded_at > BULK_WITHIN:
            days -= Counter([entered[start].received_on])
            start += 1
        if end - start >= BULK_DOSSIERS and len(days) >= BULK_DAYS:
            if stretch_end <= start:
                yield from _bulk(entered[stretch_start:stretch_end])
                stretch_start = start
            stretch_end = end
    yield from _bulk(entered[stretch_start:stretch_end])


def _bulk(stretch: Sequence[LateDossier]) -> Iterator[Bulk]:
    if stretch:
        days = {each.received_on for each in stretch}
        yield Bulk(
            first_at=stretch[0].recorded_at, last_at=stretch[-1].recorded_at, dossiers=len(stretch), days=len(days)
        )
