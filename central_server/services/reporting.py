"""Making a report: what is counted for it, how far that is known, and what it is compared with."""

import hashlib

from central_server.central import Central
from central_server.reports.composing import Counted, Material, sections
from central_server.reports.layouts import LAYOUTS
from central_server.reports.report import Provenance, Report
from central_server.services import standing
from central_server.services.covering import coverages
from central_server.services.signing_in import UnknownUnit
from central_server.services.standing import Standings
from central_server.services.trends import periods_before
from central_server.storage import counting, periods, procedures, units
from central_server.storage.database import snapshot
from central_server.storage.units import Scope, UnitNode
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import local_date
from sync_protocol.periods import Period, PeriodSeries, period_name
from sync_protocol.signing import encoded

MONTHS_A_YEAR = 12
NAME_CHARACTERS_MAX = 40


class UnknownReport(FieldSyncError):
    """A report that there is not."""

    code = "unknown_report"
    text = N_("There is no report called %(name)s. Those that there are: %(names)s.")


def make_report(central: Central, scope: Scope, name: str, period: Period, *, unit_id: str | None = None) -> Report:
    """A report of now about what a scope may see; `unit_id` narrows it to the subtree of a unit.

    Raises UnknownReport, UnknownUnit.
    """
    layout = LAYOUTS.get(name)
    if layout is None:
        raise UnknownReport(name=name[:NAME_CHARACTERS_MAX], names=list(LAYOUTS))
    series = central.about().series
    with snapshot(central.database):
        unit = _unit(scope, unit_id, period)
        told = standing.standings(central, scope, period, under=unit_id)
        return Report(
            layout=layout.id,
            name=layout.name,
            unit_code=unit.code,
            unit_name=unit.name,
            period=period,
            period_name=period_name(period, series),
            provenance=_provenance(told),
            covered=told.covered_count,
            desks=len(told.desks),
            sections=sections(layout, _material(told, series)),
        )


def _unit(scope: Scope, unit_id: str | None, period: Period) -> UnitNode:
    """The unit that the report is about: the one asked for, else the top of what the scope may see."""
    tree = units.tree(period.last_on)
    wanted = unit_id or scope.root
    if wanted is None:
        return min(tree.values(), key=lambda unit: (len(unit.parents), unit.code))
    unit = tree.get(wanted)
    if unit is None or not units.is_inside(unit, scope):
        raise UnknownUnit(unit=wanted[:NAME_CHARACTERS_MAX])
    return unit


def _provenance(told: Standings) -> Provenance:
    published = [step.snapshot for step in periods.steps(told.period) if step.snapshot]
    return Provenance(
        as_of=told.now,
        units_on=told.period.last_on,
        rules={"overdue": "covered", "awaiting": "in_time", "closed_other": "outside"},
        snapshot=encoded(hashlib.sha256(published[-1].body).digest()) if published else "",
    )


def _material(told: Standings, series: PeriodSeries) -> Material:
    """What is counted of the desks; earlier periods are counted by the same ledger, not as they were published."""
    codes = [each.desk.code for each in told.desks]
    known, today, period = coverages(codes), local_date(told.now), told.period

    def counted(asked: Period | None) -> Counted | None:
        return None if asked is None else counting.counts(asked, known, today, codes)

    now = counted(period) or {}
    listed = procedures.titles(sorted({procedure for _, procedure in now}))
    return Material(
        now=now,
        before=counted(next(iter(periods_before(period, series, 1)), None)),
        year_before=counted(_a_year_before(period, series)),
        districts={each.desk.code: (each.desk.district.code, each.desk.district.name) for each in told.desks},
        desks={each.desk.code: (each.desk.code, each.desk.name) for each in told.desks},
        fields={code: (title.field, title.field) for code, title in listed.items()},
        procedures={code: (code, title.name) for code, title in listed.items()},
    )


def _a_year_before(period: Period, series: PeriodSeries) -> Period | None:
    """The period of the same kind a year ago; None where a year is no whole number of them."""
    months = series.month_count(period)
    if months is None or MONTHS_A_YEAR % months:
        return None
    before = periods_before(period, series, MONTHS_A_YEAR // months)
    return before[-1] if len(before) == MONTHS_A_YEAR // months else None
