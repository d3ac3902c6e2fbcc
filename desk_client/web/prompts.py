"""What the form offers while a clerk types: procedures, the appointment, what looks odd, and who is known here."""

from datetime import date

from flask import Blueprint, Response, jsonify, render_template, request

from desk_client.services.choosing import procedures_offered
from desk_client.services.copying import acquaintance
from desk_client.services.recording import InvalidReception
from desk_client.services.warning import remarks_on
from desk_client.web.formatting import day_text, short_day
from desk_client.web.forms import promise_of, received_at, today
from desk_client.web.intake_page import told_remarks
from desk_client.web.present import desk
from desk_client.web.typed import typed

OFFERED_MAX = 20
"""Procedures that the type-ahead offers for one query."""

REMARKABLE = ("submitter_name", "owner_name", "id_number", "phone", "received_on")
"""Fields beside which a remark may stand."""

prompts = Blueprint("prompts", __name__)


@prompts.get("/procedures")
def procedures() -> Response:
    """Procedures that fit what was typed, as JSON; the first ones are used most here."""
    found = procedures_offered(desk(), request.args.get("q", ""))[:OFFERED_MAX]
    return jsonify([{"code": each.code, "name": each.name, "field": each.field} for each in found])


@prompts.get("/appointment")
def promised() -> str:
    """The appointment of what is typed so far; with hints also what the procedure says of the rarer fields."""
    form = typed(request.args)
    promise = promise_of(form.procedure_code, form.channel, form.received_on, form.received_time)
    return render_template("_appointment_news.html", promise=promise, has_hints=request.args.get("hints") == "yes")


@prompts.post("/remarks")
def remarks() -> str:
    """What looks odd about what is typed so far, each field's beside it."""
    form = typed(request.form)
    try:
        at = received_at(form.received_on, form.received_time)
    except InvalidReception:
        at = None
    told = told_remarks(remarks_on(desk(), form.reception(today()), at))
    return render_template("_remarks_news.html", fields=REMARKABLE, remarks=told)


@prompts.post("/acquaintance")
def known() -> str:
    """Whom a typed number belongs to, or nothing."""
    form = typed(request.form)
    found = acquaintance(desk(), id_type=form.id_type, id_number=form.id_number, phone=form.phone)
    return render_template("_acquaintance.html", known=found, last_on=_near(found.received_on) if found else "")


def _near(day: date) -> str:
    """A day as short as it is clear."""
    return short_day(day) if day.year == today().year else day_text(day)
