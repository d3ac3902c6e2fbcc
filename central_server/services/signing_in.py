"""People of the centre: accounts with a role for a unit, sign-in and sessions."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from central_server.central import Central
from central_server.storage import people, units
from central_server.storage.database import reading, write_transaction
from central_server.storage.people import Person
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import local_date
from sync_protocol.passwords import (
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
from sync_protocol.vocabulary import Role, UnitLevel

SESSION_MAX = timedelta(hours=12)
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's minimum for Argon2id."""


class UnknownUser(FieldSyncError):
    """Nobody of this username has an account."""

    code = "unknown_user"
    text = N_("Nobody with the username %(username)s has an account here. Nothing was changed.")


class UnknownUnit(FieldSyncError):
    """There is no unit of this code."""

    code = "unknown_unit"
    text = N_("There is no unit with the code %(unit)s. Nothing was changed; check the list of units.")


class NotOfTheProvince(FieldSyncError):
    """A page of the province office is asked for by somebody else."""

    code = "not_of_the_province"
    text = N_("Only people of the province office use this page. Nothing was changed; go back to the standings.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is looking, and in which language the pages are."""

    person: Person
    language: str


def add_user(
    central: Central, *, username: str, full_name: str, role: Role, unit_code: str | None, password: str
) -> None:
    """Makes an account; a supervisor needs the unit whose subtree it may see, the province's people see everything.

    Raises WeakPassword, UsernameTaken, UnknownUnit.
    """
    check_new_account(username, password)
    password_hash = _new_hash(password)
    today = central.today()
    with write_transaction(central.database):
        unit_id = _unit_id(role, unit_code, central)
        if not people.insert(username, full_name, password_hash):
            raise UsernameTaken(username=username)
        # Memberships begin a day early, so that a person added just before a training clock moves can sign in.
        people.join(username, unit_id, role, min(today, local_date(central.wall())) - timedelta(days=1))


def users(central: Central) -> list[tuple[str, str, bool]]:
    """Username, full name and whether the account is disabled, of everybody."""
    with reading(central.database):
        return people.usernames()


def disable_user(central: Central, username: str) -> None:
    """Closes an account at once; raises UnknownUser."""
    with write_transaction(central.database):
        if not people.disable(username, central.wall()):
            raise UnknownUser(username=username)


def sign_in(central: Central, username: str, password: str, *, language: str) -> str:
    """Opens a session and gives its token; raises WrongPassword, TooManyTries.

    An unknown username takes as long as a wrong password, so that neither can be told from outside.
    """
    now = central.wall()
    with reading(central.database):
        known = people.credentials(username)
    if known and known.locked_until and now < known.locked_until:
        raise TooManyTries(seconds=round((known.locked_until - now).total_seconds()))
    is_right = _fits(known.password_hash if known else _nobodys_hash(), password)
    if known is None or known.is_disabled or not is_right:
        _note_failure(central, known)
        raise WrongPassword
    token = encoded(central.randomness(TOKEN_BYTES))
    with write_transaction(central.database):
        people.note_failures(username, 0, None)
        people.open_session(token_hash(token), username, now, language)
    return token


def signed_in(central: Central, token: str) -> SignedIn | None:
    """Who holds a token, with the role and scope of today; None where unknown, disabled, idle or open for too long."""
    now, today = central.wall(), central.today()
    idle_max = timedelta(seconds=central.settings.session_idle_s)
    with reading(central.database):
        session = people.session(token_hash(token))
        person = people.person(session.username, today) if session else None
    if session is None or person is None or now - session.seen_at > idle_max:
        return None
    if now - session.opened_at > SESSION_MAX:
        return None
    if now - session.seen_at > timedelta(seconds=15):
        with write_transaction(central.database):
            people.touch_session(token_hash(token), now)
    return SignedIn(person=person, language=session.language)


def sign_out(central: Central, token: str) -> None:
    """Ends a session."""
    with write_transaction(central.database):
        people.close_session(token_hash(token))


def switch_language(central: Central, token: str, language: str) -> None:
    """Shows the pages of a session in another language."""
    with write_transaction(central.database):
        people.set_language(token_hash(token), language)


def _unit_id(role: Role, unit_code: str | None, central: Central) -> str:
    known = units.tree(central.today())
    if role is Role.PROVINCE:
        root = next((unit.id for unit in known.values() if unit.level is UnitLevel.PROVINCE), None)
        return root or ""
    unit = next((unit for unit in known.values() if unit.code == unit_code), None)
    if unit is None:
        raise UnknownUnit(unit=unit_code or "–")
    return unit.id


def _note_failure(central: Central, known: people.Credentials | None) -> None:
    if known is None:
        return
    failures = known.failures + 1
    wait = wait_after(failures)
    with write_transaction(central.database):
        locked_until = central.wall() + wait if wait else None
        people.note_failures(known.username, failures, locked_until)


def _new_hash(password: str) -> str:
    check_new_password(password)
    return HASHER.hash(one_form(password))


def _fits(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, one_form(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    """What the password of an unknown username is compared with."""
    return HASHER.hash("nobody")
