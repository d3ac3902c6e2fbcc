"""Copies of a machine whose word did not count say the same twice: where they begin to count, it counts once."""

from typing import Any

import pytest

from central_server.central import Central
from central_server.services import deciding, rebuilding
from central_server.services.devices import DeviceAction, change_state
from central_server.services.verifying import verify
from central_server.storage import holding
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING
from sync_protocol.vocabulary import DeviceId
from tests.central.copies import Copy, twin_of
from tests.central.test_deciding import central as central  # noqa: PLC0414 - the fixture with somebody who decides
from tests.central.test_deciding import held, projections, release
from tests.central.writing import DAY, Writer, arrived_by_day, enrolled_writer
from tests.conftest import DESK
from tests.factories import StandingClock

WHO: dict[str, Any] = {"by": "tinh", "reason": "Máy bị sao chép"}


def change(central: Central, action: DeviceAction) -> None:
    """Does something with the machine."""
    change_state(central, DeviceId(DESK, 1), action, **WHO)


@pytest.fixture
def writer(central: Central) -> Writer:
    """A machine with two receptions; nothing but its first entry has arrived."""
    writer = enrolled_writer(central)
    writer.receive()
    writer.receive()
    writer.send(writer.contact(last=1))
    return writer


@pytest.fixture
def copy(writer: Writer) -> Copy:
    """A copy of it that has written the second one again, with its result, and has received another one."""
    return twin_of(writer)


def approve_both(writer: Writer, copy: Copy, central: Central, clock: StandingClock) -> None:
    """Both send while the machine is suspended, and a day later it is approved."""
    change(central, DeviceAction.SUSPEND)
    writer.send(writer.contact(first=2))
    copy.send_epoch()
    clock.move(days=1)
    change(central, DeviceAction.APPROVE)


def dismissed(central: Central) -> list[str]:
    """What does not count by a decision."""
    with reading(central.database):
        return sorted(map(str, holding.dismissed(DESK)))


def test_what_both_have_sent_meanwhile_counts_once_when_the_machine_is_approved(
    writer: Writer, copy: Copy, central: Central, clock: StandingClock
) -> None:
    approve_both(writer, copy, central, clock)

    assert arrived_by_day(central) == {DAY: 3}
    assert dismissed(central) == ["1.2.2", "1.2.3"]
    assert held(central) == []


def test_what_had_counted_before_counts_once_when_a_copy_is_approved(
    writer: Writer, copy: Copy, central: Central
) -> None:
    writer.send(writer.contact(first=2))
    change(central, DeviceAction.SUSPEND)
    copy.send_epoch()

    change(central, DeviceAction.APPROVE)

    assert arrived_by_day(central) == {DAY: 3}
    assert dismissed(central) == ["1.2.2", "1.2.3"]


def test_what_a_person_releases_of_a_copy_counts_once(writer: Writer, copy: Copy, central: Central) -> None:
    writer.send(writer.contact(first=2))
    change(central, DeviceAction.LOST)
    copy.send_epoch()

    release(central, "1.2.2", "1.2.4")
    release(central, "1.2.2")

    assert arrived_by_day(central) == {DAY: 3}
    assert dismissed(central) == ["1.2.2"]


def test_the_copy_counts_where_the_other_was_dismissed(writer: Writer, copy: Copy, central: Central) -> None:
    change(central, DeviceAction.LOST)
    writer.send(writer.contact(first=2))
    copy.send_epoch()
    deciding.dismiss(central, EVERYTHING, DESK, ["1.1.3"], **WHO)

    release(central, "1.2.2", "1.2.3")

    assert arrived_by_day(central) == {DAY: 1}
    assert dismissed(central) == ["1.1.3"]


def test_a_rebuild_makes_the_same_of_released_copies(
    writer: Writer, copy: Copy, central: Central, clock: StandingClock
) -> None:
    approve_both(writer, copy, central, clock)
    before = projections(central)

    rebuilding.rebuild(central)

    assert projections(central) == before
    assert verify(central).faults == []


def test_two_copies_of_a_machine_in_reserve_count_once(writer: Writer, copy: Copy, central: Central) -> None:
    writer.send(writer.contact(first=2))
    change(central, DeviceAction.SPARE)

    copy.send_epoch()
    before = held(central)
    change(central, DeviceAction.APPROVE)

    assert before == [("1.2.2", "device_pending"), ("1.2.3", "device_pending")]
    assert arrived_by_day(central) == {DAY: 3}
    assert dismissed(central) == ["1.2.2", "1.2.3"]
