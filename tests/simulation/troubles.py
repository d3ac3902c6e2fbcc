"""What goes wrong in the simulated province, beside what `wire` does to each request."""

from datetime import timedelta
from typing import TYPE_CHECKING

import requests

from central_server.services import founding
from tests.conftest import PROCEDURE_LINES
from tests.simulation.disk import fill_up
from tests.simulation.machines import Machine

if TYPE_CHECKING:
    from tests.simulation.world import World

TOUCHES_MOST = 90
"""A power cut comes at one of so many next touches of the database: within the next one to three actions."""

JUMPS = (
    timedelta(days=-20 * 365),
    timedelta(days=20 * 365),
    timedelta(days=-31),
    timedelta(days=40),
    timedelta(hours=-7),
    timedelta(hours=13),
    timedelta(minutes=-4),
    timedelta(minutes=3),
    timedelta(),
    timedelta(),
)
"""How wrong a clock may come to be; twice right again."""


def cut_power_soon(world: "World", machine: Machine) -> None:
    """The power of a desk's machine goes while it works."""
    machine.fuse.left = world.chance.randrange(TOUCHES_MOST)


def cut_power_of_centre_soon(world: "World", machine: Machine) -> None:
    """The power of the centre goes while it answers."""
    world.centre.fuse.left = world.chance.randrange(TOUCHES_MOST)


def restart(world: "World", machine: Machine) -> None:
    """A machine is switched off and on again."""
    world.weather.counts["restart"] += 1
    machine.cut_power()
    world.settle(machine)


def jump_of_clock(world: "World", machine: Machine) -> None:
    """A clock is set wrong, loses its battery, or is set right."""
    world.weather.counts["clock jump"] += 1
    machine.skew = world.chance.choice(JUMPS)
    world.trace(f"   clock of {machine.name} is off by {machine.skew}")


def fill_disk(world: "World", machine: Machine) -> None:
    """The disk of a machine is full until somebody clears it up."""
    world.weather.counts["full disk"] += 1
    with machine.fuse.held():
        fill_up(machine.desk.database)
    machine.is_full = True


def cut_area(world: "World", machine: Machine) -> None:
    """An area loses its network, or gets it back."""
    area = machine.wire.area
    if area in world.weather.cut_areas:
        world.weather.cut_areas.remove(area)
        return
    world.weather.counts["outage of an area"] += 1
    world.weather.cut_areas.add(area)


def change_weather(world: "World", machine: Machine) -> None:
    """The network gets better or worse for all."""
    world.weather.trouble = world.chance.choice((0.0, 0.05, 0.2, 0.5, 0.9))


def let_late_request_arrive(world: "World", machine: Machine) -> None:
    """A request that its sender has given up arrives after all, behind later ones."""
    on_way = [each for each in world.weather.on_way if each[0] >= world.time.at]
    world.weather.on_way[:] = on_way
    if not on_way:
        return
    late = world.weather.on_way.pop(world.chance.randrange(len(on_way)))
    world.weather.counts["request arrived late"] += 1
    try:
        answer = world.centre.answer(late[1])
        world.trace(f"   late {late[1].path}: {answer.status}")
    except requests.ConnectionError:
        world.trace("   late: the centre was cut off")


def change_packs(world: "World", machine: Machine) -> None:
    """The province loads its procedures anew, so that every desk has packs to fetch."""
    fee = world.chance.randrange(1, 50) * 1000
    with world.centre.fuse.held():
        founding.load(world.centre.central, "procedures", PROCEDURE_LINES.replace(",0,invented", f",{fee},invented"))
