"""Disks that come back as they once were: put back, copied to a second machine, lost for ever; the centre's too."""

from typing import TYPE_CHECKING

from sync_protocol.vocabulary import CENTRE_SLOT
from tests.simulation.disk import Fuse, files_of
from tests.simulation.machines import Machine
from tests.simulation.truth import Loss, Written, at_centre, at_machine, entries_at_centre, entries_at_machine
from tests.simulation.wire import Wire

if TYPE_CHECKING:
    from tests.simulation.world import World

IMAGES_KEPT = 3
DATABASE = ("desk.db", "desk.db-wal")
COPIES_MOST = 2


def take_image(world: "World", machine: Machine) -> None:
    """Somebody copies the whole disk of a machine."""
    machine.images.append(files_of(machine.folder))
    del machine.images[:-IMAGES_KEPT]


def put_image_back(world: "World", machine: Machine) -> None:
    """A machine gets an older disk back; or only its database, so that the file beside it knows more."""
    if not machine.images:
        return
    image = world.chance.choice(machine.images)
    if world.chance.random() < 0.4:
        image = files_of(machine.folder) | dict.fromkeys(DATABASE, b"") | image
        world.weather.counts["database put back"] += 1
    else:
        world.weather.counts["disk put back"] += 1
    before, held = entries_at_machine(machine), at_machine(machine).keys()
    machine.go_on_from(image)
    machine.is_full = False
    machine.is_alone = False
    world.trace(f"   {machine.name} is as it was: {len(before)} entries, now {len(entries_at_machine(machine))}")
    world.settle(machine)
    _account_for_return(world, machine, before, held - at_machine(machine).keys())


def start_copy(world: "World", machine: Machine) -> None:
    """A copy of a machine's disk is used on a second machine, beside the first; some images bear the same name."""
    copies = [each for each in world.machines if each.name.startswith("copy") and each.desk_code == machine.desk_code]
    if len(copies) >= COPIES_MOST:
        return
    world.weather.counts["copy in use"] += 1
    fuse = Fuse()
    wire = Wire(machine.wire.area, machine.wire.door, world.weather, world.time, world.fork(), fuse)
    copy = Machine(
        name=f"copy{len(world.machines)} of {machine.name}",
        desk_code=machine.desk_code,
        folder=world.folder / f"copy{len(world.machines)}",
        time=world.time,
        chance=world.fork(),
        wire=wire,
        fuse=fuse,
        fingerprint=machine.fingerprint if world.chance.random() < 0.5 else "",
        written=list(machine.written),
        slot=machine.slot,
        is_alone=False,
        believes=machine.believes,
    )
    machine.is_alone = False
    copy.begin(files_of(machine.folder))
    for token in at_machine(copy):
        world.truth.saved[token].holders.add(copy.name)
    world.machines.append(copy)


def lose_machine(world: "World", machine: Machine) -> None:
    """The disk of a machine is destroyed, with all that was only there."""
    if len(world.machines) <= 2 or not machine.is_alone:
        return
    world.weather.counts["disk destroyed"] += 1
    machine.stop()
    world.machines.remove(machine)
    world.gone.append(machine)
    for saved in world.truth.saved.values():
        saved.holders.discard(machine.name)
    _account(world, dict.fromkeys(world.truth.saved, Loss.WITH_ITS_MACHINE))


def take_image_of_centre(world: "World", machine: Machine) -> None:
    """A backup of the centre."""
    world.centre.images.append(files_of(world.centre.folder))
    del world.centre.images[:-IMAGES_KEPT]


def put_centre_back(world: "World", machine: Machine) -> None:
    """The centre burns down and goes on from a backup, without a word about it."""
    if not world.centre.images:
        return
    world.weather.counts["centre put back"] += 1
    decided = [entry for entry in entries_at_centre(world.centre) if entry.slot == CENTRE_SLOT]
    world.centre.go_on_from(world.chance.choice(world.centre.images))
    world.centre.put_back += 1
    world.watch.forget()
    still = set(entries_at_centre(world.centre))
    lost = {entry.subject for entry in decided if entry not in still}
    for saved in world.truth.saved.values():
        saved.is_uncertain = saved.is_uncertain or saved.subject in lost


def _account_for_return(world: "World", machine: Machine, before: list[Written], gone: set[str]) -> None:
    """What went with the newer disk: dossiers, and what was done with others, as far as it is nowhere else."""
    after, there = set(entries_at_machine(machine)), set(entries_at_centre(world.centre))
    forgotten = {entry.subject for entry in before if entry not in after and entry not in there}
    kept = {(entry.epoch, entry.sequence) for entry in after if entry.slot == machine.slot}
    machine.written = [each for each in machine.written if each[:2] in kept]
    stated = world.stated_head(machine)
    losses = {}
    for token in gone:
        saved = world.truth.saved[token]
        saved.holders.discard(machine.name)
        is_stated = saved.place is not None and saved.place <= stated
        losses[token] = Loss.OVERWRITTEN_AFTER_IT_WAS_STATED if is_stated else Loss.OVERWRITTEN_UNSEEN
    for saved in world.truth.saved.values():
        saved.is_uncertain = saved.is_uncertain or (saved.desk == machine.desk_code and saved.subject in forgotten)
    _account(world, losses)


def _account(world: "World", losses: dict[str, Loss]) -> None:
    """Dossiers that nobody holds any more are lost, and in which way."""
    found = set(at_centre(world.centre)).union(*(at_machine(each) for each in world.machines))
    for token, loss in losses.items():
        saved = world.truth.saved[token]
        if token not in found and saved.loss is None:
            saved.loss = loss
            world.trace(f"   {token} is lost: {loss.value}")
