"""The real desk program on a machine whose clock the operating system shows wrong by years."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import processes
from tests.hard.authorities import HOST, Authority
from tests.hard.fronts import fronted
from tests.processes import Server, founded_centre

OFFSETS = ("-20y", "+20y")
"""As faketime takes them; the ones between are tried in process, in test_wire_clocks."""

DESK = "H62.11.01"
RECEIVE = {
    "event": "receive",
    "procedure_code": "1.004873",
    "submitter_name": "Nguyễn Thị Hường",
    "owner_name": "Nguyễn Thị Hường",
    "owner_type": "citizen",
    "channel": "direct",
    "delivery_method": "counter",
    "set_count": 1,
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A serving centre with a right clock; without faketime on the machine the test is skipped, in CI it fails."""
    if not shutil.which("faketime"):
        if os.environ.get("CI"):
            pytest.fail("faketime is not installed, and in CI wrong clocks are tried on real processes")
        pytest.skip("faketime is not installed")
    server = founded_centre(tmp_path_factory.mktemp("centre"))
    yield server.start()
    server.stop()


@pytest.fixture
def library() -> str:
    """What makes a process see another time."""
    [found, *_] = sorted(Path("/usr/lib").glob("**/faketime/libfaketimeMT.so.1"))
    return str(found)


def faked(library: str, offset: str) -> dict[str, str]:
    """What a process is given that is to see another time."""
    return {"LD_PRELOAD": library, "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_real_desk_sends_whatever_its_machine_shows(
    centre: Server, library: str, tmp_path: Path, offset: str
) -> None:
    def desk(*words: str, given: str = "") -> processes.Done:
        return processes.command(
            "desk_client", tmp_path, *words, given=given, DESK_KEY_STORE="file", **faked(library, offset)
        )

    code = json.loads(processes.central(centre.data, "invite", DESK, "--json"))["code"]
    enrolled = desk("enrol", "--server", centre.url, "--code", code, given=processes.PASSWORD)
    first = desk("sync", "--json")
    line = json.dumps(RECEIVE | {"dossier": "a1", "at": "2021-10-04T08:15:00+07:00"})
    recorded = desk("record", "-", given=line)
    second = desk("sync", "--json")

    assert enrolled.code == 0, enrolled.err
    assert first.code == 0, first.err
    assert recorded.code == 0, recorded.err
    assert json.loads(second.out.splitlines()[-1])["unsent"] == 0, second.err


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_real_desk_sends_over_tls_whatever_its_machine_shows(
    centre: Server, library: str, authority: Authority, tmp_path: Path, offset: str
) -> None:
    """It was enrolled while its clock was right. The battery is dead, and by the machine no certificate holds."""
    data = tmp_path / "desk"
    code = json.loads(processes.central(centre.data, "invite", DESK, "--json"))["code"]

    def desk(*words: str, given: str = "", **environment: str) -> processes.Done:
        return processes.command("desk_client", data, *words, given=given, DESK_KEY_STORE="file", **environment)

    with fronted(centre.port, authority.issue(tmp_path, HOST)) as front:
        enrolled = desk("enrol", "--server", front.url, "--code", code, given=processes.PASSWORD)
        line = json.dumps(RECEIVE | {"dossier": "a1", "at": "2021-10-04T08:15:00+07:00"})
        recorded = desk("record", "-", given=line, **faked(library, offset))
        synced = desk("sync", "--json", **faked(library, offset))

    assert (enrolled.code, recorded.code) == (0, 0), enrolled.err + recorded.err
    assert json.loads(synced.out.splitlines()[-1]) == {"sent": 3, "unsent": 0, "error": None}, synced.err
