"""What supervisors decide at the centre: they void, suspend, take back, release, and part with machines."""

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING

from central_server.services.deciding import release, void
from central_server.services.devices import Changed, DeviceAction, change_state
from central_server.storage import devices, holding
from central_server.storage.database import reading
from central_server.storage.devices import REVOKED
from central_server.storage.holding import AWAITING_A_DECISION
from central_server.storage.units import EVERYTHING
from sync_protocol.errors import FieldSyncError
from sync_protocol.vocabulary import DeskCode, DeviceId, DeviceState
from tests.simulation import happenings, joining
from tests.simulation.machines import SUPERVISOR, Machine
from tests.simulation.truth import at_centre

if TYPE_CHECKING:
    from tests.simulation.world import World

REASON = "Kiểm tra lại"


def void_dossier(world: "World", machine: Machine) -> None:
    """A supervisor takes a dossier that has arrived out of every count."""
    here = [
        (token, each.subject)
        for token, held in sorted(at_centre(world.centre).items())
        for each in held
        if each.desk == machine.desk_code and not world.truth.saved[token].is_voided
    ]
    if not here:
        return
    token, subject = world.chance.choice(here)
    saved = world.truth.saved[token]
    with world.centre.fuse.held():
        try:
            void(world.centre.central, EVERYTHING, saved.desk, subject, reason=REASON, by=SUPERVISOR)
        except FieldSyncError as error:
            world.trace(f"   void {saved.token}: {error.code}")
            return
    saved.is_voided = True
    world.ruled.add(saved.desk)
    world.trace(f"   {saved.token} is voided")


def suspend_or_take_back(world: "World", machine: Machine) -> None:
    """A machine is suspended, or a suspended or lost one is taken back and what it sent meanwhile is released."""
    if is_in_use(world, machine):
        world.weather.counts["device suspended"] += 1
        world.ruled.add(machine.desk_code)
        _change(world, machine, DeviceAction.SUSPEND)
    else:
        take_back(world, machine)


def take_back(world: "World", machine: Machine) -> None:
    """A suspended machine, or a lost one that was found, counts again, with all that was set aside of it."""
    if _state(world, machine) in (DeviceState.SUSPENDED, DeviceState.LOST):
        _change(world, machine, DeviceAction.APPROVE)
        machine.is_put_away = False


def miss_machine(world: "World", machine: Machine) -> None:
    """A machine is said to be lost, since some time after its last use; nobody works at it until it is found."""
    if not _may_part_with(world, machine):
        return
    since = machine.written[-1][2]
    lost_since = since + world.chance.random() * (world.time.at - since)
    _put_away(world, machine, DeviceAction.LOST, lost_since=lost_since)


def replace_machine(world: "World", machine: Machine) -> None:
    """Another machine takes the place of one, whether or not that has sent all; what it still holds comes later."""
    if not _may_part_with(world, machine):
        return
    if world.chance.random() < 0.5:
        happenings.send_now(world, machine)
    invitation = _put_away(world, machine, DeviceAction.REPLACE).invitation
    assert invitation, "it is for the one that takes the place"
    joining.unpack(world, machine.desk_code, str(invitation.code))


def retire_machine(world: "World", machine: Machine) -> None:
    """A machine goes out of use, once it has sent all that it holds."""
    if not _may_part_with(world, machine):
        return
    if (outcome := happenings.send_now(world, machine)) and not outcome.error and not outcome.unsent:
        _put_away(world, machine, DeviceAction.RETIRE)


def count_what_is_left(world: "World") -> bool:
    """Somebody has all counted that was set aside of machines which are out of use; whether there was anything."""
    central = world.centre.central
    revoked = [each for each in (*world.machines, *world.gone) if _state(world, each) in REVOKED]
    names: defaultdict[DeskCode, list[str]] = defaultdict(list)
    with reading(central.database):
        for machine in revoked:
            held = holding.open_entries(machine.desk_code, machine.slot)
            names[machine.desk_code] += [str(each.header.id) for each in held if each.reason in AWAITING_A_DECISION]
    for desk, waiting in names.items():
        if waiting:
            release(central, EVERYTHING, desk, waiting, reason=REASON, by=SUPERVISOR)
            world.trace(f"   {len(waiting)} entries of {desk} are released")
    return any(names.values())


def is_in_use(world: "World", machine: Machine) -> bool:
    """Whether the centre takes a machine for one that works."""
    return _state(world, machine) is DeviceState.ACTIVE


def _may_part_with(world: "World", machine: Machine) -> bool:
    """Whether a machine is in use, is known to the centre as such, and is the only one of its number."""
    return not world.has_twin(machine) and is_in_use(world, machine)


def _put_away(world: "World", machine: Machine, action: DeviceAction, *, lost_since: datetime | None = None) -> Changed:
    world.weather.counts[f"device: {action.value}"] += 1
    world.ruled.add(machine.desk_code)
    machine.is_put_away = True
    return _change(world, machine, action, lost_since=lost_since)


def _change(world: "World", machine: Machine, action: DeviceAction, *, lost_since: datetime | None = None) -> Changed:
    device_id = DeviceId(machine.desk_code, machine.slot)
    world.trace(f"   {machine.name}: {action.value}")
    with world.centre.fuse.held():
        return change_state(
            world.centre.central, device_id, action, by=SUPERVISOR, reason=REASON, lost_since=lost_since
        )


def _state(world: "World", machine: Machine) -> DeviceState | None:
    """What a machine is to the centre; None for one that it does not know, as after it was put back."""
    with world.centre.fuse.held(), reading(world.centre.central.database):
        device = devices.by_id(DeviceId(machine.desk_code, machine.slot))
    return device.state if device else None
