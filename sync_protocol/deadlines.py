"""The appointment of a dossier: a pure function of its events and the reference packs, so both ends give the same.

The limit runs from reception, of an out-of-area dossier from its arrival at the competent unit (NĐ 309/2026 Đ.17(3)).
After a wait it is counted again or the time waited is added, as the rules say (NĐ 61/2018 Đ.19(4); deployed software
adds). A date that a person named stands until the limit is counted again (Đ.19(9)). The law compares dates.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Protocol

from sync_protocol import calendars
from sync_protocol.calendars import LIMIT_VALUE_MAX, TimeLimit, WorkingCalendar
from sync_protocol.dossiers import CLOSED_OTHERWISE, OPEN, UNCOUNTED, Dossier, DueSet, Wait
from sync_protocol.instants import LOCAL, local_date, local_minute
from sync_protocol.packs import Packs
from sync_protocol.procedures import WaitPolicy
from sync_protocol.values import value
from sync_protocol.vocabulary import Channel, DossierStage, LimitUnit, ProcedureCode, WaitKind

DUE_SOON_WORKING_DAYS = 2
"""An open dossier with at most so many working days left is due soon."""

FORWARDED_UNTIL = time(15)
"""Papers handed in in a later minute go to the office on the next working day. Source: NĐ 61/2018 Đ.18(2)."""

SPAN_MOST = timedelta(days=LIMIT_VALUE_MAX)
"""Bound of the walk through the calendar: a longer wait moves no further, and more days are not told as left."""

NOT_RECEIVED = frozenset({DossierStage.REGISTERED, DossierStage.NOT_ACCEPTED})
"""Stages in which nothing has been promised."""

AWAITING = frozenset({DossierStage.AWAITING_SUPPLEMENT, DossierStage.AWAITING_PAYMENT})
"""Stages in which the clock is held."""


class DueState(StrEnum):
    """How a dossier stands to its appointment: the first six while it is open, the next three once it is resolved.

    `not_judged`: counted nowhere, or ended without a result. `no_limit` is said of open and of resolved ones.
    """

    NO_LIMIT = "no_limit"
    HELD = "held"
    IN_TIME = "in_time"
    DUE_SOON = "due_soon"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    NOT_JUDGED = "not_judged"


class Dated(Protocol):
    """A dossier as an end keeps it, with its appointment."""

    @property
    def dossier(self) -> Dossier:
        """The dossier as its events make it."""

    @property
    def due_at(self) -> datetime | None:
        """The appointment as the events and packs make it."""


def promised_at(
    packs: Packs, procedure_code: ProcedureCode, channel: Channel, received_at: datetime
) -> datetime | None:
    """The appointment of a reception; None where the procedure is not known here or has no limit."""
    return _counted(packs, packs.limit_of(procedure_code, local_date(received_at), channel), received_at)


def due_at(dossier: Dossier, packs: Packs) -> datetime | None:
    """The appointment in force, of a dossier that waits the one that was when the wait began.

    None where nothing was promised: no limit, a procedure not known here, or not received; where the content was
    erased, since nobody can work on it; and where what was sealed lies beyond every calendar. Raises nothing, as both
    ends ask it of whatever a device has sealed.
    """
    if dossier.is_erased:
        return None
    return _walked(dossier, packs, dossier.timeline)


def due_after(
    dossier: Dossier, packs: Packs, before: Dated | None, *, is_by_same_packs: bool = False
) -> datetime | None:
    """The appointment after an event, by the packs of its entry: both ends take this one step for each event.

    before            the dossier before the event, None for the first one
    is_by_same_packs  whether it is known that the appointment before was counted by these very packs
    What is open follows the packs of the latest entry; what was answered keeps its appointment until an event changes
    what that follows from.
    """
    may_keep = is_by_same_packs or (before is not None and before.dossier.stage not in OPEN)
    if before and may_keep and _basis_of(before.dossier) == _basis_of(dossier):
        return before.due_at
    return due_at(dossier, packs)


def original_due_at(dossier: Dossier, packs: Packs) -> datetime | None:
    """The appointment before extensions and waits: the one on the slip, as corrected or as printed elsewhere."""
    return _walked(dossier, packs, takewhile(_is_of_slip, dossier.timeline))


def is_held(dossier: Dossier) -> bool:
    """Whether the clock is held, because the citizen has to bring or to pay something."""
    return dossier.stage in AWAITING


def days_left(due_at: datetime, now: datetime, calendar: WorkingCalendar) -> int:
    """Working days until the date of the appointment: 0 on that date, negative once it has passed.

    The days after it count from -1, even where none of them was worked yet.
    """
    due_on, today = local_date(due_at), local_date(now)
    if due_on > today:
        return max(1, calendar.working_days_between(today + timedelta(days=1), min(due_on, today + SPAN_MOST)))
    if due_on < today:
        return min(-1, -calendar.working_days_between(max(due_on, today - SPAN_MOST) + timedelta(days=1), today))
    return 0


def due_state(dossier: Dossier, packs: Packs, now: datetime) -> DueState:
    """How a dossier stands to its appointment."""
    return state_of(
        dossier.stage,
        due_at=due_at(dossier, packs),
        resolved_at=dossier.resolved_at,
        now=now,
        calendar=packs.calendar,
    )


def state_of(
    stage: DossierStage,
    *,
    due_at: datetime | None,
    resolved_at: datetime | None,
    now: datetime,
    calendar: WorkingCalendar,
) -> DueState:
    """How a dossier of a stage stands to its appointment, for lists that hold both.

    Resolved ones by date: early before the date of the appointment, late after it (as the vendors count).
    """
    if stage in UNCOUNTED | CLOSED_OTHERWISE:
        return DueState.NOT_JUDGED
    if stage in AWAITING:
        return DueState.HELD
    if due_at is None:
        return DueState.NO_LIMIT
    if stage not in OPEN:
        return _state_of_result(local_date(resolved_at or now), local_date(due_at))
    left = days_left(due_at, now, calendar)
    if left <= 0:
        return DueState.OVERDUE if left else DueState.DUE_TODAY
    return DueState.DUE_SOON if left <= DUE_SOON_WORKING_DAYS else DueState.IN_TIME


def _basis_of(dossier: Dossier) -> tuple[object, ...]:
    """What an appointment follows from beside the packs: where two dossiers agree in it, their appointments do."""
    return (
        dossier.stage in NOT_RECEIVED,
        dossier.is_erased,
        dossier.procedure_code,
        dossier.channel,
        dossier.received_at,
        dossier.arrived_at if dossier.out_of_area else None,
        dossier.timeline,
    )


@value
class _InForce:
    """The appointment in force at a point of the timeline; `named_at`: when a person named it, None if counted."""

    at: datetime | None
    named_at: datetime | None = None


def _walked(dossier: Dossier, packs: Packs, parts: Iterable[Wait | DueSet]) -> datetime | None:
    if dossier.stage in NOT_RECEIVED:
        return None
    try:
        return _moved_by(dossier, packs, parts)
    except OverflowError:
        return None


def _moved_by(dossier: Dossier, packs: Packs, parts: Iterable[Wait | DueSet]) -> datetime | None:
    start = (dossier.arrived_at if dossier.out_of_area else None) or dossier.received_at
    limit = packs.limit_of(dossier.procedure_code, dossier.received_on, dossier.channel)
    in_force = _InForce(at=_counted(packs, limit, start))
    # By the time at which they take effect: two devices' events may stand in the ledger in another order.
    for part in sorted(parts, key=_takes_effect_at):
        if isinstance(part, DueSet):
            in_force = _InForce(at=packs.calendar.closing(part.due_on), named_at=part.at)
        elif part.until is not None:
            in_force = _after_wait(packs, limit, in_force, _within(part, start))
    return in_force.at


def _is_of_slip(part: Wait | DueSet) -> bool:
    return isinstance(part, DueSet) and not part.is_extension


def _takes_effect_at(part: Wait | DueSet) -> datetime:
    if isinstance(part, DueSet):
        return part.at
    return part.until or datetime.max.replace(tzinfo=UTC)


def _within(wait: Wait, start: datetime) -> Wait:
    """The part of a closed wait in which the limit was running."""
    assert wait.until is not None, "an open wait has changed nothing yet"
    since = max(wait.since, start)
    return replace(wait, since=since, until=max(wait.until, since))


def _after_wait(packs: Packs, limit: TimeLimit | None, in_force: _InForce, wait: Wait) -> _InForce:
    """The appointment after a wait; a date that was named while it lasted knows of what had passed."""
    assert wait.until is not None
    rules = packs.desk.rules.on(local_date(wait.until))
    policy = rules.supplement_policy if wait.kind is WaitKind.SUPPLEMENT else rules.payment_policy
    # What has no limit cannot be counted again: there, a named date moves by the time waited.
    if policy is WaitPolicy.RESTART and limit:
        return _InForce(at=_counted(packs, limit, wait.until))
    if in_force.at is None:
        return in_force
    since = max(wait.since, in_force.named_at or wait.since)
    until = min(wait.until, since + SPAN_MOST)
    unit = LimitUnit.WORKING_DAY if in_force.named_at or limit is None else _wait_unit(limit)
    return replace(in_force, at=_moved(packs.calendar, in_force.at, since, until, unit))


def _wait_unit(limit: TimeLimit) -> LimitUnit:
    """In what the time waited is added to a limit: days of its own kind, or working time where it ends within a day."""
    is_in_days = limit.unit is LimitUnit.WORKING_DAY and limit.value == int(limit.value)
    return limit.unit if is_in_days or limit.unit is LimitUnit.CALENDAR_DAY else LimitUnit.HOUR


def _moved(calendar: WorkingCalendar, at: datetime, since: datetime, until: datetime, unit: LimitUnit) -> datetime:
    """An appointment moved by the time waited, both of whose ends count as the start of a limit does."""
    since, until = calendar.working_instant_from(since), calendar.working_instant_from(until)
    since_on, until_on, due_on = local_date(since), local_date(until), local_date(at)
    match unit:
        case LimitUnit.HOUR:
            return calendar.working_time_later(at, calendar.working_time_between(since, until))
        case LimitUnit.CALENDAR_DAY:
            moved_to = calendar.working_day_from(due_on + (until_on - since_on))
        case _:
            waited = calendar.working_days_between(since_on + timedelta(days=1), until_on)
            moved_to = calendar.working_day_after(due_on, waited)
    return calendar.same_hour_on(moved_to, at)


def _counted(packs: Packs, limit: TimeLimit | None, start: datetime) -> datetime | None:
    """The end of a limit that begins with something handed in."""
    start = start.astimezone(LOCAL)
    calendar, day = packs.calendar, start.date()
    if packs.desk.rules.on(day).after_15h_starts_next_day and local_minute(start) > FORWARDED_UNTIL:
        start = calendar.opening(calendar.next_working_day(day))
    return calendars.due_at(start, limit, calendar)


def _state_of_result(resolved_on: date, due_on: date) -> DueState:
    if resolved_on == due_on:
        return DueState.ON_TIME
    return DueState.EARLY if resolved_on < due_on else DueState.LATE
