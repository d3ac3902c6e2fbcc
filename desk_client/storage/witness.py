"""The witness: a small file beside the database that knows how far the journal had come.

A database that is put back to an older state does not know what was written after it. The witness does, where it was
not put back with it. It is written after each commit that moved the journal's end, without waiting for the disk:

    two slots of 64 bytes, used in turn; each: epoch, sequence (u64, big endian), hash, the first 16 bytes of the
    SHA-256 of these. A torn slot counts as absent.
"""

import hashlib
import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

WITNESS_FILE = "desk.witness"
SLOT_BYTES = 64

_SAID = struct.Struct(">QQ32s")
_CHECK_BYTES = SLOT_BYTES - _SAID.size


@dataclass(frozen=True, slots=True, order=True)
class Witnessed:
    """The last entry of the journal that a witness has seen."""

    epoch: int
    sequence: int
    hash: bytes


def read_witness(folder: Path) -> Witnessed | None:
    """What the witness of a data folder has seen, None where it is absent or cannot be read."""
    try:
        raw = (folder / WITNESS_FILE).read_bytes()
    except OSError:
        return None
    return max(filter(None, _slots(raw)), default=None)


def write_witness(folder: Path, seen: Witnessed) -> None:
    """Lets the witness see the journal's end; whoever cannot write it has no witness, and nothing else is lost."""
    said = _SAID.pack(seen.epoch, seen.sequence, seen.hash)
    with suppress(OSError):
        file = os.open(folder / WITNESS_FILE, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            # What was seen before stays until this is written, whichever slot it is in.
            os.lseek(file, SLOT_BYTES * (1 - last_slot(os.read(file, 2 * SLOT_BYTES))), os.SEEK_SET)
            os.write(file, said + _check(said))
        finally:
            os.close(file)


def last_slot(raw: bytes) -> int:
    """Which of a witness's slots, 0 or 1, holds what was seen last."""
    first, second = _slots(raw)
    return int(first is None or (second is not None and second > first))


def _slots(raw: bytes) -> list[Witnessed | None]:
    return [_read(raw[start : start + SLOT_BYTES]) for start in (0, SLOT_BYTES)]


def _read(raw: bytes) -> Witnessed | None:
    said = raw[: _SAID.size]
    if len(raw) != SLOT_BYTES or raw[_SAID.size :] != _check(said):
        return None
    return Witnessed(*_SAID.unpack(said))


def _check(said: bytes) -> bytes:
    return hashlib.sha256(said).digest()[:_CHECK_BYTES]
