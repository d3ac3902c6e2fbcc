"""Making a report: what is counted for it, how far that is known, and what it is compared with."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from central_server.central import Central
from central_server.reports.changes import RULES
from central_server.reports.choices import USUAL, Choices
from central_server.reports.composing import sections
from central_server.reports.layouts import LAYOUTS, Layout
from central_server.reports.report import Provenance, Report
from central_server.reports.wording import sentences
from central_server.services import standing
from central_server.services.gathering import gathered
from central_server.services.ruling import in_force
from central_server.services.signing_in import UnknownUnit
from central_server.services.standing import Standings
from central_server.services.trends import past_of
from central_server.storage import counters, growth, periods, units
from central_server.storage.database import snapshot
from central_server.storage.periods import PeriodStep, StepTaken
from central_server.storage.units import Scope, UnitNode
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.periods import Period, period_name
from sync_protocol.signing import canonical, encoded

NAME_CHARACTERS_MAX = 40


class UnknownReport(FieldSyncError):
    """A report that there is not."""

    code = "unknown_report"
    text = N_("There is no report called %(name)s. Those that there are: %(names)s.")


def make_report(
    central: Central,
    scope: Scope,
    name: str,
    period: Period,
    *,
    unit_id: str | None = None,
    choices: Choices = USUAL,
) -> Report:
    """A report of now about what a scope may see; `unit_id` narrows it to the subtree of a unit.

    Raises UnknownReport, UnknownUnit.
    """
    layout = layout_of(name)
    series = central.about().series
    with snapshot(central.database):
        unit = unit_of(scope, unit_id, period)
        told = standing.standings(central, scope, period, under=unit_id)
        before = next(iter(past_of(central, told.desks, period, 1)), None)
        steps = periods.steps(period)
        report = Report(
            layout=layout.id,
            name=layout.name,
            unit_code=unit.code,
            unit_name=unit.name,
            period=period,
            period_name=period_name(period, series),
            provenance=_provenance(central, told, choices, steps),
            restated=sum(step.step is PeriodStep.RESTATE for step in steps),
            covered=told.covered_count,
            desks=len(told.desks),
            sections=sections(layout, gathered(central, told, before, layout, series, unit), choices),
        )
    return replace(report, text=sentences(report, choices))


def received_in(central: Central, scope: Scope, period: Period, *, unit_id: str | None = None) -> int:
    """How many dossiers of a period the centre holds of the desks that a report is about; raises UnknownUnit."""
    with snapshot(central.database):
        inside = Scope(root=unit_of(scope, unit_id, period).id)
        arrived = counters.arrived(period)
        desks = units.desks_in(scope, period)
    return sum(arrived.get(each.code, 0) for each in desks if units.is_inside(each.unit, inside))


def layout_of(name: str) -> Layout:
    """The layout of a report; raises UnknownReport."""
    layout = LAYOUTS.get(name)
    if layout is None:
        raise UnknownReport(name=name[:NAME_CHARACTERS_MAX], names=list(LAYOUTS))
    return layout


def unit_of(scope: Scope, unit_id: str | None, period: Period) -> UnitNode:
    """The unit that a report is about, without one asked for the top of what the scope may see; raises UnknownUnit."""
    wanted = unit_id or scope.root
    if wanted is None:
        all_units = units.tree(period.last_on).values()
        if not all_units:
            raise UnknownUnit(unit="")
        return min(all_units, key=lambda unit: (len(unit.parents), unit.code))
    unit = units.unit(wanted, period.last_on, scope)
    if unit is None:
        raise UnknownUnit(unit=wanted[:NAME_CHARACTERS_MAX])
    return unit


def _provenance(central: Central, told: Standings, choices: Choices, steps: Sequence[StepTaken]) -> Provenance:
    published = [step.snapshot for step in steps if step.snapshot]
    ends = growth.last_numbers()
    counted = {each.desk.code: ends.get(each.desk.code, 0) for each in told.desks}
    return Provenance(
        as_of=told.now,
        units_on=told.period.last_on,
        rules={"overdue": "covered", "rulings": _last_ruling(central), **choices.rules, **RULES},
        ledger=encoded(hashlib.sha256(canonical(counted)).digest()),
        snapshot=encoded(hashlib.sha256(published[-1].body).digest()) if published else "",
        ledgers=counted,
        incarnation=central.about().incarnation,
    )


def _last_ruling(central: Central) -> str:
    """The number of the last ruling, which says by which of them desks were judged."""
    return str(max((ruling.number for ruling in in_force(central.about()).rows), default=0))
