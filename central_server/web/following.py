"""Noting what was said to a desk: a call, a promise, an acknowledgement, or that it is followed up again."""

from datetime import date
from http import HTTPStatus

from flask import Blueprint, redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from central_server.services import following
from central_server.services.following import NOTE_CHARACTERS_MAX, BadUntil, NewStep, NoteNeeded, TooManySteps
from central_server.storage.follow_ups import FollowStep
from central_server.web.desks import shown_desk
from central_server.web.follow_section import Typed
from central_server.web.periods import asked_period
from central_server.web.present import central, language, signed_in
from sync_protocol.messages import error_text
from sync_protocol.periods import period_name
from sync_protocol.texts import BadText

DAY_CHARACTERS_MAX = 10

follow_ups = Blueprint("following", __name__)


@follow_ups.post("/desks/<code>/follow-up")
def note(code: str) -> Response | tuple[str, int]:
    """Adds a step; what cannot be noted is told on the desk's page, with what was typed. Raises UnknownDesk."""
    period, person = asked_period(), signed_in().person
    step, words = _step(), request.form.get("note", "")
    until = request.form.get("until", "").strip()[:DAY_CHARACTERS_MAX]
    if step is FollowStep.CALL and until:
        step = FollowStep.PROMISE
    new = NewStep(step=step, note=words, until_on=_day(until))
    try:
        following.note_step(central(), person.scope, code, period, new, by=person.username)
    except (NoteNeeded, BadUntil, TooManySteps, BadText) as error:
        problem = error_text(error, language())
        typed = Typed(step=step, note=words[:NOTE_CHARACTERS_MAX], until=until, problem=problem)
        return shown_desk(code, period, typed), HTTPStatus.BAD_REQUEST
    address = url_for("desks.show", code=code, period=period_name(period, central().about().series))
    return redirect(f"{address}#follow-up", HTTPStatus.SEE_OTHER)


def _step() -> FollowStep:
    try:
        return FollowStep(request.form.get("step", ""))
    except ValueError as error:
        raise BadRequest from error


def _day(typed: str) -> date | None:
    """The day of a date field, None for anything else, which the service refuses where a day is needed."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
