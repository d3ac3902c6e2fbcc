"""Desks judged by their facts, each one again only where something that its judgement is made of has changed.

Nothing here can be stale: whatever a judgement depends on is read each time, and only the judging is saved. At a
province's many desks nearly nothing is new from one question to the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from central_server.services.figures import DeskFigures, facts_of, terms_of
from central_server.services.terms import Rulings, Terms
from central_server.storage.known import Known
from central_server.storage.latest import Latest
from central_server.storage.units import DeskNode
from sync_protocol.periods import Period
from sync_protocol.standings import Demand, Judgement, judge
from sync_protocol.vocabulary import DeskCode, Standing

PERIODS_KEPT = 3
"""Of so many periods, or sets of rulings, the judgements are kept; of PASTS_KEPT only what a trend tells of them."""

PASTS_KEPT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStanding:
    """A desk with its judgement in a period, the terms by which it was judged, and what was known of its devices."""

    desk: DeskNode
    devices: Sequence[Known]
    judgement: Judgement
    terms: Terms

    @property
    def is_known(self) -> bool:
        """Whether its figure is known to the period's end, or nobody asks for it."""
        return self.judgement.flag_proven or self.judgement.standing is Standing.EXEMPT


class Given(NamedTuple):
    """What a judgement is made of beside the rulings and the period.

    late_words  how many instants of the devices lie at or behind the one that a statement has to reach: together with
                these instants that is all that a judgement can know of it
    """

    desk: DeskNode
    devices: Sequence[Known]
    figures: DeskFigures
    late_words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessor:
    """Judges desks in a period by rulings and by what the period demands now."""

    ruled: Rulings
    period: Period
    demand: Demand

    def standings(self, given: Sequence[Given]) -> list[DeskStanding]:
        """The judgement on each desk, in their order."""
        latest = _standings(*self._key())
        return [latest.of(each.desk.code, each, self._standing) for each in given]

    def below(self, given: Sequence[Given]) -> dict[DeskCode, Standing]:
        """Where those desks stand that have not met the level; only these are judged."""
        latest = _words(*self._key())
        words = ((each.desk.code, latest.of(each.desk.code, each, self._word)) for each in given)
        return {code: word for code, word in words if word}

    def given(self, desk: DeskNode, devices: Sequence[Known], figures: DeskFigures) -> Given:
        """What a desk is judged by."""
        is_fixed = self.demand.needed_at == self.demand.ended_at
        return Given(desk, devices, figures, 0 if is_fixed else _late_words(devices, self.demand.needed_at))

    def _key(self) -> tuple[Rulings, Period, datetime, datetime | None]:
        demand = self.demand
        fixed_at = demand.needed_at if demand.needed_at == demand.ended_at else None
        return self.ruled, self.period, demand.ended_at, fixed_at

    def _standing(self, given: Given) -> DeskStanding:
        terms = self._terms(given)
        return DeskStanding(
            desk=given.desk, devices=given.devices, judgement=self._judgement(given, terms), terms=terms
        )

    def _word(self, given: Given) -> Standing | None:
        terms = self._terms(given)
        has_met = given.figures.arrived >= terms.threshold and not terms.is_exempt
        return None if has_met else self._judgement(given, terms).standing

    def _terms(self, given: Given) -> Terms:
        """By what a desk is judged: contacts, which are what is nearly always new, change nothing of it."""
        enrolled = tuple(device.enrolled_at for device in given.devices)
        return _terms(self.ruled, self.period).of(
            given.desk.code,
            (given.desk, enrolled),
            lambda _: terms_of(self.ruled, given.desk, given.devices, self.period),
        )

    def _judgement(self, given: Given, terms: Terms) -> Judgement:
        return judge(facts_of(given.devices, self.period, given.figures, terms), self.demand)


def _late_words(devices: Sequence[Known], needed_at: datetime) -> int:
    words = (word for device in devices for word in (device.present, *device.beside))
    return sum(at is not None and at >= needed_at for word in words for at in (word.stated_at, word.left_at))


@lru_cache(maxsize=PERIODS_KEPT + PASTS_KEPT)
def _terms(ruled: Rulings, period: Period) -> Latest[DeskCode, tuple[DeskNode, Sequence[datetime]], Terms]:
    return Latest()


@lru_cache(maxsize=PERIODS_KEPT)
def _standings(
    ruled: Rulings, period: Period, ended_at: datetime, fixed_at: datetime | None
) -> Latest[DeskCode, Given, DeskStanding]:
    return Latest()


@lru_cache(maxsize=PASTS_KEPT)
def _words(
    ruled: Rulings, period: Period, ended_at: datetime, fixed_at: datetime | None
) -> Latest[DeskCode, Given, Standing | None]:
    return Latest()
