"""The follow-up of a desk as a section of its page: where it stands, what can be noted, and what was noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from central_server.services import following
from central_server.services.following import NOTE_CHARACTERS_MAX, UNTIL_DAYS_MAX, FollowUp, Stage
from central_server.services.standing import DeskStory
from central_server.storage.answers import Answer
from central_server.storage.follow_ups import FollowStep, FollowUpStep
from central_server.web.formatting import DASH, day_text, short_day
from central_server.web.present import central, is_changer
from central_server.web.speech import gettext
from central_server.web.words import Word
from sync_protocol.errors import N_
from sync_protocol.instants import local_date

LOOKS = {
    Stage.SETTLED: ("met", "good"),
    Stage.OPEN: ("phone", "open"),
    Stage.CALLED: ("phone", "plain"),
    Stage.PROMISED: ("clock", "waiting"),
    Stage.ACKNOWLEDGED: ("clock", "waiting"),
    Stage.RAN_OUT: ("problem", "proven"),
    Stage.WORSE: ("problem", "proven"),
    Stage.REOPENED: ("phone", "open"),
}

WORDS = {
    Stage.SETTLED: N_("Nothing to follow up"),
    Stage.OPEN: N_("Nobody has called yet"),
    Stage.CALLED: N_("Called on %(called)s"),
    Stage.PROMISED: N_("Called on %(called)s, promised for %(until)s"),
    Stage.ACKNOWLEDGED: N_("No reminder needed until %(until)s"),
    Stage.WORSE: N_("Worse than when it was last noted: call again"),
    Stage.REOPENED: N_("Followed up again since %(noted)s"),
}
RAN_OUT_WORDS = {
    FollowStep.PROMISE: N_("Promised for %(until)s, which has passed: call again"),
    FollowStep.ACKNOWLEDGE: N_("No reminder was needed until %(until)s, which has passed: look at it again"),
}

STEP_WORDS = {
    FollowStep.CALL: N_("Called"),
    FollowStep.PROMISE: N_("Called, promised for %(until)s"),
    FollowStep.ACKNOWLEDGE: N_("No reminder needed until %(until)s"),
    FollowStep.REOPEN: N_("Followed up again"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedRow:
    """A step, or what the desk itself answered, as it is listed; `at` is an instant."""

    at: datetime
    what: str
    note: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a person typed into a form that was refused, and why; `step` tells which form."""

    step: FollowStep | None = None
    note: str = ""
    until: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpSection:
    """The section; days of the forms are ISO texts, `can_note` is False for people who only read, and in the past."""

    word: Word
    rows: Sequence[NotedRow]
    can_note: bool
    can_reopen: bool
    first_day: str
    last_day: str
    note_max: int
    typed: Typed


def follow_up_section(story: DeskStory, typed: Typed | None = None) -> FollowUpSection:
    """The section of a desk's page; `typed` stands again in the form that was refused."""
    steps = following.steps_about(central(), story)
    today = local_date(story.now)
    state = following.present_state(steps, story.standing.judgement, today)
    return FollowUpSection(
        word=follow_up_word(state),
        rows=_rows(steps, following.answers_about(central(), story)),
        can_note=is_changer() and not story.is_past,
        can_reopen=state.stage in (Stage.PROMISED, Stage.ACKNOWLEDGED),
        first_day=today.isoformat(),
        last_day=(today + timedelta(days=UNTIL_DAYS_MAX)).isoformat(),
        note_max=NOTE_CHARACTERS_MAX,
        typed=typed or Typed(),
    )


def follow_up_word(state: FollowUp) -> Word:
    """The present state in a few words, for the desk's page and for lists of desks."""
    icon, tone = LOOKS[state.stage]
    text = RAN_OUT_WORDS[state.last.step] if state.stage is Stage.RAN_OUT and state.last else WORDS[state.stage]
    return Word(icon=icon, tone=tone, text=gettext(text, **_days(state)))


def _days(state: FollowUp) -> dict[str, str]:
    last = state.last
    return {
        "called": _short(state.called_on),
        "until": _short(last.until_on if last else None),
        "noted": _short(local_date(last.noted_at) if last else None),
    }


def _short(day: date | None) -> str:
    return short_day(day) if day else DASH


def _rows(steps: Sequence[FollowUpStep], answers: Sequence[Answer]) -> list[NotedRow]:
    """What the supervisors noted and what the desk answered, newest first."""
    return sorted([*map(_row, steps), *map(_answer_row, answers)], key=lambda row: row.at, reverse=True)


def _answer_row(answer: Answer) -> NotedRow:
    who = gettext("clerk %(clerk)s", clerk=answer.clerk)
    return NotedRow(at=answer.answered_at, what=gettext("The desk's answer"), note=answer.note, who=who)


def _row(step: FollowUpStep) -> NotedRow:
    return NotedRow(
        at=step.noted_at,
        what=gettext(STEP_WORDS[step.step], until=day_text(step.until_on) if step.until_on else DASH),
        note=step.note,
        who=step.noted_by,
    )
