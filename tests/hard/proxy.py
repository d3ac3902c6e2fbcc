"""A TCP proxy that breaks the wire as it is told: cut after so many bytes, reset, silent, slow, twice, or much later.

Each connection takes the next wish, or is carried whole where nothing is wished for.
"""

import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

PIECE_BYTES = 65_536
NEVER = 2**62
ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER with a time of nothing: closing sends RST instead of FIN."""


class Way(StrEnum):
    """To the centre or back."""

    UP = "up"
    DOWN = "down"


class Ending(StrEnum):
    """How the wire ends once so many bytes have passed."""

    FIN = "fin"
    RST = "rst"
    STALL = "stall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What one connection suffers.

    after_bytes     of the way `way` pass, then comes the `ending`
    bytes_a_second  the speed of that way, 0 where it is not slowed
    is_doubled      the centre gets what was sent once more, on a connection of its own, and nobody hears the answer
    is_held         the centre gets nothing until `Proxy.release`; the device is cut off
    """

    way: Way = Way.UP
    after_bytes: int = NEVER
    ending: Ending = Ending.FIN
    bytes_a_second: float = 0.0
    is_doubled: bool = False
    is_held: bool = False


@dataclass
class Passed:
    """How many bytes of each way a connection has let through."""

    up: int = 0
    down: int = 0


@dataclass
class Proxy:
    """Listens on `port` and carries to the centre on 127.0.0.1:`centre_port`.

    is_asked_to_connect  it is a web proxy: a connection begins with CONNECT, whatever the place that it names
    """

    centre_port: int
    is_asked_to_connect: bool = False
    wishes: deque[Fault] = field(default_factory=deque)
    passed: list[Passed] = field(default_factory=list)
    held: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        """Where a device reaches the centre."""
        return f"http://127.0.0.1:{self.port}"

    def wish(self, *faults: Fault) -> None:
        """The next connections suffer these."""
        self.wishes.extend(faults)

    def release(self) -> None:
        """Lets what was held arrive now, late, in the opposite order; nobody hears the answers."""
        while self.held:
            self._deliver(self.held.pop())

    def __enter__(self) -> Self:
        self._acceptor = threading.Thread(target=self._accept, name="proxy")
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        # A listener that is only closed does not wake the thread that waits at it.
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._acceptor.join()
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            device, _ = self._listener.accept()
            if self._is_over.is_set():
                device.close()
                return
            fault = self.wishes.popleft() if self.wishes else Fault()
            thread = threading.Thread(target=self._carry, args=(device, fault), name="proxied")
            self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]
            thread.start()

    def _carry(self, device: socket.socket, fault: Fault) -> None:
        passed = Passed()
        self.passed.append(passed)
        with device, self._centre() as centre, suppress(OSError):
            device.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.is_asked_to_connect:
                device.recv(PIECE_BYTES)
                device.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if fault.is_held:
                self._hold(device)
            else:
                sent = self._relay(device, centre, fault, passed)
                if fault.is_doubled:
                    self._deliver(sent)
            if fault.ending is Ending.RST:
                for end in (device, centre):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)

    @contextmanager
    def _centre(self) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.centre_port), timeout=10) as centre:
            centre.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield centre

    def _relay(self, device: socket.socket, centre: socket.socket, fault: Fault, passed: Passed) -> bytes:
        """Carries both ways until an end closes or the fault strikes; gives what was sent up."""
        sent = b""
        ways = {device: (centre, Way.UP), centre: (device, Way.DOWN)}
        if fault.after_bytes == 0 and fault.way is Way.UP:
            return sent
        if fault.after_bytes == 0 and fault.ending is Ending.STALL:
            ways.pop(centre)
        while not self._is_over.is_set():
            ready, _, _ = select.select([*ways], [], [], 0.2)
            for end in ready:
                other, way = ways[end]
                is_struck = way is fault.way
                if is_struck and getattr(passed, way) >= fault.after_bytes:
                    # Of an answer that is cut before its first byte the request has arrived, in however many pieces.
                    return sent
                piece = end.recv(self._room(fault, passed) if is_struck else PIECE_BYTES)
                if not piece:
                    return sent
                other.sendall(piece)
                sent += piece if way is Way.UP else b""
                setattr(passed, way, getattr(passed, way) + len(piece))
                if is_struck and fault.bytes_a_second:
                    self._is_over.wait(len(piece) / fault.bytes_a_second)
            if getattr(passed, fault.way) >= max(1, fault.after_bytes):
                if fault.ending is Ending.STALL:
                    self._stall(device)
                return sent
        return sent

    @staticmethod
    def _room(fault: Fault, passed: Passed) -> int:
        """How many bytes the way that is struck takes now."""
        return 1 if fault.bytes_a_second else min(fault.after_bytes - getattr(passed, fault.way), PIECE_BYTES)

    def _stall(self, device: socket.socket) -> None:
        """Nothing passes any more, until the device gives up."""
        device.settimeout(0.05)
        while not self._is_over.is_set():
            try:
                if not device.recv(PIECE_BYTES):
                    return
            except TimeoutError:
                continue

    def _hold(self, device: socket.socket) -> None:
        """Keeps a whole request; it is complete when the device falls silent."""
        device.settimeout(0.1)
        sent = b""
        with suppress(TimeoutError):
            while piece := device.recv(PIECE_BYTES):
                sent += piece
        self.held.append(sent)

    def _deliver(self, sent: bytes) -> None:
        """Sends bytes to the centre as they are, and waits until it has answered."""
        with self._centre() as centre, suppress(OSError):
            centre.sendall(sent)
            centre.settimeout(10)
            centre.recv(PIECE_BYTES)
