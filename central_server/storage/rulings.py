"""What the province has ruled about judging desks: thresholds, exemptions, other software. Rows are never changed."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from peewee import fn

from central_server.storage.models import RulingRow
from sync_protocol.vocabulary import UnitLevel


class RulingKind(StrEnum):
    """What a ruling is about."""

    THRESHOLD = "threshold"
    EXISTENCE = "existence"
    EXEMPT = "exempt"
    ELSEWHERE = "elsewhere"


NOT_ANY_MORE = ""
"""The value of a ruling that takes an earlier one of its kind and scope back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A ruling with its dates and who made it why; the last one of a kind and a scope wins.

    desk, unit_id, level  for whom it holds: at most one is set, none for every desk
    months                for periods of so many months, None for every length
    days                  for desks that existed for so many days of a period at the most, None for any part of it
    field                 for the dossiers of this field of procedures, "" for all dossiers
    value                 the threshold, what is asked of a desk that existed for a part of a period (see
                          services/existence.py), the name of the other software, "yes" for an exemption
    first_on, last_on     local days, both inclusive; None without an end
    """

    number: int = 0
    kind: RulingKind
    desk: str = ""
    unit_id: str = ""
    level: UnitLevel | None = None
    months: int | None = None
    days: int | None = None
    field: str = ""
    value: str
    first_on: date
    last_on: date | None = None
    reason: str
    ruled_by: str
    ruled_at: datetime

    @property
    def scope(self) -> tuple[object, ...]:
        """For what it holds, with its kind: the last ruling of a scope wins over the others of it."""
        return self.kind, self.desk, self.unit_id, self.level, self.months, self.days, self.field

    def holds_on(self, day: date) -> bool:
        """Whether a day is one of its days."""
        return self.first_on <= day and (self.last_on is None or self.last_on >= day)


def rulings(as_of: datetime | None = None) -> list[Ruling]:
    """All rulings, or those that had been made by an instant, oldest first."""
    rows = RulingRow.select().order_by(RulingRow.number)
    return [
        Ruling(
            number=row.number,
            kind=RulingKind(row.kind),
            desk=row.desk,
            unit_id=row.unit_id,
            level=UnitLevel(row.level) if row.level else None,
            months=row.months,
            days=row.days,
            field=row.field,
            value=row.value,
            first_on=row.first_on,
            last_on=row.last_on,
            reason=row.reason,
            ruled_by=row.ruled_by,
            ruled_at=row.ruled_at,
        )
        for row in (rows.where(RulingRow.ruled_at <= as_of) if as_of else rows)
    ]


def keep(ruling: Ruling) -> None:
    """Adds a ruling under the next number."""
    RulingRow.insert(
        number=(RulingRow.select(fn.MAX(RulingRow.number)).scalar() or 0) + 1,
        kind=ruling.kind.value,
        desk=ruling.desk,
        unit_id=ruling.unit_id,
        level=ruling.level.value if ruling.level else "",
        months=ruling.months,
        days=ruling.days,
        field=ruling.field,
        value=ruling.value,
        first_on=ruling.first_on,
        last_on=ruling.last_on,
        reason=ruling.reason,
        ruled_by=ruling.ruled_by,
        ruled_at=ruling.ruled_at,
    ).execute()
