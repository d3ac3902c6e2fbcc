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
    EXEMPT = "exempt"
    ELSEWHERE = "elsewhere"


NOT_ANY_MORE = ""
"""The value of a ruling that takes an exemption or other software back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A ruling with its dates and who made it why; the last one of a kind and a scope wins.

    desk, unit_id, level  for whom it holds: at most one is set, none for every desk
    months                for periods of so many months, None for every length
    value                 the threshold, the name of the other software, "yes" for an exemption
    first_on, last_on     local days, both inclusive; None without an end
    """

    number: int = 0
    kind: RulingKind
    desk: str = ""
    unit_id: str = ""
    level: UnitLevel | None = None
    months: int | None = None
    value: str
    first_on: date
    last_on: date | None = None
    reason: str
    ruled_by: str
    ruled_at: datetime


def rulings() -> list[Ruling]:
    """All rulings, oldest first."""
    return [
        Ruling(
            number=row.number,
            kind=RulingKind(row.kind),
            desk=row.desk,
            unit_id=row.unit_id,
            level=UnitLevel(row.level) if row.level else None,
            months=row.months,
            value=row.value,
            first_on=row.first_on,
            last_on=row.last_on,
            reason=row.reason,
            ruled_by=row.ruled_by,
            ruled_at=row.ruled_at,
        )
        for row in RulingRow.select().order_by(RulingRow.number)
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
        value=ruling.value,
        first_on=ruling.first_on,
        last_on=ruling.last_on,
        reason=ruling.reason,
        ruled_by=ruling.ruled_by,
        ruled_at=ruling.ruled_at,
    ).execute()
