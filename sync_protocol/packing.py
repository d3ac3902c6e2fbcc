"""How a contact's bytes are framed and compressed.

    byte 0      frame format, 1
    byte 1      coding of the entries section
    bytes 2–3   length of the statement section, big endian
    64 bytes    Ed25519 signature over the statement's exact bytes
    statement section   raw deflate (RFC 1951) of the statement's bytes, with preset dictionary 1
    entries section     the entries in that coding; empty in a contact that only states

    FRAMED      raw deflate of the entries' frames, with preset dictionary 1: header length (u16), payload length (u32,
                all ones where erased), header, then salt and payload, or the payload hash where they are erased
    APART       for few entries: raw deflate of the words of header and payload of each, with preset dictionary 2, then
                the salts, then the number (see digits.py)

A coding never changes; a device uses one only after the centre has said that it reads it. Every inflation is bounded.
"""

import struct
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice

from sync_protocol.digits import END, NotApart, put_together, taken_apart
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
FRAMED, APART = 1, 2
CODINGS = (FRAMED, APART)
"""What this version reads and writes."""

APART_ENTRIES_MAX = 20
"""Above these the frames of the entries, which are much alike, are the shorter ones."""

STATEMENT_BYTES_MAX = 65_536
CONTACT_BYTES_MAX = 1_048_576
ENTRIES_BYTES_MAX = 4_194_304
CONTACT_ENTRIES_MAX = 500
ALONE_BYTES_MAX = 16_384
"""A contact up to this size travels as one POST; a larger one follows its statement."""

_PREFIX = struct.Struct(">BBH")
_ENTRY = struct.Struct(">HI")
_ERASED = 0xFFFFFFFF
_DICTIONARY_1, _LINES = (files("sync_protocol").joinpath(f"dictionary_{id_}.txt").read_bytes() for id_ in (1, 2))
_DICTIONARY_2, _ = taken_apart(_LINES.splitlines())
"""A line of its file is a text, such as a header or a payload."""


class BadFrame(FieldSyncError):
    """A contact's bytes are cut short, too large or not of this format."""

    code = "bad_frame"
    text = N_("The message is damaged: %(reason)s Nothing was taken from it; the device sends it again.")


@dataclass(frozen=True, slots=True)
class Packed:
    """An entries section, no bytes where there is no entry, and its coding."""

    section: bytes = b""
    coding: int = FRAMED


@dataclass(frozen=True, slots=True)
class Contact:
    """What a device sends: its signed statement and the entries section, still packed, that it announces."""

    statement: Signed
    entries_section: bytes
    coding: int = FRAMED

    def entries(self) -> list[SealedEntry]:
        """The entries, payload hashes computed; raises BadFrame."""
        return unpack_entries(self.entries_section, self.coding)


def pack_contact(statement: Signed, entries_section: bytes = b"", coding: int = FRAMED) -> bytes:
    """The bytes of a contact."""
    section = deflated(statement.body)
    return _PREFIX.pack(FRAME_FORMAT, coding, len(section)) + statement.signature + section + entries_section


def unpack_contact(raw: bytes) -> Contact:
    """Reads a contact's frame and inflates the statement, not the entries; raises BadFrame."""
    start = _PREFIX.size + SIGNATURE_BYTES
    if len(raw) < start:
        raise BadFrame(reason=N_("it is cut short."))
    frame_format, coding, length = _PREFIX.unpack_from(raw)
    if frame_format != FRAME_FORMAT or coding not in CODINGS:
        raise BadFrame(reason=N_("it is of an unknown format."))
    if len(raw) < start + length:
        raise BadFrame(reason=N_("it is cut short."))
    body = inflated(raw[start : start + length], STATEMENT_BYTES_MAX)
    return Contact(Signed(body, raw[_PREFIX.size : start]), raw[start + length :], coding)


def pack_shortest(entries: Sequence[SealedEntry], codings: Collection[int]) -> Packed:
    """Consecutive entries in the coding that takes the fewest bytes, of those that the centre reads."""
    if not entries:
        return Packed()
    framed = Packed(pack_entries(entries))
    if APART not in codings or len(entries) > APART_ENTRIES_MAX:
        return framed
    try:
        return min(framed, Packed(_packed_apart(entries), APART), key=lambda packed: len(packed.section))
    except NotApart:
        return framed


def pack_entries(entries: Iterable[SealedEntry]) -> bytes:
    """The entries section of consecutive entries, in frames."""
    return deflated(frame_entries(entries))


def unpack_entries(section: bytes, coding: int = FRAMED) -> list[SealedEntry]:
    """The entries of a section, payload hashes computed; raises BadFrame."""
    if not section:
        return []
    if coding == APART:
        return _unpacked_apart(section)
    return unframe_entries(inflated(section, ENTRIES_BYTES_MAX), CONTACT_ENTRIES_MAX)


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
    """Raw deflate with preset dictionary 1."""
    return _squeezed(raw, _DICTIONARY_1)


def inflated(section: bytes, bytes_max: int) -> bytes:
    """Undoes `deflated`; raises BadFrame if it is damaged, has a tail or grows past `bytes_max`."""
    raw, tail = _opened(section, bytes_max, _DICTIONARY_1)
    if tail:
        raise BadFrame(reason=N_("it is cut short or too large."))
    return raw


def _squeezed(raw: bytes, dictionary: bytes) -> bytes:
    squeezer = zlib.compressobj(level=9, wbits=-15, memLevel=9, zdict=dictionary)
    return squeezer.compress(raw) + squeezer.flush()


def _opened(section: bytes, bytes_max: int, dictionary: bytes) -> tuple[bytes, bytes]:
    """What a deflate stream holds, and what follows it."""
    opener = zlib.decompressobj(wbits=-15, zdict=dictionary)
    try:
        raw = opener.decompress(section, bytes_max)
    except zlib.error as error:
        raise BadFrame(reason=N_("it cannot be unpacked.")) from error
    if not opener.eof:
        raise BadFrame(reason=N_("it is cut short or too large."))
    return raw, opener.unused_data


def _packed_apart(entries: Sequence[SealedEntry]) -> bytes:
    """Raises NotApart where an entry was erased, or its bytes are not plain text."""
    texts, salts = [], []
    for entry in entries:
        if entry.payload is None or entry.salt is None:
            raise NotApart
        texts += [entry.header_bytes, entry.payload]
        salts.append(entry.salt)
    words, number = taken_apart(texts)
    return _squeezed(words, _DICTIONARY_2) + b"".join(salts) + number


def _unpacked_apart(section: bytes) -> list[SealedEntry]:
    words, tail = _opened(section, ENTRIES_BYTES_MAX, _DICTIONARY_2)
    count = words.count(END) // 2
    if not words:
        raise BadFrame(reason=N_("it cannot be unpacked."))
    if count > APART_ENTRIES_MAX:
        raise BadFrame(reason=N_("it holds too many entries."))
    salts, number = tail[: count * SALT_BYTES], tail[count * SALT_BYTES :]
    try:
        texts = put_together(words, number)
    except NotApart as error:
        raise BadFrame(reason=N_("it cannot be unpacked.")) from error
    if len(texts) != 2 * count or len(salts) != count * SALT_BYTES:
        raise BadFrame(reason=N_("it is cut short."))
    pairs = list(zip(texts[::2], texts[1::2], strict=True))
    for header, payload in pairs:
        _check_lengths(len(header), len(payload))
    cut_salts = (salts[at : at + SALT_BYTES] for at in range(0, len(salts), SALT_BYTES))
    return [_whole(header, salt, payload) for (header, payload), salt in zip(pairs, cut_salts, strict=True)]


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
        _check_lengths(header_length, 0 if is_erased else payload_length)
        at += _ENTRY.size
        rest_length = HASH_BYTES if is_erased else SALT_BYTES + payload_length
        end = at + header_length + rest_length
        if len(raw) < end:
            raise BadFrame(reason=N_("it is cut short."))
        header, rest = raw[at : at + header_length], raw[at + header_length : end]
        yield _erased(header, rest) if is_erased else _whole(header, rest[:SALT_BYTES], rest[SALT_BYTES:])
        at = end


def _check_lengths(header_length: int, payload_length: int) -> None:
    if header_length > HEADER_BYTES_MAX or payload_length > PAYLOAD_BYTES_MAX:
        raise BadFrame(reason=N_("it holds an entry that is too large."))


def _erased(header: bytes, rest: bytes) -> SealedEntry:
    return SealedEntry(header, rest, None, None)


def _whole(header: bytes, salt: bytes, payload: bytes) -> SealedEntry:
    return SealedEntry(header, payload_hash(salt, payload), payload, salt)
