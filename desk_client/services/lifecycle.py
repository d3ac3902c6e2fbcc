"""What happens to a dossier after it was handed in: each step recorded, or refused with what is possible instead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from desk_client.desk import Desk
from desk_client.services.projecting import events_about, events_of, sealed, write
from desk_client.services.recording import (
    INTAKE,
    InvalidReception,
    Recorded,
    checked_payload,
    checked_reception,
    is_possible,
    use_up,
)
from desk_client.services.sealing import Pen, take_pen
from desk_client.storage import clerks, dossiers
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.dossiers import Stored
from sync_protocol.dossier_codes import parse_code
from sync_protocol.dossiers import Dossier, UnknownDossier
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Corrected, Delivered, Event, Extended, Printed, Rated, Step, Voided
from sync_protocol.instants import local_date, parse_instant
from sync_protocol.packs import Packs
from sync_protocol.schemas import CHANGES, CORRECTABLE
from sync_protocol.transitions import check_follows, illegal
from sync_protocol.vocabulary import PaperForm, Role


class ForHeadsOnly(FieldSyncError):
    """Only the head of the desk may do this."""

    code = "for_heads_only"
    text = N_("Only the head of the desk may take a dossier out of the counts. Nothing was changed; ask the head to.")


class NothingChanged(FieldSyncError):
    """A correction that leaves every field as it is."""

    code = "nothing_changed"
    text = N_("No field was changed, so nothing was recorded. Change a field first, or leave the page.")


class KnownHere(FieldSyncError):
    """A slip that is said to be unknown belongs to a dossier that is here."""

    code = "known_here"
    text = N_("The dossier %(dossier)s is on this machine. Nothing was changed; open it and go on there.")


class HandedOverBefore(FieldSyncError):
    """The result of a slip whose dossier is not here is handed over a second time."""

    code = "handed_over_before"
    text = N_("The result of the slip %(dossier)s was noted as handed over before. Nothing more was recorded.")


RESULT_FIELDS = frozenset(CHANGES.fields) - frozenset(INTAKE.fields) - {"received_at"}
"""Fields that a correction can reach only once there is a result."""


def record_step(desk: Desk, ref: str, step: Step, *, happened_at: datetime, clerk: str) -> Recorded:
    """Saves what happened to a dossier named by its code or id; durable when it returns.

    Raises UnknownDossier, IllegalTransition, AlreadyAsked, OutOfOrder, InvalidReception (fields that do not fit, the
    time as `happened_at`), NothingChanged, ForHeadsOnly, NotEnrolled.
    """
    [recorded] = record_steps(desk, [(ref, [step])], happened_at=happened_at, clerk=clerk)
    return recorded


def record_steps(
    desk: Desk, work: Iterable[tuple[str, Sequence[Step]]], *, happened_at: datetime, clerk: str
) -> list[Recorded]:
    """Saves what happened in one action, all of it or nothing: of each dossier, its steps in their order.

    Raises what `record_step` does.
    """
    checked = [(ref, [checked_payload(step) for step in steps]) for ref, steps in work]
    with write_transaction(desk.database):
        pen, packs = take_pen(desk, desk.identity(), clerk=clerk), desk.packs()
        now = desk.working_now()
        _check_time(happened_at, now)
        done = [_take_steps(pen, packs, _known(ref), steps, happened_at) for ref, steps in checked]
    return [Recorded(stored=stored, is_ahead=happened_at > now) for stored in done]


def take_step(pen: Pen, packs: Packs, before: Stored, step: Step, happened_at: datetime) -> Stored:
    """Checks and seals a step inside the caller's transaction, who puts the row of the dossier.

    Raises what record_step does, but for the time.
    """
    _check(packs, before, step, happened_at, pen.clerk)
    step = _narrowed(packs, before, step) if isinstance(step, Corrected) else step
    return sealed(pen, packs, step, happened_at=happened_at, before=before, base=_base(before.dossier, step))


def record_rating(desk: Desk, rated: Rated, *, happened_at: datetime, clerk: str) -> None:
    """Saves a citizen's answer about no dossier in particular; raises InvalidReception, NotEnrolled."""
    with write_transaction(desk.database):
        _check_time(happened_at, desk.working_now())
        pen = take_pen(desk, desk.identity(), clerk=clerk)
        pen.append(pen.draft(checked_payload(rated), happened_at=happened_at))


def record_print(desk: Desk, ref: str, form: PaperForm, *, clerk: str) -> int:
    """Notes that a form of a dossier is printed; gives which print it is, 1 for the first.

    Raises UnknownDossier, and IllegalTransition of one whose content was erased.
    """
    with write_transaction(desk.database):
        pen, packs = take_pen(desk, desk.identity(), clerk=clerk), desk.packs()
        before = _known(ref)
        if before.dossier.is_erased:
            raise illegal(before.dossier)
        copy = 1 + sum(
            isinstance(event.payload, Printed) and event.payload.form is form for event in events_of(before.dossier.id)
        )
        write(pen, packs, Printed(form=form, copy=copy), happened_at=pen.now, before=before)
    return copy


def deliver_unseen(desk: Desk, dossier_code: str, delivered: Delivered, *, happened_at: datetime, clerk: str) -> None:
    """Saves that the result of a slip which this machine has never seen was handed over; it meets its dossier later.

    Raises BadDossierCode, KnownHere, HandedOverBefore, InvalidReception, NotEnrolled.
    """
    parse_code(dossier_code)
    with write_transaction(desk.database):
        _check_time(happened_at, desk.working_now())
        if dossiers.by_ref(dossier_code) or dossiers.of_slip(dossier_code):
            raise KnownHere(dossier=dossier_code)
        if events_about(dossier_code):
            raise HandedOverBefore(dossier=dossier_code)
        pen = take_pen(desk, desk.identity(), clerk=clerk)
        use_up(pen, desk.packs(), dossier_code)
        pen.append(pen.draft(checked_payload(delivered), happened_at=happened_at, subject=dossier_code))


def unseen_deliveries(desk: Desk, dossier_code: str) -> list[Event]:
    """What was recorded against a slip whose dossier is not here."""
    with reading(desk.database):
        return events_about(dossier_code)


def dossier_of(desk: Desk, ref: str) -> Stored:
    """A dossier by its code or id; raises UnknownDossier."""
    with reading(desk.database):
        return _known(ref)


def _known(ref: str) -> Stored:
    stored = dossiers.by_ref(ref)
    if stored is None:
        raise UnknownDossier(dossier=ref)
    return stored


def _check_time(happened_at: datetime, now: datetime) -> None:
    """What happened has happened, in a year that can be."""
    if not is_possible(happened_at):
        raise InvalidReception({"happened_at": [N_("This day cannot be right.")]})
    if local_date(happened_at) > local_date(now):
        raise InvalidReception({"happened_at": [N_("This day lies in the future; write the day it happened.")]})


def _take_steps(pen: Pen, packs: Packs, before: Stored, steps: Sequence[Step], happened_at: datetime) -> Stored:
    for step in steps:
        before = take_step(pen, packs, before, step, happened_at)
    return dossiers.put(before)


def _check(packs: Packs, before: Stored, step: Step, happened_at: datetime, clerk: str) -> None:
    if isinstance(step, Voided) and not clerks.has_role(clerk, Role.HEAD):
        raise ForHeadsOnly
    rules = packs.desk.rules.on(before.dossier.received_on)
    check_follows(
        before.dossier,
        step,
        happened_at,
        supplements_most=rules.supplements_most,
        extensions_most=rules.extensions_most,
    )


def _narrowed(packs: Packs, before: Stored, step: Corrected) -> Corrected:
    """The correction with only the fields that it really changes; it may leave nothing wrong that was right before."""
    facts = CHANGES.dump(before.dossier)
    held = {name: facts.get(name) for name in CORRECTABLE} | dict(before.content)
    changes = {name: value for name, value in step.changes.items() if (held.get(name) or None) != (value or None)}
    if not changes:
        raise NothingChanged
    if early := sorted(RESULT_FIELDS & set(changes)) if before.dossier.resolved_at is None else []:
        raise InvalidReception({name: [N_("There is no result yet.")] for name in early})
    standing = _problems(packs, before, held)
    problems = {
        name: texts for name, texts in _problems(packs, before, held | changes).items() if texts != standing.get(name)
    }
    if problems:
        raise InvalidReception(problems)
    return replace(step, changes=changes)


def _problems(packs: Packs, before: Stored, facts: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """What would be wrong with a dossier if these were its facts."""
    reception = {name: value for name, value in facts.items() if name in INTAKE.fields and value is not None}
    try:
        checked_reception(
            packs, reception | {"source": before.dossier.source.value}, parse_instant(facts["received_at"])
        )
    except InvalidReception as error:
        return error.problems
    return {}


def _base(dossier: Dossier, step: Step) -> dict[str, str]:
    """Per field that a step sets anew, the entry whose value it replaces: so two machines' words can be compared."""
    match step:
        case Corrected(changes=changes):
            return dossier.base_of(changes)
        case Extended():
            return dossier.base_of(["due_on"])
        case _:
            return {}
