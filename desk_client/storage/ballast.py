"""The ballast: a file that holds some of the disk free for the moment when it is full.

It is given up when a save finds no space, so that the clerk can finish what is on the screen, and made again when there
is room. Its bytes are random: a file system that stores zeros in no space would hold nothing free.
"""

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

BALLAST_FILE = "desk.ballast"
BALLAST_BYTES = 8 * 2**20
"""Room for hundreds of dossiers."""

ROOM_BYTES_LEAST = 8 * BALLAST_BYTES
"""With less than this free the ballast is not made: it would take what it is meant to hold free."""

CHUNK_BYTES = 2**20


def keep_ballast(folder: Path) -> bool:
    """Makes the ballast where it is missing and there is room for it; whether it is there."""
    path = folder / BALLAST_FILE
    with suppress(OSError):
        if path.exists():
            return True
        if shutil.disk_usage(folder).free >= ROOM_BYTES_LEAST:
            _make(path)
    return path.exists()


def release_ballast(folder: Path) -> bool:
    """Gives the ballast's room free; whether there was any."""
    try:
        (folder / BALLAST_FILE).unlink()
    except OSError:
        return False
    return True


def _make(path: Path) -> None:
    beside = path.with_suffix(".new")
    try:
        with beside.open("wb") as file:
            for _ in range(BALLAST_BYTES // CHUNK_BYTES):
                file.write(secrets.token_bytes(CHUNK_BYTES))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
