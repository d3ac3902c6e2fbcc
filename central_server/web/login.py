"""Signing in and out, and the language of the pages."""

import re
from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from central_server.services import signing_in
from central_server.web.present import LANGUAGE_COOKIE, SESSION_COOKIE, central, known_language, language
from central_server.web.speech import gettext
from sync_protocol.errors import N_
from sync_protocol.messages import error_text
from sync_protocol.passwords import TooManyTries, WrongPassword

LANGUAGE_KEPT_S = 365 * 24 * 3600
TYPED_CHARACTERS_MAX = 200
OWN_PATH = re.compile(r"/(?:[A-Za-z0-9][A-Za-z0-9._~/%=&?+-]{0,300})?")
STALE = N_("This page was open for too long. Nothing was changed; sign in here.")

login = Blueprint("login", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """The door: the username as typed and why it did not open."""

    username: str = ""
    problem: str = ""


@login.get("/sign-in")
def sign_in_page() -> Response | str:
    """The door, or the main page for somebody who is in."""
    if g.signed_in:
        return redirect(url_for("standings.main"))
    return render_template("sign_in.html", page=SignInPage())


@login.post("/sign-in")
def sign_in() -> Response | tuple[str, int]:
    """Opens a session under a new token; one that was open in this browser ends."""
    username, password = (request.form.get(name, "")[:TYPED_CHARACTERS_MAX] for name in ("username", "password"))
    try:
        token = signing_in.sign_in(central(), username.strip(), password, language=language())
    except (WrongPassword, TooManyTries) as error:
        page = SignInPage(username=username, problem=error_text(error, language()))
        return render_template("sign_in.html", page=page), 403 if isinstance(error, WrongPassword) else 429
    _end_session()
    response = redirect(url_for("standings.main"))
    response.set_cookie(SESSION_COOKIE, token, httponly=True, samesite="Strict", secure=request.is_secure)
    return response


@login.post("/sign-out")
def sign_out() -> Response:
    """Ends the session, and clears what the browser has kept of its pages."""
    _end_session()
    response = redirect(url_for("login.sign_in_page"))
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Strict", secure=request.is_secure)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@login.post("/language")
def choose_language() -> Response:
    """Shows the same page in another language, in this browser and in this session."""
    chosen = known_language(request.form.get("language")) or language()
    if g.signed_in:
        signing_in.switch_language(central(), request.cookies[SESSION_COOKIE], chosen)
    response = redirect(_own_path(request.form.get("back", "")) or url_for("standings.main"))
    response.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=LANGUAGE_KEPT_S, httponly=True, samesite="Strict", secure=request.is_secure
    )
    return response


def stale_sign_in_page() -> str:
    """The door once more, for a page whose token is no longer good."""
    return render_template("sign_in.html", page=SignInPage(problem=gettext(STALE)))


def _own_path(address: str) -> str:
    """A path of these pages, empty for any other address: nobody is sent elsewhere from here."""
    return address if OWN_PATH.fullmatch(address) else ""


def _end_session() -> None:
    session.clear()
    if g.signed_in:
        signing_in.sign_out(central(), request.cookies[SESSION_COOKIE])
