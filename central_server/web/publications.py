"""The published reports: their list, the page of one with its versions and files, and how the next one is published."""

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from io import BytesIO
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from central_server.reports.choices import KINDS, choices
from central_server.services import editions, publishing
from central_server.services.editions import UnknownFile
from central_server.services.publishing import BadDocument, Drawn
from central_server.services.reporting import layout_of
from central_server.services.signing_in import NotOfTheProvince
from central_server.services.versions import PublicationStory, Version
from central_server.storage.people import OF_THE_PROVINCE
from central_server.storage.publications import PublicationStep, ReportOf
from central_server.web.periods import asked_period
from central_server.web.present import central, language, signed_in
from central_server.web.publication_files import drawing, worded
from central_server.web.publication_page import address, list_page, publication_page
from central_server.web.report_files import FORMATS
from sync_protocol.errors import FieldSyncError
from sync_protocol.messages import error_text
from sync_protocol.periods import parse_period

publications = Blueprint("publications", __name__)

ANY_TYPE = "application/octet-stream"
SEEN_DIGITS_MAX = 6
"""More steps than anybody takes towards a report."""


@publications.get("/publications")
def listed() -> str:
    """The list of what was published."""
    told = editions.listed(central(), signed_in().person.scope)
    under_way = editions.under_way(central()) if _is_of_the_province() else []
    return render_template("publications.html", page=list_page(told, under_way))


@publications.get("/publications/of")
def of_report() -> Response:
    """Leads from a report to its publication; raises UnknownPeriod, UnknownReport, UnknownUnit."""
    period, layout = asked_period(), layout_of(request.args.get("layout", "monthly")).id
    asked = request.args.get("unit", "").strip() or None
    unit = editions.reported_unit(central(), signed_in().person.scope, asked, period)
    return redirect(_page_of(ReportOf(layout=layout, unit_id=unit.id, period=period)))


@publications.get("/publications/<name>/<layout>/<unit_id>")
def show(name: str, layout: str, unit_id: str) -> str:
    """What was published of a report; raises UnknownPeriod, UnknownReport, UnknownUnit."""
    return _shown(_told(_asked(name, layout, unit_id)))


@publications.post("/publications/<name>/<layout>/<unit_id>")
def take(name: str, layout: str, unit_id: str) -> Response | tuple[str, int]:
    """Takes a step of publishing; what cannot be done is told on the page, with what was typed."""
    of = _asked(name, layout, unit_id)
    _told(of)
    publishing.check_may_publish(signed_in().person)
    try:
        _take(of, request.form.get("step", ""), _seen())
    except FieldSyncError as error:
        return _shown(_told(of), problem=error_text(error, language())), HTTPStatus.BAD_REQUEST
    return redirect(_page_of(of), HTTPStatus.SEE_OTHER)


@publications.get("/publications/<name>/<layout>/<unit_id>/<int:revision>.<ending>")
def file(name: str, layout: str, unit_id: str, revision: int, ending: str) -> Response:
    """A file as it was published, byte for byte; raises UnknownPeriod, UnknownReport, UnknownUnit, UnknownFile."""
    of = _asked(name, layout, unit_id)
    raw = editions.file(central(), signed_in().person.scope, of, revision, ending)
    return _sent(raw, of, str(revision), ending)


@publications.get("/publications/<name>/<layout>/<unit_id>/draft.<ending>")
def draft(name: str, layout: str, unit_id: str, ending: str) -> Response:
    """A file as it would be published now, for those who approve it; raises what `show` does, and UnknownFile."""
    of = _asked(name, layout, unit_id)
    _told(of)
    if not _is_of_the_province():
        raise NotOfTheProvince
    files = _drawing()(publishing.draft(central(), of, by=signed_in().person))
    if ending not in files:
        raise UnknownFile
    return _sent(files[ending], of, "draft", ending)


def _asked(name: str, layout: str, unit_id: str) -> ReportOf:
    return ReportOf(layout=layout, unit_id=unit_id, period=parse_period(name, central().about().series))


def _told(of: ReportOf) -> PublicationStory:
    return editions.story(central(), signed_in().person.scope, of)


def _is_of_the_province() -> bool:
    return signed_in().person.role in OF_THE_PROVINCE


def _page_of(of: ReportOf) -> str:
    at = address(of)
    chosen: dict[str, Any] = {name: request.args[name] for name in KINDS if name in request.args}
    return url_for("publications.show", name=at.name, layout=at.layout, unit_id=at.unit_id, **chosen)


def _shown(told: PublicationStory, *, problem: str = "") -> str:
    unit = editions.reported_unit(central(), signed_in().person.scope, told.of.unit_id, told.of.period)
    since = editions.since(central(), told.versions[-1]) if told.versions else None
    page = publication_page(
        told, unit.name, since, action=_page_of(told.of), sees_work=_is_of_the_province(), problem=problem
    )
    return render_template("publication.html", page=page)


def _take(of: ReportOf, step: str, seen: int) -> None:
    by, text = signed_in().person, request.form.get("text", "")
    if step == PublicationStep.PREPARE:
        reason = request.form.get("reason", "")
        publishing.prepare(central(), of, worded=worded, by=by, seen=seen, choices=choices(request.args), reason=reason)
    elif step == PublicationStep.EDIT:
        publishing.edit(central(), of, text, by=by, seen=seen)
    elif step == PublicationStep.APPROVE:
        publishing.approve(central(), of, text, by=by, seen=seen)
    elif step == PublicationStep.PUBLISH:
        number, issued_on = request.form.get("document_number", ""), _issued_on()
        publishing.publish(
            central(), of, text, document_number=number, issued_on=issued_on, drawn=_drawing(), by=by, seen=seen
        )
    elif step == PublicationStep.WITHDRAW:
        publishing.withdraw(central(), of, reason=request.form.get("withdrawal", ""), by=by, seen=seen)
    else:
        raise BadRequest


def _drawing() -> Callable[[Version], Drawn]:
    return drawing(training=central().about().training)


def _issued_on() -> date:
    try:
        return date.fromisoformat(request.form.get("issued_on", ""))
    except ValueError as error:
        raise BadDocument(most=publishing.DOCUMENT_NUMBER_CHARACTERS_MAX) from error


def _seen() -> int:
    """The last step that stood on the page."""
    typed = request.form.get("seen", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) <= SEEN_DIGITS_MAX):
        raise BadRequest
    return int(typed)


def _sent(raw: bytes, of: ReportOf, which: str, ending: str) -> Response:
    name = f"{of.layout}_{of.period.first_on}_{of.period.last_on}_{which}.{ending}"
    mimetype = FORMATS[ending].media_type if ending in FORMATS else ANY_TYPE
    return send_file(BytesIO(raw), mimetype=mimetype, as_attachment=True, download_name=name)
