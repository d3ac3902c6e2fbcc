"""Where the key of the desk's file is kept: the store of the operating system, or a protected file beside it."""

import os
import secrets
from pathlib import Path

import keyring
from keyring.errors import KeyringError

from sync_protocol.errors import N_, FieldSyncError

SERVICE = "desk-client"
KEY_FILE = "desk.key"
KEY_HEX_CHARACTERS = 64


class KeyMissing(FieldSyncError):
    """There is a file but no key for it."""

    code = "key_missing"
    text = N_(
        "The key of the data in %(path)s is not on this machine. The data is untouched and encrypted; "
        "sign in to the system as the person who set it up, or call your supervisor."
    )


def data_key(folder: Path, key_store: str, *, is_new: bool) -> str:
    """The raw 256-bit key of the file in `folder` as 64 hex digits; a fresh one where `is_new`; raises KeyMissing.

    The system's store is tried first; a machine without one gets a file that only its owner may read.
    """
    held = _from_file(folder) or (_from_system(folder) if key_store == "system" else None)
    if held:
        return held
    if not is_new:
        raise KeyMissing(path=str(folder))
    key_hex = secrets.token_hex(KEY_HEX_CHARACTERS // 2)
    if key_store == "file" or not _to_system(folder, key_hex):
        _to_file(folder, key_hex)
    return key_hex


def keep_key(folder: Path, key_store: str, key_hex: str) -> None:
    """Keeps the key of a file that was put into `folder`, in place of one that is left there from before."""
    if key_store == "file" or not _to_system(folder, key_hex):
        (folder / KEY_FILE).unlink(missing_ok=True)
        _to_file(folder, key_hex)


def kept_in(folder: Path) -> str:
    """Where the key is: ``file`` or ``system``; told by the status command."""
    return "file" if (folder / KEY_FILE).exists() else "system"


def _from_file(folder: Path) -> str | None:
    path = folder / KEY_FILE
    return path.read_text("ascii").strip() if path.exists() else None


def _to_file(folder: Path, key_hex: str) -> None:
    descriptor = os.open(folder / KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key_hex)
        file.flush()
        os.fsync(file.fileno())


def _from_system(folder: Path) -> str | None:
    try:
        return keyring.get_password(SERVICE, str(folder.resolve()))
    except KeyringError:
        return None


def _to_system(folder: Path, key_hex: str) -> bool:
    try:
        keyring.set_password(SERVICE, str(folder.resolve()), key_hex)
    except KeyringError:
        return False
    return _from_system(folder) == key_hex
