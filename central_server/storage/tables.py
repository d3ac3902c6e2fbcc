"""All tables as plain rows, alike on every database: what a backup is made of and made into a database again.

A value is null, a number, a text, yes or no, or bytes; a date is its ISO text. Payloads stand in the rows of their
entries, so that a reader can check each entry without looking elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import JOIN, SQL, BlobField, BooleanField, Column, Database, DateField, Expression, Field, Model
from peewee import Table as Target

from central_server.storage.database import number_on, reading, streamed
from central_server.storage.models import (
    MODELS,
    Centre,
    Counter,
    DossierRow,
    Entry,
    MonthCount,
    Payload,
    RegisterMark,
    SessionRow,
    VerdictRow,
)
from central_server.storage.questions import same_entry

ROWS_AT_A_TIME = 500
BYTES, TRUTH, PLAIN = "bytes", "truth", "plain"
CONTENT = ("salt", "bytes")
"""The columns of a payload that stand in the row of its entry, null where it is erased."""

PROJECTIONS = (VerdictRow, DossierRow, Counter, MonthCount)
"""What is made of the ledger, and can be made again."""

KEPT = "kept_"

LEFT_OUT = (SessionRow, Payload, RegisterMark)
"""Who is signed in ends with the machine; payloads stand with their entries; the mark is each database's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its columns in order; `kinds` says of each whether it holds bytes, yes or no, or is plain."""

    name: str
    columns: Sequence[str]
    kinds: Sequence[str]


def tables() -> list[Table]:
    """The tables that a backup holds, each behind those that it is checked by."""
    return [_table(model) for model in MODELS if model not in LEFT_OUT]


def rows(database: Database, table: Table) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows of a table, some at a time, in the order of its key; inside the caller's snapshot."""
    model = next(each for each in MODELS if each._meta.table_name == table.name)
    query = model.select(*(model._meta.fields[name] for name in model._meta.sorted_field_names))
    if model is Entry:
        query = query.select_extend(Payload.salt, Payload.bytes).join(
            Payload, JOIN.LEFT_OUTER, on=same_entry(Payload, Entry)
        )
    key = [model._meta.fields[name] for name in _key(model)]
    for batch in streamed(database, query.order_by(*key).sql()[0], ROWS_AT_A_TIME):
        yield [[_plain(value, kind) for value, kind in zip(row, table.kinds, strict=True)] for row in batch]


def load(database: Database, table: Table, batch: Sequence[Sequence[Any]]) -> None:
    """Writes rows of a backup into a table of the shape that the backup had, inside the caller's transaction."""
    if table.name != Entry._meta.table_name:
        _insert(database, table.name, table.columns, batch)
        return
    width = len(table.columns) - len(CONTENT)
    _insert(database, table.name, table.columns[:width], [row[:width] for row in batch])
    key = [table.columns.index(name) for name in _key(Entry)]
    contents = [[*(row[at] for at in key), *row[width:]] for row in batch if row[width] is not None]
    _insert(database, Payload._meta.table_name, (*_key(Entry), *CONTENT), contents)


def is_empty(database: Database) -> bool:
    """Whether there is no centre in the database, of whatever shape it is."""
    with reading(database):
        return not Centre.select(Centre.id).exists()


def set_projections_aside(database: Database) -> None:
    """Keeps the rows that are made of the ledger beside those that will be made again."""
    with database.bind_ctx(PROJECTIONS):
        for model in PROJECTIONS:
            model.select().create_table(KEPT + model._meta.table_name)


def differing_projections(database: Database) -> Iterator[tuple[str, str]]:
    """Table and key of the rows that differ from those that were set aside."""
    for model in PROJECTIONS:
        kept = Target(KEPT + model._meta.table_name)
        names = list(model._meta.sorted_field_names)
        now = Target(model._meta.table_name)
        mine, theirs = (
            source.select(*(Column(source, name) for name in names)).where(_says_something(model, source))
            for source in (now, kept)
        )
        at = [names.index(name) for name in _key(model)]
        differing = {
            ".".join(str(row[index]) for index in at)
            for query in (mine - theirs, theirs - mine)
            for row in query.bind(database).tuples()
        }
        yield from ((model._meta.table_name, key) for key in sorted(differing))


def number_all_on(database: Database) -> None:
    """Lets numbers that the database gives by itself go on behind those that were loaded."""
    for model in MODELS:
        number_on(database, model)


def _table(model: type[Model]) -> Table:
    fields: list[Field] = [model._meta.fields[name] for name in model._meta.sorted_field_names]
    columns, kinds = [field.column_name for field in fields], [_kind(field) for field in fields]
    more = CONTENT if model is Entry else ()
    return Table(name=model._meta.table_name, columns=[*columns, *more], kinds=[*kinds, *(BYTES for _ in more)])


def _kind(field: Field) -> str:
    if isinstance(field, BlobField):
        return BYTES
    assert isinstance(field, DateField) or not type(field).__name__.startswith("Date"), "instants are numbers"
    return TRUTH if isinstance(field, BooleanField) else PLAIN


def _says_something(model: type[Model], source: Target) -> Expression | SQL:
    """A count that went up and down again is as good as none."""
    return Column(source, Counter.count.column_name) != 0 if model in (Counter, MonthCount) else SQL("1 = 1")


def _key(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.get_primary_keys()] if model._meta.primary_key else []


def _plain(value: Any, kind: str) -> Any:
    if kind == BYTES:
        return None if value is None else bytes(value)
    if kind == TRUTH:
        return None if value is None else bool(value)
    return value.isoformat() if isinstance(value, date) else value


def _insert(database: Database, name: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    if not values:
        return
    target = Target(name)
    query = target.insert([tuple(values[0])], columns=[Column(target, column) for column in columns])
    database.cursor().executemany(query.bind(database).sql()[0].partition(" RETURNING ")[0], values)
