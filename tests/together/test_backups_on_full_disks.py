"""A disk that is full while something is backed up or restored: named in both languages, and nothing is half there."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests import processes
from tests.processes import LOADS, REFERENCE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no RLIMIT_FSIZE on Windows"),
]

ROOM_BYTES = 40_000
"""No file may grow beyond this: the database opens, and a backup of it does not fit."""


def cramped(
    data: Path, *words: str, given: str = "", package: str = "central_server"
) -> "subprocess.CompletedProcess[str]":
    """How a command ends on a disk that is full soon."""
    return subprocess.run(
        [sys.executable, "-m", package, "--data", str(data), *words],
        input=given,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent.parent)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM_BYTES, ROOM_BYTES)),
        timeout=120,
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A centre with the real reference data and a recovery kit."""
    folder = tmp_path / "centre"
    (tmp_path / "code").write_text(
        next(
            line.split(": ")[1]
            for line in processes.central(folder, "init", "--kit", str(tmp_path / "kit.html")).splitlines()
            if "Recovery code" in line
        )
    )
    for what, name in LOADS:
        processes.central(folder, "load", what, str(REFERENCE / name))
    return folder


def test_a_backup_that_finds_no_room_is_named_and_leaves_nothing(data: Path, tmp_path: Path) -> None:
    done = cramped(data, "backup", "--out", str(tmp_path / "out"))

    assert done.returncode == 1
    assert "disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_restore_that_finds_no_room_is_named_and_can_be_begun_again(data: Path, tmp_path: Path) -> None:
    processes.central(data, "backup", "--out", str(tmp_path / "out"))
    [backup] = (tmp_path / "out").glob("*.fsvault")
    words = ("restore", str(backup), "--kit", str(tmp_path / "kit.html"))
    code = (tmp_path / "code").read_text()

    done = cramped(tmp_path / "new", *words, given=code)
    again = processes.command("central_server", tmp_path / "new", *words, given=code)

    assert done.returncode == 1
    assert "Nothing" in done.stderr
    assert "Traceback" not in done.stderr
    assert again.code == 0, again.err
