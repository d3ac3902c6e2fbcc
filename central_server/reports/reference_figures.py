"""Figures of the reference alone: how much time is cut from the legal limits, and what desks do wholly themselves.

Nothing here is counted from dossiers. Source: domain guide 4 and 5.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from central_server.reports.material import ProcedureFacts
from central_server.reports.rates import rounded
from sync_protocol.calendars import TimeLimit
from sync_protocol.procedures import OnTheSpot, ProcedureLimit
from sync_protocol.vocabulary import LimitUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCut:
    """What was cut, of limits of one unit: procedures that were compared, and the sums of both limits.

    unit  days of work and of the calendar are different days, so that each has a sum of its own
    """

    unit: LimitUnit
    procedures: int
    statutory: Fraction
    committed: Fraction

    @property
    def percent(self) -> Decimal:
        """Σ(statutory − committed) / Σ statutory, in percent, two decimals."""
        return rounded(100 * (self.statutory - self.committed) / self.statutory)


def time_cuts(limits: Iterable[ProcedureLimit]) -> dict[LimitUnit, TimeCut]:
    """What was cut of these limits, by their unit; only where both are stated, and in the same unit."""
    found: dict[LimitUnit, list[tuple[TimeLimit, TimeLimit]]] = {}
    for each in limits:
        if each.statutory and each.committed and each.statutory.unit is each.committed.unit:
            found.setdefault(each.statutory.unit, []).append((each.statutory, each.committed))
    return {
        unit: TimeCut(
            unit=unit,
            procedures=len(pairs),
            statutory=sum((Fraction(by_law.value) for by_law, _ in pairs), Fraction()),
            committed=sum((Fraction(committed.value) for _, committed in pairs), Fraction()),
        )
        for unit, pairs in found.items()
    }


def on_the_spot_procedures(facts: Mapping[str, ProcedureFacts]) -> tuple[int, int]:
    """How many procedures desks may do wholly themselves (*4 tại chỗ*, *5 tại chỗ*), of how many that are listed."""
    return sum(each.on_the_spot is not OnTheSpot.NONE for each in facts.values()), len(facts)
