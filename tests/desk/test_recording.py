"""Recording at the desk: without a network, each dossier once, with a code that no other machine prints."""

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk_client.desk import Desk, NotEnrolled
from desk_client.services.declaring import NotNil, declare
from desk_client.services.lifecycle import dossier_of, record_step
from desk_client.services.listing import entered_on
from desk_client.services.overview import SyncState, overview
from desk_client.services.recording import (
    InvalidReception,
    appointment,
    record_reception,
    record_refusal,
    record_registration,
)
from desk_client.storage import journal, models
from desk_client.storage.database import reading
from sync_protocol.dossier_codes import SerialRule, SerialsExhausted
from sync_protocol.dossiers import UnknownDossier
from sync_protocol.events import (
    Corrected,
    Declared,
    Delivered,
    Forwarded,
    PaymentRequested,
    Resolved,
    Step,
    Withdrawn,
)
from sync_protocol.periods import Period
from sync_protocol.schemas import read_event
from sync_protocol.transitions import IllegalTransition
from sync_protocol.vocabulary import Cause, Declaration, DeliveryMethod, DossierStage, ResultKind
from tests.conftest import record, void
from tests.factories import NOW, StandingClock, bare_desk, enrolled_desk, reception

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
NIL = Declared(period=OCTOBER, declaration=Declaration.NIL)
RESOLVED = Resolved(result_kind=ResultKind.GRANTED)
DELIVERED = Delivered(delivered_to="Nguyễn Thị Hường", delivered_by=DeliveryMethod.COUNTER)


@pytest.fixture
def desk(field_path: Path, clock: StandingClock) -> Desk:
    """An enrolled device."""
    return enrolled_desk(field_path / "desk", clock=clock)


def entry_count(desk: Desk) -> int:
    with reading(desk.database):
        return int(models.Entry.select().count())


def codes(desk: Desk) -> list[str]:
    with reading(desk.database):
        return [each.dossier_code for each in models.DossierRow.select().order_by(models.DossierRow.number)]


# Codes


def test_codes_of_a_day_are_numbered_from_one(desk: Desk) -> None:
    for _ in range(3):
        record(desk)

    assert codes(desk) == ["H62.11.01-211004-0001", "H62.11.01-211004-0002", "H62.11.01-211004-0003"]


def test_numbers_begin_again_each_day(desk: Desk, clock: StandingClock) -> None:
    record(desk)
    clock.move(days=1)
    record(desk)

    assert codes(desk) == ["H62.11.01-211004-0001", "H62.11.01-211005-0001"]


def test_a_dossier_entered_late_takes_the_next_number_of_the_day_on_which_it_was_received(
    desk: Desk, clock: StandingClock
) -> None:
    record(desk)
    record(desk)
    clock.move(days=3)
    record(desk)

    record(desk, on=date(2021, 10, 4))

    assert codes(desk)[2:] == ["H62.11.01-211007-0001", "H62.11.01-211004-0003"]


def test_the_day_of_a_code_is_the_local_one(desk: Desk) -> None:
    dossier = record_reception(
        desk, reception(), received_at=datetime(2021, 10, 4, 17, 30, tzinfo=UTC), clerk="an.nv"
    ).dossier

    assert dossier.dossier_code == "H62.11.01-211005-0001"
    assert dossier.received_on == date(2021, 10, 5)


def test_the_number_of_a_voided_dossier_is_not_given_again(desk: Desk) -> None:
    void(desk, record(desk))

    assert record(desk).dossier_code == "H62.11.01-211004-0002"


def test_two_machines_of_a_desk_never_print_the_same_code(tmp_path: Path) -> None:
    first, second = (enrolled_desk(tmp_path / str(slot), slot=slot) for slot in (1, 2))

    printed = [record(desk).dossier_code for desk in (first, second) for _ in range(3)]

    assert len(set(printed)) == 6
    assert printed[3] == "H62.11.01-211004-1000"


def test_a_day_with_more_dossiers_than_four_digits_goes_on_with_six(tmp_path: Path) -> None:
    desk = enrolled_desk(tmp_path, serials=SerialRule(first=1, per_slot=3))

    printed = [record(desk).dossier_code[-6:].lstrip("-") for _ in range(4)]

    assert printed == ["4-0001", "4-0002", "100000", "100001"]


def test_a_machine_without_numbers_saves_nothing_and_says_so(tmp_path: Path) -> None:
    desk = enrolled_desk(tmp_path, serials=SerialRule(first=1, per_slot=3))
    for _ in range(5):
        record(desk)

    with pytest.raises(SerialsExhausted):
        record(desk)

    assert len(codes(desk)) == 5


# Saving


def test_saving_needs_no_network(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("saving has asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    record(desk)

    assert len(codes(desk)) == 1


def test_a_saved_dossier_waits_to_be_sent(desk: Desk) -> None:
    record(desk)

    told = overview(desk)

    assert (told.saved_count, told.unsent_count, told.sync_state) == (1, 1, SyncState.NEVER)
    assert [line.is_sent for line in entered_on(desk, date(2021, 10, 4))] == [False]


def test_an_entry_names_who_recorded_it_when_and_by_which_packs(desk: Desk, clock: StandingClock) -> None:
    clock.move(minutes=5)

    record_reception(desk, reception(), received_at=NOW, clerk="an.nv")

    with reading(desk.database):
        header = journal.entries_after(1, 1, 2, 1)[0].header
    assert (header.happened_at, header.recorded_at) == (NOW, NOW + timedelta(minutes=5))
    assert (header.clerk, header.pack, header.subject) == ("an.nv", 2, "1.1.3")


def test_what_was_typed_is_what_is_sealed(desk: Desk) -> None:
    record(desk, submitter_name="  Nguye\u0302\u0303n   Văn  An ", phone="+84 987 000 001")

    with reading(desk.database):
        payload = read_event(journal.entries_after(1, 1, 2, 1)[0]).payload

    assert payload.submitter_name == "Nguyễn Văn An"  # type: ignore[union-attr]
    assert payload.phone == "0987000001"  # type: ignore[union-attr]


def test_a_dossier_of_the_future_is_saved_and_marked(desk: Desk) -> None:
    recorded = record_reception(desk, reception(), received_at=NOW + timedelta(days=1), clerk="an.nv")

    assert recorded.is_ahead
    assert recorded.dossier.received_on == date(2021, 10, 5)


WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an unknown procedure": ({"procedure_code": "9.999999"}, ["procedure_code"]),
    "a phone that nobody can call": ({"phone": "12345"}, ["phone"]),
    "no name": ({"submitter_name": ""}, ["submitter_name"]),
    "a NUL in a name": ({"owner_name": "An\0"}, ["owner_name"]),
    "a lone surrogate": ({"owner_name": "An\ud800"}, ["owner_name"]),
    "a name too long": ({"owner_name": "A" * 151}, ["owner_name"]),
    "a short identity number": ({"id_number": "12345"}, ["id_number"]),
    "no set": ({"set_count": 0}, ["set_count"]),
    "half a set": ({"set_count": 1.5}, ["set_count"]),
    "an unknown channel": ({"channel": "fax"}, ["channel"]),
    "a channel that is not offered": ({"channel": "post"}, ["channel"]),
    "an unknown field": ({"dossier_code": "H62.11.01-211004-0009"}, ["dossier_code"]),
    "a list for a name": ({"owner_name": ["An"]}, ["owner_name"]),
    "two wrong fields": ({"set_count": 0, "owner_type": "x"}, ["owner_type", "set_count"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_named_by_its_field_and_nothing_is_saved(desk: Desk, name: str) -> None:
    overrides, fields = WRONG[name]

    with pytest.raises(InvalidReception) as refusal:
        record(desk, **overrides)

    assert sorted(refusal.value.problems) == fields
    assert (codes(desk), entry_count(desk)) == ([], 2)
    assert record(desk).dossier_code == "H62.11.01-211004-0001"


@pytest.mark.parametrize("missing", ["procedure_code", "submitter_name", "owner_type", "channel", "set_count"])
def test_a_field_that_is_missing_is_named(desk: Desk, missing: str) -> None:
    given = reception()
    del given[missing]

    with pytest.raises(InvalidReception) as refusal:
        record_reception(desk, given, received_at=NOW, clerk="an.nv")

    assert list(refusal.value.problems) == [missing]
    assert codes(desk) == []


@pytest.mark.parametrize("at", [datetime(1999, 12, 31, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)])
def test_a_date_that_cannot_be_is_refused_for_a_reception_and_for_a_step(desk: Desk, at: datetime) -> None:
    dossier = record(desk)

    with pytest.raises(InvalidReception):
        record_reception(desk, reception(), received_at=at, clerk="an.nv")
    with pytest.raises(InvalidReception):
        record_step(desk, dossier.id, RESOLVED, happened_at=at, clerk="an.nv")

    assert entry_count(desk) == 3


def test_an_installation_that_is_not_enrolled_records_nothing(tmp_path: Path) -> None:
    desk = bare_desk(tmp_path)

    with pytest.raises(NotEnrolled):
        record_reception(desk, reception(), received_at=NOW, clerk="an.nv")

    assert entry_count(desk) == 0


# Steps


def test_a_dossier_goes_from_received_to_delivered(desk: Desk) -> None:
    dossier = record(desk)

    stages = [
        record_step(desk, dossier.id, step, happened_at=NOW, clerk="an.nv").dossier.stage
        for step in (RESOLVED, DELIVERED)
    ]

    assert stages == [DossierStage.RESOLVED, DossierStage.DELIVERED]


def test_a_dossier_is_found_by_its_code_and_by_its_id(desk: Desk) -> None:
    dossier = record(desk)

    record_step(desk, dossier.dossier_code, RESOLVED, happened_at=NOW, clerk="an.nv")
    record_step(desk, dossier.id, DELIVERED, happened_at=NOW, clerk="an.nv")

    assert dossier_of(desk, dossier.id).dossier.stage is DossierStage.DELIVERED


def test_a_step_that_does_not_follow_is_refused_and_nothing_is_saved(desk: Desk) -> None:
    dossier = record(desk)

    with pytest.raises(IllegalTransition):
        record_step(desk, dossier.id, DELIVERED, happened_at=NOW, clerk="an.nv")

    assert entry_count(desk) == 3


UNFIT: dict[str, tuple[Step, str]] = {
    "no reason": (Withdrawn(reason=""), "reason"),
    "a line break": (Withdrawn(reason="Đổi ý\nkiến"), "reason"),
    "a reason too long": (Withdrawn(reason="x" * 501), "reason"),
    "nobody": (Forwarded(), "case_officer"),
    "a name with a NUL": (Forwarded(case_officer="Ún\0"), "case_officer"),
    "less than nothing": (PaymentRequested(amount_vnd=-1), "amount_vnd"),
    "a phone that nobody can call": (Corrected(changes={"phone": "12345"}, reason="Gõ nhầm"), "phone"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_step_that_the_centre_would_set_aside_is_refused_and_nothing_is_saved(desk: Desk, name: str) -> None:
    step, field = UNFIT[name]
    dossier = record(desk)

    with pytest.raises(InvalidReception) as refusal:
        record_step(desk, dossier.id, step, happened_at=NOW, clerk="an.nv")

    assert list(refusal.value.problems) == [field]
    assert entry_count(desk) == 3


@pytest.mark.parametrize("reason", ["", "x" * 501, "Thiếu\ngiấy"])
def test_a_refusal_at_the_desk_that_the_centre_would_set_aside_is_refused_itself(desk: Desk, reason: str) -> None:
    with pytest.raises(InvalidReception) as refusal:
        record_refusal(desk, reception(), reason, happened_at=NOW, clerk="an.nv")

    assert list(refusal.value.problems) == ["reason"]
    assert entry_count(desk) == 2


def test_what_is_typed_of_a_step_is_sealed_in_one_form(desk: Desk) -> None:
    dossier = record(desk)

    record_step(desk, dossier.id, Withdrawn(reason="  \u0110o\u0302\u0309i   y\u0301 "), happened_at=NOW, clerk="an.nv")

    with reading(desk.database):
        payload = read_event(journal.entries_after(1, 1, 3, 1)[0]).payload
    assert payload == Withdrawn(reason="Đổi ý")


@pytest.mark.parametrize("ref", ["1.1.99", "H62.11.01-211004-0099", "", "\0", "' OR 1=1 --"])
def test_a_step_of_a_dossier_that_is_not_here_is_refused(desk: Desk, ref: str) -> None:
    with pytest.raises(UnknownDossier):
        record_step(desk, ref, RESOLVED, happened_at=NOW, clerk="an.nv")

    assert entry_count(desk) == 2


def test_a_voided_dossier_counts_no_more_but_stays_to_be_seen(desk: Desk) -> None:
    dossier = record(desk)
    record(desk)

    void(desk, dossier)

    told = overview(desk)
    assert (told.received_count, told.saved_count) == (1, 2)


def test_the_appointment_is_three_working_days_later(desk: Desk) -> None:
    assert appointment(desk, "1.004873", "direct", NOW) == datetime(2021, 10, 7, 2, 0, tzinfo=UTC)
    assert appointment(desk, "9.999999", "direct", NOW) is None


# Declarations


def declared(desk: Desk) -> list[Any]:
    with reading(desk.database):
        entries = journal.entries_after(1, 1, 0, 100)
    return [read_event(each).payload for each in entries if each.header.kind == "declare"]


def test_a_desk_without_dossiers_can_declare_that_nothing_arose(desk: Desk, clock: StandingClock) -> None:
    clock.move(days=16)

    declare(desk, NIL, clerk="an.nv")

    assert declared(desk) == [replace(NIL, cause=Cause.NOTHING_AROSE)]


def test_a_desk_with_a_dossier_of_the_period_cannot_declare_that_nothing_arose(
    desk: Desk, clock: StandingClock
) -> None:
    record(desk)
    clock.move(days=16)

    with pytest.raises(NotNil) as refusal:
        declare(desk, NIL, clerk="an.nv")

    assert refusal.value.values["count"] == 1
    assert declared(desk) == []


@pytest.mark.parametrize(
    "prepare",
    [
        lambda desk: void(desk, record(desk)),
        lambda desk: record(desk, on=date(2021, 9, 20)),
        lambda desk: record_refusal(desk, reception(), "Thiếu giấy tờ", happened_at=NOW, clerk="an.nv"),
        lambda desk: record_registration(desk, reception(channel="online"), filed_at=NOW, clerk="an.nv"),
    ],
    ids=["a voided dossier", "a dossier of the period before", "one that was refused", "one not yet accepted"],
)
def test_what_does_not_count_in_the_period_does_not_hinder_a_nil_declaration(
    desk: Desk, clock: StandingClock, prepare: Callable[[Desk], Any]
) -> None:
    prepare(desk)
    clock.move(days=16)

    declare(desk, NIL, clerk="an.nv")

    assert len(declared(desk)) == 1


def test_a_desk_with_dossiers_can_declare_that_all_are_entered(desk: Desk, clock: StandingClock) -> None:
    record(desk)
    clock.move(days=16)
    complete = Declared(period=OCTOBER, declaration=Declaration.COMPLETE, cause=Cause.STAFF)

    declare(desk, complete, clerk="an.nv")

    assert declared(desk) == [complete]


# What a save costs


def test_a_save_asks_as_few_statements_after_many_dossiers_as_after_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = desk.database.execute_sql

    def counted(sql: str, *given: Any, **named: Any) -> Any:
        asked.append(sql)
        return real(sql, *given, **named)

    record(desk)
    monkeypatch.setattr(desk.database, "execute_sql", counted)
    record(desk)
    first = len(asked)
    for _ in range(50):
        record(desk)
    asked.clear()
    record(desk)

    assert len(asked) == first
    assert first <= 16
