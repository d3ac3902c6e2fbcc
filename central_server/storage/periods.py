"""What became of periods: each closing, reopening and restatement is a row that never changes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from central_server.storage.models import PeriodStepRow
from sync_protocol.periods import Period
from sync_protocol.signing import Signed


class PeriodStep(StrEnum):
    """What a person did to a period."""

    CLOSE = "close"
    REOPEN = "reopen"
    RESTATE = "restate"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """A step in the life of a period.

    number    1, 2, 3 … within the period
    snapshot  the signed figures, None where it was reopened
    """

    period: Period
    number: int
    step: PeriodStep
    taken_at: datetime
    taken_by: str
    reason: str
    snapshot: Signed | None


def steps(period: Period) -> list[StepTaken]:
    """All steps of a period, oldest first."""
    return [_step(row) for row in _rows(PeriodStepRow.select(), period)]


def kinds_of_steps(period: Period, at: datetime) -> list[PeriodStep]:
    """What had been done to a period at an instant, oldest first, without the figures, which are long."""
    rows = _rows(PeriodStepRow.select(PeriodStepRow.step), period).where(PeriodStepRow.taken_at <= at)
    return [PeriodStep(kind) for (kind,) in rows.tuples()]


def publication(period: Period, revision: int) -> StepTaken | None:
    """The step that published figures for the first (0), second (1) … time; None if there was none."""
    published = _rows(PeriodStepRow.select().where(PeriodStepRow.body.is_null(False)), period)
    row = published.offset(revision).first()
    return _step(row) if row else None


def kinds_by_period() -> dict[Period, list[PeriodStep]]:
    """What was done to every period, oldest first within each, without the figures."""
    row = PeriodStepRow
    kinds: dict[Period, list[PeriodStep]] = {}
    for first_on, last_on, step in row.select(row.first_on, row.last_on, row.step).order_by(row.number).tuples():
        kinds.setdefault(Period(first_on=first_on, last_on=last_on), []).append(PeriodStep(step))
    return kinds


def keep(taken: StepTaken) -> None:
    """Adds a step; the key refuses a second one of its number."""
    PeriodStepRow.insert(
        first_on=taken.period.first_on,
        last_on=taken.period.last_on,
        number=taken.number,
        step=taken.step.value,
        taken_at=taken.taken_at,
        taken_by=taken.taken_by,
        reason=taken.reason,
        body=taken.snapshot.body if taken.snapshot else None,
        signature=taken.snapshot.signature if taken.snapshot else None,
    ).execute()


def _rows(query: Any, period: Period) -> Any:
    of_period = query.where(PeriodStepRow.first_on == period.first_on, PeriodStepRow.last_on == period.last_on)
    return of_period.order_by(PeriodStepRow.number)


def _step(row: PeriodStepRow) -> StepTaken:
    return StepTaken(
        period=Period(first_on=row.first_on, last_on=row.last_on),
        number=row.number,
        step=PeriodStep(row.step),
        taken_at=row.taken_at,
        taken_by=row.taken_by,
        reason=row.reason,
        snapshot=Signed(bytes(row.body), bytes(row.signature)) if row.body else None,
    )
