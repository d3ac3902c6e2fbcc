"""What people noted about a desk in a period: calls, promises, acknowledgements. Rows are never changed."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from central_server.storage.models import FollowUpRow
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode, Standing


class FollowStep(StrEnum):
    """What a person noted about a desk."""

    CALL = "call"
    PROMISE = "promise"
    ACKNOWLEDGE = "acknowledge"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpStep:
    """A step in the follow-up of a desk in a period.

    number      1, 2, 3 … within the desk and the period
    until_on    local day up to which a promise or an acknowledgement holds, inclusive; None for the other steps
    standing    the desk's standing when the step was noted; is_proven: whether its flag was proven then
    """

    desk: DeskCode
    period: Period
    number: int
    step: FollowStep
    note: str
    until_on: date | None
    standing: Standing
    is_proven: bool
    noted_at: datetime
    noted_by: str


def of_desk(desk: DeskCode, period: Period, as_of: datetime | None = None) -> list[FollowUpStep]:
    """All steps about a desk in a period, oldest first; `as_of` as for `of_period`."""
    rows = FollowUpRow.select().where(
        FollowUpRow.desk == desk, FollowUpRow.first_on == period.first_on, FollowUpRow.last_on == period.last_on
    )
    rows = rows.where(FollowUpRow.noted_at <= as_of) if as_of else rows
    return [_step(row) for row in rows.order_by(FollowUpRow.number)]


def of_period(period: Period, as_of: datetime | None = None) -> dict[DeskCode, list[FollowUpStep]]:
    """All steps about a period by desk, oldest first; desks about which nothing was noted are left out.

    as_of  only those noted up to an instant
    """
    rows = FollowUpRow.select().where(FollowUpRow.first_on == period.first_on, FollowUpRow.last_on == period.last_on)
    if as_of:
        rows = rows.where(FollowUpRow.noted_at <= as_of)
    steps: dict[DeskCode, list[FollowUpStep]] = {}
    for row in rows.order_by(FollowUpRow.desk, FollowUpRow.number):
        steps.setdefault(row.desk, []).append(_step(row))
    return steps


def keep(step: FollowUpStep) -> None:
    """Adds a step; the key refuses a second one of its number."""
    FollowUpRow.insert(
        desk=step.desk,
        first_on=step.period.first_on,
        last_on=step.period.last_on,
        number=step.number,
        step=step.step.value,
        note=step.note,
        until_on=step.until_on,
        standing=step.standing.value,
        is_proven=step.is_proven,
        noted_at=step.noted_at,
        noted_by=step.noted_by,
    ).execute()


def _step(row: FollowUpRow) -> FollowUpStep:
    return FollowUpStep(
        desk=row.desk,
        period=Period(first_on=row.first_on, last_on=row.last_on),
        number=row.number,
        step=FollowStep(row.step),
        note=row.note,
        until_on=row.until_on,
        standing=Standing(row.standing),
        is_proven=row.is_proven,
        noted_at=row.noted_at,
        noted_by=row.noted_by,
    )
