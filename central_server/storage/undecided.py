"""How many receptions of desks wait for a decision: now, and at any instant before. Changes are added up."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from peewee import Query, fn

from central_server.storage.models import UndecidedCount
from central_server.storage.prepared import Prepared
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode


def add(desk: DeskCode, set_aside: Iterable[date | None], decided: Iterable[date | None], at: datetime) -> None:
    """Adds the days of receptions that were set aside, and of those that wait no longer; None for any other entry."""
    changes: Counter[date] = Counter()
    for days, step in ((set_aside, 1), (decided, -1)):
        for day in days:
            if day:
                changes[day] += step
    for day, count in sorted(changes.items()):
        if count:
            UndecidedCount.insert(desk=desk, received_on=day, changed_at=at, count=count).on_conflict(
                conflict_target=[UndecidedCount.desk, UndecidedCount.received_on, UndecidedCount.changed_at],
                update={UndecidedCount.count: UndecidedCount.count + count},
            ).execute()


def undecided(period: Period, desk: DeskCode | None = None, *, as_of: datetime | None = None) -> dict[DeskCode, int]:
    """Receptions of a period that were kept but set aside, by desk; of one desk where it is named."""
    within = period.first_on, period.last_on
    if desk and not as_of:
        rows = _of_desk(desk, *within)
    else:
        row, query = UndecidedCount, _by_desk(*within)
        query = query.where(row.desk == desk) if desk else query
        rows = list((query.where(row.changed_at <= as_of) if as_of else query).tuples())
    return {code: int(count) for code, count in rows if count}


def changes(desk: DeskCode, period: Period) -> list[tuple[datetime, int]]:
    """How many receptions of a period began to wait, or ceased to, by ledger time."""
    row = UndecidedCount
    rows = row.select(row.changed_at, row.count).where(
        row.desk == desk, row.received_on.between(period.first_on, period.last_on)
    )
    return list(rows.tuples())


def forget(desk: DeskCode) -> None:
    """Takes the counts of a desk away, so that they can be made again from its ledger."""
    UndecidedCount.delete().where(UndecidedCount.desk == desk).execute()


def _by_desk(first_on: Any, last_on: Any) -> Query:
    row = UndecidedCount
    of_days = row.select(row.desk, fn.SUM(row.count)).where(row.received_on.between(first_on, last_on))
    return of_days.group_by(row.desk)


@Prepared
def _of_desk(desk: Any, first_on: Any, last_on: Any) -> Query:
    return _by_desk(first_on, last_on).where(UndecidedCount.desk == desk)
