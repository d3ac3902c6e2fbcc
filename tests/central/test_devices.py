"""The life of a desk's machines: who may speak for a desk, what becomes of what the others send, who changed what."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import peewee
import pytest

from central_server.central import Central
from central_server.services import devices as service
from central_server.services import enrolment, receiving, standing
from central_server.services.devices import (
    POSSIBLE,
    BadSince,
    DeviceAction,
    NotPossible,
    ReasonMissing,
    StillHolds,
    UnknownMachine,
    change_state,
    parse_device,
)
from central_server.services.enrolment import UnknownDesk
from central_server.storage import changes, devices, models
from central_server.storage.changes import Change
from central_server.storage.database import reading, write_transaction
from central_server.storage.devices import REVOKED, Device
from central_server.storage.units import Scope
from sync_protocol.certificates import comparison_number, read_certificate
from sync_protocol.entries import read_header
from sync_protocol.periods import Period
from sync_protocol.signing import Signed, SigningKey
from sync_protocol.vocabulary import Declaration, DeviceId, DeviceState, Standing
from tests.central.writing import DAY, Writer, arrived_by_day, enrolled_writer, ledger_of, request
from tests.conftest import DESK
from tests.factories import NOW, StandingClock

SEPTEMBER = Period(first_on=date(2021, 8, 21), last_on=date(2021, 9, 20))
OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
REASON = "Máy hỏng nguồn"
FIRST = DeviceId(DESK, 1)


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01, its journal with nothing but its first entry."""
    return enrolled_writer(central)


def do(central: Central, action: DeviceAction, device: DeviceId = FIRST, **asked: Any) -> service.Changed:
    """Does something with a device as the person van.tt."""
    return change_state(central, device, action, by="van.tt", **{"reason": REASON} | asked)


def stored(central: Central, device: DeviceId = FIRST) -> Device:
    with reading(central.database):
        found = devices.by_id(device)
    assert found is not None
    return found


def record_of(central: Central, desk: str = DESK) -> list[Change]:
    """What is recorded of a desk, oldest first."""
    with reading(central.database):
        return changes.of_desk(desk, 100)[::-1]


def put(central: Central, state: DeviceState) -> None:
    """Puts slot 1 into a state, however one comes there."""
    with write_transaction(central.database):
        devices.keep_state(FIRST, state, central.now(), None)


def word(central: Central, period: Period = OCTOBER, code: str = DESK) -> Standing:
    """The standing of a desk."""
    told = standing.standings(central, Scope(root=None), period)
    return next(each.judgement.standing for each in told.desks if each.desk.code == code)


def verdicts(central: Central) -> list[tuple[int, str, str]]:
    row = models.VerdictRow
    with reading(central.database):
        query = row.select(row.sequence, row.kind, row.reason).order_by(row.slot, row.sequence)
        return [tuple(each) for each in query.tuples()]


# What leads where


@pytest.mark.parametrize(("action", "state"), list(product(DeviceAction, DeviceState)))
def test_an_action_leads_from_the_states_of_its_row_and_from_no_other(
    writer: Writer, central: Central, action: DeviceAction, state: DeviceState
) -> None:
    possible = {
        DeviceAction.APPROVE: "pending spare suspended lost",
        DeviceAction.SUSPEND: "active pending spare",
        DeviceAction.LOST: "active pending spare suspended",
        DeviceAction.REPLACE: "active pending spare suspended lost",
        DeviceAction.RETIRE: "active pending spare suspended",
        DeviceAction.SPARE: "active",
    }[action].split()
    after = {"approve": "active", "suspend": "suspended", "replace": "replaced", "retire": "retired"}
    put(central, state)

    if state.value in possible:
        do(central, action)
    else:
        with pytest.raises(NotPossible):
            do(central, action)

    assert stored(central).state.value == (
        after.get(action.value, action.value) if state.value in possible else state.value
    )


def test_a_machine_is_told_with_all_that_can_be_done_with_it(writer: Writer, central: Central) -> None:
    [machine] = service.machines_of(central, Scope(root=None), DESK).machines

    assert [action.value for action in machine.possible] == ["suspend", "lost", "replace", "retire", "spare"]


def test_of_a_machine_its_version_disk_clock_and_last_contact_are_told(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    writer.write("declare", {"period": str(SEPTEMBER), "declaration": "nil"}, offset_ms=-95_000)
    clock.move(minutes=4)
    writer.send(writer.contact(free_disk_mb=812, head=2))
    writer.receive()
    writer.send(writer.alone())

    [machine] = service.machines_of(central, Scope(root=None), DESK).machines

    assert (machine.device.app_version, machine.device.free_disk_mb) == ("0.1.0", 1000)
    assert (machine.offset_ms, machine.ahead) == (-95_000, 1)
    assert machine.device.heard_at == NOW + timedelta(minutes=4)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_a_change_needs_a_reason_of_a_few_words(writer: Writer, central: Central, reason: str) -> None:
    with pytest.raises(ReasonMissing):
        do(central, DeviceAction.SUSPEND, reason=reason)

    assert stored(central).state is DeviceState.ACTIVE


@pytest.mark.parametrize("action", [DeviceAction.RETIRE, DeviceAction.SPARE])
def test_a_machine_that_has_stated_more_than_has_arrived_is_not_put_away(
    writer: Writer, central: Central, action: DeviceAction
) -> None:
    writer.receive()
    writer.send(writer.alone())

    with pytest.raises(StillHolds) as refused:
        do(central, action)

    assert refused.value.values["count"] == 2
    assert stored(central).state is DeviceState.ACTIVE


@pytest.mark.parametrize("hours", [-1, 25])
def test_a_machine_is_lost_neither_before_its_enrolment_nor_in_the_future(
    writer: Writer, central: Central, clock: StandingClock, hours: int
) -> None:
    clock.move(hours=24)

    with pytest.raises(BadSince):
        do(central, DeviceAction.LOST, lost_since=NOW + timedelta(hours=hours))


def test_a_lost_machine_remembers_since_when(writer: Writer, central: Central, clock: StandingClock) -> None:
    clock.move(days=2)

    do(central, DeviceAction.LOST, lost_since=NOW + timedelta(hours=3))

    assert stored(central).left_at == NOW + timedelta(hours=3)
    assert stored(central).state_since == NOW + timedelta(days=2)


def test_replacing_ends_the_machine_and_gives_the_code_for_the_next_in_one_action(
    writer: Writer, central: Central
) -> None:
    changed = do(central, DeviceAction.REPLACE)

    assert changed.invitation is not None
    second = enrolled_with(central, str(changed.invitation.code))
    assert second == DeviceId(DESK, 2)
    assert stored(central).state is DeviceState.REPLACED
    assert stored(central, second).state is DeviceState.ACTIVE


def enrolled_with(central: Central, code: str, seed: bytes = b"\x09" * 32) -> DeviceId:
    """The device that a code makes."""
    answer = enrolment.enrol(central, request(code, SigningKey.from_seed(seed)))
    return read_certificate(Signed.from_json(answer["certificate"])).device


def test_a_desk_of_another_area_looks_like_one_that_does_not_exist(writer: Writer, central: Central) -> None:
    elsewhere = Scope(root="another")

    for act in (
        lambda: service.machines_of(central, elsewhere, DESK),
        lambda: do(central, DeviceAction.SUSPEND, scope=elsewhere),
        lambda: enrolment.invite(central, DESK, scope=elsewhere),
    ):
        with pytest.raises(UnknownDesk):
            act()
    assert stored(central).state is DeviceState.ACTIVE


@pytest.mark.parametrize("name", ["", "H62.11.01", "/1", "H62.11.01/", "H62.11.01/x", "H62.11.01/-1", "H62.11.01/²"])
def test_a_machine_is_named_by_desk_and_number(name: str) -> None:
    with pytest.raises(UnknownMachine):
        parse_device(name)


def test_a_machine_that_was_never_enrolled_is_refused_by_name(writer: Writer, central: Central) -> None:
    with pytest.raises(UnknownMachine):
        do(central, DeviceAction.SUSPEND, DeviceId(DESK, 7))


# The record


def test_every_action_is_recorded_with_who_when_what_and_why(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    for action, (states, _) in POSSIBLE.items():
        put(central, sorted(states)[0])
        clock.move(minutes=1)
        known = len(record_of(central))

        do(central, action)

        added = record_of(central)[known:]
        change = added[0]
        assert (change.who, change.what, change.slot, change.reason) == ("van.tt", action.value, 1, REASON)
        assert change.at == clock()
        assert change.before["state"] == sorted(states)[0].value
        assert change.after["state"] == stored(central).state.value
        assert [each.what for each in added[1:]] == (["invite"] if action is DeviceAction.REPLACE else [])


def test_an_invitation_and_the_machine_it_makes_are_recorded(central: Central) -> None:
    [invitation] = enrolment.invite(central, DESK, by="van.tt")
    enrolled_with(central, str(invitation.code))

    invited, enrolled = record_of(central)

    assert (invited.who, invited.what, invited.after["code"]) == ("van.tt", "invite", invitation.code.public)
    assert (enrolled.who, enrolled.what, enrolled.slot) == (f"code:{invitation.code.public}", "enrol", 1)
    assert enrolled.after == {"state": "active"}


def test_the_secret_of_a_code_is_not_recorded(central: Central) -> None:
    [invitation] = enrolment.invite(central, DESK)

    assert invitation.code.secret not in repr(record_of(central))


def test_switching_approval_is_recorded_once(central: Central) -> None:
    service.set_approval(central, needed=True, by="van.tt")
    service.set_approval(central, needed=True, by="van.tt")

    [change] = record_of(central, "")
    assert (change.what, change.before, change.after) == ("approval", {"needed": False}, {"needed": True})


def test_a_refused_change_is_not_recorded(writer: Writer, central: Central) -> None:
    known = record_of(central)

    with pytest.raises(NotPossible):
        do(central, DeviceAction.APPROVE)

    assert record_of(central) == known


@pytest.mark.parametrize("query", ["update", "delete"])
def test_what_is_recorded_is_never_changed_or_removed(central: Central, query: str) -> None:
    enrolment.invite(central, DESK)
    row = models.ChangeRow
    change = row.update(who="nobody") if query == "update" else row.delete()

    with pytest.raises(peewee.PeeweeException, match="record of a change"), write_transaction(central.database):
        change.execute()

    assert [each.who for each in record_of(central)] == ["cli"]


# Approval


def test_a_new_machine_waits_where_the_centre_approves_them(central: Central) -> None:
    service.set_approval(central, needed=True, by="van.tt")

    enrolled_writer(central)

    assert stored(central).state is DeviceState.PENDING
    assert word(central) is Standing.NO_DEVICE


def test_the_number_of_a_machine_that_took_anothers_code_differs(central: Central) -> None:
    """A swapped key: who approves compares the number by telephone."""
    first, second = enrolled_writer(central), enrolled_writer(central, seed=b"\x02" * 32)

    numbers = [each.number for each in service.machines_of(central, Scope(root=None), DESK).machines]

    assert numbers == [comparison_number(first.origin), comparison_number(second.origin)]
    assert len(set(numbers)) == 2


# Invitations of all


def test_all_invites_the_desks_that_have_no_machine_in_use(central: Central) -> None:
    enrolled_writer(central)
    enrolled_writer(central, "H62.11.02", seed=b"\x02" * 32)
    do(central, DeviceAction.LOST)

    invited = [each.desk for each in enrolment.invite(central, None)]

    assert invited == ["H62.11", "H62.11.01", "H62.12", "H62.12.01", "H62.12.02"]


@pytest.mark.parametrize("state", sorted(set(DeviceState) - REVOKED))
def test_a_desk_whose_machine_waits_or_stands_by_is_not_invited_again(
    writer: Writer, central: Central, state: DeviceState
) -> None:
    put(central, state)

    assert DESK not in [each.desk for each in enrolment.invite(central, None)]


# Standings


def test_the_worst_machine_in_use_decides(central: Central, clock: StandingClock) -> None:
    enrolled_writer(central)
    second = enrolled_writer(central, seed=b"\x02" * 32)
    clock.at = OCTOBER.ends_at
    second.send()

    assert word(central) is Standing.SILENT


@pytest.mark.parametrize("state", ["spare", "retired", "replaced", "pending"])
def test_a_machine_that_left_with_nothing_open_does_not_count(
    central: Central, clock: StandingClock, state: str
) -> None:
    enrolled_writer(central)
    second = enrolled_writer(central, seed=b"\x02" * 32)
    put(central, DeviceState(state))
    clock.at = OCTOBER.ends_at
    second.send()

    assert word(central) is Standing.ZERO


def test_a_machine_in_reserve_that_somebody_used_counts(central: Central, clock: StandingClock) -> None:
    first, second = enrolled_writer(central), enrolled_writer(central, seed=b"\x02" * 32)
    put(central, DeviceState.SPARE)
    first.receive()
    clock.at = OCTOBER.ends_at
    first.send(first.alone())
    second.send()

    assert word(central) is Standing.HELD


def test_a_desk_whose_machine_was_lost_is_never_said_to_have_entered_nothing(
    central: Central, clock: StandingClock
) -> None:
    enrolled_writer(central)
    second = enrolled_writer(central, seed=b"\x02" * 32)
    clock.move(days=3)
    do(central, DeviceAction.LOST)
    clock.at = OCTOBER.ends_at
    second.send()

    assert word(central) is Standing.NO_DEVICE
    assert word(central, Period(first_on=date(2021, 10, 21), last_on=date(2021, 11, 20))) is not Standing.NO_DEVICE


def test_a_lost_machine_that_turns_up_and_sends_all_ends_the_unknown(central: Central, clock: StandingClock) -> None:
    first, second = enrolled_writer(central), enrolled_writer(central, seed=b"\x02" * 32)
    clock.move(days=3)
    do(central, DeviceAction.LOST)
    clock.at = OCTOBER.ends_at
    second.send()
    first.send()

    assert word(central) is Standing.ZERO


def test_a_desk_that_entered_again_what_was_lost_confirms_the_period(central: Central, clock: StandingClock) -> None:
    enrolled_writer(central)
    second = enrolled_writer(central, seed=b"\x02" * 32)
    clock.move(days=3)
    do(central, DeviceAction.LOST)
    second.receive()
    clock.at = OCTOBER.ends_at
    second.send(second.contact(declarations=((OCTOBER, Declaration.COMPLETE),)))

    assert word(central) is Standing.FEW


def test_a_machine_replaced_just_after_it_had_sent_all_leaves_nothing_unknown(
    central: Central, clock: StandingClock
) -> None:
    first = enrolled_writer(central)
    first.send()
    clock.move(minutes=50)

    do(central, DeviceAction.REPLACE)

    assert stored(central).left_at is None


@pytest.mark.parametrize("minutes", [61, 60 * 24 * 20])
def test_a_machine_replaced_long_after_its_last_word_may_have_held_something(
    central: Central, clock: StandingClock, minutes: int
) -> None:
    first = enrolled_writer(central)
    first.send()
    clock.move(minutes=minutes)

    do(central, DeviceAction.REPLACE)

    assert stored(central).left_at == clock()


# What the others send


@pytest.mark.parametrize("action", ["suspend", "lost", "replace", "retire"])
def test_what_a_machine_sends_after_it_was_revoked_is_kept_and_set_aside(
    writer: Writer, central: Central, action: str
) -> None:
    writer.send()
    do(central, DeviceAction(action))
    writer.receive()

    answer = writer.send()

    assert (answer.receipt.up_to, answer.receipt.hash) == (2, writer.hashes[-1])
    assert ledger_of(central) == [(1, 1, 1), (2, 1, 2)]
    assert verdicts(central) == [(2, "quarantined", "device_revoked")]
    assert arrived_by_day(central) == {}


def test_a_machine_that_is_revoked_between_two_batches_keeps_what_had_counted(writer: Writer, central: Central) -> None:
    """Revoked mid-batch: the chain goes on, the receipts too, and nothing has to be sent again."""
    for _ in range(3):
        writer.receive()
    writer.send(writer.contact(last=2))
    do(central, DeviceAction.LOST)

    answer = writer.send(writer.contact(first=3))

    assert answer.receipt.up_to == 4
    assert arrived_by_day(central) == {DAY: 1}
    assert verdicts(central) == [(3, "quarantined", "device_revoked"), (4, "quarantined", "device_revoked")]


def test_what_is_set_aside_of_a_lost_machine_accuses_nobody(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    do(central, DeviceAction.LOST)
    second = enrolled_writer(central, seed=b"\x02" * 32)
    writer.receive()
    clock.at = OCTOBER.ends_at
    second.send()
    writer.send()
    at_once = word(central)

    writer.send(writer.alone(acknowledged=2))

    assert (at_once, word(central)) == (Standing.UNDER_REVIEW, Standing.UNDER_REVIEW)


def test_a_new_machine_is_kept_and_counts_from_its_approval(central: Central, clock: StandingClock) -> None:
    service.set_approval(central, needed=True, by="van.tt")
    writer = enrolled_writer(central)
    writer.void(writer.receive())
    writer.receive(date(2021, 10, 1))
    writer.send()
    before = (arrived_by_day(central), {reason for _, _, reason in verdicts(central)})

    do(central, DeviceAction.APPROVE, reason="")

    assert before == ({}, {"device_pending"})
    assert arrived_by_day(central) == {date(2021, 10, 1): 1}
    assert verdicts(central) == []


def test_a_step_of_another_machine_meets_its_dossier_once_that_is_approved(central: Central) -> None:
    first = enrolled_writer(central)
    service.set_approval(central, needed=True, by="van.tt")
    second = enrolled_writer(central, seed=b"\x02" * 32)
    dossier = second.receive()
    second.send()
    first.resolve(dossier)
    first.send()

    do(central, DeviceAction.APPROVE, DeviceId(DESK, 2), reason="")

    assert arrived_by_day(central) == {DAY: 1}
    assert verdicts(central) == []


def test_a_lost_machine_that_was_found_counts_again_with_all_it_had_sent(writer: Writer, central: Central) -> None:
    do(central, DeviceAction.LOST)
    writer.receive()
    writer.send()

    do(central, DeviceAction.APPROVE, reason="Đã tìm thấy")

    assert arrived_by_day(central) == {DAY: 1}
    assert stored(central).left_at is None


def test_a_decision_that_lets_entries_count_is_sealed_under_the_name_of_who_approved(
    writer: Writer, central: Central
) -> None:
    do(central, DeviceAction.SUSPEND)
    writer.send()

    do(central, DeviceAction.APPROVE, reason="Đã kiểm tra")

    row = models.Entry
    with reading(central.database):
        [header] = [bytes(each.header) for each in row.select().where(row.slot == 0, row.kind == "release")]
    assert read_header(header).clerk == "van.tt"


@pytest.mark.parametrize("state", sorted(DeviceState))
def test_an_answer_tells_the_machine_what_it_is(writer: Writer, central: Central, state: DeviceState) -> None:
    put(central, state)

    answer = receiving.accept_contact(central, writer.contact())

    assert answer["device_state"] == state.value


@pytest.mark.parametrize("state", sorted(DeviceState))
def test_the_dossiers_of_a_desk_go_only_to_machines_that_somebody_trusts(
    writer: Writer, central: Central, state: DeviceState
) -> None:
    second = enrolled_writer(central, seed=b"\x02" * 32)
    second.receive()
    second.send()
    put(central, state)

    answer = receiving.accept_contact(central, writer.contact())

    assert ("down" in answer) == (state is DeviceState.ACTIVE)
