"""Desks judged by their facts, each one again only where something that its judgement is made of has changed.

Nothing here can be stale: whatever a judgement depends on is read each time, and only the judging is saved. At a
province's many desks nearly nothing is new from one question to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import repeat

from central_server.services.figures import DeskFigures, Figures, facts_of, first_machine_on, terms_of
from central_server.services.terms import Rulings, Terms
from central_server.storage.known import Known
from central_server.storage.latest import Latest
from central_server.storage.units import DeskNode
from sync_protocol.periods import Period
from sync_protocol.standings import Demand, Judgement, judge
from sync_protocol.vocabulary import Declaration, DeskCode, DeviceState, Standing

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

    @property
    def stated_at(self) -> datetime | None:
        """Up to when all its machines have stated what they hold, None where one has not.

        The worst of the machines decides; those in reserve or orderly retired have nothing to say.
        """
        devices = [
            each for each in self.devices if each.state is DeviceState.ACTIVE or each.present.left_at is not None
        ]
        spoken = [word.stated_at for each in devices for word in each.words]
        known = [each for each in spoken if each is not None]
        return min(known) if known and len(known) == len(spoken) else None

    def knows(self, day: date, closes_at: datetime, now: datetime) -> bool:
        """Whether all is known that it received on a day, sent or not.

        Its machines have stated what they hold, up to the day's end or to now. Of days before the first of them was
        enrolled they say nothing, unless the whole period is known.
        """
        first_on = first_machine_on(self.devices)
        has_stated = self.stated_at is not None and self.stated_at >= min(closes_at, now)
        return self.judgement.is_covered or (has_stated and first_on is not None and first_on <= day)

    def unsent_on(self, day: date) -> int:
        """How many dossiers of a day of reception its machines hold back."""
        return max(0, sum(word.unsent.get(day, 0) for each in self.devices for word in each.words))


Given = tuple[DeskNode, Sequence[Known], int, int, Mapping[int, Declaration], int]
"""What a judgement is made of beside the rulings and the period: a desk, its devices, its figures, and how many
instants of the devices lie at or behind the one that a statement has to reach: together with these instants that is all
that a judgement can know of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessor:
    """Judges desks in a period: by rulings, by what the period demands now, and by what is known and held of them."""

    ruled: Rulings
    period: Period
    demand: Demand
    known: Mapping[DeskCode, Sequence[Known]]
    figures: Figures

    def standings(self, desks: Sequence[DeskNode]) -> list[DeskStanding]:
        """The judgement on each desk, in their order."""
        codes = [desk.code for desk in desks]
        return _standings(*self._key()).of_all(codes, self._given(desks, codes), self._standing)

    def below(self, desks: Sequence[DeskNode]) -> dict[DeskCode, Standing]:
        """Where those desks stand that have not met the level; only these are judged."""
        codes = [desk.code for desk in desks]
        words = _words(*self._key()).of_all(codes, self._given(desks, codes), self._word)
        return {code: word for code, word in zip(codes, words, strict=True) if word}

    def _given(self, desks: Sequence[DeskNode], codes: Sequence[DeskCode]) -> list[Given]:
        """What each desk is judged by, laid side by side without a call for each of a province."""
        devices = [*map(self.known.get, codes, repeat(()))]
        needed_at = self.demand.needed_at
        late = repeat(0, len(desks)) if self._is_fixed else [_late_words(each, needed_at) for each in devices]
        return [*zip(desks, devices, *self.figures.of_desks(codes), late, strict=True)]

    @property
    def _is_fixed(self) -> bool:
        """Whether what the period demands of statements does not move with the present any more."""
        return self.demand.needed_at == self.demand.ended_at

    def _key(self) -> tuple[Rulings, Period, datetime, bool]:
        return self.ruled, self.period, self.demand.ended_at, self._is_fixed

    def _standing(self, given: Given) -> DeskStanding:
        terms = self._terms(given)
        return DeskStanding(desk=given[0], devices=given[1], judgement=self._judgement(given, terms), terms=terms)

    def _word(self, given: Given) -> Standing | None:
        terms, arrived = self._terms(given), given[2]
        has_met = arrived >= terms.threshold and not terms.is_exempt
        return None if has_met else self._judgement(given, terms).standing

    def _terms(self, given: Given) -> Terms:
        """By what a desk is judged: contacts, which are what is nearly always new, change nothing of it."""
        desk, devices, *_ = given
        enrolled = tuple(device.enrolled_at for device in devices)
        return _terms(self.ruled, self.period).of(
            desk.code, (desk, enrolled), lambda _: terms_of(self.ruled, desk, devices, self.period)
        )

    def _judgement(self, given: Given, terms: Terms) -> Judgement:
        _, devices, arrived, undecided, declared, _ = given
        return judge(facts_of(devices, self.period, DeskFigures(arrived, undecided, declared), terms), self.demand)


def _late_words(devices: Sequence[Known], needed_at: datetime) -> int:
    words = (word for device in devices for word in (device.present, *device.beside))
    return sum(at is not None and at >= needed_at for word in words for at in (word.stated_at, word.left_at))


@lru_cache(maxsize=PERIODS_KEPT + PASTS_KEPT)
def _terms(ruled: Rulings, period: Period) -> Latest[DeskCode, tuple[DeskNode, Sequence[datetime]], Terms]:
    return Latest()


@lru_cache(maxsize=PERIODS_KEPT)
def _standings(
    ruled: Rulings, period: Period, ended_at: datetime, is_fixed: bool
) -> Latest[DeskCode, Given, DeskStanding]:
    return Latest()


@lru_cache(maxsize=PASTS_KEPT)
def _words(
    ruled: Rulings, period: Period, ended_at: datetime, is_fixed: bool
) -> Latest[DeskCode, Given, Standing | None]:
    return Latest()
