"""Composing the tables of a report from counted rows: pure, so that the same counts make the same report."""

from collections.abc import Iterable, Mapping, Sequence

from central_server.reports import entering, forms, ranking, reconciling
from central_server.reports.changes import CountChange, RateChange
from central_server.reports.choices import Choices, Mean
from central_server.reports.counts import Counts, total
from central_server.reports.indicators import BY_ID, Indicator
from central_server.reports.layouts import Comparison, Cut, Kind, Layout, Table
from central_server.reports.material import DeskFacts, Material, Named
from central_server.reports.ranking import Candidate
from central_server.reports.rates import MeanRate, Rate
from central_server.reports.report import Cell, Column, Row, Section
from sync_protocol.errors import N_
from sync_protocol.vocabulary import Standing

NOW = Column(id="now", name=N_("This period"))
COMPARED: Mapping[Comparison, tuple[Column, Column]] = {
    Comparison.BEFORE: (
        Column(id="before", name=N_("The period before")),
        Column(id="change", name=N_("Change")),
    ),
    Comparison.YEAR_BEFORE: (
        Column(id="year_before", name=N_("A year before")),
        Column(id="year_change", name=N_("Change within a year")),
    ),
}
RUNNING = N_("The period has not ended; the periods that it is compared with are whole ones.")
KNOWN_OF_FEWER: Mapping[Comparison, str] = {
    Comparison.BEFORE: N_(
        "The period before is not known to its end of some one-stop desks that are known now: there may have been more "
        "in it."
    ),
    Comparison.YEAR_BEFORE: N_(
        "The same period a year before is not known to its end of some one-stop desks that are known now: there may "
        "have been more in it."
    ),
}
SOMETIMES = (Cut.CLERK, Cut.MONTH)
"""Cuts that only some reports have."""

NOT_ADDITIVE = N_("What is carried over stands in several months, so that months do not add up to the whole period.")


def sections(layout: Layout, material: Material, choices: Choices) -> list[Section]:
    """The tables of a layout, filled; one that has nothing to say of this period is left out."""
    return [
        section
        for table in layout.tables
        for section in [_section(layout, table, material, choices)]
        if section is not None and section.rows
    ]


def _section(layout: Layout, table: Table, material: Material, choices: Choices) -> Section | None:
    figures = [BY_ID[id_] for id_ in choices.figures(table.figures)]
    match table.kind:
        case Kind.GIVEN:
            return material.given.get(table.id)
        case Kind.ENTRY:
            return entering.by_district(table, material)
        case Kind.FLAGGED:
            return entering.flagged(table, material)
        case Kind.RECONCILIATION:
            return reconciling.reconciliation(table, figures, material.months, material.whole)
        case Kind.RANKING:
            return ranking.ranking(table, figures, _candidates(table, material))
        case Kind.UNRANKED:
            return ranking.unranked(table, figures, _candidates(table, material))
    if table.cut is Cut.INDICATOR:
        return _summary(table, figures, layout.compared, material)
    return _cut(table, figures, material, choices)


def _summary(table: Table, figures: Sequence[Indicator], compared: Sequence[Comparison], material: Material) -> Section:
    now, others = material.whole, {Comparison.BEFORE: material.before, Comparison.YEAR_BEFORE: material.year_before}
    then = [others[each] for each in compared]
    return Section(
        id=table.id,
        name=table.name,
        rows_of=table.cut.value,
        columns=(NOW, *(column for each in compared for column in COMPARED[each])),
        rows=[Row(key=each.id, name=each.name, cells=_compared(each, now, then)) for each in figures],
        notes=[
            *([RUNNING] if material.is_running else []),
            *(KNOWN_OF_FEWER[each] for each in compared if each in material.known_of_fewer),
        ],
    )


def _compared(figure: Indicator, now: Counts, others: Iterable[Counts | None]) -> list[Cell]:
    value = figure.of(now)
    cells: list[Cell] = [value]
    for other in others:
        was = None if other is None else figure.of(other)
        cells += [was, _change(was, value)]
    return cells


def _change(was: int | Rate | None, now: int | Rate) -> CountChange | RateChange:
    if isinstance(now, Rate):
        return RateChange(before=was if isinstance(was, Rate) else None, now=now)
    return CountChange(before=was if isinstance(was, int) else None, now=now)


def _cut(table: Table, figures: Sequence[Indicator], material: Material, choices: Choices) -> Section | None:
    if table.cut is Cut.MONTH:
        groups: dict[Named, Counts] = {(month.name, month.name): month.counts for month in material.months}
    else:
        groups = material.grouped(table.cut, table.level)
    if not groups and (table.level or table.cut in SOMETIMES):
        return None
    whole = material.whole if table.cut is Cut.MONTH else total(groups.values())
    rows = [_row(named, counts, figures) for named, counts in _shown(groups, table.most)]
    totals = [*_total(whole, figures, table), *_mean(groups.values(), figures, table, choices)]
    return Section(
        id=table.id,
        name=table.name,
        rows_of=table.cut.value,
        columns=[_column(each, table, choices) for each in figures],
        rows=[*rows, *totals],
        notes=_notes(table, [*groups.values(), whole], choices),
    )


def _shown(groups: Mapping[Named, Counts], most: int | None) -> list[tuple[Named, Counts]]:
    if most is None:
        return list(groups.items())
    return sorted(groups.items(), key=lambda group: (-group[1].received_new, group[0]))[:most]


def _candidates(table: Table, material: Material) -> list[Candidate]:
    counts = material.grouped(table.cut)
    return [
        _candidate(named, counts[named], [material.desks[code] for code in codes])
        for named, codes in sorted(material.desks_of(table.cut).items())
    ]


def _candidate(named: Named, counts: Counts, desks: Iterable[DeskFacts]) -> Candidate:
    judged = [desk for desk in desks if desk.standing is not Standing.EXEMPT]
    return Candidate(named=named, counts=counts, desks=len(judged), known=sum(desk.is_known for desk in judged))


def _row(named: Named, counts: Counts, figures: Sequence[Indicator], *, is_total: bool = False) -> Row:
    counts.check()
    return Row(key=named[0], name=named[1], cells=[each.of(counts) for each in figures], is_total=is_total)


def _total(whole: Counts, figures: Sequence[Indicator], table: Table) -> list[Row]:
    """The sum of all rows; a list of the largest ones has none, since it would not be theirs."""
    return [_row(("", N_("In all")), whole, figures, is_total=True)] if table.most is None else []


def _mean(groups: Iterable[Counts], figures: Sequence[Indicator], table: Table, choices: Choices) -> list[Row]:
    """The plain mean of the rates of units, where it is asked for."""
    is_of_units = table.cut in (Cut.DISTRICT, Cut.DESK)
    if choices.mean is not Mean.UNITS or not is_of_units or not any(each.basis for each in figures):
        return []
    units = list(groups)
    cells = [_mean_of(each, units) for each in figures]
    return [Row(key="mean", name=N_("Mean of the units' rates"), cells=cells, is_total=True)]


def _mean_of(figure: Indicator, units: Iterable[Counts]) -> MeanRate | None:
    if figure.basis is None:
        return None
    rates = [rate for rate in map(figure.of, units) if isinstance(rate, Rate) and rate.denominator]
    return MeanRate(parts=rates, basis=figure.basis)


def _notes(table: Table, rows: Sequence[Counts], choices: Choices) -> list[str]:
    if table.is_form:
        return [forms.checked(rows, choices)]
    return [NOT_ADDITIVE] if table.cut is Cut.MONTH else []


def _column(figure: Indicator, table: Table, choices: Choices) -> Column:
    if table.is_form:
        return forms.column(figure, choices)
    return Column(id=figure.id, name=figure.name, basis=figure.basis)
