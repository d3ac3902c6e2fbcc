"""The tokens by which other programs read: what each may read, of which unit, and until when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from central_server.storage.models import AccessTokenRow, Unit
from central_server.storage.units import EVERYTHING, Scope
from sync_protocol.vocabulary import UnitLevel

SEPARATOR = "|"


class Permission(StrEnum):
    """What a token opens. Nothing opens what citizens have told: the centre's dossiers do not hold it."""

    STANDINGS = "standings"
    DOSSIERS = "dossiers"
    METRICS = "metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A token without its secret; `owner` answers for it, `used_at` is to the minute."""

    name: str
    unit_id: str
    permissions: frozenset[Permission]
    owner: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    used_at: datetime | None = None


def keep(token: AccessToken, token_hash: bytes) -> bool:
    """Adds a token; False if one of this name was ever issued."""
    added = (
        AccessTokenRow.insert(
            name=token.name,
            token_hash=token_hash,
            unit_id=token.unit_id,
            permissions=SEPARATOR.join(sorted(token.permissions)),
            owner=token.owner,
            issued_at=token.issued_at,
            expires_at=token.expires_at,
        )
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )
    return bool(added)


def by_hash(token_hash: bytes) -> AccessToken | None:
    """The token of a hash, revoked and expired ones too."""
    row = AccessTokenRow.get_or_none(AccessTokenRow.token_hash == token_hash)
    return _token(row) if row else None


def by_name(name: str) -> AccessToken | None:
    """The token of a name, revoked and expired ones too."""
    row = AccessTokenRow.get_or_none(AccessTokenRow.name == name) if "\0" not in name else None
    return _token(row) if row else None


def every() -> list[AccessToken]:
    """All that were ever issued, latest first."""
    return [
        _token(row) for row in AccessTokenRow.select().order_by(AccessTokenRow.issued_at.desc(), AccessTokenRow.name)
    ]


def revoke(name: str, at: datetime) -> None:
    """Ends a token at once."""
    AccessTokenRow.update(revoked_at=at).where(AccessTokenRow.name == name).execute()


def touch(name: str, at: datetime) -> None:
    """Notes that a token was used just now."""
    AccessTokenRow.update(used_at=at).where(AccessTokenRow.name == name).execute()


def scope_of(unit_id: str) -> Scope:
    """The subtree of a unit; the province's is everything, whatever the tree of a day says."""
    level = Unit.select(Unit.level).where(Unit.id == unit_id).scalar()
    return EVERYTHING if level == UnitLevel.PROVINCE else Scope(root=unit_id)


def _token(row: AccessTokenRow) -> AccessToken:
    return AccessToken(
        name=row.name,
        unit_id=row.unit_id,
        permissions=frozenset(map(Permission, row.permissions.split(SEPARATOR))),
        owner=row.owner,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
