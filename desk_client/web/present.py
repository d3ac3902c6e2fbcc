"""Which desk the pages belong to, who sits at it and in which language: what every view may ask."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app, g, request

from desk_client.desk import Desk
from desk_client.services.import_jobs import ImportJobs
from desk_client.services.signing_in import SignedIn
from desk_client.web.finds import KeptSearches
from desk_client.web.once import SavedForms
from sync_protocol.messages import LANGUAGES, Language

SESSION_COOKIE = "desk_session"
LANGUAGE_COOKIE = "desk_language"
EXTENSION = "desk"

Enrol = Callable[[str, str, str], object]
"""Makes the installation a device by the address of its centre, its code and the password of the desk's head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the pages are handed once, when the program starts.

    hosts  the values of Host, port included, under which the pages answer
    wake   tells the agent that there is something to send
    practise  opens the practice pages and gives their address
    enrol  makes the installation a device of a desk
    saved  the forms of this start that have been saved
    searches  the searches of this start
    imports  the files that were given since this start
    """

    desk: Desk
    hosts: frozenset[str]
    wake: Callable[[], None]
    practise: Callable[[], str]
    enrol: Enrol
    saved: SavedForms = field(default_factory=SavedForms)
    searches: KeptSearches = field(default_factory=KeptSearches)
    imports: ImportJobs = field(default_factory=ImportJobs)


def door() -> Door:
    """What the pages were handed at the start."""
    held: Door = current_app.extensions[EXTENSION]
    return held


def desk() -> Desk:
    """The desk of these pages."""
    return door().desk


def person() -> SignedIn:
    """Who is signed in; only views behind the sign-in may ask."""
    signed_in: SignedIn = g.signed_in
    return signed_in


def language() -> Language:
    """The language of this page: of the session, else as last chosen on this machine, else of the settings."""
    signed_in: SignedIn | None = g.get("signed_in")
    chosen = signed_in.language if signed_in else request.cookies.get(LANGUAGE_COOKIE)
    return known_language(chosen) or desk().settings.language


def known_language(text: str | None) -> Language | None:
    """A language that the pages speak, None for any other text."""
    return next((each for each in LANGUAGES if each == text), None)


def is_partial() -> bool:
    """Whether a script of the page asked, so that the answer is no page of its own."""
    return "HX-Request" in request.headers or request.accept_mimetypes.best == "application/json"
