"""The machines of a desk: what is known of each, what can be done with it, who changed what, and codes for new ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import segno
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from central_server.services import devices, enrolment
from central_server.services.devices import (
    REASON_CHARACTERS_MAX,
    STATE_NAMES,
    BadSince,
    DeviceAction,
    Machine,
    Machines,
    NotPossible,
    ReasonMissing,
    StillHolds,
)
from central_server.services.enrolment import Invitation
from central_server.services.giving_up import GIVE_UP
from central_server.services.inviting import invitation_sheets
from central_server.services.signing_in import NotOfTheProvince
from central_server.storage.changes import Change
from central_server.storage.units import DeskNode
from central_server.web.formatting import number
from central_server.web.present import central, language, signed_in
from central_server.web.speech import gettext
from central_server.web.words import Word
from sync_protocol.errors import N_
from sync_protocol.instants import LOCAL
from sync_protocol.messages import error_text
from sync_protocol.vocabulary import DeviceId, DeviceState, Role

machines = Blueprint("machines", __name__)

CLOCK_WRONG_S = 300
"""A clock that is wrong by more than this is worth a telephone call."""

DAY_MINUTES = 24 * 60
CLOCK_MINUTES_MAX = 2 * DAY_MINUTES
"""A clock that is wrong by more is told in days: its date is."""

DISK_LOW_MB = 500
QUIET_MODULES = 4
"""The white border that a scanner needs. Source: ISO/IEC 18004."""

STATE_LOOKS: Mapping[DeviceState, tuple[str, str]] = {
    DeviceState.ACTIVE: ("met", "good"),
    DeviceState.PENDING: ("clock", "waiting"),
    DeviceState.SPARE: ("exempt", "plain"),
    DeviceState.SUSPENDED: ("under_review", "waiting"),
    DeviceState.LOST: ("no_device", "proven"),
    DeviceState.REPLACED: ("elsewhere", "unknown"),
    DeviceState.RETIRED: ("no_device", "unknown"),
}

ACTION_NAMES = {
    DeviceAction.APPROVE: N_("Approve"),
    DeviceAction.SUSPEND: N_("Suspend"),
    DeviceAction.LOST: N_("Report as lost"),
    DeviceAction.REPLACE: N_("Replace by a new machine"),
    DeviceAction.RETIRE: N_("Retire"),
    DeviceAction.SPARE: N_("Put in reserve"),
}
CONSEQUENCES = {
    DeviceAction.APPROVE: N_(
        "Compare the six digits with those on the machine's own screen. What it has sent so far counts from now on."
    ),
    DeviceAction.SUSPEND: N_(
        "What the machine sends is kept and does not count until it is approved again. Nothing is deleted."
    ),
    DeviceAction.LOST: N_(
        "What the machine sends from now on is kept and does not count. What it held and had not sent is shown as "
        "unknown: nobody says that the desk entered nothing."
    ),
    DeviceAction.REPLACE: N_(
        "The machine ends, and you get the code for the new one at once. If the old machine still works, "
        "let it send all first: what it sends later is kept, and counts only after a decision."
    ),
    DeviceAction.RETIRE: N_(
        "For a machine that has sent all and is not needed any more. What it sends later is kept and does not count."
    ),
    DeviceAction.SPARE: N_("The machine stays enrolled; nobody waits for its word. What it sends counts."),
}
CHANGE_NAMES = {action.value: name for action, name in ACTION_NAMES.items()} | {
    "invite": N_("Code issued"),
    "enrol": N_("Enrolled"),
    GIVE_UP: N_("Numbers stated to be lost"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionLink:
    """Something that can be done with a machine, and where it is confirmed."""

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineView:
    """A machine as it is shown; `clock` says how wrong its clock is, the notes what is worth a call."""

    machine: Machine
    state: Word
    since: datetime
    left_at: datetime | None
    number: str
    clock: str
    is_clock_wrong: bool
    is_disk_low: bool
    actions: Sequence[ActionLink]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A line of the record."""

    at: datetime
    who: str
    slot: int
    what: str
    became: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachinesPage:
    """The machines of a desk."""

    desk: DeskNode
    machines: Sequence[MachineView]
    changes: Sequence[ChangeView]
    approval: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """The confirmation of an action: what follows from it, what was typed, and why it did not go through."""

    desk: DeskNode
    machine: MachineView
    action: DeviceAction
    name: str
    consequence: str
    reason: str
    reason_max: int
    is_reason_needed: bool
    since: str
    since_max: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPage:
    """A fresh code, shown this once: in groups, as QR, and until when it is good; `done` says what else was done."""

    desk_code: str
    desk_name: str
    groups: Sequence[str]
    code: str
    qr: str
    expires_at: datetime
    done: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationsPage:
    """The desks that have no machine in use, and whether new machines are approved, which the province may change."""

    desks: Sequence[DeskNode]
    approval: bool
    may_set_approval: bool


@machines.get("/desks/<code>/machines")
def show(code: str) -> str:
    """The machines of a desk; raises UnknownDesk."""
    told = devices.machines_of(central(), signed_in().person.scope, code)
    return render_template("machines.html", page=_page(told))


@machines.get("/desks/<code>/machines/<int:slot>/<action>")
def ask(code: str, slot: int, action: str) -> str:
    """What would follow from an action; raises UnknownDesk, UnknownMachine."""
    return _asked(code, slot, _action(action))


@machines.post("/desks/<code>/machines/<int:slot>/<action>")
def change(code: str, slot: int, action: str) -> BaseResponse | str | tuple[str, int]:
    """Does it; what was typed stands again where it cannot be done."""
    done = _action(action)
    try:
        changed = devices.change_state(
            central(),
            DeviceId(code, slot),
            done,
            by=signed_in().person.username,
            reason=request.form.get("reason", ""),
            scope=signed_in().person.scope,
            lost_since=_since() if done is DeviceAction.LOST else None,
        )
    except (ReasonMissing, NotPossible, StillHolds, BadSince) as error:
        return _asked(code, slot, done, problem=error_text(error, language())), HTTPStatus.BAD_REQUEST
    if changed.invitation:
        return _invitation(changed.invitation, done=gettext("Machine %(slot)s has been replaced.", slot=slot))
    return redirect(url_for("machines.show", code=code), HTTPStatus.SEE_OTHER)


@machines.post("/desks/<code>/invitation")
def invite(code: str) -> str:
    """A fresh code for one more machine of a desk; raises UnknownDesk."""
    person = signed_in().person
    [made] = enrolment.invite(central(), code, by=person.username, scope=person.scope)
    return _invitation(made)


@machines.get("/invitations")
def without_machine() -> str:
    """The desks of the person's area that have no machine in use."""
    about, person = central().about(), signed_in().person
    page = InvitationsPage(
        desks=enrolment.uninvited(central(), person.scope),
        approval=about.device_approval,
        may_set_approval=person.role is Role.PROVINCE,
    )
    return render_template("invitations.html", page=page)


@machines.post("/invitations")
def invite_all() -> Response:
    """One file to print, a sheet for each of these desks; the codes are nowhere else."""
    person = signed_in().person
    made = enrolment.invite(central(), None, by=person.username, scope=person.scope)
    pdf = invitation_sheets(central(), made, address=request.url_root)
    return Response(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="phieu-dang-ky-may.pdf"'},
    )


@machines.post("/invitations/approval")
def set_approval() -> BaseResponse:
    """Whether new machines are approved by a person; raises NotOfTheProvince."""
    person = signed_in().person
    if person.role is not Role.PROVINCE:
        raise NotOfTheProvince
    devices.set_approval(central(), needed=request.form.get("needed") == "yes", by=person.username)
    return redirect(url_for("machines.without_machine"), HTTPStatus.SEE_OTHER)


def state_word(state: DeviceState) -> Word:
    """A device's state as it is shown."""
    icon, tone = STATE_LOOKS[state]
    return Word(icon=icon, tone=tone, text=gettext(STATE_NAMES[state]))


def clock_words(offset_ms: int | None) -> str:
    """How wrong a machine's clock is; the offset is centre minus machine, so a positive one means that it is slow."""
    if offset_ms is None:
        return gettext("not known")
    minutes, is_slow = round(abs(offset_ms) / 60_000), offset_ms > 0
    if minutes == 0:
        return gettext("right")
    if minutes > CLOCK_MINUTES_MAX:
        days = number(minutes // DAY_MINUTES)
        return gettext("%(days)s days slow", days=days) if is_slow else gettext("%(days)s days fast", days=days)
    told = number(minutes)
    return (
        gettext("%(minutes)s minutes slow", minutes=told)
        if is_slow
        else gettext("%(minutes)s minutes fast", minutes=told)
    )


def _action(name: str) -> DeviceAction:
    if name not in list(DeviceAction):
        raise NotFound
    return DeviceAction(name)


def _page(told: Machines) -> MachinesPage:
    return MachinesPage(
        desk=told.desk,
        machines=[_view(each) for each in told.machines],
        changes=[_change_view(each) for each in told.changes],
        approval=told.approval,
    )


def _view(machine: Machine) -> MachineView:
    device, offset_s = machine.device, (machine.offset_ms or 0) / 1000
    return MachineView(
        machine=machine,
        state=state_word(device.state),
        since=device.state_since or device.enrolled_at,
        left_at=device.left_at,
        number=f"{machine.number[:3]} {machine.number[3:]}",
        clock=clock_words(machine.offset_ms),
        is_clock_wrong=abs(offset_s) > CLOCK_WRONG_S,
        is_disk_low=device.free_disk_mb is not None and device.free_disk_mb < DISK_LOW_MB,
        actions=[
            ActionLink(
                name=gettext(ACTION_NAMES[action]),
                url=url_for("machines.ask", code=device.id.desk, slot=device.id.slot, action=action.value),
            )
            for action in machine.possible
        ],
    )


def _change_view(change: Change) -> ChangeView:
    state = change.after.get("state", "")
    return ChangeView(
        at=change.at,
        who=change.who,
        slot=change.slot,
        what=gettext(CHANGE_NAMES.get(change.what, change.what)),
        became=gettext(STATE_NAMES[DeviceState(state)]) if state else "",
        reason=change.reason,
    )


def _asked(code: str, slot: int, action: DeviceAction, problem: str = "") -> str:
    """The confirmation, with what was typed before."""
    desk, machine = devices.machine(central(), signed_in().person.scope, DeviceId(code, slot))
    page = ChangePage(
        desk=desk,
        machine=_view(machine),
        action=action,
        name=gettext(ACTION_NAMES[action]),
        consequence=gettext(CONSEQUENCES[action]),
        reason=request.form.get("reason", "")[:REASON_CHARACTERS_MAX],
        reason_max=REASON_CHARACTERS_MAX,
        is_reason_needed=action is not DeviceAction.APPROVE,
        since=request.form.get("since", ""),
        since_max=central().now().astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M"),
        problem=problem,
    )
    return render_template("machine_change.html", page=page)


def _since() -> datetime | None:
    """The local time from which a machine is missed, None where it is left out; raises BadSince."""
    typed = request.form.get("since", "").strip()
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=LOCAL) if typed else None
    except ValueError as error:
        raise BadSince from error


def _invitation(made: Invitation, done: str = "") -> str:
    page = InvitationPage(
        desk_code=made.desk,
        desk_name=made.desk_name,
        groups=str(made.code).split("-"),
        code=str(made.code),
        # make() would give a Micro QR for a short code, which telephones do not read.
        qr=segno.make_qr(str(made.code), error="m").svg_inline(
            omitsize=True, border=QUIET_MODULES, svgclass=None, lineclass=None
        ),
        expires_at=made.expires_at,
        done=done,
    )
    return render_template("invitation.html", page=page)
