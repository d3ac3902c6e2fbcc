"""Standings of the desks of a scope in a period, and the story of one desk: facts fetched, judged by pure rules."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from central_server.central import Central
from central_server.services.enrolment import UnknownDesk
from central_server.services.signing_in import UnknownUnit
from central_server.storage import counters, devices, ledger, reference, units
from central_server.storage.counters import StatedLine
from central_server.storage.database import reading
from central_server.storage.devices import Device
from central_server.storage.ledger import Arrival
from central_server.storage.units import DeskNode, Scope, UnitNode
from sync_protocol.calendars import WorkingCalendar
from sync_protocol.instants import local_date
from sync_protocol.periods import Period
from sync_protocol.standings import DeskFacts, DeviceFacts, Judgement, judge
from sync_protocol.vocabulary import DeskCode, Standing

STORY_LINES_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStanding:
    """A desk with its judgement in a period."""

    desk: DeskNode
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStandings:
    """The desks that a unit supervises, with their totals."""

    unit: UnitNode
    desks: Sequence[DeskStanding]

    def count(self, *standings: Standing) -> int:
        """How many desks have one of these standings."""
        return sum(each.judgement.standing in standings for each in self.desks)

    @property
    def arrived(self) -> int:
        """Dossiers that have arrived from these desks."""
        return sum(each.judgement.arrived for each in self.desks)

    @property
    def unsent(self) -> int:
        """Dossiers that these desks hold back."""
        return sum(each.judgement.unsent for each in self.desks)

    @property
    def unknown(self) -> int:
        """Desks of which it is not known whether they entered enough."""
        return self.count(
            Standing.HELD, Standing.SILENT, Standing.NEVER_HEARD, Standing.NO_DEVICE, Standing.UNDER_REVIEW
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """All desks of a scope in a period, judged at `now`; `is_open` while the period has not ended.

    pace  share of the period's working days that have passed, 0 to 1
    """

    period: Period
    now: datetime
    is_open: bool
    pace: float
    desks: Sequence[DeskStanding]

    def by_unit(self) -> list[UnitStandings]:
        """The desks by the unit that supervises them, in the order of desk codes."""
        groups: dict[str, list[DeskStanding]] = {}
        supervisors: dict[str, UnitNode] = {}
        for each in self.desks:
            supervisors[each.desk.district.id] = each.desk.district
            groups.setdefault(each.desk.district.id, []).append(each)
        return [UnitStandings(unit=supervisors[id_], desks=group) for id_, group in groups.items()]

    def totals(self) -> Counter[Standing]:
        """How many desks have each standing."""
        return Counter(each.judgement.standing for each in self.desks)

    @property
    def covered_count(self) -> int:
        """Desks whose figures are known for the whole period, or as far as it has come."""
        if self.is_open:
            return sum(each.judgement.is_covered for each in self.desks)
        return sum(each.judgement.flag_proven for each in self.desks)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """Dossiers of a desk received on a day: those that have arrived, and those its machines hold back."""

    day: date
    is_working: bool
    arrived: int
    unsent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStory:
    """A desk in a period: its standing, its days, its machines, what arrived when, what was stated when."""

    standing: DeskStanding
    period: Period
    now: datetime
    is_open: bool
    pace: float
    days: Sequence[DayCount]
    devices: Sequence[Device]
    arrivals: Sequence[Arrival]
    statements: Sequence[StatedLine]
    set_aside: Sequence[tuple[str, str]]


def standings(central: Central, scope: Scope, period: Period, *, under: str | None = None) -> Standings:
    """The judgement on every desk of a scope; `under` narrows it to the subtree of a unit of that id."""
    now = central.now()
    with reading(central.database):
        nodes = units.desks(scope, period.last_on)
        if under:
            nodes = [node for node in nodes if units.is_inside(node.unit, Scope(root=under))]
        calendar = reference.calendar()
        judged = _judged(central, nodes, period, calendar, now)
        pace = _pace(period, calendar, now)
    return Standings(period=period, now=now, is_open=now < period.ends_at, pace=pace, desks=judged)


def unit_id(central: Central, code: str | None, period: Period) -> str | None:
    """The id of the unit that bears a code at a period's end, None for no code; raises UnknownUnit."""
    if code is None:
        return None
    with reading(central.database):
        unit = units.unit_by_code(code, period.last_on)
    if unit is None:
        raise UnknownUnit(unit=code)
    return unit.id


def desk_story(central: Central, scope: Scope, code: DeskCode, period: Period) -> DeskStory:
    """All that the centre knows of a desk in a period; raises UnknownDesk, also where the scope may not see it."""
    now = central.now()
    with reading(central.database):
        node = units.desk(scope, code, period.last_on)
        if node is None:
            raise UnknownDesk(desk=code)
        calendar = reference.calendar()
        return DeskStory(
            standing=_judged(central, [node], period, calendar, now)[0],
            period=period,
            now=now,
            is_open=now < period.ends_at,
            pace=_pace(period, calendar, now),
            days=_days(code, period, calendar),
            devices=devices.of_desks([code]).get(code, []),
            arrivals=ledger.arrivals(code, STORY_LINES_MAX),
            statements=counters.statements(code, STORY_LINES_MAX),
            set_aside=ledger.set_aside(code),
        )


def _judged(
    central: Central, nodes: Sequence[DeskNode], period: Period, calendar: WorkingCalendar, now: datetime
) -> list[DeskStanding]:
    """A fixed number of queries, whatever the number of desks and dossiers."""
    threshold = central.about().threshold
    arrived, held = counters.arrived(period), counters.unsent(period)
    declared, undecided = counters.declarations(period), ledger.undecided(period)
    enrolled = devices.of_desks([node.code for node in nodes])
    judged = []
    for node in nodes:
        facts = DeskFacts(
            arrived=arrived.get(node.code, 0),
            devices=[
                DeviceFacts(
                    slot=device.id.slot,
                    enrolled_at=device.enrolled_at,
                    heard_at=device.heard_at,
                    stated_at=device.stated_at,
                    covered_until=device.covered_until,
                    unsent=held[key].count if (key := (node.code, device.id.slot)) in held else 0,
                    oldest_unsent_on=held[key].oldest_on if key in held else None,
                    declaration=declared.get(key),
                )
                for device in enrolled.get(node.code, [])
            ],
            threshold=threshold,
            undecided=undecided.get(node.code, 0),
        )
        judged.append(DeskStanding(desk=node, judgement=judge(facts, period, calendar, now)))
    return judged


def _pace(period: Period, calendar: WorkingCalendar, now: datetime) -> float:
    """Share of the period's working days that lie before today, so that nobody is behind on the first morning."""
    all_days = calendar.working_days_between(period.first_on, period.last_on)
    yesterday = min(period.last_on, local_date(now) - timedelta(days=1))
    return calendar.working_days_between(period.first_on, yesterday) / all_days if all_days else 1.0


def _days(code: DeskCode, period: Period, calendar: WorkingCalendar) -> list[DayCount]:
    arrived, unsent = counters.arrived_by_day(code, period), counters.unsent_by_day(code, period)
    return [
        DayCount(
            day=day,
            is_working=calendar.is_working_day(day),
            arrived=arrived.get(day, 0),
            unsent=max(0, unsent.get(day, 0)),
        )
        for day in (period.first_on + timedelta(days=ahead) for ahead in range(period.days()))
    ]
