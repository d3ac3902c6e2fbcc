"""Signing in and out, and the language of the pages."""

from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from desk_client.services import signing_in
from desk_client.web.enrolling import Welcome, welcome_told
from desk_client.web.errors import error_words
from desk_client.web.present import LANGUAGE_COOKIE, SESSION_COOKIE, desk, known_language, language
from desk_client.web.speech import gettext
from sync_protocol.errors import N_
from sync_protocol.passwords import TooManyTries, WrongPassword

LANGUAGE_KEPT_S = 365 * 24 * 3600
TYPED_CHARACTERS_MAX = 200
STALE = N_("This page was open before the program started again. Nothing was changed; sign in here.")

login = Blueprint("login", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """The door: the username as typed and why it did not open; `welcome` where the machine was enrolled just now."""

    username: str = ""
    problem: str = ""
    welcome: Welcome | None = None


@login.get("/sign-in")
def sign_in_page() -> Response | str:
    """The door, or the main page for somebody who is in; a machine that is not enrolled has no door yet."""
    if not desk().is_enrolled():
        return redirect(url_for("enrolling.page"))
    if g.signed_in:
        return redirect(url_for("intake.main"))
    welcome = welcome_told()
    return render_template(
        "sign_in.html", page=SignInPage(username=welcome.username if welcome else "", welcome=welcome)
    )


@login.post("/sign-in")
def sign_in() -> Response | tuple[str, int]:
    """Opens a session under a new token; one that was open in this browser ends."""
    username, password = (request.form.get(name, "")[:TYPED_CHARACTERS_MAX] for name in ("username", "password"))
    try:
        token = signing_in.sign_in(desk(), username.strip(), password, language=language())
    except (WrongPassword, TooManyTries) as error:
        page = SignInPage(username=username, problem=error_words(error))
        return render_template("sign_in.html", page=page), 403 if isinstance(error, WrongPassword) else 429
    _end_session()
    response = redirect(url_for("intake.main"))
    response.set_cookie(SESSION_COOKIE, token, httponly=True, samesite="Strict")
    return response


@login.post("/sign-out")
def sign_out() -> Response:
    """Ends the session; what waits to be sent is not touched."""
    _end_session()
    response = redirect(url_for("login.sign_in_page"))
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Strict")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@login.post("/language")
def choose_language() -> Response:
    """Shows the pages in another language, on this machine and in this session."""
    chosen = known_language(request.form.get("language")) or language()
    if g.signed_in:
        signing_in.switch_language(desk(), request.cookies[SESSION_COOKIE], chosen)
    response = redirect(url_for("intake.main"))
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=LANGUAGE_KEPT_S, httponly=True, samesite="Strict")
    return response


def stale_sign_in_page() -> str:
    """The door once more, for a page whose token is no longer good."""
    return render_template("sign_in.html", page=SignInPage(problem=gettext(STALE)))


def _end_session() -> None:
    session.clear()
    if g.signed_in:
        signing_in.sign_out(desk(), request.cookies[SESSION_COOKIE])
