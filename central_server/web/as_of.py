"""As of which instant a page shows what was known: what its address asks for, in local time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, request, url_for

from central_server.services.standing import DeskStory, Standings
from central_server.services.unusable import Unusable
from sync_protocol.errors import N_
from sync_protocol.instants import LOCAL, parse_instant

CHARACTERS_MAX = 40
KEPT = ("period", "unit", "tree", "standing", "calling", "text", "sort", "order")
"""What else stands in the addresses of pages of standings, and holds at another time as well."""

TOLD_AS_OF = frozenset(
    {"standings.show", "standings.desks", "standings.sheet", "standings.days", "standings.curve", "desks.show"}
)
"""The endpoints that tell of any instant."""

NOT_A_TIME = N_("write a day and a time, such as 2021-10-20T16:42.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """Of which instant a page tells what was known.

    text     the instant by the clock on the wall, to the minute
    address  of this page, where it is asked for again at another time with `kept`, the rest of what it was asked for
    now_url  the same page of now
    """

    at: datetime
    is_past: bool
    text: str
    address: str
    kept: Mapping[str, str]
    now_url: str


def keep_as_of(app: Flask) -> None:
    """Lets a page that tells of an instant lead to the others of that instant; a link of now names None."""
    app.url_defaults(_lead_on_then)


def asked_as_of() -> datetime | None:
    """The instant that the address names, by local wall time or with an offset; None for now. Raises Unusable."""
    text = request.args.get("as_of", "").strip()[:CHARACTERS_MAX]
    return _instant(text) if text else None


def shown_as_of(told: Standings | DeskStory, endpoint: str, **path: Any) -> AsOf:
    """The instant of some standings, or of a desk's, as their page shows it; `path` are the parts of its path."""
    kept: dict[str, Any] = {name: request.args[name] for name in KEPT if request.args.get(name)}
    return AsOf(
        at=told.now,
        is_past=told.is_past,
        text=told.now.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M"),
        address=url_for(endpoint, **path, as_of=None),
        kept=kept,
        now_url=url_for(endpoint, **path, **kept, as_of=None),
    )


def _lead_on_then(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint in TOLD_AS_OF and request.endpoint in TOLD_AS_OF:
        values.setdefault("as_of", request.args.get("as_of") or None)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        # A browser's own field for a time knows no offset: whoever types there means the clock on the wall.
        return parse_instant((at if at.tzinfo else at.replace(tzinfo=LOCAL)).isoformat())
    except (ValueError, OverflowError) as error:
        raise Unusable(what=text, reason=NOT_A_TIME) from error
