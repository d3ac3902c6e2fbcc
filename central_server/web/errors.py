"""Errors as pages, or as JSON for devices and programs: what happened, what is safe, what to do.

Ends in one catch-all with a number to read out.
"""

import logging
import traceback
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import orjson
from flask import Flask, Response, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from central_server.central import NotInitialised
from central_server.services.changed import CursorOver
from central_server.services.devices import UnknownMachine
from central_server.services.editions import UnknownFile
from central_server.services.enrolment import UnknownDesk
from central_server.services.published import UnknownSnapshot
from central_server.services.report_dossiers import UnknownFigure
from central_server.services.reporting import UnknownReport
from central_server.services.signing_in import NotOfTheProvince, OnlyReads, UnknownUnit
from central_server.services.tokens import NoToken, NotPermitted, TooManyReads, UnknownToken
from central_server.storage.database import DatabaseBusy
from central_server.web.api import api_error
from central_server.web.guard import ForeignPage
from central_server.web.present import central, is_for_devices, is_for_programs, language
from central_server.web.speech import gettext
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.messages import Language, error_text, translated
from sync_protocol.passwords import TooManyTries, WrongPassword

STATUSES: dict[type[FieldSyncError], HTTPStatus] = {
    UnknownDesk: HTTPStatus.NOT_FOUND,
    UnknownMachine: HTTPStatus.NOT_FOUND,
    UnknownUnit: HTTPStatus.NOT_FOUND,
    UnknownToken: HTTPStatus.NOT_FOUND,
    UnknownSnapshot: HTTPStatus.NOT_FOUND,
    UnknownReport: HTTPStatus.NOT_FOUND,
    UnknownFile: HTTPStatus.NOT_FOUND,
    UnknownFigure: HTTPStatus.NOT_FOUND,
    CursorOver: HTTPStatus.CONFLICT,
    NoToken: HTTPStatus.UNAUTHORIZED,
    NotPermitted: HTTPStatus.FORBIDDEN,
    ForeignPage: HTTPStatus.FORBIDDEN,
    NotOfTheProvince: HTTPStatus.FORBIDDEN,
    OnlyReads: HTTPStatus.FORBIDDEN,
    WrongPassword: HTTPStatus.FORBIDDEN,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    TooManyReads: HTTPStatus.TOO_MANY_REQUESTS,
    NotInitialised: HTTPStatus.SERVICE_UNAVAILABLE,
    DatabaseBusy: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Every other expected error is a 400: what was asked does not fit."""

HTTP_TEXTS = {
    HTTPStatus.NOT_FOUND: N_("There is no such page. Nothing was changed; go back to the standings."),
    HTTPStatus.METHOD_NOT_ALLOWED: N_("This page cannot be used so. Nothing was changed; go back to the standings."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: N_("That is more than a form takes. Nothing was changed; send less."),
}
OTHER_TEXT = N_("This could not be understood. Nothing was changed; go back to the standings and try again.")
CSRF_TEXT = N_("This page was open for too long. Nothing was changed; go back to the standings and do it once more.")
UNEXPECTED_TEXT = N_(
    "Something unexpected happened. What has arrived is safe. Try again in a minute; "
    "if it happens again, tell whoever runs the centre this number: %(number)s"
)
INCIDENT_BYTES = 4
INCIDENT = "incident"
PACKAGE = "central_server"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """What happened, in the language of the page, and in the other one for whoever is asked for help."""

    title: str
    text: str
    other_text: str
    other_language: Language


def register_errors(app: Flask) -> None:
    """Makes every error an answer."""
    app.register_error_handler(FieldSyncError, expected)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, unexpected)


def expected(error: FieldSyncError) -> Response | tuple[str, int]:
    """The answer to an error of our own; its code is what the request comes to in the metrics."""
    g.refusal = error.code
    if is_for_devices():
        return api_error(error)
    status = STATUSES.get(type(error), HTTPStatus.BAD_REQUEST)
    return _answer(error_text(error, "vi"), error_text(error, "en"), status, code=error.code)


def refused(error: HTTPException) -> Response | tuple[str, int]:
    """The answer to what the web server refuses."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    g.refusal = f"http_{status.value}"
    text = CSRF_TEXT if isinstance(error, CSRFError) else HTTP_TEXTS.get(status, OTHER_TEXT)
    return _worded(text, {}, status, code=g.refusal)


def unexpected(error: Exception) -> Response | tuple[str, int]:
    """The answer to a bug or a broken machine; its message may hold personal data, so only its place is logged."""
    g.refusal = INCIDENT
    number = central().randomness(INCIDENT_BYTES).hex().upper()
    log.error("incident %s: %s at %s in %s", number, type(error).__name__, _places(error), request.endpoint)
    return _worded(UNEXPECTED_TEXT, {"number": number}, HTTPStatus.INTERNAL_SERVER_ERROR, code=INCIDENT)


def _worded(text: str, values: dict[str, object], status: HTTPStatus, *, code: str) -> Response | tuple[str, int]:
    return _answer(translated(text, values, "vi", PACKAGE), translated(text, values, "en", PACKAGE), status, code=code)


def _answer(vietnamese: str, english: str, status: HTTPStatus, *, code: str) -> Response | tuple[str, int]:
    if not is_for_devices() and not is_for_programs():
        return _page(vietnamese, english), status
    # Unlike `api_error` without the signed time, which needs the database that may just have failed.
    body = orjson.dumps({"error": {"code": code, "vi": vietnamese, "en": english}})
    response = Response(body, status=status, content_type="application/json")
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _page(vietnamese: str, english: str) -> str:
    is_vietnamese = language() == "vi"
    page = ErrorPage(
        title=gettext("This did not work"),
        text=vietnamese if is_vietnamese else english,
        other_text=english if is_vietnamese else vietnamese,
        other_language="en" if is_vietnamese else "vi",
    )
    return render_template("error.html", page=page)


def _places(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
