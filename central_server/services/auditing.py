"""What an auditor goes through: who changed what, and who looked at which dossiers; newest first, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from central_server.central import Central
from central_server.services.signing_in import NotOfTheProvince
from central_server.storage import changes, reads, units
from central_server.storage.changes import Change
from central_server.storage.database import reading
from central_server.storage.people import OF_THE_PROVINCE, Person
from central_server.storage.reads import Look

PAGE_ROWS = 100
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[Row]):
    """A page of a record; `is_last` where nothing older follows."""

    rows: Sequence[Row]
    is_last: bool


def changes_made(central: Central, person: Person, page: int) -> Part[Change]:
    """A page of all that people changed, the first one with the newest; raises NotOfTheProvince.

    A unit in what something became is told by its name.
    """
    _check(person)
    with reading(central.database):
        found = _part(changes.latest(PAGE_ROWS + 1, (page - 1) * PAGE_ROWS))
        names = _unit_names(central) if any(each.after.get("unit") for each in found.rows) else {}
    named = [replace(each, after=_with_unit_name(each.after, names)) for each in found.rows]
    return replace(found, rows=named)


def looks(central: Central, person: Person, page: int) -> Part[Look]:
    """A page of who looked at lists of dossiers, the first one with the newest; raises NotOfTheProvince.

    The place of each is the desk's code or the unit's name.
    """
    _check(person)
    with reading(central.database):
        found = _part(reads.latest(PAGE_ROWS + 1, (page - 1) * PAGE_ROWS))
        names = _unit_names(central) if any(each.place for each in found.rows) else {}
    named = [replace(each, place=names.get(each.place, each.place)) for each in found.rows]
    return replace(found, rows=named)


def _part(rows: Sequence[Row]) -> Part[Row]:
    return Part(rows=rows[:PAGE_ROWS], is_last=len(rows) <= PAGE_ROWS)


def _unit_names(central: Central) -> Mapping[str, str]:
    """The units of today by their ids and by their codes."""
    known = units.tree(central.today()).values()
    return {unit.code: unit.name for unit in known} | {unit.id: unit.name for unit in known}


def _with_unit_name(after: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    unit = after.get("unit")
    return {**after, "unit": names.get(unit, unit)} if unit else after


def _check(person: Person) -> None:
    if person.role not in OF_THE_PROVINCE:
        raise NotOfTheProvince
