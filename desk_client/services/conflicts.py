"""What two machines entered differently: shown side by side, and settled by a named clerk with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk_client.desk import Desk
from desk_client.services.contradicting import DUE_ON, entry_of, facts_of, field_of
from desk_client.services.projecting import life_of, write
from desk_client.services.recording import checked_payload
from desk_client.services.sealing import take_pen
from desk_client.storage import clerks, dossiers
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.dossiers import Stored
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import SETTLEABLE, Corrected, Event, Extended, Payload, Settled, Taken
from sync_protocol.schemas import KINDS
from sync_protocol.vocabulary import EventKind

CONFLICTS_MAX = 100
"""More dossiers than this are not listed on one page; the rest follows when these are settled."""

Life = Sequence[tuple[Event, Stored]]


class SettledBefore(FieldSyncError):
    """Nothing of this name is left to settle."""

    code = "settled_before"
    text = N_("This has been settled already, or is not known here. Nothing was changed; look at the list again.")


class OnlyNoted(FieldSyncError):
    """What another machine did cannot take the place of what stands."""

    code = "only_noted"
    text = N_(
        "This cannot take the place of what stands; it can only be noted that what stands stays. Nothing was changed."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one machine says: a field's value as JSON or a step, by whom, when it was entered, and where."""

    kind: EventKind
    value: Any
    payload: Payload
    clerk: str
    slot: int
    happened_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One thing that two machines entered differently.

    name         names it at this desk; field: "" where it is how the dossier went on
    stands       what came to the centre first; says: what came second and waits
    can_replace  whether what waits may take the place of what stands
    """

    name: str
    dossier_id: str
    dossier_code: str
    owner_name: str
    field: str
    stands: Side
    says: Side
    can_replace: bool


def conflicts(desk: Desk) -> list[Conflict]:
    """What waits to be settled, dossier by dossier; raises NotEnrolled."""
    with reading(desk.database):
        return [
            conflict
            for stored in dossiers.contradicted(CONFLICTS_MAX)
            for conflict in _of_dossier(stored, life_of(desk, stored.dossier.id))
        ]


def names_of_clerks(desk: Desk) -> dict[str, str]:
    """Full names of the people who sign in here, by their usernames."""
    with reading(desk.database):
        return clerks.full_names()


def settle(desk: Desk, name: str, *, keeps: bool, reason: str, clerk: str) -> Stored:
    """Settles one thing for all machines of the desk: what stands stays (`keeps`), or what waits takes its place.

    Raises SettledBefore, OnlyNoted, InvalidReception for a reason that is too short, NotEnrolled.
    """
    with write_transaction(desk.database):
        stored, conflict = _open(desk, name)
        if not keeps and not conflict.can_replace:
            raise OnlyNoted
        pen, packs = take_pen(desk, desk.identity(), clerk=clerk), desk.packs()
        if conflict.field:
            value = (conflict.stands if keeps else conflict.says).value
            changes = {conflict.field: "" if value is None else value}
            corrected = checked_payload(Corrected(changes=changes, reason=reason))
            base = stored.dossier.base_of([conflict.field])
            return write(pen, packs, corrected, happened_at=pen.now, before=stored, base=base)
        taken = None if keeps else Taken(step=conflict.says.payload, happened_at=conflict.says.happened_at)
        settled = checked_payload(Settled(entry=entry_of(name), reason=reason, takes=taken))
        return write(pen, packs, settled, happened_at=pen.now, before=stored)


def _open(desk: Desk, name: str) -> tuple[Stored, Conflict]:
    for stored in dossiers.contradicted():
        if name in stored.contradicted:
            life = life_of(desk, stored.dossier.id)
            return stored, next(each for each in _of_dossier(stored, life) if each.name == name)
    raise SettledBefore


def _of_dossier(stored: Stored, life: Life) -> list[Conflict]:
    return [_conflict(stored, life, name) for name in stored.contradicted]


def _conflict(stored: Stored, life: Life, name: str) -> Conflict:
    field, by_id = field_of(name), {str(event.header.id): event for event, _ in life}
    says = by_id[entry_of(name)]
    if field:
        stands = by_id[stored.dossier.base_of([field])[field]]
        values = facts_of(stored).get(field), _said(says.payload, field)
    else:
        stands, values = _which_stands(life), (None, None)
    return Conflict(
        name=name,
        dossier_id=stored.dossier.id,
        dossier_code=stored.dossier.dossier_code,
        owner_name=stored.text("owner_name"),
        field=field,
        stands=_side(stands, values[0]),
        says=_side(says, values[1]),
        can_replace=bool(field) or isinstance(says.payload, SETTLEABLE),
    )


def _said(payload: Payload, field: str) -> Any:
    if isinstance(payload, Extended):
        return payload.due_on.isoformat() if field == DUE_ON else None
    assert isinstance(payload, Corrected), "only these give a field another value and may be contradicted"
    return payload.changes.get(field)


def _which_stands(life: Life) -> Event:
    """The event by which the dossier stands where it does."""
    standing, stage, result = life[0][0], None, None
    for event, after in life:
        if (after.dossier.stage, after.dossier.result_kind) != (stage, result):
            standing, stage, result = event, after.dossier.stage, after.dossier.result_kind
    return standing


def _side(event: Event, value: Any) -> Side:
    header = event.header
    is_taken = isinstance(event.payload, Settled) and event.payload.takes is not None
    payload = event.payload.takes.step if is_taken else event.payload  # type: ignore[union-attr]
    return Side(
        kind=KINDS[type(payload)],
        value=value,
        payload=payload,
        clerk=header.clerk,
        slot=header.slot,
        happened_at=event.happened_at,
        recorded_at=header.entered_at,
    )
