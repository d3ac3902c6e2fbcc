"""What a program asks of the system about the files of a folder, in order, as strace records it."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

TRACED = (
    "openat,close,lseek,write,writev,pwrite64,pwritev,ftruncate,truncate,fsync,fdatasync,"
    "rename,renameat,renameat2,unlink,unlinkat,mkdir,sendto"
)
STRING_BYTES_MAX = 8_000_000
STDOUT = 1


@dataclass(frozen=True, slots=True)
class Create:
    """A file that was not there is there now, empty."""

    path: str


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes at a place of a file."""

    path: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file has another length."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """A file, or a folder's list of names, is on the disk."""

    path: str


@dataclass(frozen=True, slots=True)
class Move:
    """A file has another name; what bore that name is gone."""

    path: str
    to: str


@dataclass(frozen=True, slots=True)
class Remove:
    """A name is gone."""

    path: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the program told people on its standard output, or sent over a socket."""

    data: bytes
    to_socket: bool


Call = Create | Write | Truncate | Sync | Move | Remove | Said


def require_tracing() -> None:
    """Skips a test with its reason where programs must not be traced; in CI it fails instead."""
    reason = ""
    if shutil.which("strace") is None:
        reason = "strace is not installed"
    elif subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True).returncode:
        reason = "this machine forbids tracing"
    if reason and os.environ.get("CI") and "forbids" not in reason:
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


def tracing(calls: str) -> list[str]:
    """The beginning of a command that traces calls, such as ``pwrite64,fsync``; all others go on without a halt."""
    return ["strace", "-f", "--seccomp-bpf", "-e", f"trace={calls}"]


def recorded(words: list[str], folder: Path, *, given: bytes = b"", environment: Mapping[str, str]) -> list[Call]:
    """Runs a command, which has to succeed, and gives its calls on the files of `folder` and what it said."""
    reader = _Reader(str(folder), names={str(path) for path in folder.rglob("*")})
    with tempfile.TemporaryDirectory() as beside:
        trace = Path(beside) / "trace"
        how = ["-y", "-xx", "-s", str(STRING_BYTES_MAX), "-o", str(trace)]
        done = subprocess.run(
            [*tracing(TRACED), *how, *words],
            input=given,
            capture_output=True,
            env=os.environ | dict(environment),
            timeout=200,
        )
        assert done.returncode == 0, done.stderr.decode()
        with trace.open() as lines:
            return list(reader.calls(lines))


_LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
_RESUMED = re.compile(r"^<\.\.\. \w+ resumed>(.*)$")
_FD = re.compile(r"(-?\d+)<([^>]*)>")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(slots=True)
class _Reader:
    """Reads a trace; `names` are the files that are there, `at` is the place in each open file for writing on."""

    folder: str
    names: set[str]
    at: dict[tuple[str, int], int] = field(default_factory=dict)
    begun: dict[str, str] = field(default_factory=dict)

    def calls(self, lines: Iterator[str]) -> Iterator[Call]:
        """The calls that were carried out, in the order in which they ended."""
        for line in lines:
            match = _LINE.match(self._whole(line.rstrip("\n")))
            if match and not match[4].startswith("-"):
                pid, name, said, result = match.groups()
                yield from self._read(pid, name, said, int(result), line)

    def _whole(self, line: str) -> str:
        """A line; one that another thread has cut in two is given when it ends."""
        pid, _, rest = line.partition(" ")
        rest = rest.lstrip()
        if rest.endswith("<unfinished ...>"):
            self.begun[pid] = rest.removesuffix("<unfinished ...>")
            return ""
        if resumed := _RESUMED.match(rest):
            return f"{pid} {self.begun.pop(pid)}{resumed[1]}"
        return line

    def _read(self, pid: str, name: str, said: str, result: int, line: str) -> Iterator[Call]:
        strings = [_bytes(each) for each in _STRING.findall(said)]
        descriptor = _FD.match(said)
        number, path = (int(descriptor[1]), _text(descriptor[2])) if descriptor else (-1, "")
        match name:
            case "openat":
                yield from self._opened(pid, said, strings, result)
            case "lseek":
                self.at[pid, number] = result
            case "unlink" | "unlinkat" | "truncate":
                yield from self._named(name, self._absolute(said, strings[0]), said)
            case "rename" | "renameat" | "renameat2":
                names = [self._absolute("", each) for each in strings]
                if self._is_ours(names[0]):
                    yield Move(names[0], names[1])
            case "sendto":
                yield Said(strings[0] if strings else b"", to_socket=True)
            case "write" if number == STDOUT:
                yield Said(strings[0], to_socket=False)
            case _ if self._is_ours(path) or path == self.folder:
                yield from self._of_file(pid, name, number, path, said, strings, result)

    def _opened(self, pid: str, said: str, strings: list[bytes], result: int) -> Iterator[Call]:
        path = self._absolute(said, strings[0])
        self.at[pid, result] = 0
        if self._is_ours(path):
            assert "O_APPEND" not in said, "nothing of ours is appended to by the system"
            if "O_CREAT" in said and path not in self.names:
                self.names.add(path)
                yield Create(path)
            if "O_TRUNC" in said:
                yield Truncate(path, 0)

    def _named(self, name: str, path: str, said: str) -> Iterator[Call]:
        if self._is_ours(path):
            if name == "truncate":
                yield Truncate(path, int(said.rpartition(",")[2]))
            else:
                self.names.discard(path)
                yield Remove(path)

    def _of_file(
        self, pid: str, name: str, number: int, path: str, said: str, strings: list[bytes], result: int
    ) -> Iterator[Call]:
        match name:
            case "pwrite64":
                yield Write(path, int(said.rpartition(",")[2]), strings[0][:result])
            case "write":
                offset = self.at.get((pid, number), 0)
                self.at[pid, number] = offset + result
                yield Write(path, offset, strings[0][:result])
            case "ftruncate":
                yield Truncate(path, int(said.rpartition(",")[2]))
            case "fsync" | "fdatasync":
                yield Sync(path)
            case "close":
                self.at.pop((pid, number), None)
            case "writev" | "pwritev":
                raise AssertionError(f"{name} is not expected of this program")

    def _is_ours(self, path: str) -> bool:
        # The shared memory of a WAL is no file of the disk: after a power cut the engine makes it anew.
        return path.startswith(self.folder + "/") and not path.endswith("-shm")

    def _absolute(self, said: str, name: bytes) -> str:
        text = os.fsdecode(name)
        where = _FD.search(said.partition(",")[0]) if not text.startswith("/") else None
        return os.path.join(_text(where[2]), text) if where else text


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _text(path: str) -> str:
    """A path as -y tells it: what -xx has written in hexadecimal, or plainly."""
    return os.fsdecode(_bytes(path)) if path.startswith("\\x") else path
