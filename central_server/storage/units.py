"""Administrative units with dates, desks, and the one place where a person's scope is applied."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from peewee import Expression, ModelSelect, Query, fn

from central_server.storage.models import Counter, DeskPast, DeskRow, Unit, UnitName, UnitParent
from central_server.storage.prepared import Prepared
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode, UnitLevel

DEPTH_MAX = 8
"""A tree of units deeper than this is a circle."""

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


def tree(on: date) -> dict[str, UnitNode]:
    """All units valid on a day by id."""
    parents = dict(UnitParent.select(UnitParent.unit_id, UnitParent.parent_id).where(_valid(UnitParent, on)).tuples())
    rows = (
        Unit.select(Unit.id, UnitName.code, UnitName.name, Unit.level)
        .join(UnitName, on=(UnitName.unit_id == Unit.id))
        .where(_valid(Unit, on), _valid(UnitName, on))
        .tuples()
    )
    return {
        id_: UnitNode(id=id_, code=code, name=name, level=UnitLevel(level), parents=tuple(_up(id_, parents)))
        for id_, code, name, level in rows
    }


def desks(scope: Scope, on: date) -> list[DeskNode]:
    """Desks valid on a day that a scope may see, in the order of their codes. Every list of desks comes from here."""
    return _nodes(scope, DeskRow.select().where(_valid(DeskRow, on)), lambda row: on)


def desk(scope: Scope, code: DeskCode, on: date) -> DeskNode | None:
    """One desk, None if there is none of this code or the scope may not see it: the two look the same."""
    return _one(_nodes(scope, _named(code).where(_valid(DeskRow, on)), lambda row: on))


def desks_in(scope: Scope, period: Period, today: date | None = None) -> list[DeskNode]:
    """Desks that were valid on a day of a period, and closed ones of which dossiers of it are held all the same.

    Each stands under its units as of the period's end, or as of its own last day; where `today` is given, under those
    of that day that came of them.
    """
    query = DeskRow.select().where(_within(period))
    if today is None:
        return _nodes(scope, query, lambda row: _last_day(row, period))
    then = _nodes(EVERYTHING, query, lambda row: _last_day(row, period))
    return [node for node in _of_today(then, today) if is_inside(node.unit, scope)]


def desk_in(scope: Scope, code: DeskCode, period: Period, today: date) -> DeskNode | None:
    """One of them under its units of then, None as of `desk`.

    Whoever sees today what has taken over from a desk sees that desk as it was, too.
    """
    node = _one(_nodes(EVERYTHING, _named(code).where(_within(period)), lambda row: _last_day(row, period)))
    if node is None or is_inside(node.unit, scope):
        return node
    [heir] = _of_today([node], today)
    return node if is_inside(heir.unit, scope) else None


def closed_on(code: DeskCode) -> date | None:
    """The last day of a desk, None for one that has none."""
    row = _closed_on.first(code)
    return row[0] if row else None


def desk_codes() -> list[DeskCode]:
    """Codes of all desks that were ever registered."""
    return [code for (code,) in DeskRow.select(DeskRow.code).order_by(DeskRow.code).tuples()]


def level_of(code: DeskCode) -> UnitLevel:
    """The level of a desk's unit, which never changes."""
    ((level,),) = _level_of(code)
    return UnitLevel(level)


def is_inside(unit: UnitNode, scope: Scope) -> bool:
    """Whether a unit lies in a scope's subtree."""
    return scope.root is None or scope.root == unit.id or scope.root in unit.parents


def unit_by_code(code: str, on: date) -> UnitNode | None:
    """The unit that bears a code on a day."""
    return next((unit for unit in tree(on).values() if unit.code == code), None)


@Prepared
def _closed_on(code: Any) -> Query:
    return DeskRow.select(DeskRow.valid_to).where(DeskRow.code == code)


@Prepared
def _level_of(code: Any) -> Query:
    return DeskRow.select(Unit.level).join(Unit, on=(Unit.id == DeskRow.unit_id)).where(DeskRow.code == code)


def _valid(model: type[Unit | UnitName | UnitParent | DeskRow], on: date) -> Expression:
    return (model.valid_from <= on) & (model.valid_to.is_null() | (model.valid_to >= on))


def _up(unit_id: str, parents: dict[str, str]) -> Iterator[str]:
    for _ in range(DEPTH_MAX):
        if unit_id not in parents:
            return
        unit_id = parents[unit_id]
        yield unit_id


def _within(period: Period) -> Expression:
    """Desks that were there on a day of a period, or of which dossiers of it are held though they were closed."""
    held = Counter.select(Counter.desk).where(
        Counter.desk == DeskRow.code, Counter.received_on.between(period.first_on, period.last_on)
    )
    is_there = DeskRow.valid_to.is_null() | (DeskRow.valid_to >= period.first_on)
    return (DeskRow.valid_from <= period.last_on) & (is_there | fn.EXISTS(held))


def _last_day(row: DeskRow, period: Period) -> date:
    closed_on: date | None = row.valid_to
    return min(closed_on, period.last_on) if closed_on else period.last_on


def _named(code: DeskCode) -> ModelSelect:
    # PostgreSQL takes no text with a zero in it, and no desk has one.
    return DeskRow.select().where(DeskRow.code == code.replace("\0", " "))


def _one(nodes: Sequence[DeskNode]) -> DeskNode | None:
    return nodes[0] if nodes else None


def _nodes(scope: Scope, query: ModelSelect, day_of: Callable[[DeskRow], date]) -> list[DeskNode]:
    """The desks of a query that a scope may see, each under its units and its name as of its day."""
    # Plain rows: a province's list of desks is read for every page, and models would be most of its cost.
    rows = list(query.order_by(DeskRow.code).namedtuples())
    trees = {day: tree(day) for day in set(map(day_of, rows))}
    past = _past()
    nodes = (_node(row, day_of(row), trees[day_of(row)], past.get(row.code, ())) for row in rows)
    return [node for node in nodes if node and is_inside(node.unit, scope)]


def _node(row: DeskRow, day: date, units: Mapping[str, UnitNode], past: Sequence[DeskPast]) -> DeskNode | None:
    """A desk as of a day, None where its unit was not valid then."""
    then = next((each for each in past if each.until_on >= day), row)
    return _desk(row, then.name, units[then.unit_id], units) if then.unit_id in units else None


def _past() -> dict[DeskCode, list[DeskPast]]:
    """Of which units desks were before, the oldest first; of most there is nothing to tell."""
    found: dict[DeskCode, list[DeskPast]] = {}
    for row in DeskPast.select().order_by(DeskPast.desk, DeskPast.until_on).namedtuples():
        found.setdefault(row.desk, []).append(row)
    return found


def _of_today(then: Sequence[DeskNode], today: date) -> list[DeskNode]:
    """The same desks under the unit of today of the desk that took over from each; as they were where there is none."""
    units = tree(today)
    rows = {row.code: row for row in DeskRow.select().namedtuples()}
    found = []
    for node in then:
        heir = rows[_heir(node.code, rows)]
        unit = units.get(heir.unit_id)
        found.append(_desk(rows[node.code], rows[node.code].name, unit, units) if unit else node)
    return found


def _heir(code: DeskCode, rows: Mapping[DeskCode, DeskRow]) -> DeskCode:
    """The desk that has taken over from a desk by now; itself where none has."""
    for _ in range(SUCCESSORS_MAX):
        if rows[code].successor not in rows:
            return code
        code = rows[code].successor
    return code


def _desk(row: DeskRow, name: str, unit: UnitNode, units: Mapping[str, UnitNode]) -> DeskNode:
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


def _supervising(unit: UnitNode, parents: Iterable[UnitNode]) -> UnitNode:
    """The district above a commune; a district's or the province's own desk is supervised by that unit itself."""
    if unit.level is not UnitLevel.COMMUNE:
        return unit
    return next(iter(parents), unit)
