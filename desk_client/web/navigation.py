"""The way through the pages: one line that stands on every page of somebody who is signed in."""

from dataclasses import dataclass

from flask import current_app, g, request, url_for

from desk_client.services.listing import pressing_count
from desk_client.web.formatting import number
from desk_client.web.present import desk
from desk_client.web.speech import gettext
from sync_protocol.errors import N_

LISTS = "lists.shown"

PLACES = (
    ("intake.main", N_("Reception"), "F10"),
    ("bulk.form", N_("Many at once"), ""),
    (LISTS, N_("Work to do"), "F7"),
    ("period.page", N_("Reporting period"), ""),
    ("importing.page", N_("From a file"), ""),
    ("practice.page", N_("Practice"), ""),
)
"""Endpoints in the order of the line, their words and the key that opens them; one that is not there is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page that the line leads to; `count` is what waits there as text, "" for nothing."""

    url: str
    words: str
    key: str
    count: str
    is_current: bool


def navigation() -> list[Place]:
    """The places of the line; none before somebody is signed in, and none on a page that failed before that."""
    if not g.get("signed_in"):
        return []
    return [
        Place(
            url=url_for(endpoint),
            words=gettext(words),
            key=key,
            count=_count() if endpoint == LISTS else "",
            is_current=_blueprint(endpoint) == request.blueprint,
        )
        for endpoint, words, key in PLACES
        if endpoint in current_app.view_functions
    ]


def _count() -> str:
    """Dossiers due today and overdue."""
    count = pressing_count(desk())
    return number(count) if count else ""


def _blueprint(endpoint: str) -> str:
    return endpoint.partition(".")[0]
