"""What an auditor goes through: who changed what, and who looked at which dossiers; newest first, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

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
    """A page of all that people changed, the first one with the newest; raises NotOfTheProvince."""
    _check(person)
    with reading(central.database):
        return _part(changes.latest(PAGE_ROWS + 1, (page - 1) * PAGE_ROWS))


def looks(central: Central, person: Person, page: int) -> Part[Look]:
    """A page of who looked at lists of dossiers, the first one with the newest; raises NotOfTheProvince.

    The place of each is the desk's code or the unit's name.
    """
    _check(person)
    with reading(central.database):
        found = _part(reads.latest(PAGE_ROWS + 1, (page - 1) * PAGE_ROWS))
        known = units.tree(central.today()) if any(each.place for each in found.rows) else {}
    named = [replace(each, place=known[each.place].name if each.place in known else each.place) for each in found.rows]
    return replace(found, rows=named)


def _part(rows: Sequence[Row]) -> Part[Row]:
    return Part(rows=rows[:PAGE_ROWS], is_last=len(rows) <= PAGE_ROWS)


def _check(person: Person) -> None:
    if person.role not in OF_THE_PROVINCE:
        raise NotOfTheProvince
