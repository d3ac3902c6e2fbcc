"""Which day the forms are about: the question before the day's first slip, and the register that is typed in late."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, redirect, request, session
from werkzeug.wrappers import Response

from desk_client.services import backlog as registers
from desk_client.services.backlog import Backlog, BadBacklogDay
from desk_client.services.dating import BadDay, DateQuestion, Doubt, answer_date, date_question, day_stated
from desk_client.web.errors import error_words
from desk_client.web.formatting import day_text
from desk_client.web.present import desk, person
from desk_client.web.speech import gettext
from desk_client.web.typed import parse_day, parse_time
from sync_protocol.errors import N_
from sync_protocol.instants import local_date

PAGES = frozenset({"/", "/bulk"})
"""Pages that show the day and are opened again after it was changed."""

TYPED_MAX = 20

DOUBTS = {
    Doubt.BEHIND: N_("The clock of this machine is behind what was seen last, on %(known_on)s."),
    Doubt.AHEAD: N_(
        "The clock of this machine is more than a working day ahead of what was seen last, on %(known_on)s."
    ),
    Doubt.MOVED: N_("The day named last is not that of the clock, and the clock may have been set since."),
}

day = Blueprint("day", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNotice:
    """What the page says of the day.

    page        the page to come back to
    question    the date question, None where there is nothing to ask; `doubt` says why it is asked
    stated_on   the day that a clerk has named and that is in force, None where the clock's is
    backlog     the register that is typed in, None where there is none
    problem     what to do about the day that was typed as `typed`, "" if nothing; it was typed into `problem_field`
    """

    page: str
    clock_on: date
    question: DateQuestion | None
    doubt: str
    stated_on: date | None
    backlog: Backlog | None
    problem: str
    problem_field: str
    typed: str


@day.post("/today")
def answer() -> Response:
    """Takes which day it is: the clock's, the one named last, or the one that was typed."""
    question = date_question(desk())
    clock_on = local_date(desk().now())
    text = request.form.get("today", "")[:TYPED_MAX]
    try:
        answer_date(desk(), _answered(request.form.get("answer", ""), text, clock_on, question))
    except ValueError:
        _note_problem("today", text, gettext(BadDay.text))
    return _back()


@day.post("/backlog")
def move() -> Response:
    """Switches the paper register on, to another day, or off."""
    clerk = person().clerk.username
    text, at_text = (request.form.get(name, "")[:TYPED_MAX] for name in ("day", "at"))
    match request.form.get("switch"):
        case "on":
            registers.begin_backlog(desk(), clerk)
        case "off":
            registers.end_backlog(desk(), clerk)
        case _:
            try:
                registers.move_backlog(desk(), clerk, _wanted(clerk, text, at_text))
            except BadBacklogDay as error:
                _note_problem("backlog", text, error_words(error))
            except ValueError:
                _note_problem("backlog", text, gettext("Type the day as day/month/year and the time as hour:minute."))
    return _back()


def day_notice(page: str) -> DayNotice:
    """What a page says of the day; what was wrong with an answer is told once."""
    question = date_question(desk())
    problem = session.pop("day_problem", {})
    known_on = day_text(question.known_on) if question else ""
    return DayNotice(
        page=page,
        clock_on=local_date(desk().now()),
        question=question,
        doubt=gettext(DOUBTS[question.doubt]) % {"known_on": known_on} if question else "",
        stated_on=day_stated(desk()),
        backlog=registers.backlog_of(desk(), person().clerk.username),
        problem=problem.get("text", ""),
        problem_field=problem.get("field", ""),
        typed=problem.get("typed", ""),
    )


def _answered(word: str, text: str, clock_on: date, question: DateQuestion | None) -> date:
    """The day of an answer; without its year it is the one nearest to the last day known."""
    if word == "stated" and question and question.stated_on:
        return question.stated_on
    if word == "clock" or not text.strip():
        return clock_on
    return parse_day(text, question.known_on if question else clock_on)


def _wanted(clerk: str, text: str, at_text: str) -> Backlog:
    """The register of the day and the time typed; an empty day leaves the one there is, one without a year is past."""
    half_a_year_ago = local_date(desk().working_now()) - timedelta(days=182)
    register = registers.backlog_of(desk(), clerk)
    day = register.day if register and not text.strip() else parse_day(text, half_a_year_ago)
    return Backlog(day=day, at=parse_time(at_text, registers.AT))


def _note_problem(field: str, typed: str, text: str) -> None:
    session["day_problem"] = {"field": field, "typed": typed, "text": text}


def _back() -> Response:
    page = request.form.get("page", "/")
    return redirect(page if page in PAGES else "/")
