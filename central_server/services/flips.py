"""When a desk's standing in a period changed, and why: the judgement made again at every instant that could change it.

Pure: what was learnt when goes in, rows with a time and a cause come out. It is evaluated where something that it reads
changed, and where only time had to pass: at the end of the period, at the midnights before it, and when a statement of
an open period ceases to be fresh.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import zip_longest

from central_server.services.figures import DeskFigures, facts_of, terms_of
from central_server.services.terms import Rulings, Terms
from central_server.storage.known import Known, Learnt
from central_server.storage.units import DeskNode
from sync_protocol.calendars import WorkingCalendar
from sync_protocol.instants import LOCAL, local_date, local_instant
from sync_protocol.periods import Period
from sync_protocol.standings import Judgement, demand_of, judge
from sync_protocol.vocabulary import Declaration, DeviceState, Standing

UNMOVED_BY_CONTACT = frozenset({Standing.MET, Standing.HELD})
"""Standings that no later contact changes if that is all that is new."""

INSTANT = timedelta(milliseconds=1)
"""The shortest time that the ledger tells apart."""


class FlipCause(StrEnum):
    """Why a standing changed."""

    RULED = "ruled"
    STATE_CHANGED = "state_changed"
    RELEASED = "released"
    SET_ASIDE = "set_aside"
    DECLARED = "declared"
    STATED_UNSENT = "stated_unsent"
    ARRIVED = "arrived"
    TAKEN_AWAY = "taken_away"
    CONTACT = "contact"
    PERIOD_ENDED = "period_ended"
    NO_CONTACT = "no_contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A change of a desk's standing; `count` are the dossiers that caused it, or 0.

    state  what the machine has become, where that is the cause
    word   what the desk declared, where that is the cause
    """

    at: datetime
    before: Standing
    after: Standing
    cause: FlipCause
    count: int = 0
    state: DeviceState | None = None
    word: Declaration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """All that was learnt of a desk in a period, each in the order of time.

    since      from when on the standing is followed: the period's beginning, or since it is remembered
    devices    what was learnt of its machines, one machine after the other, with what was known of each at `since`
    arrived    how many dossiers of the period came or went; undecided: how many began or ceased to wait
    declared   what its machines declared of the period, by slot; ruled: what had been ruled from then on
    """

    desk: DeskNode
    since: datetime
    devices: Sequence[Learnt]
    arrived: Sequence[tuple[datetime, int]]
    undecided: Sequence[tuple[datetime, int]]
    declared: Sequence[tuple[datetime, int, Declaration]]
    ruled: Sequence[tuple[datetime, Rulings]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What became known beside what a device told."""

    arrived: int = 0
    undecided: int = 0
    declared: tuple[int, Declaration] | None = None
    ruled: Rulings | None = None


@dataclass(slots=True)
class _Known:
    """What is known at one instant."""

    ruled: Rulings
    arrived: int = 0
    undecided: int = 0
    devices: dict[int, Known] = field(default_factory=dict)
    declared: dict[int, Declaration] = field(default_factory=dict)


def flips(past: Past, period: Period, calendar: WorkingCalendar, now: datetime) -> list[Flip]:
    """The changes of a desk's standing in a period up to `now`, in order."""
    known = _Known(ruled=past.ruled[0][1])
    changes = _changes(past)
    pending = sorted({*changes, *_passing(past, period, calendar)})
    found: list[Flip] = []
    stood: tuple[_Facts, Judgement] | None = None
    for at in pending:
        if at > now:
            break
        learnt = changes.get(at, [])
        is_only_contact = bool(learnt) and all(isinstance(each, Learnt) and each.is_only_contact for each in learnt)
        for each in learnt:
            _take(known, each)
        if at < past.since or (stood and is_only_contact and _is_settled(stood[1])):
            continue
        facts = _facts(known, terms_of(known.ruled, past.desk, _in_order(known), period), period)
        judgement = _judged(known, facts.terms, period, calendar, at)
        if stood and judgement.standing is not stood[1].standing:
            found.append(_flip(at, stood, (facts, judgement), period, is_timely=not learnt))
        stood = facts, judgement
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What a cause is told from."""

    terms: Terms
    rulings: int
    arrived: int
    undecided: int
    unsent: int
    states: Mapping[int, DeviceState]
    declared: Mapping[int, Declaration]


def _changes(past: Past) -> dict[datetime, list[Learnt | _Change]]:
    """What was learnt, by instant."""
    told: list[tuple[datetime, Learnt | _Change]] = [(each.at, each) for each in past.devices]
    told += [(at, _Change(arrived=count)) for at, count in past.arrived]
    told += [(at, _Change(undecided=count)) for at, count in past.undecided]
    told += [(at, _Change(declared=(slot, word))) for at, slot, word in past.declared]
    told += [(at, _Change(ruled=ruled)) for at, ruled in past.ruled[1:]]
    changes: dict[datetime, list[Learnt | _Change]] = {}
    for at, each in told:
        changes.setdefault(at, []).append(each)
    return changes


def _passing(past: Past, period: Period, calendar: WorkingCalendar) -> Iterable[datetime]:
    """The instants at which the passing of time alone can change the judgement."""
    yield past.since
    yield period.ends_at
    for ahead in range(1, period.days()):
        yield local_instant(period.first_on + timedelta(days=ahead), time())
    for each, following in zip_longest(past.devices, past.devices[1:]):
        is_last = following is None or following.known.id != each.known.id
        for word in (each.known.present, *each.known.beside):
            if word.stated_at and word.stated_at < period.ends_at:
                at = _stale_at(word.stated_at, calendar)
                # Of all contacts of a day, only the last one before its word goes stale: it knows every older one, too.
                if at < period.ends_at and (is_last or following.at > at):
                    yield at


def _stale_at(stated_at: datetime, calendar: WorkingCalendar) -> datetime:
    """When a statement has ceased to be fresh: the same hour of the next working day is over."""
    following = calendar.working_day_from(local_date(stated_at) + timedelta(days=1))
    return local_instant(following, stated_at.astimezone(LOCAL).time()) + INSTANT


def _take(known: _Known, change: Learnt | _Change) -> None:
    if isinstance(change, Learnt):
        known.devices[change.known.id.slot] = change.known
        return
    known.arrived += change.arrived
    known.undecided += change.undecided
    known.ruled = change.ruled or known.ruled
    known.declared |= dict([change.declared] if change.declared else [])


def _is_settled(judgement: Judgement) -> bool:
    """Whether a contact that brings nothing else leaves the standing as it is."""
    return judgement.is_covered or judgement.standing in UNMOVED_BY_CONTACT


def _judged(known: _Known, terms: Terms, period: Period, calendar: WorkingCalendar, at: datetime) -> Judgement:
    figures = DeskFigures(known.arrived, known.undecided, known.declared)
    return judge(facts_of(_in_order(known), period, figures, terms), demand_of(period, calendar, at))


def _in_order(known: _Known) -> list[Known]:
    return [known.devices[slot] for slot in sorted(known.devices)]


def _facts(known: _Known, terms: Terms, period: Period) -> _Facts:
    words = [word for device in known.devices.values() for word in (device.present, *device.beside)]
    return _Facts(
        terms=terms,
        rulings=len(known.ruled.rows),
        arrived=known.arrived,
        undecided=known.undecided,
        unsent=sum(count for word in words for day, count in word.unsent.items() if day in period),
        states={slot: device.state for slot, device in known.devices.items()},
        declared=dict(known.declared),
    )


def _flip(
    at: datetime,
    stood: tuple[_Facts, Judgement],
    stands: tuple[_Facts, Judgement],
    period: Period,
    *,
    is_timely: bool,
) -> Flip:
    (before, old), (after, new) = stood, stands
    cause, count = _cause(before, after, new.standing, is_period_over=at == period.ends_at, is_timely=is_timely)
    became = [state for slot, state in after.states.items() if before.states.get(slot) is not state]
    said = [word for slot, word in after.declared.items() if before.declared.get(slot) is not word]
    return Flip(
        at=at,
        before=old.standing,
        after=new.standing,
        cause=cause,
        count=count,
        state=became[0] if cause is FlipCause.STATE_CHANGED else None,
        word=said[0] if cause is FlipCause.DECLARED else None,
    )


def _cause(
    before: _Facts, after: _Facts, stands: Standing, *, is_period_over: bool, is_timely: bool
) -> tuple[FlipCause, int]:
    """What made the difference; of several things that came at once, the one that a person would name."""
    arrived, unsent = after.arrived - before.arrived, after.unsent - before.unsent
    decided = before.undecided - after.undecided
    candidates = (
        (is_timely and is_period_over, FlipCause.PERIOD_ENDED, 0),
        (is_timely, FlipCause.NO_CONTACT, 0),
        (after.terms != before.terms and after.rulings != before.rulings, FlipCause.RULED, 0),
        (after.states != before.states, FlipCause.STATE_CHANGED, 0),
        (decided > 0, FlipCause.RELEASED, decided),
        (decided < 0, FlipCause.SET_ASIDE, -decided),
        (unsent > 0 and stands is Standing.HELD, FlipCause.STATED_UNSENT, unsent),
        (arrived > 0, FlipCause.ARRIVED, arrived),
        (arrived < 0, FlipCause.TAKEN_AWAY, -arrived),
        (after.declared != before.declared, FlipCause.DECLARED, 0),
    )
    return next(((cause, count) for holds, cause, count in candidates if holds), (FlipCause.CONTACT, 0))
