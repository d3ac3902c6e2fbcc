"""How many bytes a dossier takes on the wire, beside the plainest way and what no way gets below.

Our figures are those of the entries section as a desk sends it: sealed, salt and journal header included. The statement
travels once a contact, the headers of HTTP once a request; both stand apart. Beside them the same dossiers as JSON rows
under gzip, a batch as one body, and all of them in columns under xz, as one file.
"""

import gzip
import json
import lzma
import socket
import statistics
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from threading import Thread
from typing import Any, TypeVar

from desk_client.agent.transport import road_to
from desk_client.services.road import CentreNonsense
from scripts.bench_row import Row
from sync_protocol.entries import SealedEntry
from sync_protocol.instants import instant_text
from sync_protocol.packing import CODINGS, pack_shortest

T = TypeVar("T")
BATCHES = (1, 10, 50, 500)
GZIP_LEVEL = 6
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"


def measured_on_the_wire(entries: Sequence[SealedEntry]) -> Iterator[Row]:
    """The figures of receptions of one desk."""
    rows = [_row(each) for each in entries]
    for size in BATCHES:
        batches = _batches(entries, size)
        ours = statistics.mean(len(pack_shortest(batch, CODINGS).section) / size for batch in batches)
        yield Row(f"wire: a new dossier in a batch of {size}, without statement", ours, "bytes")
    for size in BATCHES:
        zipped = statistics.mean(len(gzip.compress(_json(batch), GZIP_LEVEL)) / size for batch in _batches(rows, size))
        yield Row(f"wire: the same as JSON rows under gzip, batch of {size}", zipped, "bytes")
    columns = {name: [row.get(name) for row in rows] for name in sorted({name for row in rows for name in row})}
    floor = len(lzma.compress(_json(columns), preset=9 | lzma.PRESET_EXTREME)) / len(rows)
    yield Row(f"wire: the floor, {len(rows)} dossiers in columns under xz", floor, "bytes")
    yield Row("wire: the headers of a request, statement or not", _headers_bytes(), "bytes")


def _row(entry: SealedEntry) -> dict[str, Any]:
    """A dossier as a plain service would be told of it."""
    header = entry.header
    assert entry.payload is not None, "a fresh entry has its payload"
    said: dict[str, Any] = json.loads(entry.payload)
    return said | {
        "id": str(header.id),
        "received_at": instant_text(header.happened_at),
        "recorded_at": instant_text(header.recorded_at),
        "received_by": header.clerk,
    }


def _batches(each: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (each[at : at + size] for at in range(0, len(each) - size + 1, size))


def _headers_bytes() -> int:
    """What the desk's own transport sends before the body, caught by a socket."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        caught: list[bytes] = []
        catching = Thread(target=lambda: caught.append(_caught(listening)))
        catching.start()
        with closing(road_to(f"http://127.0.0.1:{listening.getsockname()[1]}")) as road, suppress(CentreNonsense):
            road.post("/v1/contacts", b"x" * 1_000, "application/octet-stream")
        catching.join()
    return caught[0].index(b"\r\n\r\n") + 4


def _caught(listening: socket.socket) -> bytes:
    connection, _ = listening.accept()
    with closing(connection):
        raw = connection.recv(65_536)
        connection.sendall(ANSWER)
        return raw


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
