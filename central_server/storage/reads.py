"""The record of who looked at lists of dossiers: only ever added to, and without anything that stood in them."""

from dataclasses import dataclass
from datetime import datetime

from central_server.storage.models import ReadRow
from sync_protocol.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """That somebody saw a list of dossiers.

    who    a username, `cli:` and that of the machine, or `token:` and the name of an access token
    what   the list, as addresses name it; place: the desk or unit that it was narrowed to, "" for all that they may see
    rows   how many dossiers were shown
    """

    at: datetime
    who: str
    what: str
    place: str
    period: Period
    rows: int


def keep(look: Look) -> None:
    """Adds a look."""
    ReadRow.insert(
        at=look.at,
        who=look.who,
        what=look.what,
        place=look.place,
        first_on=look.period.first_on,
        last_on=look.period.last_on,
        rows=look.rows,
    ).execute()


def latest(limit: int, start: int = 0) -> list[Look]:
    """The latest looks, newest first, without the first `start`."""
    return [
        Look(
            at=row.at,
            who=row.who,
            what=row.what,
            place=row.place,
            period=Period(first_on=row.first_on, last_on=row.last_on),
            rows=row.rows,
        )
        for row in ReadRow.select().order_by(ReadRow.number.desc()).offset(start).limit(limit)
    ]
