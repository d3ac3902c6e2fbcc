"""Ed25519 over exact bytes: the keys of devices and of the centre, and documents that carry a signature.

A signed document is a JSON object in UTF-8 with sorted keys whose ``document`` member names its kind, so that a
signature made for one kind can never serve as another. The bytes that were signed are the bytes that travel
and are stored; nobody serialises them again. Source: RFC 8032.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sync_protocol.errors import N_, FieldSyncError

SIGNATURE_BYTES = 64
KEY_BYTES = 32

NESTING_MAX = 32
"""Lists and objects within each other, in anything that is read; ours need five."""


class BadSignature(FieldSyncError):
    """A document is not signed by the key it should be signed by."""

    code = "bad_signature"
    text = N_("The signature does not fit. Nothing was taken from this message. Check that both sides know each other.")


class NotADocument(FieldSyncError):
    """Bytes that should hold a signed document hold something else."""

    code = "not_a_document"
    text = N_("The answer is not one of this system. Nothing was changed. Check the address of the centre.")


@dataclass(frozen=True, slots=True)
class Signed:
    """Exact bytes of a document with the signature over them."""

    body: bytes
    signature: bytes

    def as_json(self) -> dict[str, str]:
        """The form in which a document stands inside JSON: its text and the signature in base64."""
        return {"body": self.body.decode(), "signature": encoded(self.signature)}

    @classmethod
    def from_json(cls, value: Any) -> "Signed":
        """Reads `as_json`; raises NotADocument."""
        try:
            return cls(value["body"].encode(), decoded(value["signature"]))
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise NotADocument from error


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private Ed25519 key; hidden in `repr`."""

    private: Ed25519PrivateKey

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """The key of a 32-byte seed."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> bytes:
        """The 32 raw bytes of the public key."""
        return self.private.public_key().public_bytes_raw()

    def sign(self, kind: str, content: Mapping[str, Any]) -> Signed:
        """Makes a document of `kind` and signs its bytes."""
        body = canonical({**content, "document": kind})
        return Signed(body, self.private.sign(body))

    def __repr__(self) -> str:
        return f"SigningKey(public={encoded(self.public)})"


def agreement_public(seed: bytes) -> bytes:
    """The public half, 32 raw bytes, of the X25519 key of a seed (RFC 7748)."""
    return X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def verify(signed: Signed, public: bytes) -> None:
    """Raises BadSignature unless the document is signed by the private half of `public`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signed.signature, signed.body)
    except (InvalidSignature, ValueError) as error:
        raise BadSignature from error


def content_of(signed: Signed, kind: str) -> dict[str, Any]:
    """The content of a document of `kind`, whose signature the caller has verified; raises NotADocument."""
    try:
        content = parsed(signed.body)
    except ValueError as error:
        raise NotADocument from error
    if not isinstance(content, dict) or content.pop("document", None) != kind:
        raise NotADocument
    return content


def opened(signed: Signed, kind: str, public: bytes) -> dict[str, Any]:
    """The content of a document of `kind` signed by `public`; raises BadSignature or NotADocument."""
    verify(signed, public)
    return content_of(signed, kind)


def canonical(content: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8 with sorted keys and no spaces."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def parsed(raw: bytes) -> Any:
    """JSON read strictly, so that all readers understand the same bytes alike; ValueError where they might not.

    Not taken: anything that is not JSON in UTF-8 (NaN, lone surrogates, a byte order mark), a key that stands twice in
    an object, more than NESTING_MAX levels.
    """
    content = orjson.loads(raw)
    # Nothing is within more brackets than there are.
    if raw.count(b"{") + raw.count(b"[") > NESTING_MAX and _is_deeper(content, NESTING_MAX):
        raise ValueError("nested too deep")
    # The faster reader keeps the last of two equal keys; what it writes again byte for byte had none.
    if not isinstance(content, dict) or canonical(content) != raw:
        json.loads(raw, object_pairs_hook=_once)
    return content


def encoded(raw: bytes) -> str:
    """Base64 with the URL alphabet, without padding (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of `encoded`; ValueError if it is not base64."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _is_deeper(content: Any, levels: int) -> bool:
    if not isinstance(content, dict | list):
        return False
    children = content.values() if isinstance(content, dict) else content
    return levels == 0 or any(_is_deeper(child, levels - 1) for child in children)


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")
