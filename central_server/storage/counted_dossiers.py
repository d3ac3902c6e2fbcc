"""The single dossiers behind a count, by the same sets: codes and dates, and nothing of any person."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

from central_server.reports.coverage import UNKNOWN, Coverage
from central_server.reports.procedure_numbers import Codes
from central_server.storage.models import DossierRow
from central_server.storage.sets import DUE_UNKNOWN, OVERDUE, fallen_due, overdue_or_unknown, sweeps, undecided
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode, DossierStage


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A number of a row that a list consists of, perhaps of some procedures alone."""

    number: str
    procedures: Codes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which dossiers a list has; the parts have none in common.

    known, today  as the counting takes them
    procedures    of these alone, of all where None
    received_by   of those that this clerk received alone, of all where None
    """

    period: Period
    known: Mapping[DeskCode, Coverage]
    today: date
    desks: Collection[DeskCode]
    parts: Sequence[Part]
    procedures: Codes | None = None
    received_by: str | None = None


@dataclass(frozen=True, slots=True)
class CountedDossier:
    """A dossier of a list; `ended_on` is None while no end is known."""

    desk: DeskCode
    id: str
    dossier_code: str
    procedure_code: str
    stage: DossierStage
    received_on: date
    due_on: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A part of a list; `count` is how many the whole list has."""

    count: int
    dossiers: Sequence[CountedDossier]


def listed(wanted: Wanted, *, start: int, limit: int, by: str = "received_on") -> Listed:
    """A part of a list, in the order of a day that all its dossiers have, then by desk and id."""
    rows = list(_fallen_due(wanted))
    count = len(rows)
    for query in _queries(wanted):
        count += query.count()
        # Each gives as many as the whole list may show up to here.
        first = query.order_by(getattr(DossierRow, by), DossierRow.desk, DossierRow.id).limit(start + limit)
        rows += _dossiers(first)
    rows.sort(key=lambda each: (getattr(each, by), each.desk, each.id))
    return Listed(count=count, dossiers=rows[start : start + limit])


def clerks(desk: DeskCode) -> list[str]:
    """Who ever received a dossier at a desk, by the names that they sign in with."""
    rows = DossierRow.select(DossierRow.received_by).where(DossierRow.desk == desk).distinct().tuples()
    return sorted(name for (name,) in rows)


def _queries(wanted: Wanted) -> Iterator[Any]:
    for sweep in sweeps(wanted.period, wanted.today):
        parts = [
            reduce(and_, _of_procedures(each.procedures), sweep.numbers[each.number])
            for each in wanted.parts
            if each.number in sweep.numbers
        ]
        if parts:
            yield _select(wanted, *sweep.found, reduce(or_, parts))


def _fallen_due(wanted: Wanted) -> Iterator[CountedDossier]:
    numbers = {each.number for each in wanted.parts} & {OVERDUE, DUE_UNKNOWN}
    if not numbers:
        return
    unsure = undecided(wanted.desks)
    for each in _dossiers(_select(wanted, *fallen_due(wanted.period, wanted.today))):
        assert each.due_on, "what has fallen due has a day"
        number = overdue_or_unknown(wanted.known.get(each.desk, UNKNOWN), each.due_on, each.received_on)
        if (DUE_UNKNOWN if (each.desk, each.id) in unsure else number) in numbers:
            yield each


def _select(wanted: Wanted, *conditions: Any) -> Any:
    columns = (
        DossierRow.desk,
        DossierRow.id,
        DossierRow.dossier_code,
        DossierRow.procedure_code,
        DossierRow.stage,
        DossierRow.received_on,
        DossierRow.due_on,
        DossierRow.ended_on,
    )
    narrowed = [DossierRow.desk.in_(sorted(wanted.desks)), *_of_procedures(wanted.procedures)]
    if wanted.received_by is not None:
        narrowed.append(DossierRow.received_by == wanted.received_by)
    return DossierRow.select(*columns).where(*conditions, *narrowed)


def _of_procedures(wanted: Codes | None) -> list[Any]:
    if wanted is None:
        return []
    codes = sorted(wanted.codes)
    return [DossierRow.procedure_code.in_(codes) if wanted.are_in else DossierRow.procedure_code.not_in(codes)]


def _dossiers(query: Any) -> Iterator[CountedDossier]:
    for desk, id_, code, procedure, stage, *days in query.tuples():
        yield CountedDossier(desk, id_, code, procedure, DossierStage(stage), *days)
