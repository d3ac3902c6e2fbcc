"""Receiving a contact: custody before judgement. One transaction: ledger, projection, counters, statement."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from central_server.central import Central
from central_server.services import standing
from central_server.services.handing_down import handed_down
from central_server.services.judging import Judged, judge
from central_server.services.keeping import changes, keep_judged
from central_server.services.packing_up import packs_in_force
from central_server.storage import archives, counters, declarations, devices, dossiers, ledger
from central_server.storage.centre import CentreRow
from central_server.storage.database import reading, write_transaction
from central_server.storage.devices import Device
from central_server.storage.ledger import JudgedEntry
from sync_protocol.entries import OF_ANOTHER_MACHINE, OUT_OF_SEQUENCE, BadEntry, Header, SealedEntry
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Declared
from sync_protocol.packing import Contact, unpack_contact, unpack_entries
from sync_protocol.periods import Period
from sync_protocol.signing import encoded
from sync_protocol.statements import Receipt, Statement, device_of, read_statement
from sync_protocol.vocabulary import Declaration, DeviceId, VerdictKind

TICKET_BYTES = 9


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


def accept_contact(central: Central, raw: bytes) -> dict[str, Any]:
    """Takes what a device sends and answers with the signed receipt; durable when it returns.

    Raises BadFrame, NotADocument, BadStatement, UnknownDevice, TrainingMismatch, BadSignature, BodyMismatch,
    BadEntry, BrokenChain: cannot authenticate, or not a chain. What an entry says never refuses it.
    """
    about = central.about()
    contact = unpack_contact(raw)
    statement = _authenticated(central, about, contact)
    entries = unpack_entries(contact.entries_section)
    now = central.now()
    with write_transaction(central.database):
        last_sequence = ledger.locked_sequence(statement.device.desk)
        device = devices.by_id(statement.device)
        assert device is not None, "an enrolled device is never removed"
        judged = judge(device.id.desk, _extension(device, statement, entries))
        keep_judged(central.database, device.id.desk, judged, last_sequence, now)
        after = _advanced(central, device, statement, judged, now)
        _keep_statement(contact, statement, judged, device, after, now)
        packs = packs_in_force(device.id.desk)
        archived = archives.up_to(after.id, after.epoch)
        down = handed_down(
            after,
            statement,
            incarnation=about.incarnation,
            common=_common(after, statement, judged),
            ledger_end=last_sequence + len(judged.entries),
        )
    receipt = replace(
        _receipt(about, after, now), archived_up_to=archived, down_hash=hashlib.sha256(down).digest() if down else b""
    )
    return ({"down": encoded(down)} if down else {}) | {
        "receipt": receipt.signed_by(central.keys.signing).as_json(),
        "verdicts": [
            [each.header.sequence, each.verdict.value, each.reason]
            for each in judged.entries
            if each.verdict is not VerdictKind.APPLIED
        ],
        "packs": packs,
        "standings": standing.told_to_desk(central, about, device.id.desk, now),
    }


def _authenticated(central: Central, about: CentreRow, contact: Contact) -> Statement:
    device_id, is_training = device_of(contact.statement)
    if is_training != about.training:
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


def _extension(device: Device, statement: Statement, entries: Sequence[SealedEntry]) -> list[JudgedEntry]:
    """Checks the chain and gives what is new, not judged yet; nothing where nothing continues what is held."""
    headers = [entry.header for entry in entries]
    _check_frame(statement, headers)
    _check_head(device, statement)
    if not entries or headers[0].sequence > device.head + 1 or headers[0].epoch != device.epoch:
        return []
    return _chained(device, statement, headers, entries)


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
) -> list[JudgedEntry]:
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
            chained.append(JudgedEntry(sealed=entry, header=header, entry_hash=previous))
    if headers[-1].sequence == statement.head and previous != statement.hash:
        raise BrokenChain
    return chained


def _advanced(central: Central, device: Device, statement: Statement, judged: Judged, now: datetime) -> Device:
    """The device after this contact. An older statement that comes again moves nothing: its head is behind."""
    is_current = statement.head >= device.stated_head
    last = judged.entries[-1] if judged.entries else None
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
    contact: Contact, statement: Statement, judged: Judged, before: Device, after: Device, now: datetime
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
        _keep_declarations(after.id, judged, now, words=dict(statement.declarations))
    else:
        counters.subtract_unsent(after.id, changes(judged.entries))
        _keep_declarations(after.id, judged, now)
    covering_at = counters.covering_statement(after.id, after.epoch, after.head)
    covered_until = max(filter(None, (covering_at, before.covered_until)), default=None)
    devices.keep_contact(replace(after, covered_until=covered_until), statement.free_disk_mb)


def _keep_declarations(
    device: DeviceId, judged: Judged, now: datetime, words: Mapping[Period, Declaration] | None = None
) -> None:
    """Keeps the last word on each period, and how it was explained.

    words  the last word on each period by the statement, which names all; None for one that comes behind a newer one:
           then a word that is held stands, and an entry only explains it
    """
    for event in judged.declarations:
        declared = event.payload
        assert isinstance(declared, Declared)
        if words is None and declarations.word(device, declared.period) not in (None, declared.declaration):
            continue
        declarations.keep(device, declared, clerk=event.header.clerk, declared_at=event.happened_at, stated_at=now)
    for period, declaration in (words or {}).items():
        declarations.keep_word(device, period, declaration, now)


def _common(device: Device, statement: Statement, judged: Judged) -> int:
    """Up to where, in the stated epoch, the chain here is known to be the device's own."""
    is_compared = judged.entries or (statement.epoch, statement.head) == (device.epoch, device.head)
    return device.head if is_compared else statement.acknowledged


def _receipt(about: CentreRow, device: Device, now: datetime) -> Receipt:
    return Receipt(
        device=device.id,
        epoch=device.epoch,
        up_to=device.head,
        hash=device.head_hash,
        at=now,
        incarnation=about.incarnation,
        ticket=device.ticket,
        archived_up_to=0,
    )
