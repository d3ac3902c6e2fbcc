"""The sessions that a person has open, and ending those that should not be."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from central_server.services import signing_in
from central_server.services.signing_in import SESSION_NAME_CHARACTERS, OwnSession
from central_server.web.present import SESSION_COOKIE, central

sessions = Blueprint("sessions", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsPage:
    """The sessions of who looks, latest seen first."""

    rows: Sequence[OwnSession]


@sessions.get("/sessions")
def show() -> str:
    """The own sessions; nobody sees those of others here."""
    rows = signing_in.own_sessions(central(), request.cookies[SESSION_COOKIE])
    return render_template("sessions.html", page=SessionsPage(rows=rows))


@sessions.post("/sessions")
def end() -> Response:
    """Ends one session, or all but this one where none is named; one that has ended already stays ended."""
    name = request.form.get("session", "")[:SESSION_NAME_CHARACTERS] or None
    signing_in.end_sessions(central(), request.cookies[SESSION_COOKIE], name)
    return redirect(url_for("sessions.show"), HTTPStatus.SEE_OTHER)
