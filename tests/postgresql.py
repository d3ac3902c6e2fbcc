"""A real PostgreSQL server for one test run: started in a temporary folder, reached by its socket, gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

BINARIES = (Path("/usr/lib/postgresql"), Path("/usr/local/pgsql"), Path("/opt/homebrew/opt"))
ADMIN = "postgres"
START_WITHIN_S = 30
MEMORY = Path("/dev/shm")
MEMORY_BYTES_LEAST = 2 * 2**30
STANDING_IN = ("postgres", "nobody")
"""Whom the server runs as where the tests run as root, under which it refuses to start."""

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    # Nothing here outlives the run; what a power cut does to the centre's database is the server's promise, not ours.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, reached by the socket in `folder`."""

    folder: Path

    def url(self, name: str) -> str:
        """The URL of a database, as CENTRAL_DATABASE takes it."""
        return f"postgresql://{ADMIN}@/{name}?host={quote(str(self.folder), safe='')}"

    def create(self, name: str, template: str = "template0") -> str:
        """Makes a database as a copy of another one that nobody is using; gives its URL."""
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Removes a database and ends its connections."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def cut_connections(self, name: str) -> int:
        """Ends every connection to a database, as a restart would; gives how many there were."""
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            ).fetchall()
        return len(rows)

    def _run(self, statement: str, *names: str) -> None:
        with self._connected() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connected(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(ADMIN), autocommit=True)


def memory_folder() -> Path | None:
    """A folder in memory where the machine has a roomy one: these tests sync to disk thousands of times."""
    is_roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES_LEAST
    return MEMORY if is_roomy else None


@dataclass(slots=True)
class Stopping:
    """A server of one's own that can be stopped at once and started again; what it has confirmed outlives that."""

    server: Server
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes]

    def stop_at_once(self) -> None:
        """What ``pg_ctl stop -m immediate`` does: every process ends without a last word, and the log is replayed."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=START_WITHIN_S)

    def start_again(self) -> None:
        """Starts it and returns when it answers."""
        self.process = self.start()
        _await(self.process, self.server.folder)


@contextmanager
def stopping_server() -> Iterator[Stopping]:
    """Starts a server that writes its log before it confirms; otherwise as `running_server`."""
    with _prepared(SETTINGS | {"synchronous_commit": "on", "full_page_writes": "on"}) as (folder, start):
        stopping = Stopping(Server(folder), start, start())
        try:
            _await(stopping.process, folder)
            yield stopping
        finally:
            stopping.stop_at_once()


@contextmanager
def running_server() -> Iterator[Server]:
    """Starts a server and stops it; without PostgreSQL on the machine the test is skipped, in CI it fails."""
    with _serving(SETTINGS) as server:
        yield server


@contextmanager
def durable_server() -> Iterator[Server]:
    """As `running_server`, but on the disk and with PostgreSQL's own settings: what it confirms outlives it."""
    settings = {name: SETTINGS[name] for name in ("listen_addresses", "max_connections")}
    with _serving(settings, on_disk=True) as server:
        yield server


@contextmanager
def _serving(settings: Mapping[str, str], *, on_disk: bool = False) -> Iterator[Server]:
    with _prepared(settings, on_disk=on_disk) as (folder, start):
        process = start()
        try:
            _await(process, folder)
            yield Server(folder)
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=START_WITHIN_S)


@contextmanager
def _prepared(
    settings: Mapping[str, str], *, on_disk: bool = False
) -> Iterator[tuple[Path, Callable[[], subprocess.Popen[bytes]]]]:
    """A folder with an empty database cluster, and what starts a server on it."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="field-sync-pg-", dir=None if on_disk else memory_folder()))
    who = _who()
    try:
        if who:
            os.chown(folder, who["user"], who["group"])
        _init(binaries, folder / "data", who)
        yield folder, lambda: _start(binaries, folder, who, settings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted((each.parent for root in BINARIES for each in root.glob("*/bin/initdb")), reverse=True)
    if folders:
        return folders[0]
    if os.environ.get("CI"):
        pytest.fail("PostgreSQL is not installed, and in CI the centre is tested on it")
    pytest.skip("PostgreSQL is not installed (no initdb)")


def _who() -> dict[str, Any]:
    """Arguments that run a process as somebody else than root."""
    if os.name == "nt" or os.getuid():
        return {}
    for name in STANDING_IN:
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    pytest.skip("PostgreSQL does not run as root, and there is nobody else here")


def _init(binaries: Path, data: Path, who: dict[str, Any]) -> None:
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", ADMIN, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True,
        capture_output=True,
        cwd=data.parent,
        **who,
    )


def _start(binaries: Path, folder: Path, who: dict[str, Any], settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", "-k", folder, *words],
            stdout=log,
            stderr=log,
            cwd=folder,
            **who,
        )


def _await(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        assert process.poll() is None, (folder / "log").read_text()
        with suppress(psycopg.OperationalError):
            psycopg.connect(Server(folder).url(ADMIN)).close()
            return
        time.sleep(0.05)
    raise AssertionError((folder / "log").read_text())
