"""Recording that dossiers are handed in: one use case for the form, the command line and the import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from marshmallow import ValidationError

from desk_client.desk import Desk
from desk_client.services.projecting import write
from desk_client.services.sealing import Pen, take_pen
from desk_client.storage import dossiers
from desk_client.storage.database import write_transaction
from desk_client.storage.dossiers import Stored
from sync_protocol.deadlines import promised_at
from sync_protocol.dossier_codes import dossier_code, next_serial, parse_code, serial_blocks
from sync_protocol.dossiers import Dossier, UnknownDossier
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Delivered, Payload, Received, RefusedAtDesk, Registered, Resolved, Settled, Step
from sync_protocol.instants import local_date
from sync_protocol.packs import Packs
from sync_protocol.schemas import KINDS, SCHEMAS, IntakeSchema, payload_content
from sync_protocol.transitions import check_follows
from sync_protocol.vocabulary import Channel, DeliveryMethod, ResultKind, Source

Told = TypeVar("Told", bound=RefusedAtDesk | Step | Settled)
INTAKE = IntakeSchema()
YEAR_LEAST = 2000
YEAR_MOST = 2099
RECEPTIONS_MAX = 100
"""Dossiers that one action receives at the most, on one slip or from one bulk form."""


class InvalidReception(FieldSyncError):
    """What was typed about a dossier does not fit; `problems` names the fields, `row` the line of a bulk form."""

    code = "invalid_reception"
    text = N_("The dossier was not saved. Correct these fields: %(fields)s.")

    def __init__(self, problems: Mapping[str, list[str]], row: int = 0) -> None:
        self.problems = problems
        self.row = row
        super().__init__(fields=tuple((name, text) for name, texts in sorted(problems.items()) for text in texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A dossier after its event was saved; `is_ahead` where that lies ahead of the clock: marked, not refused."""

    stored: Stored
    is_ahead: bool

    @property
    def dossier(self) -> Dossier:
        """The dossier itself."""
        return self.stored.dossier

    @property
    def due_at(self) -> datetime | None:
        """The appointment, None where the procedure has no limit."""
        return self.stored.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How dossiers are received.

    on_one_slip  several share the slip of the first
    slip_code    the slip of an earlier dossier that they join, "" for one of their own
    at_once      the result is there and handed to the submitter in the same action (instant procedures)
    """

    on_one_slip: bool = False
    slip_code: str = ""
    at_once: bool = False


def record_reception(
    desk: Desk,
    reception: Mapping[str, Any],
    *,
    received_at: datetime,
    clerk: str,
    registered: str = "",
    manner: Manner = Manner(),
) -> Recorded:
    """Saves a dossier that was handed in and gives it its code; durable when it returns.

    reception    the fields of IntakeSchema as typed
    received_at  aware; its local day is the day in which the dossier counts and the date in its code
    registered   id of the dossier filed online that is accepted by it, "" for none
    Raises InvalidReception, SerialsExhausted, NotEnrolled; UnknownDossier for a slip that is not here; UnknownDossier,
    IllegalTransition for one filed online.
    """
    with write_transaction(desk.database):
        pen, packs = take_pen(desk, desk.identity(), clerk=clerk), desk.packs()
        checked = checked_reception(packs, reception, received_at)
        _check_manner(desk, manner, received_at)
        before = _registered(packs, registered, checked, received_at) if registered else None
        [stored] = _receive(pen, packs, [checked], received_at, manner, before)
        is_ahead = received_at > desk.as_worked(pen.now)
    return Recorded(stored=stored, is_ahead=is_ahead)


def record_receptions(
    desk: Desk, receptions: Sequence[Mapping[str, Any]], *, received_at: datetime, clerk: str, manner: Manner
) -> list[Recorded]:
    """Saves several dossiers that were handed in at one time, all of them or none; durable when it returns.

    Raises InvalidReception with the row of the first that does not fit, SerialsExhausted, NotEnrolled.
    """
    assert 1 <= len(receptions) <= RECEPTIONS_MAX, "the form bounds its rows"
    with write_transaction(desk.database):
        pen, packs = take_pen(desk, desk.identity(), clerk=clerk), desk.packs()
        checked = [_checked_row(packs, each, received_at, row) for row, each in enumerate(receptions, start=1)]
        _check_manner(desk, manner, received_at)
        stored = _receive(pen, packs, checked, received_at, manner, None)
        is_ahead = received_at > desk.as_worked(pen.now)
    return [Recorded(stored=each, is_ahead=is_ahead) for each in stored]


def record_refusal(
    desk: Desk, reception: Mapping[str, Any], reason: str, *, happened_at: datetime, clerk: str, registered: str = ""
) -> Recorded:
    """Saves that a dossier was not accepted, with the reason; it gets no code and counts nowhere.

    Raises InvalidReception, NotEnrolled; UnknownDossier, IllegalTransition for one filed online.
    """
    with write_transaction(desk.database):
        pen, packs = take_pen(desk, desk.identity(), clerk=clerk), desk.packs()
        checked = checked_reception(packs, reception, happened_at)
        if len(reason.strip()) < REASON_CHARACTERS_MIN:
            raise InvalidReception({"reason": [N_("Say why the dossier is not accepted.")]})
        refused = checked_payload(RefusedAtDesk(**checked, reason=reason))
        before = _registered(packs, registered, checked, happened_at) if registered else None
        stored = write(pen, packs, refused, happened_at=happened_at, before=before)
    return Recorded(stored=stored, is_ahead=False)


def record_registration(desk: Desk, reception: Mapping[str, Any], *, filed_at: datetime, clerk: str) -> Recorded:
    """Saves a dossier that was filed online and waits to be accepted. Raises InvalidReception, NotEnrolled."""
    with write_transaction(desk.database):
        pen, packs = take_pen(desk, desk.identity(), clerk=clerk), desk.packs()
        checked = checked_reception(packs, reception, filed_at)
        stored = write(pen, packs, Registered(**checked), happened_at=filed_at)
    return Recorded(stored=stored, is_ahead=False)


def appointment(desk: Desk, procedure_code: str, channel: str, received_at: datetime) -> datetime | None:
    """The appointment that a reception would get, None where the procedure is unknown or has no limit."""
    known = next((each for each in Channel if each.value == channel), Channel.DIRECT)
    return promised_at(desk.packs(), procedure_code, known, received_at)


REASON_CHARACTERS_MIN = 2


def is_possible(happened_at: datetime) -> bool:
    """Whether an instant can be of a dossier; what is far off cannot be shown in local time or printed in a code."""
    return YEAR_LEAST <= happened_at.year <= YEAR_MOST


def checked_reception(packs: Packs, reception: Mapping[str, Any], received_at: datetime) -> dict[str, Any]:
    """The fields of a reception in the forms in which they are stored; raises InvalidReception with all problems.

    What was received elsewhere and is only taken over is not measured by what this desk may receive today.
    """
    problems: dict[str, list[str]] = {}
    checked: dict[str, Any] = {}
    try:
        checked = INTAKE.load(reception)
    except ValidationError as error:
        problems = problems_of(error)
    is_own = checked.get("source", Source.DESK) is Source.DESK
    procedure = packs.procedures.get(str(reception.get("procedure_code", "")))
    if not is_possible(received_at):
        raise InvalidReception(problems | {"received_at": [N_("The date of reception cannot be right.")]})
    version = procedure.version_on(local_date(received_at)) if procedure and is_own else procedure
    if "procedure_code" not in problems and version is None:
        problems["procedure_code"] = [N_("This desk does not receive a procedure of this code.")]
    if version and checked and is_own and checked["channel"] not in version.channels:
        problems["channel"] = [N_("This procedure is not offered by this channel.")]
    if problems:
        raise InvalidReception(problems)
    return checked


def checked_payload(payload: Told) -> Told:
    """What a clerk says of a dossier in the form in which it will be read again; raises InvalidReception.

    Nothing is sealed that its own schema refuses: the centre would set it aside, and nobody could mend it any more.
    """
    said: Payload = payload
    try:
        return cast(Told, SCHEMAS[KINDS[type(said)]].load(payload_content(said)))
    except ValidationError as error:
        raise InvalidReception(problems_of(error)) from error


def problems_of(error: ValidationError) -> dict[str, list[str]]:
    """What is wrong by field; a correction's fields stand under their own names."""
    said = error.normalized_messages()
    changes = said.get("changes")
    if isinstance(changes, Mapping):
        said = {name: texts for name, texts in said.items() if name != "changes"} | dict(changes)
    return {str(name): _texts(texts) for name, texts in said.items()}


def next_code(pen: Pen, packs: Packs, received_at: datetime) -> str:
    """A new code of the day of reception; its number is used up by the transaction. Raises SerialsExhausted."""
    received_on = local_date(received_at)
    serial = next_serial(dossiers.last_serial(received_on), pen.identity.id.slot, packs.desk.serials, pen.end.epoch)
    dossiers.keep_serial(received_on, serial)
    return dossier_code(packs.desk.identifier_code, received_on, serial)


def use_up(pen: Pen, packs: Packs, code: str) -> None:
    """Keeps a code that stands on a slip from ever being given again, though this machine knows nothing of the slip."""
    identifier_code, received_on, serial = parse_code(code)
    blocks = serial_blocks(pen.identity.id.slot, packs.desk.serials, pen.end.epoch)
    is_own = any(serial in block for block in blocks)
    if is_own and identifier_code == packs.desk.identifier_code:
        dossiers.keep_serial(received_on, max(serial, dossiers.last_serial(received_on) or 0))


def _check_manner(desk: Desk, manner: Manner, received_at: datetime) -> None:
    """The slip to join is here, and no result was handed over on a day that has not come."""
    if manner.slip_code and not dossiers.of_slip(manner.slip_code):
        raise UnknownDossier(dossier=manner.slip_code)
    if manner.at_once and local_date(received_at) > local_date(desk.working_now()):
        raise InvalidReception({"received_at": [N_("This day lies in the future; write the day it happened.")]})


def _receive(
    pen: Pen,
    packs: Packs,
    receptions: Sequence[Mapping[str, Any]],
    received_at: datetime,
    manner: Manner,
    before: Stored | None,
) -> list[Stored]:
    """Seals receptions one after the other, and what was done at once with each."""
    received: list[Stored] = []
    for reception in receptions:
        code = next_code(pen, packs, received_at)
        first = received[0].dossier.dossier_code if manner.on_one_slip and received else ""
        payload = Received(dossier_code=code, slip_code=manner.slip_code or first, **reception)
        stored = write(pen, packs, payload, happened_at=received_at, before=before)
        received.append(_hand_over(pen, packs, stored, received_at) if manner.at_once else stored)
    return received


def _hand_over(pen: Pen, packs: Packs, stored: Stored, at: datetime) -> Stored:
    granted = Resolved(result_kind=ResultKind.GRANTED, on_the_spot=True)
    delivered = Delivered(delivered_to=stored.text("submitter_name"), delivered_by=DeliveryMethod.COUNTER)
    ready = write(pen, packs, granted, happened_at=at, before=stored)
    return write(pen, packs, delivered, happened_at=at, before=ready)


def _registered(packs: Packs, ref: str, checked: Mapping[str, Any], at: datetime) -> Stored:
    """The dossier filed online that is accepted or refused now."""
    before = dossiers.by_ref(ref)
    if before is None:
        raise UnknownDossier(dossier=ref)
    rules = packs.desk.rules.on(before.dossier.received_on)
    check_follows(
        before.dossier,
        RefusedAtDesk(**checked, reason="-"),
        at,
        supplements_most=rules.supplements_most,
        extensions_most=rules.extensions_most,
    )
    return before


def _checked_row(packs: Packs, reception: Mapping[str, Any], received_at: datetime, row: int) -> dict[str, Any]:
    try:
        return checked_reception(packs, reception, received_at)
    except InvalidReception as error:
        raise InvalidReception(error.problems, row) from error


def _texts(said: Any) -> list[str]:
    """The texts about a field, also of one that holds others."""
    if isinstance(said, str):
        return [said]
    parts = said.values() if isinstance(said, Mapping) else said
    return [text for part in parts for text in _texts(part)]
