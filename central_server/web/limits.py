"""How often may be asked: enrolments and readmissions by address, contacts and offers by device, reading by token.

Each process counts by itself.
"""

import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from flask import Blueprint, Flask, Response, g, make_response, request
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address
from limits.storage import Storage

from central_server.services.tokens import TooManyReads
from central_server.settings import Settings
from central_server.web.api import TooManyRequests
from central_server.web.errors import expected
from central_server.web.present import is_for_devices
from sync_protocol.errors import FieldSyncError
from sync_protocol.offers import offering_device
from sync_protocol.packing import CONTACT_BYTES_MAX, Contact, unpack_contact
from sync_protocol.statements import device_of
from sync_protocol.vocabulary import DeviceId

WAIT_S = 60
"""What is asked too often within a minute is good again after one."""

READS_PER_MINUTE = 600
"""A token that follows every desk of a province asks for the desks that have changed, about ten a second."""


class Counts(Storage):
    """Counts in this process, by key until they expire.

    The library's own begins a thread with each count, which then looks through all keys for what has expired: of a
    province's devices at a period's end, most of what such a contact costs. Here that is done once in WAIT_S.
    """

    STORAGE_SCHEME = ["counts"]  # noqa: RUF012 - as the library declares it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._lock = Lock()
        self._counts: dict[str, tuple[int, float]] = {}
        self._cleared_at = time.monotonic()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What goes wrong here: nothing by itself."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Adds to a key's count, which lasts for `expiry` seconds from its first; the new count."""
        now = time.monotonic()
        with self._lock:
            self._forget_expired(now)
            count, expires_at = self._counts.get(key, (0, 0.0))
            if expires_at <= now:
                count, expires_at = 0, now + expiry
            self._counts[key] = count + amount, expires_at
            return count + amount

    def get(self, key: str) -> int:
        """A key's count, 0 where it has expired."""
        count, expires_at = self._counts.get(key, (0, 0.0))
        return count if expires_at > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """When a key's count expires, in seconds of the epoch; now where there is none."""
        now = time.monotonic()
        return time.time() + self._counts.get(key, (0, now))[1] - now

    def check(self) -> bool:
        """Whether it can be asked."""
        return True

    def reset(self) -> int:
        """Forgets all; how many counts there were."""
        with self._lock:
            count = len(self._counts)
            self._counts.clear()
            return count

    def clear(self, key: str) -> None:
        """Forgets a key's count."""
        with self._lock:
            self._counts.pop(key, None)

    def _forget_expired(self, now: float) -> None:
        if now - self._cleared_at > WAIT_S:
            self._cleared_at = now
            self._counts = {key: each for key, each in self._counts.items() if each[1] > now}


def limit_rates(app: Flask, settings: Settings, readable: Iterable[Blueprint]) -> None:
    """Bounds the doors through which anybody may knock; the pages have the sign-in's own back-off.

    readable  what programs read; counted before it is asked who they are, so that tokens cannot be tried without end
    """
    limiter = Limiter(get_remote_address, app=app, storage_uri="counts://")
    limited: dict[str, Any] = {
        "api.enrol": limiter.limit(f"{settings.enrolments_per_minute}/minute"),
        # As many as may enrol, since it makes a device as that does; one that waits comes again by itself.
        "api.readmission": limiter.limit(f"{settings.enrolments_per_minute}/minute"),
        # Only what a device has signed counts against it: nobody can use up the contacts of another one.
        "api.contact": limiter.limit(
            f"{settings.contacts_per_minute}/minute",
            key_func=_device_named(lambda contact: device_of(contact.statement)[0]),
            deduct_when=_is_accepted,
        ),
        "api.offer": limiter.limit(
            f"{settings.contacts_per_minute}/minute", key_func=_device_named(offering_device), deduct_when=_is_accepted
        ),
    }
    for endpoint, limit in limited.items():
        app.view_functions[endpoint] = limit(app.view_functions[endpoint])
    for blueprint in readable:
        limiter.limit(f"{READS_PER_MINUTE}/minute", key_func=_reader_named)(blueprint)
    app.register_error_handler(RateLimitExceeded, _refused)


def _device_named(device_of: Callable[[Contact], DeviceId]) -> Callable[[], str]:
    """Asks which device a request says it is from; the address where that cannot be read, which the view refuses."""

    def named() -> str:
        if request.content_length is None or request.content_length > CONTACT_BYTES_MAX:
            return get_remote_address()
        try:
            return str(device_of(unpack_contact(request.get_data())))
        except FieldSyncError:
            return get_remote_address()

    return named


def _reader_named() -> str:
    """The token that a program reads by; the address where there is none that is good."""
    return f"token {g.reader.name}" if g.reader else get_remote_address()


def _is_accepted(response: Response) -> bool:
    return response.status_code < 400


def _refused(error: RateLimitExceeded) -> Response:
    response = make_response(expected(TooManyRequests() if is_for_devices() else TooManyReads()))
    response.headers["Retry-After"] = str(WAIT_S)
    return response
