"""Where the figures of two reports of one thing differ: each at its address, as it stood and as it stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from central_server.reports.layouts import Cut
from central_server.reports.rates import Rate
from central_server.reports.report import Column, FigureAt, Report, Row, Section

Figure = int | Rate | None

DESKS, NOW = "desks", "now"
"""The table by desk, and the column of the report's own period beside those that it is compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure that stood otherwise; None on a side that had no such row, or could not know.

    section, row, column  where it stands, with the names that a reader knows it by
    """

    section: Section
    row: Row
    column: Column
    old: Figure
    new: Figure

    @property
    def at(self) -> FigureAt:
        """The address of the figure."""
        return FigureAt(section=self.section.id, row=self.row.key, column=self.column.id)


def differences(old: Report, new: Report) -> Sequence[Difference]:
    """The counts and rates that differ, in the order of the newer report, then those that only the older one has.

    Comparisons with earlier periods are made of such figures and are not told besides.
    """
    before, now = {each.at: each for each in _figures(old)}, {each.at: each for each in _figures(new)}
    told = [replace(each, old=before[at].new if at in before else None) for at, each in now.items()]
    told += [replace(each, old=each.new, new=None) for at, each in before.items() if at not in now]
    return [each for each in told if each.old != each.new]


def at_desks(each: Difference, others: Sequence[Difference]) -> Sequence[Difference]:
    """Where a figure of all desks, or of one, differs: the same figure of the desks where it does.

    Of other figures none: a table by district, field or procedure does not say which desks a row is of.
    """
    if _is_of_desk(each):
        return [each]
    if each.section.rows_of != Cut.INDICATOR or each.column.id != NOW:
        return []
    return [other for other in others if _is_of_desk(other) and other.column.id == each.row.key]


def of_desks(report: Report, figure: str) -> Mapping[str, int]:
    """A count by desk; empty where the report has no table of it."""
    return {
        each.row.key: each.new
        for each in _figures(report)
        if _is_of_desk(each) and each.column.id == figure and isinstance(each.new, int)
    }


def _is_of_desk(each: Difference) -> bool:
    return each.section.id == DESKS and not each.row.is_total


def _figures(report: Report) -> Iterator[Difference]:
    """Every count and rate, as if it had come anew."""
    for section in report.sections:
        for row in section.rows:
            for column, cell in zip(section.columns, row.cells, strict=True):
                if isinstance(cell, int | Rate):
                    yield Difference(section=section, row=row, column=column, old=None, new=cell)
