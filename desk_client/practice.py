"""The practice pages as a process of their own beside the real one: begun when somebody wants to practise."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from sync_protocol.errors import N_, FieldSyncError


class PracticeNotOpen(FieldSyncError):
    """The practice pages could not be opened."""

    code = "practice_not_open"
    text = N_(
        "The practice pages could not be opened. Real dossiers are not touched by it; go on with your work"
        " and tell your supervisor."
    )


@dataclass(slots=True)
class PracticeProcess:
    """The process that serves the practice pages of a data folder; one at the most."""

    data: Path
    _process: subprocess.Popen[str] | None = None
    _address: str = ""
    _lock: Lock = field(default_factory=Lock)

    def address(self) -> str:
        """The address of the practice pages, which are opened if they are not; raises PracticeNotOpen."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._begin()
            return self._address

    def end(self) -> None:
        """Closes the practice pages."""
        with self._lock:
            if self._process and self._process.poll() is None:
                self._process.terminate()
                self._process.wait()

    def _begin(self) -> None:
        command = [sys.executable, "-m", "desk_client", "--data", str(self.data), "practise"]
        # The program is this very one, and the folder its own: nothing that a person typed is run. It ends with its
        # input, which this process holds open: so it never outlives it, however that ends.
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)  # noqa: S603
        assert self._process.stdout, "its output is a pipe"
        # It tells its address once it listens, and closes its output where it cannot.
        self._address = self._process.stdout.readline().strip()
        if not self._address:
            self._process.wait()
            raise PracticeNotOpen
