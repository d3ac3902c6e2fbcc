"""The list of procedures in force on a day: what decisions say of each one, and nothing that was counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sync_protocol.procedures import OnTheSpot, ProcedureLimit, ServiceLevel

NO_LIMIT = ProcedureLimit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision that announced something; `name` is "" where the list does not tell it."""

    name: str = ""
    made_on: date | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.made_on:%d/%m/%Y})" if self.name and self.made_on else self.name


UNTOLD = Decision()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProcedure:
    """A procedure of the list.

    levels    of the units whose desks receive it, as the list words them
    limit     that for every unit and every channel; decision, limit_decision: which announced it, and its limit
    """

    code: str
    name: str
    field: str
    levels: frozenset[str]
    service_level: ServiceLevel = ServiceLevel.NONE
    on_the_spot: OnTheSpot = OnTheSpot.NONE
    decision: Decision = UNTOLD
    limit: ProcedureLimit = NO_LIMIT
    limit_decision: Decision = UNTOLD

    @property
    def is_on_the_spot(self) -> bool:
        """Whether desks may do it wholly themselves (*4 tại chỗ*, *5 tại chỗ*)."""
        return self.on_the_spot is not OnTheSpot.NONE

    @property
    def is_offered_online(self) -> bool:
        """Whether it is offered online, partly or fully."""
        return self.service_level is not ServiceLevel.NONE


def decisions_text(decisions: Iterable[Decision]) -> str:
    """The decisions, each once, as a source names them."""
    return "; ".join(sorted({str(each) for each in decisions} - {""}))
