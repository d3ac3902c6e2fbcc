"""Single rows by statements that are made once: what a save costs is mostly the making of them.

They go to the database that the models are bound to, as every query does.
"""

from collections.abc import Iterator, Mapping
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


def put_row(model: Any, row: Mapping[str, Any]) -> None:
    """Inserts a row, or gives these values to the one that bears its primary key."""
    sql, fields = _replacement(model, tuple(row))
    model._meta.database.execute_sql(sql, _values(fields, row))


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
    return next(_rows(model, _selection(model, tuple(key)), key), None)


def last_row_of(model: Any, key: Mapping[str, Any]) -> Any:
    """As `row_of`, but the last one in the order of the primary key."""
    return next(_rows(model, _selection(model, tuple(key), is_last=True), key), None)


def rows_of(model: Any) -> Iterator[Any]:
    """All rows of a small table."""
    return _rows(model, _everything(model), {})


def _rows(model: Any, prepared: Prepared, key: Mapping[str, Any]) -> Iterator[Any]:
    sql, fields = prepared
    for found in model._meta.database.execute_sql(sql, _values(fields, key)).fetchall():
        read = zip(model._meta.sorted_fields, found, strict=True)
        yield SimpleNamespace(**{field.name: field.python_value(value) for field, value in read})


@cache
def _insertion(model: Any, names: tuple[str, ...]) -> Prepared:
    fields = _fields(model, names)
    sql, _ = model.insert(dict.fromkeys(fields)).sql()
    return sql.removesuffix(' RETURNING "number"'), fields


@cache
def _replacement(model: Any, names: tuple[str, ...]) -> Prepared:
    fields = _fields(model, names)
    key = model._meta.get_primary_keys()
    others = _fields(model, tuple(name for name in names if name not in {field.name for field in key}))
    sql, _ = model.insert(dict.fromkeys(fields)).on_conflict(conflict_target=key, preserve=others).sql()
    return sql, fields


@cache
def _update(model: Any, names: tuple[str, ...], key: tuple[str, ...]) -> Prepared:
    fields = _fields(model, names)
    sql, _ = model.update(dict.fromkeys(fields)).where(*_conditions(model, key)).sql()
    return sql, fields + _fields(model, key)


@cache
def _deletion(model: Any, key: tuple[str, ...]) -> Prepared:
    return model.delete().where(*_conditions(model, key)).sql()[0], _fields(model, key)


@cache
def _selection(model: Any, key: tuple[str, ...], *, is_last: bool = False) -> Prepared:
    order = [field.desc() if is_last else field for field in model._meta.get_primary_keys()]
    sql, _ = model.select().where(*_conditions(model, key)).order_by(*order).limit(1).sql()
    # The bound of one row comes as a parameter too, but it never changes.
    return sql.removesuffix(" LIMIT ?") + " LIMIT 1", _fields(model, key)


@cache
def _everything(model: Any) -> Prepared:
    return model.select().sql()[0], ()


def _conditions(model: Any, names: tuple[str, ...]) -> list[Any]:
    """Each field equal to a parameter, whose value is given when the statement runs."""
    return [field == SQL("?", [None]) for field in _fields(model, names)]


def _fields(model: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(model._meta.fields[name] for name in names)


def _values(fields: tuple[Any, ...], row: Mapping[str, Any]) -> list[Any]:
    return [field.db_value(row[field.name]) for field in fields]
