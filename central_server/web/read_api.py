"""What other programs read by a token: standings, periods, published figures, and the dossiers that have changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from central_server.services import changed, closing, published, standing
from central_server.services.telling import standings_content
from central_server.storage.tokens import Permission
from central_server.web.openapi import Readable
from central_server.web.present import central, reader
from central_server.web.read_schemas import (
    Changes,
    ChangesAsked,
    Document,
    Figures,
    Ledgers,
    Periods,
    Standings,
    StandingsAsked,
)
from sync_protocol.periods import Period, parse_period, period_name

MONTHS_LISTED = 24

read = Blueprint("read", __name__, url_prefix="/api/read/v1")
readable = Readable(read)


@read.get("/openapi.json")
def description() -> Response:
    """The description of everything that can be read; needs no token and tells nothing of a desk."""
    return jsonify(readable.description())


@readable.get("/standings", Permission.STANDINGS, Standings, StandingsAsked)
def standings(period: str, unit: str | None = None, as_of: datetime | None = None) -> Mapping[str, Any]:
    """The standing of every desk of the token's unit in a period.

    The objects are those of `central-server standings --json`. As known at an instant, they are what was said then;
    one to come, or before the centre began to remember, is refused (400, `not_remembered`).
    """
    asked, scope = _period(period), reader().scope
    under = standing.unit_id(central(), unit, asked, scope)
    return standings_content(standing.standings(central(), scope, asked, under=under, as_of=as_of))


@readable.get("/periods", Permission.STANDINGS, Periods)
def periods() -> Mapping[str, Any]:
    """The periods of the last two years and whatever was closed besides, with how far each has come.

    Open, closing (ended and not published), closed, restated (published more than once).
    """
    series = central().about().series
    return {
        "periods": [
            {
                "name": period_name(period, series),
                "first_on": period.first_on.isoformat(),
                "last_on": period.last_on.isoformat(),
                "state": state.value,
                "published": count,
            }
            for period, (state, count) in closing.states(central(), MONTHS_LISTED).items()
        ]
    }


@readable.get("/periods/<name>/snapshots/<int:revision>", Permission.STANDINGS, Figures)
def figures(name: str, revision: int) -> Mapping[str, Any]:
    """The figures of the token's desks as they were published, and what differs from the publication before.

    They are provisional for the desks in `missing`.
    """
    return published.figures_content(central(), reader().scope, _period(name), revision)


@readable.get("/periods/<name>/snapshots/<int:revision>/document", Permission.STANDINGS, Document)
def document(name: str, revision: int) -> Mapping[str, Any]:
    """Published figures as the centre has signed them, whole.

    They are about every desk and cannot be cut: only a token of the whole province reads them.
    """
    return published.document_content(central(), reader().scope, _period(name), revision)


@readable.get("/ledgers", Permission.DOSSIERS, Ledgers)
def ledgers() -> Mapping[str, Any]:
    """How far the ledger of each desk has come: one question tells which desks have changes to read."""
    ends = changed.ledger_ends(central(), reader().scope)
    return {"ledgers": [{"desk": each.desk, "cursor": each.cursor} for each in ends]}


@readable.get("/desks/<code>/dossiers", Permission.DOSSIERS, Changes, ChangesAsked)
def dossiers(code: str, cursor: str | None = None) -> Mapping[str, Any]:
    """The dossiers of a desk that have changed behind a cursor, each as it is now, some hundred a page.

    Keep the cursor of the answer with what you have taken in, and ask with it again. No change is ever skipped; the
    same one may come twice. After the centre was restored from a backup a cursor is refused (409, `cursor_over`):
    read the desk once more from the beginning.
    """
    page = changed.changed_dossiers(central(), reader().scope, code, cursor, by=f"token:{reader().name}")
    return {
        "desk": page.desk,
        "dossiers": [changed.dossier_content(page.desk, each) for each in page.dossiers],
        "cursor": page.cursor,
        "has_more": page.has_more,
    }


def _period(name: str) -> Period:
    return parse_period(name, central().about().series)
