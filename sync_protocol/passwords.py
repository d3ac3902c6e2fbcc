"""What both ends agree on about passwords and sessions: their rules, their errors, and never the hashing itself."""

import hashlib
import unicodedata
from datetime import timedelta

from sync_protocol.errors import N_, FieldSyncError

PASSWORD_CHARACTERS_LEAST = 10
USERNAME_CHARACTERS_MAX = 40
FREE_FAILURES = 4
LOCK_S_MAX = 300
TOKEN_BYTES = 32


class WrongPassword(FieldSyncError):
    """The pair of username and password is not one."""

    code = "wrong_password"
    text = N_("The username or the password is wrong. Nothing was changed; try again.")


class TooManyTries(FieldSyncError):
    """Somebody has guessed too often."""

    code = "too_many_tries"
    text = N_("Too many wrong passwords. Wait %(seconds)d seconds and try again; nothing is lost.")


class WeakPassword(FieldSyncError):
    """A new password is too short."""

    code = "weak_password"
    text = N_("The password is too short. Nothing was changed; choose one of at least %(least)d characters.")


class UsernameTaken(FieldSyncError):
    """A username is in use, or not a word."""

    code = "username_taken"
    text = N_("The username %(username)s is taken or not usable. Nothing was changed; choose another one.")


def check_new_account(username: str, password: str) -> None:
    """Raises UsernameTaken or WeakPassword where either cannot be used."""
    if not username.isascii() or not username.isprintable() or not 1 <= len(username) <= USERNAME_CHARACTERS_MAX:
        raise UsernameTaken(username=username)
    check_new_password(password)


def check_new_password(password: str) -> None:
    """Raises WeakPassword where it is too short."""
    if len(password) < PASSWORD_CHARACTERS_LEAST:
        raise WeakPassword(least=PASSWORD_CHARACTERS_LEAST)


def one_form(password: str) -> str:
    """NFC: input methods send the same letters composed or decomposed (ASVS 6.2.8: otherwise unmodified)."""
    return unicodedata.normalize("NFC", password)


def wait_after(failures: int) -> timedelta:
    """How long nobody may try a username again: nothing at first, then doubling, at most five minutes."""
    return timedelta(seconds=min(2 ** min(failures - FREE_FAILURES, 20), LOCK_S_MAX) if failures > FREE_FAILURES else 0)


def token_hash(token: str) -> bytes:
    """What is kept of a session's token: a stolen database opens no session."""
    return hashlib.sha256(token.encode()).digest()
