"""Single rows by statements that are made once: what a save costs is mostly the making of them.

They go to the database that the models are bound to, as every query does.
"""

from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from peewee import SQL

Prepared = tuple[str, tuple[Any, ...]]
"""A statement that peewee has made, and the fields whose values it takes, in that order."""


def insert_row(model: Any, row: Mapping[str, Any]) -> int:
    """Inserts a row and gives its rowid."""
    sql, fields = _insertion(model, tuple(row))
    return int(model._meta.database.execute_sql(sql, _values(fields, row)).lastrowid)


def update_row(model: Any, key: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    """Gives the row of a key other values."""
    sql, fields = _update(model, tuple(row), tuple(key))
    model._meta.database.execute_sql(sql, _values(fields, {**row, **key}))


def delete_row(model: Any, key: Mapping[str, Any]) -> None:
    """Removes the row of a key."""
    sql, fields = _deletion(model, tuple(key))
    model._meta.database.execute_sql(sql, _values(fields, key))


def row_of(model: Any, key: Mapping[str, Any]) -> Any:
    """The first row that bears these values, with the model's fields as attributes; None where there is none."""
    sql, fields = _selection(model, tuple(key))
    found = model._meta.database.execute_sql(sql, _values(fields, key)).fetchone()
    if found is None:
        return None
    read = zip(model._meta.sorted_fields, found, strict=True)
    return SimpleNamespace(**{field.name: field.python_value(value) for field, value in read})


@cache
def _insertion(model: Any, names: tuple[str, ...]) -> Prepared:
    fields = _fields(model, names)
    sql, _ = model.insert(dict.fromkeys(fields)).sql()
    return sql.removesuffix(' RETURNING "number"'), fields


@cache
def _update(model: Any, names: tuple[str, ...], key: tuple[str, ...]) -> Prepared:
    fields = _fields(model, names)
    sql, _ = model.update(dict.fromkeys(fields)).where(*_conditions(model, key)).sql()
    return sql, fields + _fields(model, key)


@cache
def _deletion(model: Any, key: tuple[str, ...]) -> Prepared:
    return model.delete().where(*_conditions(model, key)).sql()[0], _fields(model, key)


@cache
def _selection(model: Any, key: tuple[str, ...]) -> Prepared:
    conditions = _conditions(model, key)
    sql, _ = model.select().where(*conditions).order_by(*model._meta.get_primary_keys()).limit(1).sql()
    # The bound of one row comes as a parameter too, but it never changes.
    return sql.removesuffix(" LIMIT ?") + " LIMIT 1", _fields(model, key)


def _conditions(model: Any, names: tuple[str, ...]) -> list[Any]:
    """Each field equal to a parameter, whose value is given when the statement runs."""
    return [field == SQL("?", [None]) for field in _fields(model, names)]


def _fields(model: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(model._meta.fields[name] for name in names)


def _values(fields: tuple[Any, ...], row: Mapping[str, Any]) -> list[Any]:
    return [field.db_value(row[field.name]) for field in fields]
