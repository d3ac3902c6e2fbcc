"""The end of TLS before a centre: what a province's web server is there, or somebody who sits on the line."""

import http.client
import http.server
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.hard.authorities import HOST


@dataclass
class Front:
    """The end of TLS before a centre, or somebody on the line with a certificate.

    certificates  shown at one connection after the other, the last one for ever
    asked         paths of what it was asked
    changed       makes another answer of the one to a path
    """

    centre_port: int
    certificates: list[Path]
    asked: list[str] = field(default_factory=list)
    changed: Callable[[str, bytes], bytes] = lambda _, answer: answer
    port: int = 0

    @property
    def url(self) -> str:
        """Where a device finds it."""
        return f"https://{HOST}:{self.port}"

    def next_context(self) -> ssl.SSLContext:
        """What the next connection is shown."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates.pop(0) if len(self.certificates) > 1 else self.certificates[0])
        return context


class Relay(http.server.BaseHTTPRequestHandler):
    """Carries a request to the centre and its answer back."""

    def do_GET(self) -> None:
        """A question without a body."""
        self.do_POST()

    def do_POST(self) -> None:
        """A request, noted and carried on."""
        assert isinstance(self.server, Server)
        front = self.server.front
        front.asked.append(self.path)
        centre = http.client.HTTPConnection("127.0.0.1", front.centre_port, timeout=10)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        centre.request(self.command, self.path, body, {"Content-Type": self.headers.get("Content-Type", "")})
        answer = centre.getresponse()
        raw = front.changed(self.path, answer.read())
        centre.close()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Server(http.server.ThreadingHTTPServer):
    """Shows each connection the certificate that is next."""

    front: Front

    def get_request(self) -> tuple[ssl.SSLSocket, object]:
        """A connection, whose handshake its own thread makes."""
        plain, address = super().get_request()
        context = self.front.next_context()
        return context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, *_: object) -> None:
        """A refused handshake is what these tests are about."""


@contextmanager
def fronted(centre_port: int, *certificates: Path) -> Iterator[Front]:
    """The end of TLS before a centre that serves on a port."""
    with Server((HOST, 0), Relay) as server:
        server.front = Front(centre_port, list(certificates), port=int(server.server_address[1]))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.front
        finally:
            server.shutdown()
            thread.join()
