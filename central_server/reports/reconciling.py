"""Months beside the period that they make: where they do not add up, by how much and why.

Source: domain guide 10.2 (what is carried over belongs to several periods) and 10.4 (late data and closed reports).
"""

from collections.abc import Sequence

from central_server.reports.counts import IN_PROCESS, Counts, total
from central_server.reports.indicators import Indicator
from central_server.reports.layouts import Table
from central_server.reports.material import MonthCounted
from central_server.reports.report import Cell, Column, Row, Section
from sync_protocol.errors import N_

NOT_ADDITIVE = frozenset({"carried_over", *IN_PROCESS})
"""What is open at the end of a month is in hand again in the next one."""

PUBLISHED = "received_new"
"""The figure that a closed month was published with."""

ADDS_UP = N_("The months add up to it")
CARRIED = N_("Not additive: what is open when a month ends is in hand again in the next")
SINCE = N_("Late arrivals and corrections since the months were closed")
NOT_ALL_CLOSED = N_("Not all of the months are closed yet")

COLUMNS = (
    Column(id="published", name=N_("Months as published")),
    Column(id="since", name=N_("Came or changed since")),
    Column(id="months", name=N_("Months as counted now")),
    Column(id="carried", name=N_("Difference")),
    Column(id="whole", name=N_("The whole period")),
    Column(id="why", name=N_("Why")),
)


def reconciliation(
    table: Table, figures: Sequence[Indicator], months: Sequence[MonthCounted], whole: Counts
) -> Section:
    """Of each figure what the months say and what the whole says; no rows of a period that is not made of several."""
    rows = [_row(each, months, whole) for each in figures] if months else []
    return Section(id=table.id, name=table.name, rows_of=table.cut.value, columns=COLUMNS, rows=rows)


def is_additive(figure: Indicator) -> bool:
    """Whether months add up to the whole, so that the dossiers of the months are those of the whole."""
    return NOT_ADDITIVE.isdisjoint(figure.counts)


def _row(figure: Indicator, months: Sequence[MonthCounted], whole: Counts) -> Row:
    together, all_ = _count(figure, total(month.counts for month in months)), _count(figure, whole)
    adds_up = is_additive(figure)
    assert not adds_up or together == all_, f"{figure.id}: months have {together}, the whole {all_}"
    published = _published(months) if figure.id == PUBLISHED else None
    since = None if published is None else together - published
    cells: list[Cell] = [published, since, together, all_ - together, all_]
    return Row(key=figure.id, name=figure.name, cells=[*cells, _why(figure, since, adds_up=adds_up)])


def _published(months: Sequence[MonthCounted]) -> int | None:
    """What the closed months were published with together; None while one is not closed."""
    published = [month.published for month in months if month.published is not None]
    return sum(published) if len(published) == len(months) else None


def _why(figure: Indicator, since: int | None, *, adds_up: bool) -> str:
    if not adds_up:
        return CARRIED
    if figure.id == PUBLISHED and since is None:
        return NOT_ALL_CLOSED
    return SINCE if since else ADDS_UP


def _count(figure: Indicator, counts: Counts) -> int:
    value = figure.of(counts)
    assert isinstance(value, int), f"{figure.id} is a count"
    return value
