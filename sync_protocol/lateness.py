"""Where each dossier of a period ended up, and what may be called late: only what is known not to have been answered.

A dossier is overdue if its day has passed and the desk's machines have stated, for a time after that day, that they
hold nothing back. Else nobody knows: its result may lie on a machine that has not been heard since.
Sources: the contract's coverage; domain guide 10.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sync_protocol.deadlines import AWAITING
from sync_protocol.instants import local_instant
from sync_protocol.vocabulary import DossierStage

ONE_DAY = timedelta(days=1)


class Outcome(StrEnum):
    """Where a dossier stands at the end of a period: each one of the workload stands at exactly one place.

    early to no_limit   resolved in the period, by the dates of result and appointment
    withdrawn to stopped  ended in it without a result
    in_time to due_unknown  still open: `awaiting` while its clock is held, `open_no_limit` where nothing was promised
    """

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    NO_LIMIT = "no_limit"
    WITHDRAWN = "withdrawn"
    SENT_BACK = "sent_back"
    STOPPED = "stopped"
    IN_TIME = "in_time"
    AWAITING = "awaiting"
    OPEN_NO_LIMIT = "open_no_limit"
    OVERDUE = "overdue"
    DUE_UNKNOWN = "due_unknown"


RESOLVED = (Outcome.EARLY, Outcome.ON_TIME, Outcome.LATE, Outcome.NO_LIMIT)
ENDED_OTHERWISE = (Outcome.WITHDRAWN, Outcome.SENT_BACK, Outcome.STOPPED)
IN_PROCESS = (Outcome.IN_TIME, Outcome.AWAITING, Outcome.OPEN_NO_LIMIT, Outcome.OVERDUE, Outcome.DUE_UNKNOWN)

_ENDS = {
    DossierStage.WITHDRAWN: Outcome.WITHDRAWN,
    DossierStage.SENT_BACK: Outcome.SENT_BACK,
    DossierStage.STOPPED: Outcome.STOPPED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftMachine:
    """A machine that left its desk and may have held something back: what it had stated, and its last day there."""

    left_on: date
    covered_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Up to when it is known that nothing at all is held back at a desk: neither a reception nor a result.

    until  the worst of the machines in use; None where one has never said so, or none is in use
    left   of dossiers that were received while these were in use, the result may lie on one of them
    """

    until: datetime | None = None
    left: Sequence[LeftMachine] = ()

    def reaches(self, day: date, *, received_on: date) -> bool:
        """Whether all is known that was done, to the end of a local day, about a dossier received on another."""
        bounds = [self.until, *(each.covered_until for each in self.left if received_on <= each.left_on)]
        ends_at = local_instant(day + ONE_DAY, time())
        return all(bound is not None and bound >= ends_at for bound in bounds)


def resolved_outcome(ended_on: date, due_on: date | None) -> Outcome:
    """Of a dossier with a result, by dates (as deployed software counts, but for what has no limit)."""
    if due_on is None:
        return Outcome.NO_LIMIT
    if ended_on == due_on:
        return Outcome.ON_TIME
    return Outcome.EARLY if ended_on < due_on else Outcome.LATE


def ended_outcome(stage: DossierStage, ended_on: date, due_on: date | None) -> Outcome:
    """Of a dossier that was closed in the period."""
    return _ENDS.get(stage) or resolved_outcome(ended_on, due_on)


def open_outcome(
    stage: DossierStage, due_on: date | None, *, received_on: date, on: date, coverage: Coverage
) -> Outcome:
    """Of a dossier of which no end is known, as of the end of a local day that may not lie after today.

    What was due before that day is late; what falls due on it is not late yet.
    """
    if stage in AWAITING:
        return Outcome.AWAITING
    if due_on is None:
        return Outcome.OPEN_NO_LIMIT
    if due_on >= on:
        return Outcome.IN_TIME
    return Outcome.OVERDUE if coverage.reaches(due_on, received_on=received_on) else Outcome.DUE_UNKNOWN


def ended_later_outcome(due_on: date | None, *, on: date) -> Outcome:
    """Of a dossier that was open at the end of a day and is known to have been closed after it: nothing is unknown."""
    if due_on is None:
        return Outcome.OPEN_NO_LIMIT
    return Outcome.IN_TIME if due_on >= on else Outcome.OVERDUE
