"""TLS to the centre: by the system's certificates, also through a proxy, and refused in words that can be read out."""

import http.server
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk_client.agent.transport import road_to
from desk_client.services.road import CentreNonsense, CentreOutOfDate, CentreUnreachable, CentreUntrusted
from sync_protocol.errors import FieldSyncError
from sync_protocol.messages import error_text
from tests.hard.authorities import DAY, HOST, Authority
from tests.hard.proxy import Proxy

NOW = datetime.now(UTC)


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers as a centre would; /away sends elsewhere."""

    def do_GET(self) -> None:
        """One object, or a redirect to the same machine in the clear."""
        is_away = self.path == "/away"
        self.send_response(302 if is_away else 200)
        if is_away:
            self.send_header("Location", f"http://{HOST}:{self.server.server_address[1]}/")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Server(http.server.ThreadingHTTPServer):
    """A server over TLS, or in the clear where there is no certificate, that counts who has come."""

    came = 0

    def finish_request(self, *args: object) -> None:
        """Counts and answers."""
        type(self).came += 1
        super().finish_request(*args)  # type: ignore[arg-type]

    def handle_error(self, *_: object) -> None:
        """A refused handshake is what these tests are about."""


@contextmanager
def answering(certificate: Path | None) -> Iterator[int]:
    """A server with a certificate; gives its port."""
    with Server((HOST, 0), Answers) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


def asked(url: str, path: str = "/v1/packs/x") -> object:
    """What a device gets from an address."""
    road = road_to(url)
    try:
        return road.get(path)
    finally:
        road.close()


def test_a_centre_whose_certificate_the_systems_authority_has_issued_is_believed(
    authority: Authority, tmp_path: Path
) -> None:
    with answering(authority.issue(tmp_path, HOST)) as port:
        assert asked(f"https://{HOST}:{port}") == {}


def issued_by_another(authority: Authority, folder: Path) -> Path:
    """A certificate of an authority that nobody knows."""
    return Authority("Ai đó").issue(folder, HOST)


def self_signed(authority: Authority, folder: Path) -> Path:
    """A certificate that a server has issued to itself."""
    return Authority(HOST).issue(folder, HOST)


REFUSED: dict[str, tuple[Callable[[Authority, Path], Path], type[FieldSyncError]]] = {
    "for another host": (lambda authority, folder: authority.issue(folder, "centre.example"), CentreUntrusted),
    "expired": (lambda authority, folder: authority.issue(folder, HOST, first=NOW - 9 * DAY, last=NOW - DAY),
                CentreOutOfDate),
    "not valid yet": (lambda authority, folder: authority.issue(folder, HOST, first=NOW + DAY, last=NOW + 9 * DAY),
                      CentreOutOfDate),
    "of an unknown authority": (issued_by_another, CentreUntrusted),
    "self-signed": (self_signed, CentreUntrusted),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_is_asked_of_a_server_with_a_certificate(authority: Authority, tmp_path: Path, name: str) -> None:
    make, expected = REFUSED[name]
    with answering(make(authority, tmp_path)) as port, pytest.raises(expected) as refused:
        asked(f"https://{HOST}:{port}")

    for language in ("vi", "en"):
        assert len(error_text(refused.value, language).split(". ")) >= 2


def test_a_server_that_knows_no_tls_is_not_asked_in_the_clear() -> None:
    with answering(None) as port, pytest.raises(CentreUnreachable):
        asked(f"https://{HOST}:{port}")


def test_a_redirect_is_not_followed(authority: Authority, tmp_path: Path) -> None:
    with answering(authority.issue(tmp_path, HOST)) as port:
        came = Server.came
        with pytest.raises(CentreNonsense):
            asked(f"https://{HOST}:{port}", "/away")

    assert Server.came == came + 1


def test_the_systems_authority_counts_through_a_proxy_too(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        answering(authority.issue(tmp_path, "centre.example")) as port,
        Proxy(port, is_asked_to_connect=True) as proxy,
    ):
        monkeypatch.setenv("https_proxy", proxy.url)

        assert asked("https://centre.example") == {}


def test_a_certificate_is_checked_through_a_proxy_too(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(authority.issue(tmp_path, HOST)) as port, Proxy(port, is_asked_to_connect=True) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)

        with pytest.raises(CentreUntrusted):
            asked("https://centre.example")
