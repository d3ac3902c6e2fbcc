"""Disks that come back as they once were: put back, copied to a second machine, lost for ever; the centre's too."""

from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from central_server.services.backing_up import back_up
from central_server.services.restoring import Ground, restore
from central_server.settings import Settings
from sync_protocol.vocabulary import DeskCode
from tests.simulation import erasing
from tests.simulation.disk import Fuse, files_of
from tests.simulation.machines import KIT, SUPERVISOR, Machine
from tests.simulation.truth import (
    Loss,
    Saved,
    Written,
    at_centre,
    at_machine,
    deliverable,
    entries_at_centre,
    entries_at_machine,
)
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
    image, now = world.chance.choice(machine.images), files_of(machine.folder)
    if is_database_only := world.chance.random() < 0.4:
        image = {name: raw for name, raw in now.items() if name not in DATABASE} | {
            name: raw for name, raw in image.items() if name in DATABASE
        }
    world.weather.counts["database put back" if is_database_only else "disk put back"] += 1
    before = Before(world, machine)
    machine.is_full = machine.is_alone = False
    machine.go_on_from(image, cut_at=world.chance.choice((None, None, world.chance.randrange(40))))
    world.settle(machine)
    before.account(machine)


def start_copy(world: "World", machine: Machine) -> None:
    """A copy of a machine's disk is used on a second machine, beside the first; some images bear the same name."""
    copies = [each for each in world.machines if each.name.startswith("copy") and each.desk_code == machine.desk_code]
    if len(copies) >= COPIES_MOST or machine.is_put_away:
        return
    world.weather.counts["copy in use"] += 1
    fuse = Fuse()
    wire = Wire(machine.wire.area, machine.wire.door, world.weather, world.time, world.fork(), fuse)
    # Those that are gone count too: two copies that shared a name would share a folder, and so a disk.
    number = len(world.machines) + len(world.gone)
    copy = Machine(
        name=f"copy{number} of {machine.name}",
        desk_code=machine.desk_code,
        folder=world.folder / f"copy{number}",
        time=world.time,
        chance=world.fork(),
        wire=wire,
        fuse=fuse,
        tokens=machine.tokens,
        fingerprint=machine.fingerprint if world.chance.random() < 0.5 else "",
        written=list(machine.written),
        overwritten=dict(machine.overwritten),
        slot=machine.slot,
        is_alone=False,
        believes=machine.believes,
    )
    machine.is_alone = False
    copy.begin(files_of(machine.folder))
    for token in deliverable(copy):
        world.truth.saved[token].holders.add(copy.name)
    world.machines.append(copy)


def lose_machine(world: "World", machine: Machine) -> None:
    """The disk of a machine is destroyed, with all that was only there."""
    if len(world.machines) <= 2 or not machine.is_alone:
        return
    world.weather.counts["disk destroyed"] += 1
    before = Before(world, machine)
    machine.stop()
    world.machines.remove(machine)
    world.gone.append(machine)
    before.account(None)


def take_image_of_centre(world: "World", machine: Machine) -> None:
    """A backup of the centre."""
    world.centre.images.append(files_of(world.centre.folder))
    del world.centre.images[:-IMAGES_KEPT]


def put_centre_back(world: "World", machine: Machine) -> None:
    """The centre burns down and goes on from a backup, without a word about it."""
    if not world.centre.images:
        return
    world.weather.counts["centre put back"] += 1
    before = Before(world, None)
    world.centre.go_on_from(world.chance.choice(world.centre.images))
    world.centre.put_back += 1
    world.watch.forget()
    before.account(None)


def back_centre_up(world: "World", machine: Machine) -> None:
    """The centre writes a backup."""
    with world.centre.fuse.held():
        made = back_up(world.centre.central, world.folder / "backups")
    world.centre.backups.append(made.path)
    del world.centre.backups[:-IMAGES_KEPT]
    erasing.note_backup(world)


def restore_centre(world: "World", machine: Machine) -> None:
    """The centre burns down and is restored from a backup and the recovery kit, on another machine."""
    if not world.centre.backups:
        return
    world.weather.counts["centre restored"] += 1
    before = Before(world, None)
    ground = Ground(wall=lambda: world.time.at, randomness=world.centre.chance.randbytes, who=SUPERVISOR)
    with TemporaryDirectory(prefix="restored-", dir=world.folder) as name:
        made = restore(Settings(data=Path(name)), world.chance.choice(world.centre.backups), KIT, ground)
        made.central.database.close()
        files = files_of(Path(name))
    world.centre.go_on_from(files)
    world.centre.put_back += 1
    world.watch.forget()
    erasing.check_restored(world)
    before.account(None)


class Before:
    """What was held where, before a disk came to be an older one, and what became of it after.

    machine  the one whose disk it is, None for the centre
    """

    def __init__(self, world: "World", machine: Machine | None) -> None:
        self.world, self.machine = world, machine
        self.entries = self.delivering(machine)
        self.tokens = _tokens(world)
        self.held = at_machine(machine) if machine else {}
        self.stated = world.stated_head(machine) if machine else (0, 0)

    def account(self, now: Machine | None) -> None:
        """Notes what is lost, and of which dossiers something is; `now` is the machine as it goes on, if it does."""
        if self.machine:
            self._account_for_machine(self.machine, now)
        still = self.delivering(now) | set(entries_at_centre(self.world.centre))
        for entry in self.entries - still:
            for token in self.tokens.get((entry.desk, entry.subject), ()):
                self.world.truth.saved[token].is_uncertain = True
        found = set(at_centre(self.world.centre)).union(*map(deliverable, self.world.machines))
        for saved in self.world.truth.saved.values():
            if saved.token not in found and saved.loss is None:
                saved.loss = self._loss(saved)
                self.world.trace(f"   {saved.token} is lost {saved.loss.value}")
        erasing.note_disks(self.world)

    def delivering(self, machine: Machine | None) -> set[Written]:
        """The entries that a machine can deliver; for no machine, those that the centre holds."""
        if machine is None:
            return set(entries_at_centre(self.world.centre))
        return {entry for entry in entries_at_machine(machine) if entry.slot == machine.slot}

    def _account_for_machine(self, machine: Machine, now: Machine | None) -> None:
        found = at_machine(now) if now else {}
        for token in self.held.keys() - found.keys():
            self.world.truth.saved[token].holders.discard(machine.name)
        if now:
            machine.overwritten.update(
                {(each.epoch, each.sequence): each.entry_hash for each in self.entries - self.delivering(now)}
            )
            kept = {(entry.epoch, entry.sequence) for entry in entries_at_machine(now) if entry.slot == now.slot}
            machine.written = [each for each in machine.written if each[:2] in kept]

    def _loss(self, saved: Saved) -> Loss:
        if any(each.name == saved.machine for each in self.world.gone):
            return Loss.WITH_ITS_MACHINE
        own = (each for each in self.held.get(saved.token, ()) if self.machine and each.slot == self.machine.slot)
        is_stated = any((each.epoch, each.sequence) <= self.stated for each in own)
        return Loss.OVERWRITTEN_AFTER_IT_WAS_STATED if is_stated else Loss.OVERWRITTEN_UNSEEN


def _tokens(world: "World") -> dict[tuple[DeskCode, str], set[str]]:
    """The dossiers by desk and id, as either end names them."""
    tokens: defaultdict[tuple[DeskCode, str], set[str]] = defaultdict(set)
    for found in (at_centre(world.centre), *map(at_machine, world.machines)):
        for token, held in found.items():
            for each in held:
                tokens[each.desk, each.subject].add(token)
    return tokens
