"""What a reader chooses where one name hides different figures; a report says what was chosen beside each of them.

Source: domain guide 10.2 and 10.3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sync_protocol.errors import N_, FieldSyncError

SHOWN_MAX = 40


class UnknownChoice(FieldSyncError):
    """A choice that there is not."""

    code = "unknown_choice"
    text = N_("%(name)s cannot be %(chosen)s here; choose one of %(possible)s. Nothing was changed.")


class RateBasis(StrEnum):
    """What the rate in time is a share of."""

    DUE = "due"
    RESOLVED = "resolved"
    RECEIVED = "received"


class ClosedOther(StrEnum):
    """Whether what ended without a result lies in that base, and in the form among what was resolved on time."""

    OUTSIDE = "outside"
    INSIDE = "inside"


class Awaiting(StrEnum):
    """Whether what waits for the citizen is told as in time, or apart."""

    IN_TIME = "in_time"
    APART = "apart"


class Mean(StrEnum):
    """Whether tables of units have a rate of all dossiers alone, or the plain mean of the units' rates, too."""

    POOLED = "pooled"
    UNITS = "units"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """All choices of a report; the names are those in addresses and of the command's options."""

    basis: RateBasis = RateBasis.DUE
    closed_other: ClosedOther = ClosedOther.OUTSIDE
    awaiting: Awaiting = Awaiting.IN_TIME
    mean: Mean = Mean.POOLED

    @property
    def rules(self) -> dict[str, str]:
        """What was chosen, by name."""
        return {name: str(chosen) for name, chosen in asdict(self).items()}

    def figure(self, id_: str) -> str | None:
        """The indicator that a layout means by an id; None where the choice leaves it out."""
        is_inside = self.closed_other is ClosedOther.INSIDE
        match id_:
            case "on_time_rate":
                # Of what was received nothing is outside.
                is_closed_in = is_inside and self.basis is not RateBasis.RECEIVED
                return f"on_time_rate_{self.basis}" + ("_and_closed" if is_closed_in else "")
            case "form_resolved":
                return "resolved_or_closed" if is_inside else "resolved"
            case "form_on_time":
                return "on_time_or_closed" if is_inside else "resolved_on_time"
            case "form_closed_other":
                return None if is_inside else "closed_other"
            case "in_process_in_time" if self.awaiting is Awaiting.APART:
                return "in_time_not_awaiting"
            case "form_awaiting":
                return "awaiting" if self.awaiting is Awaiting.APART else None
            case _:
                return id_

    def figures(self, ids: Iterable[str]) -> list[str]:
        """The indicators that a layout means, in its order."""
        return [chosen for chosen in map(self.figure, ids) if chosen]


USUAL = Choices()
KINDS = {"basis": RateBasis, "closed_other": ClosedOther, "awaiting": Awaiting, "mean": Mean}
"""What each choice may be, by its name."""


def choices(asked: Mapping[str, str | None]) -> Choices:
    """The choices of an address or a command; what is not named is as usual. Raises UnknownChoice."""
    named = {name: chosen for name in KINDS if (chosen := asked.get(name))}
    for name, chosen in named.items():
        possible = [str(each) for each in KINDS[name]]
        if chosen not in possible:
            raise UnknownChoice(name=name, chosen=chosen[:SHOWN_MAX], possible=possible)
    chosen_ones: dict[str, Any] = {name: KINDS[name](chosen) for name, chosen in named.items()}
    return Choices(**chosen_ones)
