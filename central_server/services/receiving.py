"""Receiving a contact: custody before judgement. One transaction: ledger, projection, counters, statement."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from central_server.central import Central
from central_server.services import standing
from central_server.services.comparing import Reach, compare, is_short, without_twins
from central_server.services.gaps import close_gaps, keep_aside, keep_explained, set_aside_by_state
from central_server.services.handing_down import HandedDown, handed_down, is_other_ledger, is_told
from central_server.services.holding import told_to_device
from central_server.services.holding_back import end, keep_apart, set_apart, still_held_back, without
from central_server.services.judging import Judged, judge
from central_server.services.keeping import changes, keep_judged
from central_server.services.packing_up import packs_in_force
from central_server.services.speaking import (
    Speaker,
    is_put_back,
    keep_speaker,
    next_ticket,
    note_copy,
    shelve,
    speaker_of,
)
from central_server.storage import archives, branches, centre, counters, declarations, devices, knowing, ledger, stated
from central_server.storage.centre import CentreRow
from central_server.storage.database import reading, write_transaction
from central_server.storage.devices import Device
from sync_protocol.entries import SealedEntry
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Declared
from sync_protocol.packing import CODINGS, Contact, unpack_contact
from sync_protocol.periods import Period
from sync_protocol.signing import Signed, encoded
from sync_protocol.statements import Receipt, Statement, device_of, read_statement
from sync_protocol.vocabulary import Declaration, DeviceId, VerdictKind

INCARNATION_BYTES = 9


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What a device has said in a contact, and what has become of its entries.

    signed      the statement as it came
    speaker     the device as the epoch that speaks knows it
    reach       how far that epoch is held, with the new entries as they were judged
    is_current  whether the statement is the last word of its epoch
    """

    signed: Signed
    statement: Statement
    speaker: Speaker
    reach: Reach
    judged: Judged
    is_current: bool
    at: datetime


def accept_contact(central: Central, raw: bytes) -> dict[str, Any]:
    """Takes what a device sends and answers with the signed receipt; durable when it returns.

    Raises BadFrame, NotADocument, BadStatement, UnknownDevice, TrainingMismatch, BadSignature, BodyMismatch,
    BadEntry, BrokenChain: cannot authenticate, or not a chain. What an entry says never refuses it.
    """
    about = central.about()
    contact = unpack_contact(raw)
    statement = _authenticated(central, about, contact)
    entries = contact.entries()
    now = central.now_by(about)
    with write_transaction(central.database):
        last_sequence = ledger.locked_sequence(statement.device.desk)
        heard = _heard(central, contact.statement, statement, entries, last_sequence, now)
        about = _named(central, about, heard, last_sequence)
        after = _kept(heard, next_ticket(heard.speaker.device, about.incarnation, central.randomness))
        connected = close_gaps(central, after.id, heard.reach, now)
        knowing.note(after.id, now)
        packs = packs_in_force(after.id.desk)
        held = told_to_device(after.id.desk, statement.held, now)
        down = handed_down(
            after,
            statement,
            heard.reach,
            incarnation=about.incarnation,
            ledger_end=last_sequence + len(heard.judged.entries) + connected,
        )
        receipt = _receipt(about, after, heard.reach, down, now)
    return (
        ({"down": encoded(down.down)} if down.down else {})
        | held
        | {
            "receipt": receipt.signed_by(central.keys.signing).as_json(),
            "verdicts": _verdicts(heard),
            "packs": packs,
            "standings": standing.told_to_desk(central, about, after.id.desk, now),
            "device_state": heard.speaker.present.state.value,
            "codings": list(CODINGS),
        }
    )


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


def _heard(
    central: Central,
    signed: Signed,
    statement: Statement,
    entries: Sequence[SealedEntry],
    last_sequence: int,
    now: datetime,
) -> _Heard:
    """Takes the entries of a contact into custody and judges them.

    last_sequence  where the ledger of the desk ended
    """
    device = devices.by_id(statement.device)
    assert device is not None, "an enrolled device is never removed"
    speaker = speaker_of(device, statement)
    reach = compare(device.id, speaker.heads(), statement, entries)
    # One that is told nothing could not learn under which ids the centre holds what it has written again.
    if is_told(device):
        reach = without_twins(device.id, speaker.heads(), statement, reach)
    judged = judge(device.id.desk, reach.new, held=set_aside_by_state(device, reach.new))
    keep_judged(central.database, device.id.desk, judged, last_sequence, now)
    reach = replace(reach, new=judged.entries)
    keep_aside(device.id, reach, now)
    return _Heard(
        signed=signed,
        statement=statement,
        speaker=speaker,
        reach=reach,
        judged=judged,
        is_current=_is_current(speaker, statement, reach),
        at=now,
    )


def _is_current(speaker: Speaker, statement: Statement, reach: Reach) -> bool:
    """Whether a statement is the last word of its epoch: only one that goes on from what was stated is.

    An older one that comes again has its head behind; one that parts from what is held says nothing of it, and one
    that takes for held what a centre that was put back has lost would leave that counted nowhere.
    """
    is_behind = statement.head < speaker.device.stated_head
    return not is_behind and not reach.is_parted and not is_short(statement, reach, speaker.heads())


def _kept(heard: _Heard, ticket: tuple[str, str]) -> Device:
    """Keeps what was stated, and what follows of it for the epochs of the device; gives the one that spoke, after it.

    ticket  the one to give with the answer, and the one before
    """
    speaker, statement, reach = heard.speaker, heard.statement, heard.reach
    after = _advanced(heard, ticket)
    if after.epoch > speaker.present.epoch:
        shelve(speaker, statement, heard.at)
    note_copy(speaker, statement, heard.at)
    set_apart(speaker.device, after.head)
    after = _keep_statement(heard, after)
    if reach.is_parted:
        after = _taken_back(heard, after)
        keep_apart(speaker.device)
    keep_speaker(speaker, after, statement, reach, heard.at)
    return after


def _advanced(heard: _Heard, ticket: tuple[str, str]) -> Device:
    """The epoch that spoke, with what has come and what it states."""
    device, statement = heard.speaker.device, heard.statement
    last = next((each for each in reversed(heard.reach.new) if each.header.epoch == device.epoch), None)
    return replace(
        device,
        app_version=statement.app_version,
        heard_at=heard.at,
        stated_at=_stated_at(device, statement, heard.at) if heard.is_current else device.stated_at,
        stated_head=statement.head if heard.is_current else device.stated_head,
        head=last.header.sequence if last else device.head,
        head_hash=last.entry_hash if last else device.head_hash,
        ticket=ticket[0],
        previous_ticket=ticket[1],
    )


def _stated_at(device: Device, statement: Statement, now: datetime) -> datetime | None:
    """When a statement was made: its corrected time, never after the centre's own and never going back.

    A clock that runs ahead proves only that the statement was made after its ticket was given, so a copy of it that
    comes later, with a ticket long replaced, must not pass for a fresh one.
    """
    is_fresh = statement.ticket in (device.ticket, device.previous_ticket)
    at = statement.at if statement.at <= now else now if is_fresh else None
    return max(filter(None, (at, device.stated_at)), default=None)


def _keep_statement(heard: _Heard, after: Device) -> Device:
    """Keeps the statement and gives its epoch with how far it is covered by it.

    What it holds back is what it stated, less exactly those of these entries that are here. A statement that comes
    late, behind a newer one, says nothing; what came with it is no longer held back.
    """
    before, statement, judged, reach = heard.speaker.device, heard.statement, heard.judged, heard.reach
    is_step = after.head != before.head or statement.head != before.stated_head
    stated_at = after.stated_at if heard.is_current else min(statement.at, heard.at)
    if stated_at is not None:
        epoch = statement.epoch if heard.is_current else -statement.epoch if reach.is_parted else 0
        stated.keep(statement, heard.signed, stated_at, heard.at, epoch=epoch, is_step=is_step)
    if heard.is_current:
        _keep_unsent(heard.speaker, after, still_held_back(statement, reach))
        _keep_declarations(after.id, judged, heard.at, dict(statement.declarations))
    else:
        _keep_arrived(heard.speaker, after, judged, reach)
        keep_explained(after.id.desk, judged, heard.at)
    covering_at = stated.covered_until(after.id, after.epoch, after.head)
    return replace(after, covered_until=max(filter(None, (covering_at, before.covered_until)), default=None))


def _taken_back(heard: _Heard, after: Device) -> Device:
    """The epoch without what was taken for its word before the entries came and showed another journal."""
    statement = heard.statement
    came = [end(each.header.epoch, each.header.sequence, each.entry_hash) for each in heard.reach.foreign]
    told = without(after, [*came, end(statement.epoch, statement.head, statement.hash)])
    if told is None:
        return after
    device, counts = told
    _keep_unsent(heard.speaker, device, counts)
    return device


def _keep_unsent(speaker: Speaker, after: Device, counts: Mapping[date, int]) -> None:
    if speaker.is_present:
        counters.replace_unsent(after.id, counts)
    else:
        branches.replace_unsent(after, counts)


def _keep_arrived(speaker: Speaker, after: Device, judged: Judged, reach: Reach) -> None:
    own = {each.header.id for each in reach.new if each.header.epoch == after.epoch}
    came = changes(each for each in judged.entries if each.header.id in own)
    if speaker.is_present:
        counters.subtract_unsent(after.id, came)
    else:
        branches.subtract_unsent(after, came)


def _keep_declarations(device: DeviceId, judged: Judged, now: datetime, words: Mapping[Period, Declaration]) -> None:
    """Keeps the last word on each period by the statement, which names all, and how it was explained."""
    for event in judged.declarations:
        declared = event.payload
        assert isinstance(declared, Declared)
        declarations.keep(device, declared, clerk=event.header.clerk, declared_at=event.happened_at, stated_at=now)
    for period, declaration in words.items():
        declarations.keep_word(device, period, declaration, now)


def _named(central: Central, about: CentreRow, heard: _Heard, last_sequence: int) -> CentreRow:
    """The centre; under another name where a device shows that it was put back, and all send again what it lacks."""
    statement = heard.statement
    is_another = is_other_ledger(statement, about.incarnation, last_sequence)
    if not is_another and not is_put_back(heard.speaker, statement, heard.reach, about.incarnation):
        return about
    incarnation = encoded(central.randomness(INCARNATION_BYTES))
    centre.renew(incarnation)
    archives.leave_slots_out()
    return replace(about, incarnation=incarnation)


def _verdicts(heard: _Heard) -> list[list[Any]]:
    """What the device is told of its entries: sequence, verdict and reason of those that were not just taken in."""
    return [
        [each.header.sequence, each.verdict.value, each.reason]
        for each in heard.judged.entries
        if each.header.epoch == heard.reach.epoch and each.verdict is not VerdictKind.APPLIED
    ]


def _receipt(about: CentreRow, device: Device, reach: Reach, down: HandedDown, now: datetime) -> Receipt:
    return Receipt(
        device=device.id,
        epoch=reach.epoch,
        up_to=reach.up_to,
        hash=reach.hash,
        at=now,
        incarnation=about.incarnation,
        ticket=device.ticket,
        archived_up_to=archives.up_to(device.id, reach.epoch),
        fork=reach.fork,
        down_hash=hashlib.sha256(down.down).digest() if down.down else b"",
        vouched=down.vouched,
    )
