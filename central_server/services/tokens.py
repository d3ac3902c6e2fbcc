"""Tokens by which other programs read: issued once, bounded by a unit, a few permissions and a day, and revocable."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from central_server.central import Central
from central_server.services.signing_in import UnknownUnit
from central_server.storage import changes, people, tokens, units
from central_server.storage.changes import Change
from central_server.storage.database import reading, write_transaction
from central_server.storage.tokens import AccessToken, Permission
from central_server.storage.units import EVERYTHING, Scope
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text
from sync_protocol.passwords import TOKEN_BYTES, token_hash
from sync_protocol.signing import encoded
from sync_protocol.vocabulary import Role

PREFIX = "fsr_"
"""Begins every token, so that whoever searches for secrets in the wrong place can find one."""

NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
DAYS_MAX, DAYS_USUAL = 730, 365

USED_EVERY = timedelta(minutes=1)
"""How exactly it is known when a token was last used, so that not every reading writes."""


class BadTokenName(FieldSyncError):
    """A token's name has letters that do not fit, or was given before."""

    code = "bad_token_name"
    text = N_(
        "%(name)s cannot be the name of an access token: it has 2 to 40 small letters, digits and hyphens, and every "
        "name is given only once. Nothing was issued; choose another name."
    )


class BadTokenTerms(FieldSyncError):
    """A token that would open nothing, would never end, or would tell one unit about all."""

    code = "bad_token_terms"
    text = N_(
        "An access token needs at least one permission and 1 to %(days)d days; metrics are only for one of the whole "
        "province. Nothing was issued."
    )


class UnknownToken(FieldSyncError):
    """No token of this name was ever issued."""

    code = "unknown_token"
    text = N_("There is no access token with the name %(name)s. Nothing was changed; look at the list of tokens.")


class NoToken(FieldSyncError):
    """A program asks without a token that is good."""

    code = "no_token"
    text = N_(
        "This needs an access token that is good, in the header Authorization: Bearer. It is missing, wrong, expired "
        "or revoked. Nothing was read; ask the province office for one."
    )


class NotPermitted(FieldSyncError):
    """A token is good, and not for this."""

    code = "not_permitted"
    text = N_("This access token is not for what was asked. Nothing was read; ask the province office for one that is.")


class TooManyReads(FieldSyncError):
    """A program reads more often than anything that works would, or tries tokens."""

    code = "too_many_reads"
    text = N_("Too many requests came within a minute. Nothing was read or lost; wait a minute and go on from there.")


class TokenState(StrEnum):
    """Whether a token opens anything, and why not."""

    GOOD = "good"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OWNER_GONE = "owner_gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A program that reads by a token: the token's name, what it may read, and of which subtree."""

    name: str
    permissions: frozenset[Permission]
    scope: Scope

    def check(self, permission: Permission) -> None:
        """Raises NotPermitted."""
        if permission not in self.permissions:
            raise NotPermitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A fresh token; `secret` is what the program sends, told this once and kept nowhere."""

    token: AccessToken
    unit_name: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedToken:
    """A token as people look after it, with the unit as it is called today."""

    token: AccessToken
    unit_name: str
    state: TokenState


def issue(
    central: Central, name: str, *, unit_code: str, permissions: Collection[Permission], days: int, by: str
) -> Issued:
    """Makes a token that reads the subtree of a unit for so many days; `by` answers for it.

    Raises BadTokenName, BadTokenTerms, UnknownUnit.
    """
    if not NAME.fullmatch(name):
        raise BadTokenName(name=name)
    secret = PREFIX + encoded(central.randomness(TOKEN_BYTES))
    now = central.wall()
    with write_transaction(central.database):
        unit = units.unit_by_code(unit_code, central.today())
        if unit is None:
            raise UnknownUnit(unit=unit_code)
        is_for_all = tokens.scope_of(unit.id) == EVERYTHING
        if not permissions or not 1 <= days <= DAYS_MAX or (Permission.METRICS in permissions and not is_for_all):
            raise BadTokenTerms(days=DAYS_MAX)
        token = AccessToken(
            name=name,
            unit_id=unit.id,
            permissions=frozenset(permissions),
            owner=by,
            issued_at=now,
            expires_at=now + timedelta(days=days),
        )
        if not tokens.keep(token, token_hash(secret)):
            raise BadTokenName(name=name)
        changes.keep(Change(at=central.now(), who=by, what="issue_token", before={}, after=_content(token)))
    return Issued(token=token, unit_name=unit.name, secret=secret)


def revoke(central: Central, name: str, *, by: str) -> None:
    """Ends a token at once and for ever; one that has ended already stays ended. Raises UnknownToken."""
    with write_transaction(central.database):
        token = tokens.by_name(name)
        if token is None:
            raise UnknownToken(name=name)
        if token.revoked_at:
            return
        now = central.wall()
        tokens.revoke(name, now)
        changes.keep(
            Change(
                at=central.now(),
                who=by,
                what="revoke_token",
                before=_content(token),
                after={"name": name, "revoked_at": instant_text(now)},
            )
        )


def listed(central: Central) -> list[ListedToken]:
    """All tokens that were ever issued, latest first."""
    now, today = central.wall(), central.today()
    with reading(central.database):
        known = units.tree(today)
        return [
            ListedToken(
                token=each,
                unit_name=known[each.unit_id].name if each.unit_id in known else each.unit_id,
                state=_state(central, each, now),
            )
            for each in tokens.every()
        ]


def reader_of(central: Central, secret: str) -> Reader | None:
    """Who reads by a secret; None where it is unknown, expired, revoked, or its owner left the province office."""
    now = central.wall()
    with reading(central.database):
        token = tokens.by_hash(token_hash(secret))
        if token is None or _state(central, token, now) is not TokenState.GOOD:
            return None
        scope = tokens.scope_of(token.unit_id)
    if token.used_at is None or now - token.used_at >= USED_EVERY:
        with write_transaction(central.database):
            tokens.touch(token.name, now)
    return Reader(name=token.name, permissions=token.permissions, scope=scope)


def _state(central: Central, token: AccessToken, now: datetime) -> TokenState:
    if token.revoked_at:
        return TokenState.REVOKED
    if now >= token.expires_at:
        return TokenState.EXPIRED
    return TokenState.GOOD if _answers_still(central, token.owner) else TokenState.OWNER_GONE


def _answers_still(central: Central, owner: str) -> bool:
    """Whether a token's owner still works for the province: who has left may know the secret.

    Whoever issues at the command line has no account here, and has the whole database at hand.
    """
    if people.credentials(owner) is None:
        return True
    person = people.person(owner, central.today())
    return person is not None and person.role is Role.PROVINCE


def _content(token: AccessToken) -> dict[str, object]:
    return {
        "name": token.name,
        "unit": token.unit_id,
        "permissions": sorted(token.permissions),
        "expires_at": instant_text(token.expires_at),
    }
