"""The sets that reports count, asked of the dossiers: the same few questions for all desks, each answered by an index.

Where only a few desks are asked for, they are named; else those of all desks are given, and the caller keeps its own.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from peewee import SQL, Case, Expression, fn

from central_server.reports.counts import Counts
from central_server.reports.coverage import UNKNOWN, Coverage
from central_server.storage.dossiers import COUNTED, OPEN
from central_server.storage.holding import SET_ASIDE_WORDS
from central_server.storage.models import DossierRow, VerdictRow
from central_server.storage.questions import of_desks
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Channel, DeliveryMethod, DeskCode, DossierStage

Key = tuple[DeskCode, str]
"""A desk and a procedure."""

AnyKey = TypeVar("AnyKey", bound=tuple[str, ...])
Desks = Collection[DeskCode]
Known = Mapping[DeskCode, Coverage]
Asked = tuple[Any, ...]

RECEIVED = {
    Channel.DIRECT: "received_direct",
    Channel.ONLINE: "received_online",
    Channel.POST: "received_post",
}
DELIVERED = {
    DeliveryMethod.COUNTER: "delivered_counter",
    DeliveryMethod.POST: "delivered_post",
    DeliveryMethod.ONLINE: "delivered_online",
}
ENDED = {
    DossierStage.WITHDRAWN: "withdrawn",
    DossierStage.SENT_BACK: "sent_back",
    DossierStage.STOPPED: "stopped",
}
AWAITING = (DossierStage.AWAITING_SUPPLEMENT.value, DossierStage.AWAITING_PAYMENT.value)

# Spelled out, since a partial index serves only a question that says its condition in so many words.
CLOSED = SQL("ended_on IS NOT NULL")
HANDED_OVER = SQL("delivered_on IS NOT NULL")

_PROCEDURE = (DossierRow.procedure_code,)
_HOW_MANY = fn.COUNT(SQL("*"))
_PUNCTUAL = Case(
    None,
    (
        (DossierRow.due_on.is_null(), "resolved_no_limit"),
        (DossierRow.ended_on < DossierRow.due_on, "resolved_early"),
        (DossierRow.ended_on == DossierRow.due_on, "resolved_on_time"),
    ),
    "resolved_late",
)

_HOW_CLOSED = Case(DossierRow.stage, [(stage.value, name) for stage, name in ENDED.items()], _PUNCTUAL)


def counts(period: Period, known: Known, today: date, desks: Desks | None = None) -> dict[Key, Counts]:
    """What each desk has of each procedure in a period, of an open one up to today.

    known  how far each desk is known; one that is missing is not known at all
    desks  of these; of all where None
    """
    rows = _summed(_all(period, known, today, desks, _PROCEDURE), desks)
    return {(desk, procedure): row for (desk, procedure), row in rows.items()}


def counts_by_desk(period: Period, known: Known, today: date, desks: Desks | None = None) -> dict[DeskCode, Counts]:
    """The same of all procedures together."""
    return {desk: row for (desk,), row in _summed(_all(period, known, today, desks, ()), desks).items()}


def counts_by_channel(
    period: Period, known: Known, today: date, desks: Desks | None = None
) -> dict[tuple[DeskCode, Channel], Counts]:
    """The same, cut by how the dossiers came in."""
    rows = _summed(_all(period, known, today, desks, (DossierRow.channel,)), desks)
    return {(desk, Channel(channel)): row for (desk, channel), row in rows.items()}


def counts_by_clerk(period: Period, known: Known, today: date, desks: Desks) -> dict[Key, Counts]:
    """The same of each clerk who received, by the name that they sign in with."""
    rows = _summed(_all(period, known, today, desks, (DossierRow.received_by,)), desks)
    return {(desk, clerk): row for (desk, clerk), row in rows.items()}


def flows(months: Sequence[Period], desks: Desks | None = None) -> list[Counts]:
    """What came, was closed and was handed over in each of periods that follow one another; nothing of the rest."""
    first_on, last_on = months[0].first_on, months[-1].last_on
    wanted = None if desks is None else frozenset(desks)
    found: list[dict[str, int]] = [{} for _ in months]
    for day, how, names, is_meant in (
        (DossierRow.received_on, DossierRow.channel, RECEIVED, COUNTED),
        (DossierRow.ended_on, _HOW_CLOSED, {}, CLOSED),
        (DossierRow.delivered_on, DossierRow.delivered_by, DELIVERED, HANDED_OVER),
    ):
        place = Case(None, [(day <= month.last_on, at) for at, month in enumerate(months)])
        columns = {"place": place, "how": how}
        for desk, at, told, count in _grouped(desks, (), columns, is_meant, day.between(first_on, last_on)):
            if wanted is None or desk in wanted:
                name = names.get(told, told)
                found[at][name] = found[at].get(name, 0) + count
    return [Counts(**each) for each in found]


def undecided(desks: Desks | None) -> set[tuple[DeskCode, str]]:
    """Open dossiers about which something is set aside: it may be their result."""
    return {(desk, id_) for desk, id_, *_ in _undecided(desks, ())}


def _summed(numbers: Iterator[tuple[AnyKey, str, int]], desks: Desks | None) -> dict[AnyKey, Counts]:
    # Where there are many, all were asked.
    wanted = None if desks is None else frozenset(desks)
    rows: dict[AnyKey, dict[str, int]] = {}
    for key, name, count in numbers:
        if wanted is None or key[0] in wanted:
            row = rows.setdefault(key, {})
            row[name] = row.get(name, 0) + count
    return {key: Counts(**row) for key, row in rows.items()}


def _all(
    period: Period, known: Known, today: date, desks: Desks | None, cut: Asked
) -> Iterator[tuple[tuple[str, ...], str, int]]:
    """Key, name of a count, and how many; `cut` are the columns that a key holds behind the desk."""
    yield from _received(period, desks, cut)
    yield from _closed(period, desks, cut)
    yield from _closed_later(period, min(period.last_on, today), desks, cut)
    yield from _still_open(period, known, min(period.last_on, today), desks, cut)
    yield from _delivered(period, desks, cut)


def _received(period: Period, desks: Desks | None, cut: Asked) -> Iterator[tuple[tuple[str, ...], str, int]]:
    within = DossierRow.received_on.between(period.first_on, period.last_on)
    for *key, channel, count in _grouped(desks, cut, {"how": DossierRow.channel}, COUNTED, within):
        yield tuple(key), RECEIVED[Channel(channel)], count


def _closed(period: Period, desks: Desks | None, cut: Asked) -> Iterator[tuple[tuple[str, ...], str, int]]:
    within = DossierRow.ended_on.between(period.first_on, period.last_on)
    columns = {"how": _HOW_CLOSED, "is_carried": DossierRow.received_on < period.first_on}
    for *key, name, is_carried, count in _grouped(desks, cut, columns, CLOSED, within):
        yield tuple(key), name, count
        if is_carried:
            yield tuple(key), "carried_over", count


def _closed_later(
    period: Period, end: date, desks: Desks | None, cut: Asked
) -> Iterator[tuple[tuple[str, ...], str, int]]:
    """What was closed later is known to have been open at the end, whatever its desk has told since."""
    stood = Case(None, ((DossierRow.due_on < end, "overdue"),), "in_time")
    columns = {"is_carried": DossierRow.received_on < period.first_on, "stood": stood}
    later = (CLOSED, DossierRow.ended_on > period.last_on, DossierRow.received_on <= period.last_on)
    for *key, is_carried, stood_then, count in _grouped(desks, cut, columns, *later):
        yield tuple(key), stood_then, count
        if is_carried:
            yield tuple(key), "carried_over", count


def _still_open(
    period: Period, known: Known, end: date, desks: Desks | None, cut: Asked
) -> Iterator[tuple[tuple[str, ...], str, int]]:
    names = ("stage", "due_on", "received_on")
    columns = {name: DossierRow._meta.fields[name] for name in names}
    waiting: dict[Asked, int] = {}
    for desk, _, *rest in _undecided(desks, (*cut, *columns.values())):
        waiting[desk, *rest] = waiting.get((desk, *rest), 0) + 1
    for *row, count in _grouped(desks, cut, columns, OPEN, DossierRow.received_on <= period.last_on):
        *key, stage, due_on, received_on = row
        coverage = known.get(key[0], UNKNOWN)
        state = _state(
            stage, due_on, end, is_known=due_on is not None and coverage.reaches(due_on, received_on=received_on)
        )
        # What is set aside about a dossier may be its result: nobody can say that it is late.
        unsure = waiting.get(tuple(row), 0) if state == "overdue" else 0
        yield tuple(key), state, count - unsure
        yield tuple(key), "due_unknown", unsure
        if received_on < period.first_on:
            yield tuple(key), "carried_over", count


def _state(stage: str, due_on: date | None, end: date, *, is_known: bool) -> str:
    if stage in AWAITING:
        return "awaiting"
    if due_on is None or due_on >= end:
        return "in_time"
    return "overdue" if is_known else "due_unknown"


def _delivered(period: Period, desks: Desks | None, cut: Asked) -> Iterator[tuple[tuple[str, ...], str, int]]:
    within = DossierRow.delivered_on.between(period.first_on, period.last_on)
    for *key, method, count in _grouped(desks, cut, {"how": DossierRow.delivered_by}, HANDED_OVER, within):
        yield tuple(key), DELIVERED[DeliveryMethod(method)], count


def _undecided(desks: Desks | None, columns: Asked) -> set[tuple[Any, ...]]:
    """Desk, id and columns of the open dossiers about which something is set aside."""
    found: set[tuple[Any, ...]] = set()
    # Two searches, since with OR each entry that is set aside would be compared with all dossiers of its desk.
    for name in (DossierRow.id, DossierRow.dossier_code):
        rows = (
            VerdictRow.select(DossierRow.desk, DossierRow.id, *columns)
            .join(DossierRow, on=((DossierRow.desk == VerdictRow.desk) & (name == VerdictRow.subject)))
            .where(VerdictRow.kind.in_(SET_ASIDE_WORDS), VerdictRow.subject != "", DossierRow.ended_on.is_null())
        )
        found.update(of_desks(rows, VerdictRow.desk, desks).tuples())
    return found


def _grouped(desks: Desks | None, cut: Asked, columns: Mapping[str, Any], *conditions: Expression | SQL) -> Any:
    """How many dossiers there are of each desk, cut and value of the columns."""
    # By their names: PostgreSQL takes two expressions with values of their own for two different ones.
    names = [SQL(name) for name in columns]
    asked = [expression.alias(name) for name, expression in columns.items()]
    key = (DossierRow.desk, *cut)
    rows = DossierRow.select(*key, *asked, _HOW_MANY).where(*conditions)
    return of_desks(rows, DossierRow.desk, desks).group_by(*key, *names).tuples()
