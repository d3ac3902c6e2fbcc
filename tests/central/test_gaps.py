"""What lies beyond a gap of a chain is kept, named, and taken in once what stands before it has come."""

from datetime import timedelta

import pytest

from central_server.central import Central
from central_server.services import erasing, holding, rebuilding, signing_in
from central_server.services.holding import GAP_TOLD_AFTER, told_to_device
from central_server.storage import devices, gaps, models
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING
from sync_protocol.vocabulary import DeviceId, Role
from tests.central.test_deciding import projections
from tests.central.writing import DAY, Writer, arrived_by_day, enrolled_writer, ledger_of, unsent_by_day
from tests.conftest import DESK
from tests.factories import StandingClock

DEVICE = DeviceId(DESK, 1)


@pytest.fixture
def writer(central: Central) -> Writer:
    """A device whose first entry and four receptions are written, and only the first entry has arrived."""
    writer = enrolled_writer(central)
    for _ in range(4):
        writer.receive()
    writer.send(writer.contact(last=1))
    return writer


def beyond(central: Central) -> list[str]:
    """What is listed as lying beyond a gap."""
    listed = [entry for desk in holding.held(central, EVERYTHING) for entry in desk.entries]
    return [str(entry.id) for entry in listed if entry.reason == "gap"]


def test_what_comes_beyond_a_gap_is_kept_and_listed_and_counts_nowhere_yet(writer: Writer, central: Central) -> None:
    receipt = writer.send(writer.contact(first=4)).receipt

    assert (receipt.up_to, receipt.hash) == (1, writer.hashes[0])
    assert beyond(central) == ["1.1.4", "1.1.5"]
    assert arrived_by_day(central) == {}
    assert ledger_of(central) == [(1, 1, 1)]


def test_what_closes_the_gap_brings_in_what_lay_beyond_it_though_the_device_never_speaks_again(
    writer: Writer, central: Central
) -> None:
    writer.send(writer.contact(first=4))

    writer.send(writer.contact(first=2, last=3))

    with reading(central.database):
        device = devices.by_id(DEVICE)
    assert device is not None
    assert (device.head, device.head_hash) == (5, writer.hashes[-1])
    assert arrived_by_day(central) == {DAY: 4}
    assert {day: count for day, count in unsent_by_day(central).items() if count} == {}
    assert beyond(central) == []


def test_the_device_that_sends_all_again_counts_once(writer: Writer, central: Central) -> None:
    writer.send(writer.contact(first=4))
    writer.send(writer.contact(first=2, last=3))

    receipt = writer.send(writer.contact(first=4)).receipt

    assert (receipt.up_to, receipt.hash) == (5, writer.hashes[-1])
    assert arrived_by_day(central) == {DAY: 4}
    assert [sequence for _, _, sequence in ledger_of(central)] == [1, 2, 3, 4, 5]


def test_what_comes_again_by_its_chain_waits_no_longer(writer: Writer, central: Central) -> None:
    writer.send(writer.contact(first=4))

    writer.send(writer.contact(first=2))

    assert beyond(central) == []
    assert arrived_by_day(central) == {DAY: 4}


def test_a_gap_that_is_closed_in_part_goes_on_waiting(writer: Writer, central: Central) -> None:
    writer.send(writer.contact(first=4))

    writer.send(writer.contact(first=2, last=2))

    assert beyond(central) == ["1.1.4", "1.1.5"]
    assert arrived_by_day(central) == {DAY: 1}


def test_entries_of_another_history_never_follow_those_that_are_held(writer: Writer, central: Central) -> None:
    """A copy of the machine: what it sent beyond the gap does not go on from what the first one sent before it."""
    copy = Writer(central, writer.key, writer.device, writer.origin, list(writer.entries[:2]), list(writer.changes[:2]))
    for _ in range(3):
        copy.receive(submitter_name="Người Khác")
    copy.send(copy.contact(first=4))

    writer.send(writer.contact(first=2, last=3))

    assert [sequence for _, _, sequence in ledger_of(central)] == [1, 2, 3]
    assert beyond(central) == ["1.1.4", "1.1.5"]


def test_no_more_is_kept_than_the_bound_says(writer: Writer, central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "GAP_ENTRIES_MAX", 1)

    writer.send(writer.contact(first=3))

    assert beyond(central) == ["1.1.3"]


def test_the_desk_is_told_of_a_gap_only_if_it_lasts(writer: Writer, central: Central, clock: StandingClock) -> None:
    writer.send(writer.contact(first=4))
    with reading(central.database):
        at_once = told_to_device(DESK, "", central.now())
    clock.move(seconds=(GAP_TOLD_AFTER + timedelta(seconds=1)).total_seconds())

    with reading(central.database):
        told = told_to_device(DESK, "", central.now())["held"]

    assert at_once == {}
    assert told["count"] == 2
    assert told["entries"] == [["1.1.4", "quarantined", "gap"], ["1.1.5", "quarantined", "gap"]]


def test_a_rebuild_makes_the_same_of_what_had_lain_beyond_a_gap(writer: Writer, central: Central) -> None:
    writer.send(writer.contact(first=4))
    writer.send(writer.contact(first=2, last=3))
    before = projections(central)

    rebuilding.rebuild(central)

    assert projections(central) == before


def test_what_is_erased_by_order_is_gone_from_beyond_a_gap_too(writer: Writer, central: Central) -> None:
    writer.send(writer.contact(first=2, last=2))
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Tỉnh", role=Role.PROVINCE, unit_code=None, password="mot-cua-2021"
    )
    later = writer.write("correct", {"changes": {"owner_name": "Lò Thị Ún"}, "reason": "Gõ nhầm"}, subject="1.1.2")
    writer.send(writer.contact(first=6))

    erasing.erase(central, EVERYTHING, DESK, "1.1.2", order="12/QĐ-UBND", reason="Theo yêu cầu", by="tinh")

    assert beyond(central) == [later]
    with reading(central.database):
        [row] = models.GapEntry.select()
    assert (row.bytes, row.salt) == (None, None)
