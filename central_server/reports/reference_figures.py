"""Tables of the list of procedures: how much time is cut from the limits by law, and what desks do wholly themselves.

Nothing here is counted from dossiers; each row names the decisions that say so. Source: domain guide 4 and 5.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from central_server.reports.layouts import CUT_ALL, CUT_MOST, LISTED, TIME_CUT, Layout, Table
from central_server.reports.listed_procedures import Decision, ListedProcedure, decisions_text
from central_server.reports.material import LEVEL_NAMES
from central_server.reports.rates import Amount, Basis, Rate
from central_server.reports.report import Cell, Column, Row, Section
from sync_protocol.calendars import TimeLimit
from sync_protocol.errors import N_
from sync_protocol.vocabulary import LimitUnit, UnitLevel

MEASURES: Mapping[LimitUnit, tuple[LimitUnit, Decimal]] = {
    LimitUnit.WORKING_DAY: (LimitUnit.WORKING_DAY, Decimal(1)),
    LimitUnit.HALF_DAY: (LimitUnit.WORKING_DAY, Decimal("0.5")),
    LimitUnit.CALENDAR_DAY: (LimitUnit.CALENDAR_DAY, Decimal(1)),
    LimitUnit.HOUR: (LimitUnit.HOUR, Decimal(1)),
}
"""What a limit is measured in, and how much of that its unit is: days of work and of the calendar are different days,
and "the same day" has no length."""

MEASURE_NAMES: Mapping[LimitUnit, str] = {
    LimitUnit.WORKING_DAY: N_("working days"),
    LimitUnit.CALENDAR_DAY: N_("calendar days"),
    LimitUnit.HOUR: N_("hours"),
}
DECISIONS_MAX = 3
"""Of more decisions a row names none: each procedure has its own in the list."""

NOT_COMPARED = N_("Not compared")
COMPARED = N_(
    "The list of procedures says this, not dossiers: (limit by law − limit promised) / limit by law. Compared are those"
    " that have both limits, for every unit and every channel and measured alike."
)
BY_LIST = N_("The list of procedures says this, not dossiers: what is in force on the last day of the period.")
MOST_CUT = N_("Those with the largest share cut; the yearly report lists all.")

SOURCE = Column(id="source", name=N_("According to"))
CUT_COLUMNS = (
    Column(id="measure", name=N_("Measured in")),
    Column(id="statutory", name=N_("Limits by law")),
    Column(id="committed", name=N_("Limits promised")),
    Column(id="time_cut", name=N_("Time cut"), basis=Basis.STATUTORY),
    SOURCE,
)
FIELD_COLUMNS = (
    Column(id="procedures", name=N_("Procedures")),
    Column(id="cut", name=N_("With a limit cut")),
    *CUT_COLUMNS,
)
LISTED_COLUMNS = (
    Column(id="procedures", name=N_("Procedures listed")),
    Column(id="on_the_spot", name=N_("Done on the spot"), basis=Basis.LISTED),
    Column(id="online", name=N_("Offered online"), basis=Basis.LISTED),
    SOURCE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCut:
    """Both limits of a procedure, in what they are measured in."""

    procedure: ListedProcedure
    measure: LimitUnit
    statutory: Decimal
    committed: Decimal

    @property
    def is_cut(self) -> bool:
        """Whether less is promised than the law gives."""
        return self.committed < self.statutory


def by_list(layout: Layout, listed: Iterable[ListedProcedure], top: UnitLevel) -> Mapping[str, Section]:
    """The tables of a layout that tell the list of procedures, by id: of what units of a level and below it receive."""
    levels = tuple(UnitLevel)[tuple(UnitLevel).index(top) :]
    here = [each for each in listed if not each.levels.isdisjoint(levels)]
    return {
        LISTED.id: offered(here, levels),
        TIME_CUT.id: time_cut(here),
        **{table.id: cut_procedures(table, here) for table in (CUT_MOST, CUT_ALL) if table in layout.tables},
    }


def time_cut(listed: Iterable[ListedProcedure]) -> Section:
    """By field what was cut of its limits; one has a row for each of their measures. Nothing where nothing is told."""
    procedures = list(listed)
    cuts = compared(procedures)
    groups: dict[tuple[str, LimitUnit], list[LimitCut]] = {}
    for cut in cuts:
        groups.setdefault((cut.procedure.field, cut.measure), []).append(cut)
    rows = [_field_row(f"{field}.{measure}", field, groups[field, measure]) for field, measure in sorted(groups)]
    totals = [
        _field_row(f".{measure}", N_("In all"), of_measure, is_total=True)
        for measure in MEASURE_NAMES
        if (of_measure := [cut for cut in cuts if cut.measure is measure])
    ]
    apart = len(procedures) - len(cuts)
    if totals and apart:
        cells: list[Cell] = [apart, *(None for _ in FIELD_COLUMNS[1:])]
        totals.append(Row(key=".not_compared", name=NOT_COMPARED, cells=cells, is_total=True))
    return _section(TIME_CUT, FIELD_COLUMNS, [*rows, *totals], [COMPARED])


def cut_procedures(table: Table, listed: Iterable[ListedProcedure]) -> Section:
    """The procedures whose limit was cut, the largest share first; as many as the table shows."""
    cuts = [cut for cut in compared(listed) if cut.is_cut]
    ordered = sorted(cuts, key=lambda cut: (-_rate([cut]).exact, cut.procedure.code))
    rows = [
        Row(
            key=cut.procedure.code,
            name=cut.procedure.name,
            cells=[*_limits([cut]), str(cut.procedure.limit_decision) or None],
        )
        for cut in ordered[: table.most]
    ]
    return _section(table, CUT_COLUMNS, rows, [MOST_CUT] if len(rows) < len(ordered) else [])


def offered(listed: Sequence[ListedProcedure], levels: Iterable[UnitLevel]) -> Section:
    """By level of the units how many procedures are done wholly at the desk, and offered online, and of all of these.

    A list that says of no procedure that it is done so has not been told, rather than that none is.
    """
    tells_spot = any(each.is_on_the_spot for each in listed)
    tells_online = any(each.is_offered_online for each in listed)

    def cells(of: Sequence[ListedProcedure]) -> list[Cell]:
        spot, online = ([each for each in of if each.is_on_the_spot], [each for each in of if each.is_offered_online])
        return [
            len(of),
            _share(spot, of) if tells_spot else None,
            _share(online, of) if tells_online else None,
            _source(each.decision for each in (*spot, *online)),
        ]

    by_level = {level: [each for each in listed if level in each.levels] for level in levels}
    rows = [Row(key=level, name=LEVEL_NAMES[level], cells=cells(of)) for level, of in by_level.items() if of]
    total = Row(key="", name=N_("In all"), cells=cells(listed), is_total=True)
    return _section(LISTED, LISTED_COLUMNS, [*rows, total] if tells_spot or tells_online else [], [BY_LIST])


def compared(listed: Iterable[ListedProcedure]) -> list[LimitCut]:
    """The procedures that have both limits, measured alike."""
    found = []
    for each in listed:
        by_law, promised = _measured(each.limit.statutory), _measured(each.limit.committed)
        if by_law and promised and by_law[0] is promised[0]:
            measure, statutory = by_law
            found.append(LimitCut(procedure=each, measure=measure, statutory=statutory, committed=promised[1]))
    return found


def _measured(limit: TimeLimit | None) -> tuple[LimitUnit, Decimal] | None:
    if limit is None or limit.unit not in MEASURES:
        return None
    measure, size = MEASURES[limit.unit]
    return measure, Decimal(str(limit.value)) * size


def _field_row(key: str, name: str, cuts: Sequence[LimitCut], *, is_total: bool = False) -> Row:
    shortened = [cut for cut in cuts if cut.is_cut]
    source = _source(cut.procedure.limit_decision for cut in shortened)
    return Row(key=key, name=name, cells=[len(cuts), len(shortened), *_limits(cuts), source], is_total=is_total)


def _limits(cuts: Sequence[LimitCut]) -> list[Cell]:
    statutory, committed = sum(cut.statutory for cut in cuts), sum(cut.committed for cut in cuts)
    return [MEASURE_NAMES[cuts[0].measure], _amount(statutory), _amount(committed), _rate(cuts)]


def _rate(cuts: Sequence[LimitCut]) -> Rate:
    """Σ(statutory − committed) / Σ statutory."""
    cut, statutory = sum(each.statutory - each.committed for each in cuts), sum(each.statutory for each in cuts)
    return Rate(numerator=_amount(cut), denominator=_amount(statutory), basis=Basis.STATUTORY)


def _amount(exact: Amount) -> Amount:
    """A whole number as such, whatever it was added up from."""
    return int(exact) if exact == int(exact) else Decimal(exact).normalize()


def _share(some: Sequence[ListedProcedure], of: Sequence[ListedProcedure]) -> Rate:
    return Rate(numerator=len(some), denominator=len(of), basis=Basis.LISTED)


def _source(decisions: Iterable[Decision]) -> str | None:
    told = {each for each in decisions if each.name}
    return decisions_text(told) if told and len(told) <= DECISIONS_MAX else None


def _section(table: Table, columns: Sequence[Column], rows: Sequence[Row], notes: Sequence[str]) -> Section:
    return Section(
        id=table.id, name=table.name, rows_of=table.cut.value, columns=columns, rows=rows, notes=notes if rows else ()
    )
