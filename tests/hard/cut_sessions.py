"""A session of a real desk, recorded call by call, and what its file has to hold after a power cut at any of them."""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain as joined
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from desk_client.desk import Desk
from desk_client.opening import open_desk
from desk_client.services.verifying import verify
from desk_client.settings import Settings
from desk_client.storage import device, journal
from desk_client.storage.database import DATABASE_FILE, reading
from desk_client.storage.keys import KEY_FILE
from desk_client.storage.models import ReceiptRow
from sync_protocol.entries import SealedEntry, chain
from sync_protocol.events import Received
from sync_protocol.packing import BadFrame, unpack_contact
from sync_protocol.schemas import read_event
from sync_protocol.signing import SigningKey, decoded, encoded
from sync_protocol.statements import read_statement
from tests.factories import reception
from tests.hard.crash_states import Files
from tests.hard.system_calls import Call, Said, recorded
from tests.processes import PASSWORD, Server

LIVES = 24
"""Dossiers of a session, each with what happens to it; it fills the log often enough to be folded into the file."""

WEAKENED = """
import sys
from desk_client import __main__ as program
from desk_client.storage import database
strong = database.SqlCipherDatabase
def weak(path, *, pragmas, **rest):
    weakened = tuple((name, LEVEL if name == "synchronous" else value) for name, value in pragmas)
    return strong(path, pragmas=weakened, **rest)
database.SqlCipherDatabase = weak
program.main()
"""
"""The same program with another ``synchronous``: the counter-check, in which losses have to be found."""

SESSION = """
set -e
echo {password} | "$@" enrol --server {url} --code {code} >&2
"$@" record {first} --json
"$@" sync --json >&2
"$@" record {second} --json
"$@" sync --json >&2
"""


@dataclass(slots=True)
class Promises:
    """What has been promised so far, to people or to the centre.

    confirmed    lines of dossiers that were said to be saved, by code
    stated       (epoch, sequence, hash) of the last head that the centre was told of
    signing_key  public key under which a place at the centre was asked for
    """

    confirmed: Counter[str] = field(default_factory=Counter)
    stated: tuple[int, int, bytes] | None = None
    signing_key: str = ""

    def hear(self, said: Said) -> None:
        """Takes in what the program said."""
        if said.to_socket:
            self._hear_sent(said.data)
        else:
            self.confirmed.update(each["dossier_code"] for each in _objects(said.data) if "dossier_code" in each)

    def _hear_sent(self, data: bytes) -> None:
        for asked in _objects(data):
            self.signing_key = str(asked.get("signing_key", self.signing_key))
        try:
            contact = unpack_contact(data)
        except BadFrame:
            return
        statement = read_statement(contact.statement, decoded(self.signing_key))
        self.stated = statement.epoch, statement.head, statement.hash


def recorded_session(folder: Path, centre: Server, code: str, *, synchronous: str = "") -> list[Call]:
    """Enrols a desk, records dossiers, sends them, and once more; with another ``synchronous`` where one is named."""
    (folder / "data").mkdir(parents=True)
    program = ["-c", WEAKENED.replace("LEVEL", repr(synchronous))] if synchronous else ["-m", "desk_client"]
    halves = {}
    for name, numbers in {"first": range(LIVES // 2), "second": range(LIVES // 2, LIVES)}.items():
        halves[name] = folder / f"{name}.ndjson"
        lines = joined.from_iterable(map(_life, numbers))
        halves[name].write_text("".join(json.dumps(line) + "\n" for line in lines))
    script = SESSION.format(password=PASSWORD, url=centre.url, code=code, **halves)
    words = ["sh", "-c", script, "desk", sys.executable, *program, "--data", str(folder / "data")]
    environment = {"DESK_KEY_STORE": "file", "PYTHONPATH": str(Path(__file__).parents[2])}
    return recorded(words, folder / "data", environment=environment)


@dataclass(frozen=True, slots=True)
class Found:
    """What an installation holds after a power cut.

    fault        what is wrong with it by itself, "" if nothing is
    lines        entries about dossiers, by code
    hashes       the journal's hashes from the certificate's on, () before there is one
    receipts     (epoch, sequence, hash) of what is said to be sent
    signing_key  its public key, "" before there is one
    """

    fault: str = ""
    lines: Counter[str] = field(default_factory=Counter)
    hashes: tuple[bytes, ...] = ()
    receipts: tuple[tuple[int, int, bytes], ...] = ()
    signing_key: str = ""

    def broken(self, promises: Promises) -> str:
        """What is wrong, "" where all that was promised is here and nothing is said to be sent that is not."""
        if self.fault:
            return self.fault
        if promises.signing_key not in ("", self.signing_key):
            return "keys lost"
        if not promises.confirmed <= self.lines:
            return "dossiers lost"
        named = [*self.receipts, *([promises.stated] if promises.stated else [])]
        return "" if all(map(self._holds, named)) else "less held than was told to the centre"

    def _holds(self, named: tuple[int, int, bytes]) -> bool:
        epoch, sequence, entry_hash = named
        return epoch == 1 and sequence < len(self.hashes) and self.hashes[sequence] == entry_hash


@dataclass(slots=True)
class Examiner:
    """Opens what a power cut has left, in `folder`: with the engine each time, with the program once a content."""

    folder: Path
    known: dict[bytes, Found] = field(default_factory=dict)

    def found(self, files: Files) -> Found:
        """What is there after a start."""
        for path, content in files.items():
            (self.folder / Path(path).name).write_bytes(content)
        try:
            content = _content(self.folder)
            if content not in self.known:
                self.known[content] = _examined(open_desk(Settings(data=self.folder, key_store="file")))
            return self.known[content]
        except Exception as error:
            # Whatever is raised, also by the engine, is one finding more.
            return Found(fault=f"does not open: {type(error).__name__}: {error}")
        finally:
            for left in self.folder.iterdir():
                left.unlink()


def _content(folder: Path) -> bytes:
    """A digest of every row of the file, which is whole; b"" where there is no file yet."""
    if not (folder / DATABASE_FILE).exists():
        return b""
    with closing(dbapi2.connect(str(folder / DATABASE_FILE), isolation_level=None)) as connection:
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{(folder / KEY_FILE).read_text()}'\"")
        # The check of the pages' codes reads the file itself: what the log holds anew has to be folded into it before.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for name, answer in (("integrity_check", [("ok",)]), ("cipher_integrity_check", [])):
            if connection.execute(f"PRAGMA {name}").fetchall() != answer:
                raise DamagedFile(name)
        digest = hashlib.sha256()
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
        ).fetchall():
            digest.update(repr((table, connection.execute(f'SELECT * FROM "{table}"').fetchall())).encode())
        return digest.digest()


class DamagedFile(Exception):
    """A power cut has damaged the file itself."""


def _examined(desk: Desk) -> Found:
    """What the program says of the file: its journal and whether the screens show it."""
    with reading(desk.database):
        stored = device.stored()
        key = encoded(SigningKey.from_seed(stored.signing_seed).public) if stored else ""
        if stored is None or stored.certificate is None:
            return Found(signing_key=key)
        identity = desk.identity()
        entries = journal.entries_after(identity.id.slot, 1, 0, 1_000_000)
        head = journal.head(identity.id.slot, identity.origin)
        receipts = tuple((row.epoch, row.up_to, bytes(row.hash)) for row in ReceiptRow.select())
    hashes = (identity.origin, *chain(entries, identity.origin))
    is_one_epoch = (head.epoch, head.sequence, head.hash) == (1, len(entries), hashes[-1])
    faults = [*({} if is_one_epoch else {"split"}), *(fault.code for fault in verify(desk).faults)]
    return Found(fault=", ".join(faults), lines=_lines(entries), hashes=hashes, receipts=receipts, signing_key=key)


def _lines(entries: list[SealedEntry]) -> Counter[str]:
    """How many entries are about each dossier, by its code."""
    events = list(map(read_event, entries))
    codes = {
        event.header.subject: event.payload.dossier_code for event in events if isinstance(event.payload, Received)
    }
    return Counter(codes[event.header.subject] for event in events if event.header.subject)


def _life(number: int) -> Iterator[dict[str, Any]]:
    """A dossier's lines."""
    named = {"dossier": str(number), "at": f"2021-10-{number % 28 + 1:02}T08:15:00+07:00"}
    yield {"event": "receive"} | named | reception()
    yield {"event": "resolve"} | named
    if number % 3 == 0:
        yield {"event": "deliver", "delivered_to": "Đặng Thị Ngoan"} | named


def _objects(data: bytes) -> Iterator[dict[str, Any]]:
    """The JSON objects that stand each in a line of their own; what begins otherwise holds none."""
    for line in data.splitlines() if data.startswith(b"{") else ():
        yield json.loads(line)
