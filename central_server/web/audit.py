"""The pages of an auditor: who changed what, and who looked at which dossiers; nothing of a dossier stands in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template

from central_server.reports.indicators import BY_ID
from central_server.reports.layouts import LAYOUTS
from central_server.services import auditing
from central_server.services.lateness import LateKind
from central_server.services.readmitting import READMIT
from central_server.services.restoring import RESTORED
from central_server.services.signing_in import ADD_USER, DISABLE_USER, SIGN_OUT_USER
from central_server.services.unsealing import UNSEAL
from central_server.storage.changes import Change
from central_server.storage.reads import Look
from central_server.web import devices
from central_server.web.change_words import became
from central_server.web.formatting import period_text
from central_server.web.lateness_page import LIST_NAMES
from central_server.web.paging import asked_page
from central_server.web.present import central, signed_in
from central_server.web.speech import gettext
from sync_protocol.errors import N_

audit = Blueprint("audit", __name__)

CHANGE_NAMES = devices.CHANGE_NAMES | {
    ADD_USER: N_("Account added"),
    DISABLE_USER: N_("Account closed"),
    SIGN_OUT_USER: N_("Signed out everywhere"),
    "approval": N_("Approval of new machines"),
    "complaint": N_("Complaint entered"),
    "external_figures": N_("Figures from elsewhere entered"),
    "issue_token": N_("Access token issued"),
    "close_period": N_("Figures of a period closed"),
    "reopen_period": N_("Period opened again"),
    "restate_period": N_("Figures of a period restated"),
    "prepare_report": N_("Report prepared for publication"),
    "edit_report": N_("Text of a report edited"),
    "approve_report": N_("Report approved"),
    "publish_report": N_("Report published"),
    "withdraw_report": N_("Draft of a report withdrawn"),
    "revoke_token": N_("Access token ended"),
    READMIT: N_("Machine let in again by its certificate"),
    RESTORED: N_("The centre was restored from a backup"),
    UNSEAL: N_("Backup opened"),
}
"""What was changed; of a kind that has no words here its own name is shown."""

BEHIND = "report"
"""What the name of a list behind a figure begins with."""

LOOK_NAMES = {f"lateness {kind.value}": LIST_NAMES[kind] for kind in LateKind} | {
    "changes": N_("Dossiers changed, read by a program"),
}
"""Which list was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """A change; `subject` is the desk and machine that it is about, "" for the centre as a whole."""

    at: datetime
    who: str
    what: str
    subject: str
    became: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookLine:
    """That somebody saw a list of dossiers; `place` is the desk or unit that it was narrowed to."""

    at: datetime
    who: str
    what: str
    place: str
    period: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """A page of a record, with the numbers of the pages beside it, None where there is none."""

    rows: Sequence[ChangeLine] | Sequence[LookLine]
    previous: int | None
    following: int | None


@audit.get("/changes")
def changes() -> str:
    """Who changed what; raises NotOfTheProvince."""
    page = asked_page()
    found = auditing.changes_made(central(), signed_in().person, page)
    return render_template(
        "changes.html", page=_page([_change_line(each) for each in found.rows], page, is_last=found.is_last)
    )


@audit.get("/reads")
def reads() -> str:
    """Who looked at which lists of dossiers; raises NotOfTheProvince."""
    page = asked_page()
    found = auditing.looks(central(), signed_in().person, page)
    return render_template(
        "reads.html", page=_page([_look_line(each) for each in found.rows], page, is_last=found.is_last)
    )


def _page(rows: Sequence[ChangeLine] | Sequence[LookLine], page: int, *, is_last: bool) -> AuditPage:
    return AuditPage(rows=rows, previous=page - 1 or None, following=None if is_last else page + 1)


def _change_line(each: Change) -> ChangeLine:
    return ChangeLine(
        at=each.at,
        who=each.who,
        what=gettext(CHANGE_NAMES.get(each.what, each.what)),
        subject=f"{each.desk}/{each.slot}" if each.slot else each.desk,
        became=became(each.after),
        reason=each.reason,
    )


def _look_line(each: Look) -> LookLine:
    return LookLine(
        at=each.at,
        who=each.who,
        what=_list_name(each.what),
        place=each.place or gettext("all that they may see"),
        period=period_text(each.period),
        rows=each.rows,
    )


def _list_name(what: str) -> str:
    """The list that was seen, ``Overdue, no result``; of one behind a figure the report and the figure."""
    kind, _, place = what.partition(" ")
    layout, *_, figure = place.removesuffix("/base").split("/") if kind == BEHIND else ("", "")
    if layout not in LAYOUTS or figure not in BY_ID:
        return gettext(LOOK_NAMES.get(what, what))
    return f"{gettext(LAYOUTS[layout].name)}: {gettext(BY_ID[figure].name)}"
