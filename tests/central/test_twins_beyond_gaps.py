"""What lay beyond a gap, or is offered back, counts once: its content may have come meanwhile in another epoch."""

import hashlib

import pytest

from central_server.central import Central
from central_server.services.taking_back import accept_offer
from central_server.services.verifying import verify
from central_server.storage import models
from central_server.storage.database import reading
from sync_protocol.offers import pack_offer
from sync_protocol.statements import Receipt, Vouched
from tests.central.copies import Copy, copy_of, twin_of
from tests.central.test_gaps import beyond
from tests.central.writing import DAY, Writer, arrived_by_day, enrolled_writer


@pytest.fixture
def writer(central: Central) -> Writer:
    """A device of which the centre has two dossiers."""
    writer = enrolled_writer(central)
    writer.receive()
    writer.receive()
    writer.send()
    return writer


@pytest.fixture
def copy(writer: Writer) -> Copy:
    """A copy of it, in an epoch of its own: one of the two dossiers once more, its result, and one of its own."""
    return twin_of(writer)


def offer(copy: Copy, sibling: Writer) -> None:
    """Another machine of the desk offers all of the copy's epoch, of which the centre had vouched for the end."""
    central = copy.central
    vouched = Vouched(copy.device.slot, copy.epoch, copy.own, copy.hashes[-1])
    receipt = Receipt(
        device=sibling.device, epoch=1, up_to=1, hash=sibling.hashes[0], at=central.now(), incarnation="before",
        ticket="", archived_up_to=0, down_hash=hashlib.sha256(b"down").digest(), vouched=(vouched,),
    )  # fmt: skip
    signed = receipt.signed_by(central.keys.signing)
    accept_offer(central, pack_offer(sibling.device, sibling.key, signed, vouched, copy.entries[1:]))


def kept_beside(central: Central) -> list[str]:
    """Entries that are kept as those of another branch."""
    with reading(central.database):
        return [f"{row.slot}.{row.epoch}.{row.sequence}" for row in models.HeldEntry.select()]


def test_what_closes_a_gap_brings_nothing_in_twice(copy: Copy, central: Central) -> None:
    copy.send_epoch(first=2)

    copy.send_epoch(last=1)

    assert arrived_by_day(central) == {DAY: 2}
    assert kept_beside(central) == ["1.2.2"]
    assert beyond(central) == ["1.2.3", "1.2.4"]
    assert verify(central).faults == []


def test_what_is_offered_back_brings_nothing_in_twice(copy: Copy, central: Central) -> None:
    sibling = enrolled_writer(central, seed=b"\x02" * 32)

    offer(copy, sibling)
    offer(copy, sibling)

    assert arrived_by_day(central) == {DAY: 2}
    assert kept_beside(central) == ["1.2.2"]
    assert beyond(central) == ["1.2.3", "1.2.4"]


def test_what_its_machine_writes_again_waits_no_longer(writer: Writer, copy: Copy, central: Central) -> None:
    copy.send_epoch(first=2)
    copy.send_epoch(last=1)
    fork = copy.send_epoch(first=2).receipt.fork
    parted = copy_of(writer, epoch=3)
    parted.next("resolve", copy.entries[3].payload or b"", "1.1.3")
    parted.next("receive", copy.entries[4].payload or b"")

    parted.send_epoch()

    assert fork == 2
    assert arrived_by_day(central) == {DAY: 3}
    assert beyond(central) == []
