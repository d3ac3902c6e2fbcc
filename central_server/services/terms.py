"""Which of the rulings holds for a desk in a period, and what follows for how it is judged. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from central_server.services.existence import Existence, existence, level
from central_server.storage.rulings import NOT_ANY_MORE, Ruling, RulingKind
from central_server.storage.units import DeskNode
from sync_protocol.periods import Period, PeriodSeries

DAYS_MAX = 400
"""More days than a period has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a desk is judged in a period.

    existence    where it existed for a part of the period only and a ruling says what that means; else None
    is_unspoken  whether, of such a desk, nobody can say what was received before: it is not accused
    fields       thresholds of its own for the dossiers of some fields; they change no standing
    """

    threshold: int
    is_exempt: bool = False
    is_elsewhere: bool = False
    existence: Existence | None = None
    is_unspoken: bool = False
    fields: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulings:
    """All rulings, and what holds for a desk in a period where they say nothing: the flat threshold."""

    rows: Sequence[Ruling]
    flat: int
    series: PeriodSeries

    def terms(self, node: DeskNode | None, period: Period, begun: date | None = None) -> Terms:
        """How a desk is judged in a period; the node may be missing where there is no ruling at all.

        begun  since when the desk has existed, None where that is not asked
        """
        if node is None:
            return Terms(threshold=self.flat)
        threshold = self._figure(RulingKind.THRESHOLD, node, period) or self.flat
        told = existence(begun, period) if begun else None
        value = self._value(RulingKind.EXISTENCE, node, period, days=told.days) if told else None
        asked = level(value, told, threshold) if told and value else threshold
        return Terms(
            threshold=asked or threshold,
            is_exempt=self._is_exempt(node, period) or (node.closed_on is not None and node.closed_on < period.last_on),
            is_elsewhere=bool(self._last_word(RulingKind.ELSEWHERE, node, period)),
            existence=told if value else None,
            is_unspoken=asked is None,
            fields={
                field_: figure
                for field_ in sorted({each.field for each in self.rows if each.field})
                if (figure := self._figure(RulingKind.THRESHOLD, node, period, field_=field_))
            },
        )

    def _figure(self, kind: RulingKind, node: DeskNode, period: Period, field_: str = "") -> int | None:
        value = self._value(kind, node, period, field_=field_)
        return int(value) if value else None

    def _value(
        self, kind: RulingKind, node: DeskNode, period: Period, *, days: int = 0, field_: str = ""
    ) -> str | None:
        """What is in force at the period's end: the nearest to the desk, then for its length and days."""
        months = self.series.month_count(period)
        fitting = [
            each
            for each in last_words(self._about(kind, node), period.last_on)
            if each.months in (None, months) and (each.days is None or days <= each.days) and each.field == field_
        ]
        nearest = max(fitting, key=lambda each: _weight(each, node), default=None)
        return nearest.value if nearest else None

    def _is_exempt(self, node: DeskNode, period: Period) -> bool:
        """Whether a desk is left out for the whole of a period, and no part of that was taken back."""
        is_exempt = False
        for each in self._about(RulingKind.EXEMPT, node):
            if each.value == NOT_ANY_MORE:
                is_exempt = is_exempt and not _overlaps(each, period)
            else:
                is_exempt = is_exempt or _covers(each, period)
        return is_exempt

    def _last_word(self, kind: RulingKind, node: DeskNode, period: Period) -> str:
        """What was last said of a desk for the whole of a period, "" where nothing was or it was taken back."""
        covering = [each for each in self._about(kind, node) if _covers(each, period)]
        return covering[-1].value if covering else ""

    def _about(self, kind: RulingKind, node: DeskNode) -> list[Ruling]:
        return [each for each in self.rows if each.kind is kind and _nearness(each, node) >= 0]


def last_words(rows: Iterable[Ruling], day: date) -> list[Ruling]:
    """The rulings in force on a day, of these, oldest first: the last one of each scope, if it takes none back."""
    last = {each.scope: each for each in rows if each.holds_on(day)}
    return sorted((each for each in last.values() if each.value != NOT_ANY_MORE), key=lambda each: each.number)


def _covers(ruling: Ruling, period: Period) -> bool:
    return ruling.holds_on(period.first_on) and ruling.holds_on(period.last_on)


def _overlaps(ruling: Ruling, period: Period) -> bool:
    return ruling.first_on <= period.last_on and (ruling.last_on is None or ruling.last_on >= period.first_on)


def _weight(ruling: Ruling, node: DeskNode) -> tuple[int, bool, int, int]:
    """Which of several rulings wins: the nearest, then for its length, then for the fewest days, then the last."""
    return _nearness(ruling, node), ruling.months is not None, -(ruling.days or DAYS_MAX), ruling.number


def _nearness(ruling: Ruling, node: DeskNode) -> int:
    """How near a ruling stands to a desk: 0 for all desks, then its level, its units from the root, itself; else -1."""
    chain = (node.unit.id, *node.unit.parents)
    if ruling.desk:
        return len(chain) + 2 if ruling.desk == node.code else -1
    if ruling.unit_id:
        return 1 + len(chain) - chain.index(ruling.unit_id) if ruling.unit_id in chain else -1
    if ruling.level:
        return 1 if ruling.level is node.unit.level else -1
    return 0
