"""Following a desk up in a period: who called, what was promised, what is acknowledged for a time.

Steps are only added. The present state is made of them, of today and of the desk's standing, so that whatever has run
out is open again without anybody doing anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum

from central_server.central import Central
from central_server.services import standing
from central_server.services.standing import DeskStory, Standings
from central_server.storage import answers, follow_ups, ledger
from central_server.storage.answers import Answer
from central_server.storage.database import reading, write_transaction
from central_server.storage.follow_ups import FollowStep, FollowUpStep
from central_server.storage.units import Scope
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import local_date
from sync_protocol.periods import Period
from sync_protocol.standings import Judgement
from sync_protocol.texts import normalised
from sync_protocol.vocabulary import DeskCode, Standing

NOTE_CHARACTERS_MAX = 500

STEPS_MAX = 200
"""So many steps about one desk in one period are far more than anybody makes."""

UNTIL_DAYS_MAX = 92
"""A promise or an acknowledgement holds for a quarter at most; for longer the province exempts a desk."""

LASTING = (FollowStep.PROMISE, FollowStep.ACKNOWLEDGE)
"""The steps that keep a desk quiet for a time."""


class NoteNeeded(FieldSyncError):
    """A step without a word of what was said, or why."""

    code = "note_needed"
    text = N_("Nothing was noted: write in a few words what was said or why, then try again.")


class BadUntil(FieldSyncError):
    """A promise or an acknowledgement that has no end, or one that cannot be."""

    code = "bad_until"
    text = N_("Nothing was noted: the day has to be from today on, at most %(days)d days ahead. Choose another day.")


class TooManySteps(FieldSyncError):
    """A desk about which more was noted than anybody reads."""

    code = "too_many_steps"
    text = N_("Nothing was noted: %(count)d notes about this desk in this period are all that can be kept.")


class Gravity(IntEnum):
    """How bad a desk's standing is, worst last."""

    FINE = 0
    UNPROVEN = 1
    FEW = 2
    ZERO = 3


PROVEN_GRAVITIES = {Standing.FEW: Gravity.FEW, Standing.ZERO: Gravity.ZERO}


class Stage(StrEnum):
    """How far the follow-up of a desk has come."""

    SETTLED = "settled"
    OPEN = "open"
    CALLED = "called"
    PROMISED = "promised"
    ACKNOWLEDGED = "acknowledged"
    RAN_OUT = "ran_out"
    WORSE = "worse"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The present state of a desk's follow-up.

    called_on  local day of the last call, None where nobody has called
    last       the promise, acknowledgement or reopening that decides; None where there is none
    """

    stage: Stage
    called_on: date | None = None
    last: FollowUpStep | None = None

    @property
    def is_put_off(self) -> bool:
        """Whether a desk that has not done enough is left alone today: it has promised, or is acknowledged."""
        return self.stage in (Stage.PROMISED, Stage.ACKNOWLEDGED)

    @property
    def was_noted(self) -> bool:
        """Whether there is anything to tell of it: somebody has called or noted something, and it still matters."""
        return self.stage not in (Stage.SETTLED, Stage.OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStep:
    """What a person wants to note; `until_on` only for promises and acknowledgements."""

    step: FollowStep
    note: str
    until_on: date | None = None


def present_state(steps: Sequence[FollowUpStep], judgement: Judgement, today: date) -> FollowUp:
    """The state that the steps, oldest first, have left a desk in."""
    called_on = max((local_date(each.noted_at) for each in steps if _is_call(each)), default=None)
    last = next((each for each in reversed(steps) if each.step is not FollowStep.CALL), None)
    return FollowUp(stage=_stage(called_on, last, judgement, today), called_on=called_on, last=last)


def follow_ups_of(central: Central, told: Standings) -> dict[DeskCode, FollowUp]:
    """The state of those desks of these standings about which anything was noted, with one query."""
    with reading(central.database):
        steps = follow_ups.of_period(told.period, told.as_of)
    today = local_date(told.now)
    return {
        each.desk.code: present_state(steps[each.desk.code], each.judgement, today)
        for each in told.desks
        if each.desk.code in steps
    }


def steps_about(central: Central, story: DeskStory) -> list[FollowUpStep]:
    """All that was noted by then about the desk of a story, which the caller may see; oldest first."""
    with reading(central.database):
        return follow_ups.of_desk(story.standing.desk.code, story.period, story.as_of)


def answers_about(central: Central, story: DeskStory) -> list[Answer]:
    """What the desk of a story, which the caller may see, had answered by then about its period; newest first."""
    with reading(central.database):
        return answers.of_desk(story.standing.desk.code, story.period, story.as_of)


def note_step(central: Central, scope: Scope, code: DeskCode, period: Period, new: NewStep, *, by: str) -> None:
    """Adds a step; raises UnknownDesk, NoteNeeded, BadUntil, TooManySteps, BadText."""
    note = normalised(new.note)[:NOTE_CHARACTERS_MAX]
    story = standing.desk_story(central, scope, code, period)
    with write_transaction(central.database):
        # Two people who note at the same time wait for each other, so that numbers have no gap.
        ledger.locked_sequence(code)
        steps = follow_ups.of_desk(code, period)
        _check(new, note, steps, local_date(story.now))
        judgement = story.standing.judgement
        follow_ups.keep(
            FollowUpStep(
                desk=code,
                period=period,
                number=len(steps) + 1,
                step=new.step,
                note=note,
                until_on=new.until_on if new.step in LASTING else None,
                standing=judgement.standing,
                is_proven=judgement.flag_proven,
                noted_at=story.now,
                noted_by=by,
            )
        )


def gravity(standing: Standing, *, is_proven: bool) -> Gravity:
    """How bad a standing is: only what is proven is worse than not known."""
    if standing in (Standing.MET, Standing.EXEMPT):
        return Gravity.FINE
    if not is_proven:
        return Gravity.UNPROVEN
    return PROVEN_GRAVITIES.get(standing, Gravity.UNPROVEN)


def _stage(called_on: date | None, last: FollowUpStep | None, judgement: Judgement, today: date) -> Stage:
    now = gravity(judgement.standing, is_proven=judgement.flag_proven)
    if now is Gravity.FINE:
        return Stage.SETTLED
    if last is None:
        return Stage.CALLED if called_on else Stage.OPEN
    if last.step is FollowStep.REOPEN:
        return Stage.REOPENED
    if last.until_on is None or today > last.until_on:
        return Stage.RAN_OUT
    if now > gravity(last.standing, is_proven=last.is_proven):
        return Stage.WORSE
    return Stage.PROMISED if last.step is FollowStep.PROMISE else Stage.ACKNOWLEDGED


def _is_call(step: FollowUpStep) -> bool:
    """A promise is taken in a call."""
    return step.step in (FollowStep.CALL, FollowStep.PROMISE)


def _check(new: NewStep, note: str, steps: Sequence[FollowUpStep], today: date) -> None:
    if not note:
        raise NoteNeeded
    if new.step in LASTING and not _is_possible(new.until_on, today):
        raise BadUntil(days=UNTIL_DAYS_MAX)
    if len(steps) >= STEPS_MAX:
        raise TooManySteps(count=STEPS_MAX)


def _is_possible(until_on: date | None, today: date) -> bool:
    return until_on is not None and today <= until_on <= today + timedelta(days=UNTIL_DAYS_MAX)
