"""How a contact's bytes are framed and compressed.

    byte 0      frame format, 1
    byte 1      id of the preset dictionary
    bytes 2–3   length of the statement section, big endian
    64 bytes    Ed25519 signature over the statement's exact bytes
    statement section   raw deflate (RFC 1951) of the statement's bytes
    entries section     raw deflate of the entries' frames; empty in a contact that only states

An entry's frame: header length (u16), payload length (u32, all ones where erased), header, then salt and payload, or
the payload hash where they are erased. Every inflation is bounded.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice

from sync_protocol.entries import (
    HASH_BYTES,
    HEADER_BYTES_MAX,
    PAYLOAD_BYTES_MAX,
    SALT_BYTES,
    SealedEntry,
    payload_hash,
)
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.signing import SIGNATURE_BYTES, Signed

FRAME_FORMAT = 1
DICTIONARY_ID = 1
STATEMENT_BYTES_MAX = 65_536
CONTACT_BYTES_MAX = 1_048_576
ENTRIES_BYTES_MAX = 4_194_304
CONTACT_ENTRIES_MAX = 500
ALONE_BYTES_MAX = 16_384
"""A contact up to this size travels as one POST; a larger one follows its statement."""

_PREFIX = struct.Struct(">BBH")
_ENTRY = struct.Struct(">HI")
_ERASED = 0xFFFFFFFF
_DICTIONARIES = {DICTIONARY_ID: files("sync_protocol").joinpath("dictionary_1.txt").read_bytes()}


class BadFrame(FieldSyncError):
    """A contact's bytes are cut short, too large or not of this format."""

    code = "bad_frame"
    text = N_("The message is damaged: %(reason)s Nothing was taken from it; the device sends it again.")


@dataclass(frozen=True, slots=True)
class Contact:
    """What a device sends: its signed statement and the entries section, still deflated, that it announces."""

    statement: Signed
    entries_section: bytes


def pack_contact(statement: Signed, entries_section: bytes = b"") -> bytes:
    """The bytes of a contact."""
    section = deflated(statement.body)
    return _PREFIX.pack(FRAME_FORMAT, DICTIONARY_ID, len(section)) + statement.signature + section + entries_section


def unpack_contact(raw: bytes) -> Contact:
    """Reads a contact's frame and inflates the statement, not the entries; raises BadFrame."""
    start = _PREFIX.size + SIGNATURE_BYTES
    if len(raw) < start:
        raise BadFrame(reason=N_("it is cut short."))
    frame_format, dictionary_id, length = _PREFIX.unpack_from(raw)
    if frame_format != FRAME_FORMAT or dictionary_id not in _DICTIONARIES:
        raise BadFrame(reason=N_("it is of an unknown format."))
    if len(raw) < start + length:
        raise BadFrame(reason=N_("it is cut short."))
    body = inflated(raw[start : start + length], STATEMENT_BYTES_MAX)
    return Contact(Signed(body, raw[_PREFIX.size : start]), raw[start + length :])


def pack_entries(entries: Iterable[SealedEntry]) -> bytes:
    """The entries section of consecutive entries."""
    return deflated(frame_entries(entries))


def unpack_entries(section: bytes) -> list[SealedEntry]:
    """The entries of a section, payload hashes computed; raises BadFrame."""
    return unframe_entries(inflated(section, ENTRIES_BYTES_MAX), CONTACT_ENTRIES_MAX) if section else []


def frame_entries(entries: Iterable[SealedEntry]) -> bytes:
    """The frames of entries, one behind the other."""
    return b"".join(_framed(entry) for entry in entries)


def unframe_entries(raw: bytes, entries_max: int) -> list[SealedEntry]:
    """The entries of some frames, payload hashes computed; raises BadFrame."""
    entries = list(islice(_frames(raw), entries_max + 1))
    if len(entries) > entries_max:
        raise BadFrame(reason=N_("it holds too many entries."))
    return entries


def deflated(raw: bytes) -> bytes:
    """Raw deflate with the current preset dictionary."""
    squeezer = zlib.compressobj(level=9, wbits=-15, memLevel=9, zdict=_DICTIONARIES[DICTIONARY_ID])
    return squeezer.compress(raw) + squeezer.flush()


def inflated(section: bytes, bytes_max: int) -> bytes:
    """Undoes `deflated`; raises BadFrame if it is damaged, has a tail or grows past `bytes_max`."""
    opener = zlib.decompressobj(wbits=-15, zdict=_DICTIONARIES[DICTIONARY_ID])
    try:
        raw = opener.decompress(section, bytes_max)
    except zlib.error as error:
        raise BadFrame(reason=N_("it cannot be unpacked.")) from error
    if not opener.eof or opener.unused_data:
        raise BadFrame(reason=N_("it is cut short or too large."))
    return raw


def _framed(entry: SealedEntry) -> bytes:
    if entry.payload is None or entry.salt is None:
        return _ENTRY.pack(len(entry.header_bytes), _ERASED) + entry.header_bytes + entry.payload_hash
    return _ENTRY.pack(len(entry.header_bytes), len(entry.payload)) + entry.header_bytes + entry.salt + entry.payload


def _frames(raw: bytes) -> Iterator[SealedEntry]:
    at = 0
    while at < len(raw):
        if len(raw) < at + _ENTRY.size:
            raise BadFrame(reason=N_("it is cut short."))
        header_length, payload_length = _ENTRY.unpack_from(raw, at)
        is_erased = payload_length == _ERASED
        if header_length > HEADER_BYTES_MAX or (not is_erased and payload_length > PAYLOAD_BYTES_MAX):
            raise BadFrame(reason=N_("it holds an entry that is too large."))
        at += _ENTRY.size
        rest_length = HASH_BYTES if is_erased else SALT_BYTES + payload_length
        end = at + header_length + rest_length
        if len(raw) < end:
            raise BadFrame(reason=N_("it is cut short."))
        header, rest = raw[at : at + header_length], raw[at + header_length : end]
        yield _erased(header, rest) if is_erased else _whole(header, rest)
        at = end


def _erased(header: bytes, rest: bytes) -> SealedEntry:
    return SealedEntry(header, rest, None, None)


def _whole(header: bytes, rest: bytes) -> SealedEntry:
    salt, payload = rest[:SALT_BYTES], rest[SALT_BYTES:]
    return SealedEntry(header, payload_hash(salt, payload), payload, salt)
