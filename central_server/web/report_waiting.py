"""What a reader sees while a long report is being made: a page of its own, which the report takes the place of.

The page comes at once and tells the browser to ask for the report; until that has come, it stays. It needs no script,
and nothing is made twice or behind anybody's back.
"""

from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from central_server.services.reporting import layout_of, received_in
from central_server.web.formatting import period_text
from central_server.web.periods import asked_period
from central_server.web.present import central, signed_in
from central_server.web.report_choices import kept
from central_server.web.speech import gettext

SHORT_DOSSIERS_MAX = 100_000
"""Of so many a report takes about a second. Source: scripts/bench_reports.py."""

WAITED = "waited"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPage:
    """A report that is being made.

    period    its days, in words
    dossiers  how many of the period there are
    address   where it is when it is made
    """

    name: str
    period: str
    dossiers: int
    address: str


def waiting_page(layout: str) -> Response | None:
    """The page of a long report that is not waited for yet; raises UnknownReport, UnknownPeriod, UnknownUnit."""
    if request.args.get(WAITED):
        return None
    name, period, asked = layout_of(layout).name, asked_period(), kept()
    dossiers = received_in(central(), signed_in().person.scope, period, unit_id=asked["unit"])
    if dossiers <= SHORT_DOSSIERS_MAX:
        return None
    place: dict[str, Any] = {"period": request.args.get("period"), **asked, WAITED: 1}
    address = url_for("reports.show", layout=layout, **place)
    page = WaitingPage(name=gettext(name), period=period_text(period), dossiers=dossiers, address=address)
    answer = make_response(render_template("report_waiting.html", page=page))
    answer.headers["Refresh"] = f"0; url={page.address}"
    return answer
