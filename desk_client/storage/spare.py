"""The spare: what of a desk's file is small and seldom changes, once more beside it, encrypted by the same key.

A damaged page may be the one that holds the machine's keys, or lie in a reference pack: without these the dossiers that
are whole could not be shown or sent. The spare is written anew whenever the file was found whole, in one move.
"""

import base64
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from desk_client.storage.models import AdoptedPack, ClerkRow, DeviceRow, PackRow

SPARE_FILE = "desk.spare"
NONCE_BYTES = 12
PURPOSE = b"spare 1"
SPARED = (DeviceRow, AdoptedPack, PackRow, ClerkRow)

Row = tuple[int | float | str | bytes | None, ...]


def rows_to_spare() -> list[Row]:
    """The rows of the tables that are spared, inside the caller's transaction; of packs those in force."""
    rows: list[Row] = []
    for model in SPARED:
        query = model.select()
        if model is AdoptedPack:
            query = query.where(AdoptedPack.hash.in_(PackRow.select(PackRow.hash)))
        cursor = model._meta.database.execute(query)
        rows += [tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in cursor]
    return rows


def write_spare(folder: Path, key_hex: str, rows: Iterable[Row]) -> None:
    """Writes the spare in place of the last one; on a full disk the last one stays."""
    said = orjson.dumps([[_said(value) for value in row] for row in rows])
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + AESGCM(bytes.fromhex(key_hex)).encrypt(nonce, said, PURPOSE)
    beside = folder / f"{SPARE_FILE}.new"
    with suppress(OSError):
        with beside.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / SPARE_FILE)


def read_spare(folder: Path, key_hex: str) -> list[Row]:
    """The rows of the spare, [] where it is absent or damaged."""
    try:
        sealed = (folder / SPARE_FILE).read_bytes()
        said = AESGCM(bytes.fromhex(key_hex)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], PURPOSE)
    except (OSError, InvalidTag, ValueError):
        return []
    return [tuple(_read(value) for value in row) for row in orjson.loads(said)]


def spared_at(folder: Path) -> float | None:
    """When the file was last found whole, in seconds of the machine's clock; None where it never was."""
    try:
        return (folder / SPARE_FILE).stat().st_mtime
    except OSError:
        return None


def doubt(folder: Path) -> None:
    """Has the file looked over at the next start: a damage was met."""
    with suppress(OSError):
        os.utime(folder / SPARE_FILE, (0, 0))


def _said(value: object) -> object:
    return {"bytes": base64.b64encode(value).decode("ascii")} if isinstance(value, bytes) else value


def _read(value: object) -> int | float | str | bytes | None:
    if isinstance(value, dict):
        return base64.b64decode(value["bytes"])
    assert value is None or isinstance(value, int | float | str), "nothing else is written"
    return value
