"""An encrypted file: a random key of its own, and locks that each hold that key for somebody who may open it.

    8 bytes     FSVAULT1
    4 bytes     length of the head, big endian
    head        JSON: what kind of content it is, what may be told of it without a key, and the locks
    then blocks, each: 4 bytes its length, big endian, and that many bytes of ChaCha20-Poly1305 (RFC 8439)

The nonce of a block is its number in 11 bytes and a byte that is 1 for the last block, so that blocks cannot be left
out, moved or cut off (the STREAM construction); SHA-256 of the head is authenticated with each. A lock is HPKE to an
X25519 key (RFC 9180), or a phrase through Argon2id (RFC 9106).
"""

import hashlib
import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.passwords import one_form
from sync_protocol.signing import KEY_BYTES, agreement_public, decoded, encoded

MAGIC = b"FSVAULT1"
BLOCK_BYTES = 262_144
HEAD_BYTES_MAX = 65_536
TAG_BYTES = 16
SALT_BYTES = 16
NONCE_NUMBER_BYTES = 11
HPKE_INFO = b"field-sync vault 1"
SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)

ITERATIONS, LANES, MEMORY_KIB = 3, 4, 65_536
"""Cost of a phrase: the second recommendation of RFC 9106, about 0.2 s on a fast core."""

_LENGTH = struct.Struct(">I")


class NotAVault(FieldSyncError):
    """A file that is something else."""

    code = "not_a_vault"
    text = N_("This is not a backup file of this system. Nothing was changed; choose another file.")


class VaultDamaged(FieldSyncError):
    """Bytes of the file are not those that were written, or its end is missing."""

    code = "vault_damaged"
    text = N_("The file is damaged or was cut short. Nothing was changed; use another copy of it, or an older backup.")


class WrongKey(FieldSyncError):
    """No lock of the file is for this key."""

    code = "wrong_key"
    text = N_(
        "The file was sealed for other keys than these. Nothing was changed; use the recovery kit or the machine "
        "that it was made for."
    )


class WrongPhrase(FieldSyncError):
    """The phrase opens no lock of the file."""

    code = "wrong_phrase"
    text = N_("The password or recovery code does not fit. Nothing was changed; check each letter and try again.")


@dataclass(frozen=True, slots=True)
class Lock:
    """The file's key, held for one who may open it; `content` as it stands in the head."""

    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """An opened file's head; `told` may be read, and changed, by anybody until the first block has been opened."""

    kind: str
    told: Mapping[str, Any]
    locks: Sequence[Lock]
    head: bytes


Unlock = Callable[[Sequence[Lock]], bytes]
"""Finds the file's key in its locks; raises WrongKey or WrongPhrase."""


def lock_for_key(key: bytes, public: bytes) -> Lock:
    """A lock that the private half of an X25519 key opens."""
    sealed = SUITE.encrypt(key, X25519PublicKey.from_public_bytes(public), HPKE_INFO)
    return Lock({"for": encoded(public), "sealed": encoded(sealed)})


def lock_for_phrase(key: bytes, phrase: str) -> Lock:
    """A lock that a phrase opens, typed in either Unicode form."""
    salt = os.urandom(SALT_BYTES)
    # The key that a phrase gives is of this salt alone, so its one nonce can be any.
    sealed = ChaCha20Poly1305(_stretched(phrase, salt)).encrypt(bytes(12), key, None)
    return Lock({"salt": encoded(salt), "sealed": encoded(sealed)})


def by_key(seed: bytes) -> Unlock:
    """Opens with the X25519 key of a seed."""

    def unlock(locks: Sequence[Lock]) -> bytes:
        public = encoded(agreement_public(seed))
        for lock in locks:
            if lock.content.get("for") == public:
                return _unsealed(lock, seed)
        raise WrongKey

    return unlock


def by_phrase(phrase: str) -> Unlock:
    """Opens with a phrase."""

    def unlock(locks: Sequence[Lock]) -> bytes:
        for lock in locks:
            if "salt" in lock.content:
                try:
                    salt, sealed = decoded(lock.content["salt"]), decoded(lock.content["sealed"])
                    return ChaCha20Poly1305(_stretched(phrase, salt)).decrypt(bytes(12), sealed, None)
                except InvalidTag:
                    continue
                except (KeyError, TypeError, ValueError) as error:
                    raise VaultDamaged from error
        raise WrongPhrase

    return unlock


def by_file_key(key: bytes) -> Unlock:
    """Opens with the file's own key."""
    return lambda _: key


class VaultWriter:
    """Writes a vault to an open file, block by block; without `close` it stays unreadable."""

    def __init__(
        self, file: BinaryIO, key: bytes, *, kind: str, told: Mapping[str, Any], locks: Sequence[Lock]
    ) -> None:
        head = orjson.dumps({"kind": kind, "told": dict(told), "locks": [dict(lock.content) for lock in locks]})
        assert len(head) <= HEAD_BYTES_MAX, "a head is short"
        self._file, self._cipher, self._bound = file, ChaCha20Poly1305(key), hashlib.sha256(head).digest()
        self._number, self._waiting = 0, bytearray()
        file.write(MAGIC + _LENGTH.pack(len(head)) + head)

    def write(self, raw: bytes) -> None:
        """Adds to the content."""
        self._waiting += raw
        while len(self._waiting) > BLOCK_BYTES:
            self._block(bytes(self._waiting[:BLOCK_BYTES]), is_last=False)
            del self._waiting[:BLOCK_BYTES]

    def close(self) -> None:
        """Writes the last block; the file itself stays open."""
        self._block(bytes(self._waiting), is_last=True)

    def _block(self, raw: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, is_last=is_last), raw, self._bound)
        self._file.write(_LENGTH.pack(len(sealed)) + sealed)
        self._number += 1


def read_head(file: BinaryIO) -> Vault:
    """What stands at the beginning of a vault; the file is then at its first block. Raises NotAVault, VaultDamaged."""
    if file.read(len(MAGIC)) != MAGIC:
        raise NotAVault
    head = _sized(file, HEAD_BYTES_MAX)
    try:
        content = orjson.loads(head)
        locks = [Lock(dict(each)) for each in content["locks"]]
        return Vault(kind=str(content["kind"]), told=dict(content["told"]), locks=locks, head=head)
    except (KeyError, TypeError, ValueError) as error:
        raise VaultDamaged from error


def key_of(vault: Vault, unlock: Unlock) -> bytes:
    """The file's key; raises WrongKey, WrongPhrase, VaultDamaged."""
    key = unlock(vault.locks)
    if len(key) != KEY_BYTES:
        raise VaultDamaged
    return key


def blocks(file: BinaryIO, vault: Vault, key: bytes) -> Iterator[bytes]:
    """The content, block by block, each one authentic; raises VaultDamaged, at the latest where the end is missing."""
    cipher, bound = ChaCha20Poly1305(key), hashlib.sha256(vault.head).digest()
    number, is_last = 0, False
    while not is_last:
        sealed = _sized(file, BLOCK_BYTES + TAG_BYTES)
        # The block says by its length prefix that something follows, but only its tag says that nothing is missing.
        is_last = not (following := file.read(1))
        if following:
            file.seek(-1, os.SEEK_CUR)
        try:
            yield cipher.decrypt(_nonce(number, is_last=is_last), sealed, bound)
        except InvalidTag as error:
            raise VaultDamaged from error
        number += 1


def _sized(file: BinaryIO, bytes_max: int) -> bytes:
    prefix = file.read(_LENGTH.size)
    if len(prefix) < _LENGTH.size:
        raise VaultDamaged
    (length,) = _LENGTH.unpack(prefix)
    raw = file.read(length) if length <= bytes_max else b""
    if len(raw) != length or length > bytes_max:
        raise VaultDamaged
    return raw


def _unsealed(lock: Lock, seed: bytes) -> bytes:
    try:
        return SUITE.decrypt(decoded(lock.content["sealed"]), X25519PrivateKey.from_private_bytes(seed), HPKE_INFO)
    except (InvalidTag, KeyError, TypeError, ValueError) as error:
        raise VaultDamaged from error


def _stretched(phrase: str, salt: bytes) -> bytes:
    cost = Argon2id(salt=salt, length=KEY_BYTES, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB)
    return cost.derive(one_form(phrase).encode())


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(NONCE_NUMBER_BYTES) + bytes([is_last])
