"""A contact with the centre: state what is here, send what no receipt covers, believe only the receipt."""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from desk_client.desk import APP_VERSION, STATED_DAY, Desk, Identity
from desk_client.services.codings import codings_read, note_codings
from desk_client.services.continuing import go_on_anew
from desk_client.services.covering import (
    Sent,
    Standpoint,
    acknowledged,
    believe,
    standpoint,
    stated_ancestors,
    unconfirmed,
    waiting_by_day,
    waiting_entries,
)
from desk_client.services.holding import heard, note_held
from desk_client.services.offering import offer_back
from desk_client.services.pacing import batch_after, next_attempt_at
from desk_client.services.readmission import ask_readmission, is_unknown
from desk_client.services.road import CentreNonsense, CentreRefused, Road, asks_for_less, wait_asked_s
from desk_client.services.standing import note_centre_views, note_device_state
from desk_client.services.taking_in import hear_name, is_more_to_take_in, ledger_known, pulled, take_in
from desk_client.services.taking_up import adopt_packs
from desk_client.storage import device, journal, lineage, notes
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.device import ContactState
from desk_client.storage.lineage import Confirmed, Point
from sync_protocol.entries import SealedEntry
from sync_protocol.errors import FieldSyncError
from sync_protocol.events import Declared
from sync_protocol.packing import (
    ALONE_BYTES_MAX,
    CONTACT_ENTRIES_MAX,
    pack_contact,
    pack_entries,
    pack_shortest,
)
from sync_protocol.packs import PackKind, pack_hash
from sync_protocol.periods import Period
from sync_protocol.schemas import read_event
from sync_protocol.signing import Signed
from sync_protocol.statements import DECLARATIONS_MAX, Receipt, Statement, read_receipt
from sync_protocol.vocabulary import Declaration, EventKind

CONTACT_PATH = "/v1/contacts"
PACK_PATH = "/v1/packs/"
CONTENT_TYPE = "application/octet-stream"
ROUNDS_MAX = 1_000
PARTINGS_MAX = 4
"""New epochs in one contact: each uses up numbers of dossiers."""

MEASURE_WITHIN_S = 60
"""An answer that took longer says too little about the centre's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How contacting the centre ended.

    sent       entries newly covered by a receipt
    unsent     entries that still wait
    error      why it stopped, None if all went well
    """

    sent: int
    unsent: int
    error: FieldSyncError | None


def contact(desk: Desk, road: Road, *, jitter: float, interval_s: float) -> Outcome:
    """Talks to the centre until nothing waits or the road ends, and notes when to try again.

    jitter  0..1, spreads the next try after a failure; interval_s  seconds to it after a success
    Raises NotEnrolled; a failed road is a value, since it is ordinary.
    """
    identity = desk.identity()
    with reading(desk.database):
        before = standpoint(identity)
    error: FieldSyncError | None = None
    try:
        _exchange_as_known(desk, identity, road)
    # Whatever answers at the centre's address, also with a forged receipt, is one more reason to try later: an error
    # that passed here would end the agent.
    except FieldSyncError as failure:
        error = failure
    with write_transaction(desk.database):
        state = _after(device.contact_state(), desk.clock(), error, jitter=jitter, interval_s=interval_s)
        device.keep_contact_state(state)
        after = standpoint(identity)
        sent = sum(span.count for span in lineage.spans(before.covered, after.covered))
    return Outcome(sent=sent, unsent=after.waiting, error=error)


def is_held_off(desk: Desk) -> bool:
    """Whether the road has failed and the wait after that is not over: what is saved now goes with the next try."""
    with reading(desk.database):
        state = device.contact_state()
    return bool(state.problem) and state.next_try_at is not None


def hurry(desk: Desk) -> None:
    """A person wants to send now: the wait after a failure is over."""
    with write_transaction(desk.database):
        device.keep_contact_state(replace(device.contact_state(), next_try_at=None))


def _exchange_as_known(desk: Desk, identity: Identity, road: Road) -> None:
    """An exchange with a centre that may have been restored from before this device enrolled."""
    try:
        _exchange(desk, identity, road)
    except CentreRefused as refusal:
        if not is_unknown(refusal):
            raise
        ask_readmission(desk, identity, road)
        _exchange(desk, identity, road)
    offer_back(desk, identity, road)


def _exchange(desk: Desk, identity: Identity, road: Road) -> None:
    """Round after round until a receipt covers the head; ends also where what was sent moves no receipt."""
    partings = 0
    for _ in range(ROUNDS_MAX):
        before = _progress(desk, identity)
        known_before = ledger_known(desk)
        sent_from, answer = _one_round(desk, identity, road)
        _renew_packs(desk, road, answer.get("packs"))
        if is_more_to_take_in(desk, since=known_before):
            continue
        after = _progress(desk, identity)
        is_same_epoch = after.head.epoch == before.head.epoch
        partings += not is_same_epoch
        is_moved = not is_same_epoch or after.covered != sent_from.covered or sent_from.covered == sent_from.head
        if after.covered == after.head or not is_moved or partings == PARTINGS_MAX:
            return


def _progress(desk: Desk, identity: Identity) -> Standpoint:
    with reading(desk.database):
        return standpoint(identity)


def _one_round(desk: Desk, identity: Identity, road: Road) -> tuple[Standpoint, dict[str, Any]]:
    """One batch, its statement sent ahead of it if it is large, the road has just failed, or the answer may open an
    epoch.

    Gives where the journal stood when the batch was taken from it: what was stated ahead may have moved that, also
    back, where the centre was put back.
    """
    at, batch = _next_batch(desk, identity)
    if len(pack_entries(batch)) > ALONE_BYTES_MAX or _has_to_ask(desk, identity):
        _post(desk, identity, road, [])
        at, batch = _next_batch(desk, identity)
    return at, _post(desk, identity, road, batch)


def _next_batch(desk: Desk, identity: Identity) -> tuple[Standpoint, list[SealedEntry]]:
    with reading(desk.database):
        at = standpoint(identity)
        return at, waiting_entries(at, device.contact_state().batch_entries)


def _has_to_ask(desk: Desk, identity: Identity) -> bool:
    with reading(desk.database):
        return device.contact_state().failures > 0 or lineage.confirmed(identity.id.slot) is not None


def _post(desk: Desk, identity: Identity, road: Road, batch: Sequence[SealedEntry]) -> dict[str, Any]:
    with reading(desk.database):
        packed = pack_shortest(batch, codings_read())
        at, confirmed = standpoint(identity), lineage.confirmed(identity.id.slot)
        sent = _sent(at.head, batch)
        statement = _statement(desk, identity, at, confirmed, packed.section, sent)
    raw = pack_contact(statement.signed_by(identity.key), packed.section, packed.coding)
    asked_at = desk.clock()
    answer = road.post(CONTACT_PATH, raw, CONTENT_TYPE)
    answered_at = desk.clock()
    signed = Signed.from_json(answer.get("receipt"))
    receipt = read_receipt(signed, identity.certificate.centre_key)
    with write_transaction(desk.database):
        parted_at = believe(identity, receipt, signed, sent, answered_at)
        state = _learnt(device.contact_state(), receipt, asked_at, answered_at)
        device.keep_contact_state(_arrived(state) if batch else state)
        hear_name(receipt.incarnation)
        note_codings(answer.get("codings"))
        note_centre_views(answer.get("standings"))
        note_device_state(answer.get("device_state"))
        note_held(answer.get("held"))
        is_anew = go_on_anew(desk, confirmed, receipt.incarnation)
    # What comes down with it is for the journal as it was stated; for this one it comes with the next answer.
    if is_anew:
        return answer
    take_in(desk, identity, road, receipt, signed, answer.get("down"), parted_at=parted_at)
    return answer


def _sent(head: Point, batch: Sequence[SealedEntry]) -> Sent:
    points = [Point(header.epoch, header.sequence) for header in (batch[0].header, batch[-1].header)] if batch else []
    return Sent(head, *points)


def _statement(
    desk: Desk, identity: Identity, at: Standpoint, confirmed: Confirmed | None, section: bytes, sent: Sent
) -> Statement:
    end = journal.head(identity.id.slot, identity.origin)
    covered, covered_epoch = acknowledged(at, confirmed)
    last_hash = journal.hash_at(at.slot, sent.last.epoch, sent.last.sequence) if sent.last else None
    return Statement(
        device=identity.id,
        epoch=end.epoch,
        head=end.sequence,
        hash=end.hash,
        acknowledged=covered,
        acknowledged_epoch=covered_epoch,
        ancestors=stated_ancestors(at.slot),
        sent_hash=last_hash if last_hash and sent.last != at.head else b"",
        body_hash=hashlib.sha256(section).digest() if section else b"",
        at=desk.now(),
        ticket=device.contact_state().ticket,
        app_version=APP_VERSION,
        free_disk_mb=shutil.disk_usage(desk.settings.data).free // 2**20,
        training=identity.certificate.training,
        unsent=waiting_by_day(at),
        declarations=tuple(_declarations(at)),
        pulled=pulled(),
        held=heard(),
    )


def _declarations(at: Standpoint) -> Iterator[tuple[Period, Declaration]]:
    """The declarations that are not confirmed yet, so that they count even if the entries never arrive."""
    for entry in list(unconfirmed(at, EventKind.DECLARE))[-DECLARATIONS_MAX:]:
        declared = read_event(entry).payload
        assert isinstance(declared, Declared)
        yield declared.period, declared.declaration


def _learnt(state: ContactState, receipt: Receipt, asked_at: datetime, answered_at: datetime) -> ContactState:
    took = answered_at - asked_at
    is_measure = timedelta(0) <= took <= timedelta(seconds=MEASURE_WITHIN_S)
    # The clock is measured now, and corrected by that: a day that a clerk has named would correct it twice.
    if is_measure:
        notes.drop_note(STATED_DAY)
    offset_ms = round((receipt.at - (asked_at + took / 2)).total_seconds() * 1000) if is_measure else state.offset_ms
    return replace(state, ticket=receipt.ticket, offset_ms=offset_ms)


def _arrived(state: ContactState) -> ContactState:
    """The road carries batches again, so the next one is larger and needs no statement ahead."""
    entries = batch_after(state.batch_entries, arrived=True, entries_max=CONTACT_ENTRIES_MAX)
    return replace(state, failures=0, batch_entries=entries)


def _after(
    state: ContactState, now: datetime, error: FieldSyncError | None, *, jitter: float, interval_s: float
) -> ContactState:
    if error is None:
        return replace(
            state,
            tried_at=now,
            succeeded_at=now,
            next_try_at=now + timedelta(seconds=interval_s),
            failures=0,
            problem="",
        )
    smaller = batch_after(state.batch_entries, arrived=False, entries_max=CONTACT_ENTRIES_MAX)
    return replace(
        state,
        tried_at=now,
        next_try_at=max(next_attempt_at(state.failures, now, jitter), now + timedelta(seconds=wait_asked_s(error))),
        failures=state.failures + 1,
        problem=error.refusal_code if isinstance(error, CentreRefused) else error.code,
        batch_entries=smaller if asks_for_less(error) else state.batch_entries,
    )


def _renew_packs(desk: Desk, road: Road, listed: object) -> None:
    """Fetches the packs that differ from those in force and swaps them together."""
    if not isinstance(listed, dict):
        raise CentreNonsense
    with reading(desk.database):
        held = device.pack_names()
    wanted = [listed[kind] for kind in PackKind if kind in listed and listed[kind] != held.get(kind)]
    if not wanted:
        return
    packs = [Signed.from_json(road.get(PACK_PATH + str(name))) for name in wanted]
    if [pack_hash(pack) for pack in packs] != wanted:
        raise CentreNonsense
    adopt_packs(desk, packs)
