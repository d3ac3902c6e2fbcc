"""People of the centre: accounts with a role for a unit, sign-in and sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from central_server.central import Central
from central_server.services.enrolment import CONSOLE
from central_server.storage import changes, people, units
from central_server.storage.changes import Change
from central_server.storage.database import reading, write_transaction
from central_server.storage.people import OF_THE_PROVINCE, OpenSession, Person
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

ADD_USER, DISABLE_USER, SIGN_OUT_USER = "add_user", "disable_user", "sign_out_user"
"""What is changed of accounts, as the record of changes names it."""

SESSION_MAX = timedelta(hours=12)
SESSION_NAME_CHARACTERS = 16
"""So much of a token's hash names a session among those of one person; it opens nothing."""

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


class OnlyReads(FieldSyncError):
    """Somebody who only reads wants to change something."""

    code = "only_reads"
    text = N_("This account looks at everything and changes nothing. Nothing was changed; go back to the standings.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is looking, and in which language the pages are."""

    person: Person
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSession:
    """A session of a person as the person sees it; `is_this` is the one that asks."""

    name: str
    opened_at: datetime
    seen_at: datetime
    is_this: bool


def add_user(
    central: Central,
    *,
    username: str,
    full_name: str,
    role: Role,
    unit_code: str | None,
    password: str,
    by: str = CONSOLE,
) -> None:
    """Makes an account; a supervisor needs the unit whose subtree it may see, others of the centre see everything.

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
        after = {"username": username, "role": role.value, "unit": unit_code or ""}
        changes.keep(Change(at=central.now(), who=by, what=ADD_USER, before={}, after=after))


def users(central: Central) -> list[tuple[str, str, bool]]:
    """Username, full name and whether the account is disabled, of everybody."""
    with reading(central.database):
        return people.usernames()


def person_of(central: Central, username: str) -> Person:
    """Somebody with the role of today; raises UnknownUser."""
    with reading(central.database):
        person = people.person(username, central.today())
    if person is None:
        raise UnknownUser(username=username)
    return person


def disable_user(central: Central, username: str, *, by: str = CONSOLE) -> None:
    """Closes an account at once; raises UnknownUser."""
    with write_transaction(central.database):
        if not people.disable(username, central.wall()):
            raise UnknownUser(username=username)
        changes.keep(Change(at=central.now(), who=by, what=DISABLE_USER, before={}, after={"username": username}))


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
    if session is None or person is None or not _is_good(session, now, idle_max):
        return None
    if now - session.seen_at > timedelta(seconds=15):
        with write_transaction(central.database):
            people.touch_session(token_hash(token), now)
    return SignedIn(person=person, language=session.language)


def sign_out(central: Central, token: str) -> None:
    """Ends a session."""
    with write_transaction(central.database):
        people.close_session(token_hash(token))


def own_sessions(central: Central, token: str) -> list[OwnSession]:
    """The open sessions of whoever holds a token, latest seen first; empty for a token that opens nothing."""
    now, idle_max = central.wall(), timedelta(seconds=central.settings.session_idle_s)
    held = token_hash(token)
    with reading(central.database):
        present = people.session(held)
        of_person = people.sessions(present.username) if present else []
    return [
        OwnSession(
            name=each.token_hash.hex()[:SESSION_NAME_CHARACTERS],
            opened_at=each.opened_at,
            seen_at=each.seen_at,
            is_this=each.token_hash == held,
        )
        for each in of_person
        if _is_good(each, now, idle_max)
    ]


def end_sessions(central: Central, token: str, name: str | None) -> int:
    """Ends the session of a name that the holder of a token has open, or all but this one; gives how many ended."""
    held = token_hash(token)
    with write_transaction(central.database):
        present = people.session(held)
        others = [each.token_hash for each in people.sessions(present.username)] if present else []
        chosen = [
            each for each in others if (each != held if name is None else each.hex()[:SESSION_NAME_CHARACTERS] == name)
        ]
        for each in chosen:
            people.close_session(each)
    return len(chosen)


def sessions_of(central: Central, username: str) -> list[tuple[datetime, datetime]]:
    """When each session of a person was opened and last seen; raises UnknownUser."""
    now, idle_max = central.wall(), timedelta(seconds=central.settings.session_idle_s)
    with reading(central.database):
        if people.credentials(username) is None:
            raise UnknownUser(username=username)
        return [(each.opened_at, each.seen_at) for each in people.sessions(username) if _is_good(each, now, idle_max)]


def sign_out_everywhere(central: Central, username: str, *, by: str = CONSOLE) -> int:
    """Ends all sessions of a person and gives how many there were; raises UnknownUser."""
    with write_transaction(central.database):
        if people.credentials(username) is None:
            raise UnknownUser(username=username)
        of_person = people.sessions(username)
        for each in of_person:
            people.close_session(each.token_hash)
        changes.keep(Change(at=central.now(), who=by, what=SIGN_OUT_USER, before={}, after={"username": username}))
    return len(of_person)


def switch_language(central: Central, token: str, language: str) -> None:
    """Shows the pages of a session in another language."""
    with write_transaction(central.database):
        people.set_language(token_hash(token), language)


def _is_good(session: OpenSession, now: datetime, idle_max: timedelta) -> bool:
    """Whether a session opens pages: seen lately, and not open for too long."""
    return now - session.seen_at <= idle_max and now - session.opened_at <= SESSION_MAX


def _unit_id(role: Role, unit_code: str | None, central: Central) -> str:
    known = units.tree(central.today())
    if role in OF_THE_PROVINCE:
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
