"""Erasures by a written order: they happen, they are forgotten with a disk, and what must be gone after them."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from peewee import Database

from central_server.services.erasing import erase
from central_server.storage.units import EVERYTHING
from sync_protocol.errors import FieldSyncError
from sync_protocol.vocabulary import DeskCode, EventKind
from tests.simulation.audits import check, counted
from tests.simulation.disk import PowerCut
from tests.simulation.machines import SUPERVISOR, Machine
from tests.simulation.truth import Erasure, Held, at_centre, at_machine, erasures_at_centre, erasures_at_machine

if TYPE_CHECKING:
    from tests.simulation.world import World

ORDER = "12/QĐ-UBND"
REASON = "Theo yêu cầu của người nộp"


def erase_dossier(world: "World", machine: Machine) -> None:
    """The contents of a dossier that has arrived are erased; the power of the centre may go meanwhile."""
    here = [
        each
        for token, held in sorted(at_centre(world.centre).items())
        for each in held
        if not world.truth.saved[token].is_erased
    ]
    if not here:
        return
    chosen = world.rare.choice(here)
    world.weather.counts["erasure"] += 1
    if not _erase(world, chosen.desk, chosen.subject):
        # Who ordered it was not told that it is done, and repeats it.
        _erase(world, chosen.desk, chosen.subject)
    _pin(world)


def _erase(world: "World", desk: DeskCode, subject: str) -> bool:
    """Whether somebody is told what came of an erasure."""
    central = world.centre.central
    try:
        erase(central, EVERYTHING, desk, subject, order=ORDER, reason=REASON, by=SUPERVISOR)
        world.trace(f"   {desk} {subject} is erased")
    except FieldSyncError as error:
        world.trace(f"   erase {desk} {subject}: {error.code}")
    except PowerCut:
        world.trace(f"   erase {desk} {subject}: power cut at the centre")
        world.centre.cut_power()
        return False
    return True


def note_disks(world: "World") -> None:
    """Disks have come to be older ones: an erasure may be forgotten by all, or come back once it was."""
    known = {
        (each.desk, each.subject)
        for held in (erasures_at_centre(world.centre), *map(erasures_at_machine, world.machines))
        for each in held
    }
    for token, held in _receptions(world).items():
        saved = world.truth.saved[token]
        is_erased = bool(known & held)
        if is_erased != saved.is_erased:
            world.trace(f"   the erasure of {token} is {'remembered' if is_erased else 'forgotten'}")
            # What was done with it meanwhile counts, or does not count any more: nobody can tell which.
            saved.is_erased, saved.is_uncertain = is_erased, True


def note_backup(world: "World") -> None:
    """All that is erased by now stands in the record beside the backups."""
    world.recorded.update((each.desk, each.subject) for each in erasures_at_centre(world.centre))


def check_restored(world: "World") -> None:
    """I19: a centre that was restored has erased again what the record beside its backups names."""
    here = {(each.desk, each.subject) for each in erasures_at_centre(world.centre)}
    missed = sorted(world.recorded - here)
    check("I19", not missed, f"the restored centre has not erased {missed}, which its record names")


def check_heard(world: "World", machine: Machine) -> None:
    """I19: a machine that has talked with the centre to the end has heard of every erasure at its desk."""
    there = {each.subject for each in erasures_at_centre(world.centre) if each.desk == machine.desk_code}
    missed = sorted(there - {each.subject for each in erasures_at_machine(machine)})
    check("I19", not missed, f"{machine.name} has not heard that {missed} are erased")


def check_machine(machine: Machine) -> None:
    """I19: what a machine has heard to be erased is gone there, in every table of its file."""
    if not (erasures := erasures_at_machine(machine)):
        return
    database, receptions = machine.desk.database, at_machine(machine)
    for erasure in erasures:
        kept = _contents(database, "slot, epoch, sequence", "", erasure.names)
        check("I19", not kept, f"{machine.name} still says {kept} about {erasure.subject}, which is erased")
        for token in _tokens_of(erasure, receptions.items()):
            tables = _telling(database, _as_sealed(token))
            check("I19", not tables, f"{machine.name} still names {token} in {tables}, which is erased")


def check_centre(world: "World") -> None:
    """I19: what the centre has erased is gone there, from its ledgers and from every byte of its files."""
    if not (erasures := erasures_at_centre(world.centre)):
        return
    raw, receptions = _bytes_of(world.centre.folder), at_centre(world.centre)
    for erasure in erasures:
        kept = _contents(
            world.centre.central.database, "desk, slot, epoch, sequence", f"desk = '{erasure.desk}' AND", erasure.names
        )
        check("I19", not kept, f"the centre still says {kept} about {erasure.subject}, which is erased")
        for token in _tokens_of(erasure, receptions.items()):
            check("I19", _as_sealed(token) not in raw, f"the centre's files still name {token}, which is erased")


def _pin(world: "World") -> None:
    """What the centre counts of an erased dossier at that moment is what it will always count."""
    with world.centre.fuse.held():
        counting, here = counted(world), at_centre(world.centre)
        erased = {(each.desk, each.subject) for each in erasures_at_centre(world.centre)}
    for token, held in here.items():
        saved = world.truth.saved[token]
        if saved.is_erased or not erased & {(each.desk, each.subject) for each in held}:
            continue
        days = {
            dossier.counted_on
            for each in held
            if (dossier := counting.get((each.desk, each.subject))) and dossier.counted_on
        }
        saved.is_erased, saved.is_voided, saved.days = True, not days, days


def _receptions(world: "World") -> dict[str, set[tuple[str, str]]]:
    """How the dossiers are called at either end, by desk and id."""
    found: dict[str, set[tuple[str, str]]] = {}
    for held_by in (at_centre(world.centre), *map(at_machine, world.machines)):
        for token, held in held_by.items():
            found.setdefault(token, set()).update((each.desk, each.subject) for each in held)
    return found


def _tokens_of(erasure: Erasure, receptions: Iterable[tuple[str, list[Held]]]) -> list[str]:
    return [
        token
        for token, held in receptions
        if any((each.desk, each.subject) == (erasure.desk, erasure.subject) for each in held)
    ]


def _contents(database: Database, key: str, where: str, names: Iterable[str]) -> list[tuple[object, ...]]:
    """The places of entries about a dossier whose contents are still there."""
    wanted = sorted(names)
    rows = database.execute_sql(
        f"SELECT {key} FROM entry JOIN payload USING ({key})"
        f" WHERE {where} slot > 0 AND kind <> ? AND subject IN ({', '.join('?' * len(wanted))})",
        (EventKind.ERASE.value, *wanted),
    ).fetchall()
    return [tuple(row) for row in rows]


def _as_sealed(token: str) -> bytes:
    """How the content of a reception names its dossier."""
    return f'"{token}"'.encode()


def _telling(database: Database, said: bytes) -> list[str]:
    """The tables of a file in which something stands."""
    tables = [
        name for (name,) in database.execute_sql("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    ]
    found = []
    for table in tables:
        columns = [row[1] for row in database.execute_sql(f'PRAGMA table_info("{table}")').fetchall()]
        says = " OR ".join(f'instr(CAST("{column}" AS BLOB), ?)' for column in columns)
        if database.execute_sql(f'SELECT 1 FROM "{table}" WHERE {says} LIMIT 1', [said] * len(columns)).fetchone():
            found.append(table)
    return found


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
