"""The road to the centre: HTTP with bounds on everything. The only user of requests."""

import ssl
from dataclasses import dataclass
from typing import Any

import orjson
import requests
import truststore
from requests.adapters import HTTPAdapter

from desk_client.services.road import CentreNonsense, CentreRefused, CentreUnreachable
from sync_protocol.packs import PACK_BYTES_MAX

CONNECT_S = 5.0
READ_S = 30.0
ANSWER_BYTES_MAX = PACK_BYTES_MAX * 2


class _SystemTrust(HTTPAdapter):
    """HTTPS by the certificate store of the operating system, as a province's own authority needs it."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        kwargs["ssl_context"] = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().init_poolmanager(*args, **kwargs)


@dataclass(slots=True)
class HttpRoad:
    """Carries bytes to the centre at `url`; keeps one connection, follows no redirects, reads no .netrc."""

    url: str
    _session: requests.Session

    def post(self, path: str, body: bytes, content_type: str) -> dict[str, Any]:
        """The answer to a POST; raises CentreUnreachable, CentreRefused, CentreNonsense."""
        return self._call("POST", path, body, content_type)

    def get(self, path: str) -> dict[str, Any]:
        """The answer to a GET; raises as `post`."""
        return self._call("GET", path, None, "")

    def _call(self, method: str, path: str, body: bytes | None, content_type: str) -> dict[str, Any]:
        try:
            with self._session.request(
                method,
                self.url.rstrip("/") + path,
                data=body,
                headers={"Content-Type": content_type} if content_type else {},
                timeout=(CONNECT_S, READ_S),
                allow_redirects=False,
                stream=True,
            ) as response:
                raw = response.raw.read(ANSWER_BYTES_MAX + 1, decode_content=True)
                return _answer(response.status_code, raw, response.headers.get("Retry-After", ""))
        except (requests.RequestException, OSError, ValueError) as error:
            raise CentreUnreachable(url=self.url) from error


def road_to(url: str) -> HttpRoad:
    """A road to the centre at `url`."""
    session = requests.Session()
    session.trust_env = True
    session.auth = _no_netrc
    session.headers.clear()
    session.mount("https://", _SystemTrust())
    return HttpRoad(url, session)


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _answer(http_status: int, raw: bytes, retry_after: str) -> dict[str, Any]:
    if len(raw) > ANSWER_BYTES_MAX:
        raise CentreNonsense
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        if http_status in (502, 503, 504):
            raise CentreUnreachable(url="") from error
        raise CentreNonsense from error
    if not isinstance(content, dict):
        raise CentreNonsense
    if http_status != 200:
        raise _refusal(content, retry_after)
    return content


def _refusal(content: dict[str, Any], retry_after: str) -> CentreRefused | CentreNonsense:
    match content.get("error"):
        case {"code": str(code), "vi": str(vietnamese), "en": str(english)}:
            wait_s = int(retry_after) if retry_after.isdigit() else 0
            return CentreRefused(
                code, vietnamese=vietnamese[:500], english=english[:500], retry_after_s=min(wait_s, 3600)
            )
        case _:
            return CentreNonsense()
