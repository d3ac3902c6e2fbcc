"""Dossiers counted set by set, as reports ask for them: each question is one statement, whatever the number of desks.

Where only a few desks are asked for, they are named; else those of all desks are given, and the caller keeps its own.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import SQL, Case, Select, fn

from central_server.storage.counters import DESKS_NAMED_MAX
from central_server.storage.dossiers import COUNTED, OPEN
from central_server.storage.holding import SET_ASIDE_WORDS
from central_server.storage.models import DossierRow, VerdictRow
from sync_protocol.lateness import Outcome, ended_later_outcome
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Channel, DeliveryMethod, DeskCode, DossierStage

Desks = Collection[DeskCode]

ENDED = SQL("ended_on IS NOT NULL")
HANDED_OVER = SQL("delivered_on IS NOT NULL")


@dataclass(frozen=True, slots=True)
class EndedGroup:
    """Dossiers of a desk that were closed in a period; is_carried: they were received before it."""

    desk: DeskCode
    outcome: Outcome
    is_carried: bool
    count: int


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """Dossiers of a desk of which no end is known; is_undecided: what is set aside may tell of one."""

    desk: DeskCode
    stage: DossierStage
    due_on: date | None
    received_on: date
    count: int
    is_undecided: bool = False


def received(period: Period, desks: Desks) -> Iterator[tuple[DeskCode, Channel, int]]:
    """Dossiers that were received in a period, by desk and channel."""
    rows = _of(desks, DossierRow.desk, DossierRow.channel, fn.COUNT(DossierRow.received_on)).where(
        COUNTED, DossierRow.received_on.between(period.first_on, period.last_on)
    )
    for desk, channel, count in rows.group_by(DossierRow.desk, DossierRow.channel).tuples():
        yield desk, Channel(channel), int(count)


def ended(period: Period, desks: Desks) -> Iterator[EndedGroup]:
    """Dossiers that were closed in a period, by desk and outcome."""
    outcome = Case(
        None,
        [
            (DossierRow.stage.in_(_ENDED_OTHERWISE), DossierRow.stage),
            (DossierRow.due_on.is_null(), Outcome.NO_LIMIT.value),
            (DossierRow.ended_on == DossierRow.due_on, Outcome.ON_TIME.value),
            (DossierRow.ended_on < DossierRow.due_on, Outcome.EARLY.value),
        ],
        Outcome.LATE.value,
    )
    rows = _of(desks, DossierRow.desk, outcome, _is_carried(period), fn.COUNT(DossierRow.ended_on)).where(
        ENDED, DossierRow.ended_on.between(period.first_on, period.last_on)
    )
    for desk, word, is_carried, count in rows.group_by(DossierRow.desk, SQL("2"), SQL("3")).tuples():
        yield EndedGroup(desk, Outcome(word), bool(is_carried), int(count))


def ended_later(period: Period, desks: Desks) -> Iterator[EndedGroup]:
    """Dossiers that were open at the end of a period and were closed after it, by desk."""
    on = period.last_on
    rows = _of(desks, DossierRow.desk, DossierRow.due_on, _is_carried(period), fn.COUNT(DossierRow.ended_on)).where(
        ENDED, DossierRow.ended_on > on, DossierRow.received_on <= on
    )
    for desk, due_on, is_carried, count in rows.group_by(DossierRow.desk, DossierRow.due_on, SQL("3")).tuples():
        yield EndedGroup(desk, ended_later_outcome(due_on, on=on), bool(is_carried), int(count))


def still_open(period: Period, desks: Desks) -> Iterator[OpenGroup]:
    """Dossiers received up to a period's end of which no end is known, by desk and what their lateness follows from."""
    on = period.last_on
    columns = (DossierRow.desk, DossierRow.stage, DossierRow.due_on, DossierRow.received_on)
    rows = _of(desks, *columns, fn.COUNT(DossierRow.received_on)).where(OPEN, DossierRow.received_on <= on)
    undecided = _undecided(on, desks)
    for desk, stage, due_on, received_on, count in rows.group_by(*columns).tuples():
        waiting = undecided.get((desk, stage, due_on, received_on), 0)
        if count > waiting:
            yield OpenGroup(desk, DossierStage(stage), due_on, received_on, int(count) - waiting)
        if waiting:
            yield OpenGroup(desk, DossierStage(stage), due_on, received_on, waiting, is_undecided=True)


def delivered(period: Period, desks: Desks) -> Iterator[tuple[DeskCode, DeliveryMethod, int]]:
    """Results that were handed over in a period, by desk and way."""
    rows = _of(desks, DossierRow.desk, DossierRow.delivered_by, fn.COUNT(DossierRow.delivered_on)).where(
        HANDED_OVER, DossierRow.delivered_on.between(period.first_on, period.last_on)
    )
    for desk, way, count in rows.group_by(DossierRow.desk, DossierRow.delivered_by).tuples():
        yield desk, DeliveryMethod(way), int(count)


def undecided_ids(desks: Desks) -> set[tuple[DeskCode, str]]:
    """Open dossiers about which something is set aside: it may be their result."""
    return {(desk, id_) for desk, id_, *_ in _undecided_rows(desks)}


def _undecided(on: date, desks: Desks) -> dict[tuple[DeskCode, str, date | None, date], int]:
    counts: dict[tuple[DeskCode, str, date | None, date], int] = {}
    for desk, _, stage, due_on, received_on in set(_undecided_rows(desks)):
        if received_on <= on:
            counts[desk, stage, due_on, received_on] = counts.get((desk, stage, due_on, received_on), 0) + 1
    return counts


def _undecided_rows(desks: Desks) -> Iterator[tuple[DeskCode, str, str, date | None, date]]:
    columns = (DossierRow.desk, DossierRow.id, DossierRow.stage, DossierRow.due_on, DossierRow.received_on)
    # Two searches, since with OR each set-aside entry would be compared with all dossiers of its desk.
    for name in (DossierRow.id, DossierRow.dossier_code):
        rows = (
            VerdictRow.select(*columns)
            .join(DossierRow, on=((DossierRow.desk == VerdictRow.desk) & (name == VerdictRow.subject)))
            .where(VerdictRow.kind.in_(SET_ASIDE_WORDS), VerdictRow.subject != "", DossierRow.ended_on.is_null())
        )
        yield from _named(rows, VerdictRow, desks).tuples()


def _is_carried(period: Period) -> Case:
    return Case(None, [(DossierRow.received_on < period.first_on, 1)], 0)


def _of(desks: Desks, *columns: Any) -> Select:
    return _named(DossierRow.select(*columns), DossierRow, desks)


def _named(query: Select, model: Any, desks: Desks) -> Select:
    return query.where(model.desk.in_(sorted(desks))) if len(desks) <= DESKS_NAMED_MAX else query


_ENDED_OTHERWISE = (Outcome.WITHDRAWN.value, Outcome.SENT_BACK.value, Outcome.STOPPED.value)
