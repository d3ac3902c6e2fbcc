"""Errors as pages: what happened, what is safe, what to do. Ends in one catch-all with a number to read out."""

import logging
import traceback
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from flask import Flask, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from desk_client.desk import NotEnrolled
from desk_client.services.import_jobs import UnknownImport
from desk_client.services.road import CentreRefused
from desk_client.storage.trouble import DiskFull, DiskWasFull, trouble_of
from desk_client.web.guard import ForeignAddress
from desk_client.web.present import desk, language
from desk_client.web.speech import gettext
from sync_protocol.dossiers import UnknownDossier
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.messages import error_text

STATUSES: dict[type[FieldSyncError], HTTPStatus] = {
    NotEnrolled: HTTPStatus.SERVICE_UNAVAILABLE,
    UnknownDossier: HTTPStatus.NOT_FOUND,
    UnknownImport: HTTPStatus.NOT_FOUND,
    DiskFull: HTTPStatus.INSUFFICIENT_STORAGE,
    DiskWasFull: HTTPStatus.INSUFFICIENT_STORAGE,
}
"""Every other expected error is a 400: what was asked does not fit."""

HTTP_TEXTS: dict[int, str] = {
    HTTPStatus.NOT_FOUND: N_("There is no such page. What was saved is safe; go back to the main page."),
    HTTPStatus.METHOD_NOT_ALLOWED: N_(
        "This page cannot be used that way. Nothing was changed; go back to the main page."
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: N_(
        "That is more than the form takes. Nothing was saved; shorten it and save again."
    ),
}
OTHER_TEXT = N_("This could not be understood. Nothing was changed; go back to the main page and try again.")
CSRF_TEXT = N_("This page was open for too long. Nothing was changed; go back to the main page and do it once more.")
UNEXPECTED_TEXT = N_(
    "Something unexpected happened. What was saved before is safe. "
    "If a dossier is not in today's list, enter it again. Number to tell your supervisor: %(number)s"
)
INCIDENT_BYTES = 4

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """What happened, as text; `is_bare` where even the desk's own name is not told."""

    title: str
    text: str
    is_bare: bool


def register_errors(app: Flask) -> None:
    """Makes every error a page."""
    app.register_error_handler(FieldSyncError, expected)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, unexpected)


def expected(error: FieldSyncError) -> tuple[str, HTTPStatus]:
    """The page of an error of our own."""
    status = STATUSES.get(type(error), HTTPStatus.BAD_REQUEST)
    return _page(error_words(error), is_bare=isinstance(error, ForeignAddress)), status


def refused(error: HTTPException) -> tuple[str, int]:
    """The page of what the web server refuses."""
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    text = CSRF_TEXT if isinstance(error, CSRFError) else HTTP_TEXTS.get(code, OTHER_TEXT)
    return _page(gettext(text)), code


def unexpected(error: Exception) -> tuple[str, HTTPStatus]:
    """The page of a bug or a broken machine; its message may hold personal data, so only its place is logged."""
    if trouble := trouble_of(error, desk().database):
        log.error("disk: %s at %s in %s", trouble.code, _places(error), request.endpoint)
        return expected(trouble)
    number = desk().randomness(INCIDENT_BYTES).hex().upper()
    log.error("incident %s: %s at %s in %s", number, type(error).__name__, _places(error), request.endpoint)
    return _page(gettext(UNEXPECTED_TEXT, number=number)), HTTPStatus.INTERNAL_SERVER_ERROR


def error_words(error: FieldSyncError) -> str:
    """An error's text in the language of the page; a refusal of the centre in the centre's own words."""
    if isinstance(error, CentreRefused):
        return error.vietnamese if language() == "vi" else error.english
    return error_text(error, language())


def _page(text: str, *, is_bare: bool = False) -> str:
    g.setdefault("signed_in", None)
    return render_template("error.html", page=ErrorPage(title=gettext("This did not work"), text=text, is_bare=is_bare))


def _places(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
