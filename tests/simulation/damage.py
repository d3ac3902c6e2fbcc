"""A desk's file that was damaged while the machine stood still: pages flipped, zeroed, scrambled, cut off; its log too.

What is whole of it is read here page by page, beside what the program makes of it when it starts.
"""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from desk_client.storage.carving import carve
from desk_client.storage.database import reading
from desk_client.storage.spare import rows_to_spare, write_spare
from desk_client.storage.witness import read_witness
from sync_protocol.vocabulary import EventKind
from tests.hard.test_damaged_files import DAMAGES_DONE
from tests.simulation.audits import Violation, check
from tests.simulation.disk import files_of, put_back
from tests.simulation.machines import FILE_KEY, Machine
from tests.simulation.returns import Before
from tests.simulation.truth import Tokens, at_machine

if TYPE_CHECKING:
    from tests.simulation.world import World

DATABASE, LOG = "desk.db", "desk.db-wal"
ENTRY_COLUMNS, PAYLOAD_COLUMNS = 10, 5
CUT_TOUCHES_MOST = 40


def damage_file(world: "World", machine: Machine) -> None:
    """A machine is switched off at the wall, its disk has a fault, and it starts on what is left."""
    files = files_of(machine.folder)
    # Two that go on from one disk may both write again what neither has sent: see NOT_YET.
    if not files.get(LOG) or not machine.is_alone or machine.is_put_away:
        return
    world.weather.counts["damaged file"] += 1
    with machine.fuse.held(), reading(machine.desk.database):
        # As the last look over the file has left it.
        write_spare(machine.folder, FILE_KEY, rows_to_spare())
    before, epoch = Before(world, machine), machine.written[-1][0]
    damaged = files_of(machine.folder) | _damaged(files, world.rare)
    intact = _intact(damaged, machine.slot, machine.tokens)
    _start(world, machine, damaged)
    world.settle(machine)
    _check_saved(world, machine, intact)
    world.note_written(machine)
    before.account(machine)
    is_other = machine.written[-1][0] != epoch
    lost = before.entries - before.delivering(machine)
    is_noticed = is_other or not lost or read_witness(machine.folder) is None
    check("I20", is_noticed, f"{machine.name} goes on without {len(lost)} entries as if nothing were missing")
    machine.is_alone = not is_other and not lost
    world.trace(f"   {len(lost)} entries were in damaged pages or are written again; epoch {machine.written[-1][0]}")


def _start(world: "World", machine: Machine, files: dict[str, bytes]) -> None:
    """Starts on a damaged file, perhaps with a power cut meanwhile, and once more, which is an ordinary start."""
    cut_at = world.rare.choice((None, None, world.rare.randrange(CUT_TOUCHES_MOST)))
    machine.is_full, machine.is_doubted = False, True
    try:
        machine.go_on_from(files, cut_at=cut_at)
        aside = _set_aside(machine.folder)
        machine.is_doubted = True
        machine.go_on_from(files_of(machine.folder))
    except Exception as error:
        raise Violation("I20", f"{machine.name} does not start: {type(error).__name__}: {error}") from error
    check("I20", _set_aside(machine.folder) == aside, f"{machine.name} sets its file aside with every start")


def _check_saved(world: "World", machine: Machine, intact: set[str]) -> None:
    """I20: every dossier that lay in whole pages is shown again, but for what the law has erased."""
    erased = {token for token, saved in world.truth.saved.items() if saved.is_erased}
    missed = sorted(intact - erased - at_machine(machine).keys())
    check("I20", not missed, f"{machine.name} has lost {missed}, which lay in whole pages")


def _damaged(files: dict[str, bytes], chance: Random) -> dict[str, bytes]:
    """One of the two files with something wrong in it."""
    name = chance.choice((DATABASE, DATABASE, LOG))
    raw = bytearray(files[name])
    chance.choice(DAMAGES_DONE)(raw, chance)
    return {name: bytes(raw)}


def _intact(files: dict[str, bytes], slot: int, tokens: Tokens) -> set[str]:
    """The receptions of a machine itself of which everything lies in whole pages."""
    with TemporaryDirectory(prefix="damaged-") as name:
        folder = Path(name)
        put_back(folder, {each: files[each] for each in (DATABASE, LOG)})
        rows = carve(folder / DATABASE, folder / LOG, FILE_KEY).rows
    contents = {row[:3]: row[4] for row in rows if len(row) == PAYLOAD_COLUMNS}
    found = set()
    for row in rows:
        if len(row) == ENTRY_COLUMNS and row[0] == slot and row[3] == EventKind.RECEIVE:
            entry_hash, payload = row[7], contents.get(row[:3])
            if isinstance(entry_hash, bytes) and isinstance(payload, bytes):
                found.add(tokens.of(entry_hash, payload))
    return found


def _set_aside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("set-aside-*"))
