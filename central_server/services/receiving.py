"""Receiving a contact: custody before judgement. One transaction: ledger, projection, counters, statement."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from central_server.central import Central
from central_server.services.packing_up import packs_in_force
from central_server.storage import counters, devices, dossiers, ledger
from central_server.storage.database import reading, write_transaction
from central_server.storage.devices import Device
from central_server.storage.ledger import JudgedEntry
from sync_protocol.dossiers import Dossier, counted_change, fold
from sync_protocol.entries import OF_ANOTHER_MACHINE, OUT_OF_SEQUENCE, BadEntry, Header, SealedEntry
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Declared, Delivered, Event, Received, Resolved, Voided
from sync_protocol.instants import local_date
from sync_protocol.packing import Contact, unpack_contact, unpack_entries
from sync_protocol.schemas import UnknownKind, read_event
from sync_protocol.signing import encoded
from sync_protocol.statements import Receipt, Statement, device_of, read_statement
from sync_protocol.vocabulary import DeviceId, EventKind, VerdictKind

log = logging.getLogger(__name__)
TICKET_BYTES = 9
DOSSIER_EVENTS = (Received, Resolved, Delivered, Voided)


class UnknownDevice(FieldSyncError):
    """No such device is enrolled here."""

    code = "unknown_device"
    text = N_(
        "This machine is not enrolled at this centre. Everything recorded on it stays safe there; "
        "ask your supervisor for a new enrolment code."
    )


class TrainingMismatch(FieldSyncError):
    """A training device speaks to a real centre, or the other way round."""

    code = "training_mismatch"
    text = N_(
        "A training machine and a real centre never exchange dossiers. Nothing was taken; check the centre's address."
    )


class BodyMismatch(FieldSyncError):
    """The entries are not those that the signed statement announces."""

    code = "body_mismatch"
    text = N_("The entries are not those that the machine signed for. Nothing was taken; it sends them again.")


class BrokenChain(FieldSyncError):
    """The entries do not fit together, or not to what the centre holds."""

    code = "broken_chain"
    text = N_(
        "The machine's entries do not continue what the centre holds of it. Nothing was thrown away on either side; "
        "the province has to look at it."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What a batch adds to the ledger of its device."""

    entries: Sequence[JudgedEntry]
    dossiers: Mapping[str, Dossier]
    counts: Mapping[date, int]
    declarations: Sequence[Declared]


def accept_contact(central: Central, raw: bytes) -> dict[str, Any]:
    """Takes what a device sends and answers with the signed receipt; durable when it returns.

    Raises BadFrame, NotADocument, BadStatement, UnknownDevice, TrainingMismatch, BadSignature, BodyMismatch,
    BadEntry, BrokenChain: cannot authenticate, or not a chain. What an entry says never refuses it.
    """
    contact = unpack_contact(raw)
    statement = _authenticated(central, contact)
    entries = unpack_entries(contact.entries_section)
    now = central.now()
    with write_transaction(central.database):
        last_sequence = ledger.locked_sequence(statement.device.desk)
        device = devices.by_id(statement.device)
        assert device is not None, "an enrolled device is never removed"
        extension = _extension(device, statement, entries)
        if extension.entries:
            ledger.append(central.database, device.id.desk, extension.entries, last_sequence, now)
            dossiers.keep(central.database, device.id.desk, extension.dossiers.values())
            counters.add(device.id, extension.counts, local_date(now))
        after = _advanced(central, device, statement, extension, now)
        _keep_statement(contact, statement, extension, device, after, now)
        verdicts = [
            [each.header.sequence, each.verdict.value, each.reason]
            for each in extension.entries
            if each.verdict is not VerdictKind.APPLIED
        ]
        packs = packs_in_force(device.id.desk)
    return {
        "receipt": _receipt(central, after, now).signed_by(central.keys.signing).as_json(),
        "verdicts": verdicts,
        "packs": packs,
    }


def _authenticated(central: Central, contact: Contact) -> Statement:
    device_id, is_training = device_of(contact.statement)
    if is_training != central.about().training:
        raise TrainingMismatch
    with reading(central.database):
        device = devices.by_id(device_id)
    if device is None:
        raise UnknownDevice
    statement = read_statement(contact.statement, device.signing_key)
    announced = hashlib.sha256(contact.entries_section).digest() if contact.entries_section else b""
    if statement.body_hash != announced:
        raise BodyMismatch
    return statement


def _extension(device: Device, statement: Statement, entries: Sequence[SealedEntry]) -> Extension:
    """Checks the chain and judges what is new; an empty extension where nothing continues what is held."""
    headers = [entry.header for entry in entries]
    _check_frame(statement, headers)
    _check_head(device, statement)
    if not entries or headers[0].sequence > device.head + 1 or headers[0].epoch != device.epoch:
        return Extension(entries=(), dossiers={}, counts={}, declarations=())
    chained = _chained(device, statement, headers, entries)
    return _judged(device.id, chained)


def _check_frame(statement: Statement, headers: Sequence[Header]) -> None:
    for ahead, header in enumerate(headers):
        if header.slot != statement.device.slot or header.epoch != statement.epoch:
            raise BadEntry(reason=OF_ANOTHER_MACHINE)
        if header.sequence != headers[0].sequence + ahead or not 1 <= header.sequence <= statement.head:
            raise BadEntry(reason=OUT_OF_SEQUENCE)


def _check_head(device: Device, statement: Statement) -> None:
    """A journal that is said to end where the centre holds more has to be the same journal up to there."""
    if statement.epoch != device.epoch or not 1 <= statement.head <= device.head:
        return
    held = ledger.hashes(device.id, device.epoch, statement.head, statement.head)
    if held[statement.head] != statement.hash:
        raise BrokenChain


def _chained(
    device: Device, statement: Statement, headers: Sequence[Header], entries: Sequence[SealedEntry]
) -> list[tuple[Header, SealedEntry, bytes]]:
    """The entries that continue what is held, with their hashes; those held already must be the same."""
    first = headers[0].sequence
    held = ledger.hashes(device.id, device.epoch, first - 1, device.head)
    previous = held[first - 1] if first > 1 else devices.origin(device.id)
    chained = []
    for header, entry in zip(headers, entries, strict=True):
        previous = entry.hash_after(previous)
        if held.get(header.sequence, previous) != previous:
            raise BrokenChain
        if header.sequence > device.head:
            chained.append((header, entry, previous))
    if headers[-1].sequence == statement.head and previous != statement.hash:
        raise BrokenChain
    return chained


def _judged(device: DeviceId, chained: Sequence[tuple[Header, SealedEntry, bytes]]) -> Extension:
    known = dossiers.by_ids(device.desk, (header.subject for header, _, _ in chained if header.subject))
    changed: dict[str, Dossier] = {}
    counts: dict[date, int] = {}
    entries, declarations = [], []
    for header, sealed, entry_hash in chained:
        judged = JudgedEntry(sealed=sealed, header=header, entry_hash=entry_hash)
        try:
            event = read_event(sealed)
            if isinstance(event.payload, Declared):
                declarations.append(event.payload)
            if isinstance(event.payload, DOSSIER_EVENTS):
                judged = _folded(judged, event, known, changed, counts)
        except UnknownKind as error:
            judged = replace(judged, verdict=VerdictKind.FUTURE, reason=error.code)
        except FieldSyncError as error:
            judged = _set_aside(judged, error.code)
        # A payload that breaks the rules in a way nobody foresaw must not block its neighbours: it is kept, set
        # aside and reported to whoever runs the centre.
        except Exception as error:
            log.exception("entry %s of desk %s breaks the projection", header.id, device.desk)
            judged = _set_aside(judged, type(error).__name__)
        entries.append(judged)
    return Extension(entries=entries, dossiers=changed, counts=counts, declarations=declarations)


def _folded(
    judged: JudgedEntry, event: Event, known: dict[str, Dossier], changed: dict[str, Dossier], counts: dict[date, int]
) -> JudgedEntry:
    subject = str(event.header.id) if isinstance(event.payload, Received) else event.header.subject
    before = known.get(subject)
    after = fold(before, event)
    known[subject] = changed[subject] = after
    received_on, left_on = counted_change(before, after)
    for day, step in ((received_on, 1), (left_on, -1)):
        if day:
            counts[day] = counts.get(day, 0) + step
    return replace(judged, received_on=received_on, left_on=left_on)


def _set_aside(judged: JudgedEntry, reason: str) -> JudgedEntry:
    is_reception = judged.header.kind == EventKind.RECEIVE
    return replace(
        judged,
        verdict=VerdictKind.QUARANTINED,
        reason=reason,
        undecided_on=local_date(judged.header.happened_at) if is_reception else None,
    )


def _advanced(central: Central, device: Device, statement: Statement, extension: Extension, now: datetime) -> Device:
    """The device after this contact. An older statement that comes again moves nothing: its head is behind."""
    is_current = statement.head >= device.stated_head
    last = extension.entries[-1] if extension.entries else None
    return replace(
        device,
        app_version=statement.app_version,
        heard_at=now,
        stated_at=_stated_at(device, statement, now) if is_current else device.stated_at,
        stated_head=max(statement.head, device.stated_head),
        head=last.header.sequence if last else device.head,
        head_hash=last.entry_hash if last else device.head_hash,
        ticket=encoded(central.randomness(TICKET_BYTES)),
        previous_ticket=device.ticket,
    )


def _stated_at(device: Device, statement: Statement, now: datetime) -> datetime | None:
    """When a statement was made: its corrected time, never after the centre's own and never going back.

    A clock that runs ahead proves only that the statement was made after its ticket was given, so a copy of it that
    comes later, with a ticket long replaced, must not pass for a fresh one.
    """
    is_fresh = statement.ticket in (device.ticket, device.previous_ticket)
    at = statement.at if statement.at <= now else now if is_fresh else None
    return max(filter(None, (at, device.stated_at)), default=None)


def _keep_statement(
    contact: Contact, statement: Statement, extension: Extension, before: Device, after: Device, now: datetime
) -> None:
    """Keeps the statement and what follows from it: what is held back, and how far the device is covered.

    What it holds back is what it stated, less exactly those of these entries that are here. A statement that comes
    late, behind a newer one, says nothing; what came with it is no longer held back.
    """
    is_step = after.head != before.head or statement.head != before.stated_head
    if after.stated_at is not None:
        counters.keep_statement(statement, contact.statement, after.stated_at, now, is_step=is_step)
    if statement.epoch == after.epoch and after.stated_head == statement.head:
        here = ledger.counted_after(after.id, after.epoch, statement.acknowledged)
        days = set(statement.unsent) | set(here)
        counters.replace_unsent(after.id, {day: statement.unsent.get(day, 0) - here.get(day, 0) for day in days})
        _keep_declarations(after.id, statement, extension, now)
    else:
        counters.subtract_unsent(after.id, extension.counts)
    covering_at = counters.covering_statement(after.id, after.epoch, after.head)
    covered_until = max(filter(None, (covering_at, before.covered_until)), default=None)
    devices.keep_contact(replace(after, covered_until=covered_until), statement.free_disk_mb)


def _keep_declarations(device: DeviceId, statement: Statement, extension: Extension, now: datetime) -> None:
    """Keeps the last word on each period: the statement's own come after those of the entries, as it names them all."""
    declared = [(each.period, each.declaration) for each in extension.declarations]
    for period, declaration in (*declared, *statement.declarations):
        counters.keep_declaration(device, period, declaration, now)


def _receipt(central: Central, device: Device, now: datetime) -> Receipt:
    return Receipt(
        device=device.id,
        epoch=device.epoch,
        up_to=device.head,
        hash=device.head_hash,
        at=now,
        incarnation=central.about().incarnation,
        ticket=device.ticket,
        archived_up_to=0,
    )
