"""Rulings about how desks are judged, each dated, with its reason and who made it; the pure rule which one holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from central_server.central import Central
from central_server.services.enrolment import UnknownDesk
from central_server.services.signing_in import UnknownUnit
from central_server.storage import rulings, units
from central_server.storage.centre import CentreRow
from central_server.storage.database import reading, write_transaction
from central_server.storage.rulings import NOT_ANY_MORE, Ruling, RulingKind
from central_server.storage.units import EVERYTHING, DeskNode
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.texts import normalised
from sync_protocol.vocabulary import UnitLevel

EXEMPTED = "yes"
THRESHOLD_MAX = 100_000
REASON_CHARACTERS_MAX = 500


class BadRuling(FieldSyncError):
    """A ruling that cannot hold."""

    code = "bad_ruling"
    text = N_(
        "A ruling needs a reason, a threshold from 1 to 100000, and an end that is not before its beginning."
        " Nothing was changed."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a desk is judged in a period."""

    threshold: int
    is_exempt: bool = False
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulings:
    """All rulings, and what holds for a desk in a period where they say nothing: the flat threshold."""

    rows: Sequence[Ruling]
    flat: int
    series: PeriodSeries

    def terms(self, node: DeskNode | None, period: Period) -> Terms:
        """How a desk is judged in a period; the node may be missing where there is no ruling at all."""
        if node is None:
            return Terms(threshold=self.flat)
        return Terms(
            threshold=self._threshold(node, period),
            is_exempt=bool(self._last_word(RulingKind.EXEMPT, node, period)),
            is_elsewhere=bool(self._last_word(RulingKind.ELSEWHERE, node, period)),
        )

    def _threshold(self, node: DeskNode, period: Period) -> int:
        """The threshold in force at the period's end: the nearest to the desk, then for its length, then the last."""
        months = self.series.month_count(period)
        fitting = [
            each
            for each in self._about(RulingKind.THRESHOLD, node)
            if each.months in (None, months) and _holds_on(each, period.last_on)
        ]
        nearest = max(
            fitting, key=lambda each: (_nearness(each, node), each.months is not None, each.number), default=None
        )
        return int(nearest.value) if nearest else self.flat

    def _last_word(self, kind: RulingKind, node: DeskNode, period: Period) -> str:
        """What was last said of a desk for the whole of a period, "" where nothing was or it was taken back."""
        covering = [
            each
            for each in self._about(kind, node)
            if each.first_on <= period.first_on and (each.last_on is None or each.last_on >= period.last_on)
        ]
        return covering[-1].value if covering else ""

    def _about(self, kind: RulingKind, node: DeskNode) -> list[Ruling]:
        return [each for each in self.rows if each.kind is kind and _nearness(each, node) >= 0]


def in_force(about: CentreRow) -> Rulings:
    """The rulings of a centre, inside the caller's connection."""
    return Rulings(rows=rulings.rulings(), flat=about.threshold, series=about.series)


def all_rulings(central: Central) -> Sequence[Ruling]:
    """All rulings, oldest first."""
    with reading(central.database):
        return rulings.rulings()


def rule_threshold(
    central: Central,
    value: int,
    *,
    first_on: date,
    by: str,
    reason: str,
    unit: str | None = None,
    level: UnitLevel | None = None,
    months: int | None = None,
) -> None:
    """Sets the threshold of every desk, of a level, or of the subtree of a unit. Raises BadRuling, UnknownUnit."""
    if not 1 <= value <= THRESHOLD_MAX:
        raise BadRuling
    with write_transaction(central.database):
        node = units.unit_by_code(unit, first_on) if unit else None
        if unit and node is None:
            raise UnknownUnit(unit=unit)
        _keep(
            central,
            kind=RulingKind.THRESHOLD,
            value=str(value),
            unit_id=node.id if node else "",
            level=level,
            months=months,
            first_on=first_on,
            last_on=None,
            by=by,
            reason=reason,
        )


def exempt(
    central: Central, desk: str, *, first_on: date, last_on: date | None, by: str, reason: str, is_over: bool = False
) -> None:
    """Leaves a desk out of judgement for some days, or takes that back. Raises UnknownDesk, BadRuling."""
    value = NOT_ANY_MORE if is_over else EXEMPTED
    _rule_desk(central, desk, RulingKind.EXEMPT, value, first_on=first_on, last_on=last_on, by=by, reason=reason)


def note_other_software(
    central: Central, desk: str, software: str, *, first_on: date, last_on: date | None, by: str, reason: str
) -> None:
    """Notes that a desk enters in other software, "" that it no longer does. Raises UnknownDesk, BadRuling."""
    name = normalised(software)
    _rule_desk(central, desk, RulingKind.ELSEWHERE, name, first_on=first_on, last_on=last_on, by=by, reason=reason)


def _rule_desk(
    central: Central,
    desk: str,
    kind: RulingKind,
    value: str,
    *,
    first_on: date,
    last_on: date | None,
    by: str,
    reason: str,
) -> None:
    with write_transaction(central.database):
        if units.desk(EVERYTHING, desk, last_on or first_on) is None:
            raise UnknownDesk(desk=desk)
        _keep(central, kind=kind, value=value, desk=desk, first_on=first_on, last_on=last_on, by=by, reason=reason)


def _keep(
    central: Central,
    *,
    kind: RulingKind,
    value: str,
    first_on: date,
    last_on: date | None,
    by: str,
    reason: str,
    desk: str = "",
    unit_id: str = "",
    level: UnitLevel | None = None,
    months: int | None = None,
) -> None:
    said = normalised(reason)[:REASON_CHARACTERS_MAX]
    if not said or (last_on and last_on < first_on):
        raise BadRuling
    rulings.keep(
        Ruling(
            kind=kind,
            desk=desk,
            unit_id=unit_id,
            level=level,
            months=months,
            value=value,
            first_on=first_on,
            last_on=last_on,
            reason=said,
            ruled_by=by,
            ruled_at=central.now(),
        )
    )


def _holds_on(ruling: Ruling, day: date) -> bool:
    return ruling.first_on <= day and (ruling.last_on is None or ruling.last_on >= day)


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
