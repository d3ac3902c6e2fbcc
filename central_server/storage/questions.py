"""What questions to several tables share: rows of one entry, a few desks asked by name, and how a day is told."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache, reduce
from operator import and_
from typing import Any

from peewee import Expression, Model, Select

from sync_protocol.entries import EntryId
from sync_protocol.vocabulary import DeskCode

Desks = Collection[DeskCode]

DESKS_NAMED_MAX = 500
"""Of so many desks at the most a query is asked by name."""

DAYS_KEPT = 4_096


def same_entry(one: type[Model], other: type[Model]) -> Expression:
    """Whether rows of two tables are about the same sealed entry."""
    return reduce(and_, (getattr(one, name) == getattr(other, name) for name in ("desk", "slot", "epoch", "sequence")))


def is_entry(table: type[Model], desk: DeskCode, id_: EntryId) -> Expression:
    """Whether a row of a table is about one sealed entry."""
    values = {"desk": desk, "slot": id_.slot, "epoch": id_.epoch, "sequence": id_.sequence}
    return reduce(and_, (getattr(table, name) == value for name, value in values.items()))


def of_desks(query: Select, column: Any, desks: Desks | None) -> Select:
    """A question about these desks where they are few enough to be named, else about all: the caller keeps its own."""
    few = named(desks)
    return query if few is None else query.where(column.in_(few))


def named(desks: Desks | None) -> list[DeskCode] | None:
    """These desks, where they are few enough to be named by a question; None where it is about all."""
    return None if desks is None or len(desks) > DESKS_NAMED_MAX else sorted(desks)


@lru_cache(maxsize=DAYS_KEPT)
def day_told(told: str | date) -> date:
    """A day as the driver of either database gives it: of many rows, peewee's values would be most of the work."""
    return told if isinstance(told, date) else date.fromisoformat(told)
