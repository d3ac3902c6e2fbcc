"""Custody before judgement: what an enrolled device has sealed is kept once, whatever happens on the way."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest

from central_server.central import Central
from central_server.services import receiving
from central_server.services.comparing import BrokenChain
from central_server.services.receiving import BodyMismatch, TrainingMismatch, UnknownDevice
from central_server.storage import models
from central_server.storage.database import COPIED_LEAST, reading
from sync_protocol.entries import BadEntry, SealedEntry
from sync_protocol.errors import FieldSyncError
from sync_protocol.packing import BadFrame, pack_contact, pack_entries
from sync_protocol.periods import Period
from sync_protocol.signing import BadSignature, NotADocument, SigningKey
from sync_protocol.statements import BadStatement
from sync_protocol.vocabulary import Declaration, DeviceId
from tests.central.writing import (
    DAY,
    Writer,
    accept,
    arrived_by_day,
    enrolled_writer,
    ledger_of,
    recounted,
    unsent_by_day,
)
from tests.factories import NOW, StandingClock, reception

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01, its journal with nothing but its first entry."""
    return enrolled_writer(central)


def verdicts_kept(central: Central) -> list[tuple[int, str, str]]:
    row = models.VerdictRow
    with reading(central.database):
        return [tuple(each) for each in row.select(row.sequence, row.kind, row.reason).order_by(row.sequence).tuples()]


def device_row(central: Central) -> models.DeviceRow:
    with reading(central.database):
        row: models.DeviceRow = models.DeviceRow.get(models.DeviceRow.desk == "H62.11.01", models.DeviceRow.slot == 1)
    return row


def statements_kept(central: Central) -> list[tuple[int, bool]]:
    row = models.StatementRow
    with reading(central.database):
        return [tuple(each) for each in row.select(row.head, row.is_step).order_by(row.number).tuples()]


def declared(central: Central) -> list[str]:
    with reading(central.database):
        return [each.declaration for each in models.DeclarationRow.select()]


# What is taken


def test_a_contact_is_kept_in_the_ledger_and_counted(writer: Writer, central: Central) -> None:
    writer.receive()
    writer.receive(date(2021, 10, 1))

    answer = writer.send()

    assert (answer.receipt.up_to, answer.receipt.hash) == (3, writer.hashes[-1])
    assert answer.verdicts == []
    assert ledger_of(central) == [(1, 1, 1), (2, 1, 2), (3, 1, 3)]
    assert arrived_by_day(central) == {date(2021, 10, 1): 1, DAY: 1}


def test_an_entry_is_kept_as_the_bytes_that_were_sealed(writer: Writer, central: Central) -> None:
    writer.receive()

    writer.send()

    with reading(central.database):
        [(header, hash_)] = (
            models.Entry.select(models.Entry.header, models.Entry.entry_hash).where(models.Entry.sequence == 2).tuples()
        )
        [(payload, salt)] = (
            models.Payload.select(models.Payload.bytes, models.Payload.salt)
            .where(models.Payload.sequence == 2)
            .tuples()
        )
    sealed = writer.entries[1]
    assert (bytes(header), bytes(payload), bytes(salt)) == (sealed.header_bytes, sealed.payload, sealed.salt)
    assert bytes(hash_) == writer.hashes[1]


def test_one_contact_opens_dossiers_changes_them_and_changes_earlier_ones(writer: Writer, central: Central) -> None:
    earlier = [writer.receive() for _ in range(COPIED_LEAST)]
    writer.send()
    held = writer.head
    opened = [writer.receive() for _ in range(2 * COPIED_LEAST)]
    for dossier in (*earlier, *opened[:COPIED_LEAST]):
        writer.resolve(dossier)

    answer = writer.send(writer.contact(first=held + 1))

    row = models.DossierRow
    with reading(central.database):
        stages = dict(row.select(row.id, row.stage).tuples())
    resolved, received = [*earlier, *opened[:COPIED_LEAST]], opened[COPIED_LEAST:]
    assert stages == dict.fromkeys(resolved, "resolved") | dict.fromkeys(received, "received")
    assert (answer.receipt.up_to, answer.verdicts) == (writer.head, [])


def test_the_next_contact_continues_the_chain(writer: Writer, central: Central) -> None:
    writer.receive()
    writer.send()
    writer.receive()

    answer = writer.send(writer.contact(first=3))

    assert answer.receipt.up_to == 3
    assert ledger_of(central) == [(1, 1, 1), (2, 1, 2), (3, 1, 3)]


def test_the_same_contact_twice_has_one_effect_and_the_same_answer(writer: Writer, central: Central) -> None:
    writer.receive()
    raw = writer.contact()
    first = writer.send(raw)

    second = writer.send(raw)

    assert (second.receipt.up_to, second.receipt.hash) == (first.receipt.up_to, first.receipt.hash)
    assert (second.verdicts, second.packs, second.standings) == (first.verdicts, first.packs, first.standings)
    assert ledger_of(central) == [(1, 1, 1), (2, 1, 2)]
    assert arrived_by_day(central) == {DAY: 1}
    assert unsent_by_day(central) == {}


def test_an_overlapping_batch_adds_only_what_is_new(writer: Writer, central: Central) -> None:
    writer.receive()
    writer.receive()
    writer.send(writer.contact(last=2))

    answer = writer.send(writer.contact(first=2))

    assert answer.receipt.up_to == 3
    assert arrived_by_day(central) == {DAY: 2}


def test_a_gap_takes_nothing_and_the_receipt_says_where_the_head_is(writer: Writer, central: Central) -> None:
    writer.receive()
    writer.receive()
    writer.send(writer.contact(last=1))

    answer = writer.send(writer.contact(first=3))

    assert (answer.receipt.up_to, answer.receipt.hash) == (1, writer.hashes[0])
    assert ledger_of(central) == [(1, 1, 1)]
    assert arrived_by_day(central) == {}


def test_a_void_lowers_the_count_of_its_reception_day(writer: Writer, central: Central, clock: StandingClock) -> None:
    dossier = writer.receive(date(2021, 10, 1))
    writer.receive(date(2021, 10, 1))
    writer.send()
    clock.move(days=10)
    writer.void(dossier, date(2021, 10, 1))

    writer.send(writer.contact(first=4))

    assert arrived_by_day(central) == {date(2021, 10, 1): 1}


def test_a_dossier_received_and_voided_in_one_batch_counts_nowhere(writer: Writer, central: Central) -> None:
    writer.void(writer.receive())

    writer.send()

    assert arrived_by_day(central) == {}
    assert recounted(central) == {}


def test_two_devices_share_one_ledger_of_their_desk(writer: Writer, central: Central) -> None:
    second = enrolled_writer(central, seed=b"\x02" * 32)
    second.receive()
    writer.send()
    second.send()

    writer.receive()
    writer.send(writer.contact(first=2))

    assert ledger_of(central) == [(1, 1, 1), (2, 2, 1), (3, 2, 2), (4, 1, 2)]
    assert arrived_by_day(central) == {DAY: 2}


def test_a_step_of_one_device_reaches_a_dossier_of_another(writer: Writer, central: Central) -> None:
    second = enrolled_writer(central, seed=b"\x02" * 32)
    dossier = writer.receive()
    writer.send()
    second.void(dossier)

    answer = second.send()

    assert answer.verdicts == []
    assert arrived_by_day(central) == {}


def test_desks_count_each_for_itself(writer: Writer, central: Central) -> None:
    other = enrolled_writer(central, "H62.11.02", seed=b"\x02" * 32)
    other.receive()
    writer.receive()
    writer.receive()

    writer.send()
    other.send()

    assert (arrived_by_day(central), arrived_by_day(central, "H62.11.02")) == ({DAY: 2}, {DAY: 1})
    assert ledger_of(central, "H62.11.02") == [(1, 1, 1), (2, 1, 2)]


# What is refused: cannot authenticate, not a chain


def _other_hash(writer: Writer) -> bytes:
    return writer.contact(hash=b"h" * 32)


def _other_body(writer: Writer) -> bytes:
    statement = writer.statement(pack_entries(writer.entries))
    return pack_contact(statement.signed_by(writer.key), pack_entries(writer.entries[:1]))


def _body_left_out(writer: Writer) -> bytes:
    return pack_contact(writer.statement(pack_entries(writer.entries)).signed_by(writer.key))


def _other_key(writer: Writer) -> bytes:
    body = pack_entries(writer.entries)
    return pack_contact(writer.statement(body).signed_by(SigningKey.from_seed(b"x" * 32)), body)


def _other_payload(writer: Writer) -> bytes:
    """The statement is signed over the changed entries, but its head's hash is that of the true ones."""
    sealed = writer.entries[1]
    assert sealed.payload is not None
    tampered = SealedEntry(
        sealed.header_bytes, sealed.payload_hash, sealed.payload.replace(b"direct", b"online"), sealed.salt
    )
    body = pack_entries([writer.entries[0], tampered])
    return pack_contact(writer.statement(body).signed_by(writer.key), body)


def _other_slot(writer: Writer) -> bytes:
    writer.write("resolve", {"result_kind": "granted"}, slot=2)
    return writer.contact()


def _other_epoch(writer: Writer) -> bytes:
    writer.write("resolve", {"result_kind": "granted"}, epoch=2)
    return writer.contact()


def _skipped_sequence(writer: Writer) -> bytes:
    writer.write("resolve", {"result_kind": "granted"}, sequence=7)
    return writer.contact(head=7)


def _beyond_the_head(writer: Writer) -> bytes:
    return writer.contact(head=1)


def _damaged_header(writer: Writer) -> bytes:
    sealed = writer.entries[1]
    writer.entries[1] = SealedEntry(b"{}", sealed.payload_hash, sealed.payload, sealed.salt)
    return writer.contact()


def _cut(writer: Writer) -> bytes:
    return writer.contact()[:-5]


def _cut_in_the_statement(writer: Writer) -> bytes:
    return writer.contact()[:80]


def _empty(writer: Writer) -> bytes:
    return b""


def _too_large_a_head(writer: Writer) -> bytes:
    return writer.contact(head=2**40, hash=b"h" * 32)


def _too_large_a_backlog(writer: Writer) -> bytes:
    return writer.contact(unsent={DAY: 2**40})


def _nul_in_the_version(writer: Writer) -> bytes:
    return writer.contact(app_version="0.1\0")


def _unknown_slot(writer: Writer) -> bytes:
    return writer.contact(device=DeviceId("H62.11.01", 9))


def _unknown_desk(writer: Writer) -> bytes:
    return writer.contact(device=DeviceId("H99", 1))


def _nul_in_the_desk(writer: Writer) -> bytes:
    return writer.contact(device=DeviceId("H62.11.01\0", 1))


def _slot_beyond_the_column(writer: Writer) -> bytes:
    return writer.contact(device=DeviceId("H62.11.01", 2**50))


def _of_a_training_centre(writer: Writer) -> bytes:
    return writer.contact(training=True)


REFUSALS = (
    (_other_hash, BrokenChain),
    (_other_body, BodyMismatch),
    (_body_left_out, BodyMismatch),
    (_other_key, BadSignature),
    (_other_payload, BrokenChain),
    (_other_slot, BadEntry),
    (_other_epoch, BadEntry),
    (_skipped_sequence, BadEntry),
    (_beyond_the_head, BadEntry),
    (_damaged_header, BadEntry),
    (_cut, BodyMismatch),
    (_cut_in_the_statement, BadFrame),
    (_empty, BadFrame),
    (_too_large_a_head, BadStatement),
    (_too_large_a_backlog, BadStatement),
    (_nul_in_the_version, BadStatement),
    (_unknown_slot, UnknownDevice),
    (_unknown_desk, UnknownDevice),
    (_nul_in_the_desk, BadStatement),
    (_slot_beyond_the_column, BadStatement),
    (_of_a_training_centre, TrainingMismatch),
)


@pytest.mark.parametrize(("made", "refusal"), REFUSALS, ids=[made.__name__[1:] for made, _ in REFUSALS])
def test_what_cannot_be_authenticated_or_is_no_chain_is_refused_by_name_and_changes_nothing(
    writer: Writer, central: Central, made: Callable[[Writer], bytes], refusal: type[FieldSyncError]
) -> None:
    writer.receive()
    raw = made(writer)

    with pytest.raises(refusal):
        accept(central, raw)

    assert ledger_of(central) == []
    assert unsent_by_day(central) == {}
    assert statements_kept(central) == []


def test_a_real_device_is_refused_by_a_training_centre(make_central: Callable[..., Central]) -> None:
    training = make_central(training=True)
    writer = enrolled_writer(training)

    with pytest.raises(TrainingMismatch):
        writer.send(writer.contact(training=False))

    assert ledger_of(training) == []


def held_beside(central: Central) -> list[tuple[int, bytes]]:
    """Entries that are kept but of no chain here, by sequence and hash."""
    row = models.HeldEntry
    with reading(central.database):
        return [(each.sequence, bytes(each.entry_hash)) for each in row.select().order_by(row.sequence)]


def test_entries_that_part_from_those_held_are_kept_beside_them(writer: Writer, central: Central) -> None:
    writer.receive()
    writer.send()
    writer.entries.pop()
    writer.changes.pop()
    writer.receive(submitter_name="Người Khác")
    writer.receive()

    receipt = writer.send().receipt
    writer.send()

    assert (receipt.epoch, receipt.up_to, receipt.hash, receipt.fork) == (1, 1, writer.hashes[0], 2)
    assert ledger_of(central) == [(1, 1, 1), (2, 1, 2)]
    assert held_beside(central) == [(2, writer.hashes[1]), (3, writer.hashes[2])]


def test_of_another_history_behind_the_head_nothing_is_taken(writer: Writer, central: Central) -> None:
    writer.receive()
    writer.send(writer.contact(last=1, head=1))
    other = Writer(central, writer.key, writer.device, writer.origin)
    other.write("open_epoch", {"app_version": "0.1.0", "machine": "another machine"})
    other.receive()

    receipt = other.send(other.contact(first=2)).receipt

    assert (receipt.up_to, receipt.hash, receipt.fork) == (1, writer.hashes[0], 1)
    assert ledger_of(central) == [(1, 1, 1)]


def test_a_journal_that_begins_otherwise_and_ends_elsewhere_than_it_says_is_refused(
    writer: Writer, central: Central
) -> None:
    writer.receive()

    with pytest.raises(BrokenChain):
        writer.send(writer.contact(hash=b"x" * 32))

    assert ledger_of(central) == []


@pytest.mark.slow
def test_a_statement_that_ends_another_history_covers_nothing(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    """A restored or cloned installation: it must not pass for the journal that the centre holds."""
    writer.receive()
    writer.receive()
    writer.send()
    clock.move(days=3)

    receipt = writer.send(writer.alone(head=2, hash=b"x" * 32, unsent={})).receipt

    assert (receipt.up_to, receipt.fork) == (0, 3)
    assert device_row(central).covered_until == NOW


def test_no_single_changed_bit_of_a_contact_is_accepted(writer: Writer, central: Central) -> None:
    writer.receive()
    raw = writer.contact()

    accepted = [at for at in range(len(raw)) if _is_accepted(central, raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])]

    assert accepted == []
    assert ledger_of(central) == []


def _is_accepted(central: Central, raw: bytes) -> bool:
    try:
        receiving.accept_contact(central, raw)
    except FieldSyncError:
        return False
    return True


# What is kept but not counted


BAD_PAYLOADS: dict[str, bytes] = {
    "not JSON": b"not JSON",
    "a NUL in a name": orjson.dumps(reception(dossier_code="H62.11.01-211004-0002", submitter_name="An\0Bình")),
    "an empty object": b"{}",
    "a list": b"[]",
    "not UTF-8": b"\xff\xfe\x00",
    "nested too deep": b"[" * 60_000,
    "a name too long": orjson.dumps(reception(dossier_code="H62.11.01-211004-0002", submitter_name="A" * 10_000)),
    "a lone surrogate": b'{"dossier_code": "\\ud800"}',
    "a number too large": orjson.dumps(reception(dossier_code="H62.11.01-211004-0002", set_count=2**40)),
    "no code": orjson.dumps(reception()),
}


@pytest.mark.parametrize("name", BAD_PAYLOADS)
def test_a_payload_that_cannot_be_read_is_kept_and_set_aside_while_its_neighbours_count(
    writer: Writer, central: Central, name: str
) -> None:
    writer.receive()
    writer.write("receive", BAD_PAYLOADS[name])
    writer.receive()

    answer = writer.send()

    assert answer.receipt.up_to == 4
    assert answer.verdicts == [(3, "quarantined", "bad_payload")]
    assert verdicts_kept(central) == [(3, "quarantined", "bad_payload")]
    assert arrived_by_day(central) == recounted(central) == {DAY: 2}


@pytest.mark.parametrize("year", [1000, 9999])
def test_a_reception_of_an_impossible_year_is_counted_there_and_nowhere_else(
    writer: Writer, central: Central, year: int
) -> None:
    writer.receive()
    writer.receive(date(year, 6, 1), dossier_code="H62.11.01-211004-0002")

    answer = writer.send()

    assert answer.receipt.up_to == 3
    assert arrived_by_day(central) == recounted(central) == {DAY: 1, date(year, 6, 1): 1}


def test_a_kind_that_is_not_known_yet_waits_for_the_next_version(writer: Writer, central: Central) -> None:
    writer.write("hand_to_robot", {"what": "CCCD"})
    writer.receive()

    answer = writer.send()

    assert answer.verdicts == [(2, "future", "unknown_kind")]
    assert arrived_by_day(central) == {DAY: 1}


def test_a_later_version_of_a_kind_waits_too(writer: Writer) -> None:
    writer.write("void", {"reason": "Nhập trùng"}, version=2)

    answer = writer.send()

    assert answer.verdicts == [(2, "future", "unknown_kind")]


def test_a_step_for_a_dossier_that_is_not_here_is_set_aside(writer: Writer, central: Central) -> None:
    writer.resolve("1.1.77")

    answer = writer.send()

    assert answer.verdicts == [(2, "quarantined", "unknown_dossier")]


def test_a_step_that_does_not_follow_is_kept_and_counts_nothing(writer: Writer, central: Central) -> None:
    dossier = writer.receive()
    writer.void(dossier)
    writer.void(dossier)

    answer = writer.send()

    assert answer.verdicts == [(4, "merged", "")]
    assert verdicts_kept(central) == [(4, "merged", "")]
    assert arrived_by_day(central) == recounted(central) == {}


def test_an_entry_whose_content_was_erased_is_kept_in_the_chain(writer: Writer, central: Central) -> None:
    writer.receive()
    sealed = writer.entries[1]
    writer.entries[1] = SealedEntry(sealed.header_bytes, sealed.payload_hash, None, None)
    writer.receive()

    answer = writer.send()

    assert answer.receipt.up_to == 3
    assert answer.verdicts == [(2, "quarantined", "bad_payload")]
    assert arrived_by_day(central) == {DAY: 1}


# What the statement says


def test_a_statement_alone_tells_what_is_held_back(writer: Writer, central: Central) -> None:
    writer.receive(date(2021, 9, 30))
    writer.receive()
    writer.receive()

    answer = writer.send(writer.alone())

    assert answer.receipt.up_to == 0
    assert unsent_by_day(central) == {date(2021, 9, 30): 1, DAY: 2}


def test_what_has_arrived_is_no_longer_held_back(writer: Writer, central: Central) -> None:
    writer.receive(date(2021, 9, 30))
    writer.receive()
    writer.receive()

    writer.send(writer.contact(last=2))

    assert unsent_by_day(central) == {DAY: 2}
    assert arrived_by_day(central) == {date(2021, 9, 30): 1}


def test_a_void_that_has_not_arrived_is_held_back_as_one_less(writer: Writer, central: Central) -> None:
    dossier = writer.receive()
    writer.send()
    writer.void(dossier)

    writer.send(writer.alone(acknowledged=2))

    assert (arrived_by_day(central), unsent_by_day(central)) == ({DAY: 1}, {DAY: -1})


def test_a_contact_that_arrives_late_takes_only_what_it_brings_from_what_is_held_back(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    writer.receive()
    late = writer.contact()
    writer.receive()
    clock.move(minutes=5)
    writer.send(writer.alone())

    writer.send(late)

    assert (arrived_by_day(central), unsent_by_day(central)) == ({DAY: 1}, {DAY: 1})


def test_a_newer_statement_counts_although_the_machines_clock_fell_back(writer: Writer, central: Central) -> None:
    writer.receive()
    writer.send(writer.alone())
    writer.receive()

    writer.send(writer.contact(at=datetime(2001, 1, 1, tzinfo=UTC)))

    assert (arrived_by_day(central), unsent_by_day(central)) == ({DAY: 2}, {})


def test_declarations_count_although_their_entries_never_arrive(writer: Writer, central: Central) -> None:
    writer.write("declare", {"period": str(OCTOBER), "declaration": "nil"})

    writer.send(writer.alone(declarations=((OCTOBER, Declaration.NIL),)))

    assert ledger_of(central) == []
    assert declared(central) == ["nil"]


def test_the_last_declaration_counts_although_only_the_first_entry_has_arrived(
    writer: Writer, central: Central
) -> None:
    writer.write("declare", {"period": str(OCTOBER), "declaration": "nil"})
    writer.write("declare", {"period": str(OCTOBER), "declaration": "complete"})
    both = ((OCTOBER, Declaration.NIL), (OCTOBER, Declaration.COMPLETE))

    writer.send(writer.contact(last=2, declarations=both))

    assert declared(central) == ["complete"]


def test_an_old_declaration_that_comes_again_does_not_replace_the_last_one(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    writer.write("declare", {"period": str(OCTOBER), "declaration": "nil"})
    old = writer.contact(declarations=((OCTOBER, Declaration.NIL),))
    writer.send(old)
    clock.move(minutes=5)
    writer.write("declare", {"period": str(OCTOBER), "declaration": "complete"})
    writer.send(writer.contact(first=3, declarations=((OCTOBER, Declaration.COMPLETE),)))

    writer.send(old)

    assert declared(central) == ["complete"]


def test_covered_until_moves_only_when_all_that_was_stated_has_arrived(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    writer.receive()
    writer.send()
    clock.move(hours=1)
    writer.receive()
    writer.receive()

    writer.send(writer.contact(first=3, last=3))
    assert device_row(central).covered_until == NOW
    clock.move(hours=1)
    writer.send(writer.contact(first=4))

    assert device_row(central).covered_until == NOW + timedelta(hours=2)


def test_covered_until_reaches_a_statement_once_its_entries_arrive_later(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    writer.receive()
    writer.send(writer.alone())
    stated_at = clock.at
    clock.move(hours=1)
    writer.receive()

    writer.send(writer.contact(last=2))

    assert device_row(central).covered_until == stated_at


def test_covered_until_never_goes_back(writer: Writer, central: Central, clock: StandingClock) -> None:
    writer.receive()
    old = writer.alone()
    writer.send()
    clock.move(hours=1)
    writer.send(writer.alone(acknowledged=2))

    writer.send(old)

    assert device_row(central).covered_until == NOW + timedelta(hours=1)


@pytest.mark.parametrize("hours_ahead", [0, 2])
def test_a_statement_that_comes_again_covers_nothing_that_a_newer_one_holds_back(
    writer: Writer, central: Central, clock: StandingClock, hours_ahead: int
) -> None:
    writer.receive()
    old = writer.contact(at=NOW + timedelta(hours=hours_ahead))
    writer.send(old)
    clock.move(hours=1)
    writer.receive()
    writer.send(writer.alone(acknowledged=2))
    clock.move(hours=2)

    writer.send(old)

    assert device_row(central).covered_until == NOW


def test_a_clock_that_runs_ahead_covers_no_more_than_the_present(writer: Writer, central: Central) -> None:
    writer.send(writer.contact(at=datetime(2041, 1, 1, tzinfo=UTC)))

    assert device_row(central).covered_until == NOW
    assert device_row(central).stated_at == NOW


def test_a_copy_of_a_statement_of_a_clock_ahead_says_nothing_of_later(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    copy = writer.contact(at=datetime(2041, 1, 1, tzinfo=UTC))
    for _ in range(3):
        writer.send(copy)
    clock.move(days=20)

    writer.send(copy)

    assert device_row(central).stated_at == NOW
    assert device_row(central).covered_until == NOW


def test_quiet_statements_of_a_day_leave_one_and_those_that_changed_something_stay(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    writer.receive()
    writer.send()
    for _ in range(3):
        clock.move(minutes=5)
        writer.send(writer.alone(acknowledged=2))
    clock.move(days=1)
    for _ in range(3):
        clock.move(minutes=5)
        writer.send(writer.alone(acknowledged=2))
    writer.receive()
    writer.send(writer.contact(first=3))

    assert statements_kept(central) == [(2, True), (2, False), (2, False), (3, True)]


def test_the_days_last_quiet_statement_is_the_one_that_is_kept(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    writer.send()
    for _ in range(3):
        clock.move(minutes=5)
        writer.send(writer.alone(acknowledged=1))

    with reading(central.database):
        last = models.StatementRow.select().order_by(models.StatementRow.number.desc()).first()

    assert last.arrived_at == NOW + timedelta(minutes=15)
    assert last.stated_at == NOW + timedelta(minutes=15)


def test_a_statement_is_kept_as_it_was_signed(writer: Writer, central: Central) -> None:
    raw = writer.alone()

    writer.send(raw)

    signed = writer.statement().signed_by(writer.key)
    with reading(central.database):
        row = models.StatementRow.get()
    assert (bytes(row.body), bytes(row.signature)) == (signed.body, signed.signature)


def test_a_failure_in_the_middle_leaves_nothing_behind(
    writer: Writer, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.receive()

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the power is cut")

    with monkeypatch.context() as patched:
        patched.setattr("central_server.storage.devices.keep_contact", fail)
        with pytest.raises(RuntimeError):
            writer.send()

    assert ledger_of(central) == []
    assert (arrived_by_day(central), unsent_by_day(central), statements_kept(central)) == ({}, {}, [])
    assert writer.send().receipt.up_to == 2


def test_an_answer_names_the_packs_in_force(writer: Writer) -> None:
    answer = writer.send()

    assert set(answer.packs) == {"procedures", "calendar", "desk"}


def test_documents_of_another_kind_are_no_statement(writer: Writer) -> None:
    document = writer.key.sign("receipt", {"desk": "H62.11.01", "slot": 1, "training": False})

    with pytest.raises(NotADocument):
        writer.send(pack_contact(document))
