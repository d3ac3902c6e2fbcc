"""How desks did in the periods before: what arrived, who was flagged, and who has fallen against their own history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from central_server.central import Central
from central_server.services.assessing import Assessor, DeskStanding
from central_server.services.figures import Figures, devices_known
from central_server.services.ruling import in_force
from central_server.storage import counters, reference, units
from central_server.storage.database import reading
from central_server.storage.known import Known
from central_server.storage.questions import DESKS_NAMED_MAX
from central_server.storage.units import DeskNode, Scope
from sync_protocol.periods import Period, PeriodSeries, UnknownPeriod
from sync_protocol.standings import NOT_KNOWN, demand_of
from sync_protocol.vocabulary import DeskCode, Standing

TREND_PERIODS = 5
"""So many periods before the one shown tell how a desk has been doing."""

CURVE_PERIODS = 12
FALL_PERIODS = 3
FALL_MEAN_LEAST = 20
FLAGGED = (Standing.ZERO, Standing.FEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A period as it is known now: what arrived by desk, and which desks stand where.

    standings  of the desks that have not met the level; all others have
    """

    period: Period
    desks: int
    arrived: Mapping[DeskCode, int]
    standings: Mapping[DeskCode, Standing]

    def is_flagged(self, code: DeskCode) -> bool:
        """Whether a desk is proven to have been below the level."""
        return self.standings.get(code) in FLAGGED

    def is_known(self, code: DeskCode) -> bool:
        """Whether it is known of a desk whether it entered enough."""
        return self.standings.get(code) not in NOT_KNOWN

    def flagged(self) -> set[DeskCode]:
        """All such desks."""
        return {code for code, standing in self.standings.items() if standing in FLAGGED}

    def not_known(self) -> set[DeskCode]:
        """All desks of which it is not known whether they entered enough."""
        return {code for code, standing in self.standings.items() if standing in NOT_KNOWN}

    def count(self, *standings: Standing) -> int:
        """How many desks have one of these standings."""
        return sum(each in standings for each in self.standings.values())

    @property
    def unknown(self) -> int:
        """How many these are."""
        return self.count(*NOT_KNOWN)

    @property
    def is_unknown(self) -> bool:
        """Whether of no desk that was to be judged it is known."""
        return 0 < self.unknown == self.desks - self.count(Standing.EXEMPT)


def has_fallen(entered: int, before: Sequence[int], *, pace: float = 1.0) -> bool:
    """Whether a desk entered much less than it used to, met the level or not.

    before  counts of the periods before, the nearest first
    pace    share of the period's working days that have passed, 0 to 1
    Rule: less than half of the mean of the FALL_PERIODS periods before, where that mean is FALL_MEAN_LEAST or more.
    A desk with a shorter history has none to fall against.
    """
    nearest = before[:FALL_PERIODS]
    if len(nearest) < FALL_PERIODS or sum(nearest) < FALL_MEAN_LEAST * FALL_PERIODS:
        return False
    return 2 * FALL_PERIODS * entered < sum(nearest) * pace


def periods_running(code: DeskCode, before: Sequence[Past]) -> int:
    """For how many periods running up to this one a desk that is flagged now has been flagged, at least 1."""
    running = 1
    for past in before:
        if not past.is_flagged(code):
            break
        running += 1
    return running


def periods_before(period: Period, series: PeriodSeries, count: int) -> list[Period]:
    """The periods of the same kind before one, the nearest first; fewer at the beginning of the calendar."""
    found: list[Period] = []
    for _ in range(count):
        try:
            period = series.before(period)
        except UnknownPeriod:
            break
        found.append(period)
    return found


def past_of(
    central: Central, desks: Sequence[DeskStanding], period: Period, count: int, as_of: datetime | None = None
) -> list[Past]:
    """The periods before one for desks that the caller may see, the nearest first; as they were known at `as_of`."""
    periods = periods_before(period, central.about().series, count)
    known = {each.desk.code: each.devices for each in desks}
    with reading(central.database):
        return _past(central, periods, [[each.desk for each in desks]] * len(periods), known, as_of)


def curve(
    central: Central, scope: Scope, period: Period, *, under: str = "", as_of: datetime | None = None
) -> list[Past]:
    """The CURVE_PERIODS up to a period, oldest first, with the desks that were there in each.

    A period that has not ended is left out: nobody is flagged in it. `under` narrows to what a unit supervises.
    As they were known at `as_of`, when the later ones had not ended yet.
    """
    series, now = central.about().series, as_of or central.now()
    last = period if period.ends_at <= now else None
    periods = [*([last] if last else []), *periods_before(period, series, CURVE_PERIODS - bool(last))]
    ended = [each for each in periods if each.ends_at <= now]
    with reading(central.database):
        nodes = [units.desks_in(scope, each) for each in ended]
        supervised = [[node for node in each if not under or node.district.id == under] for each in nodes]
        known = devices_known(list({node.code for each in supervised for node in each}), as_of)
        return _past(central, ended, supervised, known, as_of)[::-1]


def _past(
    central: Central,
    periods: Sequence[Period],
    nodes: Sequence[Sequence[DeskNode]],
    known: Mapping[DeskCode, Sequence[Known]],
    as_of: datetime | None,
) -> list[Past]:
    """Several periods in a few queries each: only desks below the level are judged, since the others have met it."""
    if not periods:
        return []
    ruled, calendar, now = in_force(central.about(), as_of), reference.calendar(), as_of or central.now()
    codes = {node.code for each in nodes for node in each}
    found = []
    for period, desks, arrived in zip(periods, nodes, _arrived(periods, codes, as_of), strict=True):
        assessor = Assessor(
            ruled=ruled,
            period=period,
            demand=demand_of(period, calendar, now),
            known=known,
            figures=Figures.of(period, arrived=arrived, as_of=as_of),
        )
        found.append(Past(period=period, desks=len(desks), arrived=arrived, standings=assessor.below(desks)))
    return found


def _arrived(
    periods: Sequence[Period], codes: Collection[DeskCode], as_of: datetime | None
) -> list[dict[DeskCode, int]]:
    """What arrived of the desks by period; of a page of desks it is asked by name."""
    named = codes if len(codes) <= DESKS_NAMED_MAX else None
    return counters.arrived_in(periods, named, as_of=as_of)
