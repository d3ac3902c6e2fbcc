"""What becomes of a desk's machines: approved, suspended, lost, replaced, retired. Every change is recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from central_server.central import Central
from central_server.services.deciding import count_what_waited
from central_server.services.enrolment import Invitation, UnknownDesk, new_invitation
from central_server.services.missing import Missing, missing_of
from central_server.storage import centre, changes, devices, ledger, units
from central_server.storage.changes import Change
from central_server.storage.database import reading, write_transaction
from central_server.storage.devices import Device
from central_server.storage.units import EVERYTHING, DeskNode, Scope
from sync_protocol.certificates import comparison_number
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text, local_date
from sync_protocol.vocabulary import DeskCode, DeviceId, DeviceState

REASON_CHARACTERS_LEAST, REASON_CHARACTERS_MAX = 2, 300
CHANGES_SHOWN_MAX = 40

APPROVED = N_("The machine was approved.")
"""The reason for what then counts, where the person gives no other."""

SENT_WITHIN = timedelta(hours=1)
"""A machine that stated so shortly before it is replaced that it held nothing back leaves nothing unknown."""


class DeviceAction(StrEnum):
    """What a person can do with an enrolled device."""

    APPROVE = "approve"
    SUSPEND = "suspend"
    LOST = "lost"
    REPLACE = "replace"
    RETIRE = "retire"
    SPARE = "spare"


IN_USE = frozenset({DeviceState.ACTIVE, DeviceState.PENDING, DeviceState.SPARE})

POSSIBLE: Mapping[DeviceAction, tuple[frozenset[DeviceState], DeviceState]] = {
    DeviceAction.APPROVE: (
        frozenset({DeviceState.PENDING, DeviceState.SPARE, DeviceState.SUSPENDED, DeviceState.LOST}),
        DeviceState.ACTIVE,
    ),
    DeviceAction.SUSPEND: (IN_USE, DeviceState.SUSPENDED),
    DeviceAction.LOST: (IN_USE | {DeviceState.SUSPENDED}, DeviceState.LOST),
    DeviceAction.REPLACE: (IN_USE | {DeviceState.SUSPENDED, DeviceState.LOST}, DeviceState.REPLACED),
    DeviceAction.RETIRE: (IN_USE | {DeviceState.SUSPENDED}, DeviceState.RETIRED),
    DeviceAction.SPARE: (frozenset({DeviceState.ACTIVE}), DeviceState.SPARE),
}
"""From which states an action leads to which one. What was replaced or retired enrols anew and gets another slot."""

ORDERLY = frozenset({DeviceAction.RETIRE, DeviceAction.SPARE})
"""Only for a machine that has sent all that it stated: nobody waits for its word afterwards."""


class UnknownMachine(FieldSyncError):
    """The desk has no device of this number, or the person may not see the desk."""

    code = "unknown_machine"
    text = N_("There is no machine %(device)s that you may see. Nothing was changed; check the list of machines.")


class NotPossible(FieldSyncError):
    """A device is in a state from which this does not lead on."""

    code = "device_state_forbids"
    text = N_(
        "The machine %(device)s is %(state)s, so this cannot be done with it. Nothing was changed; "
        "look at the list of machines once more."
    )


class StillHolds(FieldSyncError):
    """A device has stated that it holds entries which have not arrived."""

    code = "device_still_holds"
    text = N_(
        "The machine %(device)s has stated that %(count)d entries on it have not been sent. Nothing was changed; "
        "let it send first, or mark it as lost if it no longer can."
    )


class ReasonMissing(FieldSyncError):
    """A change that needs a reason was asked for without one."""

    code = "reason_missing"
    text = N_("Say in a few words why. Nothing was changed; at most %(limit)d characters, and no citizen's data.")


class BadSince(FieldSyncError):
    """A device cannot have been lost at that time."""

    code = "bad_lost_since"
    text = N_("A machine cannot have been lost before it was enrolled, or later than now. Nothing was changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A device as people look after it.

    ahead       entries that it stated and that have not arrived
    offset_ms   centre minus the machine's clock as it last measured it, None before that
    number      the six digits that its own screen shows too
    possible    what can be done with it
    missing     what it held and never sent, where it is gone or was cut off
    """

    device: Device
    ahead: int
    offset_ms: int | None
    number: str
    possible: tuple[DeviceAction, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """The machines of a desk with what was last changed about them; `approval` where new ones are approved."""

    desk: DeskNode
    machines: tuple[Machine, ...]
    changes: tuple[Change, ...]
    approval: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A device after a change; `invitation` is for the one that takes its place."""

    device: Device
    invitation: Invitation | None


def machines_of(central: Central, scope: Scope, code: DeskCode) -> Machines:
    """The machines of a desk; raises UnknownDesk."""
    now, about = central.now(), central.about()
    with reading(central.database):
        desk = _desk(scope, code, now)
        enrolled, offsets = devices.of_desk(code), devices.clock_offsets(code)
        lacking = missing_of(about, enrolled)
        return Machines(
            desk=desk,
            machines=tuple(_machine(device, offsets, lacking) for device in enrolled),
            changes=tuple(changes.of_desk(code, CHANGES_SHOWN_MAX)),
            approval=about.device_approval,
            now=now,
        )


def all_machines(central: Central) -> list[Machine]:
    """Every device of every desk, in the order of desks and slots."""
    about = central.about()
    with reading(central.database):
        codes = [desk.code for desk in units.desks(EVERYTHING, local_date(central.now()))]
        offsets, enrolled = devices.clock_offsets(), devices.of_desks(codes)
        machines = [device for code in codes for device in enrolled.get(code, [])]
        lacking = missing_of(about, machines)
        return [_machine(device, offsets, lacking) for device in machines]


def machine(central: Central, scope: Scope, device_id: DeviceId) -> tuple[DeskNode, Machine]:
    """One device with its desk; raises UnknownDesk, UnknownMachine."""
    told = machines_of(central, scope, device_id.desk)
    found = next((each for each in told.machines if each.device.id == device_id), None)
    if found is None:
        raise UnknownMachine(device=str(device_id))
    return told.desk, found


def change_state(
    central: Central,
    device_id: DeviceId,
    action: DeviceAction,
    *,
    by: str,
    reason: str,
    scope: Scope = EVERYTHING,
    lost_since: datetime | None = None,
) -> Changed:
    """Does something with a device and records who did it and why; all or nothing.

    Raises UnknownDesk, UnknownMachine, NotPossible, StillHolds, ReasonMissing, BadSince.
    """
    _check_reason(action, reason)
    now = central.now()
    with write_transaction(central.database):
        desk = _desk(scope, device_id.desk, now)
        # A contact under way ends before this, or sees it.
        ledger.locked_sequence(desk.code)
        before = devices.by_id(device_id)
        if before is None:
            raise UnknownMachine(device=str(device_id))
        after = _after(before, action, now, lost_since)
        _keep(before, after, action, now, by=by, reason=reason)
        if action is DeviceAction.APPROVE:
            count_what_waited(central, device_id, by=by, reason=reason.strip() or APPROVED)
        invitation = (
            new_invitation(central, desk, now, by=by, reason=reason) if action is DeviceAction.REPLACE else None
        )
    return Changed(device=after, invitation=invitation)


def set_approval(central: Central, *, needed: bool, by: str) -> None:
    """Sets whether a person has to approve each new device."""
    with write_transaction(central.database):
        about = centre.about()
        assert about is not None, "a centre that is served has been founded"
        if about.device_approval == needed:
            return
        centre.set_approval(needed=needed)
        changes.keep(
            Change(
                at=central.now(),
                who=by,
                what="approval",
                before={"needed": about.device_approval},
                after={"needed": needed},
            )
        )


def parse_device(text: str) -> DeviceId:
    """A device as people name it, ``H62.11.01/2``; raises UnknownMachine."""
    desk, _, slot = text.rpartition("/")
    if not desk or not slot.isdecimal() or len(slot) > 9:
        raise UnknownMachine(device=text)
    return DeviceId(desk, int(slot))


def _desk(scope: Scope, code: DeskCode, now: datetime) -> DeskNode:
    desk = units.desk(scope, code, local_date(now))
    if desk is None:
        raise UnknownDesk(desk=code)
    return desk


def _machine(
    device: Device, offsets: Mapping[DeviceId, int], lacking: Mapping[DeviceId, tuple[Missing, ...]]
) -> Machine:
    return Machine(
        device=device,
        ahead=max(0, device.stated_head - device.head),
        offset_ms=offsets.get(device.id),
        number=comparison_number(devices.origin(device.id)),
        possible=tuple(action for action, (states, _) in POSSIBLE.items() if device.state in states),
        missing=lacking.get(device.id, ()),
    )


def _check_reason(action: DeviceAction, reason: str) -> None:
    is_left_out = action is DeviceAction.APPROVE and not reason.strip()
    if not is_left_out and not REASON_CHARACTERS_LEAST <= len(reason.strip()) <= REASON_CHARACTERS_MAX:
        raise ReasonMissing(limit=REASON_CHARACTERS_MAX)


def _after(before: Device, action: DeviceAction, now: datetime, lost_since: datetime | None) -> Device:
    states, state = POSSIBLE[action]
    if before.state not in states:
        raise NotPossible(device=str(before.id), state=STATE_NAMES[before.state])
    held = max(0, before.stated_head - before.head)
    if action in ORDERLY and held:
        raise StillHolds(device=str(before.id), count=held)
    return replace(before, state=state, state_since=now, left_at=_left_at(before, action, now, lost_since))


def _left_at(before: Device, action: DeviceAction, now: datetime, lost_since: datetime | None) -> datetime | None:
    """When a device went out of reach with something unknown on it; None where nothing is missed."""
    match action:
        case DeviceAction.LOST:
            since = lost_since or now
            if not before.enrolled_at <= since <= now:
                raise BadSince
            return since
        case DeviceAction.SUSPEND:
            return now
        case DeviceAction.REPLACE:
            return before.left_at or (None if _has_just_sent_all(before, now) else now)
        case _:
            return None


def _has_just_sent_all(device: Device, now: datetime) -> bool:
    return device.stated_head <= device.head and device.stated_at is not None and now - device.stated_at <= SENT_WITHIN


def _keep(before: Device, after: Device, action: DeviceAction, now: datetime, *, by: str, reason: str) -> None:
    devices.keep_state(after.id, after.state, now, after.left_at)
    changes.keep(
        Change(
            at=now,
            who=by,
            what=action.value,
            desk=after.id.desk,
            slot=after.id.slot,
            before=_content(before),
            after=_content(after),
            reason=reason.strip(),
        )
    )


def _content(device: Device) -> dict[str, object]:
    content: dict[str, object] = {"state": device.state.value}
    return content | ({"left_at": instant_text(device.left_at)} if device.left_at else {})


STATE_NAMES = {
    DeviceState.ACTIVE: N_("in use"),
    DeviceState.PENDING: N_("waiting for approval"),
    DeviceState.SPARE: N_("in reserve"),
    DeviceState.SUSPENDED: N_("suspended"),
    DeviceState.LOST: N_("lost"),
    DeviceState.REPLACED: N_("replaced"),
    DeviceState.RETIRED: N_("retired"),
}
