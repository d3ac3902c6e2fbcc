"""Closing a period: its figures become a signed snapshot, and what arrives later a restatement with its causes.

Nothing is refused for lateness, and a published figure never changes silently (the contract's promise 6).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from central_server.central import Central
from central_server.services import standing
from central_server.services.assessing import DeskStanding
from central_server.services.snapshots import Snapshot, changes, desk_rows, figures, read_snapshot
from central_server.services.standing import Standings
from central_server.storage import growth, periods
from central_server.storage.database import reading, write_transaction
from central_server.storage.periods import PeriodStep, StepTaken
from central_server.storage.units import EVERYTHING
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import local_date
from sync_protocol.periods import Period
from sync_protocol.signing import Signed
from sync_protocol.texts import normalised

REASON_CHARACTERS_MAX = 500


class PeriodState(StrEnum):
    """How far a period has come."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    RESTATED = "restated"


class PeriodRuns(FieldSyncError):
    """A period is closed before it has ended."""

    code = "period_runs"
    text = N_("The period %(period)s has not ended yet. Nothing was closed; come back after its last day.")


class AlreadyClosed(FieldSyncError):
    """A period that is closed is closed again."""

    code = "already_closed"
    text = N_(
        "The period %(period)s is closed already. Its figures stay as published; restate it to publish new ones, "
        "or open it again with a reason."
    )


class NotClosed(FieldSyncError):
    """A period that is not closed is opened again or restated."""

    code = "not_closed"
    text = N_("The period %(period)s is not closed. Nothing was changed.")


class NothingNew(FieldSyncError):
    """A restatement would publish the same figures once more."""

    code = "nothing_new"
    text = N_("Nothing of the period %(period)s has changed since it was published. Nothing was restated.")


class ReasonNeeded(FieldSyncError):
    """A step that people will ask about has no reason."""

    code = "reason_needed"
    text = N_("This needs a reason, which is kept with your name. Nothing was changed; write it and try again.")


class NotAllCovered(FieldSyncError):
    """A period is closed while nobody knows what some desks hold."""

    code = "not_all_covered"
    text = N_(
        "%(missing)d of %(desks)d desks are not known to the end of the period. Nothing was closed; wait for them, or "
        "close with a reason: the figures then say that they are provisional and how much is missing."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodStory:
    """A period with its steps and what was published of it, oldest first; `live` are the figures of now."""

    period: Period
    state: PeriodState
    steps: Sequence[StepTaken]
    snapshots: Sequence[Snapshot]
    live: Standings

    @property
    def is_closed(self) -> bool:
        """Whether figures stand published, and nobody has opened the period again."""
        return self.state in (PeriodState.CLOSED, PeriodState.RESTATED)

    @property
    def missing(self) -> list[DeskStanding]:
        """Desks that are not known to the period's end and are not left out of judgement."""
        return [each for each in self.live.desks if not each.is_known]

    @property
    def not_published(self) -> int:
        """How many dossiers more, or fewer, there are than were last published; 0 where nothing was."""
        return self.arrived - self.snapshots[-1].sum("arrived") if self.snapshots else 0

    @property
    def arrived(self) -> int:
        """Dossiers that have arrived by now."""
        return sum(each.judgement.arrived for each in self.live.desks)


def story(central: Central, period: Period) -> PeriodStory:
    """All that was done to a period, and how it stands."""
    live = standing.standings(central, EVERYTHING, period)
    with reading(central.database):
        steps = periods.steps(period)
    return PeriodStory(
        period=period,
        state=_state(period, [step.step for step in steps], live.now),
        steps=steps,
        snapshots=[read_snapshot(step.snapshot) for step in steps if step.snapshot],
        live=live,
    )


def state_of(central: Central, period: Period, at: datetime | None = None) -> PeriodState:
    """How far a period has come, or had come at an instant."""
    at = at or central.now()
    with reading(central.database):
        return _state(period, periods.kinds_of_steps(period, at), at)


def states(central: Central, months: int) -> dict[Period, tuple[PeriodState, int]]:
    """State and number of publications of the running month, of so many before it, and of whatever was closed besides.

    The latest stand first.
    """
    now, series = central.now(), central.about().series
    recent = [series.containing(local_date(now))]
    for _ in range(months):
        recent.append(series.before(recent[-1]))
    with reading(central.database):
        taken = periods.kinds_by_period()
    listed = sorted({*recent, *taken}, key=lambda period: (period.last_on, period.first_on), reverse=True)
    return {
        period: (_state(period, steps, now), sum(step is not PeriodStep.REOPEN for step in steps))
        for period in listed
        for steps in [taken.get(period, [])]
    }


def close(central: Central, period: Period, *, by: str, reason: str = "") -> Snapshot:
    """Freezes the figures of a period that has ended.

    Raises PeriodRuns, AlreadyClosed, and NotAllCovered where desks are missing and no reason says why not to wait.
    """
    with _all_ledgers_locked(central):
        told = story(central, period)
        if told.state is PeriodState.OPEN:
            raise PeriodRuns(period=str(period))
        if told.state is not PeriodState.CLOSING:
            raise AlreadyClosed(period=str(period))
        if told.missing and not normalised(reason):
            raise NotAllCovered(missing=len(told.missing), desks=len(told.live.desks))
        return _publish(central, told, PeriodStep.CLOSE, by=by, reason=reason)


def restate(central: Central, period: Period, *, by: str, reason: str) -> Snapshot:
    """Publishes the figures of now beside those that stand; raises NotClosed, ReasonNeeded, NothingNew."""
    with _all_ledgers_locked(central):
        told = story(central, period)
        _check_may_change(told, reason)
        if figures(desk_rows(told.live.desks)) == figures(told.snapshots[-1].desks):
            raise NothingNew(period=str(period))
        return _publish(central, told, PeriodStep.RESTATE, by=by, reason=reason)


def reopen(central: Central, period: Period, *, by: str, reason: str) -> None:
    """Lets a closed period wait for its desks again; what was published stays. Raises NotClosed, ReasonNeeded."""
    with _all_ledgers_locked(central):
        told = story(central, period)
        _check_may_change(told, reason)
        periods.keep(_taken(told, PeriodStep.REOPEN, by=by, reason=reason))


def _check_may_change(told: PeriodStory, reason: str) -> None:
    if not told.is_closed:
        raise NotClosed(period=str(told.period))
    if not normalised(reason):
        raise ReasonNeeded


@contextmanager
def _all_ledgers_locked(central: Central) -> Iterator[None]:
    """A write transaction beside which no desk's ledger grows, so that the figures are those of one moment."""
    with write_transaction(central.database):
        growth.lock_all()
        yield


def _publish(central: Central, told: PeriodStory, step: PeriodStep, *, by: str, reason: str) -> Snapshot:
    """Signs and keeps the figures of now, with what differs from those before, inside the caller's transaction."""
    before = told.snapshots[-1] if told.snapshots else None
    taken = Snapshot(
        period=told.period,
        revision=len(told.snapshots),
        taken_at=told.live.now,
        taken_by=by,
        reason=_reason(reason),
        incarnation=central.about().incarnation,
        desks=desk_rows(told.live.desks),
        ledgers=growth.last_numbers(),
        missing=[each.desk.code for each in told.missing],
        changes=[],
        previous=before.hash if before else b"",
    )
    if before:
        counted = growth.gained(before.ledgers, told.period)
        taken = replace(taken, changes=changes(before, taken, counted))
    signed = taken.signed_by(central.keys.signing)
    periods.keep(_taken(told, step, by=by, reason=reason, snapshot=signed))
    return read_snapshot(signed)


def _taken(told: PeriodStory, step: PeriodStep, *, by: str, reason: str, snapshot: Signed | None = None) -> StepTaken:
    return StepTaken(
        period=told.period,
        number=len(told.steps) + 1,
        step=step,
        taken_at=told.live.now,
        taken_by=by,
        reason=_reason(reason),
        snapshot=snapshot,
    )


def _reason(typed: str) -> str:
    return normalised(typed)[:REASON_CHARACTERS_MAX]


def _state(period: Period, taken: Sequence[PeriodStep], now: datetime) -> PeriodState:
    if now < period.ends_at:
        return PeriodState.OPEN
    if not taken or taken[-1] is PeriodStep.REOPEN:
        return PeriodState.CLOSING
    published = [step for step in taken if step is not PeriodStep.REOPEN]
    return PeriodState.CLOSED if len(published) == 1 else PeriodState.RESTATED
