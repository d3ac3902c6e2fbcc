"""What every view needs to know of its request: the centre, who is signed in, and the language of the page."""

from flask import current_app, g, request

from central_server.central import Central
from central_server.services.signing_in import SignedIn
from central_server.services.tokens import Reader
from sync_protocol.messages import LANGUAGES, Language
from sync_protocol.vocabulary import Role

SESSION_COOKIE = "central_session"
LANGUAGE_COOKIE = "central_language"
API_PREFIX = "/v1/"
PROGRAM_PREFIXES = ("/api/read/", "/metrics", "/healthz")


def central() -> Central:
    """The centre of these pages."""
    held = current_app.config["CENTRAL"]
    assert isinstance(held, Central)
    return held


def signed_in() -> SignedIn:
    """Who is looking, with the scope that every call to a service is given; only views behind the sign-in may ask."""
    person: SignedIn = g.signed_in
    return person


def reader() -> Reader:
    """Which program reads, with the scope that every call to a service is given; only behind the guard."""
    known: Reader = g.reader
    return known


def is_changer() -> bool:
    """Whether somebody is signed in who may change anything; an auditor only looks."""
    person: SignedIn | None = g.get("signed_in")
    return person is not None and person.person.role is not Role.AUDITOR


def language() -> Language:
    """The language of this page: of the session, else as last chosen in this browser, else of the settings."""
    person: SignedIn | None = g.get("signed_in")
    chosen = person.language if person else request.cookies.get(LANGUAGE_COOKIE)
    return known_language(chosen) or central().settings.language


def known_language(text: str | None) -> Language | None:
    """A language that the pages speak, None for any other text."""
    return next((each for each in LANGUAGES if each == text), None)


def is_for_devices() -> bool:
    """Whether this is a request of a device and not of a person."""
    return request.path.startswith(API_PREFIX)


def is_for_programs() -> bool:
    """Whether this is a request of another program, which reads by a token and never by a session."""
    return request.path.startswith(PROGRAM_PREFIXES)
