"""Administrative units with dates, desks, and the one place where a person's scope is applied."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from peewee import Model, Query

from central_server.storage import counters
from central_server.storage.models import DeskPast, DeskRow, Unit, UnitName, UnitParent
from central_server.storage.prepared import Prepared
from central_server.storage.registered import Registered
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode, UnitLevel

DEPTH_MAX = 8
"""A tree of units deeper than this is a circle."""

DAYS_KEPT = 24
"""Of so many days units and desks are kept as they were asked for: a page tells a year of periods at the most."""

SUCCESSORS_MAX = 20
"""More desks that took over from one another than this are a circle."""


class Tree(StrEnum):
    """Under which units the desks of a period stand: those of then, or those of today that came of them."""

    PERIOD = "period"
    TODAY = "today"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a person may see: the subtree of a unit, or everything where `root` is None."""

    root: str | None


EVERYTHING = Scope(root=None)
"""The scope of the province, of the command line and of devices' own contacts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitNode:
    """A unit as of a day, with its parents from the nearest to the root."""

    id: str
    code: str
    name: str
    level: UnitLevel
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskNode:
    """A desk as of a day with its unit; `district` is the unit that supervises it.

    registered_on  its first day in the register
    closed_on      its last day there, None where it has none
    """

    code: DeskCode
    name: str
    phone: str
    identifier_code: str
    registered_on: date
    closed_on: date | None
    unit: UnitNode
    district: UnitNode


class Desk(NamedTuple):
    """A desk as the register has it, see DeskRow."""

    code: DeskCode
    unit_id: str
    name: str
    identifier_code: str
    phone: str
    valid_from: date
    valid_to: date | None
    successor: DeskCode

    def is_there(self, on: date) -> bool:
        """Whether it is one of its days."""
        return self.valid_from <= on and (self.valid_to is None or self.valid_to >= on)


class Past(NamedTuple):
    """Of which unit a desk was up to a day, and under which name."""

    until_on: date
    unit_id: str
    name: str


Dated = tuple[str, date, date | None, str, str]
"""A unit's id, from when on and up to when, and what was so then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """All units of a day by id, and those desks as of that day that were asked for."""

    units: Mapping[str, UnitNode]
    desks: dict[DeskCode, DeskNode | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The register as it was read.

    desks  by their codes, in the order of these
    past   what desks were before, the oldest first; of most there is nothing to tell
    """

    desks: Mapping[DeskCode, Desk]
    past: Mapping[DeskCode, Sequence[Past]]
    units: Sequence[Dated]
    names: Sequence[Dated]
    parents: Sequence[Dated]
    _days: dict[date, Day] = field(default_factory=dict)
    _periods: dict[tuple[Period, frozenset[DeskCode]], Sequence[DeskNode]] = field(default_factory=dict)

    def tree(self, on: date) -> Mapping[str, UnitNode]:
        """All units valid on a day by id."""
        return self._as_of(on).units

    def node(self, code: DeskCode, on: date) -> DeskNode | None:
        """A desk as of a day, None where its unit was not valid then."""
        day = self._as_of(on)
        if code not in day.desks:
            row = self.desks[code]
            then = next((each for each in self.past.get(code, ()) if each.until_on >= on), row)
            day.desks[code] = _desk(row, then.name, then.unit_id, day.units)
        return day.desks[code]

    def in_period(self, period: Period, besides: frozenset[DeskCode]) -> Sequence[DeskNode]:
        """The desks that were there on a day of a period, and some others, each as of its last day in it."""
        key = period, besides
        if key not in self._periods:
            if len(self._periods) >= DAYS_KEPT:
                self._periods.clear()
            rows = [row for row in self.desks.values() if _is_there_in(row, period) or row.code in besides]
            then = (self.node(row.code, _last_day(row, period)) for row in rows)
            self._periods[key] = [node for node in then if node]
        return self._periods[key]

    def _as_of(self, on: date) -> Day:
        if on not in self._days:
            if len(self._days) >= DAYS_KEPT:
                self._days.clear()
            self._days[on] = Day(units=self._tree(on), desks={})
        return self._days[on]

    def _tree(self, on: date) -> dict[str, UnitNode]:
        parents = {id_: parent for id_, parent, _ in _valid(self.parents, on)}
        levels = {id_: level for id_, level, _ in _valid(self.units, on)}
        return {
            id_: UnitNode(id=id_, code=code, name=name, level=UnitLevel(levels[id_]), parents=tuple(_up(id_, parents)))
            for id_, code, name in _valid(self.names, on)
            if id_ in levels
        }


def tree(on: date) -> Mapping[str, UnitNode]:
    """All units valid on a day by id."""
    return _REGISTER.now().tree(on)


def desks(scope: Scope, on: date) -> list[DeskNode]:
    """Desks valid on a day that a scope may see, in the order of their codes. Every list of desks comes from here."""
    known = _REGISTER.now()
    return _seen(scope, (known.node(row.code, on) for row in known.desks.values() if row.is_there(on)))


def desk(scope: Scope, code: DeskCode, on: date) -> DeskNode | None:
    """One desk, None if there is none of this code or the scope may not see it: the two look the same."""
    known = _REGISTER.now()
    row = known.desks.get(code)
    node = known.node(code, on) if row and row.is_there(on) else None
    return node if node and is_inside(node.unit, scope) else None


def desks_in(scope: Scope, period: Period, today: date | None = None) -> list[DeskNode]:
    """Desks that were valid on a day of a period, and closed ones of which dossiers of it are held all the same.

    Each stands under its units as of the period's end, or as of its own last day; where `today` is given, under those
    of that day that came of them.
    """
    known = _REGISTER.now()
    closed = [row.code for row in known.desks.values() if row.valid_to and row.valid_to < period.first_on]
    then = known.in_period(period, frozenset(counters.held_of(closed, period)))
    return _seen(scope, then if today is None else (_of_today(node, known, today) for node in then))


def desk_in(scope: Scope, code: DeskCode, period: Period, today: date) -> DeskNode | None:
    """One of them under its units of then, None as of `desk`.

    Whoever sees today what has taken over from a desk sees that desk as it was, too.
    """
    known = _REGISTER.now()
    row = known.desks.get(code)
    if row is None or not (_is_there_in(row, period) or counters.held_of([code], period)):
        return None
    node = known.node(code, _last_day(row, period))
    may_see = node and (is_inside(node.unit, scope) or is_inside(_of_today(node, known, today).unit, scope))
    return node if may_see else None


def closed_on(code: DeskCode) -> date | None:
    """The last day of a desk, None for one that has none."""
    row = _closed_on.first(code)
    return row[0] if row else None


def desk_codes() -> list[DeskCode]:
    """Codes of all desks that were ever registered."""
    return list(_REGISTER.now().desks)


def level_of(code: DeskCode) -> UnitLevel:
    """The level of a desk's unit, which never changes."""
    ((level,),) = _level_of(code)
    return UnitLevel(level)


def is_inside(unit: UnitNode, scope: Scope) -> bool:
    """Whether a unit lies in a scope's subtree."""
    return scope.root is None or scope.root == unit.id or scope.root in unit.parents


def unit(unit_id: str, on: date, scope: Scope) -> UnitNode | None:
    """One unit on a day, None if there is none of this id or the scope may not see it: the two look the same."""
    found = tree(on).get(unit_id)
    return found if found and is_inside(found, scope) else None


def unit_by_code(code: str, on: date, scope: Scope = EVERYTHING) -> UnitNode | None:
    """The unit that bears a code on a day, None as of `unit`."""
    found = next((each for each in tree(on).values() if each.code == code), None)
    return found if found and is_inside(found, scope) else None


def units_then(asked: Iterable[tuple[str, date]], today: date, scope: Scope) -> dict[tuple[str, date], UnitNode]:
    """Units as they were on a day, else as they are today, by id and day; none that the scope may not see."""
    known = _REGISTER.now()
    there = {(id_, on): known.tree(on).get(id_) or known.tree(today).get(id_) for id_, on in asked}
    return {key: found for key, found in there.items() if found and is_inside(found, scope)}


@Prepared
def _closed_on(code: Any) -> Query:
    return DeskRow.select(DeskRow.valid_to).where(DeskRow.code == code)


@Prepared
def _level_of(code: Any) -> Query:
    return DeskRow.select(Unit.level).join(Unit, on=(Unit.id == DeskRow.unit_id)).where(DeskRow.code == code)


def _read() -> Register:
    desk, past = DeskRow, DeskPast
    columns = (getattr(desk, name) for name in Desk._fields)
    rows = desk.select(*columns).order_by(desk.code).tuples()
    pasts: dict[DeskCode, list[Past]] = {}
    before = past.select(past.desk, past.until_on, past.unit_id, past.name).order_by(past.desk, past.until_on)
    for code, *values in before.tuples():
        pasts.setdefault(code, []).append(Past(*values))
    return Register(
        desks={code: Desk(code, *values) for code, *values in rows},
        past=pasts,
        units=_dated(Unit, "id", "level"),
        names=_dated(UnitName, "unit_id", "code", "name"),
        parents=_dated(UnitParent, "unit_id", "parent_id"),
    )


def _dated(model: type[Model], id_: str, *names: str) -> list[Dated]:
    fields = [model._meta.fields[name] for name in (id_, "valid_from", "valid_to", *names)]
    return [(*row, "")[:5] for row in model.select(*fields).tuples()]


def _valid(rows: Iterable[Dated], on: date) -> Iterator[tuple[str, str, str]]:
    for id_, valid_from, valid_to, what, more in rows:
        if valid_from <= on and (valid_to is None or valid_to >= on):
            yield id_, what, more


def _desk(row: Desk, name: str, unit_id: str, units: Mapping[str, UnitNode]) -> DeskNode | None:
    """A desk under a name in a unit of a tree, None where that is not in it."""
    unit = units.get(unit_id)
    if unit is None:
        return None
    return DeskNode(
        code=row.code,
        name=name,
        phone=row.phone,
        identifier_code=row.identifier_code,
        registered_on=row.valid_from,
        closed_on=row.valid_to,
        unit=unit,
        district=_supervising(unit, (units[parent] for parent in unit.parents if parent in units)),
    )


def _up(unit_id: str, parents: Mapping[str, str]) -> Iterator[str]:
    for _ in range(DEPTH_MAX):
        if unit_id not in parents:
            return
        unit_id = parents[unit_id]
        yield unit_id


def _supervising(unit: UnitNode, parents: Iterable[UnitNode]) -> UnitNode:
    """The district above a commune; a district's or the province's own desk is supervised by that unit itself."""
    if unit.level is not UnitLevel.COMMUNE:
        return unit
    return next(iter(parents), unit)


def _seen(scope: Scope, nodes: Iterable[DeskNode | None]) -> list[DeskNode]:
    return [node for node in nodes if node and (scope.root is None or is_inside(node.unit, scope))]


def _is_there_in(row: Desk, period: Period) -> bool:
    """Whether a desk was there on a day of a period."""
    return row.valid_from <= period.last_on and (row.valid_to is None or row.valid_to >= period.first_on)


def _last_day(row: Desk, period: Period) -> date:
    return min(row.valid_to, period.last_on) if row.valid_to else period.last_on


def _of_today(node: DeskNode, known: Register, today: date) -> DeskNode:
    """The same desk under the unit of today of the desk that took over from it; as it was where there is none."""
    row, heir = known.desks[node.code], known.desks[_heir(node.code, known.desks)]
    return _desk(row, row.name, heir.unit_id, known.tree(today)) or node


def _heir(code: DeskCode, rows: Mapping[DeskCode, Desk]) -> DeskCode:
    """The desk that has taken over from a desk by now; itself where none has."""
    for _ in range(SUCCESSORS_MAX):
        if rows[code].successor not in rows:
            return code
        code = rows[code].successor
    return code


_REGISTER = Registered(_read)
