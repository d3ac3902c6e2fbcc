"""What is saved, what waits to be sent, and when: the line that stands on every page of the desk."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import orjson
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from desk_client.desk import Desk
from desk_client.services.holding import held_dossiers
from desk_client.services.overview import Overview, SyncState, overview
from desk_client.services.standing import period_to_declare
from desk_client.services.syncing import hurry
from desk_client.web.epoch_words import goes_on_told
from desk_client.web.formatting import DASH, local_day, local_hour, local_time, number, short_day
from desk_client.web.present import desk, door
from desk_client.web.sibling_words import holds_something, siblings_told, taking_in_told
from desk_client.web.speech import gettext
from sync_protocol.errors import N_
from sync_protocol.instants import local_date
from sync_protocol.vocabulary import DeviceState

CUT_OFF = {
    "centre_unreachable": N_("The server cannot be reached"),
    "centre_nonsense": N_("Something else answered in place of the server"),
    "centre_untrusted": N_("What answered could not prove that it is the server"),
    "centre_out_of_date": N_("The date of this machine may be wrong: please check it"),
    "centre_expired": N_("The server's proof of who it is has run out"),
    "centre_insecure": N_("The server's address is not a safe one"),
    "database_busy": N_("The server is busy for the moment"),
}
"""What the status line says of what went wrong."""

OUT_OF_USE = N_(
    "Everything recorded here is safe and is still sent. Enter new dossiers on the desk's other machine, "
    "and ask your supervisor about those of this one."
)
STATE_WORDS = {
    DeviceState.PENDING: (
        N_("This machine waits for approval – number %(number)s"),
        N_(
            "Read this number to your supervisor by telephone. What is recorded here is safe and is sent; "
            "it counts once the machine is approved."
        ),
    ),
    DeviceState.SUSPENDED: (
        N_("This machine is suspended"),
        N_(
            "Everything recorded here is safe and is still sent. Call your supervisor; "
            "it counts once the machine is approved again."
        ),
    ),
    DeviceState.LOST: (
        N_("This machine was reported lost"),
        N_(
            "Everything recorded here is safe and is still sent. If the machine is at your desk, "
            "call your supervisor at once."
        ),
    ),
    DeviceState.REPLACED: (N_("This machine was replaced by another one"), OUT_OF_USE),
    DeviceState.RETIRED: (N_("This machine is no longer in use"), OUT_OF_USE),
}
"""What a machine says of itself whose word does not count at present."""

sync = Blueprint("sync", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusLine:
    """The status in words, ready to be placed; `seen` names this content, so that only news is sent again.

    headline and detail say the state; saved, waiting, last_contact and next_try are counts and times as text
    standing    how the desk stands in the present period; to_declare: the period to confirm, "" while there is none
    to_look_at  how many dossiers wait at the centre, in words; "" for none
    siblings    what the other machines of the desk hold, and when they were heard; taking_in: how much of it is here
    to_settle   how many dossiers two machines speak differently of, in words; "" for none
    goes_on     that the machine was put back or copied, in words; "" where it was not
    """

    desk_name: str
    sync_state: SyncState
    headline: str
    detail: str
    saved: str
    waiting: str
    last_contact: str
    next_try: str
    standing: str
    to_declare: str
    to_look_at: str
    siblings: str
    taking_in: str
    to_settle: str
    goes_on: str
    seen: str = ""


@sync.get("/status-line")
def status_line() -> Response:
    """The status line, or 204 where the page shows it already; tells the page the time by which it works."""
    told = overview(desk())
    line = _line(desk(), told)
    response = partial("_status.html", line.seen, status=line)
    now = desk().working_now()
    clock = {"desk-clock": {"day": local_day(now), "time": local_hour(now)}}
    response.headers["HX-Trigger"] = orjson.dumps(clock).decode()
    return response


@sync.post("/send-now")
def send_now() -> BaseResponse:
    """Asks the agent to send now, without waiting for it."""
    hurry(desk())
    door().wake()
    return redirect(url_for("intake.main"))


def status_line_of(shown: Desk) -> StatusLine:
    """The status of a desk in words."""
    return _line(shown, overview(shown))


def partial(template: str, seen: str, **values: object) -> Response:
    """A part of a page, or 204 where the page has it, so that nothing blinks or is read aloud again."""
    if request.args.get("seen") == seen:
        return Response(status=204)
    return make_response(render_template(template, **values))


def seen_mark(content: object) -> str:
    """A short name of a content."""
    return hashlib.sha256(repr(content).encode()).hexdigest()[:16]


def _line(shown: Desk, told: Overview) -> StatusLine:
    headline, detail = _words(told)
    asked = period_to_declare(shown)
    values = {
        "desk_name": told.desk_name,
        "sync_state": told.sync_state,
        "headline": headline,
        "detail": detail,
        "saved": number(told.saved_count),
        "waiting": number(told.unsent_count),
        "last_contact": local_time(told.succeeded_at) if told.succeeded_at else gettext("not yet"),
        "next_try": _moment(told.next_try_at, told.now),
        "standing": _standing(told),
        "to_declare": f"{short_day(asked.first_on)}{DASH}{short_day(asked.last_on)}" if asked else "",
        "to_look_at": _to_look_at(shown),
        "siblings": siblings_told(told),
        "taking_in": taking_in_told(told),
        "to_settle": _to_settle(told),
        "goes_on": goes_on_told(told.goes_on),
    }
    return StatusLine(**values, seen=seen_mark(values))  # type: ignore[arg-type]


def _to_look_at(shown: Desk) -> str:
    count = held_dossiers(shown)
    return gettext("%(count)s dossier(s) to be looked at", count=number(count)) if count else ""


def _standing(told: Overview) -> str:
    """``32/50 trong kỳ, còn 6 ngày làm việc, đã gửi hết``; told quietly, and never a reproach."""
    values = {
        "count": number(told.received_count),
        "threshold": number(told.threshold),
        "days": number(told.working_days_left),
    }
    if holds_something(told) and not told.unsent_count:
        return gettext("%(count)s/%(threshold)s in the period, %(days)s working days left", **values)
    if told.unsent_count:
        return gettext(
            "%(count)s/%(threshold)s in the period, %(days)s working days left, %(waiting)s waiting to be sent",
            **values,
            waiting=number(told.unsent_count),
        )
    return gettext("%(count)s/%(threshold)s in the period, %(days)s working days left, all sent", **values)


def _to_settle(told: Overview) -> str:
    if not told.to_settle:
        return ""
    return gettext("%(count)s dossier(s) that two machines entered differently", count=number(told.to_settle))


def _words(told: Overview) -> tuple[str, str]:
    """Headline and detail: what happened, what is safe, and when the machine goes on by itself.

    What this machine is to the centre comes first: the clerk has to do something about it.
    """
    if told.device_state in STATE_WORDS:
        headline, detail = STATE_WORDS[told.device_state]
        return gettext(headline, number=f"{told.number[:3]} {told.number[3:]}"), gettext(detail)
    match told.sync_state:
        case SyncState.ALL_SENT:
            headline = gettext("All sent from this machine") if holds_something(told) else gettext("All sent")
            return headline, gettext("The province's server has everything that was saved here.")
        case SyncState.WAITING:
            return _waiting(told), _sent_later(told)
        case SyncState.NEVER:
            return gettext("Not connected yet"), _sent_later(told)
        case SyncState.CUT_OFF:
            return _cut_off(told), _sent_again(told)


def _sent_later(told: Overview) -> str:
    if not _is_ahead(told):
        return gettext("Data is safe on this machine and is sent by itself.")
    at = _moment(told.next_try_at, told.now)
    return gettext("Data is safe on this machine and is sent by itself at %(at)s.", at=at)


def _sent_again(told: Overview) -> str:
    if not _is_ahead(told):
        return gettext("Data is still safe on this machine and is sent again by itself.")
    at = _moment(told.next_try_at, told.now)
    return gettext("Data is still safe on this machine and is sent again by itself at %(at)s.", at=at)


def _is_ahead(told: Overview) -> bool:
    return told.next_try_at is not None and told.next_try_at > told.now


def _waiting(told: Overview) -> str:
    if told.unsent_count:
        return gettext("Waiting to be sent (%(count)s)", count=number(told.unsent_count))
    return gettext("Changes waiting to be sent (%(count)s)", count=number(told.unsent_entries))


def _cut_off(told: Overview) -> str:
    if told.problem in CUT_OFF:
        return gettext(CUT_OFF[told.problem])
    return gettext("The server did not take it (code %(code)s)", code=told.problem)


def _moment(at: datetime | None, now: datetime) -> str:
    """A time to come, without its day where it is today's; a dash where it is not known or has passed."""
    if at is None or at <= now:
        return DASH
    return local_hour(at) if local_date(at) == local_date(now) else local_time(at)
