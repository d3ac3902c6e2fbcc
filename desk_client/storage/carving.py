"""Reading what is intact in a damaged encrypted file, page by page, without the engine, which refuses the whole.

Each page of SQLCipher 4 is encrypted by itself and bears a code over its content: a page whose code is right is as it
was written. The rows of an intact page are read by SQLite's file format (sqlite.org/fileformat2.html), from the file
and from every frame of its write-ahead log, whose own order is worth nothing once a frame of it is damaged. What a row
says is for the caller to check: pages that were given up keep theirs until they are used again.
"""

import hashlib
import hmac
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE_BYTES = 4_096
CODE_BYTES = 64
IV_BYTES = 16
SALT_BYTES = 16
USABLE_BYTES = PAGE_BYTES - CODE_BYTES - IV_BYTES
LOG_HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24

TABLE_LEAF, INDEX_LEAF, INDEX_INNER = 0x0D, 0x0A, 0x02
INDEX_MOST = (USABLE_BYTES - 12) * 64 // 255 - 23
TABLE_MOST = USABLE_BYTES - 35
LEAST = (USABLE_BYTES - 12) * 32 // 255 - 23
RECORD_BYTES_MAX = 8 * 2**20
"""The largest thing in a desk's file is a reference pack."""

Row = tuple[int | float | str | bytes | None, ...]


@dataclass(frozen=True, slots=True)
class Carved:
    """What was read: rows of any table in no order, some of them perhaps more than once; `damaged` counts pages."""

    rows: list[Row]
    damaged: int


def carve(database: Path, log: Path, key_hex: str) -> Carved:
    """The rows of all intact pages of a file and of its log, if that is there."""
    pages = [*_pages_of(_bytes_of(database)), *_frames_of(_bytes_of(log))]
    salts = dict.fromkeys(page[:SALT_BYTES] for number, page in pages if number == 1)
    readers = [_Reader(bytes.fromhex(key_hex), salt) for salt in salts] or [_Reader(bytes.fromhex(key_hex), b"")]
    reader = max(readers, key=lambda each: sum(each.is_whole(*page) for page in pages))
    whole = [page for page in pages if reader.is_whole(*page)]
    # Where the first bytes are gone no code can be checked, though the pages can be read: their rows have to speak for
    # themselves.
    for number, page in whole or pages:
        reader.take(number, page)
    return Carved(rows=list(reader.rows()), damaged=len(pages) - len(whole))


def _bytes_of(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _pages_of(raw: bytes) -> list[tuple[int, bytes]]:
    whole = range(0, len(raw) - PAGE_BYTES + 1, PAGE_BYTES)
    return [(start // PAGE_BYTES + 1, raw[start : start + PAGE_BYTES]) for start in whole]


def _frames_of(raw: bytes) -> list[tuple[int, bytes]]:
    """The pages in a log, also in what an earlier round has left behind the present end."""
    size = FRAME_HEADER_BYTES + PAGE_BYTES
    starts = range(LOG_HEADER_BYTES, len(raw) - size + 1, size)
    return [
        (int.from_bytes(raw[start : start + 4], "big"), raw[start + FRAME_HEADER_BYTES : start + size])
        for start in starts
    ]


@dataclass(slots=True)
class _Reader:
    """Decrypts pages and reads their rows; `pages` holds them as they were taken, the last image of each by number."""

    key: bytes
    salt: bytes
    code_key: bytes = b""
    taken: list[tuple[int, bytes]] = field(default_factory=list)
    pages: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        masked = bytes(byte ^ 0x3A for byte in self.salt)
        self.code_key = hashlib.pbkdf2_hmac("sha512", self.key, masked, 2, 32)

    def is_whole(self, number: int, page: bytes) -> bool:
        """Whether a page is as it was written."""
        said = page[SALT_BYTES if number == 1 else 0 : -CODE_BYTES] + struct.pack("<I", number)
        return hmac.compare_digest(hmac.digest(self.code_key, said, "sha512"), page[-CODE_BYTES:])

    def take(self, number: int, page: bytes) -> None:
        """Decrypts a page."""
        start = SALT_BYTES if number == 1 else 0
        decryptor = Cipher(algorithms.AES256(self.key), modes.CBC(page[USABLE_BYTES : USABLE_BYTES + IV_BYTES]))
        plain = bytes(start) + decryptor.decryptor().update(page[start:USABLE_BYTES])
        self.taken.append((number, plain))
        self.pages[number] = plain

    def rows(self) -> Iterator[Row]:
        """Every row that can be read."""
        seen: set[bytes] = set()
        for number, page in self.taken:
            for record in self._records(page, 100 if number == 1 else 0):
                if record not in seen:
                    seen.add(record)
                    yield from _row(record)

    def _records(self, page: bytes, start: int) -> Iterator[bytes]:
        kind = page[start]
        if kind not in (TABLE_LEAF, INDEX_LEAF, INDEX_INNER):
            return
        first = start + (12 if kind == INDEX_INNER else 8)
        count = int.from_bytes(page[start + 3 : start + 5], "big")
        for at in range(first, min(first + 2 * count, USABLE_BYTES - 1), 2):
            cell = int.from_bytes(page[at : at + 2], "big")
            # Of a page whose code could not be checked anything may be said.
            with suppress(IndexError):
                yield from self._record(page, cell + (4 if kind == INDEX_INNER else 0), kind)

    def _record(self, page: bytes, at: int, kind: int) -> Iterator[bytes]:
        """The record of a cell; none where a page that it goes on in is gone."""
        size, at = _varint(page, at)
        if kind == TABLE_LEAF:
            _, at = _varint(page, at)
        most = TABLE_MOST if kind == TABLE_LEAF else INDEX_MOST
        if not 0 < size <= RECORD_BYTES_MAX:
            return
        local = size
        if size > most:
            wanted = LEAST + (size - LEAST) % (USABLE_BYTES - 4)
            local = wanted if wanted <= most else LEAST
        record = page[at : at + local]
        following = int.from_bytes(page[at + local : at + local + 4], "big")
        while len(record) < size:
            overflow = self.pages.get(following)
            if overflow is None:
                return
            following = int.from_bytes(overflow[:4], "big")
            record += overflow[4 : 4 + min(size - len(record), USABLE_BYTES - 4)]
        yield record


def _row(record: bytes) -> Iterator[Row]:
    """The row that a record holds; none where it is not one."""
    try:
        yield tuple(_values(record))
    except (ValueError, IndexError, struct.error):
        return


def _values(record: bytes) -> Iterator[int | float | str | bytes | None]:
    end, at = _varint(record, 0)
    if end > len(record):
        raise ValueError
    body = end
    while at < end:
        kind, at = _varint(record, at)
        size = _size(kind)
        raw = record[body : body + size]
        if len(raw) != size:
            raise ValueError
        body += size
        yield _value(kind, raw)


def _size(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    return (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]


def _value(kind: int, raw: bytes) -> int | float | str | bytes | None:
    if kind >= 12:
        return raw.decode("utf-8") if kind % 2 else raw
    if kind == 7:
        return float(struct.unpack(">d", raw)[0])
    if kind in (8, 9):
        return kind - 8
    return int.from_bytes(raw, "big", signed=True) if raw else None


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """A number of up to nine bytes and the place behind it."""
    value = 0
    for step in range(8):
        byte = raw[at + step]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + step + 1
    return value << 8 | raw[at + 8], at + 9
