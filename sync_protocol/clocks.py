"""The centre's time in answer to a question: for a device that cannot trust the clock of its own machine.

The answer names the question's nonce, so that nobody who has heard an earlier one can give it again.
"""

from datetime import datetime

from sync_protocol.instants import instant_text, parse_instant
from sync_protocol.signing import NotADocument, Signed, SigningKey, decoded, encoded, opened

TIME = "time"
NONCE_BYTES = 16


def parse_nonce(text: str) -> bytes:
    """The random bytes of a question; ValueError if they are not of their length."""
    nonce = decoded(text)
    if len(nonce) != NONCE_BYTES:
        raise ValueError(text)
    return nonce


def signed_time(key: SigningKey, at: datetime, nonce: bytes) -> Signed:
    """The centre's word that it is `at`, aware UTC, given to whoever asked with `nonce`."""
    return key.sign(TIME, {"at": instant_text(at), "nonce": encoded(nonce)})


def read_time(signed: Signed, centre_key: bytes, nonce: bytes) -> datetime:
    """The time of an answer to `nonce`, aware UTC, to the second; raises BadSignature, NotADocument."""
    content = opened(signed, TIME, centre_key)
    try:
        at = parse_instant(content["at"])
        is_answer = parse_nonce(content["nonce"]) == nonce
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise NotADocument from error
    if not is_answer:
        raise NotADocument
    return at
