"""What must hold after every step of a simulated history, and what must hold when all is quiet.

After every step, of the machine that was touched and of the centre:
I1   no silent loss: a dossier whose save was confirmed is in the machine's file, in a journal that can still deliver it
     or because the centre has it; one whose save was refused is not (promise 1)
I2   sequences of an epoch run from 1 without a gap and without a second entry of one number
I3   what counts as sent is held by the centre under the machine's own hash (promise 5)
I4   no desk is accused falsely: *zero* and *few* are proven only if they are true of all that had been saved by the
     last working minute of the period (promise 4, assurance I15)
I5   coverage is true: all that was written before `covered_until` is at the centre (promise 4)
I6   the ledger of a desk runs from 1 without a gap, and what it held once it holds for ever (assurance I11)
I7   no program ends with an error that nobody foresaw, and the centre never answers with an incident (assurance T17)

Every few steps and at the end, of everything:
I9   exactly once: of all receptions of a dossier at most one counts (promise 2), and nothing arrives that was not saved
I10  custody: every entry of the ledger is byte by byte that of a machine, with its payload (promise 3)
I11  the desk's screens are what `rebuild` would make of its journal, and the chain holds; entries at its end are missed
     only where they are gone (promise 7)
I12  the centre's dossiers, verdicts and counts are what `rebuild` makes of the ledgers (assurance I10, I12)
I13  what the only machine of a desk is said to hold back is exactly what it holds back of what it has stated
I18  no dossier is listed or counted as overdue that had ended at its desk by the end of its day, synced or not
     (promise 4, design 6)
I19  what was erased by an order is gone: from every byte of the centre's files; from every table of a machine that has
     talked with the centre since; from a centre that was restored and has its record (design 2)
I20  of a damaged file every dossier in whole pages goes on, what is missing is noticed where a witness is left, and the
     next start is an ordinary one (T10)

When the faults have stopped:
I14  every journal is empty within three sync intervals, and its last contact ended well (assurance I20)
I15  the centre counts every confirmed dossier exactly once, and on its day (promises 1 and 2); what came from a machine
     that is out of use, once somebody has released it
I16  both ends make the same dossier of the same entries (assurance I12)
I17  a desk that is fully synced, of which no disk has held more and no machine is out of use, is not unknown, and its
     figures are known up to now (design 6)

Counted over many seeds by `scripts/simulate.py`, and asserted there: one working day after the period's end fewer than
one desk in a hundred is unknown that had a road (`rounds`).

Not simulated yet: see NOT_YET.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from sync_protocol.vocabulary import DeskCode, Flag
from tests.simulation import audits, erasing, supervision
from tests.simulation.audits import CLOCK_TOLERANCE, check, check_flag, period_of
from tests.simulation.machines import Machine
from tests.simulation.truth import at_centre, at_machine, deliverable

if TYPE_CHECKING:
    from tests.simulation.world import World

NOT_YET = (
    "a machine number that is given a second time by a centre that was put back without a word, before any machine has"
    " shown it: the desk gets no new machine meanwhile",
    "what a machine holds that enrolled after the state which the centre was put back to: before it comes back, the"
    " centre cannot know that there is such a machine, and may prove of its desk what is true of the others alone",
    "damaged files of machines that go on beside a copy or from an older disk; and damage that is met at work, not at"
    " the start (T10)",
)
"""Faults that no history has, and why."""


@dataclass
class Watch:
    """Looks at a world, and remembers what it has seen of the centre's ledgers."""

    world: "World"
    ledgers: dict[DeskCode, list[bytes]] = field(default_factory=dict)

    # After every step

    def after_step(self, machine: Machine) -> None:
        """The cheap invariants, of the machine that was touched and its desk."""
        with machine.fuse.held(), self.world.centre.fuse.held():
            self._check_saved(machine)
            self._check_sequences(machine)
            self._check_sent(machine)
            self._check_ledger(machine.desk_code)
            self._check_coverage(machine)
            self._check_told(machine)

    def _check_saved(self, machine: Machine) -> None:
        found, saved = at_machine(machine), self.world.truth.saved
        due = {each.token for each in saved.values() if machine.name in each.holders}
        check("I1", due <= found.keys(), f"{machine.name} does not hold {sorted(due - found.keys())}, confirmed there")
        audits.check_delivered(self.world, due - deliverable(machine))
        unsaid = found.keys() - saved.keys()
        check("I1", not unsaid, f"{machine.name} holds {sorted(unsaid)}, which nobody was told to be saved")

    def _check_sequences(self, machine: Machine) -> None:
        rows = machine.desk.database.execute_sql(
            "SELECT epoch, count(*), min(sequence), max(sequence) FROM entry WHERE slot = ? GROUP BY epoch",
            (machine.slot,),
        ).fetchall()
        for epoch, count, first, last in rows:
            check("I2", (first, count) == (1, last), f"{machine.name}: {count} entries {first}–{last} in epoch {epoch}")

    def _check_sent(self, machine: Machine) -> None:
        for epoch, up_to, hash_ in machine.desk.database.execute_sql(
            "SELECT epoch, up_to, hash FROM receipt WHERE slot = ? AND up_to > 0", (machine.slot,)
        ).fetchall():
            own = self._hash("entry WHERE slot = ?", machine.desk.database, (machine.slot, epoch, up_to))
            check("I3", own == bytes(hash_), f"{machine.name}: a receipt for {up_to} that is not the machine's own")
            if machine.believes == self.world.centre.put_back:
                held = self._held(machine, epoch, up_to)
                check("I3", own == held, f"{machine.name}: {epoch}.{up_to} counts as sent and is not at the centre")

    @staticmethod
    def _hash(source: str, database: Any, key: tuple[object, ...]) -> bytes | None:
        row = database.execute_sql(f"SELECT entry_hash FROM {source} AND epoch = ? AND sequence = ?", key).fetchone()
        return bytes(row[0]) if row else None

    def forget(self) -> None:
        """The centre was put back to an earlier state: what it held since is not held any more."""
        self.ledgers.clear()

    def _check_ledger(self, desk: DeskCode) -> None:
        rows = self.world.centre.central.database.execute_sql(
            "SELECT ledger, entry_hash FROM entry WHERE desk = ? ORDER BY ledger", (desk,)
        ).fetchall()
        numbers = [number for number, _ in rows]
        check("I6", numbers == list(range(1, len(rows) + 1)), f"{desk}: the ledger has gaps: {numbers}")
        hashes, before = [bytes(each) for _, each in rows], self.ledgers.get(desk, [])
        check("I6", hashes[: len(before)] == before, f"{desk}: the ledger has changed what it held")
        self.ledgers[desk] = hashes

    def _check_coverage(self, machine: Machine) -> None:
        """What was written before the instant that the device is covered to has arrived.

        Of a journal that has parted, the dossiers: its entries have come to be others.
        """
        covered_until = self._covered_until(machine)
        if covered_until is None:
            return
        if not machine.is_alone:
            self._check_dossiers_covered(machine, covered_until)
            return
        due = [
            (epoch, sequence)
            for epoch, sequence, written_at in machine.written
            if written_at < covered_until - CLOCK_TOLERANCE
        ]
        if due:
            epoch, sequence = due[-1]
            held = self._held(machine, epoch, sequence)
            check("I5", held, f"{machine.name} is covered to {covered_until}, but {epoch}.{sequence} is not here")

    def _check_dossiers_covered(self, machine: Machine, covered_until: datetime) -> None:
        here = at_centre(self.world.centre)
        for saved in self.world.truth.saved.values():
            is_due = machine.name in saved.holders and saved.saved_at < covered_until - CLOCK_TOLERANCE
            check(
                "I5",
                not is_due or saved.token in here or not self.world.is_knowable(saved),
                f"{machine.name} is covered to {covered_until}, but {saved.token} is not here",
            )

    def _held(self, machine: Machine, epoch: int, sequence: int) -> bytes | None:
        database = self.world.centre.central.database
        return self._hash(
            "entry WHERE desk = ? AND slot = ?", database, (machine.desk_code, machine.slot, epoch, sequence)
        )

    def _covered_until(self, machine: Machine) -> datetime | None:
        row = self.world.centre.central.database.execute_sql(
            "SELECT covered_until FROM device WHERE desk = ? AND slot = ?", (machine.desk_code, machine.slot)
        ).fetchone()
        # A centre that was put back knows nothing of those that came since, until they speak.
        return datetime.fromtimestamp(row[0] / 1000, UTC) if row and row[0] else None

    def _check_told(self, machine: Machine) -> None:
        """What the desk was told of itself with its last answer is no false accusation."""
        raw, machine.wire.last_answer = machine.wire.last_answer, b""
        if not raw:
            return
        answer = orjson.loads(raw)
        check("I7", answer.get("error", {}).get("code") != "incident", f"{machine.name} was answered with an incident")
        for told in answer.get("standings", ()):
            if told["flag_proven"]:
                check_flag(self.world, machine.desk_code, period_of(told["period"]), Flag(told["flag"]))

    def after_contact(self, machine: Machine) -> None:
        """What a machine must have taken in once it has talked with the centre to the end."""
        if supervision.is_in_use(self.world, machine):
            erasing.check_heard(self.world, machine)

    def everything(self, machine: Machine) -> None:
        """The dear invariants, of the whole world; of the screens, which cost most, those of one machine."""
        with self._looking():
            audits.check_all(self.world)
            audits.check_screens(machine)
            erasing.check_centre(self.world)
            erasing.check_machine(machine)

    def recount(self) -> None:
        """The dearest one, which makes all of the centre's projections again."""
        with self._looking():
            audits.check_recount(self.world)

    def quiet(self) -> None:
        """What must hold once all have spoken to the centre without a fault."""
        with self._looking():
            audits.check_all(self.world)
            audits.check_quiet(self.world)
            erasing.check_centre(self.world)
            for machine in self.world.machines:
                erasing.check_machine(machine)

    @contextmanager
    def _looking(self) -> Iterator[None]:
        with ExitStack() as stack:
            for fuse in (self.world.centre.fuse, *(machine.fuse for machine in self.world.machines)):
                stack.enter_context(fuse.held())
            yield
