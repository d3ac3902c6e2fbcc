"""Power cuts at every call of a real desk on its real encrypted file: nothing that was promised is ever missing.

The calls are recorded once from real processes; each cut makes a state of the disk from them, which is opened again.
"""

import hashlib
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desk_client.storage.machine import fingerprint
from tests.hard.crash_states import Disk, Files
from tests.hard.cut_sessions import Examiner, Found, Promises, recorded_session
from tests.hard.system_calls import Call, Said, require_tracing
from tests.postgresql import memory_folder
from tests.processes import Server, central, founded_centre

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

SHARES = 2
CUTS = 20_000
CUTS_AT_NIGHT = 500_000
CUTS_TO_FIND_A_LOSS = 2_000
SEED = 20211020
DESK = "H62.11.01"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A serving centre."""
    require_tracing()
    server = founded_centre(tmp_path_factory.mktemp("cuts") / "centre").start()
    yield server
    server.kill()


@pytest.fixture
def record(centre: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Call]]:
    """Records a session of a new desk; what is left of its folder is opened as if it still lay there."""
    machine = fingerprint(tmp_path / "session" / "data")
    monkeypatch.setattr("desk_client.opening.fingerprint", lambda _: machine)

    def make(synchronous: str = "") -> list[Call]:
        code = json.loads(central(centre.data, "invite", DESK, "--json"))["code"]
        return recorded_session(tmp_path / "session", centre, code, synchronous=synchronous)

    return make


@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_promised_is_lost_by_a_power_cut(
    record: Callable[..., list[Call]], figure: Callable[..., None], is_night: bool, share: int
) -> None:
    calls = record()

    cuts = (CUTS_AT_NIGHT if is_night else CUTS) // SHARES
    faults, tried = cut(calls, cuts, random.Random(f"{SEED} {share}"))

    print(f"seed {SEED} {share}")
    figure("T1", "simulated power cuts", cuts, lost=faults.total(), different_states=tried, after_calls=len(calls))
    assert faults == {}


@pytest.mark.parametrize("synchronous", ["off", "normal"])
def test_a_program_that_syncs_too_little_is_found_out(record: Callable[..., list[Call]], synchronous: str) -> None:
    """The counter-check: the same cuts of the same program, told to trust the disk more than ours does."""
    calls = record(synchronous)

    faults, _ = cut(calls, CUTS_TO_FIND_A_LOSS, random.Random(SEED))

    print(f"synchronous={synchronous}: {faults}")
    assert faults["dossiers lost"] > 0


def cut(calls: list[Call], cuts: int, chance: random.Random) -> tuple[Counter[str], int]:
    """Cuts the power after calls, all of them as often as another; the faults by name, and how many states differed."""
    disk, promises = Disk(), Promises()
    faults, known = Counter[str](), dict[bytes, Found]()
    with tempfile.TemporaryDirectory(prefix="cut-", dir=memory_folder()) as folder:
        examiner = Examiner(Path(folder))
        for number, call in enumerate(calls):
            disk.carry_out(call)
            if isinstance(call, Said):
                promises.hear(call)
            for _ in range(cuts * (number + 1) // len(calls) - cuts * number // len(calls)):
                files = disk.after_cut(chance)
                state = digest_of(files)
                known[state] = known.get(state) or examiner.found(files)
                faults.update(filter(None, [known[state].broken(promises)]))
    return faults, len(known)


def digest_of(files: Files) -> bytes:
    """What tells one state of a disk from another."""
    digest = hashlib.sha256()
    for path, content in files.items():
        digest.update(f"{path} {len(content)} ".encode() + content)
    return digest.digest()
