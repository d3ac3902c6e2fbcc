"""What supervisors decide at the centre: they void, suspend, take back, release."""

from typing import TYPE_CHECKING

from central_server.services.deciding import void
from central_server.services.devices import DeviceAction, change_state
from central_server.storage import devices
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING
from sync_protocol.errors import FieldSyncError
from sync_protocol.vocabulary import DeviceId, DeviceState
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
    """A machine is suspended, or a suspended one is taken back and what it sent meanwhile is released."""
    device_id = DeviceId(machine.desk_code, machine.slot)
    with world.centre.fuse.held():
        with reading(world.centre.central.database):
            device = devices.by_id(device_id)
        if device is None:
            return
        if device.state is DeviceState.ACTIVE:
            world.weather.counts["device suspended"] += 1
            world.ruled.add(machine.desk_code)
            change_state(world.centre.central, device_id, DeviceAction.SUSPEND, by=SUPERVISOR, reason=REASON)
        else:
            take_back(world, machine)


def take_back(world: "World", machine: Machine) -> None:
    """A suspended machine counts again, with all that was set aside of it."""
    central, device_id = world.centre.central, DeviceId(machine.desk_code, machine.slot)
    with reading(central.database):
        device = devices.by_id(device_id)
    if device is not None and device.state is not DeviceState.ACTIVE:
        change_state(central, device_id, DeviceAction.APPROVE, by=SUPERVISOR, reason=REASON)
        world.trace(f"   {machine.name} is taken back")
