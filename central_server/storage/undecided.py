"""How many receptions of desks wait for a decision: now, and at any instant before. Changes are added up."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from peewee import fn

from central_server.storage.models import UndecidedCount
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
    row = UndecidedCount
    query = row.select(row.desk, fn.SUM(row.count)).group_by(row.desk)
    if desk:
        query = query.where(row.desk == desk)
    if as_of:
        query = query.where(row.changed_at <= as_of)
    rows = query.where(row.received_on.between(period.first_on, period.last_on)).tuples()
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
