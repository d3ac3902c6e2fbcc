"""A simulated province: one seed is one history, from the enrolment of its machines to the last quiet contact."""

import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeVar

from desk_client.desk import Desk
from desk_client.storage import journal
from desk_client.storage.database import reading
from desk_client.storage.dossiers import Stored
from sync_protocol.dossiers import OPEN, UNCOUNTED
from sync_protocol.errors import FieldSyncError
from sync_protocol.vocabulary import DeskCode
from tests.postgresql import memory_folder
from tests.simulation import damage, erasing, happenings, joining, returns, rounds, supervision, troubles
from tests.simulation.audits import Violation
from tests.simulation.disk import PowerCut, make_room
from tests.simulation.invariants import Watch
from tests.simulation.machines import STARTS_AT, CentreHost, Machine, desk_codes, quiet_surroundings
from tests.simulation.truth import Saved, Tokens, Truth, at_machine
from tests.simulation.wire import TrueTime, Weather

Done = TypeVar("Done")
Happening = Callable[["World", Machine], object]

STEPS_A_MACHINE = 14
MACHINES = (3, 3, 4, 4, 5, 6, 7, 8, 10, 12, 15, 20, 40)
MACHINES_WEIGHTS = (20, 20, 15, 15, 12, 8, 5, 4, 3, 2, 1, 0.5, 0.2)
DAYS_MOST = 14
TRACE_LINES = 80
SYNC_INTERVALS = 3
CHECK_ALL_EVERY = 15

WORK: dict[Happening, float] = {
    happenings.receive: 10.0,
    happenings.go_on: 12.0,
    happenings.print_paper: 0.5,
    happenings.deliver_for_sibling: 1.0,
    happenings.declare_period: 0.7,
    happenings.name_the_day: 0.7,
    happenings.make_screens_again: 0.3,
    happenings.write_of_later_version: 0.3,
    happenings.send_now: 14.0,
}
TROUBLES: dict[Happening, float] = {
    troubles.cut_power_soon: 1.5,
    troubles.cut_power_of_centre_soon: 1.0,
    troubles.restart: 0.7,
    troubles.jump_of_clock: 1.2,
    troubles.fill_disk: 0.4,
    troubles.cut_area: 0.8,
    troubles.change_weather: 1.0,
    troubles.let_late_request_arrive: 4.0,
    troubles.change_packs: 0.2,
    joining.enrol_late: 0.4,
    returns.take_image: 1.0,
    returns.put_image_back: 0.6,
    returns.start_copy: 0.2,
    returns.lose_machine: 0.15,
    returns.take_image_of_centre: 0.8,
    returns.put_centre_back: 0.4,
    returns.back_centre_up: 1.0,
    returns.restore_centre: 0.3,
    supervision.void_dossier: 0.5,
    supervision.suspend_or_take_back: 0.6,
    supervision.miss_machine: 0.15,
    supervision.replace_machine: 0.15,
    supervision.retire_machine: 0.15,
}
RARE: dict[Happening, float] = {erasing.erase_dossier: 0.012, damage.damage_file: 0.012}
"""How likely each follows a step. They are drawn by themselves, so that a history without any stays as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a seed came to.

    digest  SHA-256 of everything that happened and of every entry that the centre holds: the same for the same seed
    asked   desks that had a road one working day after the period's end; unknown: those among them that are unknown
    """

    seed: int
    digest: str
    machines: int
    desk_days: float
    dossiers: int
    entries: int
    contacts: int
    asked: int
    unknown: int
    faults: dict[str, int]


@dataclass
class World:
    """A province at one instant of its history.

    joining  machines that are not enrolled yet
    gone   machines whose disks are destroyed
    ruled  desks of which a supervisor has decided something
    asked  desks that had a road one working day after the period's end; unknown: those among them that are unknown
    recorded  dossiers whose erasure stands in the record beside the backups, by desk and id
    rare   the generator of what happens beside the steps
    """

    seed: int
    folder: Path
    chance: Random
    time: TrueTime
    weather: Weather = field(default_factory=Weather)
    truth: Truth = field(default_factory=Truth)
    machines: list[Machine] = field(default_factory=list)
    joining: list[Machine] = field(default_factory=list)
    gone: list[Machine] = field(default_factory=list)
    ruled: set[str] = field(default_factory=set)
    asked: int = 0
    unknown: int = 0
    contacts: int = 0
    tokens: int = 0
    lines: list[str] = field(default_factory=list)
    recorded: set[tuple[DeskCode, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rare = Random(f"what is rare in {self.seed}")
        self.centre = CentreHost(self.folder / "centre", self.time, self.fork(), self.weather, Tokens())
        self.watch = Watch(self)
        self._digest = hashlib.sha256()

    def trace(self, line: str) -> None:
        """Adds a line to the history; the last ones are told with a violation."""
        self._digest.update(line.encode() + b"\n")
        self.lines.append(line)
        del self.lines[:-TRACE_LINES]

    def digest(self) -> str:
        """What stands for the whole history."""
        digest = self._digest.copy()
        with self.centre.fuse.held():
            rows = self.centre.central.database.execute_sql("SELECT desk, ledger, entry_hash FROM entry ORDER BY 1, 2")
            for desk, ledger, entry_hash in rows.fetchall():
                digest.update(f"{desk} {ledger} {bytes(entry_hash).hex()}\n".encode())
        return digest.hexdigest()

    # The beginning

    def settle_machines(self, count: int) -> None:
        """Enrols so many machines at desks chosen by chance; some desks have several."""
        desks = self.chance.sample(desk_codes(), min(len(desk_codes()), max(2, count * 2 // 3)))
        for number in range(count):
            joining.unpack(self, desks[number % len(desks)])
            joining.finish(self)

    def new_token(self) -> str:
        """What the next dossier is known by."""
        self.tokens += 1
        return f"token {self.tokens}"

    # The days

    def live(self, steps: int, days: float) -> None:
        """So many steps of work and trouble, spread by chance over so many days; the invariants after each."""
        happening_weights = WORK | TROUBLES
        kinds, weights = list(happening_weights), list(happening_weights.values())
        for step in range(steps):
            self.pass_time(self.chance.expovariate(steps / (days * 86_400)))
            [happening] = self.chance.choices(kinds, weights)
            machine = self.chance.choice(self.machines)
            if machine.is_put_away and happening in WORK:
                happening = happenings.send_now
            self.trace(f"{step} {self.time.at:%d %H:%M:%S} {machine.name} {happening.__name__}")
            happening(self, machine)
            self._clear_disk(machine)
            self.watch.after_step(machine)
            self._meet_what_is_rare()
            if step % CHECK_ALL_EVERY == CHECK_ALL_EVERY - 1:
                self.watch.everything(machine)
            if step == steps // 2:
                self.watch.recount()

    def _meet_what_is_rare(self) -> None:
        for happening, share in RARE.items():
            if self.rare.random() < share:
                machine = self.rare.choice(self.machines)
                self.trace(f"beside it {machine.name} {happening.__name__}")
                happening(self, machine)
                self.watch.after_step(machine)

    def calm_down(self) -> None:
        """The faults stop; after SYNC_INTERVALS every journal has to be empty."""
        self.trace("the faults stop")
        self.weather.trouble = 0.0
        self.weather.cut_areas.clear()
        self.centre.fuse.left = None
        for machine in (*self.machines, *self.gone):
            supervision.take_back(self, machine)
        joining.finish(self)
        for machine in self.machines:
            machine.fuse.left = None
            if machine.is_full:
                make_room(machine.desk.database)
                machine.is_full = False
        rounds.let_run(self, SYNC_INTERVALS * happenings.INTERVAL_S)
        if supervision.count_what_is_left(self):
            rounds.let_run(self, happenings.INTERVAL_S, heard_most=1)

    def pass_time(self, seconds: float) -> None:
        """Lets time pass, with what one asks for one working day after the period's end."""
        until = self.time.at + timedelta(seconds=seconds)
        if self.time.at < rounds.ASKED_AT <= until:
            rounds.ask_after_the_end(self)
        self.time.move(max(0.0, (until - self.time.at).total_seconds()))

    # What a person or an agent does at a machine

    def act(self, machine: Machine, what: str, action: Callable[[Desk], Done]) -> Done | None:
        """An action, which may be refused, meet a full disk, or be cut off; None where it was not confirmed."""
        try:
            done = action(machine.desk)
        except PowerCut:
            self.weather.counts["power cut"] += 1
            self.trace(f"   {what}: power cut")
            machine.cut_power()
            machine.is_full = False
            self.settle(machine)
            return None
        except FieldSyncError as error:
            self.trace(f"   {what}: {error.code}")
            return None
        except Exception as error:
            raise Violation("I7", f"{machine.name} ended with {type(error).__name__}: {error}") from error
        finally:
            self.note_written(machine)
        self.trace(f"   {what}: done")
        return done

    def heard(self, machine: Machine) -> None:
        """A machine has talked with the centre to the end."""
        machine.believes = self.centre.put_back
        machine.heard_at = self.time.at

    def is_knowable(self, saved: Saved) -> bool:
        """Whether the centre can know that a dossier may be there.

        Of a disk that was copied it cannot, before the machine that has it has spoken again, to the centre as it is
        now: the other one goes on as if it were the only one. Nor of a machine that enrolled after the state that the
        centre was put back to, before it comes back.
        """
        holders = [each for each in self.machines if each.name in saved.holders]
        lost_with = [each for each in self.gone if each.name == saved.machine]
        if not holders:
            return all(self._is_known(each) for each in lost_with)
        return any(self._is_due_from(each, saved.saved_at) for each in holders)

    def is_end_knowable(self, saved: Saved) -> bool:
        """Whether the centre can know that a dossier may have ended at the machine where it did."""
        assert saved.ended, "it has ended"
        ended_at, name = saved.ended
        machine = next((each for each in self.machines if each.name == name), None)
        return machine is not None and self._is_due_from(machine, ended_at)

    def _is_due_from(self, machine: Machine, written_at: datetime) -> bool:
        """Whether the centre can know that something may be there which a machine wrote at that time."""
        return self._has_spoken_since(machine, written_at) if self.has_twin(machine) else self._is_known(machine)

    def _is_known(self, machine: Machine) -> bool:
        """Whether the centre's register has a machine."""
        return self.stated_head(machine) != (0, 0)

    def _has_spoken_since(self, machine: Machine, written_at: datetime) -> bool:
        """Whether a machine has spoken since then, to the centre as it is now."""
        heard_at = machine.heard_at
        return heard_at is not None and written_at <= heard_at and machine.believes == self.centre.put_back

    def has_twin(self, machine: Machine) -> bool:
        """Whether another machine goes on with a copy of its disk."""
        names = (machine.desk_code, machine.slot)
        return any((each.desk_code, each.slot) == names for each in self.machines if each is not machine)

    def save(self, machine: Machine, tokens: list[str], day: date, action: Callable[[Desk], object]) -> None:
        """Receptions, which count from the moment when the clerk is told that they are saved."""
        machine.pending = {
            token: Saved(token, machine.desk_code, machine.name, self.time.at, {day}, {machine.name})
            for token in tokens
        }
        if self.act(machine, f"receive {', '.join(tokens)}", action) is not None:
            self._confirm(machine, tokens)
        machine.pending = {}

    def settle(self, machine: Machine) -> None:
        """After a start the clerk looks which of the dossiers that were being saved are there."""
        found = at_machine(machine)
        self._confirm(machine, [token for token in machine.pending if token in found])
        machine.pending = {}

    def _confirm(self, machine: Machine, tokens: list[str]) -> None:
        self.truth.saved.update({token: machine.pending[token] for token in tokens})

    def stated_head(self, machine: Machine) -> tuple[int, int]:
        """Epoch and sequence up to which a machine's journal was ever stated to the centre."""
        with self.centre.fuse.held():
            row = self.centre.central.database.execute_sql(
                "SELECT epoch, stated_head FROM device WHERE desk = ? AND slot = ?", (machine.desk_code, machine.slot)
            ).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def note_step(self, machine: Machine, stored: Stored) -> None:
        """What a step did to the days in which a dossier counts, and whether it has ended."""
        saved = self.truth.saved.get(stored.text("summary"))
        if saved is not None and not saved.is_erased:
            saved.days.add(stored.dossier.received_on)
            saved.is_voided = saved.is_voided or stored.dossier.stage in UNCOUNTED
            if stored.dossier.stage not in OPEN and saved.ended is None:
                saved.ended = self.time.at, machine.name

    def note_written(self, machine: Machine) -> None:
        """Up to where a machine's journal goes now."""
        with machine.fuse.held(), reading(machine.desk.database):
            identity = machine.desk.identity()
            end = journal.head(identity.id.slot, identity.origin)
        if not machine.written or machine.written[-1][:2] != (end.epoch, end.sequence):
            machine.written.append((end.epoch, end.sequence, self.time.at))

    def _clear_disk(self, machine: Machine) -> None:
        """Somebody makes room, a while after the disk was full."""
        if machine.is_full and self.chance.random() < 0.2:
            with machine.fuse.held():
                make_room(machine.desk.database)
            machine.is_full = False

    def fork(self) -> Random:
        """A generator of its own for a part of the world, still of the one seed."""
        return Random(self.chance.getrandbits(64))


def simulate(seed: int) -> History:
    """Lives a seed through; raises Violation."""
    with ExitStack() as stack:
        stack.enter_context(quiet_surroundings())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="simulated-", dir=memory_folder())))
        chance = Random(seed)
        world = World(seed, folder, chance, TrueTime(STARTS_AT))
        [count] = chance.choices(MACHINES, MACHINES_WEIGHTS)
        days = chance.uniform(1.0, DAYS_MOST)
        try:
            return _lived(world, count, days)
        except Violation as violation:
            violation.tell(seed, world.lines)
            raise
        finally:
            for machine in (*world.machines, *world.joining):
                machine.stop()
            world.centre.central.database.close()


def _lived(world: World, count: int, days: float) -> History:
    started_at = world.time.at
    world.weather.trouble = world.chance.choice((0.0, 0.1, 0.3))
    world.settle_machines(count)
    world.live(count * STEPS_A_MACHINE, days)
    world.calm_down()
    world.watch.quiet()
    lasted = world.time.at - started_at
    return History(
        seed=world.seed,
        digest=world.digest(),
        machines=count,
        desk_days=count * lasted / timedelta(days=1),
        dossiers=len(world.truth.saved),
        entries=sum(sequence for _, sequence, _ in (machine.written[-1] for machine in world.machines)),
        contacts=world.contacts,
        asked=world.asked,
        unknown=world.unknown,
        faults=dict(sorted(world.weather.counts.items())),
    )
