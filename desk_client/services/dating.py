"""Which day it is at the desk: a clock that cannot be believed is asked about, and never refused.

The battery of an old machine dies in a power cut, and clerks may not be allowed to set the clock. So before the day's
first slip the desk asks for the day wherever the clock is behind what was seen last, or more than a working day ahead
of it. A named day that differs from the clock's moves what the forms offer; entries keep the clock's time beside it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from desk_client.desk import STATED_DAY, Desk
from desk_client.storage import device, journal, notes
from desk_client.storage.database import reading, write_transaction
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text, local_date, parse_instant

ANSWERED = "day_answered"
"""Name of the note of when, by which clock, the day was asked for last."""

JITTER = timedelta(minutes=5)
"""Two measures of one clock differ by less."""

MOVED_BY = timedelta(hours=12)
"""A clock that is so much further on than the machine has run was set, or the machine has slept through a night."""

AHEAD_WORKING_DAYS_MAX = 1
YEARS = range(2000, 2100)


class BadDay(FieldSyncError, ValueError):
    """A day that cannot be today."""

    code = "bad_day"
    text = N_("This day cannot be today. Nothing was changed; type it as day/month/year, such as 04/10/2021.")


class Doubt(StrEnum):
    """Why the day is asked; `moved`: one was named that is not the clock's, which may have been set since."""

    BEHIND = "behind"
    AHEAD = "ahead"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateQuestion:
    """The question *Hôm nay là ngày …?*.

    clock_on   today by the machine's clock, corrected as last measured
    stated_on  today by the day that was named last, None where it is the clock's
    known_on   the latest day known: of the last entry or contact, or named by a clerk
    """

    doubt: Doubt
    clock_on: date
    stated_on: date | None
    known_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the clock is judged by, corrected: when it was seen last, by what, and the answer in force."""

    now: datetime
    entry_at: datetime | None
    contact_at: datetime | None
    answered_at: datetime | None
    answer: dict[str, Any]
    shift_days: int

    @property
    def last_at(self) -> datetime:
        """The latest of what was seen; the present where nothing was."""
        return max(filter(None, (self.entry_at, self.contact_at, self.answered_at)), default=self.now)

    @property
    def shown_at(self) -> datetime:
        """The latest instant that the clock of the last answer has shown, at it or at an entry since."""
        has_entry = self.answer.get("entry_at") != (instant_text(self.entry_at) if self.entry_at else "")
        return max(filter(None, (self.answered_at, self.entry_at if has_entry else None)), default=self.now)


def date_question(desk: Desk) -> DateQuestion | None:
    """What to ask before the day's first slip, None where the clock is believed or the day was asked for already.

    A named day is forgotten here once the clock was set. Raises NotEnrolled.
    """
    seen = _seen(desk)
    if seen.shift_days and _is_another_clock(desk, seen):
        with write_transaction(desk.database):
            notes.drop_note(STATED_DAY)
        seen = _seen(desk)
    doubt = _doubt(desk, seen)
    if doubt is None:
        return None
    clock_on = local_date(seen.now)
    stated_on = clock_on + timedelta(days=seen.shift_days) if seen.shift_days else None
    return DateQuestion(doubt=doubt, clock_on=clock_on, stated_on=stated_on, known_on=_known_on(seen))


def answer_date(desk: Desk, today: date) -> None:
    """Takes a clerk's word on which day it is; one that is the clock's own moves nothing. Raises BadDay."""
    if today.year not in YEARS:
        raise BadDay
    seen = _seen(desk)
    shift_days = (today - local_date(seen.now)).days
    answer = {
        "said_on": today.isoformat(),
        "clock_at": instant_text(seen.now),
        "entry_at": instant_text(seen.entry_at) if seen.entry_at else "",
        "boot": desk.boot,
        "monotonic_ms": desk.monotonic_ms(),
    }
    with write_transaction(desk.database):
        notes.keep_note(ANSWERED, answer)
        if shift_days:
            notes.keep_note(STATED_DAY, {"shift_days": shift_days})
        else:
            notes.drop_note(STATED_DAY)


def day_stated(desk: Desk) -> date | None:
    """The day that a clerk has named, None where the clock's is in force."""
    with reading(desk.database):
        is_stated = notes.note(STATED_DAY) is not None
    return local_date(desk.working_now()) if is_stated else None


def _seen(desk: Desk) -> _Seen:
    slot = desk.identity().id.slot
    with reading(desk.database):
        contact, last = device.contact_state(), journal.last_recorded(slot)
        answer, stated = notes.note(ANSWERED) or {}, notes.note(STATED_DAY)
    offset_ms = contact.offset_ms or 0
    # An entry from before the first measure is judged by the present one: it is of the same clock.
    entry_at = last[0] + timedelta(milliseconds=offset_ms if last[1] is None else last[1]) if last else None
    return _Seen(
        now=desk.clock() + timedelta(milliseconds=offset_ms),
        entry_at=entry_at,
        contact_at=contact.succeeded_at + timedelta(milliseconds=offset_ms) if contact.succeeded_at else None,
        answered_at=parse_instant(answer["clock_at"]) if answer else None,
        answer=answer,
        shift_days=stated["shift_days"] if stated else 0,
    )


def _known_on(seen: _Seen) -> date:
    said_on = date.fromisoformat(seen.answer["said_on"]) if seen.answer else date.min
    return max(local_date(seen.last_at), said_on)


def _doubt(desk: Desk, seen: _Seen) -> Doubt | None:
    if _is_answered(desk, seen):
        return None
    if seen.now < seen.last_at - JITTER:
        return Doubt.BEHIND
    if _is_far_ahead(desk, seen.now, seen.last_at):
        return Doubt.AHEAD
    return Doubt.MOVED if _may_have_moved(desk, seen) else None


def _is_answered(desk: Desk, seen: _Seen) -> bool:
    """Whether the day was asked for on this day of the clock, which has not fallen back since.

    A dead battery shows the same day at each start, so that the day alone says nothing.
    """
    if seen.answered_at is None or local_date(seen.answered_at) != local_date(seen.now):
        return False
    return seen.now >= seen.shown_at - JITTER and not _may_have_moved(desk, seen)


def _may_have_moved(desk: Desk, seen: _Seen) -> bool:
    """Whether the clock may have been set since a day was named that is not its own: what ran on is not known."""
    if not seen.shift_days or seen.answered_at is None:
        return False
    has_run = timedelta(milliseconds=desk.monotonic_ms() - seen.answer["monotonic_ms"])
    return seen.answer["boot"] != desk.boot or (seen.now - seen.answered_at) - has_run > MOVED_BY


def _is_another_clock(desk: Desk, seen: _Seen) -> bool:
    """Whether the clock shows what it cannot have reached by running on, so that the named day is not about it."""
    return seen.now < seen.shown_at - JITTER or _is_far_ahead(desk, seen.now, seen.shown_at)


def _is_far_ahead(desk: Desk, now: datetime, last_at: datetime) -> bool:
    first_on = local_date(last_at) + timedelta(days=1)
    return desk.packs().calendar.working_days_between(first_on, local_date(now)) > AHEAD_WORKING_DAYS_MAX
