"""People who sign in at the centre, what they work for, and their sessions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from central_server.storage.models import Membership, SessionRow, UserRow
from central_server.storage.units import Scope
from sync_protocol.vocabulary import Role

OF_THE_PROVINCE = (Role.PROVINCE, Role.AUDITOR)
"""The roles that see every desk; the second one changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in; `scope` follows from the membership of today."""

    username: str
    full_name: str
    role: Role
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a sign-in is checked against."""

    username: str
    password_hash: str
    failures: int
    locked_until: datetime | None
    is_disabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session with the name of the person it belongs to; of its token only the hash is known."""

    token_hash: bytes
    username: str
    opened_at: datetime
    seen_at: datetime
    language: str


def insert(username: str, full_name: str, password_hash: str) -> bool:
    """Adds a person; False if the username is taken."""
    added = (
        UserRow.insert(username=username, full_name=full_name, password_hash=password_hash, failures=0)
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )
    return bool(added)


def join(username: str, unit_id: str, role: Role, valid_from: date) -> None:
    """Lets a person work for a unit from a day on."""
    Membership.insert(username=username, unit_id=unit_id, role=role.value, valid_from=valid_from).execute()


def working_for(unit_ids: Collection[str]) -> list[str]:
    """Usernames of those who work for one of some units, without an end."""
    rows = Membership.select(Membership.username, Membership.unit_id).where(Membership.valid_to.is_null())
    wanted = set(unit_ids)
    return sorted({username for username, unit_id in rows.tuples() if unit_id in wanted})


def person(username: str, on: date) -> Person | None:
    """Somebody with the role and scope of a day; None if unknown, disabled or without a membership then."""
    user = UserRow.get_or_none(UserRow.username == username, UserRow.disabled_at.is_null())
    membership = (
        Membership.select()
        .where(
            Membership.username == username,
            Membership.valid_from <= on,
            Membership.valid_to.is_null() | (Membership.valid_to >= on),
        )
        .order_by(Membership.valid_from.desc())
        .first()
    )
    if user is None or membership is None:
        return None
    role = Role(membership.role)
    return Person(
        username=user.username,
        full_name=user.full_name,
        role=role,
        scope=Scope(root=None if role in OF_THE_PROVINCE else membership.unit_id),
    )


def usernames() -> list[tuple[str, str, bool]]:
    """Username, full name and whether the account is disabled, of everybody."""
    rows = UserRow.select().order_by(UserRow.username)
    return [(row.username, row.full_name, row.disabled_at is not None) for row in rows]


def credentials(username: str) -> Credentials | None:
    """What a person's sign-in is checked against, None for an unknown one."""
    row = UserRow.get_or_none(UserRow.username == username) if "\0" not in username else None
    if row is None:
        return None
    return Credentials(
        username=row.username,
        password_hash=row.password_hash,
        failures=row.failures,
        locked_until=row.locked_until,
        is_disabled=row.disabled_at is not None,
    )


def note_failures(username: str, failures: int, locked_until: datetime | None) -> None:
    """Remembers failed sign-ins since the last good one."""
    UserRow.update(failures=failures, locked_until=locked_until).where(UserRow.username == username).execute()


def disable(username: str, at: datetime) -> bool:
    """Closes an account and ends its sessions; False for an unknown person."""
    changed = UserRow.update(disabled_at=at).where(UserRow.username == username).execute()
    SessionRow.delete().where(SessionRow.username == username).execute()
    return bool(changed)


def open_session(token_hash: bytes, username: str, now: datetime, language: str) -> None:
    """Begins a session."""
    SessionRow.insert(token_hash=token_hash, username=username, opened_at=now, seen_at=now, language=language).execute()


def session(token_hash: bytes) -> OpenSession | None:
    """The session of a token."""
    row = SessionRow.get_or_none(SessionRow.token_hash == token_hash)
    if row is None:
        return None
    return _session(row)


def sessions(username: str) -> list[OpenSession]:
    """The sessions of a person, latest seen first."""
    rows = SessionRow.select().where(SessionRow.username == username)
    return [_session(row) for row in rows.order_by(SessionRow.seen_at.desc(), SessionRow.token_hash)]


def touch_session(token_hash: bytes, now: datetime) -> None:
    """Notes that the person was here just now."""
    SessionRow.update(seen_at=now).where(SessionRow.token_hash == token_hash).execute()


def set_language(token_hash: bytes, language: str) -> None:
    """Remembers the language of a session."""
    SessionRow.update(language=language).where(SessionRow.token_hash == token_hash).execute()


def close_session(token_hash: bytes) -> None:
    """Ends a session."""
    SessionRow.delete().where(SessionRow.token_hash == token_hash).execute()


def _session(row: SessionRow) -> OpenSession:
    return OpenSession(
        token_hash=bytes(row.token_hash),
        username=row.username,
        opened_at=row.opened_at,
        seen_at=row.seen_at,
        language=row.language,
    )
