"""The road to the centre: HTTP with bounds on everything. The only user of requests."""

import secrets
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from desk_client.agent.trusting import (
    CentreClock,
    Trust,
    by_the_centre,
    by_the_machine,
    is_about_dates,
    without_dates,
)
from desk_client.services.pacing import RETRY_AFTER_S_MAX
from desk_client.services.road import (
    CentreExpired,
    CentreInsecure,
    CentreNonsense,
    CentreOutOfDate,
    CentreRefused,
    CentreUnreachable,
    CentreUntrusted,
)
from sync_protocol.clocks import NONCE_BYTES, read_time
from sync_protocol.errors import FieldSyncError
from sync_protocol.packs import PACK_BYTES_MAX
from sync_protocol.signing import BadSignature, NotADocument, Signed, encoded

CONNECT_S = 10.0
READ_S = 30.0
ANSWER_BYTES_MAX = PACK_BYTES_MAX * 2
BEHIND_A_DOOR = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
BUSY = (*BEHIND_A_DOOR, HTTPStatus.TOO_MANY_REQUESTS)
TIME_PATH = "/v1/time/"


class _PatientAdapter(HTTPAdapter):
    """Connections with patience of their own, and HTTPS by the certificate store of the operating system.

    A province's own authority stands there, and the one of a proxy that looks into what passes.
    """

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._trust.context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._trust.pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, ssl_context=self._trust.context, **kwargs)
        manager.pool_classes_by_scheme = self._trust.pools
        return manager


@dataclass(slots=True)
class HttpRoad:
    """Carries bytes to the centre at `url`; keeps one connection, follows no redirects, reads no .netrc.

    _centre_key  the key that signs the centre's time, None before it is known
    """

    url: str
    _session: requests.Session
    _centre_key: bytes | None = field(default=None, repr=False)

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
            return self._asked(self._session, method, path, body, content_type)
        except CentreOutOfDate:
            if self._centre_key is None:
                raise
        self._go_by(self._centres_clock(self._centre_key))
        try:
            return self._asked(self._session, method, path, body, content_type)
        except CentreOutOfDate as error:
            raise CentreExpired from error

    def _centres_clock(self, centre_key: bytes) -> CentreClock:
        """The centre's time, over a connection of its own that carries nothing else; raises CentreOutOfDate."""
        nonce, asked_s = secrets.token_bytes(NONCE_BYTES), time.monotonic()
        with closing(_session_to(self.url, without_dates())) as session:
            try:
                answer = self._asked(session, "GET", TIME_PATH + encoded(nonce), None, "")
                return CentreClock(read_time(Signed.from_json(answer.get("time")), centre_key, nonce), asked_s)
            except (BadSignature, NotADocument, CentreNonsense, CentreRefused) as error:
                raise CentreOutOfDate from error

    def _go_by(self, clock: CentreClock) -> None:
        """From now on certificates are held against this clock, and no longer against the machine's."""
        self._session.close()
        self._session.mount("https://", _PatientAdapter(by_the_centre(clock)))

    def _asked(
        self, session: requests.Session, method: str, path: str, body: bytes | None, content_type: str
    ) -> dict[str, Any]:
        try:
            with session.request(
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


def road_to(url: str, centre_key: bytes | None = None) -> HttpRoad:
    """A road to the centre at `url`; over anything but HTTPS it leads nowhere but to this machine.

    centre_key  of the centre that the device was enrolled with: by the time that it signs, certificates are checked
                where the machine's clock is wrong
    """
    return HttpRoad(url, _session_to(url, by_the_machine()), centre_key)


def _session_to(url: str, trust: Trust) -> requests.Session:
    is_own = _is_this_machine(url)
    session = requests.Session()
    # The proxy that the system names is for the network outside; one that was asked for this machine would not know it.
    session.trust_env = not is_own
    session.auth = _no_netrc
    session.headers.clear()
    session.mount("https://", _PatientAdapter(trust))
    session.mount("http://", _PatientAdapter(trust) if is_own else _NoRoad())
    return session


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
            return CentreOutOfDate() if is_about_dates(cause) else CentreUntrusted()
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
