"""The sets of dossiers that reports count, each described once: by the same conditions they are counted and listed.

Source: domain guide 10.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import SQL

from central_server.reports.coverage import Coverage
from central_server.storage.dossiers import COUNTED, OPEN
from central_server.storage.holding import SET_ASIDE_WORDS
from central_server.storage.models import DossierRow, VerdictRow
from central_server.storage.questions import Desks, of_desks
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Channel, DeliveryMethod, DossierStage, PaymentMethod, Rating

AWAITING = (DossierStage.AWAITING_SUPPLEMENT.value, DossierStage.AWAITING_PAYMENT.value)
ENDED_OTHERWISE = (DossierStage.WITHDRAWN, DossierStage.SENT_BACK, DossierStage.STOPPED)

# Spelled out, since a partial index serves only a question that says its condition in so many words.
CLOSED = SQL("ended_on IS NOT NULL")
HANDED_OVER = SQL("delivered_on IS NOT NULL")
PAID = SQL("paid_on IS NOT NULL")
RATED = SQL("rated_on IS NOT NULL")
HAS_RESULT = DossierRow.stage.not_in([stage.value for stage in ENDED_OTHERWISE])
"""Of what is closed."""

OVERDUE, DUE_UNKNOWN = "overdue", "due_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Dossiers that one index finds, and the numbers of a row that each of them falls under: none, one or several.

    found    what holds for all of them
    numbers  by the name of a number, what holds for those that it counts
    day      the column of the day on which it happened to them; None of what stood at the end of a period
    """

    found: tuple[Any, ...]
    numbers: Mapping[str, Any]
    day: Any = None


def sweeps(period: Period, today: date) -> list[Sweep]:
    """All sets of a period, of an open one up to today, but for those that depend on what is known: `fallen_due`."""
    end = min(period.last_on, today)
    carried = {"carried_over": DossierRow.received_on < period.first_on}
    later = DossierRow.ended_on > period.last_on
    was_due = DossierRow.due_on.is_null(False) & (DossierRow.due_on < end)
    return [
        _flow(COUNTED, DossierRow.received_on, period, _RECEIVED),
        _flow(CLOSED, DossierRow.ended_on, period, _CLOSED | carried),
        # What was closed later is known to have been open at the end, whatever its desk has told since.
        Sweep(
            found=(CLOSED, later, DossierRow.received_on <= period.last_on),
            numbers={OVERDUE: was_due, "in_time": ~was_due, **carried},
        ),
        Sweep(
            found=(OPEN, DossierRow.received_on <= period.last_on),
            numbers={"awaiting": _IS_AWAITING, "in_time": ~_IS_AWAITING & ~was_due, **carried},
        ),
        _flow(HANDED_OVER, DossierRow.delivered_on, period, _DELIVERED),
        _flow(PAID, DossierRow.paid_on, period, _PAID),
        _flow(RATED, DossierRow.rated_on, period, _RATED),
    ]


def fallen_due(period: Period, today: date) -> tuple[Any, ...]:
    """Open dossiers past their day: each is one of two, by `overdue_or_unknown`."""
    end = min(period.last_on, today)
    return OPEN, DossierRow.received_on <= period.last_on, DossierRow.due_on < end, ~_IS_AWAITING


def overdue_or_unknown(coverage: Coverage, due_on: date, received_on: date) -> str:
    """The number that an open dossier past its day falls under, by what is known of its desk."""
    return OVERDUE if coverage.reaches(due_on, received_on=received_on) else DUE_UNKNOWN


def undecided(desks: Desks | None, columns: tuple[Any, ...] = ()) -> set[tuple[Any, ...]]:
    """Desk, id and columns of the dossiers in process about which something is set aside.

    It may be their result: of none of them anybody can say that it is overdue.
    """
    found: set[tuple[Any, ...]] = set()
    # Two searches, since with OR each entry that is set aside would be compared with all dossiers of its desk.
    for name in (DossierRow.id, DossierRow.dossier_code):
        rows = (
            VerdictRow.select(DossierRow.desk, DossierRow.id, *columns)
            .join(DossierRow, on=((DossierRow.desk == VerdictRow.desk) & (name == VerdictRow.subject)))
            .where(VerdictRow.kind.in_(SET_ASIDE_WORDS), VerdictRow.subject != "", OPEN, ~_IS_AWAITING)
        )
        found.update(of_desks(rows, VerdictRow.desk, desks).tuples())
    return found


def _flow(is_meant: Any, day: Any, period: Period, numbers: Mapping[str, Any]) -> Sweep:
    return Sweep(found=(is_meant, day.between(period.first_on, period.last_on)), numbers=numbers, day=day)


def _each(column: Any, names: Mapping[Any, str]) -> dict[str, Any]:
    return {name: column == word.value for word, name in names.items()}


_IS_AWAITING = DossierRow.stage.in_(AWAITING)
_RECEIVED = _each(DossierRow.channel, {channel: f"received_{channel}" for channel in Channel}) | {
    "supplemented": SQL("is_supplemented")
}
_CLOSED = _each(DossierRow.stage, {stage: stage.value for stage in ENDED_OTHERWISE}) | {
    # The days first: what they rule out is not looked up among the stages.
    "resolved_early": (DossierRow.ended_on < DossierRow.due_on) & HAS_RESULT,
    "resolved_on_time": (DossierRow.ended_on == DossierRow.due_on) & HAS_RESULT,
    "resolved_late": (DossierRow.ended_on > DossierRow.due_on) & HAS_RESULT,
    "resolved_no_limit": DossierRow.due_on.is_null() & HAS_RESULT,
}
_DELIVERED = _each(DossierRow.delivered_by, {way: f"delivered_{way}" for way in DeliveryMethod})
_PAID = _each(DossierRow.payment_method, {way: f"paid_{way}" for way in PaymentMethod}) | {
    "paid_unstated": DossierRow.payment_method == ""
}
_RATED = _each(DossierRow.rating, {rating: f"rated_{rating}" for rating in Rating})
