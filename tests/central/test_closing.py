"""A closed period stays as it was published; what comes later is restated with its causes, desk by desk."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from peewee import DatabaseError

from central_server.central import Central
from central_server.services import closing
from central_server.services.closing import (
    AlreadyClosed,
    NotAllCovered,
    NotClosed,
    NothingNew,
    PeriodRuns,
    PeriodState,
    ReasonNeeded,
    state_of,
    story,
)
from central_server.services.snapshots import SNAPSHOT, ChangeCause, Snapshot
from central_server.storage import counters, models
from central_server.storage.database import reading, write_transaction
from sync_protocol.periods import PeriodSeries
from sync_protocol.signing import opened
from sync_protocol.vocabulary import DeviceId
from tests.central.writing import Writer, enrolled_writer
from tests.factories import StandingClock, reception

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
AFTER_OCTOBER = datetime(2021, 10, 21, 2, tzinfo=UTC)
DESK = "H62.11.01"
DAY, OTHER_DAY, NEXT_PERIOD = date(2021, 10, 4), date(2021, 10, 5), date(2021, 10, 21)
WAITED = "Đã gọi, máy hỏng"


@pytest.fixture
def writer(central: Central, clock: StandingClock) -> Writer:
    """Slot 1 of the desk, which has sent three dossiers; October has just ended."""
    each = enrolled_writer(central)
    for _ in range(3):
        each.receive(DAY)
    each.send()
    clock.at = AFTER_OCTOBER
    each.send(each.alone(acknowledged=each.head))
    return each


def closed(central: Central, **overrides: Any) -> Snapshot:
    return closing.close(central, OCTOBER, **{"by": "tinh", "reason": WAITED} | overrides)


def restated(central: Central) -> Snapshot:
    return closing.restate(central, OCTOBER, by="tinh", reason="Số liệu đến sau")


def causes(taken: Snapshot) -> dict[ChangeCause, int]:
    assert {each.desk for each in taken.changes} <= {DESK}
    return {each.cause: each.dossiers for each in taken.changes}


def sent_later(writer: Writer, clock: StandingClock) -> None:
    clock.move(days=1)
    writer.send()


def test_a_period_that_runs_is_not_closed(central: Central) -> None:
    with pytest.raises(PeriodRuns):
        closed(central)

    assert story(central, OCTOBER).state is PeriodState.OPEN


def test_a_period_with_missing_desks_is_closed_only_with_a_reason(writer: Writer, central: Central) -> None:
    with pytest.raises(NotAllCovered) as refused:
        closed(central, reason="  ")

    taken = closed(central)

    assert (refused.value.values["missing"], refused.value.values["desks"]) == (5, 6)
    assert (len(taken.missing), DESK in taken.missing, taken.reason) == (5, False, WAITED)


def test_a_closed_period_says_what_it_counted(writer: Writer, central: Central) -> None:
    taken = closed(central)

    row = next(desk for desk in taken.desks if desk["desk"] == DESK)
    assert (row["arrived"], row["standing"], row["flag_proven"]) == (3, "few", True)
    assert (taken.revision, taken.taken_by, taken.taken_at, taken.changes) == (0, "tinh", AFTER_OCTOBER, [])
    assert state_of(central, OCTOBER) is PeriodState.CLOSED


def test_a_snapshot_is_signed_by_the_centre(writer: Writer, central: Central) -> None:
    closed(central)

    [step] = story(central, OCTOBER).steps

    assert step.snapshot is not None
    content = opened(step.snapshot, SNAPSHOT, central.keys.signing.public)
    assert content["totals"] == {"arrived": 3, "unsent": 0, "entered": 3}


def test_what_arrives_later_changes_nothing_that_was_published(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    taken = closed(central)
    writer.receive(DAY)
    sent_later(writer, clock)

    told = story(central, OCTOBER)

    assert told.snapshots == [taken]
    assert (told.state, told.not_published) == (PeriodState.CLOSED, 1)
    with pytest.raises(AlreadyClosed):
        closed(central)


def test_a_restatement_tells_each_cause_apart(writer: Writer, central: Central, clock: StandingClock) -> None:
    first = closed(central)
    received = [str(each.header.id) for each in writer.entries if each.header.kind == "receive"]
    writer.receive(DAY)
    moved = writer.receive(OTHER_DAY)
    # The machine says what it holds before it makes the next one, so that one was surely made after the closing.
    clock.move(hours=1)
    writer.send(writer.alone(acknowledged=writer.head - 2))
    writer.write("receive", _reception("H62.11.01-211004-1900"), {DAY: 1}, happened_at=_at(DAY), recorded_at=_later())
    writer.write("void", {"reason": "Nhập trùng"}, {DAY: -1}, subject=received[0])
    changes = {"received_at": _at(NEXT_PERIOD).isoformat()}
    writer.write("correct", {"changes": changes, "reason": "Nhầm ngày"}, {OTHER_DAY: -1, NEXT_PERIOD: 1}, subject=moved)
    sent_later(writer, clock)

    second = restated(central)

    assert causes(second) == {
        ChangeCause.ARRIVED_LATE: 2,
        ChangeCause.ENTERED_LATE: 1,
        ChangeCause.VOIDED: -1,
        ChangeCause.CORRECTED: -1,
    }
    assert (first.sum("arrived"), second.sum("arrived"), second.revision) == (3, 4, 1)
    assert second.previous == first.hash
    assert state_of(central, OCTOBER) is PeriodState.RESTATED


def test_dossiers_of_the_next_period_restate_nothing(writer: Writer, central: Central, clock: StandingClock) -> None:
    closed(central)
    writer.receive(NEXT_PERIOD)
    sent_later(writer, clock)

    with pytest.raises(NothingNew):
        restated(central)


def test_a_desk_that_becomes_known_is_restated_without_a_dossier(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    closed(central)
    other = enrolled_writer(central, "H62.11.02", b"\x02" * 32)
    other.receive(DAY)
    sent_later(other, clock)

    second = restated(central)

    assert [(each.desk, each.dossiers) for each in second.changes] == [("H62.11.02", 1)]
    assert "H62.11.02" not in second.missing


def test_a_figure_that_a_decision_moved_is_told_as_decided(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    closed(central)
    with write_transaction(central.database):
        counters.add(DeviceId(DESK, 1), {DAY: 1}, clock.at.date() + timedelta(days=1))

    assert causes(restated(central)) == {ChangeCause.DECIDED: 1}


def test_a_restored_centre_cannot_tell_causes_apart(writer: Writer, central: Central, clock: StandingClock) -> None:
    closed(central)
    with write_transaction(central.database):
        models.Centre.update(incarnation="another").execute()
    writer.receive(DAY)
    sent_later(writer, clock)

    assert causes(restated(central)) == {ChangeCause.CENTRE_RESTORED: 1}


def test_a_closed_period_is_opened_again_with_a_reason_and_keeps_what_was_published(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    first = closed(central)
    with pytest.raises(ReasonNeeded):
        closing.reopen(central, OCTOBER, by="tinh", reason=" ")
    closing.reopen(central, OCTOBER, by="tinh", reason="Sót một xã")
    writer.receive(DAY)
    sent_later(writer, clock)

    again = story(central, OCTOBER).state
    second = closed(central)

    assert again is PeriodState.CLOSING
    assert story(central, OCTOBER).snapshots == [first, second]
    assert (second.revision, causes(second)) == (1, {ChangeCause.ARRIVED_LATE: 1})


def test_a_period_that_is_not_closed_is_neither_opened_nor_restated(writer: Writer, central: Central) -> None:
    with pytest.raises(NotClosed):
        restated(central)
    with pytest.raises(NotClosed):
        closing.reopen(central, OCTOBER, by="tinh", reason="Sót một xã")


def test_what_was_published_cannot_be_changed_in_the_database(writer: Writer, central: Central) -> None:
    closed(central)

    for query in (models.PeriodStepRow.update(reason=""), models.PeriodStepRow.delete()):
        with pytest.raises(DatabaseError), write_transaction(central.database):
            query.execute()
    with reading(central.database):
        assert models.PeriodStepRow.select().count() == 1


def _reception(code: str) -> dict[str, Any]:
    return reception(dossier_code=code)


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def _later() -> datetime:
    return AFTER_OCTOBER + timedelta(hours=3)


@pytest.mark.parametrize("years", [-20, -1, 1, 20])
def test_a_wrong_clock_makes_no_dossier_entered_late(
    writer: Writer, central: Central, clock: StandingClock, years: int
) -> None:
    """Made before the closing and sent after it by a machine whose clock is wrong by years."""
    wrong = clock.at.replace(year=clock.at.year + years)
    writer.write("receive", _reception("H62.11.01-211004-1901"), {DAY: 1}, happened_at=_at(DAY), recorded_at=wrong)
    closed(central)
    sent_later(writer, clock)

    assert causes(restated(central)) == {ChangeCause.ARRIVED_LATE: 1}
