"""Recording what happens to dossiers: one use case for the form, the command line and the import."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from desk_client.desk import Desk
from desk_client.services import sealing
from desk_client.storage import dossiers
from desk_client.storage.database import write_transaction
from sync_protocol.calendars import due_at
from sync_protocol.dossier_codes import dossier_code, next_serial
from sync_protocol.dossiers import Dossier, UnknownDossier, counted_change, fold
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Delivered, Received, Resolved, Voided
from sync_protocol.instants import local_date
from sync_protocol.packs import Packs
from sync_protocol.schemas import ReceptionSchema
from sync_protocol.vocabulary import Channel

RECEPTION = ReceptionSchema()
YEAR_LEAST = 2000
YEAR_MOST = 2099


class InvalidReception(FieldSyncError):
    """What was typed about a dossier does not fit; `problems` names the fields."""

    code = "invalid_reception"
    text = N_("The dossier was not saved. Correct these fields: %(fields)s.")

    def __init__(self, problems: Mapping[str, list[str]]) -> None:
        self.problems = problems
        super().__init__(fields=tuple((name, text) for name, texts in sorted(problems.items()) for text in texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A dossier after its event was saved.

    due_at    the appointment, None where the procedure has no limit
    is_ahead  the event lies ahead of the corrected clock: marked, not refused
    """

    dossier: Dossier
    due_at: datetime | None
    is_ahead: bool


def record_reception(desk: Desk, reception: Mapping[str, Any], *, received_at: datetime, clerk: str) -> Recorded:
    """Saves a dossier that was handed in and gives it its code; durable when it returns.

    reception    the fields of ReceptionSchema as typed
    received_at  aware; its local day is the day in which the dossier counts and the date in its code
    Raises InvalidReception, SerialsExhausted, NotEnrolled.
    """
    packs = desk.packs()
    identity = desk.identity()
    checked = _checked(reception, packs, received_at)
    received_on = local_date(received_at)
    appointment = due_at(received_at, packs.procedures[checked["procedure_code"]].limit, packs.calendar)
    with write_transaction(desk.database):
        serial = next_serial(dossiers.last_serial(received_on), identity.id.slot, packs.desk.serials)
        code = dossier_code(packs.desk.identifier_code, received_on, serial)
        received = Received(dossier_code=code, **checked)
        drafted = sealing.draft(desk, identity, received, happened_at=received_at, clerk=clerk)
        dossier = fold(None, drafted.event)
        sealing.append(desk, drafted, counted_change(None, dossier))
        dossiers.insert(dossier, received, drafted.event.header.sequence, appointment, local_date(drafted.now))
        dossiers.keep_serial(received_on, serial)
    return Recorded(dossier=dossier, due_at=appointment, is_ahead=received_at > drafted.now)


def record_step(
    desk: Desk, dossier_ref: str, step: Resolved | Delivered | Voided, *, happened_at: datetime, clerk: str
) -> Recorded:
    """Saves what happened to a dossier named by its code or id; durable when it returns.

    Raises UnknownDossier, IllegalTransition, InvalidReception, NotEnrolled.
    """
    if not _is_possible(happened_at):
        raise InvalidReception({"happened_at": [N_("The date of reception cannot be right.")]})
    identity = desk.identity()
    with write_transaction(desk.database):
        before = dossiers.by_code(dossier_ref) or dossiers.by_id(dossier_ref)
        if before is None:
            raise UnknownDossier(dossier=dossier_ref)
        drafted = sealing.draft(desk, identity, step, happened_at=happened_at, clerk=clerk, subject=before.id)
        after = fold(before, drafted.event)
        sealing.append(desk, drafted, counted_change(before, after))
        dossiers.update(after)
    return Recorded(dossier=after, due_at=None, is_ahead=happened_at > drafted.now)


def appointment(desk: Desk, procedure_code: str, received_at: datetime) -> datetime | None:
    """The appointment that a reception would get, None where the procedure is unknown or has no limit."""
    packs = desk.packs()
    procedure = packs.procedures.get(procedure_code)
    return due_at(received_at, procedure.limit, packs.calendar) if procedure else None


def _is_possible(happened_at: datetime) -> bool:
    """Whether an instant can be of a dossier; what is far off cannot be shown in local time or printed in a code."""
    return YEAR_LEAST <= happened_at.year <= YEAR_MOST


def _checked(reception: Mapping[str, Any], packs: Packs, received_at: datetime) -> dict[str, Any]:
    problems: dict[str, list[str]] = {}
    checked: dict[str, Any] = {}
    try:
        checked = RECEPTION.load(reception)
    except ValidationError as error:
        problems = dict(error.normalized_messages())
    procedure = packs.procedures.get(str(reception.get("procedure_code", "")))
    if "procedure_code" not in problems and procedure is None:
        problems["procedure_code"] = [N_("This desk does not receive a procedure of this code.")]
    if procedure and checked and Channel(checked["channel"]) not in procedure.channels:
        problems["channel"] = [N_("This procedure is not offered by this channel.")]
    if not _is_possible(received_at):
        problems["received_at"] = [N_("The date of reception cannot be right.")]
    if problems:
        raise InvalidReception(problems)
    return checked
