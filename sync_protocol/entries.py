"""The sealed journal entry: header, payload and salt, chained by hash.

The header's format is frozen for ever. An entry's identity is (slot, epoch, sequence) within a desk, its id is that
triple, and its bytes are stored and sent as they were sealed.

    payload_hash = SHA-256(salt ‖ payload)
    entry_hash   = SHA-256(previous entry_hash ‖ payload_hash ‖ header)
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text, parse_instant
from sync_protocol.signing import canonical, parsed
from sync_protocol.values import value

OF_ANOTHER_MACHINE = N_("it is of another machine.")
OUT_OF_SEQUENCE = N_("it is out of sequence.")
HEADER_FORMAT = 1
SALT_BYTES = 16
HASH_BYTES = 32
HEADER_BYTES_MAX = 4_096
PAYLOAD_BYTES_MAX = 65_536
KIND_CHARACTERS_MAX = 40
SEQUENCE_MAX = 2**53 - 1

_ID = re.compile(r"(0|[1-9][0-9]{0,15})\.(0|[1-9][0-9]{0,15})\.(0|[1-9][0-9]{0,15})")


class BadEntry(FieldSyncError):
    """An entry's frame is not one: it cannot be stored as part of a chain."""

    code = "bad_entry"
    text = N_("An entry cannot be read: %(reason)s The entries before it are safe at the centre.")


class EntryId(NamedTuple):
    """Identity of an entry within its desk; as text ``slot.epoch.sequence``, the id of a dossier it opens."""

    slot: int
    epoch: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.slot}.{self.epoch}.{self.sequence}"

    @classmethod
    def parse(cls, text: str) -> "EntryId":
        """Reads the text form; ValueError if it is not one."""
        match = _ID.fullmatch(text)
        if match is None:
            raise ValueError(text)
        return cls(int(match[1]), int(match[2]), int(match[3]))


@value
class Header:
    """What is known of an entry without its payload.

    subject       id of the dossier it is about, its own for the entry that opens one, "" for none
    happened_at   when it happened at the desk, aware UTC
    recorded_at   the device's wall clock when it was sealed, aware UTC, uncorrected
    monotonic_ms  milliseconds of the machine's monotonic clock within `boot`
    offset_ms     centre minus wall clock as last measured; None before the first contact
    clerk         username of the person who recorded it, "" for the device itself
    pack          sequence of this epoch's `adopt_packs` entry in force, 0 before the first
    base          per field, the id of the entry whose value this one replaces
    id            identity within the desk, made of slot, epoch and sequence
    """

    slot: int
    epoch: int
    sequence: int
    kind: str
    version: int
    subject: str
    happened_at: datetime
    recorded_at: datetime
    monotonic_ms: int
    boot: str
    offset_ms: int | None
    clerk: str
    pack: int
    base: Mapping[str, str] = field(default_factory=dict)
    id: EntryId = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", EntryId(self.slot, self.epoch, self.sequence))

    @property
    def entered_at(self) -> datetime:
        """When it was recorded by the device's clock as corrected then; OverflowError beyond every calendar."""
        return self.recorded_at + timedelta(milliseconds=self.offset_ms or 0)

    def as_bytes(self) -> bytes:
        """The bytes that are sealed."""
        return canonical(
            {
                "format": HEADER_FORMAT,
                "slot": self.slot,
                "epoch": self.epoch,
                "sequence": self.sequence,
                "kind": self.kind,
                "version": self.version,
                "subject": self.subject,
                "happened_at": instant_text(self.happened_at),
                "recorded_at": instant_text(self.recorded_at),
                "monotonic_ms": self.monotonic_ms,
                "boot": self.boot,
                "offset_ms": self.offset_ms,
                "clerk": self.clerk,
                "pack": self.pack,
                "base": dict(self.base),
            }
        )


class SealedEntry(NamedTuple):
    """An entry as it travels and is stored; `payload` and `salt` are None where the law had them erased."""

    header_bytes: bytes
    payload_hash: bytes
    payload: bytes | None
    salt: bytes | None

    @property
    def header(self) -> Header:
        """The header read; raises BadEntry."""
        return read_header(self.header_bytes)

    def hash_after(self, previous_hash: bytes) -> bytes:
        """The entry's hash as the successor of `previous_hash`."""
        return hashlib.sha256(previous_hash + self.payload_hash + self.header_bytes).digest()


def seal(header: Header, payload: Mapping[str, Any], salt: bytes) -> SealedEntry:
    """Seals a payload under a header; `salt` is 16 random bytes.

    Raises BadEntry for a header that the centre could not read, since once sealed it would hold up all that follow.
    """
    assert len(salt) == SALT_BYTES, "a salt has 16 bytes"
    header_bytes, payload_bytes = header.as_bytes(), canonical(payload)
    assert len(header_bytes) <= HEADER_BYTES_MAX, "the texts of a header are short"
    assert len(payload_bytes) <= PAYLOAD_BYTES_MAX, "a schema bounds the texts of a payload"
    read_header(header_bytes)
    return SealedEntry(header_bytes, payload_hash(salt, payload_bytes), payload_bytes, salt)


def written_again(
    entry: SealedEntry, id_: EntryId, *, subject: str, pack: int, base: Mapping[str, str]
) -> tuple[Header, SealedEntry]:
    """An entry of a branch that was left, as the next one of a new epoch: what it says and when is as it was sealed.

    Only what names entries changes. Salt and payload are kept, so its payload hash still is that of the entry before.
    """
    names = {"epoch": id_.epoch, "sequence": id_.sequence, "subject": subject, "pack": pack, "base": dict(base)}
    header_bytes = canonical(parsed(entry.header_bytes) | names)
    again = SealedEntry(header_bytes, entry.payload_hash, entry.payload, entry.salt)
    return read_header(header_bytes), again


def payload_hash(salt: bytes, payload: bytes) -> bytes:
    """SHA-256 over salt and payload: says nothing of a short payload to one who has not the salt."""
    return hashlib.sha256(salt + payload).digest()


def read_header(raw: bytes) -> Header:
    """Checks a header's frame; fields it does not know are left in the bytes. Raises BadEntry."""
    try:
        content = parsed(raw)
        header = Header(
            slot=_whole(content["slot"]),
            epoch=_whole(content["epoch"]),
            sequence=_whole(content["sequence"]),
            kind=_short_text(content["kind"]),
            version=_whole(content["version"]),
            subject=_short_text(content["subject"]),
            happened_at=parse_instant(content["happened_at"]),
            recorded_at=parse_instant(content["recorded_at"]),
            monotonic_ms=_whole(content["monotonic_ms"]),
            boot=_short_text(content["boot"]),
            offset_ms=_offset(content["offset_ms"]),
            clerk=_short_text(content["clerk"]),
            pack=_whole(content["pack"]),
            base=_base(content["base"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadEntry(reason=N_("its header is damaged.")) from error
    if content.get("format") != HEADER_FORMAT:
        raise BadEntry(reason=N_("its header is of another format."))
    return header


def chain(entries: Iterable[SealedEntry], previous_hash: bytes) -> list[bytes]:
    """The entry hashes of consecutive entries that follow `previous_hash`."""
    hashes = []
    for entry in entries:
        previous_hash = entry.hash_after(previous_hash)
        hashes.append(previous_hash)
    return hashes


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value <= SEQUENCE_MAX:
        raise ValueError(value)
    return value


def _offset(value: object) -> int | None:
    if value is not None and (type(value) is not int or abs(value) > SEQUENCE_MAX):
        raise ValueError(value)
    return value


def _short_text(value: object) -> str:
    if not isinstance(value, str) or len(value) > KIND_CHARACTERS_MAX or "\0" in value:
        raise ValueError(value)
    return value


def _base(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(id_, str) for id_ in value.values()):
        raise ValueError(value)
    return value
