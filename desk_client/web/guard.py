"""Who may ask at all: the address, the page that sends, the person; and the headers of every answer.

The pages listen on loopback, where any web page of the same browser can knock and where cookies are shared by all
ports. So the address is checked with its port, and the browser's own word about the sender is checked on each request.
"""

from http import HTTPStatus

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from desk_client.services.signing_in import signed_in
from desk_client.web.present import SESSION_COOKIE, desk, door, is_partial
from sync_protocol.errors import N_, FieldSyncError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_ENDPOINTS = frozenset(
    {
        "static",
        "enrolling.page",
        "enrolling.enrol",
        "login.sign_in_page",
        "login.sign_in",
        "login.choose_language",
    }
)
UNATTENDED_ENDPOINTS = frozenset({"sync.status_line", "dossiers.today", "importing.progress", "prompts.promised"})
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
    """Checks where each request comes from before anything is read, and dresses each answer, errors among them."""
    app.before_request(check_address)
    app.before_request(check_sender)
    app.after_request(dress)


def check_address() -> None:
    """Refuses any Host but our own, so that no foreign name can be pointed at this machine."""
    if request.headers.get("Host", "").lower() not in door().hosts:
        raise ForeignAddress


def check_sender() -> None:
    """Refuses what other pages send; links and bookmarks may still open a page."""
    if request.method in SAFE_METHODS:
        is_welcome = _is_own_site() or _opens_a_page()
    else:
        is_welcome = _is_own_site() and _is_own_origin()
    if not is_welcome:
        raise ForeignPage


def know_person() -> None:
    """Looks up who is signed in and whether this is a training system."""
    if request.endpoint == "static":
        return
    g.is_training = desk().is_enrolled() and desk().identity().certificate.training
    token = request.cookies.get(SESSION_COOKIE, "")
    is_present = request.endpoint not in UNATTENDED_ENDPOINTS
    g.signed_in = signed_in(desk(), token, is_present=is_present) if token else None


def require_person() -> BaseResponse | None:
    """Lets only open pages through while nobody is signed in; the address asked for is not remembered."""
    if request.endpoint in OPEN_ENDPOINTS or g.get("signed_in"):
        return None
    way_in = url_for("login.sign_in_page" if desk().is_enrolled() else "enrolling.page")
    if is_partial():
        return Response(status=401, headers={"HX-Redirect": way_in})
    return redirect(way_in)


def dress(response: Response) -> Response:
    """The headers of every answer; only the vendored and own files may be kept by the browser."""
    response.headers.update(HEADERS)
    if request.endpoint != "static" or response.status_code >= HTTPStatus.BAD_REQUEST:
        response.headers["Cache-Control"] = "no-store"
    return response


def _is_own_site() -> bool:
    """The browser's word on who asks; programs and old browsers say nothing."""
    return request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none")


def _is_own_origin() -> bool:
    # Our Referrer-Policy makes browsers hide the origin of our own forms ("null"); their word on the site, which no
    # page can forge, then has to say that it is ours.
    origin = request.headers.get("Origin")
    if origin == "null":
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    return origin is None or origin == f"http://{request.headers['Host'].lower()}"


def _opens_a_page() -> bool:
    return (
        request.method == "GET"
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
    )
