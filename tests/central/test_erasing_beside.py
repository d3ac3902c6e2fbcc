"""What was erased is known by its salted content: it rests nowhere beside the ledger, and comes back by no other id.

A copy of the machine's disk holds the same reception under another id, or has written it again in another epoch.
"""

import pytest

from central_server.central import Central
from central_server.services import rebuilding
from central_server.services.devices import DeviceAction, change_state
from central_server.services.verifying import verify
from central_server.storage import models
from central_server.storage.database import reading
from sync_protocol.entries import SealedEntry, chain
from sync_protocol.vocabulary import DeviceId
from tests.central.copies import Copy, copy_of
from tests.central.test_deciding import central as central  # noqa: PLC0414 - the fixture with somebody who decides
from tests.central.test_deciding import held, projections
from tests.central.test_erasing import PLANTED, erase, files_of
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, only_on_sqlite


@pytest.fixture
def writer(central: Central) -> Writer:
    """A device of which the centre has one dossier of somebody else and, as 1.1.3, one of the planted person."""
    writer = enrolled_writer(central)
    writer.receive()
    writer.receive(owner_name=PLANTED, submitter_name=PLANTED)
    writer.send()
    return writer


def copy(writer: Writer, *, before: int = 0, epoch: int = 1) -> Copy:
    """A copy that has the person's reception under another id, handed over since, behind some of its own."""
    copied = copy_of(writer, epoch)
    for number in range(before):
        copied.receive(submitter_name=f"Người {number}")
    again = copied.next("receive", writer.entries[2].payload or b"")
    copied.next("deliver", {"delivered_to": PLANTED}, again)
    return copied


def suspend(central: Central) -> None:
    """The word of the device does not count any more."""
    change_state(central, DeviceId(DESK, 1), DeviceAction.SUSPEND, by="tinh", reason="Máy bị sao chép")


def kept(central: Central, table: type[models.HeldEntry | models.GapEntry | models.Payload]) -> int:
    """How many entries of a table say something of the person."""
    with reading(central.database):
        return sum(PLANTED.encode() in bytes(row.bytes or b"") for row in table.select())


def test_a_branch_under_other_ids_says_nothing_of_who_was_erased(writer: Writer, central: Central) -> None:
    copy(writer).send()
    before = kept(central, models.HeldEntry)

    erase(central, "1.1.3")

    assert (before, kept(central, models.HeldEntry)) == (2, 0)


def test_an_entry_beyond_a_gap_under_another_id_says_nothing_of_who_was_erased(
    writer: Writer, central: Central
) -> None:
    copied = copy(writer, before=3)
    copied.send(copied.contact(first=5))
    before = kept(central, models.GapEntry)

    erase(central, "1.1.3")

    assert (before, kept(central, models.GapEntry)) == (2, 0)


def test_a_branch_that_comes_after_the_erasure_is_kept_without_the_person(writer: Writer, central: Central) -> None:
    erase(central, "1.1.3")
    copied = copy(writer)

    copied.send()

    with reading(central.database):
        rows = list(models.HeldEntry.select().order_by(models.HeldEntry.sequence))
    sealed = [SealedEntry(bytes(row.header), bytes(row.payload_hash), None, None) for row in rows]
    assert [(row.bytes, row.salt) for row in rows] == [(None, None), (None, None)]
    assert chain([copied.entries[0], *sealed], copied.origin)[1:] == [bytes(row.entry_hash) for row in rows]


def test_what_comes_beyond_a_gap_after_the_erasure_is_kept_without_the_person(writer: Writer, central: Central) -> None:
    erase(central, "1.1.3")
    copied = copy(writer, before=4)

    copied.send(copied.contact(first=5))

    with reading(central.database):
        rows = [
            (row.sequence, row.bytes is None) for row in models.GapEntry.select().order_by(models.GapEntry.sequence)
        ]
    assert rows == [(5, False), (6, True), (7, True)]


@only_on_sqlite
def test_no_byte_of_what_comes_after_the_erasure_gets_into_the_files(writer: Writer, central: Central) -> None:
    erase(central, "1.1.3")
    copied, far = copy(writer), copy(writer, before=3)

    copied.send()
    far.send(far.contact(first=5))

    assert PLANTED.encode() not in files_of(central)


def test_what_waits_for_a_decision_under_another_id_is_erased_with_it(writer: Writer, central: Central) -> None:
    copied = copy(writer, epoch=2)
    suspend(central)
    copied.send_epoch()
    before = [id_ for id_, _ in held(central)]

    erase(central, "1.1.3")

    assert before == ["1.2.1", "1.2.2", "1.2.3"]
    assert held(central) == [("1.2.1", "device_revoked")]
    assert kept(central, models.Payload) == 0


def test_what_a_revoked_copy_sends_after_the_erasure_comes_without_the_person(writer: Writer, central: Central) -> None:
    suspend(central)
    erase(central, "1.1.3")

    copy(writer, epoch=2).send_epoch()

    assert kept(central, models.Payload) == 0
    assert held(central) == [("1.2.1", "device_revoked")]


def test_what_follows_in_a_later_contact_is_known_by_what_came_without_the_person(
    writer: Writer, central: Central
) -> None:
    suspend(central)
    erase(central, "1.1.3")
    copied = copy(writer, epoch=2)
    copied.send_epoch(last=2)

    copied.send_epoch(first=3)

    assert kept(central, models.Payload) == 0
    assert held(central) == [("1.2.1", "device_revoked")]


@pytest.mark.parametrize("is_early", [False, True], ids=["after", "before"])
def test_a_rebuild_makes_the_same_of_a_copy_of_what_was_erased(
    writer: Writer, central: Central, *, is_early: bool
) -> None:
    suspend(central)
    if is_early:
        copy(writer, epoch=2).send_epoch()
    erase(central, "1.1.3")
    if not is_early:
        copy(writer, epoch=2).send_epoch()
    before = projections(central)

    rebuilding.rebuild(central)

    assert projections(central) == before
    assert verify(central).faults == []


def test_what_others_say_stays_beside_the_ledger(writer: Writer, central: Central) -> None:
    copied = copy(writer, before=1)

    copied.send()
    erase(central, "1.1.3")

    with reading(central.database):
        rows = [(row.desk, row.sequence, row.bytes is None) for row in models.HeldEntry.select()]
    assert sorted(rows) == [(DESK, 2, False), (DESK, 3, True), (DESK, 4, True)]
