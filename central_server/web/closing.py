"""The closing page of a period: who is missing, what was published, and what the province office can do now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from central_server.services import closing
from central_server.services.assessing import DeskStanding
from central_server.services.closing import PeriodState, PeriodStory
from central_server.services.signing_in import NotOfTheProvince
from central_server.services.snapshots import ChangeCause, Snapshot
from central_server.storage.periods import PeriodStep
from central_server.web.periods import PeriodShown, shown_period
from central_server.web.present import central, language, signed_in
from central_server.web.speech import gettext
from central_server.web.words import Course, Word, tell
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.messages import error_text
from sync_protocol.periods import Period, parse_period
from sync_protocol.vocabulary import Role

STEP_WORDS = {
    PeriodStep.CLOSE: N_("Closed"),
    PeriodStep.REOPEN: N_("Opened again"),
    PeriodStep.RESTATE: N_("Restated"),
}
CAUSE_WORDS = {
    ChangeCause.ARRIVED_LATE: N_("Entered before, arrived after the closing"),
    ChangeCause.ENTERED_LATE: N_("Entered after the closing"),
    ChangeCause.CORRECTED: N_("Day of reception corrected"),
    ChangeCause.VOIDED: N_("Voided"),
    ChangeCause.DECIDED: N_("Counted after a decision"),
    ChangeCause.REORGANISED: N_("Units reorganised"),
    ChangeCause.CENTRE_RESTORED: N_("The centre was restored from a backup"),
}

periods = Blueprint("closing", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRow:
    """A desk that is not known to the period's end, with what is known and who acts next."""

    code: str
    name: str
    district: str
    phone: str
    word: Word
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A step in the life of the period; the figures are None where it was opened again."""

    step: str
    taken_at: datetime
    taken_by: str
    reason: str
    arrived: int | None
    missing: int | None
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """What differs at a desk from the figures before, for one cause."""

    desk: str
    name: str
    cause: str
    dossiers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingPage:
    """The closing page; `problem` says why the last step was not taken, `typed` is its reason."""

    period: PeriodShown
    arrived: int
    desks: int
    missing: Sequence[MissingRow]
    not_published: int
    steps: Sequence[StepRow]
    changes: Sequence[ChangeRow]
    causes: Sequence[tuple[str, int]]
    can_close: bool
    can_change: bool
    problem: str = ""
    typed: str = ""


@periods.get("/periods/<name>")
def show(name: str) -> str:
    """The closing page; raises UnknownPeriod, NotOfTheProvince."""
    told = closing.story(central(), _asked(name))
    return render_template("closing.html", page=_page(told))


@periods.post("/periods/<name>")
def take(name: str) -> Response | tuple[str, int]:
    """Closes, opens again or restates; what cannot be done is told on the page, with the reason still there."""
    period, reason = _asked(name), request.form.get("reason", "")
    try:
        _taken(period, request.form.get("step", ""), reason)
    except FieldSyncError as error:
        page = _page(closing.story(central(), period))
        told = replace(page, problem=error_text(error, language()), typed=reason[: closing.REASON_CHARACTERS_MAX])
        return render_template("closing.html", page=told), HTTPStatus.BAD_REQUEST
    return redirect(url_for("closing.show", name=name))


def _taken(period: Period, step: str, reason: str) -> None:
    by = signed_in().person.username
    if step == PeriodStep.CLOSE:
        closing.close(central(), period, by=by, reason=reason)
    elif step == PeriodStep.RESTATE:
        closing.restate(central(), period, by=by, reason=reason)
    elif step == PeriodStep.REOPEN:
        closing.reopen(central(), period, by=by, reason=reason)
    else:
        raise BadRequest


def _asked(name: str) -> Period:
    if signed_in().person.role not in (Role.PROVINCE, Role.AUDITOR):
        raise NotOfTheProvince
    return parse_period(name, central().about().series)


def _page(told: PeriodStory) -> ClosingPage:
    may_change = signed_in().person.role is Role.PROVINCE
    last = told.snapshots[-1] if told.snapshots else None
    return ClosingPage(
        period=shown_period(told.period, told.live.now),
        arrived=told.arrived,
        desks=len(told.live.desks),
        missing=[_missing(each, told) for each in told.missing],
        not_published=told.not_published,
        steps=_steps(told),
        changes=_changes(last) if last else [],
        causes=_causes(last) if last else [],
        can_close=may_change and told.state is PeriodState.CLOSING,
        can_change=may_change and told.is_closed,
    )


def _missing(each: DeskStanding, told: PeriodStory) -> MissingRow:
    words = tell(each.judgement, Course(is_open=told.live.is_open, pace=told.live.pace), language())
    return MissingRow(
        code=each.desk.code,
        name=each.desk.name,
        district=each.desk.district.name,
        phone=each.desk.phone,
        word=words.word,
        evidence=words.evidence,
    )


def _steps(told: PeriodStory) -> list[StepRow]:
    snapshots = iter(told.snapshots)
    rows = []
    for step in told.steps:
        taken = next(snapshots) if step.snapshot else None
        rows.append(
            StepRow(
                step=gettext(STEP_WORDS[step.step]),
                taken_at=step.taken_at,
                taken_by=step.taken_by,
                reason=step.reason,
                arrived=taken.sum("arrived") if taken else None,
                missing=len(taken.missing) if taken else None,
                hash=taken.hash.hex() if taken else "",
            )
        )
    return rows


def _changes(taken: Snapshot) -> list[ChangeRow]:
    names = {desk["desk"]: desk["name"] for desk in taken.desks}
    return [
        ChangeRow(
            desk=each.desk,
            name=names.get(each.desk, ""),
            cause=gettext(CAUSE_WORDS[each.cause]),
            dossiers=each.dossiers,
        )
        for each in taken.changes
    ]


def _causes(taken: Snapshot) -> list[tuple[str, int]]:
    sums: Counter[ChangeCause] = Counter()
    for each in taken.changes:
        sums[each.cause] += each.dossiers
    return [(gettext(CAUSE_WORDS[cause]), count) for cause, count in sums.items()]
