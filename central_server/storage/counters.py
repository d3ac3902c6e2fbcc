"""Counts by desk and day, their sums by months, and what devices hold back."""

from collections import Counter as Tally
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

from peewee import EXCLUDED, Query, Select, fn

from central_server.storage.database import columns_of, write_rows
from central_server.storage.models import Counter, Entry, LaterCount, MonthCount, Unsent
from central_server.storage.prepared import Prepared
from central_server.storage.questions import DESKS_NAMED_MAX, of_desks
from sync_protocol.instants import local_date, local_instant
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode, DeviceId

DeviceKey = tuple[DeskCode, int]

MONTHS_BEGIN = (1, 15, 21)
"""The days on which the months of the series in use begin: the calendar month, 15th to 14th, 21st to 20th. Of each the
sum is kept, so that a period of whole months is told by one row a desk and month, however many dossiers it has."""


def add(device: DeviceId, changes: Mapping[date, int], ledger_on: date) -> None:
    """Adds to the counts of a desk, by day of reception."""
    sums: Tally[tuple[date, ...]] = Tally()
    for day, count in sorted(changes.items()):
        _add(device.desk, device.slot, day, ledger_on, count)
        sums[months_of(day)] += count
    for months, count in sorted(sums.items()):
        if count:
            _add_to_months(device.desk, count, *months)


def months_of(day: date) -> tuple[date, ...]:
    """The first days of the months in which a day lies, one of each series."""
    month = day.replace(day=1)
    # What claims to be of the calendar's very first month has none before it, and is in no period either.
    month_before = month - timedelta(days=1) if month > date.min else month
    return tuple((day if day.day >= begins else month_before).replace(day=begins) for begins in MONTHS_BEGIN)


def arrived(period: Period, desk: DeskCode | None = None, *, as_of: datetime | None = None) -> dict[DeskCode, int]:
    """Dossiers that the centre holds by desk, received in a period; of one desk where it is named.

    as_of  those that it held at an instant of the ledger's time; None for now
    """
    return arrived_in([period], [desk] if desk else None, as_of=as_of)[0]


def arrived_in(
    periods: Sequence[Period], desks: Collection[DeskCode] | None = None, *, as_of: datetime | None = None
) -> list[dict[DeskCode, int]]:
    """Dossiers that the centre holds by desk, for each of some periods, in one query each.

    desks  only of these, at most DESKS_NAMED_MAX; None for all
    as_of  as for `arrived`; that takes two queries more
    """
    assert desks is None or len(desks) <= DESKS_NAMED_MAX, "a query names a page of desks, or none"
    found = [_sums(each, desks, as_of) for each in periods]
    for code, day, step in _counted_later_that_day(as_of, desks) if as_of else ():
        for arrived, period in zip(found, periods, strict=True):
            if day in period:
                arrived[code] = arrived.get(code, 0) - step
    return found


def arrived_at_desk(desk: DeskCode, periods: Sequence[Period]) -> list[int]:
    """Dossiers that the centre holds of a desk, for each of some periods."""
    months = [_months_in(each) for each in periods]
    if not all(months):
        return [found.get(desk, 0) for found in arrived_in(periods, [desk])]
    firsts = [*chain(*months)]
    sums: dict[date, int] = dict(_months_of(desk, min(firsts), max(firsts)))
    return [sum(sums.get(each, 0) for each in own) for own in months]


def held_of(desks: Collection[DeskCode], period: Period) -> set[DeskCode]:
    """Which of some desks have ever had a dossier that was received in a period."""
    rows = Counter.select(Counter.desk).distinct().where(Counter.received_on.between(period.first_on, period.last_on))
    return {code for (code,) in of_desks(rows, Counter.desk, desks).tuples()} & set(desks) if desks else set()


def counted(desk: DeskCode, period: Period) -> list[tuple[datetime, int]]:
    """What each entry of a desk changed in the count of a period, by ledger time; reads all of the desk."""
    found = []
    for model, when in ((Entry, Entry.arrived_at), (LaterCount, LaterCount.counted_at)):
        for column, step in ((model.received_on, 1), (model.left_on, -1)):
            rows = model.select(when).where(model.desk == desk, column.between(period.first_on, period.last_on))
            found += [(at, step) for (at,) in rows.tuples() if at]
    return found


def _sums(period: Period, desks: Collection[DeskCode] | None, as_of: datetime | None) -> dict[DeskCode, int]:
    """What the daily counts of a period, or the sums of its months, add up to by desk."""
    months = _months_in(period)
    # What a month adds up does not tell when it was counted.
    query = _by_day(period, as_of) if as_of or not months else _by_month(months)
    if desks is not None:
        query = query.where(query.model.desk.in_(list(desks)))
    # The driver's own rows: of a province, a step of Python's for each takes longer than the sums.
    return dict(query.model._meta.database.execute(query).fetchall())


def _by_day(period: Period, as_of: datetime | None) -> Select:
    query = _summed(Counter, Counter.received_on.between(period.first_on, period.last_on))
    return query.where(Counter.ledger_on <= local_date(as_of)) if as_of else query


def _by_month(months: Sequence[date]) -> Select:
    row = MonthCount
    if len(months) > 1:
        return _summed(row, row.first_on.in_(list(months)))
    # A desk has one row of it, so there is nothing to add up.
    return row.select(row.desk, row.count).where(row.first_on == months[0])


def _summed(row: Any, is_asked: Any) -> Select:
    return row.select(row.desk, fn.SUM(row.count)).where(is_asked).group_by(row.desk)


def _months_in(period: Period) -> list[date]:
    """The first days of the months of which a period consists, none where these are not whole ones of a series."""
    first_on, follows_on = period.first_on, period.last_on + timedelta(days=1)
    if first_on.day not in MONTHS_BEGIN or follows_on.day != first_on.day:
        return []
    count = (follows_on.year - first_on.year) * 12 + follows_on.month - first_on.month
    numbers = (first_on.year * 12 + first_on.month - 1 + ahead for ahead in range(count))
    return [date(number // 12, number % 12 + 1, first_on.day) for number in numbers]


def _counted_later_that_day(at: datetime, desks: Collection[DeskCode] | None) -> Iterator[tuple[DeskCode, date, int]]:
    """What entries changed in the counts between an instant and the end of its ledger day, which counts add up."""
    ends_at = local_instant(local_date(at) + timedelta(days=1), time())
    for model, when in ((Entry, Entry.arrived_at), (LaterCount, LaterCount.counted_at)):
        is_counted = model.received_on.is_null(False) | model.left_on.is_null(False)
        query = model.select(model.desk, model.received_on, model.left_on).where(when > at, when < ends_at, is_counted)
        if desks is not None:
            query = query.where(model.desk.in_(list(desks)))
        for code, received_on, left_on in query.tuples():
            yield from ((code, day, step) for day, step in ((received_on, 1), (left_on, -1)) if day)


def arrived_by_desk_and_day(
    period: Period, desks: Collection[DeskCode], *, as_of: datetime | None = None
) -> dict[tuple[DeskCode, date], int]:
    """Dossiers that the centre holds of some desks, at most DESKS_NAMED_MAX, by desk and day of reception.

    as_of  as for `arrived`
    """
    assert len(desks) <= DESKS_NAMED_MAX, "a query names a page of desks"
    query = Counter.select(Counter.desk, Counter.received_on, fn.SUM(Counter.count)).where(
        Counter.desk.in_(list(desks)), Counter.received_on.between(period.first_on, period.last_on)
    )
    if as_of:
        query = query.where(Counter.ledger_on <= local_date(as_of))
    rows = query.group_by(Counter.desk, Counter.received_on).tuples()
    found = {(code, day): int(count) for code, day, count in rows}
    for code, day, step in _counted_later_that_day(as_of, desks) if as_of else ():
        found[code, day] = found.get((code, day), 0) - step
    return found


def replace_unsent(device: DeviceId, counts: Mapping[date, int]) -> None:
    """Remembers what a device holds back now."""
    _drop_unsent(device.desk, device.slot)
    rows = [
        {"desk": device.desk, "slot": device.slot, "received_on": day, "count": n} for day, n in counts.items() if n
    ]
    write_rows(Unsent._meta.database, Unsent, columns_of(rows))


def subtract_unsent(device: DeviceId, arrived: Mapping[date, int]) -> None:
    """Takes from what a device holds back what has arrived of it."""
    if not arrived:
        return
    rows = Unsent.select(Unsent.received_on, Unsent.count).where(Unsent.desk == device.desk, Unsent.slot == device.slot)
    counts = dict(rows.tuples())
    for day, count in arrived.items():
        counts[day] = counts.get(day, 0) - count
    replace_unsent(device, counts)


@Prepared
def _months_of(desk: Any, first_on: Any, last_on: Any) -> Query:
    row = MonthCount
    return row.select(row.first_on, row.count).where(row.desk == desk, row.first_on.between(first_on, last_on))


@Prepared
def _add(desk: Any, slot: Any, received_on: Any, ledger_on: Any, count: Any) -> Query:
    row = Counter
    return row.insert(desk=desk, slot=slot, received_on=received_on, ledger_on=ledger_on, count=count).on_conflict(
        conflict_target=[row.desk, row.received_on, row.ledger_on, row.slot],
        update={row.count: row.count + EXCLUDED.count},
    )


@Prepared
def _add_to_months(desk: Any, count: Any, *months: Any) -> Query:
    row = MonthCount
    return row.insert_many([{"desk": desk, "first_on": each, "count": count} for each in months]).on_conflict(
        conflict_target=[row.desk, row.first_on], update={row.count: row.count + EXCLUDED.count}
    )


@Prepared
def _drop_unsent(desk: Any, slot: Any) -> Query:
    return Unsent.delete().where(Unsent.desk == desk, Unsent.slot == slot)
