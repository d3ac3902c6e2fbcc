"""People who sign in at this desk, and their sessions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from desk_client.storage.models import ClerkRow, SessionRow
from sync_protocol.vocabulary import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """A person who may sign in here."""

    username: str
    full_name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a sign-in is checked against."""

    clerk: Clerk
    password_hash: str
    failures: int
    locked_until: datetime | None
    is_disabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session with the person it belongs to."""

    clerk: Clerk
    seen_at: datetime
    language: str


def insert(clerk: Clerk, password_hash: str) -> bool:
    """Adds a person; False if the username is taken."""
    added = (
        ClerkRow.insert(
            username=clerk.username,
            full_name=clerk.full_name,
            role=clerk.role.value,
            password_hash=password_hash,
            failures=0,
        )
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )
    return bool(added)


def has_role(username: str, role: Role) -> bool:
    """Whether a person of this machine works in a role."""
    return bool(ClerkRow.select().where(ClerkRow.username == username, ClerkRow.role == role.value).exists())


def full_names() -> dict[str, str]:
    """Full names of the people of this machine by username."""
    return dict(ClerkRow.select(ClerkRow.username, ClerkRow.full_name).tuples())


def full_name_of_head() -> str | None:
    """Full name of the first head of the desk, None where there is none."""
    row = ClerkRow.select().where(ClerkRow.role == Role.HEAD.value).order_by(ClerkRow.username).first()
    return row.full_name if row else None


def credentials(username: str) -> Credentials | None:
    """What a person's sign-in is checked against, None for an unknown one."""
    row = ClerkRow.get_or_none(ClerkRow.username == username)
    if row is None:
        return None
    return Credentials(
        clerk=_clerk(row),
        password_hash=row.password_hash,
        failures=row.failures,
        locked_until=row.locked_until,
        is_disabled=row.disabled_at is not None,
    )


def everybody() -> list[Credentials]:
    """All people of this machine with what their sign-ins are checked against."""
    rows = list(ClerkRow.select(ClerkRow.username).tuples())
    return [known for (username,) in rows if (known := credentials(username))]


def keep_everybody(people: Iterable[Credentials]) -> None:
    """Brings the people to those given: their names, roles and passwords, and who may not sign in any more."""
    for each in people:
        insert(each.clerk, each.password_hash)
        ClerkRow.update(
            full_name=each.clerk.full_name, role=each.clerk.role.value, password_hash=each.password_hash
        ).where(ClerkRow.username == each.clerk.username).execute()


def usernames() -> list[str]:
    """Everyone who may sign in."""
    rows = ClerkRow.select(ClerkRow.username).where(ClerkRow.disabled_at.is_null()).order_by(ClerkRow.username)
    return [row.username for row in rows]


def note_failures(username: str, failures: int, locked_until: datetime | None) -> None:
    """Remembers failed sign-ins since the last good one."""
    ClerkRow.update(failures=failures, locked_until=locked_until).where(ClerkRow.username == username).execute()


def change_password(username: str, password_hash: str) -> bool:
    """Sets a new password and ends the person's sessions; False for an unknown person."""
    changed = (
        ClerkRow.update(password_hash=password_hash, failures=0, locked_until=None)
        .where(ClerkRow.username == username)
        .execute()
    )
    SessionRow.delete().where(SessionRow.username == username).execute()
    return bool(changed)


def open_session(token_hash: bytes, username: str, now: datetime, language: str) -> None:
    """Begins a session."""
    SessionRow.insert(token_hash=token_hash, username=username, opened_at=now, seen_at=now, language=language).execute()


def session(token_hash: bytes) -> OpenSession | None:
    """The session of a token, with its person, unless that one is disabled."""
    row = (
        SessionRow.select(SessionRow, ClerkRow)
        .join(ClerkRow, on=(SessionRow.username == ClerkRow.username), attr="clerk")
        .where(SessionRow.token_hash == token_hash, ClerkRow.disabled_at.is_null())
        .first()
    )
    return OpenSession(clerk=_clerk(row.clerk), seen_at=row.seen_at, language=row.language) if row else None


def touch_session(token_hash: bytes, now: datetime) -> None:
    """Notes that the person was here just now."""
    SessionRow.update(seen_at=now).where(SessionRow.token_hash == token_hash).execute()


def set_language(token_hash: bytes, language: str) -> None:
    """Remembers the language of a session."""
    SessionRow.update(language=language).where(SessionRow.token_hash == token_hash).execute()


def close_session(token_hash: bytes) -> None:
    """Ends a session."""
    SessionRow.delete().where(SessionRow.token_hash == token_hash).execute()


def _clerk(row: ClerkRow) -> Clerk:
    return Clerk(username=row.username, full_name=row.full_name, role=Role(row.role))
