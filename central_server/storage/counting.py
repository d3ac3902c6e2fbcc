"""Counting the sets of reports: the same few questions for all desks, each answered by an index.

Where only a few desks are asked for, they are named; else those of all desks are given, and the caller keeps its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from peewee import SQL, Case, fn

from central_server.reports.counts import Counts
from central_server.reports.coverage import UNKNOWN, Coverage
from central_server.storage.models import DossierRow
from central_server.storage.questions import Desks, of_desks
from central_server.storage.sets import DUE_UNKNOWN, OVERDUE, Sweep, fallen_due, overdue_or_unknown, sweeps, undecided
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Channel, DeskCode

Key = tuple[DeskCode, str]
"""A desk and a procedure."""

Known = Mapping[DeskCode, Coverage]
Cut = tuple[Any, ...]
"""The columns that a key holds behind the desk."""

Numbers = Iterator[tuple[tuple[str, ...], Mapping[str, int]]]
"""Keys, each with some of its numbers; a key may come several times."""

_HOW_MANY = fn.COUNT(SQL("*"))


def counts(period: Period, known: Known, today: date, desks: Desks | None = None) -> dict[Key, Counts]:
    """What each desk has of each procedure in a period, of an open one up to today.

    known  how far each desk is known; one that is missing is not known at all
    desks  of these; of all where None
    """
    rows = _rows(period, known, today, desks, (DossierRow.procedure_code,))
    return {(desk, procedure): row for (desk, procedure), row in rows.items()}


def counts_by_desk(period: Period, known: Known, today: date, desks: Desks | None = None) -> dict[DeskCode, Counts]:
    """The same of all procedures together."""
    return {desk: row for (desk,), row in _rows(period, known, today, desks, ()).items()}


def counts_by_channel(
    period: Period, known: Known, today: date, desks: Desks | None = None
) -> dict[tuple[DeskCode, Channel], Counts]:
    """The same, cut by how the dossiers came in."""
    rows = _rows(period, known, today, desks, (DossierRow.channel,))
    return {(desk, Channel(channel)): row for (desk, channel), row in rows.items()}


def counts_by_clerk(period: Period, known: Known, today: date, desks: Desks) -> dict[Key, Counts]:
    """The same of each clerk who received, by the name that they sign in with."""
    rows = _rows(period, known, today, desks, (DossierRow.received_by,))
    return {(desk, clerk): row for (desk, clerk), row in rows.items()}


def flows(months: Sequence[Period], desks: Desks | None = None) -> list[Counts]:
    """What came, was closed, handed over, paid and rated in each of periods that follow one another; nothing else."""
    whole = Period(first_on=months[0].first_on, last_on=months[-1].last_on)
    wanted = None if desks is None else frozenset(desks)
    found: list[dict[str, int]] = [{} for _ in months]
    for sweep in sweeps(whole, whole.last_on):
        if sweep.day is None:
            continue
        place = Case(None, [(sweep.day <= month.last_on, at) for at, month in enumerate(months)])
        for (desk, at), numbers in _swept(sweep, desks, (place,)):
            if wanted is None or desk in wanted:
                _add(found[int(at)], numbers)
    return [Counts(**{name: count for name, count in each.items() if name != "carried_over"}) for each in found]


def _rows(period: Period, known: Known, today: date, desks: Desks | None, cut: Cut) -> dict[tuple[str, ...], Counts]:
    # Where there are many, all were asked.
    wanted = None if desks is None else frozenset(desks)
    rows: dict[tuple[str, ...], dict[str, int]] = {}
    for key, numbers in _all(period, known, today, desks, cut):
        if wanted is None or key[0] in wanted:
            _add(rows.setdefault(key, {}), numbers)
    return {key: Counts(**row) for key, row in rows.items()}


def _add(row: dict[str, int], numbers: Mapping[str, int]) -> None:
    for name, count in numbers.items():
        row[name] = row.get(name, 0) + count


def _all(period: Period, known: Known, today: date, desks: Desks | None, cut: Cut) -> Numbers:
    for sweep in sweeps(period, today):
        yield from _swept(sweep, desks, cut)
    yield from _fallen_due(period, known, today, desks, cut)


def _swept(sweep: Sweep, desks: Desks | None, cut: Cut) -> Numbers:
    columns = [_HOW_MANY.filter(condition).alias(name) for name, condition in sweep.numbers.items()]
    width, names = 1 + len(cut), list(sweep.numbers)
    # As the driver gives them: texts and numbers need no reading, and there are tens of thousands of rows.
    for row in DossierRow._meta.database.execute(_grouped(desks, cut, columns, sweep.found)):
        yield row[:width], {name: count for name, count in zip(names, row[width:], strict=True) if count}


def _fallen_due(period: Period, known: Known, today: date, desks: Desks | None, cut: Cut) -> Numbers:
    days = (DossierRow.due_on, DossierRow.received_on)
    unsure: dict[Cut, int] = {}
    for desk, _, *rest in undecided(desks, (*cut, *days)):
        unsure[desk, *rest] = unsure.get((desk, *rest), 0) + 1
    past = _grouped(desks, (*cut, *days), [_HOW_MANY], fallen_due(period, today)).tuples()
    for *key, due_on, received_on, count in past:
        number = overdue_or_unknown(known.get(key[0], UNKNOWN), due_on, received_on)
        waiting = unsure.get((*key, due_on, received_on), 0) if number == OVERDUE else 0
        yield tuple(key), {number: count - waiting}
        yield tuple(key), {DUE_UNKNOWN: waiting}


def _grouped(desks: Desks | None, cut: Cut, columns: list[Any], found: tuple[Any, ...]) -> Any:
    """Desk, cut and columns of the dossiers that are found, grouped by desk and cut."""
    # Not by the desk's column itself: SQLite would then read all dossiers that ever were, in the order of their desks.
    key = (DossierRow.desk.concat(""), *cut)
    # By their names: PostgreSQL takes two expressions with values of their own for two different ones.
    names = [f"key_{at}" for at in range(len(key))]
    named = [column.alias(name) for column, name in zip(key, names, strict=True)]
    rows = DossierRow.select(*named, *columns).where(*found)
    return of_desks(rows, DossierRow.desk, desks).group_by(*map(SQL, names))
