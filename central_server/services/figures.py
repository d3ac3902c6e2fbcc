"""What the centre holds and knows of desks in a period, now or as it was at an instant: the facts of a judgement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import repeat
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from central_server.services.existence import begun_on
from central_server.services.terms import Rulings, Terms
from central_server.storage import counters, declarations, knowing, undecided
from central_server.storage.known import Known, Word
from central_server.storage.units import DeskNode
from sync_protocol.entries import EntryId
from sync_protocol.instants import local_date
from sync_protocol.periods import Period
from sync_protocol.standings import DeskFacts, DeviceFacts
from sync_protocol.vocabulary import Declaration, DeskCode, DeviceState

Figure = TypeVar("Figure")

NOTHING: Mapping[int, Declaration] = MappingProxyType({})


class DeskFigures(NamedTuple):
    """What the centre holds of a desk in a period; what was declared is by the slots of its devices."""

    arrived: int
    undecided: int
    declared: Mapping[int, Declaration]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the centre holds of a period, by desk."""

    arrived: Mapping[DeskCode, int]
    undecided: Mapping[DeskCode, int]
    declared: Mapping[DeskCode, Mapping[int, Declaration]]

    @classmethod
    def of(
        cls,
        period: Period,
        desk: DeskCode | None = None,
        *,
        arrived: Mapping[DeskCode, int] | None = None,
        as_of: datetime | None = None,
    ) -> "Figures":
        """Of all desks, or of one: the same few queries, whatever the number of desks and dossiers.

        arrived  where it is known already
        as_of    as they were at an instant of the ledger's time; None for now
        """
        return cls(
            arrived=counters.arrived(period, desk, as_of=as_of) if arrived is None else arrived,
            undecided=undecided.undecided(period, desk, as_of=as_of),
            declared=declarations.by_desk(period, desk, as_of=as_of),
        )

    def of_desk(self, code: DeskCode) -> DeskFigures:
        """Those of one desk."""
        [figures] = zip(*self.of_desks([code]), strict=True)
        return DeskFigures(*figures)

    def of_desks(
        self, codes: Sequence[DeskCode]
    ) -> tuple[Iterable[int], Iterable[int], Iterable[Mapping[int, Declaration]]]:
        """Those of many: what arrived of each, what is undecided, what was declared, in the order of `codes`."""
        return _each(self.arrived, codes, 0), _each(self.undecided, codes, 0), _each(self.declared, codes, NOTHING)


def devices_known(codes: Sequence[DeskCode], as_of: datetime | None = None) -> Mapping[DeskCode, list[Known]]:
    """What is known of the devices of desks now, or was at an instant."""
    return knowing.devices_as_of(as_of, codes) if as_of else knowing.devices_now(codes)


def _each(figures: Mapping[DeskCode, Figure], codes: Sequence[DeskCode], none: Figure) -> Iterable[Figure]:
    """The figure of each desk; mostly nothing is undecided and nothing declared, and then none is looked for."""
    return map(figures.get, codes, repeat(none)) if figures else repeat(none, len(codes))


def terms_of(ruled: Rulings, node: DeskNode | None, devices: Sequence[Known], period: Period) -> Terms:
    """How a desk is judged in a period: by what is ruled, and by since when it has existed."""
    begun = begun_on(node.registered_on, (device.enrolled_at for device in devices)) if node else None
    return ruled.terms(node, period, begun)


def first_machine_on(devices: Sequence[Known]) -> date | None:
    """When the first machine of a desk was enrolled, whatever became of it; None of a desk that never had one."""
    return min((local_date(device.enrolled_at) for device in devices), default=None)


def facts_of(devices: Sequence[Known], period: Period, figures: DeskFigures, terms: Terms) -> DeskFacts:
    """What is known of a desk in a period."""
    first_on = first_machine_on(devices)
    return DeskFacts(
        arrived=figures.arrived,
        devices=[
            facts
            for device in devices
            if _counts(device, period)
            for facts in _device_facts(device, period, figures.declared.get(device.id.slot))
        ],
        threshold=terms.threshold,
        is_exempt=terms.is_exempt,
        is_elsewhere=terms.is_elsewhere,
        undecided=figures.undecided,
        begun_on=terms.existence.begun_on if terms.existence and terms.is_unspoken else None,
        first_machine_on=first_on if first_on and first_on > period.first_on else None,
    )


def _counts(device: Known, period: Period) -> bool:
    """Whether a desk waits for a device's word, or may be missing what was on it.

    One in reserve says nothing, but for what it has stated that it holds: somebody has used it.
    """
    is_used_reserve = device.state is DeviceState.SPARE and _held(device.present, period) > 0
    return device.state is DeviceState.ACTIVE or device.present.left_at is not None or is_used_reserve


def _device_facts(device: Known, period: Period, declaration: Declaration | None) -> list[DeviceFacts]:
    """What counts of a device, each of its words as of a machine of its own."""
    return [_word_facts(device, word, period, declaration) for word in device.words]


def _word_facts(device: Known, word: Word, period: Period, declaration: Declaration | None) -> DeviceFacts:
    held = _held(word, period)
    return DeviceFacts(
        slot=device.id.slot,
        enrolled_at=device.enrolled_at,
        heard_at=word.heard_at,
        stated_at=word.stated_at,
        covered_until=word.covered_until,
        unsent=held,
        oldest_unsent_on=min(day for day in word.unsent if day in period) if held else None,
        declaration=declaration,
        left_at=device.present.left_at or word.left_at,
        is_used_on=device.state is DeviceState.SUSPENDED,
        missing=_missing(device, word),
    )


def _missing(device: Known, word: Word) -> tuple[EntryId, EntryId] | None:
    """Which entries an epoch that is left has stated that never came."""
    if not word.missing:
        return None
    first, last = word.missing
    return EntryId(device.id.slot, word.epoch, first), EntryId(device.id.slot, word.epoch, last)


def _held(word: Word, period: Period) -> int:
    """Dossiers of a period that an epoch holds back."""
    return sum(count for day, count in word.unsent.items() if day in period) if word.unsent else 0
