"""The road to the centre: HTTP with bounds on everything. The only user of requests."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
import truststore
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from desk_client.agent.patience import PatientHttpPool, PatientHttpsPool
from desk_client.services.pacing import RETRY_AFTER_S_MAX
from desk_client.services.road import (
    CentreInsecure,
    CentreNonsense,
    CentreOutOfDate,
    CentreRefused,
    CentreUnreachable,
    CentreUntrusted,
)
from sync_protocol.errors import FieldSyncError
from sync_protocol.packs import PACK_BYTES_MAX

CONNECT_S = 10.0
READ_S = 30.0
ANSWER_BYTES_MAX = PACK_BYTES_MAX * 2
BEHIND_A_DOOR = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
BUSY = (*BEHIND_A_DOOR, HTTPStatus.TOO_MANY_REQUESTS)
NOT_YET_VALID, EXPIRED = 9, 10
"""What OpenSSL calls a certificate that does not hold today; source: x509_vfy.h."""

POOLS = {"http": PatientHttpPool, "https": PatientHttpsPool}


class _PatientAdapter(HTTPAdapter):
    """Connections with patience of their own, and HTTPS by the certificate store of the operating system.

    A province's own authority stands there, and the one of a proxy that looks into what passes.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=_system_trust(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, ssl_context=_system_trust(), **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager


@dataclass(slots=True)
class HttpRoad:
    """Carries bytes to the centre at `url`; keeps one connection, follows no redirects, reads no .netrc."""

    url: str
    _session: requests.Session

    def post(self, path: str, body: bytes, content_type: str) -> dict[str, Any]:
        """The answer to a POST; raises CentreUnreachable, CentreRefused, CentreNonsense, CentreUntrusted and others."""
        return self._call("POST", path, body, content_type)

    def get(self, path: str) -> dict[str, Any]:
        """The answer to a GET; raises as `post`."""
        return self._call("GET", path, None, "")

    def close(self) -> None:
        """Lets the connection go."""
        self._session.close()

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
                return self._answer(response.status_code, raw, response.headers)
        # Once the answer's body is read, the lower library speaks for itself: its errors are not those of requests.
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise _broken(self.url, error) from error

    def _answer(self, http_status: int, raw: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        if len(raw) > ANSWER_BYTES_MAX:
            raise CentreNonsense
        retry_after_s = _wait_asked_s(headers)
        try:
            content = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise _not_json(self.url, http_status, retry_after_s) from error
        if not isinstance(content, dict):
            raise CentreNonsense
        if http_status != HTTPStatus.OK:
            raise _refusal(content, retry_after_s)
        return content


class _NoRoad(BaseAdapter):
    """Carries nothing to an address at which others could read along."""

    def send(self, *_: Any, **__: Any) -> requests.Response:
        raise CentreInsecure

    def close(self) -> None:
        """Nothing is held open."""


def road_to(url: str) -> HttpRoad:
    """A road to the centre at `url`; over anything but HTTPS it leads nowhere but to this machine."""
    is_own = _is_this_machine(url)
    session = requests.Session()
    # The proxy that the system names is for the network outside; one that was asked for this machine would not know it.
    session.trust_env = not is_own
    session.auth = _no_netrc
    session.headers.clear()
    session.mount("https://", _PatientAdapter())
    session.mount("http://", _PatientAdapter() if is_own else _NoRoad())
    return HttpRoad(url, session)


def _system_trust() -> ssl.SSLContext:
    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _broken(url: str, error: Exception) -> FieldSyncError:
    """What a failed call means; the lower libraries wrap each other's errors several times."""
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CentreOutOfDate() if cause.verify_code in (NOT_YET_VALID, EXPIRED) else CentreUntrusted()
    set_out = not any(isinstance(cause, NewConnectionError | ConnectTimeoutError | ssl.SSLError) for cause in causes)
    return CentreUnreachable(url=url, was_under_way=set_out)


def _causes(error: BaseException) -> list[BaseException]:
    """An error with all that led to it and all that it carries."""
    found: list[BaseException] = []
    open_: list[object] = [error]
    while open_:
        each = open_.pop()
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            open_ += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return found


def _wait_asked_s(headers: Mapping[str, str]) -> int:
    """What Retry-After asks for, in seconds or as a date (RFC 9110 §10.2.3), bounded; 0 where it says nothing.

    The date is measured by the one that the same server wrote beside it, since this machine's may be wrong by years.
    """
    asked = headers.get("Retry-After", "")
    if asked.isdecimal():
        return min(int(asked[:9]), RETRY_AFTER_S_MAX)
    try:
        wait_s = (parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
    except (ValueError, TypeError):
        return 0
    return min(max(int(wait_s), 0), RETRY_AFTER_S_MAX)


def _not_json(url: str, http_status: int, retry_after_s: int) -> FieldSyncError:
    """What it means that a server before the centre answers in words of its own."""
    if http_status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return CentreUnreachable(url=url, was_under_way=True)
    if http_status in BUSY:
        return CentreUnreachable(url=url, retry_after_s=retry_after_s)
    return CentreNonsense()


def _refusal(content: dict[str, Any], retry_after_s: int) -> CentreRefused | CentreNonsense:
    match content.get("error"):
        case {"code": str(code), "vi": str(vietnamese), "en": str(english)}:
            return CentreRefused(code, vietnamese=vietnamese[:500], english=english[:500], retry_after_s=retry_after_s)
        case _:
            return CentreNonsense()
