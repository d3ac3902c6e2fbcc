"""What tells one machine and folder from another, as far as any program may know it."""

import hashlib
import sys
from contextlib import suppress
from pathlib import Path

MACHINE_ID = Path("/etc/machine-id")


def fingerprint(folder: Path) -> str:
    """A short text that is another one on another machine or in another folder.

    Two machines made from one image may share it, and a folder that was renamed changes it: neither does harm, since
    the centre tells copies apart too, and a new epoch costs nothing but other numbers.
    """
    told = f"{_machine_id()}\n{folder.resolve()}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _machine_id() -> str:
    """The name that the system gave this machine when it was installed, "" where it tells none."""
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415 - there is none elsewhere

        with (
            suppress(OSError),
            winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key,
        ):
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
        return ""
    with suppress(OSError):
        return MACHINE_ID.read_text().strip()
    return ""
