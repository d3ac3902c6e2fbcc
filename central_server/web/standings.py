"""The standings of desks in a period: who entered nothing or few, and of whom that is not known yet.

Each of these pages, and a desk's own, tells what is known now, or what was known at an instant that its address names;
its links to the others keep that instant. Lateness and the reports do not: they read how each dossier stands, and what
is remembered of the past are counts; a closed period keeps its figures as its snapshot.
"""

from io import BytesIO

from flask import Blueprint, g, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from central_server.services import backing_up, following, listing, standing, trends
from central_server.services.assessing import DeskStanding
from central_server.services.backing_up import Alarm
from central_server.services.day_map import day_map
from central_server.services.late_entry import recorded_for_earlier_days
from central_server.services.standing import Standings
from central_server.services.trends import TREND_PERIODS
from central_server.web.as_of import asked_as_of, shown_as_of
from central_server.web.board import PAGED_FROM, board, supervised
from central_server.web.curve import curve_page
from central_server.web.day_map import chosen_unit, day_map_page
from central_server.web.desk_list import (
    SortKey,
    Wanted,
    desk_list,
    narrowed_desks,
    page_of,
    sorted_desks,
    wanted,
)
from central_server.web.periods import asked_period, present_period
from central_server.web.present import central, language, signed_in
from central_server.web.standings_sheet import SHEET_TYPE, sheet_name, standings_sheet
from central_server.web.unit_tree import asked_tree, tree_choice
from sync_protocol.periods import period_name
from sync_protocol.vocabulary import Role

standings = Blueprint("standings", __name__)


@standings.get("/")
def main() -> Response:
    """The main page: the standings of the period that people ask about today."""
    series = central().about().series
    return redirect(url_for("standings.show", period=period_name(present_period(central().today(), series), series)))


@standings.get("/standings")
def show() -> str:
    """The standings; like every page here it raises UnknownPeriod, BadInput and NotRemembered for its instant.

    Raises UnknownUnit for a unit that is not in the person's own list.
    """
    told, unit_id = _told(), _unit_id()
    shown = supervised(told, unit_id)
    # Of very many desks only the difference to the period before is told here, the rest on the pages of the list.
    periods = TREND_PERIODS if len(shown.desks) < PAGED_FROM else 1
    beside = listing.beside(central(), signed_in().person.scope, told, shown.desks, periods, in_detail=False)
    # Only the province can do something about it.
    alarm = _backup_alarm() if signed_in().person.role is Role.PROVINCE else None
    page = board(told, unit_id, beside, central().about().threshold, language())
    return render_template(
        "standings.html",
        page=page,
        backup_alarm=alarm,
        units_of=tree_choice(told.period),
        as_of=shown_as_of(told, "standings.show"),
    )


@standings.get("/standings/desks")
def desks() -> str:
    """All desks as a list to sort, narrow and turn over; raises UnknownUnit as above."""
    told, asked = _told(), wanted()
    found = _found(told, asked)
    part = page_of(asked, len(found))
    beside = listing.beside(central(), signed_in().person.scope, told, found[slice(*part)], TREND_PERIODS)
    page = desk_list(told, asked, found, part, beside, language())
    return render_template(
        "desk_list.html", page=page, units_of=tree_choice(told.period), as_of=shown_as_of(told, "standings.desks")
    )


@standings.get("/standings/desks.xlsx")
def sheet() -> Response:
    """The same list, all of it, as a file for a spreadsheet."""
    told, asked = _told(), wanted()
    found = _found(told, asked)
    beside = listing.beside(central(), signed_in().person.scope, told, found, TREND_PERIODS)
    file = BytesIO(standings_sheet(told, found, beside, language()))
    return send_file(file, mimetype=SHEET_TYPE, as_attachment=True, download_name=sheet_name(told.period))


@standings.get("/standings/days")
def days() -> str:
    """Desks by days as a picture with its table, unit by unit where there are many."""
    told = _told()
    unit = chosen_unit(told, _unit_id())
    shown = supervised(told, unit)
    page = day_map_page(told, unit, day_map(central(), shown))
    return render_template("day_map.html", page=page, as_of=shown_as_of(told, "standings.days"))


@standings.get("/standings/curve")
def curve() -> str:
    """How many desks were below the level, period by period."""
    told, unit_id = _told(), _unit_id()
    supervised(told, unit_id)
    past = trends.curve(central(), signed_in().person.scope, told.period, under=unit_id, as_of=told.as_of)
    return render_template(
        "curve.html", page=curve_page(told, unit_id, past), as_of=shown_as_of(told, "standings.curve")
    )


def _told() -> Standings:
    scope, period = signed_in().person.scope, asked_period()
    return standing.standings(central(), scope, period, as_of=asked_as_of(), tree=asked_tree())


def _found(told: Standings, asked: Wanted) -> list[DeskStanding]:
    """The desks that are asked for, in the order that is asked for; what only that needs is read then only."""
    shown = supervised(told, asked.unit_id)
    desks = narrowed_desks(shown, asked, following.follow_ups_of(central(), shown) if asked.calling else {})
    return sorted_desks(
        told,
        asked,
        desks,
        listing.seen(central(), desks, told.as_of) if asked.sort is SortKey.HEARD else {},
        recorded_for_earlier_days(central(), signed_in().person.scope, told.period)
        if asked.sort is SortKey.LATE and not told.is_past
        else {},
    )


def _unit_id() -> str:
    return request.args.get("unit", "").strip()


def _backup_alarm() -> Alarm | None:
    return backing_up.alarm(central(), g.now, is_training=g.is_training)
