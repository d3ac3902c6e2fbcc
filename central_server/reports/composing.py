"""Composing the tables of a report from counted rows: pure, so that the same counts make the same report."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from central_server.reports.changes import CountChange, RateChange
from central_server.reports.counts import Counts, total
from central_server.reports.indicators import BY_ID, Indicator
from central_server.reports.layouts import Cut, Layout, Table
from central_server.reports.rates import Rate
from central_server.reports.report import Cell, Column, Row, Section
from sync_protocol.errors import N_
from sync_protocol.vocabulary import DeskCode

Counted = Mapping[tuple[DeskCode, str], Counts]
"""What is counted, by desk and procedure."""

Named = tuple[str, str]
"""The code and the name of what a row is about; of a field, its name twice."""

NOT_NAMED: Named = ("", N_("Not in the list of procedures"))
NOW = Column(id="now", name=N_("This period"))
BEFORE = Column(id="before", name=N_("The period before"))
CHANGE = Column(id="change", name=N_("Change"))
YEAR_BEFORE = Column(id="year_before", name=N_("A year before"))
YEAR_CHANGE = Column(id="year_change", name=N_("Change within a year"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a report is composed of.

    now, before, year_before  the counts of the period and of those that it is compared with; None where there is none
    districts, desks          of each desk of the report, what it belongs to and what it is called
    fields, procedures        of each procedure, its field and its name; those that are missing are not in the list
    """

    now: Counted
    before: Counted | None
    year_before: Counted | None
    districts: Mapping[DeskCode, Named]
    desks: Mapping[DeskCode, Named]
    fields: Mapping[str, Named]
    procedures: Mapping[str, Named]


def sections(layout: Layout, material: Material) -> list[Section]:
    """The tables of a layout, filled."""
    return [
        _summary(table, material) if table.cut is Cut.INDICATOR else _cut(table, material) for table in layout.tables
    ]


def _summary(table: Table, material: Material) -> Section:
    now, before, year_before = map(_all, (material.now, material.before, material.year_before))
    assert now is not None, "the period itself is always counted"
    figures = [BY_ID[id_] for id_ in table.figures]
    return Section(
        id=table.id,
        name=table.name,
        rows_of=table.cut.value,
        columns=(NOW, BEFORE, CHANGE, YEAR_BEFORE, YEAR_CHANGE),
        rows=[Row(key=each.id, name=each.name, cells=_compared(each, now, before, year_before)) for each in figures],
    )


def _compared(figure: Indicator, now: Counts, *others: Counts | None) -> list[Cell]:
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


def _cut(table: Table, material: Material) -> Section:
    figures = [BY_ID[id_] for id_ in table.figures]
    groups = _grouped(material, _naming(table.cut, material), _registered(table.cut, material))
    ranked = sorted(groups.items(), key=lambda group: (-group[1].received_new, group[0]))[: table.most]
    shown = sorted(groups.items()) if table.most is None else ranked
    rows = [_row(named, counts, figures) for named, counts in shown]
    return Section(
        id=table.id,
        name=table.name,
        rows_of=table.cut.value,
        columns=[_column(each) for each in figures],
        rows=[*rows, *_total(groups, figures, is_whole=table.most is None)],
    )


def _naming(cut: Cut, material: Material) -> Callable[[DeskCode, str], Named]:
    match cut:
        case Cut.DISTRICT:
            return lambda desk, _: material.districts[desk]
        case Cut.DESK:
            return lambda desk, _: material.desks[desk]
        case Cut.FIELD:
            return lambda _, procedure: material.fields.get(procedure, NOT_NAMED)
        case _:
            return lambda _, procedure: material.procedures.get(procedure, (procedure, procedure))


def _registered(cut: Cut, material: Material) -> Iterable[Named]:
    """What has its row even if there is nothing to count: units and desks come from the register."""
    return {Cut.DISTRICT: material.districts, Cut.DESK: material.desks}.get(cut, {}).values()


def _grouped(
    material: Material, name: Callable[[DeskCode, str], Named], registered: Iterable[Named]
) -> dict[Named, Counts]:
    groups: dict[Named, list[Counts]] = {named: [] for named in registered}
    for (desk, procedure), counts in material.now.items():
        groups.setdefault(name(desk, procedure), []).append(counts)
    return {named: total(rows) for named, rows in groups.items()}


def _row(named: Named, counts: Counts, figures: Sequence[Indicator], *, is_total: bool = False) -> Row:
    counts.check()
    return Row(key=named[0], name=named[1], cells=[each.of(counts) for each in figures], is_total=is_total)


def _total(groups: Mapping[Named, Counts], figures: Sequence[Indicator], *, is_whole: bool) -> list[Row]:
    """The sum of all rows; a list of the largest ones has none, since it would not be theirs."""
    return [_row(("", N_("In all")), total(groups.values()), figures, is_total=True)] if is_whole else []


def _column(figure: Indicator) -> Column:
    return Column(id=figure.id, name=figure.name, basis=figure.basis)


def _all(counted: Counted | None) -> Counts | None:
    return None if counted is None else total(counted.values())
