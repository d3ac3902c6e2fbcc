"""What a report is composed of: the counted rows, and what is said of the desks and procedures that they are about."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from central_server.reports.counts import Counts, total
from central_server.reports.layouts import Comparison, Cut
from central_server.reports.report import Section
from sync_protocol.errors import N_
from sync_protocol.periods import Period
from sync_protocol.procedures import OnTheSpot, ServiceLevel
from sync_protocol.vocabulary import DeskCode, Standing, UnitLevel

Counted = Mapping[tuple[DeskCode, str], Counts]
"""What is counted, by desk and procedure, or by desk and clerk."""

Named = tuple[str, str]
"""The code and the name of what a row is about; of a field, its name twice."""

Key = TypeVar("Key")

OF_UNITS = (Cut.LEVEL, Cut.DISTRICT, Cut.DESK)
NOT_LISTED: Named = ("", N_("Not in the list of procedures"))
NO_AGENCY: Named = ("", N_("Agency not stated in the list of procedures"))
LEVEL_NAMES = {
    UnitLevel.PROVINCE: N_("Province"),
    UnitLevel.DISTRICT: N_("Districts"),
    UnitLevel.COMMUNE: N_("Communes"),
}
SERVICE_LEVEL_NAMES = {
    ServiceLevel.NONE: N_("Not offered online"),
    ServiceLevel.LEVEL_3: N_("Level 3"),
    ServiceLevel.LEVEL_4: N_("Level 4"),
    ServiceLevel.PARTIAL_ONLINE: N_("Partly online"),
    ServiceLevel.FULL_ONLINE: N_("Fully online"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFacts:
    """A desk of the report.

    standing, before  how it stands in the period and stood in the one before; None where it stood above the level
    entered           dossiers of the period that it has entered, as the standing counts them
    is_known          whether that is known to the period's end
    """

    named: Named
    district: Named
    level: UnitLevel
    standing: Standing
    before: Standing | None
    entered: int
    is_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureFacts:
    """A procedure as it was on the last day of the period; `agency` decides on it, "" where nothing says who."""

    name: str
    field: str
    agency: str = ""
    service_level: ServiceLevel = ServiceLevel.NONE
    on_the_spot: OnTheSpot = OnTheSpot.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCounted:
    """A month of a longer period.

    counts     as it is counted now; what is open at its end is not told apart, and stands as in time
    published  dossiers newly received as they were last published; None where it was not closed
    """

    period: Period
    name: str
    counts: Counts
    published: int | None


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a report is composed of.

    now         the counts of the period
    before, year_before  those of the periods that it is compared with, all together; None where there is none
    by_clerk    the counts of the period by who received, of a report about a single desk; else empty
    desks       every desk of the report
    procedures  those that are listed
    months      the months of a period that is made of several, up to now
    given       tables that are not counted here, by their ids
    is_running  whether the period had not ended yet
    known_of_fewer  the periods compared with that are not known of some desk that is known in this one
    """

    now: Counted
    before: Counts | None
    year_before: Counts | None
    desks: Mapping[DeskCode, DeskFacts]
    procedures: Mapping[str, ProcedureFacts]
    by_clerk: Counted = field(default_factory=dict)
    months: Sequence[MonthCounted] = ()
    given: Mapping[str, Section] = field(default_factory=dict)
    is_running: bool = False
    known_of_fewer: Collection[Comparison] = ()

    def grouped(self, cut: Cut, level: UnitLevel | None = None) -> dict[Named, Counts]:
        """The counts of the period by what rows are about, in their order; `level` keeps the desks of one alone.

        Units and desks have their row even if there is nothing to count: they come from the register.
        """
        groups = _summed(self._rows(cut, level))
        return {named: groups[named] for named in sorted(groups, key=_order(cut))}

    @property
    def whole(self) -> Counts:
        """The counts of the period, all together."""
        return total(self.by_desk.values())

    @cached_property
    def by_desk(self) -> Mapping[DeskCode, Counts]:
        """The counts of the period by desk."""
        return _summed((desk, counts) for (desk, _), counts in self.now.items())

    @cached_property
    def _by_procedure(self) -> Mapping[tuple[UnitLevel, str], Counts]:
        """The counts of the period by the level of the desks, and procedure."""
        return _summed(((self.desks[desk].level, procedure), counts) for (desk, procedure), counts in self.now.items())

    def at(self, level: UnitLevel | None) -> Mapping[DeskCode, DeskFacts]:
        """The desks of units of a level, of every level for None."""
        return {code: desk for code, desk in self.desks.items() if level in (None, desk.level)}

    def desks_of(self, cut: Cut) -> dict[Named, list[DeskCode]]:
        """The desks of each row of a cut by units."""
        groups: dict[Named, list[DeskCode]] = {}
        for code, desk in self.desks.items():
            groups.setdefault(_unit(cut, desk), []).append(code)
        return groups

    def _rows(self, cut: Cut, level: UnitLevel | None) -> Iterator[tuple[Named, Counts]]:
        if cut in OF_UNITS:
            for code, desk in self.at(level).items():
                yield _unit(cut, desk), self.by_desk.get(code, Counts())
        elif cut is Cut.CLERK:
            for (_, clerk), counts in self.by_clerk.items():
                yield (clerk, clerk), counts
        else:
            for (of, procedure), counts in self._by_procedure.items():
                if level in (None, of):
                    yield self._of_procedure(cut, procedure), counts

    def _of_procedure(self, cut: Cut, procedure: str) -> Named:
        facts = self.procedures.get(procedure)
        if cut is Cut.PROCEDURE:
            return procedure, facts.name if facts else procedure
        if facts is None:
            return NOT_LISTED
        match cut:
            case Cut.AGENCY:
                return (facts.agency, facts.agency) if facts.agency else NO_AGENCY
            case Cut.SERVICE_LEVEL:
                return facts.service_level.value, SERVICE_LEVEL_NAMES[facts.service_level]
            case _:
                return facts.field, facts.field


def _unit(cut: Cut, desk: DeskFacts) -> Named:
    match cut:
        case Cut.LEVEL:
            return desk.level.value, LEVEL_NAMES[desk.level]
        case Cut.DISTRICT:
            return desk.district
        case _:
            return desk.named


def _summed(rows: Iterable[tuple[Key, Counts]]) -> dict[Key, Counts]:
    groups: dict[Key, list[Counts]] = {}
    for key, counts in rows:
        groups.setdefault(key, []).append(counts)
    return {key: total(each) for key, each in groups.items()}


def _order(cut: Cut) -> Callable[[Named], tuple[int, Named]]:
    """By code; levels in their own order."""
    orders: Mapping[Cut, list[str]] = {Cut.LEVEL: [*UnitLevel], Cut.SERVICE_LEVEL: [*ServiceLevel]}
    levels = orders.get(cut, [])
    return lambda named: (levels.index(named[0]) if named[0] in levels else len(levels), named)
