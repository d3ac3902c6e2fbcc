"""A citizen who has been here before: what an earlier dossier knows of them, so that nobody types it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from desk_client.desk import Desk
from desk_client.storage import dossiers, finding
from desk_client.storage.database import reading
from desk_client.storage.dossiers import Stored
from sync_protocol.dossiers import UnknownDossier
from sync_protocol.errors import FieldSyncError
from sync_protocol.identities import BadPhone, check_id_number, normalised_phone
from sync_protocol.texts import masked
from sync_protocol.vocabulary import IdType

COUNTED_MAX = 20
"""Dossiers of a citizen that are counted one by one."""

SUBMITTER_FIELDS = (
    "submitter_name",
    "id_type",
    "id_number",
    "birth_date",
    "birth_precision",
    "sex",
    "phone",
    "email",
    "address_text",
)
OWNER_FIELDS = ("owner_name", "owner_type", "authorisation")
MANNER_FIELDS = ("channel", "delivery_method")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquaintance:
    """A citizen as their last dossier here knows them.

    masked_number   the identity number, else the phone, as lists show it
    dossier_count   at most COUNTED_MAX; `has_more` where there are others
    received_on     local day of the last one
    fields          of the submitter, by the names of IntakeSchema, as JSON
    """

    name: str
    masked_number: str
    dossier_count: int
    has_more: bool
    received_on: date
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSlip:
    """A slip that another dossier may join.

    dossier_count  how many stand on it
    received_at    when they were handed in
    fields         people and manner of the last one, by the names of IntakeSchema, as JSON
    """

    slip_code: str
    dossier_count: int
    received_at: datetime
    fields: Mapping[str, Any]


def acquaintance(desk: Desk, *, id_type: str, id_number: str, phone: str) -> Acquaintance | None:
    """Whom a typed number belongs to: the identity number where one is typed, else the phone; None while unknown."""
    number = _known_id(id_type, id_number)
    with reading(desk.database):
        found = finding.of_citizen(
            id_number=number, phone="" if id_number.strip() else _known_phone(phone), limit=COUNTED_MAX + 1
        )
    if not found:
        return None
    last = found[0]
    return Acquaintance(
        name=last.text("submitter_name"),
        masked_number=masked(number or last.text("phone")),
        dossier_count=min(len(found), COUNTED_MAX),
        has_more=len(found) > COUNTED_MAX,
        received_on=last.dossier.received_on,
        fields=_picked(last, SUBMITTER_FIELDS),
    )


def people_of(desk: Desk, ref: str) -> Mapping[str, Any]:
    """Submitter and owner of a dossier, for a new one of theirs; raises UnknownDossier."""
    with reading(desk.database):
        stored = dossiers.by_ref(ref)
    if stored is None:
        raise UnknownDossier(dossier=ref)
    return _picked(stored, SUBMITTER_FIELDS + OWNER_FIELDS)


def shared_slip(desk: Desk, slip_code: str) -> SharedSlip | None:
    """A slip with what the next dossier on it has in common with the last; None where no such slip is here."""
    with reading(desk.database):
        together = dossiers.of_slip(slip_code) if slip_code else []
    if not together:
        return None
    last = together[-1]
    return SharedSlip(
        slip_code=slip_code,
        dossier_count=len(together),
        received_at=last.dossier.received_at,
        fields=_picked(last, SUBMITTER_FIELDS + OWNER_FIELDS + MANNER_FIELDS),
    )


def _picked(stored: Stored, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: stored.content[name] for name in names if name in stored.content}


def _known_id(id_type: str, text: str) -> str:
    """The number as it is stored, "" while it is not complete."""
    kind = next((each for each in IdType if each.value == id_type), None)
    if kind is None or not text.strip():
        return ""
    try:
        return check_id_number(kind, text)
    except FieldSyncError:
        return ""


def _known_phone(text: str) -> str:
    try:
        return normalised_phone(text)
    except BadPhone:
        return ""
