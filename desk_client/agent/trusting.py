"""Whom the agent believes over TLS, also where the machine's clock is wrong by years.

A certificate is good from a day to a day. By a wrong clock the centre's own is not, and nothing could be sent until
somebody puts the clock right. So, where the dates are all that is wrong:

1. The time is asked for over a connection that checks the chain and the host's name, and no dates. Only a random number
   travels there. The answer is signed by the key that the device has known since it was enrolled, and names the number.
2. Everything else goes over other connections. Each is made in the same way, and then every certificate of its chain is
   held against that time, carried on by the machine's monotonic clock, before the first byte is sent.

What somebody gains who holds the key of a certificate of the centre that has run out, and sits on the line: that a
device is there and asked for the time. They cannot sign a time of their own, an answer heard earlier has another
number, and a true answer that they pass on condemns their certificate. They may hold it back, at the most as long as
the agent waits for an answer: for so long after its last second a certificate may still be believed. Contents are
signed and chained in any case; that nobody else reads them, the second step sees to as a right clock would.

A device that is not enrolled yet knows no key, so it needs a clock that is about right.
"""

import ssl
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import truststore
from cryptography import x509

from desk_client.agent.patience import PatientHttpPool, PatientHttps, PatientHttpsPool

NOT_YET_VALID, EXPIRED = 9, 10
"""What OpenSSL calls a certificate that does not hold today; source: x509_vfy.h."""

EXPIRED_FOR_WINDOWS = 0x800B0101
"""CERT_E_EXPIRED, also of one that does not hold yet; source: winerror.h."""

NO_CHECK_TIME = ssl.VerifyFlags(0x200000)
"""X509_V_FLAG_NO_CHECK_TIME; source: x509_vfy.h."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What decides on a connection: how TLS is checked, and the kinds of connections by scheme."""

    context: ssl.SSLContext
    pools: dict[str, type]


@dataclass(frozen=True, slots=True)
class CentreClock:
    """The centre's time since it signed it; never behind the truth, since it counts from the question on."""

    signed_at: datetime
    asked_s: float

    def __call__(self) -> datetime:
        """The present, aware UTC."""
        return self.signed_at + timedelta(seconds=time.monotonic() - self.asked_s)


def by_the_machine() -> Trust:
    """Certificates by the store of the operating system, dates by the machine's clock."""
    return Trust(_of_system(), {"http": PatientHttpPool, "https": PatientHttpsPool})


def without_dates() -> Trust:
    """Certificates by the same store, whatever their dates: good for asking the time and nothing else."""
    # Windows itself would look at the dates; there OpenSSL reads the same store.
    context = ssl.create_default_context() if sys.platform == "win32" else _of_system()
    context.verify_flags |= NO_CHECK_TIME
    return Trust(context, {"http": PatientHttpPool, "https": PatientHttpsPool})


def by_the_centre(now: Callable[[], datetime]) -> Trust:
    """Certificates by the same store, dates by another clock than the machine's."""

    class DatedHttps(PatientHttps):
        def connect(self) -> None:
            super().connect()
            _check_dates(self.sock, now())

    class DatedHttpsPool(PatientHttpsPool):
        ConnectionCls = DatedHttps

    return Trust(without_dates().context, {"http": PatientHttpPool, "https": DatedHttpsPool})


def is_about_dates(error: ssl.SSLCertVerificationError) -> bool:
    """Whether a certificate was refused for its dates; the name or the chain may be wrong as well."""
    return error.verify_code in (NOT_YET_VALID, EXPIRED, EXPIRED_FOR_WINDOWS)


def _of_system() -> ssl.SSLContext:
    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _check_dates(connected: Any, now: datetime) -> None:
    """Raises SSLCertVerificationError where a certificate of the chain that was verified does not hold now."""
    # SSLSocket itself tells the chain only from Python 3.13 on.
    chain = connected._sslobj.get_verified_chain()
    assert chain, "a chain was verified"
    for each in chain:
        certificate = x509.load_pem_x509_certificate(each.public_bytes().encode())
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise _out_of_date(is_over=now > certificate.not_valid_after_utc)


def _out_of_date(*, is_over: bool) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("a certificate does not hold by the centre's time")
    error.verify_code = EXPIRED if is_over else NOT_YET_VALID
    return error
