"""Numbers of a row that follow from what the reference says of its procedure on the last day of the period."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from central_server.reports.counts import RECEIVED, Counts
from central_server.reports.material import ProcedureFacts
from sync_protocol.procedures import OnTheSpot, ServiceLevel

PARTIAL = (ServiceLevel.LEVEL_3, ServiceLevel.PARTIAL_ONLINE)
FULL = (ServiceLevel.LEVEL_4, ServiceLevel.FULL_ONLINE)
"""What was called a level until 2022, and since. Source: domain guide 10.3."""

Facts = Mapping[str, ProcedureFacts]
Key = TypeVar("Key", bound=tuple[str, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A number that is the sum of some others in the rows of procedures of which something holds.

    holds  is given None of a procedure that is not listed
    """

    of: tuple[str, ...]
    holds: Callable[[ProcedureFacts | None], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Procedures by their codes: these, or all but these."""

    codes: frozenset[str]
    are_in: bool = True


def _level(facts: ProcedureFacts | None) -> ServiceLevel:
    return facts.service_level if facts else ServiceLevel.NONE


def _is_offered(facts: ProcedureFacts | None) -> bool:
    return _level(facts) is not ServiceLevel.NONE


DERIVED: Mapping[str, Derived] = {
    "received_online_partial": Derived(of=("received_online",), holds=lambda facts: _level(facts) in PARTIAL),
    "received_online_full": Derived(of=("received_online",), holds=lambda facts: _level(facts) in FULL),
    "received_online_unlisted": Derived(of=("received_online",), holds=lambda facts: not _is_offered(facts)),
    "received_offered": Derived(of=RECEIVED, holds=_is_offered),
    "received_online_offered": Derived(of=("received_online",), holds=_is_offered),
    "received_on_the_spot": Derived(
        of=RECEIVED, holds=lambda facts: facts is not None and facts.on_the_spot is not OnTheSpot.NONE
    ),
}
"""The derived numbers, by their names."""

FOLLOWED = frozenset(name for derived in DERIVED.values() for name in derived.of)
"""The numbers that others follow from."""


def with_facts(counted: Mapping[Key, Counts], facts: Facts) -> dict[Key, Counts]:
    """Rows by keys that end in a procedure, with the numbers that follow from it."""
    holding = {
        code: [name for name, derived in DERIVED.items() if derived.holds(facts.get(code))]
        for code in {key[-1] for key in counted}
    }
    return {
        key: row._replace(**{name: row.sum(DERIVED[name].of) for name in holding[key[-1]]}) if row.received_new else row
        for key, row in counted.items()
    }


def codes_of(derived: Derived, facts: Facts) -> Codes:
    """The procedures of which it holds; what is not listed is told by leaving out the listed others."""
    is_of_others = derived.holds(None)
    return Codes(
        codes=frozenset(code for code, each in facts.items() if derived.holds(each) is not is_of_others),
        are_in=not is_of_others,
    )
