"""As of which instant a page shows what was known: what its address asks for, in local time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import request

from central_server.services.standing import Standings
from central_server.services.unusable import Unusable
from sync_protocol.errors import N_
from sync_protocol.instants import LOCAL, parse_instant

CHARACTERS_MAX = 40
KEPT = ("period", "unit", "tree", "standing", "calling", "text", "sort", "order")
"""What else stands in the addresses of pages of standings, and holds at another time as well."""

NOT_A_TIME = N_("write a day and a time, such as 2021-10-20T16:42.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """Of which instant a page tells what was known.

    text  the instant by the clock on the wall, to the minute
    kept  the rest of this page's address, with which it can be asked for again at another time
    """

    at: datetime
    is_past: bool
    text: str
    kept: Mapping[str, str]


def asked_as_of() -> datetime | None:
    """The instant that the address names, by local wall time or with an offset; None for now. Raises Unusable."""
    text = request.args.get("as_of", "").strip()[:CHARACTERS_MAX]
    return _instant(text) if text else None


def shown_as_of(told: Standings) -> AsOf:
    """The instant of some standings as their page shows it."""
    return AsOf(
        at=told.now,
        is_past=told.is_past,
        text=told.now.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M"),
        kept={name: request.args[name] for name in KEPT if request.args.get(name)},
    )


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        # A browser's own field for a time knows no offset: whoever types there means the clock on the wall.
        return parse_instant((at if at.tzinfo else at.replace(tzinfo=LOCAL)).isoformat())
    except (ValueError, OverflowError) as error:
        raise Unusable(what=text, reason=NOT_A_TIME) from error
