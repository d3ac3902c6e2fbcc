"""One process at a time is the agent of a data folder."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync_protocol.errors import N_, FieldSyncError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_FILE = "agent.lock"


class AgentBusy(FieldSyncError):
    """Another process is already talking to the centre for this data folder."""

    code = "agent_busy"
    text = N_(
        "This desk's program is already running and sends by itself. Nothing was changed; "
        "press “Send now” on its page, or close it first."
    )


@contextmanager
def sole_agent(folder: Path) -> Iterator[None]:
    """Holds the folder's lock; the system releases it however the process ends. Raises AgentBusy."""
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise AgentBusy from error
