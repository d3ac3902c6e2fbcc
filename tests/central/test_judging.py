"""What the centre makes of a dossier's whole life: its verdicts, its counts, and what waits for its dossier."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from central_server.central import Central
from central_server.services import receiving
from central_server.storage import dossiers, ledger, models
from central_server.storage.database import reading
from desk_client.desk import Desk
from desk_client.services.lifecycle import deliver_unseen
from sync_protocol.dossiers import Dossier, UnknownDossier, read_state
from sync_protocol.events import Delivered, Resolved
from sync_protocol.vocabulary import DeliveryMethod, DossierStage, ResultKind
from tests.central.test_standings_of_desks import counted_statements
from tests.central.writing import DAY, Writer, arrived_by_day, enrolled_writer, recounted, unsent_by_day
from tests.conftest import DESK, OTHER_DESK, Link, only_on_sqlite, record, sync_quietly, take
from tests.factories import NOW, StandingClock, reception

CODE = "H62.11.01-211004-1999"
FIRST_OF_OCTOBER = date(2021, 10, 1)


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01."""
    return enrolled_writer(central)


@pytest.fixture
def second(writer: Writer, central: Central) -> Writer:
    """Slot 2 of H62.11.01."""
    return enrolled_writer(central, seed=b"\x02" * 32)


def held(central: Central, id_: str, code: str = DESK) -> Dossier:
    """A dossier as its state tells it."""
    with reading(central.database):
        row = models.DossierRow.get(models.DossierRow.desk == code, models.DossierRow.id == id_)
    return read_state(bytes(row.state))


def verdicts_of(central: Central) -> list[tuple[int, int, str, str]]:
    """Slot, sequence, verdict and reason of the entries that were not simply applied."""
    row = models.VerdictRow
    with reading(central.database):
        query = row.select(row.slot, row.sequence, row.kind, row.reason).order_by(row.slot, row.sequence)
        return [tuple(each) for each in query.tuples()]


def correct(writer: Writer, subject: str, **changes: Any) -> str:
    """Seals a correction of fields that nobody has changed before."""
    return writer.write(
        "correct",
        {"changes": changes, "reason": "Ghi nhầm"},
        subject=subject,
        base=dict.fromkeys(changes, subject),
    )


# A dossier's life


def test_a_whole_life_is_applied_and_kept(writer: Writer, central: Central) -> None:
    dossier = writer.receive()
    writer.write("forward", {"to_unit": "Phòng Tư pháp"}, subject=dossier)
    writer.write("request_supplement", {"papers": "Bản sao giấy khai sinh", "reason": "Còn thiếu"}, subject=dossier)
    writer.write("supplement_received", {}, subject=dossier)
    writer.write("request_payment", {"amount_vnd": 8000}, subject=dossier)
    writer.write("payment_done", {}, subject=dossier)
    writer.write("extend", {"reason": "Chờ xác minh", "due_on": "2021-10-15"}, subject=dossier)
    writer.resolve(dossier)
    writer.deliver(dossier)
    writer.write("print", {"form": "receipt"}, subject=dossier)

    answer = writer.send()

    told = held(central, dossier)
    assert answer.verdicts == []
    assert (told.stage, told.result_kind, told.delivered_by) == (
        DossierStage.DELIVERED, ResultKind.GRANTED, DeliveryMethod.COUNTER,
    )  # fmt: skip
    assert (len(told.timeline), told.resolved_at, told.delivered_at) == (3, NOW, NOW)
    assert arrived_by_day(central) == recounted(central) == {DAY: 1}


def test_a_step_that_comes_later_goes_on_from_where_the_dossier_stands(writer: Writer, central: Central) -> None:
    dossier = writer.receive()
    writer.write("request_payment", {"amount_vnd": 8000}, subject=dossier)
    writer.send()
    writer.write("payment_done", {}, subject=dossier)

    answer = writer.send(writer.contact(first=4))

    assert answer.verdicts == []
    assert held(central, dossier).stage is DossierStage.PROCESSING
    assert held(central, dossier).wait is None


def test_the_columns_that_are_asked_by_follow_the_state(writer: Writer, central: Central) -> None:
    dossier = writer.receive(FIRST_OF_OCTOBER)
    writer.send()
    correct(writer, dossier, procedure_code="2.000815", channel="post", received_at="2021-10-02T03:00:00Z")
    writer.resolve(dossier)

    writer.send(writer.contact(first=3))

    with reading(central.database):
        row = models.DossierRow.get()
    assert (row.procedure_code, row.channel, row.stage) == ("2.000815", "post", "resolved")
    assert (row.received_on, row.resolved_at) == (date(2021, 10, 2), NOW)


def test_a_dossier_filed_online_counts_from_the_day_of_its_acceptance(writer: Writer, central: Central) -> None:
    filed = writer.write("register", reception(channel="online"), happened_at=NOW - timedelta(days=3))
    writer.send()
    before = arrived_by_day(central)

    writer.write("receive", reception(channel="online", dossier_code=CODE), {DAY: 1}, subject=filed)
    answer = writer.send(writer.contact(first=3))

    told = held(central, filed)
    assert (before, answer.verdicts) == ({}, [])
    assert (told.stage, told.dossier_code, told.received_on) == (DossierStage.RECEIVED, CODE, DAY)
    assert arrived_by_day(central) == recounted(central) == {DAY: 1}


def test_a_dossier_is_found_by_the_code_that_its_acceptance_gave_it(writer: Writer, central: Central) -> None:
    filed = writer.write("register", reception(channel="online"))
    writer.send()
    writer.write("receive", reception(channel="online", dossier_code=CODE), subject=filed)
    writer.send(writer.contact(first=3))

    writer.deliver(CODE)
    writer.send(writer.contact(first=4))

    assert held(central, filed).stage is DossierStage.DELIVERED


def test_what_was_not_accepted_counts_nowhere(writer: Writer, central: Central) -> None:
    writer.write("refuse_at_desk", reception(reason="Không thuộc thẩm quyền"))
    filed = writer.write("register", reception(channel="online"))
    writer.write("refuse_at_desk", reception(reason="Thiếu giấy tờ"), subject=filed)

    answer = writer.send()

    assert answer.verdicts == []
    assert arrived_by_day(central) == recounted(central) == {}
    assert held(central, filed).stage is DossierStage.NOT_ACCEPTED


def test_a_corrected_day_of_reception_moves_the_dossier(writer: Writer, central: Central) -> None:
    dossier = writer.receive(FIRST_OF_OCTOBER)
    writer.receive(FIRST_OF_OCTOBER)
    writer.send()
    correct(writer, dossier, received_at="2021-10-04T02:30:00Z")
    writer.changes[-1] = {FIRST_OF_OCTOBER: -1, DAY: 1}

    writer.send(writer.alone(acknowledged=3))
    stated = unsent_by_day(central)
    writer.send(writer.contact(first=4))

    assert stated == {FIRST_OF_OCTOBER: -1, DAY: 1}
    assert unsent_by_day(central) == {}
    assert arrived_by_day(central) == recounted(central) == {FIRST_OF_OCTOBER: 1, DAY: 1}


def test_a_dossier_that_was_moved_to_another_day_did_not_arrive_again(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    dossier = writer.receive(FIRST_OF_OCTOBER)
    writer.send()
    clock.move(hours=1)
    correct(writer, dossier, received_at="2021-10-04T02:30:00Z")
    writer.send(writer.contact(first=3))

    with reading(central.database):
        arrivals = ledger.arrivals(DESK, 9)

    assert [(each.entries, each.dossiers) for each in arrivals] == [(1, 0), (2, 1)]


def test_the_same_field_corrected_on_two_machines_is_a_conflict_and_what_stands_stays(
    writer: Writer, second: Writer, central: Central
) -> None:
    dossier = writer.receive()
    correct(writer, dossier, procedure_code="2.000815")
    writer.send()
    correct(second, dossier, procedure_code="1.001193")

    answer = second.send()

    assert answer.verdicts == [(2, "conflict", "")]
    assert verdicts_of(central) == [(2, 2, "conflict", "")]
    assert held(central, dossier).procedure_code == "2.000815"


def test_different_fields_corrected_on_two_machines_both_stand(
    writer: Writer, second: Writer, central: Central
) -> None:
    dossier = writer.receive()
    correct(writer, dossier, procedure_code="2.000815")
    writer.send()
    correct(second, dossier, channel="post")

    answer = second.send()

    assert answer.verdicts == []
    assert (held(central, dossier).procedure_code, held(central, dossier).channel) == ("2.000815", "post")


def test_two_ends_that_contradict_each_other_wait_for_a_person(
    writer: Writer, second: Writer, central: Central
) -> None:
    dossier = writer.receive()
    writer.write("withdraw", {"reason": "Công dân xin rút"}, subject=dossier)
    writer.send()
    second.deliver(dossier)

    answer = second.send()

    assert answer.verdicts == [(2, "conflict", "")]
    assert held(central, dossier).stage is DossierStage.WITHDRAWN


def test_the_same_result_from_two_machines_is_told_once(writer: Writer, second: Writer, central: Central) -> None:
    dossier = writer.receive()
    writer.resolve(dossier)
    writer.send()
    second.resolve(dossier)

    answer = second.send()

    assert answer.verdicts == [(2, "merged", "")]
    assert held(central, dossier).stage is DossierStage.RESOLVED


def test_a_rating_of_the_desk_as_a_whole_is_about_no_dossier(writer: Writer) -> None:
    writer.write("rate", {"rating": "satisfied"})

    answer = writer.send()

    assert answer.verdicts == []


@pytest.mark.parametrize("kind", ["receive", "register", "refuse_at_desk"])
def test_an_instant_in_no_local_day_is_set_aside_while_its_neighbours_count(
    writer: Writer, central: Central, kind: str
) -> None:
    more = {"receive": {"dossier_code": CODE}, "refuse_at_desk": {"reason": "Thiếu giấy tờ"}}.get(kind, {})
    writer.receive()
    writer.write(kind, reception(**more), happened_at=datetime(9999, 12, 31, 20, tzinfo=UTC))
    writer.receive()

    answer = writer.send()

    assert answer.verdicts == [(3, "quarantined", "OverflowError")]
    assert arrived_by_day(central) == recounted(central) == {DAY: 2}


def test_a_reception_under_the_name_of_another_dossier_is_set_aside(writer: Writer, central: Central) -> None:
    dossier = writer.receive()
    writer.write("receive", reception(dossier_code=CODE), subject=dossier)

    answer = writer.send()

    assert answer.verdicts == [(3, "quarantined", "illegal_transition")]
    assert arrived_by_day(central) == {DAY: 1}


def test_a_batch_reads_and_writes_as_often_for_sixty_dossiers_as_for_six(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    ids = [writer.receive() for _ in range(66)]
    writer.send()
    for id_ in ids[:6]:
        writer.resolve(id_)
    few_raw = writer.contact(first=68)
    with counted_statements(central) as few:
        receiving.accept_contact(central, few_raw)
    for id_ in ids[6:]:
        writer.resolve(id_)
    many_raw = writer.contact(first=74)

    with counted_statements(central) as many:
        receiving.accept_contact(central, many_raw)

    assert len(many) == len(few)


# A result handed over against a slip that the machine had never seen


def test_a_result_handed_over_against_an_unknown_slip_meets_its_dossier_later(
    writer: Writer, second: Writer, central: Central
) -> None:
    second.deliver(CODE)
    waiting = second.send()
    dossier = writer.receive(dossier_code=CODE)

    writer.send()

    assert waiting.verdicts == [(2, "quarantined", "unknown_dossier")]
    assert verdicts_of(central) == [(2, 2, "merged", "")]
    assert held(central, dossier).stage is DossierStage.DELIVERED
    assert arrived_by_day(central) == recounted(central) == {DAY: 1}


def test_a_result_handed_over_against_a_slip_that_is_here_is_of_its_dossier(
    writer: Writer, second: Writer, central: Central
) -> None:
    dossier = writer.receive(dossier_code=CODE)
    writer.resolve(dossier)
    writer.send()
    second.deliver(CODE)

    answer = second.send()

    assert answer.verdicts == []
    assert held(central, dossier).stage is DossierStage.DELIVERED


def test_nobody_is_late_because_the_result_was_known_after_it_was_handed_over(
    writer: Writer, second: Writer, central: Central
) -> None:
    second.deliver(CODE, happened_at=NOW + timedelta(days=9))
    second.send()
    dossier = writer.receive(dossier_code=CODE)
    writer.resolve(dossier)

    writer.send()

    told = held(central, dossier)
    assert (told.stage, told.resolved_at, told.delivered_at) == (
        DossierStage.DELIVERED, NOW, NOW + timedelta(days=9),
    )  # fmt: skip


def test_a_step_and_the_dossier_behind_it_may_come_in_one_batch(writer: Writer, central: Central) -> None:
    writer.deliver(CODE)
    dossier = writer.receive(dossier_code=CODE)

    answer = writer.send()

    assert answer.verdicts == [(2, "merged", "")]
    assert verdicts_of(central) == [(1, 2, "merged", "")]
    assert held(central, dossier).stage is DossierStage.DELIVERED


def test_an_entry_that_then_simply_applies_leaves_no_verdict(writer: Writer, second: Writer, central: Central) -> None:
    second.write("print", {"form": "receipt"}, subject=CODE)
    second.send()
    writer.receive(dossier_code=CODE)

    writer.send()

    assert verdicts_of(central) == []


def test_what_waits_for_a_dossier_that_is_accepted_later_meets_it_too(
    writer: Writer, second: Writer, central: Central
) -> None:
    second.deliver(CODE)
    second.send()
    filed = writer.write("register", reception(channel="online"))
    writer.send()
    writer.write("receive", reception(channel="online", dossier_code=CODE), subject=filed)

    writer.send(writer.contact(first=3))

    assert held(central, filed).stage is DossierStage.DELIVERED


def test_a_step_about_a_dossier_of_another_machine_waits_for_it_by_its_id(
    writer: Writer, second: Writer, central: Central
) -> None:
    dossier = writer.receive()
    second.void(dossier)
    second.send()

    writer.send()

    assert verdicts_of(central) == []
    assert held(central, dossier).stage is DossierStage.VOIDED
    assert arrived_by_day(central) == {}


def test_a_contact_that_comes_again_judges_nothing_twice(writer: Writer, second: Writer, central: Central) -> None:
    second.deliver(CODE)
    early = second.contact()
    second.send(early)
    dossier = writer.receive(dossier_code=CODE)
    raw = writer.contact()
    writer.send(raw)

    writer.send(raw)
    second.send(early)

    assert verdicts_of(central) == [(2, 2, "merged", "")]
    assert held(central, dossier).stage is DossierStage.DELIVERED
    assert arrived_by_day(central) == {DAY: 1}


def test_a_code_names_a_dossier_of_its_own_desk_only(writer: Writer, central: Central) -> None:
    other = enrolled_writer(central, OTHER_DESK, seed=b"\x03" * 32)
    writer.deliver(CODE)
    writer.send()
    dossier = other.receive(dossier_code=CODE)

    other.send()

    assert verdicts_of(central) == [(1, 2, "quarantined", "unknown_dossier")]
    assert held(central, dossier, OTHER_DESK).stage is DossierStage.RECEIVED


def test_of_two_dossiers_under_one_code_it_names_the_one_that_was_not_voided(
    writer: Writer, second: Writer, central: Central
) -> None:
    doubled = writer.receive(dossier_code=CODE)
    writer.void(doubled)
    dossier = writer.receive(dossier_code=CODE)
    writer.send()
    second.deliver(CODE)

    second.send()

    assert held(central, dossier).stage is DossierStage.DELIVERED
    assert held(central, doubled).stage is DossierStage.VOIDED


def test_dossiers_without_a_code_are_not_named_by_nothing(writer: Writer, central: Central) -> None:
    writer.deliver("")
    filed = writer.write("register", reception(channel="online"))
    writer.deliver("")

    answer = writer.send()

    assert answer.verdicts == [(2, "quarantined", "unknown_dossier"), (4, "quarantined", "unknown_dossier")]
    assert held(central, filed).stage is DossierStage.REGISTERED


@pytest.mark.parametrize("is_delivered_first", [True, False])
def test_a_slip_that_a_machine_has_never_seen_is_delivered_against_in_either_order(
    device: Desk, second_device: Desk, link: Link, central: Central, *, is_delivered_first: bool
) -> None:
    dossier = record(device)
    take(device, dossier.id, Resolved(result_kind=ResultKind.GRANTED))
    delivered = Delivered(delivered_to="Nguyễn Thị Hường", delivered_by=DeliveryMethod.COUNTER)
    deliver_unseen(second_device, dossier.dossier_code, delivered, happened_at=second_device.now(), clerk="truong")

    for desk in (second_device, device) if is_delivered_first else (device, second_device):
        sync_quietly(desk, link)

    told = held(central, dossier.id)
    assert (told.stage, told.result_kind) == (DossierStage.DELIVERED, ResultKind.GRANTED)
    assert [reason for *_, reason in verdicts_of(central) if reason] == []


@only_on_sqlite
def test_names_of_dossiers_and_what_waits_for_them_are_found_by_an_index(
    writer: Writer, central: Central, database_kind: str
) -> None:
    writer.deliver(CODE)
    writer.send()
    with counted_statements(central) as asked, reading(central.database):
        dossiers.by_refs(DESK, ["1.1.2", CODE])
        ledger.waiting(DESK, UnknownDossier.code, ["1.1.2", CODE])

    by_name, any_waiting, waiting = [_plan(central, sql) for sql in asked]
    assert "dossier_code" in by_name
    assert "verdict_waiting" in any_waiting
    assert "verdict_waiting" in waiting
    assert "SCAN" not in by_name + waiting


def _plan(central: Central, sql: str) -> str:
    with reading(central.database):
        rows = central.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", ["x"] * sql.count("?")).fetchall()
    return "; ".join(row[3] for row in rows)
