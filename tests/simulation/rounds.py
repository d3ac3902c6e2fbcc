"""What agents do by themselves: they call the centre when their own pacing says so.

Between the steps of a history people press *send now*; agents run where a promise speaks of them.
"""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from central_server.services.standing import standings
from central_server.storage.units import EVERYTHING
from desk_client.agent.loop import Agent
from sync_protocol.instants import local_date
from sync_protocol.vocabulary import DeskCode, DeviceState
from tests.factories import calendar
from tests.simulation import happenings
from tests.simulation.audits import KNOWN, desks_of, unknowable
from tests.simulation.machines import SERIES, STARTS_AT, Machine

if TYPE_CHECKING:
    from tests.simulation.world import World

AFTERNOON_S = 4 * 3_600.0

ENDED = SERIES.containing(local_date(STARTS_AT))
"""The period whose end most histories see."""

ASKED_AT = calendar().closing(calendar().working_day_after(ENDED.last_on, 1))
"""One working day after it."""


def let_run(world: "World", for_s: float, *, heard_most: int | None = None) -> None:
    """Every agent calls the centre when its own pacing says so, for so long, or until it was heard so many times."""
    ends_at = world.time.at + timedelta(seconds=for_s)
    due = {machine.name: world.time.at + _wait(machine) for machine in world.machines}
    heard: Counter[str] = Counter()
    while running := [each for each in world.machines if heard_most is None or heard[each.name] < heard_most]:
        machine = min(running, key=lambda each: due[each.name])
        if due[machine.name] > ends_at:
            break
        world.time.move(max(0.0, (due[machine.name] - world.time.at).total_seconds()))
        world.trace(f"{world.time.at:%d %H:%M:%S} {machine.name} agent")
        outcome = happenings.send_now(world, machine)
        heard[machine.name] += bool(outcome and not outcome.error)
        world.watch.after_step(machine)
        due[machine.name] = world.time.at + _wait(machine)
    world.time.move(max(0.0, (ends_at - world.time.at).total_seconds()))


def ask_after_the_end(world: "World") -> None:
    """One working day after the period's end: what is known of the desks whose machines had a road that afternoon.

    A desk had one if the network of its area was there, however bad. Of the machines that somebody suspended, of
    disks that are gone or were put back, and of a machine that was enrolled and has not learned so, since the answer
    was lost, nobody can know what they hold: their desks are not asked for.
    """
    world.time.move(max(0.0, (ASKED_AT - world.time.at).total_seconds() - AFTERNOON_S))
    # The first answer may be what sets a clock right, so that the next statement is known to be of now.
    let_run(world, AFTERNOON_S, heard_most=2)
    cut = {each.desk_code for each in world.machines if each.wire.area in world.weather.cut_areas}
    asked = set(desks_of(world)) - cut - unknowable(world)
    with world.centre.fuse.held():
        asked -= _with_a_machine_that_cannot_speak(world)
        judged = standings(world.centre.central, EVERYTHING, ENDED).desks
    unknown = [each for each in judged if each.desk.code in asked and each.judgement.standing not in KNOWN]
    world.asked, world.unknown = len(asked), len(unknown)
    for each in unknown:
        world.trace(f"   {each.desk.code} is {each.judgement.standing.value}")


def _with_a_machine_that_cannot_speak(world: "World") -> set[DeskCode]:
    """Desks of which a device is out of use, or has no machine that knows to be it while one asks to be enrolled."""
    known = {(each.desk_code, each.slot) for each in world.machines}
    asking = {each.desk_code for each in world.joining}
    rows = world.centre.central.database.execute_sql("SELECT desk, slot, state FROM device").fetchall()
    return {
        desk
        for desk, slot, state in rows
        if state != DeviceState.ACTIVE or (desk in asking and (desk, slot) not in known)
    }


def _wait(machine: Machine) -> timedelta:
    with machine.fuse.held():
        return timedelta(seconds=Agent(machine.desk).wait_s())
