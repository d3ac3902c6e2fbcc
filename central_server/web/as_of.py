"""As of which instant a page shows what was known: what its address asks for, in local time."""

from dataclasses import dataclass
from datetime import datetime

from flask import request

from sync_protocol.errors import N_, BadInput
from sync_protocol.instants import LOCAL, parse_instant

CHARACTERS_MAX = 40
NOT_A_TIME = N_("write a day and a time, such as 2021-10-20T16:42.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """An instant in the past, and how the address names it: local wall time to the minute."""

    at: datetime
    text: str


def asked_as_of() -> AsOf | None:
    """The instant that the address names, by local wall time or with an offset; None for now. Raises BadInput."""
    text = request.args.get("as_of", "").strip()[:CHARACTERS_MAX]
    return shown_as_of(_instant(text)) if text else None


def shown_as_of(at: datetime) -> AsOf:
    """An instant as a page and its address show it."""
    return AsOf(at=at, text=at.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M"))


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        # A browser's own field for a time knows no offset: whoever types there means the clock on the wall.
        return parse_instant((at if at.tzinfo else at.replace(tzinfo=LOCAL)).isoformat())
    except (ValueError, OverflowError) as error:
        raise BadInput(what=text, reason=NOT_A_TIME) from error
