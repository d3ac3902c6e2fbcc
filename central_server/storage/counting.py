"""Counting the sets of reports: the same few questions for all desks, each answered by an index.

What is told of each desk is asked of a few desks by their names, and else of all, and the caller keeps its own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from peewee import SQL, fn

from central_server.reports.counts import NAMES, Counts, total
from central_server.reports.coverage import UNKNOWN, Coverage
from central_server.reports.procedure_numbers import FOLLOWED
from central_server.storage.models import DossierRow
from central_server.storage.questions import Desks, day_told, of_desks
from central_server.storage.sets import DUE_UNKNOWN, OVERDUE, fallen_due, overdue_or_unknown, sweeps, undecided
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Channel, DeskCode

Key = tuple[DeskCode, str]
"""A desk and a procedure."""

Known = Mapping[DeskCode, Coverage]
Cut = tuple[Any, ...]
"""The columns that a key holds behind the desk."""

TOGETHER = "*"
"""The procedure of what is not told by procedure."""

PAST = (OVERDUE, DUE_UNKNOWN)

Rows = Iterable[tuple[Any, ...]]
"""A key each, and counts behind it."""

_HOW_MANY = fn.COUNT(SQL("*"))
# Not the desk's column itself: SQLite would then read all dossiers that ever were, in the order of their desks.
_DESK = DossierRow.desk.concat("")


class _Sums(defaultdict[tuple[Any, ...], list[int]]):
    """Numbers by their keys, each in the place that it has in `NAMES`."""

    def __init__(self) -> None:
        super().__init__(lambda: [0] * len(NAMES))

    def add(self, rows: Rows, names: Iterable[str]) -> None:
        """Rows of a key and, behind it, counts of these names; a key may come several times."""
        places = [NAMES.index(name) for name in names]
        width = -len(places)
        for row in rows:
            sums = self[row[:width]]
            for place, count in zip(places, row[width:], strict=True):
                sums[place] += count

    def counts(self) -> dict[tuple[Any, ...], Counts]:
        """What has come together."""
        return {key: Counts(*sums) for key, sums in self.items()}


def counts(period: Period, known: Known, today: date, desks: Desks | None = None) -> dict[Key, Counts]:
    """What each desk has of each procedure in a period, of an open one up to today.

    known  how far each desk is known; one that is missing is not known at all
    desks  of these; of all where None
    """
    return _rows(period, known, today, desks, (DossierRow.procedure_code,))


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
    return _rows(period, known, today, desks, (DossierRow.received_by,))


def counts_together(period: Period, known: Known, today: date, desks: Desks) -> dict[tuple[str], Counts]:
    """What these desks have together: of each procedure what others follow from, and of `TOGETHER` all else."""
    sums = _Sums()
    for sweep in sweeps(period, today):
        key = (DossierRow.procedure_code,) if FOLLOWED & sweep.numbers.keys() else ()
        sums.add(_named(_grouped(key, sweep.numbers, sweep.found), desks), sweep.numbers)
    wanted = frozenset(desks)
    fallen = _fallen_due(period, known, today, desks, ())
    sums.add((row[1:] for row in fallen if row[0] in wanted), PAST)
    return {key or (TOGETHER,): row for key, row in sums.counts().items()}


def flows(months: Sequence[Period], desks: Desks) -> list[Counts]:
    """What came, was closed, handed over, paid and rated in each of periods that follow one another; nothing else."""
    whole = Period(first_on=months[0].first_on, last_on=months[-1].last_on)
    sums = _Sums()
    for sweep in sweeps(whole, whole.last_on):
        if sweep.day is not None:
            # By the day, which is the order of the index; by the month, SQLite would sort all dossiers.
            sums.add(_named(_grouped((sweep.day,), sweep.numbers, sweep.found), desks), sweep.numbers)
    days = sums.counts()
    found = (total(row for (day,), row in days.items() if day in month) for month in months)
    return [row._replace(carried_over=0) for row in found]


def _rows(period: Period, known: Known, today: date, desks: Desks | None, cut: Cut) -> dict[Any, Counts]:
    sums = _Sums()
    for sweep in sweeps(period, today):
        asked = of_desks(_grouped((_DESK, *cut), sweep.numbers, sweep.found), DossierRow.desk, desks)
        sums.add(_told(asked), sweep.numbers)
    sums.add(_fallen_due(period, known, today, desks, cut), PAST)
    # Where there are many, all were asked.
    wanted = None if desks is None else frozenset(desks)
    return {key: row for key, row in sums.counts().items() if wanted is None or key[0] in wanted}


def _fallen_due(period: Period, known: Known, today: date, desks: Desks | None, cut: Cut) -> Rows:
    """Desk and cut, and how many of `PAST`."""
    days = (DossierRow.due_on, DossierRow.received_on)
    unsure = Counter((desk, *rest) for desk, _, *rest in undecided(desks, (*cut, *days)))
    asked = of_desks(_grouped((_DESK, *cut, *days), {"past": None}, fallen_due(period, today)), DossierRow.desk, desks)
    for *key, due_told, received_told, count in _told(asked):
        due_on, received_on = day_told(due_told), day_told(received_told)
        number = overdue_or_unknown(known.get(key[0], UNKNOWN), due_on, received_on)
        waiting = unsure[*key, due_on, received_on] if number == OVERDUE else count
        yield (*key, count - waiting, waiting)


def _told(query: Any) -> Rows:
    """The answer as the driver gives it, at once: texts and numbers need no reading, and rows are tens of thousands."""
    rows: Rows = DossierRow._meta.database.execute(query).fetchall()
    return rows


def _named(query: Any, desks: Desks) -> Rows:
    """The answer about these desks alone, however many."""
    rows: Rows = query.where(DossierRow.desk.in_(sorted(desks))).tuples()
    return rows


def _grouped(key: Cut, numbers: Mapping[str, Any], found: tuple[Any, ...]) -> Any:
    """The numbers of the dossiers that are found, by a key; of all together by none."""
    # By their names: PostgreSQL takes two expressions with values of their own for two different ones.
    names = [f"key_{at}" for at in range(len(key))]
    named = [column.alias(name) for column, name in zip(key, names, strict=True)]
    columns = [_HOW_MANY.filter(condition).alias(name) for name, condition in numbers.items()]
    return DossierRow.select(*named, *columns).where(*found).group_by(*map(SQL, names))
