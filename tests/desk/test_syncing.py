"""Contacts with the centre: nothing is believed but a receipt that names this journal's own hash."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from string import ascii_letters
from typing import Any

import orjson
import pytest

from central_server.central import Central
from central_server.services import enrolment, founding
from central_server.services.standing import standings
from central_server.storage import models
from central_server.storage.database import reading as central_reading
from central_server.storage.units import EVERYTHING
from desk_client.desk import Desk
from desk_client.services.covering import ForeignReceipt
from desk_client.services.dating import answer_date, date_question
from desk_client.services.declaring import declare
from desk_client.services.enrolment import enrol as become_device
from desk_client.services.listing import entered_on
from desk_client.services.overview import SyncState, overview
from desk_client.services.road import CentreNonsense, CentreRefused, CentreUnreachable
from desk_client.services.taking_up import AlreadyEnrolled
from desk_client.storage import device as device_storage
from desk_client.storage import journal
from desk_client.storage.database import reading, write_transaction
from sync_protocol.events import Declared
from sync_protocol.packing import ALONE_BYTES_MAX, APART, FRAMED, unpack_contact
from sync_protocol.periods import Period
from sync_protocol.signing import BadSignature, NotADocument, Signed, SigningKey
from sync_protocol.statements import Receipt, Statement, read_receipt, read_statement
from sync_protocol.vocabulary import Declaration
from tests.conftest import (
    CALENDAR,
    DESK,
    URL,
    Link,
    answered,
    arrived_codes,
    held_codes,
    record,
    sync,
    sync_quietly,
    void,
)
from tests.factories import NOW, PASSWORD, StandingClock, bare_desk

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
TODAY = NOW.date()
CONTACT = ("POST", "/v1/contacts")


def sent_lines(device: Desk) -> list[bool]:
    """Which of today's dossiers are shown as sent, newest first."""
    return [line.is_sent for line in entered_on(device, TODAY)]


def contacts(link: Link) -> list[bytes]:
    """The bodies of all contacts."""
    return [body for method, path, body in link.road.carried if (method, path) == CONTACT]


def stated(device: Desk, raw: bytes) -> Statement:
    """The statement of a contact."""
    return read_statement(unpack_contact(raw).statement, device.identity().key.public)


def entry_count(raw: bytes) -> int:
    """How many entries a contact carries."""
    return len(unpack_contact(raw).entries())


def forged(change: Callable[[Receipt, SigningKey], Signed], key: SigningKey) -> Callable[[bytes], bytes]:
    """Puts another receipt into an answer."""

    def changed(raw: bytes) -> bytes:
        answer = orjson.loads(raw)
        receipt = read_receipt(Signed.from_json(answer["receipt"]), key.public)
        return orjson.dumps(answer | {"receipt": change(receipt, key).as_json()})

    return changed


# Sent is what a receipt says


def test_a_dossier_that_was_sent_is_at_the_centre_and_shown_as_sent(device: Desk, central: Central, link: Link) -> None:
    record(device)

    outcome = sync(device, link)

    assert (outcome.sent, outcome.unsent, outcome.error) == (3, 0, None)
    assert arrived_codes(central) == ["H62.11.01-211004-0001"]
    assert sent_lines(device) == [True]
    assert overview(device).sync_state is SyncState.ALL_SENT


def test_a_day_of_dossiers_costs_one_round_trip_and_little_data(device: Desk, link: Link) -> None:
    sync_quietly(device, link)
    link.road.carried.clear()
    for letter in ascii_letters[:40]:
        void(device, record(device, submitter_name=f"Người Nộp {letter}"))

    sync(device, link)

    assert link.calls() == [CONTACT]
    assert len(link.last_body()) < 10_240


def test_a_dossier_counts_once_when_the_answer_is_lost(device: Desk, central: Central, link: Link) -> None:
    record(device)
    link.lose("answer")

    first = sync(device, link)
    before = sent_lines(device)
    second = sync(device, link)

    assert isinstance(first.error, CentreUnreachable)
    assert (first.sent, before) == (0, [False])
    assert (second.error, sent_lines(device)) == (None, [True])
    assert arrived_codes(central) == ["H62.11.01-211004-0001"]


def test_a_dossier_counts_once_when_the_request_comes_twice(device: Desk, central: Central, link: Link) -> None:
    record(device)
    link.repeat()

    outcome = sync(device, link)

    assert outcome.error is None
    assert arrived_codes(central) == ["H62.11.01-211004-0001"]


def test_a_request_that_arrives_after_its_repetition_changes_nothing(
    device: Desk, central: Central, link: Link
) -> None:
    record(device)
    link.hold()
    sync(device, link)
    sync(device, link)

    link.release()

    assert sync(device, link).error is None
    assert arrived_codes(central) == held_codes(device) == ["H62.11.01-211004-0001"]


FAULTS: dict[str, tuple[Callable[[Link], None], type[Exception]]] = {
    "the request is lost": (lambda link: link.lose("request"), CentreUnreachable),
    "the answer is lost": (lambda link: link.lose("answer"), CentreUnreachable),
    "no answer in time": (lambda link: link.hold(), CentreUnreachable),
    "something before the centre is busy": (lambda link: link.answer_503(), CentreUnreachable),
    "a sign-in page of a network": (lambda link: link.nonsense(), CentreNonsense),
    "a redirect": (lambda link: link.nonsense(b"", 302), CentreNonsense),
    "a list": (lambda link: link.nonsense(b"[]"), CentreNonsense),
    "an empty object": (lambda link: link.nonsense(b"{}"), NotADocument),
    "an error of another program": (lambda link: link.nonsense(b'{"error": "no"}', 500), CentreNonsense),
    "deep nonsense": (lambda link: link.nonsense(b"[" * 100_000), CentreNonsense),
    "the answer is cut": (lambda link: link.truncate(30, "answer"), CentreNonsense),
    "the answer is empty": (lambda link: link.truncate(0, "answer"), CentreNonsense),
    "the request is cut": (lambda link: link.truncate(90), CentreRefused),
    "a bit of the request is changed": (lambda link: link.flip(200), CentreRefused),
}


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_shown_as_sent_and_nothing_is_lost_when(
    device: Desk, central: Central, link: Link, name: str
) -> None:
    wish, error = FAULTS[name]
    record(device)
    wish(link)

    outcome = sync(device, link)

    assert isinstance(outcome.error, error)
    assert (outcome.sent, outcome.unsent, sent_lines(device)) == (0, 3, [False])
    assert overview(device).sync_state is SyncState.CUT_OFF
    sync_quietly(device, link)
    assert arrived_codes(central) == ["H62.11.01-211004-0001"]
    assert sent_lines(device) == [True]


LIES: dict[str, tuple[Callable[[Receipt, SigningKey], Signed], type[Exception]]] = {
    "signed by another key": (lambda receipt, _: receipt.signed_by(SigningKey.from_seed(b"x" * 32)), BadSignature),
    "for another hash": (lambda receipt, key: replace(receipt, hash=b"h" * 32).signed_by(key), ForeignReceipt),
    "for an entry that is not here": (lambda receipt, key: replace(receipt, up_to=99).signed_by(key), ForeignReceipt),
    "for another machine": (
        lambda receipt, key: replace(receipt, device=replace(receipt.device, slot=2)).signed_by(key),
        ForeignReceipt,
    ),
    "for another epoch": (lambda receipt, key: replace(receipt, epoch=2).signed_by(key), ForeignReceipt),
    "that is a statement": (lambda receipt, key: key.sign("statement", {}), NotADocument),
    "without content": (lambda receipt, key: key.sign("receipt", {}), Exception),
}


@pytest.mark.parametrize("name", LIES)
def test_nothing_is_shown_as_sent_by_a_receipt(device: Desk, central: Central, link: Link, name: str) -> None:
    lie, error = LIES[name]
    record(device)
    link.answer(forged(lie, central.keys.signing))

    outcome = sync(device, link)

    assert isinstance(outcome.error, error)
    assert (outcome.sent, outcome.unsent, sent_lines(device)) == (0, 3, [False])
    sync_quietly(device, link)
    assert sent_lines(device) == [True]


def test_a_dossier_that_is_saved_while_a_contact_is_under_way_is_sent_with_the_next_round(
    device: Desk, central: Central, link: Link
) -> None:
    record(device)

    def save_another(raw: bytes) -> bytes:
        record(device)
        return raw

    link.answer(save_another)
    outcome = sync(device, link)

    assert (outcome.error, outcome.unsent) == (None, 0)
    assert arrived_codes(central) == ["H62.11.01-211004-0001", "H62.11.01-211004-0002"]


def test_two_machines_of_a_desk_send_each_their_own(
    device: Desk, second_device: Desk, central: Central, link: Link
) -> None:
    record(device)
    record(second_device)

    sync_quietly(device, link)
    sync_quietly(second_device, link)

    assert arrived_codes(central) == ["H62.11.01-211004-0001", "H62.11.01-211004-1000"]


def test_desks_do_not_mix(device: Desk, other_desk: Desk, central: Central, link: Link) -> None:
    record(device)
    record(other_desk)

    sync_quietly(other_desk, link)

    assert (arrived_codes(central), arrived_codes(central, "H62.11.02")) == ([], ["H62.11.02-211004-0001"])


# The statement


def test_a_small_contact_is_one_request(device: Desk, link: Link) -> None:
    record(device)

    sync(device, link)

    assert [entry_count(raw) for raw in contacts(link)] == [3]


def test_after_a_failure_the_statement_goes_first(device: Desk, link: Link) -> None:
    record(device)
    link.lose("request")
    sync(device, link)
    link.road.carried.clear()

    sync(device, link)

    assert [entry_count(raw) for raw in contacts(link)] == [0, 3]


def test_a_large_contact_is_preceded_by_its_statement(device: Desk, link: Link) -> None:
    for number in range(100):
        # Digests, since other texts are squeezed to next to nothing.
        record(device, summary="".join(hashlib.sha512(f"{number} {part}".encode()).hexdigest() for part in range(3)))

    sync(device, link)

    first, second, *_ = contacts(link)
    assert (entry_count(first), len(first) < 500) == (0, True)
    assert len(second) > ALONE_BYTES_MAX
    assert stated(device, first).unsent == {TODAY: 100}


def test_the_statement_counts_although_the_entries_never_arrive(device: Desk, central: Central, link: Link) -> None:
    record(device)
    link.lose("request")
    sync(device, link)

    link.road.faults.append(link.road.deliver)
    link.lose("request")
    sync(device, link)

    told = {each.desk.code: each.judgement for each in standings(central, EVERYTHING, OCTOBER).desks}
    assert (told["H62.11.01"].arrived, told["H62.11.01"].unsent) == (0, 1)


def test_a_statement_is_short(device: Desk, link: Link) -> None:
    sync_quietly(device, link)
    for day in range(1, 31):
        record(device, on=date(2021, 9, day))
    link.lose("request")
    sync(device, link)

    sync(device, link)

    assert len(next(raw for raw in contacts(link)[2:] if entry_count(raw) == 0)) < 500


def test_a_statement_says_what_no_receipt_covers_by_day_of_reception(device: Desk, link: Link) -> None:
    voided = record(device)
    sync_quietly(device, link)
    record(device, on=date(2021, 10, 1))
    record(device)
    void(device, voided)

    sync(device, link)

    statement = stated(device, link.last_body())
    assert (statement.acknowledged, statement.head) == (3, 6)
    assert statement.unsent == {date(2021, 10, 1): 1}


def test_a_declaration_is_repeated_until_it_is_confirmed(device: Desk, link: Link, clock: StandingClock) -> None:
    clock.move(days=16)
    declare(device, Declared(period=OCTOBER, declaration=Declaration.NIL), clerk="truong")
    link.lose("request")
    sync(device, link)

    sync(device, link)
    sync(device, link)

    said = [stated(device, raw).declarations for raw in contacts(link)]
    assert said == [((OCTOBER, Declaration.NIL),)] * 3 + [()]


def test_batches_halve_after_a_failure_and_all_arrives(device: Desk, central: Central, link: Link) -> None:
    for _ in range(20):
        record(device)
    with write_transaction(device.database):
        device_storage.keep_contact_state(replace(device_storage.contact_state(), batch_entries=8))
    link.lose("request")
    sync(device, link)
    link.road.carried.clear()

    sync(device, link)

    assert [entry_count(raw) for raw in contacts(link)] == [0, 4, 8, 10]
    assert arrived_codes(central) == held_codes(device)


# When to try again


def test_after_success_the_next_try_is_one_interval_later(device: Desk, link: Link) -> None:
    sync(device, link)

    told = overview(device)

    assert (told.succeeded_at, told.next_try_at, told.problem) == (NOW, NOW + timedelta(seconds=300), "")


def test_failures_in_a_row_wait_longer_and_longer(device: Desk, link: Link) -> None:
    waits = []
    for _ in range(7):
        link.lose("request")
        sync(device, link)
        told = overview(device)
        assert told.next_try_at is not None
        waits.append((told.next_try_at - NOW).total_seconds())

    assert waits == [30, 60, 120, 240, 480, 600, 600]


def test_a_success_forgets_the_failures(device: Desk, link: Link) -> None:
    link.lose("request")
    sync(device, link)
    sync(device, link)

    with reading(device.database):
        state = device_storage.contact_state()

    assert (state.failures, state.problem) == (0, "")


def test_the_wait_that_a_busy_centre_asks_for_is_honoured(device: Desk, link: Link) -> None:
    busy = orjson.dumps({"error": {"code": "busy", "vi": "Máy chủ đang bận", "en": "Busy"}})
    link.road.faults.append(lambda _: answered(503, busy, {"Retry-After": "900"}))

    outcome = sync(device, link)

    assert isinstance(outcome.error, CentreRefused)
    told = overview(device)
    assert told.next_try_at == NOW + timedelta(seconds=900)
    assert told.problem == "busy"


# Clocks


@pytest.mark.parametrize("years", [-20, -1, 1, 20])
def test_a_machine_whose_clock_is_wrong_by_years_sends_and_learns_the_time(
    enrol: Callable[..., Desk], central: Central, link: Link, clock: StandingClock, years: int
) -> None:
    own = StandingClock(NOW.replace(year=NOW.year + years))
    desk = enrol(clock=own)

    first = sync(desk, link)
    record(desk)
    second = sync(desk, link)

    assert (first.error, second.error) == (None, None)
    assert desk.now() == NOW
    assert arrived_codes(central) == ["H62.11.01-211004-0001"]


@pytest.mark.parametrize("years", [-20, 20])
def test_a_clock_that_jumps_between_two_contacts_is_learnt_anew(
    enrol: Callable[..., Desk], central: Central, link: Link, clock: StandingClock, years: int
) -> None:
    own = StandingClock()
    desk = enrol(clock=own)
    record(desk)
    sync_quietly(desk, link)
    own.at = own.at.replace(year=own.at.year + years)

    outcome = sync(desk, link)

    assert outcome.error is None
    assert desk.now() == NOW


def test_a_measured_clock_ends_the_day_that_a_clerk_has_named(enrol: Callable[..., Desk], link: Link) -> None:
    desk = enrol(clock=StandingClock(NOW - timedelta(days=400)))
    answer_date(desk, TODAY)

    sync(desk, link)

    assert desk.working_now() == NOW
    assert date_question(desk) is None


def test_the_centre_never_takes_a_statement_to_be_of_the_future(
    enrol: Callable[..., Desk], central: Central, link: Link
) -> None:
    desk = enrol(clock=StandingClock(datetime(2041, 10, 4, tzinfo=UTC)))

    sync(desk, link)

    with central_reading(central.database):
        row = models.DeviceRow.get(models.DeviceRow.desk == "H62.11.01")
    assert (row.stated_at, row.covered_until) == (NOW, NOW)


def test_an_answer_that_took_minutes_teaches_no_time(device: Desk, link: Link, clock: StandingClock) -> None:
    def slow(raw: bytes) -> bytes:
        clock.move(minutes=5)
        return raw

    link.answer(slow)

    sync(device, link)

    assert device.now() == clock.at
    with reading(device.database):
        assert device_storage.contact_state().offset_ms is None


# Reference packs


def test_packs_that_have_changed_are_fetched_and_adopted_as_an_entry(
    device: Desk, central: Central, link: Link
) -> None:
    sync_quietly(device, link)
    founding.load(central, "calendar", CALENDAR + "2021-10-05,off,Nghỉ,announced\n")
    link.road.carried.clear()

    sync(device, link)

    assert [path.rpartition("/")[0] for method, path in link.calls() if method == "GET"] == ["/v1/packs"]
    assert not device.packs().calendar.is_working_day(date(2021, 10, 5))
    with reading(device.database):
        assert [each.header.kind for each in journal.entries_after(1, 1, 2, 10)] == ["adopt_packs"]
    assert overview(device).unsent_entries == 0


def test_packs_that_are_in_force_are_not_fetched_again(device: Desk, link: Link) -> None:
    for _ in range(3):
        sync(device, link)

    assert {method for method, _ in link.calls()} == {"POST"}


def test_a_dossier_names_the_packs_that_its_appointment_follows_from(
    device: Desk, central: Central, link: Link
) -> None:
    record(device)
    founding.load(central, "calendar", CALENDAR + "2021-10-05,off,Nghỉ,announced\n")
    sync(device, link)

    record(device)

    with reading(device.database):
        entries = journal.entries_after(1, 1, 0, 10)
    assert [(each.header.kind, each.header.pack) for each in entries[2:]] == [
        ("receive", 2),
        ("adopt_packs", 2),
        ("receive", 4),
    ]


@pytest.mark.parametrize(
    "wish",
    [
        lambda link: link.lose("request"),
        lambda link: link.nonsense(),
        lambda link: link.nonsense(b'{"body": "{}", "signature": "AAAA"}'),
        lambda link: link.answer(lambda raw: raw.replace(b"2021-10-05", b"2021-10-06")),
    ],
    ids=["lost", "nonsense", "another document", "changed on the way"],
)
def test_a_pack_that_does_not_arrive_whole_leaves_the_old_one_in_force(
    device: Desk, central: Central, link: Link, wish: Callable[[Link], Any]
) -> None:
    sync_quietly(device, link)
    founding.load(central, "calendar", CALENDAR + "2021-10-05,off,Nghỉ,announced\n")
    link.road.faults.append(link.road.deliver)
    wish(link)

    outcome = sync(device, link)

    assert outcome.error is not None
    assert device.packs().calendar.is_working_day(date(2021, 10, 5))
    sync_quietly(device, link)
    assert not device.packs().calendar.is_working_day(date(2021, 10, 5))


# Which coding the entries take


def coding_of_a_new_dossier(device: Desk, link: Link) -> int:
    """In which coding the next dossier travels; it has to arrive."""
    record(device)
    sync_quietly(device, link)
    bodies = [unpack_contact(raw) for method, path, raw in link.road.arrived if (method, path) == CONTACT]
    return [body.coding for body in bodies if body.entries_section][-1]


def test_one_dossier_goes_with_its_digits_apart_once_the_centre_has_said_that_it_reads_that(
    device: Desk, central: Central, link: Link
) -> None:
    first = coding_of_a_new_dossier(device, link)

    second = coding_of_a_new_dossier(device, link)

    assert (first, second) == (FRAMED, APART)
    assert arrived_codes(central) == held_codes(device)


@pytest.mark.parametrize("said", [b"", b'"codings":null,', b'"codings":[1],', b'"codings":[1,3],', b'"codings":"12",'])
def test_a_centre_that_does_not_name_a_coding_is_not_sent_it(device: Desk, link: Link, said: bytes) -> None:
    coding_of_a_new_dossier(device, link)
    link.answer(lambda raw: raw.replace(b'"codings":[1,2]', said.rstrip(b",") or b'"older":1'))
    record(device)
    sync(device, link)

    assert coding_of_a_new_dossier(device, link) == FRAMED


def test_a_centre_whose_program_was_put_back_is_sent_what_it_reads(device: Desk, central: Central, link: Link) -> None:
    """It refuses what it cannot read; the statement alone, which goes ahead after a failure, hears of no coding."""
    coding_of_a_new_dossier(device, link)
    refusal = b'{"error":{"code":"bad_frame","vi":"","en":""}}'
    link.road.faults.append(lambda _: answered(400, refusal, {}))
    link.answer(lambda raw: raw.replace(b'"codings":[1,2]', b'"older":1'))
    record(device)

    refused = sync(device, link)

    assert refused.error is not None
    assert coding_of_a_new_dossier(device, link) == FRAMED
    assert arrived_codes(central) == held_codes(device)


# Enrolment as the device sees it


def test_a_device_is_enrolled_once(device: Desk, link: Link) -> None:
    with pytest.raises(AlreadyEnrolled):
        become_device(device, link, URL, "0000-0000-0000-0000", PASSWORD)


def test_a_device_that_is_enrolled_twice_at_once_is_one_device(central: Central, link: Link, field_path: Path) -> None:
    """Two pages of one machine: the second answer finds the certificate that the first one brought."""
    desk = bare_desk(field_path / "new")
    [invitation] = enrolment.invite(central, DESK)

    def enrolled_meanwhile(raw: bytes) -> bytes:
        become_device(desk, link, URL, str(invitation.code), PASSWORD)
        return raw

    link.answer(enrolled_meanwhile)
    with pytest.raises(AlreadyEnrolled):
        become_device(desk, link, URL, str(invitation.code), PASSWORD)

    sync_quietly(desk, link)
    assert overview(desk).slot == 1


def test_a_refusal_says_why_in_the_centres_own_words(device: Desk, central: Central, link: Link) -> None:
    with write_transaction(device.database):
        device_storage.keep_contact_state(replace(device_storage.contact_state(), batch_entries=1))
    link.truncate(90)

    outcome = sync(device, link)

    assert isinstance(outcome.error, CentreRefused)
    assert outcome.error.vietnamese != outcome.error.english
    assert overview(device).problem == outcome.error.refusal_code
