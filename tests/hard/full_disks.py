"""Disks that are full when a test says so."""

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LEFT_BYTES = 4_096


@contextmanager
def small_disk(folder: Path, size_mb: int) -> Iterator[Path]:
    """A disk in memory of a size of its own; skips the test where nobody may mount one."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=700", "tmpfs", str(folder)]
    if os.getuid() or shutil.which("mount") is None or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted only by root, where mounting is allowed")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[Path]:
    """Somebody else's file takes all that is free on the disk, and is gone afterwards."""
    path = folder / "somebody-else"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(LEFT_BYTES))
        except OSError:
            pass
    yield path
    path.unlink(missing_ok=True)


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """No file of this process grows beyond a size, as on a disk without room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    told = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, told)
