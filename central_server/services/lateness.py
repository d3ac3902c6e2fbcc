"""Lateness of the desks of a scope in a period: figures by desk and unit, and the dossiers behind them.

Nothing is called late of which it is not known: what fell due after a desk's machines were last heard of stands in a
column of its own, *đến hạn, chưa rõ kết quả*, outside every rate and ranking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from central_server.central import Central
from central_server.reports.counts import Counts, total
from central_server.reports.coverage import UNKNOWN
from central_server.services.covering import coverages
from central_server.services.enrolment import UnknownDesk
from central_server.services.signing_in import UnknownUnit
from central_server.storage import counting, procedures, reads, reference, units
from central_server.storage.counted_dossiers import Part, Wanted, listed
from central_server.storage.database import snapshot, write_transaction
from central_server.storage.reads import Look
from central_server.storage.units import DeskNode, Scope, UnitNode
from sync_protocol.calendars import WorkingCalendar
from sync_protocol.instants import local_date
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode, DossierStage


class LateKind(StrEnum):
    """The lists of dossiers that can be asked for, what presses most first."""

    OVERDUE = "overdue"
    DUE_UNKNOWN = "due_unknown"
    LATE = "resolved_late"


ONE_DAY = date.resolution
NAME_CHARACTERS_MAX = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLateness:
    """A desk with its figures; known_until: up to when its machines hold nothing back, None where that is not known."""

    desk: DeskNode
    counts: Counts
    known_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLateness:
    """The desks that a unit supervises, with their total."""

    unit: UnitNode
    desks: Sequence[DeskLateness]

    @property
    def counts(self) -> Counts:
        """All of them together."""
        return total(each.counts for each in self.desks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """The desks of a scope; `on` is the day at whose end they are looked at: the last of the period, or today."""

    period: Period
    on: date
    now: datetime
    desks: Sequence[DeskLateness]

    def by_unit(self) -> list[UnitLateness]:
        """The desks by the unit that supervises them, in the order of desk codes."""
        groups: dict[str, list[DeskLateness]] = {}
        for each in self.desks:
            groups.setdefault(each.desk.district.id, []).append(each)
        return [UnitLateness(unit=group[0].desk.district, desks=group) for group in groups.values()]

    @property
    def counts(self) -> Counts:
        """All desks together."""
        return total(each.counts for each in self.desks)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateDossier:
    """A dossier of a list, by codes and dates alone.

    days  working days after its day: to its result, else to the day of the list; of one that is not known, to that day
    """

    desk: DeskNode
    id: str
    dossier_code: str
    procedure_code: str
    procedure_name: str
    stage: DossierStage
    received_on: date
    due_on: date
    ended_on: date | None
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateList:
    """A part of a list, those that have waited longest first; `count` is how many the whole list has."""

    count: int
    dossiers: Sequence[LateDossier]


def lateness(central: Central, scope: Scope, period: Period) -> Lateness:
    """The figures of every desk of a scope."""
    now = central.now()
    today = local_date(now)
    with snapshot(central.database):
        nodes = units.desks(scope, period.last_on)
        codes = [node.code for node in nodes]
        known = coverages(codes)
        figures = counting.counts_by_desk(period, known, today, codes)
    return Lateness(
        period=period,
        on=min(period.last_on, today),
        now=now,
        desks=[
            DeskLateness(
                desk=node,
                counts=figures.get(node.code, Counts()),
                known_until=known.get(node.code, UNKNOWN).until,
            )
            for node in nodes
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which list somebody asks for: of a desk, or of the desks that a unit supervises; "" for all."""

    which: LateKind
    desk: DeskCode = ""
    unit_id: str = ""


def late_dossiers_of(
    central: Central, scope: Scope, period: Period, asked: Asked, *, start: int, limit: int, by: str
) -> LateList:
    """A part of a list; that somebody has looked is recorded with who, when, what and how many.

    Raises UnknownDesk, UnknownUnit, also where the scope may not see it.
    """
    now = central.now()
    end = min(period.last_on, local_date(now))
    with snapshot(central.database):
        nodes = {node.code: node for node in _narrowed(units.desks(scope, period.last_on), asked)}
        wanted = Wanted(
            period=period,
            known=coverages(list(nodes)),
            today=local_date(now),
            desks=nodes,
            parts=[Part(number=asked.which.value)],
        )
        found = listed(wanted, by="due_on", start=start, limit=limit)
        titles = procedures.titles(sorted({each.procedure_code for each in found.dossiers}))
        calendar = reference.calendar()
    look = Look(
        at=now,
        who=by,
        what=f"lateness {asked.which.value}",
        place=asked.desk or asked.unit_id,
        period=period,
        rows=len(found.dossiers),
    )
    with write_transaction(central.database):
        reads.keep(look)
    return LateList(
        count=found.count,
        dossiers=[
            LateDossier(
                desk=nodes[row.desk],
                id=row.id,
                dossier_code=row.dossier_code,
                procedure_code=row.procedure_code,
                procedure_name=titles[row.procedure_code].name if row.procedure_code in titles else "",
                stage=row.stage,
                received_on=row.received_on,
                due_on=row.due_on,
                ended_on=row.ended_on,
                days=_days_late(row.due_on, row.ended_on, end, calendar),
            )
            for row in found.dossiers
            if row.due_on
        ],
    )


def _narrowed(nodes: Sequence[DeskNode], asked: Asked) -> list[DeskNode]:
    found = [node for node in nodes if asked.desk in ("", node.code) and asked.unit_id in ("", node.district.id)]
    if not found and asked.desk:
        raise UnknownDesk(desk=asked.desk[:NAME_CHARACTERS_MAX])
    if not found and asked.unit_id:
        raise UnknownUnit(unit=asked.unit_id[:NAME_CHARACTERS_MAX])
    return found


def _days_late(due_on: date, ended_on: date | None, on: date, calendar: WorkingCalendar) -> int:
    """At least one: the days after the appointment count from the first, even where none of them was worked."""
    until = min(ended_on, on) if ended_on else on
    return max(1, calendar.working_days_between(due_on + ONE_DAY, until))
