"""The centre's secrets: one file in the data folder that only its owner may read."""

import os
from pathlib import Path

import orjson

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.signing import decoded, encoded

KEY_FILE = "central.keys"
NAMES = ("signing_seed", "agreement_seed", "code_key")
BACKUP_PUBLIC = "backup_public"
"""The key that backups are sealed to; its private half is in the recovery kit only, and there is none before that."""


class KeysUnreadable(FieldSyncError):
    """The file of the centre's keys is missing or damaged."""

    code = "keys_unreadable"
    text = N_(
        "The centre's keys in %(path)s cannot be read. Nothing was changed; put the file back from the recovery kit."
    )


def make_keys(folder: Path, keys: dict[str, bytes]) -> None:
    """Writes new keys; FileExistsError if there are some."""
    _write(folder / KEY_FILE, keys)


def replace_keys(folder: Path, keys: dict[str, bytes]) -> None:
    """Puts keys in the place of those that are there, all or nothing."""
    beside = folder / f"{KEY_FILE}.new"
    beside.unlink(missing_ok=True)
    _write(beside, keys)
    os.replace(beside, folder / KEY_FILE)


def read_keys(folder: Path) -> dict[str, bytes]:
    """The keys by name; raises KeysUnreadable, FileNotFoundError."""
    path = folder / KEY_FILE
    try:
        content = orjson.loads(path.read_bytes())
        more = (BACKUP_PUBLIC,) if BACKUP_PUBLIC in content else ()
        return {name: decoded(content[name]) for name in (*NAMES, *more)}
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, PermissionError) as error:
        raise KeysUnreadable(path=str(path)) from error


def _write(path: Path, keys: dict[str, bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps({name: encoded(key) for name, key in keys.items()}))
        file.flush()
        os.fsync(file.fileno())
