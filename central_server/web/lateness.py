"""Dossiers on time and late: by unit and desk, and the single ones behind a figure, by codes and dates alone."""

from dataclasses import replace
from io import BytesIO

from flask import Blueprint, render_template, request, send_file
from werkzeug.wrappers import Response

from central_server.services.lateness import Asked, LateList, Lateness, late_dossiers_of
from central_server.services.lateness import lateness as lateness_of
from central_server.web.lateness_page import (
    WantedList,
    late_list_page,
    lateness_page,
    narrowed,
    place_of,
    wanted_list,
)
from central_server.web.lateness_sheet import late_list_sheet, lateness_sheet, sheet_name
from central_server.web.paging import PAGE_DOSSIERS, first_of
from central_server.web.periods import asked_period
from central_server.web.present import central, signed_in
from central_server.web.standings_sheet import SHEET_TYPE

lateness = Blueprint("lateness", __name__)

FILE_DOSSIERS_MAX = 20_000
"""So many dossiers go into one file."""


@lateness.get("/lateness")
def show() -> str:
    """The figures; raises UnknownPeriod, and UnknownUnit for a unit that is not in the person's own list."""
    told, unit_id = _told(), _unit_id()
    shown = replace(told, desks=narrowed(told, unit_id))
    return render_template("lateness.html", page=lateness_page(told, shown, unit_id))


@lateness.get("/lateness.xlsx")
def sheet() -> Response:
    """The same as a file for a spreadsheet."""
    told = _told()
    shown = replace(told, desks=narrowed(told, _unit_id()))
    return _file(lateness_sheet(shown), sheet_name(told.period))


@lateness.get("/lateness/dossiers")
def dossiers() -> str:
    """A page of a list of dossiers; raises UnknownPeriod, UnknownUnit, UnknownDesk."""
    told, asked = _told(), wanted_list()
    found = _found(told, asked, start=first_of(asked.page), limit=PAGE_DOSSIERS)
    return render_template("late_dossiers.html", page=late_list_page(told, asked, found, place_of(told, asked)))


@lateness.get("/lateness/dossiers.xlsx")
def dossiers_sheet() -> Response:
    """The whole list as a file for a spreadsheet."""
    told, asked = _told(), wanted_list()
    found = _found(told, asked, start=0, limit=FILE_DOSSIERS_MAX)
    return _file(late_list_sheet(told, asked.which, found.dossiers), sheet_name(told.period, asked.which.value))


def _told() -> Lateness:
    return lateness_of(central(), signed_in().person.scope, asked_period())


def _found(told: Lateness, asked: WantedList, *, start: int, limit: int) -> LateList:
    person = signed_in().person
    wanted = Asked(which=asked.which, desk=asked.desk, unit_id=asked.unit_id)
    return late_dossiers_of(central(), person.scope, told.period, wanted, start=start, limit=limit, by=person.username)


def _unit_id() -> str:
    return request.args.get("unit", "").strip()


def _file(content: bytes, name: str) -> Response:
    return send_file(BytesIO(content), mimetype=SHEET_TYPE, as_attachment=True, download_name=name)
