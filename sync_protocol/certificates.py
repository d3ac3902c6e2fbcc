"""What makes an installation a device of a desk: enrolment codes and certificates."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text, parse_instant
from sync_protocol.signing import KEY_BYTES, NotADocument, Signed, SigningKey, content_of, decoded, encoded, verify
from sync_protocol.vocabulary import DeskCode, DeviceId

CERTIFICATE = "certificate"
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_PUBLIC_CHARACTERS = 4
CODE_SECRET_CHARACTERS = 12
COMPARED_DIGITS = 6


class MalformedCode(FieldSyncError):
    """A text is not of the form of an enrolment code."""

    code = "malformed_code"
    text = N_(
        "This is not an enrolment code. Nothing was changed. A code has four groups of four letters and digits; "
        "copy it again from the invitation."
    )


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """A one-time code: a public part to find it by and a secret part of 60 bits (Crockford base 32)."""

    public: str
    secret: str

    def __str__(self) -> str:
        text = self.public + self.secret
        return "-".join(text[at : at + 4] for at in range(0, len(text), 4))

    def secret_mac(self, key: bytes) -> bytes:
        """What the centre keeps of the secret: HMAC-SHA-256 under a key of its own."""
        return hmac.digest(key, f"{self.public}{self.secret}".encode(), "sha256")


def new_code() -> EnrolmentCode:
    """A fresh random code."""
    letters = [secrets.choice(CODE_ALPHABET) for _ in range(CODE_PUBLIC_CHARACTERS + CODE_SECRET_CHARACTERS)]
    return EnrolmentCode("".join(letters[:CODE_PUBLIC_CHARACTERS]), "".join(letters[CODE_PUBLIC_CHARACTERS:]))


def parse_code(text: str) -> EnrolmentCode:
    """Reads a code as people type it: any case, with or without dashes, O for 0, I and L for 1."""
    letters = text.upper().translate(str.maketrans("OIL", "011", "- \t\r\n"))
    if len(letters) != CODE_PUBLIC_CHARACTERS + CODE_SECRET_CHARACTERS or not set(letters) <= set(CODE_ALPHABET):
        raise MalformedCode
    return EnrolmentCode(letters[:CODE_PUBLIC_CHARACTERS], letters[CODE_PUBLIC_CHARACTERS:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The centre's word that a pair of keys is device `slot` of `desk`; `training` seals it to a training centre."""

    device: DeviceId
    signing_key: bytes
    agreement_key: bytes
    issued_at: datetime
    training: bool
    centre_key: bytes
    centre_agreement_key: bytes

    def signed_by(self, key: SigningKey) -> Signed:
        """The certificate as a document of the centre."""
        return key.sign(
            CERTIFICATE,
            {
                "desk": self.device.desk,
                "slot": self.device.slot,
                "signing_key": encoded(self.signing_key),
                "agreement_key": encoded(self.agreement_key),
                "issued_at": instant_text(self.issued_at),
                "training": self.training,
                "centre_key": encoded(self.centre_key),
                "centre_agreement_key": encoded(self.centre_agreement_key),
            },
        )


def centre_origin(centre_key: bytes, desk: DeskCode) -> bytes:
    """What the first entry of the centre's own journal at a desk follows: it has no certificate."""
    return hashlib.sha256(centre_key + desk.encode()).digest()


def read_certificate(signed: Signed) -> Certificate:
    """Reads a certificate and checks it against the centre's key that it names itself.

    The first one is trusted because it answers the one-time code; all later documents must be signed by its
    `centre_key`. Raises NotADocument or BadSignature.
    """
    content = content_of(signed, CERTIFICATE)
    try:
        certificate = Certificate(
            device=_device(content["desk"], content["slot"]),
            signing_key=_key(content["signing_key"]),
            agreement_key=_key(content["agreement_key"]),
            issued_at=parse_instant(content["issued_at"]),
            training=_claim(content["training"]),
            centre_key=_key(content["centre_key"]),
            centre_agreement_key=_key(content["centre_agreement_key"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise NotADocument from error
    verify(signed, certificate.centre_key)
    return certificate


def certificate_hash(signed: Signed) -> bytes:
    """SHA-256 of the certificate's bytes: the previous hash of a device's first entry."""
    return hashlib.sha256(signed.body).digest()


def comparison_number(certificate: bytes) -> str:
    """Six digits of the hash of a device's certificate, which both screens show where a person approves devices.

    Who approves it compares them by telephone: a machine that used another's code shows another number.
    """
    return f"{int.from_bytes(certificate[:8]) % 10**COMPARED_DIGITS:0{COMPARED_DIGITS}}"


def _device(desk: object, slot: object) -> DeviceId:
    if not isinstance(desk, str) or type(slot) is not int or slot < 1:
        raise ValueError(slot)
    return DeviceId(desk, slot)


def _key(value: Any) -> bytes:
    key = decoded(value)
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return key


def _claim(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value
