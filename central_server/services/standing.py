"""Standings of the desks of a scope in a period, and the story of one desk: facts fetched, judged by pure rules."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from central_server.central import Central
from central_server.services.assessing import Assessor, DeskStanding
from central_server.services.enrolment import UnknownDesk
from central_server.services.figures import Figures, devices_known, facts_of, terms_of
from central_server.services.ruling import in_force
from central_server.services.signing_in import UnknownUnit
from central_server.storage import branches, centre, counters, declarations, devices, ledger, reference, stated, units
from central_server.storage.branches import Sighted
from central_server.storage.centre import CentreRow
from central_server.storage.database import reading
from central_server.storage.declarations import DeclaredLine, Explained
from central_server.storage.devices import Device
from central_server.storage.known import Known
from central_server.storage.ledger import Arrival, Differing
from central_server.storage.stated import StatedLine
from central_server.storage.units import EVERYTHING, DeskNode, Scope, Tree, UnitNode
from sync_protocol.calendars import WorkingCalendar
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text, local_date
from sync_protocol.messages import sentence
from sync_protocol.periods import Period
from sync_protocol.standings import NOT_KNOWN, Judgement, demand_of, judge
from sync_protocol.vocabulary import DeskCode, Standing

STORY_LINES_MAX = 60

ENDED_TOLD_DAYS = 20
"""So long after its end a desk is told of a period for which it is not covered."""


class NotRemembered(FieldSyncError):
    """Standings are asked for as of an instant of which the centre cannot say what it knew."""

    code = "not_remembered"
    text = N_(
        "The centre cannot say what it knew at %(at)s: that is still to come, or before it began to remember. "
        "Nothing was changed; choose another time."
    )


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
        return self.count(*NOT_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """All desks of a scope in a period, judged at `now`; `is_open` while the period had not ended then.

    is_past  whether they are as they were known at `now`, and not as they are known at this moment
    pace     share of the period's working days that have passed, 0 to 1
    """

    period: Period
    now: datetime
    is_past: bool
    is_open: bool
    pace: float
    desks: Sequence[DeskStanding]

    @property
    def as_of(self) -> datetime | None:
        """The instant in the past that they are of, None for this moment."""
        return self.now if self.is_past else None

    def by_unit(self) -> list[UnitStandings]:
        """The desks by the unit that supervises them, in the order of desk codes."""
        groups: dict[str, list[DeskStanding]] = {}
        for each in self.desks:
            groups.setdefault(each.desk.district.id, []).append(each)
        return [UnitStandings(unit=group[-1].desk.district, desks=group) for group in groups.values()]

    def totals(self) -> Counter[Standing]:
        """How many desks have each standing."""
        return Counter(each.judgement.standing for each in self.desks)

    @property
    def known(self) -> list[DeskStanding]:
        """Desks whose figures are known for the whole period, or as far as it has come."""
        if self.is_open:
            return [each for each in self.desks if each.judgement.is_covered]
        return [each for each in self.desks if each.is_known]

    @property
    def covered_count(self) -> int:
        """How many these are."""
        return len(self.known)


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
    """A desk in a period: its standing, its days, what arrived when, what was stated when; up to `now`.

    is_past    as of `Standings`
    devices    its machines with what is known of them now alone; empty in the past, as is
    differing  what waits for a decision
    """

    standing: DeskStanding
    period: Period
    now: datetime
    is_past: bool
    is_open: bool
    pace: float
    days: Sequence[DayCount]
    devices: Sequence[Device]
    arrivals: Sequence[Arrival]
    statements: Sequence[StatedLine]
    declared: Sequence[DeclaredLine]
    differing: Sequence[Differing]
    signs: Sequence[Sighted]

    @property
    def as_of(self) -> datetime | None:
        """The instant in the past up to which it goes, None for this moment."""
        return self.now if self.is_past else None


def standings(
    central: Central,
    scope: Scope,
    period: Period,
    *,
    under: str | None = None,
    as_of: datetime | None = None,
    tree: Tree = Tree.PERIOD,
) -> Standings:
    """The judgement on every desk of a scope; `under` narrows it to the subtree of a unit of that id.

    tree   under which units the desks stand; the scope is that part of the same tree
    as_of  judges at that instant by what was known then, with the units and the calendar of today
    Raises NotRemembered for an instant to come, or before the centre began to remember what was known when.
    """
    now = central.now()
    with reading(central.database):
        if as_of:
            _check_remembered(as_of, now)
        nodes = units.desks_in(scope, period, local_date(now) if tree is Tree.TODAY else None)
        if under:
            nodes = [node for node in nodes if units.is_inside(node.unit, Scope(root=under))]
        calendar = reference.calendar()
        known = devices_known([node.code for node in nodes], as_of)
        judged = _judged(central, nodes, known, period, calendar, as_of or now, is_past=as_of is not None)
    at = as_of or now
    return Standings(
        period=period,
        now=at,
        is_past=as_of is not None,
        is_open=at < period.ends_at,
        pace=_pace(period, calendar, at),
        desks=judged,
    )


def unit_id(
    central: Central, code: str | None, period: Period, scope: Scope = EVERYTHING, tree: Tree = Tree.PERIOD
) -> str | None:
    """The id of the unit that bears a code at a period's end, or today, None for no code.

    Raises UnknownUnit, also where the scope may not see it.
    """
    if code is None:
        return None
    with reading(central.database):
        unit = units.unit_by_code(code, period.last_on if tree is Tree.PERIOD else central.today(), scope)
    if unit is None:
        raise UnknownUnit(unit=code)
    return unit.id


def desk_story(
    central: Central, scope: Scope, code: DeskCode, period: Period, *, as_of: datetime | None = None
) -> DeskStory:
    """All that the centre knows of a desk in a period, or knew at an instant.

    Raises UnknownDesk, also where the scope may not see it, and NotRemembered as `standings`.
    """
    now = central.now()
    with reading(central.database):
        if as_of:
            _check_remembered(as_of, now)
        node = units.desk_in(scope, code, period, local_date(now))
        if node is None:
            raise UnknownDesk(desk=code)
        calendar, at = reference.calendar(), as_of or now
        known = devices_known([code], as_of)
        [judged] = _judged(central, [node], known, period, calendar, at, is_past=as_of is not None)
        return DeskStory(
            standing=judged,
            period=period,
            now=at,
            is_past=as_of is not None,
            is_open=at < period.ends_at,
            pace=_pace(period, calendar, at),
            days=_days(judged, period, calendar, as_of),
            devices=[] if as_of else devices.of_desk(code),
            arrivals=ledger.arrivals(code, STORY_LINES_MAX, as_of),
            statements=stated.lines(code, STORY_LINES_MAX, as_of),
            declared=declarations.of_desk(code, period, as_of),
            differing=[] if as_of else ledger.open_verdicts(code),
            signs=branches.signs(code, as_of),
        )


def explained(central: Central, period: Period, as_of: datetime | None = None) -> dict[DeskCode, Explained]:
    """How desks explained a period, of all desks: the caller shows those that its reader may see.

    as_of  leaves out what was said after an instant
    """
    with reading(central.database):
        return declarations.explained(period, as_of)


def is_known_of_fewer(central: Central, period: Period, told: Standings) -> bool:
    """Whether a period that has ended is not known to its end of some desk that is known in the one that is told."""
    with reading(central.database):
        nodes, known = [each.desk for each in told.known], {each.desk.code: each.devices for each in told.known}
        judged = _judged(central, nodes, known, period, reference.calendar(), central.now(), is_past=False)
    return not all(each.is_known for each in judged)


def told_to_desk(central: Central, about: CentreRow, code: DeskCode, now: datetime) -> list[dict[str, Any]]:
    """What a desk is told of itself with a contact, in the words that its supervisor reads.

    The running period, and behind it the one that has ended, for ENDED_TOLD_DAYS: a desk prints its last word.
    """
    running = about.series.containing(local_date(now))
    ended = about.series.before(running)
    with reading(central.database):
        calendar = reference.calendar(within=Period(first_on=ended.first_on, last_on=running.last_on))
        known = devices_known([code]).get(code, [])
        ruled = in_force(about)
        closed_on = units.closed_on(code)
        # The tree of all units is read only where a ruling may be about one of them, or the desk is not judged at all.
        on = min(closed_on or running.last_on, running.last_on)
        node = units.desk(EVERYTHING, code, on) if ruled.rows or closed_on else None
        told = [running, ended] if local_date(now) - ended.last_on <= timedelta(days=ENDED_TOLD_DAYS) else [running]
        contents = []
        for period, arrived in zip(told, counters.arrived_at_desk(code, told), strict=True):
            figures = Figures.of(period, code, arrived={code: arrived}).of_desk(code)
            facts = facts_of(known, period, figures, terms_of(ruled, node, known, period))
            contents.append(told_content(period, judge(facts, demand_of(period, calendar, now)), now))
    return contents


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


def _check_remembered(as_of: datetime, now: datetime) -> None:
    first_at = centre.known_from()
    if as_of > now or (first_at and as_of < first_at):
        raise NotRemembered(at=as_of)


def _judged(
    central: Central,
    nodes: Sequence[DeskNode],
    known: Mapping[DeskCode, Sequence[Known]],
    period: Period,
    calendar: WorkingCalendar,
    now: datetime,
    *,
    is_past: bool,
) -> list[DeskStanding]:
    """The judgement on desks at `now`; with what is known at this moment, or in the past with what was known then."""
    as_of = now if is_past else None
    return Assessor(
        ruled=in_force(central.about(), as_of),
        period=period,
        demand=demand_of(period, calendar, now),
        known=known,
        figures=Figures.of(period, as_of=as_of),
    ).standings(nodes)


def _pace(period: Period, calendar: WorkingCalendar, now: datetime) -> float:
    """Share of the period's working days that lie before today, so that nobody is behind on the first morning."""
    all_days = calendar.working_days_between(period.first_on, period.last_on)
    yesterday = min(period.last_on, local_date(now) - timedelta(days=1))
    return calendar.working_days_between(period.first_on, yesterday) / all_days if all_days else 1.0


def _days(standing: DeskStanding, period: Period, calendar: WorkingCalendar, as_of: datetime | None) -> list[DayCount]:
    code = standing.desk.code
    arrived = counters.arrived_by_desk_and_day(period, [code], as_of=as_of)
    return [
        DayCount(
            day=day,
            is_working=calendar.is_working_day(day),
            closes_at=calendar.closing(day),
            arrived=arrived.get((code, day), 0),
            unsent=standing.unsent_on(day),
        )
        for day in (period.first_on + timedelta(days=ahead) for ahead in range(period.days()))
    ]
