"""Everything that a centre holds as one stream, the same from either database: lines of JSON, deflated.

The first line says what it is, then a line names each table and lines of its rows follow; the last line counts them.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
from peewee import Database

from central_server.central import APP_VERSION
from central_server.storage import tables
from central_server.storage.centre import CentreRow
from central_server.storage.database import shape_of
from central_server.storage.tables import BYTES, Table
from sync_protocol.instants import instant_text, parse_instant
from sync_protocol.signing import decoded, encoded
from sync_protocol.vaults import VaultDamaged

FORMAT = 1
LINE_BYTES_MAX = 268_435_456
INFLATED_AT_A_TIME = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whose rows these are, and when they stood so; `shape` names the migrations of that database."""

    made_at: datetime
    incarnation: str
    training: bool
    app: str
    shape: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table, values as `storage.tables` has them."""

    table: Table
    rows: list[list[Any]]


def origin_of(database: Database, about: CentreRow, now: datetime) -> Origin:
    """What a dump of this database says of itself."""
    return Origin(
        made_at=now,
        incarnation=about.incarnation,
        training=about.training,
        app=APP_VERSION,
        shape=tuple(shape_of(database)),
    )


def batches(database: Database) -> Iterator[Batch]:
    """All rows of all tables, inside the caller's snapshot."""
    for table in tables.tables():
        yield Batch(table, [])
        for rows in tables.rows(database, table):
            yield Batch(table, [list(row) for row in rows])


def dumped(origin: Origin, stream: Iterable[Batch]) -> Iterator[bytes]:
    """The bytes of a dump, in pieces."""
    squeezer = zlib.compressobj(level=6)
    counts: dict[str, int] = {}
    yield squeezer.compress(_line({"format": FORMAT, "origin": _origin_content(origin)}))
    for batch in stream:
        if batch.table.name not in counts:
            yield squeezer.compress(_line({"table": asdict(batch.table)}))
        counts[batch.table.name] = counts.get(batch.table.name, 0) + len(batch.rows)
        if batch.rows:
            yield squeezer.compress(_line({"rows": _written(batch)}))
    yield squeezer.compress(_line({"end": counts})) + squeezer.flush()


def read_dump(pieces: Iterable[bytes]) -> tuple[Origin, Iterator[Batch]]:
    """What a dump says of itself, and its rows as they are read; raises VaultDamaged, also while they are read."""
    lines = _lines(pieces)
    first = next(lines, {})
    try:
        if first["format"] != FORMAT:
            raise ValueError("another format")
        origin = _origin(first["origin"])
    except (KeyError, TypeError, ValueError) as error:
        raise VaultDamaged from error
    return origin, _batches(lines)


def _batches(lines: Iterator[dict[str, Any]]) -> Iterator[Batch]:
    counts: dict[str, int] = {}
    table: Table | None = None
    for line in lines:
        if "end" in line:
            if line["end"] != counts:
                raise VaultDamaged
            return
        if "table" in line:
            table = Table(**line["table"])
            counts[table.name] = 0
            yield Batch(table, [])
        elif table is None:
            raise VaultDamaged
        else:
            counts[table.name] += len(line["rows"])
            yield Batch(table, _read(table, line["rows"]))
    raise VaultDamaged


def _line(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)


def _lines(pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    waiting = bytearray()
    for raw in _inflated(pieces):
        waiting += raw
        if len(waiting) > LINE_BYTES_MAX:
            raise VaultDamaged
        if b"\n" in raw:
            *whole, rest = bytes(waiting).split(b"\n")
            waiting = bytearray(rest)
            yield from map(_parsed, whole)


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    opener = zlib.decompressobj()
    try:
        for piece in pieces:
            while piece:
                yield opener.decompress(piece, INFLATED_AT_A_TIME)
                piece = opener.unconsumed_tail
    except zlib.error as error:
        raise VaultDamaged from error
    yield opener.flush()


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise VaultDamaged from error
    if not isinstance(content, dict):
        raise VaultDamaged
    return content


def _written(batch: Batch) -> list[list[Any]]:
    at_bytes = [at for at, kind in enumerate(batch.table.kinds) if kind == BYTES]
    for row in batch.rows:
        for at in at_bytes:
            row[at] = None if row[at] is None else encoded(row[at])
    return batch.rows


def _read(table: Table, rows: list[list[Any]]) -> list[list[Any]]:
    at_bytes = [at for at, kind in enumerate(table.kinds) if kind == BYTES]
    try:
        for row in rows:
            for at in at_bytes:
                row[at] = None if row[at] is None else decoded(row[at])
    except (IndexError, TypeError, AttributeError, ValueError) as error:
        raise VaultDamaged from error
    return rows


def _origin_content(origin: Origin) -> dict[str, Any]:
    return asdict(origin) | {"made_at": instant_text(origin.made_at), "shape": list(origin.shape)}


def _origin(content: dict[str, Any]) -> Origin:
    return Origin(
        made_at=parse_instant(content["made_at"]),
        incarnation=str(content["incarnation"]),
        training=content["training"] is True,
        app=str(content["app"]),
        shape=tuple(map(str, content["shape"])),
    )
