"""The dossiers of desks in a period, counted: what came, what became of it, what is still open and what is unknown.

Source: domain guide 10.2. Dossiers that count nowhere are left out everywhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from central_server.services.covering import coverages
from central_server.storage import tallies
from central_server.storage.tallies import OpenGroup
from sync_protocol.lateness import ENDED_OTHERWISE, IN_PROCESS, RESOLVED, Coverage, Outcome, open_outcome
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Channel, DeliveryMethod, DeskCode

Kind = TypeVar("Kind")

NOWHERE_KNOWN = Coverage()
"""The coverage of a desk without a machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Dossiers counted in a period; what is at 0 may be left out of the mappings.

    carried_over  received before it and not closed before it; received: in it, by channel
    outcomes      all of the workload, by where they stand at its end or, while it is running, today
    delivered     results handed over in it, by way: not those that were resolved in it
    """

    carried_over: int
    received: Mapping[Channel, int]
    outcomes: Mapping[Outcome, int]
    delivered: Mapping[DeliveryMethod, int]

    @property
    def received_new(self) -> int:
        """Dossiers received in the period."""
        return sum(self.received.values())

    @property
    def workload(self) -> int:
        """All that there was to do."""
        return self.carried_over + self.received_new

    def count(self, *outcomes: Outcome) -> int:
        """How many dossiers stand at one of these places."""
        return sum(self.outcomes.get(each, 0) for each in outcomes)

    @property
    def resolved(self) -> int:
        """Dossiers with a result of the period."""
        return self.count(*RESOLVED)

    @property
    def closed_other(self) -> int:
        """Dossiers that ended in the period without a result."""
        return self.count(*ENDED_OTHERWISE)

    @property
    def in_process(self) -> int:
        """Dossiers that are still open."""
        return self.count(*IN_PROCESS)

    @property
    def in_time(self) -> int:
        """Those resolved by their day."""
        return self.count(Outcome.EARLY, Outcome.ON_TIME)

    @property
    def late(self) -> int:
        """Those resolved after their day, and those known to have passed it without a result."""
        return self.count(Outcome.LATE, Outcome.OVERDUE)

    @property
    def due(self) -> int:
        """The base of the rates named `due`: all that is known to have been done or missed, the unknown outside."""
        return self.in_time + self.late


NOTHING = Tally(carried_over=0, received={}, outcomes={}, delivered={})


def passed(period: Period, today: date) -> Period | None:
    """The part of a period that can be counted: up to its end or, while it is running, today; None before it begins."""
    if today < period.first_on:
        return None
    return Period(first_on=period.first_on, last_on=min(period.last_on, today))


def tallied(period: Period, desks: Sequence[DeskCode]) -> dict[DeskCode, Tally]:
    """The tally of each of these desks, in the caller's snapshot: the same few statements, however many desks.

    period  as `passed` gives it; desks without any dossier are left out
    """
    wanted = set(desks)
    count = _Count()
    for desk, channel, many in tallies.received(period, desks):
        count.received[desk, channel] += many
    for ended in (*tallies.ended(period, desks), *tallies.ended_later(period, desks)):
        count.add(ended.desk, ended.outcome, ended.count, is_carried=ended.is_carried)
    known = coverages(desks)
    for group in tallies.still_open(period, desks):
        outcome = outcome_of_open(group, period.last_on, known.get(group.desk, NOWHERE_KNOWN))
        count.add(group.desk, outcome, group.count, is_carried=group.received_on < period.first_on)
    for desk, way, many in tallies.delivered(period, desks):
        count.delivered[desk, way] += many
    return {desk: tally for desk, tally in count.by_desk().items() if desk in wanted}


def outcome_of_open(group: OpenGroup, on: date, coverage: Coverage) -> Outcome:
    """Where open dossiers stand; of one about which something is set aside nobody knows that it is late."""
    outcome = open_outcome(group.stage, group.due_on, received_on=group.received_on, on=on, coverage=coverage)
    return Outcome.DUE_UNKNOWN if outcome is Outcome.OVERDUE and group.is_undecided else outcome


def summed(tallied: Iterable[Tally]) -> Tally:
    """The tally of several desks together."""
    each = list(tallied)
    return Tally(
        carried_over=sum(one.carried_over for one in each),
        received=sum((Counter(one.received) for one in each), Counter[Channel]()),
        outcomes=sum((Counter(one.outcomes) for one in each), Counter[Outcome]()),
        delivered=sum((Counter(one.delivered) for one in each), Counter[DeliveryMethod]()),
    )


class _Count:
    """What is counted, by desk and place."""

    def __init__(self) -> None:
        self.carried: Counter[DeskCode] = Counter()
        self.received: Counter[tuple[DeskCode, Channel]] = Counter()
        self.outcomes: Counter[tuple[DeskCode, Outcome]] = Counter()
        self.delivered: Counter[tuple[DeskCode, DeliveryMethod]] = Counter()

    def add(self, desk: DeskCode, outcome: Outcome, count: int, *, is_carried: bool) -> None:
        self.outcomes[desk, outcome] += count
        self.carried[desk] += count if is_carried else 0

    def by_desk(self) -> dict[DeskCode, Tally]:
        received, outcomes, delivered = (_grouped(counts) for counts in (self.received, self.outcomes, self.delivered))
        tallies_ = {
            desk: Tally(
                carried_over=self.carried[desk],
                received=received.get(desk, {}),
                outcomes=outcomes.get(desk, {}),
                delivered=delivered.get(desk, {}),
            )
            for desk in received.keys() | outcomes.keys() | delivered.keys()
        }
        for desk, tally in tallies_.items():
            assert tally.workload == sum(tally.outcomes.values()), f"the dossiers of {desk} do not add up"
        return tallies_


def _grouped(counts: Mapping[tuple[DeskCode, Kind], int]) -> dict[DeskCode, dict[Kind, int]]:
    groups: dict[DeskCode, dict[Kind, int]] = {}
    for (desk, kind), count in counts.items():
        groups.setdefault(desk, {})[kind] = count
    return groups
