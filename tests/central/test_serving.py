"""How the centre's process serves: on one core."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Server, command

THREADS = 4

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the threads of a process are told by /proc")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Path]:
    """What the system tells of a centre that serves."""
    assert command("central_server", tmp_path, "init").code == 0
    server = Server("central_server", tmp_path, "/healthz", environment={"CENTRAL_THREADS": str(THREADS)}).start()
    assert server.process is not None
    yield Path(f"/proc/{server.process.pid}")
    server.kill()


def test_every_thread_that_answers_stays_on_one_core(process: Path) -> None:
    """The interpreter lock that goes from core to core lets a process serve a third of what one core can."""
    cores = [os.sched_getaffinity(int(thread.name)) for thread in (process / "task").iterdir()]

    assert len(cores) > THREADS
    assert len(set(map(frozenset, cores))) == 1
    assert len(cores[0]) == 1
