"""The dossiers behind a figure of a report: by the sets that counted it, for whoever may see the report."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from central_server.central import Central
from central_server.reports.indicators import BASES, BY_ID, Indicator
from central_server.reports.layouts import SUMMARY, Comparison, Cut, Kind, Layout, Table
from central_server.reports.material import ProcedureFacts
from central_server.reports.procedure_numbers import DERIVED, Codes, codes_of
from central_server.services.covering import coverages
from central_server.services.gathering import compared_period, month_name, months_of
from central_server.services.reporting import layout_of, unit_of
from central_server.storage import procedures, reads, units
from central_server.storage.counted_dossiers import CountedDossier, Part, Wanted, clerks, listed
from central_server.storage.database import snapshot, write_transaction
from central_server.storage.reads import Look
from central_server.storage.units import DeskNode, Scope
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import local_date
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.vocabulary import DeskCode

SHOWN_MAX = 40
OF_DESKS = (Cut.LEVEL, Cut.DISTRICT, Cut.DESK)
OF_PROCEDURES = (Cut.FIELD, Cut.SERVICE_LEVEL, Cut.AGENCY, Cut.PROCEDURE)
LISTED = (Cut.INDICATOR, Cut.MONTH, Cut.CLERK, *OF_DESKS, *OF_PROCEDURES)
"""What rows may be about for their figures to lead to dossiers."""

COUNTED = (Kind.FIGURES, Kind.RANKING, Kind.UNRANKED, Kind.RECONCILIATION)
MARK_LETTERS = 16


class UnknownFigure(FieldSyncError):
    """A figure that the report does not have, or behind which there is no list."""

    code = "unknown_figure"
    text = N_("This report has no list of dossiers for %(figure)s. Open the report and choose one of its figures.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a figure stands in a report.

    section, row  id of the table, and the key of the row, of a clerk a mark; None for the row of all
    figure        id of the indicator; is_base: what a rate is a share of, in place of what it counts
    then          of a period that the report compares with, in place of its own
    """

    section: str
    figure: str
    row: str | None = None
    is_base: bool = False
    then: Comparison | None = None

    def __str__(self) -> str:
        return "/".join((self.section, self.row or "", self.figure + ("/base" if self.is_base else "")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A part of the list behind a figure; `count` is how many the whole list has, `dossiers` each with its desk.

    period  that of the figure: of the report, of one of its months, or one that it compares with
    """

    layout: Layout
    period: Period
    unit_name: str
    indicator: Indicator
    now: datetime
    count: int
    dossiers: Sequence[tuple[CountedDossier, DeskNode]]
    facts: Mapping[str, ProcedureFacts]


def leads_to_dossiers(table: Table) -> bool:
    """Whether the figures of a table are counts whose dossiers can be listed."""
    return table.kind in COUNTED and table.cut in LISTED


def clerk_mark(name: str) -> str:
    """What stands for a clerk in an address, where no name is read by chance."""
    return hashlib.sha256(name.encode()).hexdigest()[:MARK_LETTERS]


def dossiers_behind(
    central: Central,
    scope: Scope,
    name: str,
    period: Period,
    place: Place,
    *,
    unit_id: str | None,
    start: int,
    limit: int,
    by: str,
) -> Behind:
    """A part of a list; that somebody has looked is recorded with who, when, what and how many.

    Raises UnknownReport, UnknownUnit, UnknownFigure.
    """
    layout, indicator, now = layout_of(name), BY_ID.get(place.figure), central.now()
    table = next((each for each in layout.tables if each.id == place.section and leads_to_dossiers(each)), None)
    if table is None or indicator is None:
        raise UnknownFigure(figure=str(place)[:SHOWN_MAX])
    with snapshot(central.database):
        unit = unit_of(scope, unit_id, period)
        nodes = [each for each in units.desks_in(scope, period) if units.is_inside(each.unit, Scope(root=unit.id))]
        desks = {each.code: each for each in nodes if _is_of_row(each, table, place.row)}
        asked = _period(layout, table, place, period, central.about().series)
        facts = procedures.facts(asked.last_on)
        wanted = Wanted(
            period=asked,
            known=coverages(list(desks)),
            today=local_date(now),
            desks=desks,
            parts=list(_parts(indicator, place, facts)),
            procedures=_codes(table, place.row, facts),
            received_by=_clerk(table, place, list(desks)),
        )
        found = listed(wanted, start=start, limit=limit)
    look = Look(
        at=now,
        who=by,
        what=f"report {layout.id}/{place}",
        place=unit_id or "",
        period=asked,
        rows=len(found.dossiers),
    )
    with write_transaction(central.database):
        reads.keep(look)
    return Behind(
        layout=layout,
        period=asked,
        unit_name=unit.name,
        indicator=indicator,
        now=now,
        count=found.count,
        dossiers=[(each, desks[each.desk]) for each in found.dossiers],
        facts=facts,
    )


def _is_of_row(desk: DeskNode, table: Table, row: str | None) -> bool:
    keys = {Cut.LEVEL: desk.unit.level.value, Cut.DISTRICT: desk.district.code, Cut.DESK: desk.code}
    return table.level in (None, desk.unit.level) and (row is None or keys.get(table.cut, row) == row)


def _period(layout: Layout, table: Table, place: Place, period: Period, series: PeriodSeries) -> Period:
    asked: Period | None = period
    if place.then:
        is_compared = table.id == SUMMARY.id and place.then in layout.compared
        asked = compared_period(place.then, period, series) if is_compared else None
    elif table.cut is Cut.MONTH and place.row is not None:
        asked = next((each for each in months_of(period, series) if month_name(each) == place.row), None)
    if asked is None:
        raise UnknownFigure(figure=str(place)[:SHOWN_MAX])
    return asked


def _clerk(table: Table, place: Place, desks: Sequence[DeskCode]) -> str | None:
    """The clerk whose row it is, None where it is about others."""
    if table.cut is not Cut.CLERK or place.row is None:
        return None
    # Only a report about a single desk tells its clerks.
    named = clerks(desks[0]) if len(desks) == 1 else []
    found = next((name for name in named if clerk_mark(name) == place.row), None)
    if found is None:
        raise UnknownFigure(figure=str(place)[:SHOWN_MAX])
    return found


def _parts(indicator: Indicator, place: Place, facts: Mapping[str, ProcedureFacts]) -> Iterator[Part]:
    """The numbers that a figure consists of; of one that follows from procedures, those that it is made of."""
    if place.is_base and indicator.basis is None:
        raise UnknownFigure(figure=str(place)[:SHOWN_MAX])
    for name in BASES[indicator.basis] if place.is_base and indicator.basis else indicator.counts:
        derived = DERIVED.get(name)
        if derived is None:
            yield Part(number=name)
            continue
        codes = codes_of(derived, facts)
        yield from (Part(number=each, procedures=codes) for each in derived.of)


def _codes(table: Table, row: str | None, facts: Mapping[str, ProcedureFacts]) -> Codes | None:
    """The procedures of a row, None where it is about others; that without a key is of those that are not listed."""
    if table.cut not in OF_PROCEDURES or row is None:
        return None
    if table.cut is Cut.PROCEDURE:
        return Codes(codes=frozenset({row}))
    if not row:
        return Codes(codes=frozenset(facts), are_in=False)
    keys = {
        code: {Cut.FIELD: each.field, Cut.AGENCY: each.agency, Cut.SERVICE_LEVEL: each.service_level.value}
        for code, each in facts.items()
    }
    return Codes(codes=frozenset(code for code, key in keys.items() if key[table.cut] == row))
