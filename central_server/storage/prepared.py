"""Statements that are made once and run with other values each time, for what every contact of a device asks.

peewee composes a statement anew for each call, which takes longer than the database does to answer it, and then asks
of each value what it is. The statement stays peewee's own: its text is kept, one for each kind of database, and which
of its columns their fields have to read; the others are as the driver gives them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import BlobField, Field, IntegerField, Model, Query, TextField, Value

from central_server.storage.database import is_postgresql
from central_server.storage.fields import InstantField
from central_server.storage.models import MODELS

Rows = list[tuple[Any, ...]]

_INSTANT = InstantField()


@dataclass(frozen=True, slots=True)
class _Given:
    """Where the argument of this number stands among the values of a statement."""

    number: int


@dataclass(slots=True)
class _Statement:
    """A statement as it was composed; `readers`: the columns whose values fields read, by their places."""

    model: type[Model]
    sql: str
    values: tuple[Any, ...]
    readers: list[tuple[int, Callable[[Any], Any]]] | None = None

    def rows(self, cursor: Any) -> Rows:
        """What has been found."""
        if not cursor.description:
            return []
        if self.readers is None:
            named = ((place, self.model._meta.combined.get(each[0])) for place, each in enumerate(cursor.description))
            self.readers = [(place, found.python_value) for place, found in named if found and not _is_plain(found)]
        return [self._read(row) for row in cursor.fetchall()] if self.readers else cursor.fetchall()

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, read in self.readers or ():
            values[place] = read(values[place])
        return tuple(values)


class Prepared:
    """A statement that takes arguments: the query that a function makes of them, whatever they are.

    Each stands where one value stands; a word of a closed set is given by its value, and a row is not looked for by
    None. A call runs it and gives the rows that it asks for. Their values are read as the fields of their names read
    them, so what is made of a field bears its name.
    """

    def __init__(self, make: Callable[..., Query]) -> None:
        self.make = make
        self._composed: dict[tuple[bool, int], _Statement] = {}

    def __call__(self, *arguments: Any) -> Rows:
        kind = is_postgresql(MODELS[0]._meta.database), len(arguments)
        statement = self._composed.get(kind) or self._composed.setdefault(kind, self._compose(len(arguments)))
        stored = [_INSTANT.db_value(each) if isinstance(each, datetime) else each for each in arguments]
        values = [stored[each.number] if isinstance(each, _Given) else each for each in statement.values]
        return statement.rows(statement.model._meta.database.execute_sql(statement.sql, values))

    def first(self, *arguments: Any) -> tuple[Any, ...] | None:
        """The first row, None where there is none."""
        return next(iter(self(*arguments)), None)

    def _compose(self, count: int) -> _Statement:
        query = self.make(*(Value(_Given(number), converter=False) for number in range(count)))
        sql, values = query.sql()
        return _Statement(query.model, sql, tuple(values))


def _is_plain(field: Field) -> bool:
    """Whether both drivers give the values of a field as they are read."""
    return isinstance(field, IntegerField | TextField | BlobField) and not isinstance(field, InstantField)
