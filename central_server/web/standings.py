"""The standings of desks in a period: who entered nothing or few, and of whom that is not known yet."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from central_server.services import backing_up, standing
from central_server.services.backing_up import Alarm
from central_server.services.signing_in import UnknownUnit
from central_server.web.board import board
from central_server.web.periods import asked_period, present_period
from central_server.web.present import central, language, signed_in
from sync_protocol.periods import period_name
from sync_protocol.vocabulary import Role

UNIT_CHARACTERS_MAX = 40

standings = Blueprint("standings", __name__)


@standings.get("/")
def main() -> Response:
    """The main page: the standings of the period that people ask about today."""
    series = central().about().series
    return redirect(url_for("standings.show", period=period_name(present_period(central().today(), series), series)))


@standings.get("/standings")
def show() -> str:
    """The standings; raises UnknownPeriod, and UnknownUnit for a unit that is not in the person's own list."""
    unit_id = request.args.get("unit", "").strip()[:UNIT_CHARACTERS_MAX]
    told = standing.standings(central(), signed_in().person.scope, asked_period())
    if unit_id and not any(each.desk.district.id == unit_id for each in told.desks):
        raise UnknownUnit(unit=unit_id)
    # Only the province can do something about it.
    alarm = _backup_alarm() if signed_in().person.role is Role.PROVINCE else None
    return render_template("standings.html", page=board(told, unit_id, language()), backup_alarm=alarm)


def _backup_alarm() -> Alarm | None:
    return backing_up.alarm(central(), g.now, is_training=g.is_training)
