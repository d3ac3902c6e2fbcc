"""The sets that reports count, asked of the dossiers: four questions for all desks, each answered from an index."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from peewee import SQL, Case, Expression, fn

from central_server.reports.counts import Counts
from central_server.storage.dossiers import COUNTED, OPEN
from central_server.storage.models import DossierRow
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Channel, DeliveryMethod, DeskCode, DossierStage

Key = tuple[DeskCode, str]
"""A desk and a procedure."""

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

_KEY = (DossierRow.desk, DossierRow.procedure_code)
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


def counts(period: Period, known_until: Mapping[DeskCode, date], today: date) -> dict[Key, Counts]:
    """What each desk has of each procedure in a period, of an open one up to today.

    known_until  the local day of each desk up to whose end nothing is held back; one that is missing is not known
    """
    numbers: dict[Key, dict[str, int]] = {}
    for key, name, count in _all(period, known_until, min(period.last_on, today)):
        row = numbers.setdefault(key, {})
        row[name] = row.get(name, 0) + count
    return {key: Counts(**row) for key, row in numbers.items()}


def _all(period: Period, known_until: Mapping[DeskCode, date], end: date) -> Iterator[tuple[Key, str, int]]:
    yield from _received(period)
    yield from _closed(period)
    yield from _open_at_the_end(period, known_until, end)
    yield from _delivered(period)


def _received(period: Period) -> Iterator[tuple[Key, str, int]]:
    within = DossierRow.received_on.between(period.first_on, period.last_on)
    for desk, procedure, channel, count in _grouped({"how": DossierRow.channel}, COUNTED, within):
        yield (desk, procedure), RECEIVED[Channel(channel)], count


def _closed(period: Period) -> Iterator[tuple[Key, str, int]]:
    within = DossierRow.ended_on.between(period.first_on, period.last_on)
    how = Case(DossierRow.stage, [(stage.value, name) for stage, name in ENDED.items()], _PUNCTUAL)
    columns = {"how": how, "is_carried": DossierRow.received_on < period.first_on}
    for desk, procedure, name, is_carried, count in _grouped(columns, DossierRow.ended_on.is_null(False), within):
        yield (desk, procedure), name, count
        if is_carried:
            yield (desk, procedure), "carried_over", count


def _open_at_the_end(period: Period, known_until: Mapping[DeskCode, date], end: date) -> Iterator[tuple[Key, str, int]]:
    columns = {
        "is_carried": DossierRow.received_on < period.first_on,
        "due_on": DossierRow.due_on,
        "is_awaiting": DossierRow.stage.in_(AWAITING),
    }
    came = DossierRow.received_on <= period.last_on
    # Of what was closed later it is known that it was open then, whatever its desk has told since.
    for is_over, open_then in ((True, DossierRow.ended_on > period.last_on), (False, OPEN)):
        for desk, procedure, is_carried, due_on, is_awaiting, count in _grouped(columns, came, open_then):
            is_due = due_on is not None and due_on < end
            is_known = is_over or (is_due and known_until.get(desk, date.min) >= due_on)
            state = _state(is_awaiting=bool(is_awaiting), is_due=is_due, is_known=is_known)
            yield (desk, procedure), state, count
            if is_carried:
                yield (desk, procedure), "carried_over", count


def _state(*, is_awaiting: bool, is_due: bool, is_known: bool) -> str:
    if is_awaiting:
        return "awaiting"
    if not is_due:
        return "in_time"
    return "overdue" if is_known else "due_unknown"


def _delivered(period: Period) -> Iterator[tuple[Key, str, int]]:
    within = DossierRow.delivered_on.between(period.first_on, period.last_on)
    columns = {"how": DossierRow.delivered_by}
    for desk, procedure, method, count in _grouped(columns, DossierRow.delivered_on.is_null(False), within):
        yield (desk, procedure), DELIVERED[DeliveryMethod(method)], count


def _grouped(columns: Mapping[str, Any], *conditions: Expression) -> Any:
    """How many dossiers there are of each desk, procedure and value of the columns."""
    # By their names: PostgreSQL takes two expressions with values of their own for two different ones.
    names = [SQL(name) for name in columns]
    asked = [expression.alias(name) for name, expression in columns.items()]
    return DossierRow.select(*_KEY, *asked, _HOW_MANY).where(*conditions).group_by(*_KEY, *names).tuples()
