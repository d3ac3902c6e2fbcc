"""People of the desk: accounts, sign-in, sessions and the automatic lock."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from desk_client.desk import Desk
from desk_client.storage import clerks
from desk_client.storage.clerks import Clerk
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.trouble import StorageTrouble
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.passwords import (
    LOCK_S_MAX,
    TOKEN_BYTES,
    TooManyTries,
    UsernameTaken,
    WrongPassword,
    check_new_account,
    check_new_password,
    one_form,
    token_hash,
    wait_after,
)
from sync_protocol.signing import encoded

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's minimum for Argon2id: an old PC takes well under half a second."""


class UnknownClerk(FieldSyncError):
    """A command names somebody who has no account here."""

    code = "unknown_clerk"
    text = N_("Nobody with the username %(username)s has an account on this machine. Known are: %(known)s.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is sitting at the desk, and in which language the pages are."""

    clerk: Clerk
    language: str


def new_password_hash(password: str) -> str:
    """Argon2id of a password in NFC; raises WeakPassword."""
    check_new_password(password)
    return HASHER.hash(one_form(password))


def add_clerk(desk: Desk, clerk: Clerk, password: str) -> None:
    """Makes an account; raises WeakPassword, UsernameTaken."""
    check_new_account(clerk.username, password)
    password_hash = new_password_hash(password)
    with write_transaction(desk.database):
        if not clerks.insert(clerk, password_hash):
            raise UsernameTaken(username=clerk.username)


def reset_password(desk: Desk, username: str, password: str) -> None:
    """Gives a person a new password and ends their sessions; raises WeakPassword, UnknownClerk."""
    password_hash = new_password_hash(password)
    with write_transaction(desk.database):
        if not clerks.change_password(username, password_hash):
            raise UnknownClerk(username=username, known=", ".join(clerks.usernames()))


def sign_in(desk: Desk, username: str, password: str, *, language: str) -> str:
    """Opens a session and gives its token; raises WrongPassword, TooManyTries.

    An unknown username takes as long as a wrong password, so that neither can be told from outside.
    """
    now = desk.clock()
    with reading(desk.database):
        known = clerks.credentials(username)
    wait = known.locked_until - now if known and known.locked_until else timedelta(0)
    # A longer wait than is ever set means that the machine's clock has fallen back, perhaps by years.
    if timedelta(0) < wait <= timedelta(seconds=LOCK_S_MAX):
        raise TooManyTries(seconds=round(wait.total_seconds()))
    is_right = _fits(known.password_hash if known else _nobodys_hash(), password)
    if known is None or known.is_disabled or not is_right:
        _note_failure(desk, known)
        raise WrongPassword
    token = encoded(desk.randomness(TOKEN_BYTES))
    with write_transaction(desk.database):
        clerks.note_failures(username, 0, None)
        clerks.open_session(token_hash(token), username, now, language)
    return token


def signed_in(desk: Desk, token: str, *, is_present: bool = True) -> SignedIn | None:
    """Who holds a token; None where it is unknown or was idle for too long.

    is_present  False for what a page asks for by itself: it shows nobody at the desk and does not put off the lock
    """
    now = desk.clock()
    idle_max = timedelta(seconds=desk.settings.lock_after_s)
    with reading(desk.database):
        session = clerks.session(token_hash(token))
    if session is None or not -idle_max < now - session.seen_at < idle_max:
        return None
    if is_present and now - session.seen_at > timedelta(seconds=15):
        # That somebody was here is worth less than the page that they ask for, also where the disk is full.
        with suppress(StorageTrouble), write_transaction(desk.database):
            clerks.touch_session(token_hash(token), now)
    return SignedIn(clerk=session.clerk, language=session.language)


def sign_out(desk: Desk, token: str) -> None:
    """Ends a session; the journal and what waits to be sent are not touched."""
    with write_transaction(desk.database):
        clerks.close_session(token_hash(token))


def switch_language(desk: Desk, token: str, language: str) -> None:
    """Shows the pages of a session in another language."""
    with write_transaction(desk.database):
        clerks.set_language(token_hash(token), language)


def known_clerk(desk: Desk, username: str | None) -> str:
    """The username to record under: the one given, or the only one there is; raises NotEnrolled, UnknownClerk."""
    # Before it is enrolled nobody has an account, and that is not what is wrong.
    desk.identity()
    with reading(desk.database):
        known = clerks.usernames()
    if username in known:
        return str(username)
    if username is None and len(known) == 1:
        return known[0]
    raise UnknownClerk(username=username or "–", known=", ".join(known))


def name_of(desk: Desk, username: str) -> str:
    """Full name of a person of this machine, the username where there is none such."""
    with reading(desk.database):
        return clerks.full_names().get(username, username)


def head_name(desk: Desk) -> str:
    """Full name of the head of the desk, "" where nobody is."""
    with reading(desk.database):
        return clerks.full_name_of_head() or ""


def _note_failure(desk: Desk, known: clerks.Credentials | None) -> None:
    if known is None:
        return
    failures = known.failures + 1
    wait = wait_after(failures)
    with write_transaction(desk.database):
        locked_until = desk.clock() + wait if wait else None
        clerks.note_failures(known.clerk.username, failures, locked_until)


def _fits(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, one_form(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    """What the password of an unknown username is compared with."""
    return HASHER.hash("nobody")
