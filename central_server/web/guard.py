"""Who may ask, and the headers of every answer.

Whatever is not named as open needs a person who is signed in, or a program with a token.
"""

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from central_server.services.signing_in import OnlyReads, signed_in
from central_server.services.tokens import NoToken, reader_of
from central_server.storage.database import connect, disconnect
from central_server.web.present import SESSION_COOKIE, central, is_changer, is_for_devices, is_for_programs
from sync_protocol.errors import N_, FieldSyncError

FORM_BYTES_MAX = 64 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_ENDPOINTS = frozenset({"static", "login.sign_in_page", "login.sign_in", "login.choose_language"})
OPEN_TO_PROGRAMS = frozenset({"health.healthz", "read.description"})

OWN_ENDPOINTS = frozenset({"login.sign_in", "login.sign_out", "login.choose_language", "sessions.end"})
"""What people do about their own session and nothing else."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HSTS = "max-age=31536000"


class ForeignPage(FieldSyncError):
    """Another site has tried to send something in a person's name."""

    code = "foreign_page"
    text = N_("Another page tried to use this system. Nothing was changed; close that page and go on here.")


def guard(app: Flask) -> None:
    """Checks each request before any view, and dresses each answer, errors among them."""
    app.before_request(bound_form)
    app.before_request(check_sender)
    app.before_request(know_person)
    app.after_request(dress)
    app.teardown_request(let_go)


def ask_who_is_there(app: Flask) -> None:
    """Refuses programs without a token, and sends everybody who is not signed in to the sign-in page.

    After the CSRF check, and after the rates: who tries tokens is counted.
    """
    app.before_request(require_reader)
    app.before_request(require_person)
    app.before_request(forbid_changes)


def bound_form() -> None:
    """Forms are short; only devices send more, as far as the application's own limit."""
    if not is_for_devices():
        request.max_content_length = FORM_BYTES_MAX


def check_sender() -> None:
    """Refuses what other sites send, by the browser's own word on the sender; programs and old browsers say nothing."""
    # Our Referrer-Policy makes browsers hide the origin of our own forms ("null"), so the Origin tells nothing here.
    is_own_site = request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none")
    if request.method not in SAFE_METHODS and not is_own_site and not is_for_devices():
        raise ForeignPage


def know_person() -> None:
    """Opens one connection for the whole request and looks up who is signed in, or which program reads."""
    if request.endpoint == "static":
        return
    g.has_connected = connect(central().database)
    if is_for_devices():
        return
    if is_for_programs():
        sent = request.authorization
        g.reader = reader_of(central(), sent.token) if sent and sent.type == "bearer" and sent.token else None
        return
    g.is_training = central().about().training
    g.now = central().now()
    token = request.cookies.get(SESSION_COOKIE, "")
    g.signed_in = signed_in(central(), token) if token else None


def require_reader() -> None:
    """Lets programs read with a token that is good; a session opens nothing here, and a token no page."""
    if is_for_programs() and request.endpoint not in OPEN_TO_PROGRAMS and g.reader is None:
        raise NoToken


def require_person() -> BaseResponse | None:
    """Lets only open pages through while nobody is signed in; the address asked for is not remembered."""
    if request.endpoint in OPEN_ENDPOINTS or is_for_devices() or is_for_programs() or g.get("signed_in"):
        return None
    return redirect(url_for("login.sign_in_page"))


def forbid_changes() -> None:
    """An auditor only looks, whatever the page: a route that is added tomorrow is forbidden too."""
    is_change = request.method not in SAFE_METHODS and request.endpoint not in OWN_ENDPOINTS
    if is_change and g.get("signed_in") and not is_changer():
        raise OnlyReads


def dress(response: Response) -> Response:
    """The headers of every answer; only our own static files may be kept by the browser."""
    response.headers.update(HEADERS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = HSTS
    return response


def let_go(error: BaseException | None) -> None:
    """Closes the connection that the request has opened."""
    if g.pop("has_connected", False):
        disconnect(central().database)
