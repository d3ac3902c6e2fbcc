"""Machines that come to be devices of their desks, on the first day or on any later one."""

from typing import TYPE_CHECKING

from central_server.services import enrolment
from central_server.storage import devices
from central_server.storage.database import reading
from desk_client.services.enrolment import enrol
from desk_client.services.road import CentreRefused
from sync_protocol.errors import FieldSyncError
from sync_protocol.vocabulary import DeskCode
from tests.conftest import URL
from tests.factories import PASSWORD
from tests.simulation.audits import check
from tests.simulation.disk import Fuse
from tests.simulation.machines import Machine, area_of
from tests.simulation.wire import Wire

if TYPE_CHECKING:
    from tests.simulation.world import World

TRIES_MOST = 100
CODE_REFUSED = ("wrong_code", "code_used")
"""What the centre says of a code that does not do any more, as after it was put back to before the invitation."""


def enrol_late(world: "World", machine: Machine) -> None:
    """A desk gets one more machine, or one that could not be enrolled tries again."""
    if not world.joining:
        world.weather.counts["late enrolment"] += 1
        unpack(world, machine.desk_code)
    asking = world.joining[0]
    if _is_number_free(world, asking.desk_code):
        _try(world, asking)


def unpack(world: "World", desk: DeskCode, code: str = "") -> None:
    """A new machine stands at a desk and asks to be enrolled, with a code or before it has one."""
    number = len(world.machines) + len(world.joining) + len(world.gone) + 1
    fuse = Fuse()
    wire = Wire(area_of(desk), world.centre.answer, world.weather, world.time, world.fork(), fuse)
    folder, chance = world.folder / f"m{number}", world.fork()
    machine = Machine(f"m{number}", desk, folder, world.time, chance, wire, fuse, world.centre.tokens, code=code)
    machine.begin({})
    world.joining.append(machine)


def finish(world: "World") -> None:
    """Machines that ask to be enrolled try again until they are; a desk that may get no new one does without."""
    for machine in list(world.joining):
        if not _is_number_free(world, machine.desk_code):
            world.joining.remove(machine)
            world.gone.append(machine)
            continue
        for _ in range(TRIES_MOST):
            if machine.slot == 0:
                _try(world, machine)
        check("I14", machine.slot, f"{machine.name} was never enrolled")


def _is_number_free(world: "World", desk: DeskCode) -> bool:
    """Whether no machine has the number that the centre gives next, which it cannot know after it was put back."""
    with world.centre.fuse.held(), reading(world.centre.central.database):
        following = devices.next_slot(desk)
    return all((each.desk_code, each.slot) != (desk, following) for each in (*world.machines, *world.gone))


def _try(world: "World", machine: Machine) -> None:
    """One try; a code that does not do any more is asked for anew."""
    if not machine.code:
        with world.centre.fuse.held():
            [invitation] = enrolment.invite(world.centre.central, machine.desk_code)
        machine.code = str(invitation.code)
    try:
        device_id = enrol(machine.desk, machine.road(), URL, machine.code, PASSWORD)
    except FieldSyncError as error:
        world.trace(f"   enrolment of {machine.name}: {error.code}")
        if isinstance(error, CentreRefused) and error.refusal_code in CODE_REFUSED:
            machine.code = ""
        return
    machine.slot = device_id.slot
    machine.believes = world.centre.put_back
    world.trace(f"{machine.name} is {machine.desk_code}/{machine.slot}")
    world.joining.remove(machine)
    world.machines.append(machine)
    world.note_written(machine)
