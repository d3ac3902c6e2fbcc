"""Who may ask at all: the address, the page that sends, the person; and the headers of every answer.

The pages listen on loopback, where any web page of the same browser can knock and where cookies are shared by all
ports. So the address is checked with its port, and the browser's own word about the sender is checked on each request.
"""

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from desk_client.services.signing_in import signed_in
from desk_client.web.present import SESSION_COOKIE, desk, door, is_partial
from sync_protocol.errors import FieldSyncError, N_

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})
OPEN_ENDPOINTS = frozenset({"static", "login.sign_in_page", "login.sign_in", "login.choose_language"})
UNATTENDED_ENDPOINTS = frozenset({"sync.status_line", "dossiers.today"})
"""What the page asks for by itself; it does not show that somebody is there."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class ForeignAddress(FieldSyncError):
    """The page was asked for under an address that is not its own."""

    code = "foreign_address"
    text = N_("This address is not that of the desk's program. Nothing was shown or changed; open it by its own icon.")


class ForeignPage(FieldSyncError):
    """Another page has tried to send something in the clerk's name."""

    code = "foreign_page"
    text = N_("Another page tried to use the desk's program. Nothing was changed; close that page and go on here.")


def guard(app: Flask) -> None:
    """Checks each request before any view, and dresses each answer, errors among them."""
    app.before_request(check_address)
    app.before_request(check_sender)
    app.before_request(know_person)
    app.after_request(dress)


def ask_who_is_there(app: Flask) -> None:
    """Sends everybody who is not signed in to the sign-in page; after the CSRF check."""
    app.before_request(require_person)


def check_address() -> None:
    """Refuses any Host but our own, so that no foreign name can be pointed at this machine."""
    if request.headers.get("Host", "").lower() not in door().hosts:
        raise ForeignAddress


def check_sender() -> None:
    """Refuses what other pages send; links and bookmarks may still open a page."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    is_own_site = site is None or site in OWN_SITES
    if request.method not in SAFE_METHODS:
        is_own_origin = origin is None or origin == f"http://{request.headers['Host'].lower()}"
        if not (is_own_origin and is_own_site):
            raise ForeignPage
    elif not (is_own_site or _opens_a_page()):
        raise ForeignPage


def know_person() -> None:
    """Looks up who is signed in and whether this is a training system."""
    if request.endpoint == "static":
        return
    g.is_training = desk().identity().certificate.training
    token = request.cookies.get(SESSION_COOKIE, "")
    is_present = request.endpoint not in UNATTENDED_ENDPOINTS
    g.signed_in = signed_in(desk(), token, is_present=is_present) if token else None


def require_person() -> BaseResponse | None:
    """Lets only open pages through while nobody is signed in; the address asked for is not remembered."""
    if request.endpoint in OPEN_ENDPOINTS or g.get("signed_in"):
        return None
    if is_partial():
        return Response(status=401, headers={"HX-Redirect": url_for("login.sign_in_page")})
    return redirect(url_for("login.sign_in_page"))


def dress(response: Response) -> Response:
    """The headers of every answer; only the vendored and own files may be kept by the browser."""
    response.headers.update(HEADERS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _opens_a_page() -> bool:
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate" and (
        request.headers.get("Sec-Fetch-Dest", "document") == "document"
    )
