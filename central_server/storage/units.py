"""Administrative units with dates, desks, and the one place where a person's scope is applied."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from peewee import Expression

from central_server.storage.models import DeskRow, Unit, UnitName, UnitParent
from sync_protocol.vocabulary import DeskCode, UnitLevel

DEPTH_MAX = 8
"""A tree of units deeper than this is a circle."""


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
    """

    code: DeskCode
    name: str
    phone: str
    identifier_code: str
    registered_on: date
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
    units = tree(on)
    columns = (
        DeskRow.code,
        DeskRow.name,
        DeskRow.phone,
        DeskRow.identifier_code,
        DeskRow.valid_from,
        DeskRow.unit_id,
    )
    # Plain rows: a province's list of desks is read for every page, and models would be most of its cost.
    rows = DeskRow.select(*columns).where(_valid(DeskRow, on)).order_by(DeskRow.code).namedtuples()
    return [_desk(row, units) for row in rows if row.unit_id in units and is_inside(units[row.unit_id], scope)]


def desk(scope: Scope, code: DeskCode, on: date) -> DeskNode | None:
    """One desk, None if there is none of this code or the scope may not see it: the two look the same."""
    units = tree(on)
    row = DeskRow.get_or_none(DeskRow.code == code, _valid(DeskRow, on)) if "\0" not in code else None
    if row is None or row.unit_id not in units or not is_inside(units[row.unit_id], scope):
        return None
    return _desk(row, units)


def desk_codes() -> list[DeskCode]:
    """Codes of all desks that were ever registered."""
    return [code for (code,) in DeskRow.select(DeskRow.code).order_by(DeskRow.code).tuples()]


def level_of(code: DeskCode) -> UnitLevel:
    """The level of a desk's unit, which never changes."""
    row = DeskRow.select(Unit.level).join(Unit, on=(Unit.id == DeskRow.unit_id)).where(DeskRow.code == code)
    return UnitLevel(row.scalar())


def is_inside(unit: UnitNode, scope: Scope) -> bool:
    """Whether a unit lies in a scope's subtree."""
    return scope.root is None or scope.root == unit.id or scope.root in unit.parents


def unit_by_code(code: str, on: date) -> UnitNode | None:
    """The unit that bears a code on a day."""
    return next((unit for unit in tree(on).values() if unit.code == code), None)


def insert_unit(id_: str, level: UnitLevel, code: str, name: str, parent_id: str | None, valid_from: date) -> None:
    """Adds a unit with its first name and parent."""
    Unit.insert(id=id_, level=level.value, valid_from=valid_from).execute()
    UnitName.insert(unit_id=id_, valid_from=valid_from, code=code, name=name).execute()
    if parent_id:
        UnitParent.insert(unit_id=id_, valid_from=valid_from, parent_id=parent_id).execute()


def rename_unit(unit_id: str, name: str) -> None:
    """Corrects the spelling of a unit's present name."""
    UnitName.update(name=name).where(UnitName.unit_id == unit_id, UnitName.valid_to.is_null()).execute()


def keep_desk(*, code: DeskCode, unit_id: str, name: str, identifier_code: str, phone: str, valid_from: date) -> None:
    """Adds a desk, or brings what the register says of it up to date."""
    DeskRow.insert(
        code=code,
        unit_id=unit_id,
        name=name,
        identifier_code=identifier_code,
        phone=phone,
        valid_from=valid_from,
        ledger_sequence=0,
    ).on_conflict(
        conflict_target=[DeskRow.code],
        preserve=[DeskRow.unit_id, DeskRow.name, DeskRow.identifier_code, DeskRow.phone],
    ).execute()


def _valid(model: type[Unit | UnitName | UnitParent | DeskRow], on: date) -> Expression:
    return (model.valid_from <= on) & (model.valid_to.is_null() | (model.valid_to >= on))


def _up(unit_id: str, parents: dict[str, str]) -> Iterator[str]:
    for _ in range(DEPTH_MAX):
        if unit_id not in parents:
            return
        unit_id = parents[unit_id]
        yield unit_id


def _desk(row: DeskRow, units: dict[str, UnitNode]) -> DeskNode:
    unit = units[row.unit_id]
    return DeskNode(
        code=row.code,
        name=row.name,
        phone=row.phone,
        identifier_code=row.identifier_code,
        registered_on=row.valid_from,
        unit=unit,
        district=_supervising(unit, (units[parent] for parent in unit.parents if parent in units)),
    )


def _supervising(unit: UnitNode, parents: Iterable[UnitNode]) -> UnitNode:
    """The district above a commune; a district's or the province's own desk is supervised by that unit itself."""
    if unit.level is not UnitLevel.COMMUNE:
        return unit
    return next(iter(parents), unit)
