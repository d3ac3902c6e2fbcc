"""The lists of work: what falls due, what waits for the citizen, what waits to be collected."""

from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from desk_client.services.exporting import EXPORT_ROWS_MAX
from desk_client.services.listing import PAGE_ROWS, WorkList, list_counts, listed, whole_list
from desk_client.web.exports import DOSSIER_COLUMNS, dossier_cells, exported
from desk_client.web.formatting import number
from desk_client.web.present import desk
from desk_client.web.rows import Row, rows_of
from desk_client.web.speech import gettext
from desk_client.web.sync import StatusLine, status_line_of
from sync_protocol.errors import N_

TITLES = {
    WorkList.OVERDUE: N_("Overdue"),
    WorkList.DUE_TODAY: N_("Due today"),
    WorkList.DUE_SOON: N_("Due soon"),
    WorkList.WAITING: N_("Waiting for the citizen"),
    WorkList.RESULTS: N_("Results to collect"),
}
"""In the order of the tabs, what presses most first."""

EMPTY = {
    WorkList.OVERDUE: N_("Nothing is overdue."),
    WorkList.DUE_TODAY: N_("Nothing falls due today."),
    WorkList.DUE_SOON: N_("Nothing falls due in the next two working days."),
    WorkList.WAITING: N_("Nobody has to bring or to pay anything."),
    WorkList.RESULTS: N_("No result waits to be collected."),
}
BY_NAME = "name"

lists = Blueprint("lists", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A list with how much it holds."""

    words: str
    count: str
    url: str
    is_shown: bool
    is_pressing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of a list.

    shown                  which of how many stand on it, in words
    earlier_url, later_url  the pages beside it, "" where there is none
    order_url              the same list in the other order
    """

    status: StatusLine
    tabs: list[Tab]
    title: str
    empty: str
    rows: list[Row]
    is_by_name: bool
    order_url: str
    shown: str
    earlier_url: str
    later_url: str
    xlsx_url: str
    csv_url: str


@lists.get("/lists")
def shown() -> BaseResponse:
    """The list that presses most."""
    counts = list_counts(desk())
    first = next((which for which in TITLES if counts[which]), WorkList.OVERDUE)
    return redirect(url_for("lists.one", which=first.value))


@lists.get("/lists/<which>")
def one(which: str) -> str:
    """A list of work."""
    wanted, page_number = _wanted(which), _page_number()
    is_by_name = request.args.get("order") == BY_NAME
    counts = list_counts(desk())
    lines = listed(desk(), wanted, page=page_number, by_name=is_by_name)
    order = BY_NAME if is_by_name else None
    first = (page_number - 1) * PAGE_ROWS
    has_later = first + len(lines) < counts[wanted]
    page = ListPage(
        status=status_line_of(desk()),
        tabs=[_tab(each, counts[each], is_shown=each is wanted) for each in TITLES],
        title=gettext(TITLES[wanted]),
        empty=gettext(EMPTY[wanted]),
        rows=rows_of(lines),
        is_by_name=is_by_name,
        order_url=url_for("lists.one", which=which, order=None if is_by_name else BY_NAME),
        shown=_shown(first, len(lines), counts[wanted]),
        earlier_url=url_for("lists.one", which=which, order=order, page=page_number - 1) if page_number > 1 else "",
        later_url=url_for("lists.one", which=which, order=order, page=page_number + 1) if has_later else "",
        xlsx_url=url_for("lists.export", which=which, kind="xlsx"),
        csv_url=url_for("lists.export", which=which, kind="csv"),
    )
    return render_template("list.html", page=page)


@lists.get("/lists/<which>/export.<kind>")
def export(which: str, kind: str) -> Response:
    """A list as a file for a spreadsheet."""
    wanted = _wanted(which)
    lines = whole_list(desk(), wanted, EXPORT_ROWS_MAX)
    return exported(kind, gettext(TITLES[wanted]), DOSSIER_COLUMNS, map(dossier_cells, rows_of(lines)))


def _wanted(which: str) -> WorkList:
    return next((each for each in WorkList if each.value == which), None) or abort(404)


def _page_number() -> int:
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= 6 else 1


def _tab(which: WorkList, count: int, *, is_shown: bool) -> Tab:
    return Tab(
        words=gettext(TITLES[which]),
        count=number(count),
        url=url_for("lists.one", which=which.value),
        is_shown=is_shown,
        is_pressing=which in (WorkList.OVERDUE, WorkList.DUE_TODAY) and count > 0,
    )


def _shown(first: int, count: int, total: int) -> str:
    """``1–100 trong 1.234 hồ sơ``; "" where all stand on the page."""
    if count == total:
        return ""
    return gettext(
        "%(first)s–%(last)s of %(total)s dossiers",
        first=number(first + 1),
        last=number(first + count),
        total=number(total),
    )
