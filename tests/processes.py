"""Real processes for tests: the centre's server, the desk's page and their command lines."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

REFERENCE = Path(__file__).parent.parent / "central_server" / "reference"
LOADS = (
    ("units", "admin_units_vinh_phuc_2021.csv"),
    ("calendar", "calendar_vn_2019_2027.csv"),
    ("procedures", "procedures.csv"),
    ("limits", "procedure_limits.csv"),
    ("desks", "invented_desks.csv"),
)
PASSWORD = "mot-cua-2021"
START_S_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


def command(package: str, data: Path, *words: str, given: str = "", **environment: str) -> Done:
    """Runs a console command on a data folder as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", package, "--data", str(data), *words],
        input=given.encode(),
        capture_output=True,
        env=_environment(environment),
        timeout=120,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def central(data: Path, *words: str, given: str = "") -> str:
    """What a command of the centre prints; it has to succeed."""
    done = command("central_server", data, *words, given=given)
    assert done.code == 0, done.err
    return done.out


def desk(data: Path, *words: str, given: str = "") -> Done:
    """How a command of the desk ended."""
    return command("desk_client", data, *words, given=given, DESK_KEY_STORE="file")


@dataclass(slots=True)
class Server:
    """A serving process that can be killed and started again on the same port."""

    package: str
    data: Path
    ready_path: str
    port: int = field(default_factory=lambda: free_port())
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Server":
        """Starts serving and returns when it answers."""
        prefix = "CENTRAL" if self.package == "central_server" else "DESK"
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.package, "--data", str(self.data), "serve"],
            env=_environment(self.environment | {f"{prefix}_PORT": str(self.port)}),
            stdout=subprocess.DEVNULL,
            stderr=(self.data / "serve.log").open("ab"),
        )
        give_up_at = time.monotonic() + START_S_MAX
        while time.monotonic() < give_up_at:
            assert self.process.poll() is None, (self.data / "serve.log").read_text()
            try:
                with urllib.request.urlopen(self.url + self.ready_path, timeout=5):
                    return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"{self.package} does not answer")

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Asks it to end."""
        self._end(signal.SIGTERM)

    def _end(self, with_signal: signal.Signals) -> None:
        if self.process:
            self.process.send_signal(with_signal)
            self.process.wait(timeout=30)
            self.process = None


def founded_centre(data: Path, *options: str) -> Server:
    """A centre with the real units, procedures and calendar, not serving yet, with a person of the province.

    options  of the command that founds it, such as ``--training``
    """
    central(data, "init", *options)
    for what, name in LOADS:
        central(data, "load", what, str(REFERENCE / name))
    central(data, "user", "add", "tinh", "--name", "Văn phòng tỉnh", "--role", "province", given=PASSWORD)
    return Server("central_server", data, "/healthz")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(more: dict[str, str]) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)} | more


def confirmed_until_killed(work: Callable[[int], None], after_s: float) -> list[str]:
    """The words that a forked process confirmed before it was killed, some time after its first one.

    work  is handed the descriptor to which it writes a line for each durable action; it goes on for ever
    """
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work(sending)
        finally:
            os._exit(1)
    os.close(sending)
    told = os.read(receiving, 1_000)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    while more := os.read(receiving, 100_000):
        told += more
    os.waitpid(child, 0)
    os.close(receiving)
    return told[: told.rfind(b"\n") + 1].decode().split()
