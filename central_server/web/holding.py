"""What is set aside, desk by desk, and the decision of a person that it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from central_server.services import deciding, giving_up
from central_server.services import holding as holdings
from central_server.services.deciding import NotHeld, ReasonNeeded, StillSetAside
from central_server.services.devices import UnknownMachine, parse_device
from central_server.services.giving_up import NothingMissing
from central_server.services.holding import DismissedEntry, HeldDesk
from central_server.services.holding_words import reason_words
from central_server.storage.gaps import GAP
from central_server.storage.holding import AWAITING_A_DECISION, SET_ASIDE, HeldEntry
from central_server.storage.units import DeskNode
from central_server.web.formatting import number
from central_server.web.missing import MissingRow, missing_rows
from central_server.web.present import central, language, signed_in
from central_server.web.speech import gettext
from central_server.web.words import KIND_NAMES
from sync_protocol.errors import BadInput, FieldSyncError
from sync_protocol.messages import error_text
from sync_protocol.schemas import RELEASED_MAX

holding = Blueprint("holding", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """An entry that waits; `is_for_person` where only a person ends it, `may_be_chosen` where one can."""

    entry: str
    slot: int
    what: str
    dossier: str
    day: date | None
    clerk: str
    why: str
    since: datetime
    is_for_person: bool
    may_be_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBlock:
    """A desk with its rows; `hidden` counts those that are not listed, "" for none."""

    desk: DeskNode
    count: int
    hidden: str
    rows: Sequence[HeldRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissedRow:
    """An entry that somebody has decided not to count."""

    row: HeldRow
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingPage:
    """All that waits in the scope of who looks; `desk` is the one that was asked for, "" for all.

    problem    why a decision was not taken; done: what the last one came to
    dismissed  of the one desk: what somebody has decided not to count
    missing    of the one desk: what its machines held that never arrived
    """

    desk: str
    blocks: Sequence[HeldBlock]
    count: int
    problem: str
    reason: str
    chosen: frozenset[str]
    done: str
    dismissed: Sequence[DismissedRow]
    missing: Sequence[MissingRow]


@holding.get("/holding")
def page() -> str:
    """Every entry that is set aside in the scope of who looks."""
    return _page(request.args.get("desk", ""))


@holding.post("/holding/<code>")
def decide(code: str) -> Response | tuple[str, int]:
    """Has entries judged again, or decides that they do not count; or the page once more with why not."""
    chosen, reason = request.form.getlist("entry")[:RELEASED_MAX], request.form.get("reason", "")
    take = _dismiss if request.form.get("decision") == "dismiss" else _release
    try:
        session["decided"] = take(code, chosen, reason)
    except (BadInput, NotHeld, ReasonNeeded, StillSetAside) as error:
        return _page(code, error, reason, frozenset(chosen)), 422
    return redirect(url_for("holding.page", desk=code))


@holding.post("/holding/<code>/missing")
def give_up(code: str) -> Response | tuple[str, int]:
    """States that what a machine held will never come; or the page once more with why not."""
    person, slot, reason = signed_in().person, request.form.get("slot", ""), request.form.get("reason", "")
    try:
        device = parse_device(f"{code}/{slot}")
        given_up = giving_up.give_up(central(), person.scope, device, reason=reason, by=person.username)
    except (NothingMissing, ReasonNeeded, UnknownMachine) as error:
        return _page(code, error, reason), 422
    count = sum(each.entries for each in given_up)
    session["decided"] = gettext(
        "%(count)s numbers are stated to be lost. Nothing else was changed.", count=number(count)
    )
    return redirect(url_for("holding.page", desk=code))


def waiting_count() -> str:
    """How many entries wait in the scope of who looks, "" for none."""
    count = holdings.held_count(central(), signed_in().person.scope)
    return number(count) if count else ""


def _release(code: str, chosen: Sequence[str], reason: str) -> str:
    person = signed_in().person
    decided = deciding.release(central(), person.scope, code, chosen, reason=reason, by=person.username)
    freed = sum(each.verdict not in SET_ASIDE for each in decided.again)
    return gettext("%(count)s entries count now.", count=number(freed))


def _dismiss(code: str, chosen: Sequence[str], reason: str) -> str:
    person = signed_in().person
    deciding.dismiss(central(), person.scope, code, chosen, reason=reason, by=person.username)
    return gettext("%(count)s entries do not count and wait no longer. They stay below.", count=number(len(chosen)))


def _page(
    code: str, error: FieldSyncError | None = None, reason: str = "", chosen: frozenset[str] = frozenset()
) -> str:
    scope = signed_in().person.scope
    told = holdings.held(central(), scope, code or None)
    shown = HoldingPage(
        desk=code,
        blocks=[_block(each) for each in told],
        count=sum(each.count for each in told),
        problem=error_text(error, language()) if error else "",
        reason=reason,
        chosen=chosen,
        done=session.pop("decided", ""),
        dismissed=[_dismissed_row(each) for each in holdings.dismissed(central(), scope, code)] if code else [],
        missing=missing_rows(code) if code else [],
    )
    return render_template("holding.html", page=shown)


def _block(each: HeldDesk) -> HeldBlock:
    hidden = each.count - len(each.entries)
    return HeldBlock(
        desk=each.desk,
        count=each.count,
        hidden=number(hidden) if hidden > 0 else "",
        rows=[_row(entry) for entry in each.entries],
    )


def _row(each: HeldEntry) -> HeldRow:
    return HeldRow(
        entry=str(each.id),
        slot=each.id.slot,
        what=gettext(KIND_NAMES[each.kind]) if each.kind in KIND_NAMES else each.kind,
        dossier="" if each.subject == str(each.id) else each.subject,
        day=each.day,
        clerk=each.clerk,
        why=reason_words(each.reason, language()),
        since=each.arrived_at,
        is_for_person=each.reason in AWAITING_A_DECISION,
        may_be_chosen=each.reason != GAP,
    )


def _dismissed_row(each: DismissedEntry) -> DismissedRow:
    return DismissedRow(row=_row(each.entry), reason=each.reason, by=each.by, at=each.at)
