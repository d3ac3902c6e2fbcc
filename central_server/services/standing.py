"""Standings of the desks of a scope in a period, and the story of one desk: facts fetched, judged by pure rules."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from central_server.central import Central
from central_server.services.enrolment import UnknownDesk
from central_server.services.missing import Missing, missing_of
from central_server.services.ruling import Terms, in_force
from central_server.services.signing_in import UnknownUnit
from central_server.storage import branches, counters, declarations, devices, ledger, reference, units
from central_server.storage.branches import Branch, EpochKey, Sighted
from central_server.storage.centre import CentreRow
from central_server.storage.counters import DeviceKey, Held, StatedLine
from central_server.storage.database import reading
from central_server.storage.declarations import DeclaredLine, Explained
from central_server.storage.devices import Device
from central_server.storage.ledger import Arrival, Differing
from central_server.storage.units import EVERYTHING, DeskNode, Scope, UnitNode
from sync_protocol.calendars import WorkingCalendar
from sync_protocol.entries import EntryId
from sync_protocol.instants import instant_text, local_date
from sync_protocol.messages import sentence
from sync_protocol.periods import Period
from sync_protocol.standings import DeskFacts, DeviceFacts, Judgement, judge
from sync_protocol.vocabulary import Declaration, DeskCode, DeviceId, DeviceState, Standing

STORY_LINES_MAX = 60

ENDED_TOLD_DAYS = 20
"""So long after its end a desk is told of a period for which it is not covered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStanding:
    """A desk with its judgement in a period."""

    desk: DeskNode
    judgement: Judgement

    @property
    def is_known(self) -> bool:
        """Whether its figure is known to the period's end, or nobody asks for it."""
        return self.judgement.flag_proven or self.judgement.standing is Standing.EXEMPT


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
            Standing.HELD,
            Standing.SILENT,
            Standing.NEVER_HEARD,
            Standing.NO_DEVICE,
            Standing.ELSEWHERE,
            Standing.UNDER_REVIEW,
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
        return sum(each.is_known for each in self.desks)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """Dossiers of a desk received on a day: those that have arrived, and those its machines hold back."""

    day: date
    is_working: bool
    closes_at: datetime
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
    declared: Sequence[DeclaredLine]
    differing: Sequence[Differing]
    signs: Sequence[Sighted]
    missing: Sequence[Missing]
    kept_beside: int


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


def unit_id(central: Central, code: str | None, period: Period, scope: Scope = EVERYTHING) -> str | None:
    """The id of the unit that bears a code at a period's end, None for no code.

    Raises UnknownUnit, also where the scope may not see it.
    """
    if code is None:
        return None
    with reading(central.database):
        unit = units.unit_by_code(code, period.last_on)
    if unit is None or not units.is_inside(unit, scope):
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
        enrolled = devices.of_desk(code)
        return DeskStory(
            standing=_judged(central, [node], period, calendar, now)[0],
            period=period,
            now=now,
            is_open=now < period.ends_at,
            pace=_pace(period, calendar, now),
            days=_days(code, period, calendar),
            devices=enrolled,
            arrivals=ledger.arrivals(code, STORY_LINES_MAX),
            statements=counters.statements(code, STORY_LINES_MAX),
            declared=declarations.of_desk(code, period),
            differing=ledger.open_verdicts(code),
            signs=branches.signs(code),
            missing=[each for lacking in missing_of(central.about(), enrolled).values() for each in lacking],
            kept_beside=sum(branches.held_counts(code).values()),
        )


def explained(central: Central, period: Period) -> dict[DeskCode, Explained]:
    """How desks explained a period, of all desks: the caller shows those that its reader may see."""
    with reading(central.database):
        return declarations.explained(period)


def told_to_desk(central: Central, about: CentreRow, code: DeskCode, now: datetime) -> list[dict[str, Any]]:
    """What a desk is told of itself with a contact, in the words that its supervisor reads.

    The running period, and behind it the one that has ended, for ENDED_TOLD_DAYS: a desk prints its last word.
    """
    running = about.series.containing(local_date(now))
    ended = about.series.before(running)
    with reading(central.database):
        calendar = reference.calendar(within=Period(first_on=ended.first_on, last_on=running.last_on))
        enrolled = devices.of_desk(code)
        others = branches.of_desks(enrolled, code)
        ruled = in_force(about)
        # The tree of all units is read only where a ruling may be about one of them.
        node = units.desk(EVERYTHING, code, running.last_on) if ruled.rows else None
        judged = {
            period: judge(
                facts_of(code, enrolled, others, Figures.of(period, code), ruled.terms(node, period)),
                period,
                calendar,
                now,
            )
            for period in (running, ended)
            if local_date(now) - period.last_on <= timedelta(days=ENDED_TOLD_DAYS)
        }
    return [told_content(period, judgement, now) for period, judgement in judged.items()]


def told_content(period: Period, judgement: Judgement, now: datetime) -> dict[str, Any]:
    """A judgement as an answer carries it; the sentences are those of the supervisor's page."""
    return judgement_content(judgement) | {
        "period": str(period),
        "as_of": instant_text(now),
        "vi": sentence(judgement.evidence, "vi"),
        "en": sentence(judgement.evidence, "en"),
    }


def judgement_content(judgement: Judgement) -> dict[str, Any]:
    """The figures of a judgement and its word, for machines."""
    covered_until = judgement.covered_until
    return {
        "arrived": judgement.arrived,
        "unsent": judgement.unsent,
        "entered": judgement.entered,
        "threshold": judgement.threshold,
        "flag": judgement.flag.value,
        "flag_proven": judgement.flag_proven,
        "standing": judgement.standing.value,
        "covered_until": instant_text(covered_until) if covered_until else None,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the centre holds of a period, by desk, device or epoch; `held_beside` is what branches hold back."""

    period: Period
    arrived: dict[DeskCode, int]
    held: dict[DeviceKey, Held]
    declared: dict[DeviceKey, Declaration]
    undecided: dict[DeskCode, int]
    held_beside: dict[EpochKey, Held]

    @classmethod
    def of(cls, period: Period, desk: DeskCode | None = None, arrived: dict[DeskCode, int] | None = None) -> "Figures":
        """Of all desks, or of one: the same few queries, whatever the number of desks and dossiers.

        arrived  where it is known already
        """
        return cls(
            period=period,
            arrived=counters.arrived(period, desk) if arrived is None else arrived,
            held=counters.unsent(period, desk),
            declared=declarations.by_device(period, desk),
            undecided=ledger.undecided(period, desk),
            held_beside=branches.unsent(period, desk),
        )


def _judged(
    central: Central, nodes: Sequence[DeskNode], period: Period, calendar: WorkingCalendar, now: datetime
) -> list[DeskStanding]:
    ruled, figures = in_force(central.about()), Figures.of(period)
    enrolled = devices.of_desks([node.code for node in nodes])
    others = branches.of_desks(device for group in enrolled.values() for device in group)
    return [
        DeskStanding(
            desk=node,
            judgement=judge(
                facts_of(node.code, enrolled.get(node.code, []), others, figures, ruled.terms(node, period)),
                period,
                calendar,
                now,
            ),
        )
        for node in nodes
    ]


def facts_of(
    code: DeskCode,
    enrolled: Sequence[Device],
    others: Mapping[DeviceId, Sequence[Branch]],
    figures: Figures,
    terms: Terms,
) -> DeskFacts:
    """What is known of a desk in the period of the figures."""
    counted = [device for device in enrolled if _counts(device, figures)]
    return DeskFacts(
        arrived=figures.arrived.get(code, 0),
        devices=[_device_facts(device, figures) for device in counted]
        + [_branch_facts(each, figures) for device in counted for each in others.get(device.id, []) if _speaks(each)],
        threshold=terms.threshold,
        is_exempt=terms.is_exempt,
        is_elsewhere=terms.is_elsewhere,
        undecided=figures.undecided.get(code, 0),
    )


def _counts(device: Device, figures: Figures) -> bool:
    """Whether a desk waits for a device's word, or may be missing what was on it.

    One in reserve says nothing, but for what it has stated that it holds: somebody has used it.
    """
    held = figures.held.get((device.id.desk, device.id.slot))
    is_used_reserve = device.state is DeviceState.SPARE and held is not None and held.count > 0
    return device.state is DeviceState.ACTIVE or device.left_at is not None or is_used_reserve


def _device_facts(device: Device, figures: Figures) -> DeviceFacts:
    key = (device.id.desk, device.id.slot)
    held = figures.held.get(key)
    return DeviceFacts(
        slot=device.id.slot,
        enrolled_at=device.enrolled_at,
        heard_at=device.heard_at,
        stated_at=device.stated_at,
        covered_until=device.covered_until,
        unsent=held.count if held else 0,
        oldest_unsent_on=held.oldest_on if held else None,
        declaration=figures.declared.get(key),
        left_at=device.left_at,
        missing=_missing(device),
    )


def _missing(device: Device) -> tuple[EntryId, EntryId] | None:
    """Which entries an epoch has stated that are not here."""
    if device.stated_head <= device.head:
        return None
    first = EntryId(device.id.slot, device.epoch, device.head + 1)
    return first, replace(first, sequence=device.stated_head)


def _speaks(branch: Branch) -> bool:
    """Whether an epoch beside the present one is a machine of its own, or something of it may be missing."""
    return branch.left_at is None or branch.leaves_open


def _branch_facts(branch: Branch, figures: Figures) -> DeviceFacts:
    """A restored or copied machine as it was before, or as its twin is: a word beside that of the present epoch."""
    device = branch.device
    held = figures.held_beside.get((device.id.desk, device.id.slot, device.epoch))
    return replace(
        _device_facts(device, figures),
        unsent=held.count if held else 0,
        oldest_unsent_on=held.oldest_on if held and held.count else None,
        left_at=device.left_at or branch.left_at,
    )


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
            closes_at=calendar.closing(day),
            arrived=arrived.get(day, 0),
            unsent=max(0, unsent.get(day, 0)),
        )
        for day in (period.first_on + timedelta(days=ahead) for ahead in range(period.days()))
    ]
