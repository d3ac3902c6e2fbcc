"""The search: one box on every page, for a scanned slip, a code, a name, a number, a phone or a day."""

import re
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from desk_client.services.searching import FOUND_MAX, Wanted, whole_code
from desk_client.services.searching import search as found_by
from desk_client.web.exports import DOSSIER_COLUMNS, dossier_cells, exported
from desk_client.web.finds import Asked
from desk_client.web.formatting import number
from desk_client.web.forms import Choice, choices, new_form_id, today
from desk_client.web.present import desk, door, person
from desk_client.web.rows import Row, rows_of
from desk_client.web.speech import gettext
from desk_client.web.sync import StatusLine, status_line_of
from desk_client.web.typed import parse_day
from sync_protocol.dossiers import STAGE_WORDS
from sync_protocol.errors import N_
from sync_protocol.vocabulary import DossierStage

TEXT_MAX = 200
DAY_MAX = 20
NEWEST = "newest"
DAY_IN_TEXT = re.compile(
    r"(?<!\S)(?:[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})?|[0-9]{1,2}([.\-])[0-9]{1,2}\1[0-9]{4})(?!\S)"
)
BAD_DAY = N_("Type the days as day/month/year, such as 04/10/2021 or 0410. Nothing was searched yet.")

search = Blueprint("search", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """What was asked for, and what was found; `number` names the search, "" before there is one.

    told  how many there are, in words
    """

    status: StatusLine
    asked: Asked
    number: str
    stages: list[Choice]
    rows: list[Row]
    told: str
    is_newest_first: bool
    order_url: str
    xlsx_url: str
    csv_url: str
    problem: str


@search.post("/search")
def find() -> BaseResponse | tuple[str, int]:
    """Opens what a code names; keeps any other search, and shows what it finds."""
    sent = Asked(
        text=request.form.get("text", "")[:TEXT_MAX].strip(),
        stage=request.form.get("stage", ""),
        first_on=request.form.get("first_on", "")[:DAY_MAX].strip(),
        last_on=request.form.get("last_on", "")[:DAY_MAX].strip(),
    )
    if sent == Asked(text=sent.text) and (code := whole_code(desk(), sent.text)):
        return redirect(url_for("slips.slip", code=code))
    try:
        asked = replace(sent, wanted=_wanted(sent))
    except ValueError:
        return _page(sent, problem=gettext(BAD_DAY)), 422
    kept_as = new_form_id()
    door().searches.keep(kept_as, person().clerk.username, asked)
    return redirect(url_for("search.shown", n=kept_as))


@search.get("/search")
def shown() -> str:
    """A search that is kept, or the empty form."""
    kept_as = request.args.get("n", "")
    return _page(_kept(kept_as) or Asked(), kept_as)


@search.get("/search/export.<kind>")
def export(kind: str) -> Response:
    """What a search found, as a file for a spreadsheet."""
    asked = _kept(request.args.get("n", "")) or Asked()
    rows = rows_of(found_by(desk(), asked.wanted, newest_first=_is_newest_first()).lines)
    return exported(kind, gettext("Search"), DOSSIER_COLUMNS, map(dossier_cells, rows))


def _page(asked: Asked, kept_as: str = "", *, problem: str = "") -> str:
    findings = found_by(desk(), asked.wanted, newest_first=_is_newest_first())
    order = NEWEST if _is_newest_first() else None
    page = SearchPage(
        status=status_line_of(desk()),
        asked=asked,
        number=kept_as if asked.wanted != Wanted() else "",
        stages=choices(STAGE_WORDS),
        rows=rows_of(findings.lines),
        told=_told(len(findings.lines), has_more=findings.has_more),
        is_newest_first=_is_newest_first(),
        order_url=url_for("search.shown", n=kept_as, order=None if order else NEWEST),
        xlsx_url=url_for("search.export", n=kept_as, kind="xlsx", order=order),
        csv_url=url_for("search.export", n=kept_as, kind="csv", order=order),
        problem=problem,
    )
    return render_template("search.html", page=page)


def _kept(kept_as: str) -> Asked | None:
    return door().searches.of(kept_as, person().clerk.username)


def _is_newest_first() -> bool:
    return request.args.get("order") == NEWEST


def _wanted(asked: Asked) -> Wanted:
    """What the form means; a day may stand in the text too. ValueError for a day that is none."""
    match = DAY_IN_TEXT.search(asked.text)
    in_text = parse_day(match[0], today()) if match else None
    text = asked.text.replace(match[0], " ", 1) if match else asked.text
    first_on, last_on = _days(asked, in_text)
    stage = next((each for each in DossierStage if each.value == asked.stage), None)
    return Wanted(text=text.strip(), stages=(stage,) if stage else (), first_on=first_on, last_on=last_on)


def _days(asked: Asked, in_text: date | None) -> tuple[date | None, date | None]:
    """From and to; a single one stands for itself, and none for those of the text."""
    first_on = parse_day(asked.first_on, today()) if asked.first_on else in_text
    last_on = parse_day(asked.last_on, today()) if asked.last_on else first_on
    return (first_on or last_on, last_on)


def _told(count: int, *, has_more: bool) -> str:
    if has_more:
        return gettext(
            "More than %(count)s dossiers fit; these were entered last. One more word narrows it.",
            count=number(FOUND_MAX),
        )
    return gettext("Dossiers found: %(count)s", count=number(count))
