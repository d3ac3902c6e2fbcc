"""What a report is composed of: the counted rows, and what is said of the desks and procedures that they are about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from central_server.reports.counts import Counts, total
from central_server.reports.layouts import Cut
from central_server.reports.report import Section
from sync_protocol.errors import N_
from sync_protocol.periods import Period
from sync_protocol.procedures import OnTheSpot, ServiceLevel
from sync_protocol.vocabulary import DeskCode, Standing, UnitLevel

Counted = Mapping[tuple[DeskCode, str], Counts]
"""What is counted, by desk and procedure, or by desk and clerk."""

Named = tuple[str, str]
"""The code and the name of what a row is about; of a field, its name twice."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a report is composed of.

    now, before, year_before  the counts of the period and of those that it is compared with; None where there is none
    by_clerk    the counts of the period by who received, of a report about a single desk; else empty
    desks       every desk of the report
    procedures  those that are listed
    months      the months of a period that is made of several, up to now
    given       tables that are not counted here, by their ids
    is_running  whether the period had not ended yet
    """

    now: Counted
    before: Counted | None
    year_before: Counted | None
    desks: Mapping[DeskCode, DeskFacts]
    procedures: Mapping[str, ProcedureFacts]
    by_clerk: Counted = field(default_factory=dict)
    months: Sequence[MonthCounted] = ()
    given: Mapping[str, Section] = field(default_factory=dict)
    is_running: bool = False

    def grouped(self, cut: Cut, level: UnitLevel | None = None) -> dict[Named, Counts]:
        """The counts of the period by what rows are about, in their order; `level` keeps the desks of one alone.

        Units and desks have their row even if there is nothing to count: they come from the register.
        """
        desks = self.at(level)
        name = self._naming(cut)
        groups: dict[Named, list[Counts]] = {named: [] for named in self._registered(cut, desks)}
        for (desk, second), counts in (self.by_clerk if cut is Cut.CLERK else self.now).items():
            if desk in desks:
                groups.setdefault(name(desk, second), []).append(counts)
        return {named: total(groups[named]) for named in sorted(groups, key=_order(cut))}

    def at(self, level: UnitLevel | None) -> Mapping[DeskCode, DeskFacts]:
        """The desks of units of a level, of every level for None."""
        return {code: desk for code, desk in self.desks.items() if level in (None, desk.level)}

    def desks_of(self, cut: Cut) -> dict[Named, list[DeskCode]]:
        """The desks of each row of a cut by units."""
        name = self._naming(cut)
        groups: dict[Named, list[DeskCode]] = {}
        for code in self.desks:
            groups.setdefault(name(code, ""), []).append(code)
        return groups

    def _naming(self, cut: Cut) -> Callable[[DeskCode, str], Named]:
        match cut:
            case Cut.LEVEL:
                return lambda desk, _: _level(self.desks[desk].level)
            case Cut.DISTRICT:
                return lambda desk, _: self.desks[desk].district
            case Cut.DESK:
                return lambda desk, _: self.desks[desk].named
            case Cut.FIELD | Cut.AGENCY | Cut.SERVICE_LEVEL:
                return lambda _, procedure: self._of_procedure(cut, procedure)
            case Cut.PROCEDURE:
                return lambda _, procedure: (procedure, self._name(procedure))
            case _:
                return lambda _, second: (second, second)

    def _of_procedure(self, cut: Cut, procedure: str) -> Named:
        facts = self.procedures.get(procedure)
        if facts is None:
            return NOT_LISTED
        match cut:
            case Cut.AGENCY:
                return (facts.agency, facts.agency) if facts.agency else NO_AGENCY
            case Cut.SERVICE_LEVEL:
                return facts.service_level.value, SERVICE_LEVEL_NAMES[facts.service_level]
            case _:
                return facts.field, facts.field

    def _name(self, procedure: str) -> str:
        facts = self.procedures.get(procedure)
        return facts.name if facts else procedure

    def _registered(self, cut: Cut, desks: Mapping[DeskCode, DeskFacts]) -> list[Named]:
        is_of_units = cut in (Cut.LEVEL, Cut.DISTRICT, Cut.DESK)
        return [self._naming(cut)(code, "") for code in desks] if is_of_units else []


def _level(level: UnitLevel) -> Named:
    return level.value, LEVEL_NAMES[level]


def _order(cut: Cut) -> Callable[[Named], tuple[int, Named]]:
    """By code; levels in their own order."""
    orders: Mapping[Cut, list[str]] = {Cut.LEVEL: [*UnitLevel], Cut.SERVICE_LEVEL: [*ServiceLevel]}
    levels = orders.get(cut, [])
    return lambda named: (levels.index(named[0]) if named[0] in levels else len(levels), named)
