"""A bad link for the demo: a loopback TCP relay that carries small messages and drops long ones half-way."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

CHUNK_BYTES = 1_024


@contextmanager
def weak_link(host: str, port: int, up_bytes_max: int) -> Iterator[str]:
    """The address of a relay to (host, port) that cuts each connection after `up_bytes_max` bytes upwards."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, (host, port), up_bytes_max), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def _accept(listener: socket.socket, target: tuple[str, int], up_bytes_max: int) -> None:
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        far = socket.create_connection(target)
        threading.Thread(target=_carry, args=(near, far, up_bytes_max), daemon=True).start()
        threading.Thread(target=_carry, args=(far, near, None), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket, bytes_max: int | None) -> None:
    carried = 0
    try:
        while chunk := source.recv(CHUNK_BYTES):
            carried += len(chunk)
            if bytes_max is not None and carried > bytes_max:
                break
            sink.sendall(chunk)
    except OSError:
        pass
    finally:
        source.close()
        sink.close()
