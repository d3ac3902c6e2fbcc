"""Connections that wait for a slow centre and not for ever: a bound on the whole of a message, not on each byte.

The time-outs of the libraries begin anew with every byte, so an answer of one byte a second would hold the agent for
weeks; and they give a large body no more time to leave than they give to connect.
"""

import io
import time
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

MESSAGE_S = 60.0
"""How long a message of no length may take."""

BYTES_A_SECOND_LEAST = 500
"""A second more for each so many bytes: the slowest line over which a day's work still gets through."""

SILENCE_S = 30.0
"""How long nothing at all may arrive."""


class PatientSocket:
    """A connected socket, of TLS or not, whose messages end in time; what is not said here the socket itself says."""

    def __init__(self, connected: Any) -> None:
        self._socket = connected
        self._began_at = 0.0
        self._arrived_bytes = 0

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Sends all or raises TimeoutError; the bound on the answer begins anew."""
        self._socket.settimeout(MESSAGE_S + len(data) / BYTES_A_SECOND_LEAST)
        self._socket.sendall(data, flags)
        self._began_at, self._arrived_bytes = time.monotonic(), 0

    def makefile(self, mode: str = "rb", *_: Any, **__: Any) -> io.BufferedReader:
        """The answer, for reading."""
        return io.BufferedReader(_Answer(self, self._socket.makefile(mode, buffering=0)))

    def wait_for_more(self) -> None:
        """Lets the next read wait as long as the answer may still take; raises TimeoutError."""
        ends_at = self._began_at + MESSAGE_S + self._arrived_bytes / BYTES_A_SECOND_LEAST
        left_s = ends_at - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer takes too long")
        self._socket.settimeout(min(left_s, SILENCE_S))

    def note_arrival(self, count: int) -> None:
        """So many bytes more have arrived."""
        self._arrived_bytes += count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class _Answer(io.RawIOBase):
    def __init__(self, patient: PatientSocket, raw: Any) -> None:
        self._patient = patient
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._patient.wait_for_more()
        count: int | None = self._raw.readinto(buffer)
        self._patient.note_arrival(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _PatientHttp(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock = PatientSocket(self.sock)


class PatientHttps(HTTPSConnection):
    """A connection over TLS of bounded patience."""

    def connect(self) -> None:
        super().connect()
        self.sock = PatientSocket(self.sock)


class PatientHttpPool(HTTPConnectionPool):
    """Plain connections of bounded patience."""

    ConnectionCls = _PatientHttp


class PatientHttpsPool(HTTPSConnectionPool):
    """Connections over TLS of bounded patience."""

    ConnectionCls = PatientHttps
