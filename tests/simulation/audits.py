"""The audit of a whole simulated world: what was saved against what is held, and what is shown against what was sealed.

The numbers of the invariants are those of `invariants`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from central_server.services.lateness import Asked, LateKind, late_dossiers_of, lateness
from central_server.services.rebuilding import rebuild
from central_server.services.standing import standings
from central_server.storage import devices
from central_server.storage.counters import months_of
from central_server.storage.database import reading as centre_reading
from central_server.storage.models import Counter as CounterRow
from central_server.storage.models import DossierRow, MonthCount, Unsent, VerdictRow
from central_server.storage.units import EVERYTHING
from desk_client.services.overview import overview
from desk_client.services.verifying import JournalCutOff, verify
from sync_protocol.dossiers import Dossier, read_state
from sync_protocol.entries import SealedEntry, payload_hash
from sync_protocol.errors import FieldSyncError
from sync_protocol.instants import local_date, local_instant
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode, Flag, Standing
from tests.factories import calendar
from tests.simulation.machines import SERIES, SUPERVISOR, THRESHOLD, Machine
from tests.simulation.truth import (
    Held,
    at_centre,
    at_machine,
    deliverable,
    erasures_at_centre,
    erasures_at_machine,
    hashes_at_machine,
    noted_as_erased,
)
from tests.simulation.wire import HELD_S_MAX

if TYPE_CHECKING:
    from tests.simulation.world import World

CLOCK_TOLERANCE = timedelta(seconds=HELD_S_MAX + 120)
"""A statement that is held on the way while its clock is wrong may be taken for as much younger."""

LISTED_MAX = 10_000
END_OF_DAY = time.max
KNOWN = frozenset({Standing.MET, Standing.FEW, Standing.ZERO})


class Violation(AssertionError):
    """A promise was broken; the message tells the seed, the invariant and what happened last."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}: {what}")
        self.invariant = invariant

    def tell(self, seed: int, lines: Iterable[str]) -> None:
        """Adds which seed it was and the history's last lines."""
        self.args = (f"seed {seed}, {self.args[0]}\n" + "\n".join(lines),)


def check(invariant: str, is_kept: object, what: str) -> None:
    """Raises Violation where an invariant does not hold."""
    if not is_kept:
        raise Violation(invariant, what)


def check_all(world: "World") -> None:
    """I9, I10, I13 and I18, and I4 of every desk on the board."""
    here = at_centre(world.centre)
    _check_once(world, here)
    for desk in desks_of(world):
        _check_custody(world, desk)
    for machine in world.machines:
        if machine.is_alone and machine.desk_code not in world.ruled and is_only_one(world, machine):
            _check_held_back(world, machine)
    for desk, period, judgement in _board(world):
        if judgement.flag_proven:
            check_flag(world, desk, period, judgement.flag)
    for period in _periods(world):
        _check_late(world, period, here)


def check_delivered(world: "World", tokens: set[str]) -> None:
    """I1: what a machine holds in no journal of its own is at the centre, or in the journal of another machine."""
    if not tokens:
        return
    delivered = set(at_centre(world.centre)).union(*map(deliverable, world.machines))
    lost = {token for token in tokens - delivered if world.truth.saved[token].loss is None}
    check("I1", not lost, f"nobody will ever send {sorted(lost)}")


def check_screens(machine: Machine) -> None:
    """I11: the machine's own `verify`, which makes every dossier again from the journal.

    It may miss the end of a journal only where that is gone: its disk was put back, and nothing has brought it again.
    """
    faults = [each for each in verify(machine.desk).faults if not _is_gone(machine, each)]
    check("I11", not faults, f"{machine.name}: {[str(each) for each in faults]}")


def _is_gone(machine: Machine, fault: FieldSyncError) -> bool:
    """Whether a fault names an entry that the machine's disk held once and holds no more, under any of its numbers."""
    if not isinstance(fault, JournalCutOff):
        return False
    _, epoch, sequence = map(int, str(fault.values["entry"]).split("."))
    missed = machine.overwritten.get((epoch, sequence))
    return missed is not None and missed not in hashes_at_machine(machine)


def check_recount(world: "World") -> None:
    """I12: the centre's own `rebuild`, which judges every ledger again, changes nothing of what it had."""
    before = _projected(world)
    rebuild(world.centre.central)
    after = _projected(world)
    sums: Counter[tuple[DeskCode, date]] = Counter()
    for (desk, _, day, _), count in after["counts"].items():
        sums.update({(desk, first_on): count for first_on in months_of(day)})
    months = after["sums by month"]
    check("I12", months == _nonzero(sums), f"the sums by month are not those of the days: {_differing(months, sums)}")
    for name, held in before.items():
        check("I12", held == after[name], f"the {name} are not what the ledgers make: {_differing(held, after[name])}")


def check_quiet(world: "World") -> None:
    """I14 to I17, I12, and I11 of all machines."""
    check_recount(world)
    for machine in world.machines:
        check_screens(machine)
        told = overview(machine.desk)
        check("I14", told.unsent_entries == 0, f"{machine.name} still holds {told.unsent_entries} entries back")
        check("I14", not told.problem, f"{machine.name}: its last contact ended with {told.problem}")
    _check_arrived(world)
    for machine in world.machines:
        # One that is out of use is told nothing of the others.
        if not machine.is_put_away:
            _check_replica(world, machine)
    without = unknowable(world)
    for desk, period, judgement in _board(world):
        if world.time.at < period.ends_at and desk not in without:
            check("I17", judgement.standing in KNOWN, f"{desk} is fully synced, and is {judgement.standing.value}")
            check("I17", judgement.unsent == 0, f"{desk} is fully synced, and is said to hold {judgement.unsent} back")


def unknowable(world: "World") -> set[DeskCode]:
    """Desks of which a machine is out of use, or a disk is gone or was put back from behind what it had sent.

    Who knows what else it held, or whether any other machine is there to speak?
    """
    machines = (each for each in world.machines if each.overwritten or each.is_put_away)
    return {each.desk_code for each in (*world.gone, *machines)}


def check_flag(world: "World", desk: DeskCode, period: Period, flag: Flag) -> None:
    """I4: a proven flag is true of what had been saved by the last working minute of the period."""
    until = calendar().last_working_minute(period.first_on, period.last_on) - CLOCK_TOLERANCE
    count = sum(map(world.is_knowable, world.truth.received_in(desk, period, until=until)))
    is_true = flag is Flag.OK or (count == 0 if flag is Flag.ZERO else count < THRESHOLD)
    check("I4", is_true, f"{desk} is said to have {flag.value} in {period}, but {count} were saved there")


def period_of(text: str) -> Period:
    """A period as an answer names it."""
    first, last = map(date.fromisoformat, text.split(".."))
    return Period(first_on=first, last_on=last)


def _check_late(world: "World", period: Period, here: Mapping[str, list[Held]]) -> None:
    """I18: what the lists call overdue, and every figure counts so, had not ended at its desk by the end of its day."""
    central = world.centre.central
    listed = late_dossiers_of(
        central, EVERYTHING, period, Asked(which=LateKind.OVERDUE), start=0, limit=LISTED_MAX, by=SUPERVISOR
    )
    figures = lateness(central, EVERYTHING, period).counts
    check("I18", figures.overdue == listed.count, f"{figures.overdue} are counted as overdue, {listed.count} listed")
    tokens = {(each.desk, each.subject): token for token, held in here.items() for each in held}
    for late in listed.dossiers:
        saved = world.truth.saved[tokens[late.desk.code, late.id]]
        if late.ended_on or not saved.ended or saved.loss or saved.is_uncertain or not world.is_end_knowable(saved):
            continue
        is_true = saved.ended[0] >= local_instant(late.due_on, END_OF_DAY) - CLOCK_TOLERANCE
        check("I18", is_true, f"{saved.token} is overdue since {late.due_on}, but ended {saved.ended}")


def _check_once(world: "World", here: Mapping[str, list[Held]]) -> None:
    unheard = here.keys() - world.truth.saved.keys()
    check("I9", not unheard, f"the centre holds {sorted(unheard)}, which nobody was told to be saved")
    counting = counted(world)
    for token, held in here.items():
        times = sum((each.desk, each.subject) in counting for each in held)
        check("I9", times <= 1, f"{token} counts {times} times")


def counted(world: "World") -> dict[tuple[DeskCode, str], Dossier]:
    """The centre's dossiers that count, by desk and id."""
    with centre_reading(world.centre.central.database):
        rows = list(DossierRow.select(DossierRow.desk, DossierRow.id, DossierRow.state).tuples())
    read = {(desk, id_): read_state(bytes(state)) for desk, id_, state in rows}
    return {key: dossier for key, dossier in read.items() if dossier.counted_on}


def _check_custody(world: "World", desk: DeskCode) -> None:
    """I10: what the centre holds is what was sealed, in the chain in which it was sealed."""
    rows = world.centre.central.database.execute_sql(
        "SELECT slot, epoch, sequence, header, entry_hash, payload_hash, salt, bytes FROM entry"
        " LEFT JOIN payload USING (desk, slot, epoch, sequence) WHERE desk = ? ORDER BY slot, epoch, sequence",
        (desk,),
    ).fetchall()
    hashes = {row[:3]: bytes(row[4]) for row in rows}
    # A machine that has heard of an erasure sends what it has of its journal before the decision itself.
    known = (*erasures_at_centre(world.centre), *chain.from_iterable(map(erasures_at_machine, world.machines)))
    erased = set().union(*(each.names for each in known if each.desk == desk), noted_as_erased(world.machines, desk))
    for slot, epoch, sequence, header, entry_hash, its_hash, salt, payload in rows:
        name = f"{desk}/{slot} {epoch}.{sequence}"
        sealed = SealedEntry(bytes(header), bytes(its_hash), payload and bytes(payload), salt and bytes(salt))
        if sequence > 1:
            previous = hashes.get((slot, epoch, sequence - 1), b"")
            check("I10", sealed.hash_after(previous) == bytes(entry_hash), f"{name} does not follow the one before it")
        is_gone = sealed.payload is None and sealed.header.subject in erased
        is_whole = is_gone or payload_hash(sealed.salt or b"", sealed.payload or b"") == sealed.payload_hash
        check("I10", is_whole, f"the content of {name} is not what was sealed")


def is_only_one(world: "World", machine: Machine) -> bool:
    """Whether its desk has, and had, no other machine."""
    return all(each is machine or each.desk_code != machine.desk_code for each in (*world.machines, *world.gone))


def _check_held_back(world: "World", machine: Machine) -> None:
    """I13: what it has stated and not sent, by day, as its own journal counts it.

    Of the only machine of a desk: where others have a say, an entry may come to count otherwise than it stated.
    """
    device_id = machine.desk.identity().id
    with centre_reading(world.centre.central.database):
        device = devices.by_id(device_id)
        assert device is not None, "an enrolled device is never removed"
        rows = Unsent.select(Unsent.received_on, Unsent.count).where(
            Unsent.desk == device_id.desk, Unsent.slot == device_id.slot
        )
        told = Counter(dict(rows.tuples()))
    really: Counter[date] = Counter()
    for column, step in (("received_on", 1), ("left_on", -1)):
        for (day,) in machine.desk.database.execute_sql(
            f"SELECT {column} FROM entry WHERE slot = ? AND epoch = ? AND sequence > ? AND sequence <= ?"
            f" AND {column} IS NOT NULL",
            (machine.slot, device.epoch, device.head, device.stated_head),
        ).fetchall():
            really[date.fromisoformat(day)] += step
    is_right = _nonzero(told) == _nonzero(really)
    check("I13", is_right, f"{machine.name} holds {dict(really)} back, and is said to hold {dict(told)}")


def _projected(world: "World") -> dict[str, dict[Any, Any]]:
    """Dossiers, verdicts, counts and their sums of all desks as the centre has them."""
    with centre_reading(world.centre.central.database):
        return {
            "dossiers": {(row.desk, row.id): bytes(row.state) for row in DossierRow.select()},
            "verdicts": {
                (row.desk, row.slot, row.epoch, row.sequence): (row.kind, row.reason, row.received_on)
                for row in VerdictRow.select()
            },
            "counts": {
                (row.desk, row.slot, row.received_on, row.ledger_on): row.count
                for row in CounterRow.select()
                if row.count
            },
            "sums by month": {(row.desk, row.first_on): row.count for row in MonthCount.select() if row.count},
        }


def _counts_of(desk: DeskCode) -> Counter[date]:
    """What the centre counts of a desk by day of reception."""
    counts: Counter[date] = Counter()
    for row in CounterRow.select().where(CounterRow.desk == desk):
        counts[row.received_on] += row.count
    return counts


def _nonzero(counts: Mapping[Any, int]) -> dict[Any, int]:
    return {key: count for key, count in counts.items() if count}


def _differing(first: Mapping[Any, object], second: Mapping[Any, object]) -> list[object]:
    keys = sorted(key for key in {**first, **second} if first.get(key) != second.get(key))
    return [(key, first.get(key), second.get(key)) for key in keys[:3]]


def _periods(world: "World") -> tuple[Period, Period]:
    """The one before the running period, and the running one."""
    running = SERIES.containing(local_date(world.time.at))
    return SERIES.before(running), running


def _board(world: "World") -> Iterator[tuple[DeskCode, Period, Any]]:
    """Every desk that has a machine, in the running period and the one before."""
    wanted = set(desks_of(world))
    for period in _periods(world):
        for each in standings(world.centre.central, EVERYTHING, period).desks:
            if each.desk.code in wanted:
                yield each.desk.code, period, each.judgement


def _check_arrived(world: "World") -> None:
    """I15: each confirmed dossier counts once, in the day in which its own machine counts it."""
    counting, here = counted(world), at_centre(world.centre)
    by_desk: defaultdict[DeskCode, Counter[date]] = defaultdict(Counter)
    for saved in world.truth.saved.values():
        days = [
            dossier.counted_on
            for each in here.get(saved.token, ())
            if (dossier := counting.get((each.desk, each.subject)))
        ]
        is_right = days == [] if saved.is_voided else len(days) == 1 and days[0] in saved.days
        is_open = saved.loss or saved.is_uncertain
        check("I15", is_right or is_open, f"{saved.token} counts on {days}, it was saved for {saved.days}")
        by_desk[saved.desk].update(filter(None, days))
    with centre_reading(world.centre.central.database):
        for desk in desks_of(world):
            told = _nonzero(_counts_of(desk))
            check("I15", told == by_desk[desk], f"{desk} counts {told}, there were {by_desk[desk]}")


def _check_replica(world: "World", machine: Machine) -> None:
    """I16: every machine of a desk has every dossier of it, as the centre has it.

    But for those of which a disk has taken something with it that another machine may remember.
    """
    lost = {token for token, saved in world.truth.saved.items() if saved.loss or saved.is_uncertain}
    without = {
        each.subject
        for found in (at_centre(world.centre), at_machine(machine))
        for token in lost & found.keys()
        for each in found[token]
    }
    with centre_reading(world.centre.central.database):
        rows = DossierRow.select(DossierRow.id, DossierRow.state).where(DossierRow.desk == machine.desk_code)
        there = {id_: bytes(state) for id_, state in rows.tuples() if id_ not in without}
    rows = machine.desk.database.execute_sql("SELECT id, state FROM dossier").fetchall()
    here = {id_: bytes(state) for id_, state in rows if id_ not in without}
    check("I16", here == there, f"{machine.name} and the centre differ: {_differing(here, there)}")


def desks_of(world: "World") -> list[DeskCode]:
    """The desks that have, or had, a machine."""
    return sorted({machine.desk_code for machine in (*world.machines, *world.gone)})
