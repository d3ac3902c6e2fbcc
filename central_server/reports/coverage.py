"""How far is known what was done at a desk: only so far may one of its dossiers be called late.

A dossier is overdue if its day has passed and the desk's machines have stated, for a time after that day, that they
hold nothing back. Else nobody knows: its result may lie on a machine that has not been heard since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from sync_protocol.instants import local_instant

ONE_DAY = timedelta(days=1)
DAYS_KEPT = 4_096


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
        ends_at = _end_of(day)
        if self.until is None or self.until < ends_at:
            return False
        bounds = [each.covered_until for each in self.left if received_on <= each.left_on]
        return all(bound is not None and bound >= ends_at for bound in bounds)


@lru_cache(maxsize=DAYS_KEPT)
def _end_of(day: date) -> datetime:
    """Kept, since a report asks for each of tens of thousands of dossiers, of a few days."""
    return local_instant(day + ONE_DAY, time())


UNKNOWN = Coverage()
"""The coverage of a desk without a machine."""
