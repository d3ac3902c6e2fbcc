"""T11: restored, copied and re-imaged machines, and a centre put back: nothing lost, nothing counted twice."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from central_server.central import Central
from desk_client.desk import Desk
from desk_client.storage.witness import WITNESS_FILE
from sync_protocol.vocabulary import Standing
from tests.conftest import Centres, Link
from tests.factories import StandingClock
from tests.together.fleet import Fleet, is_in_order, names_at

Scene = Callable[[Fleet, Desk], tuple[list[Desk], set[str]]]
"""Plays something and gives the devices that are left, and whom no file holds any more."""


@pytest.fixture
def fleet(
    central: Central,
    link: Link,
    clock: StandingClock,
    enrol: Callable[..., Desk],
    centres: Centres,
    field_path: Path,
) -> Fleet:
    """A centre and, once it is enrolled, a device."""
    return Fleet(central, link, clock, enrol, centres, field_path / "fleet")


def restored(days: int, *, keep_witness: bool, unsent: int = 0, typed: int = 0) -> Scene:
    """A backup of some days ago is put back; `unsent` lay only on the disk that broke, `typed` came afterwards."""

    def play(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
        fleet.receive(desk, 3)
        fleet.sync(desk)
        backup = fleet.files(desk)
        for _ in range(days):
            fleet.clock.move(days=1)
            fleet.receive(desk, 2)
            fleet.sync(desk)
        lost = fleet.receive(desk, unsent)
        desk = fleet.put_back(desk, backup, keep_witness=keep_witness)
        fleet.receive(desk, typed)
        return [desk], set(lost)

    return play


def restored_with_waiting(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
    """What waited in the backup was sent before the disk broke, and more was typed in on both sides of it."""
    fleet.receive(desk, 2)
    fleet.sync(desk)
    fleet.receive(desk, 3)
    backup = fleet.files(desk)
    fleet.sync(desk)
    fleet.receive(desk, 2)
    fleet.sync(desk)
    desk = fleet.put_back(desk, backup)
    fleet.receive(desk, 4)
    return [desk], set()


def receipt_lost_before(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
    fleet.receive(desk, 3)
    fleet.link.lose("answer")
    fleet.sync(desk)
    backup = fleet.files(desk)
    fleet.sync(desk)
    fleet.receive(desk, 2)
    fleet.sync(desk)
    desk = fleet.put_back(desk, backup)
    fleet.receive(desk, 2)
    return [desk], set()


def copied(*, is_told: bool, days: int = 5, daily: bool = True) -> Scene:
    """A copy of the disk is used beside the machine for a week."""

    def play(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
        fleet.receive(desk, 2)
        fleet.sync(desk)
        fleet.receive(desk, 1)
        twin = fleet.copy(desk, is_told=is_told)
        for _ in range(days):
            fleet.clock.move(days=1)
            fleet.receive(desk, 2)
            fleet.receive(twin, 1)
            if daily:
                fleet.sync(desk, twin)
        return [desk, twin], set()

    return play


def three_of_one_image(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
    twins = [fleet.copy(desk, is_told=False) for _ in range(2)]
    for _ in range(3):
        for each in (desk, *twins):
            fleet.receive(each, 1)
        fleet.sync(*twins, desk)
    return [desk, *twins], set()


def copy_of_a_copy(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
    fleet.receive(desk, 1)
    twin = fleet.copy(desk, is_told=True)
    fleet.receive(twin, 2)
    third = fleet.copy(twin, is_told=True)
    fleet.receive(third, 2)
    fleet.receive(desk, 1)
    return [third, twin, desk], set()


def restored_twice(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
    fleet.receive(desk, 2)
    fleet.sync(desk)
    first = fleet.files(desk)
    fleet.receive(desk, 2)
    fleet.sync(desk)
    second = fleet.files(desk)
    fleet.receive(desk, 2)
    fleet.sync(desk)
    desk = fleet.put_back(desk, second)
    fleet.receive(desk, 2)
    fleet.sync(desk)
    desk = fleet.put_back(desk, first)
    fleet.receive(desk, 2)
    return [desk], set()


def damaged_witness(content: bytes | None) -> Scene:
    """The witness is torn or gone when a backup is put back: then the centre tells."""

    def play(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
        fleet.receive(desk, 2)
        fleet.sync(desk)
        backup = fleet.files(desk)
        fleet.receive(desk, 2)
        fleet.sync(desk)
        witness = desk.settings.data / WITNESS_FILE
        backup.pop(WITNESS_FILE)
        if content is not None:
            backup[WITNESS_FILE] = content or witness.read_bytes()[:100]
        desk = fleet.put_back(desk, backup)
        fleet.receive(desk, 2)
        return [desk], set()

    return play


def parted_over_a_bad_link(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
    """Every other answer is lost while the two branches find out."""
    fleet.receive(desk, 2)
    fleet.sync(desk)
    twin = fleet.copy(desk, is_told=False)
    fleet.receive(desk, 2)
    fleet.sync(desk)
    fleet.receive(twin, 2)
    for _ in range(6):
        fleet.link.lose("answer")
        fleet.sync(twin)
        fleet.sync(twin)
        fleet.receive(twin, 1)
    return [desk, twin], set()


def centre_put_back(hours: int, *, epochs: bool = False) -> Scene:
    """The centre's database comes back from some hours ago, and nobody tells anyone."""

    def play(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
        second = fleet.enrol()
        if epochs:
            fleet.receive(desk, 2)
            fleet.sync(desk)
            backup = fleet.files(desk)
            fleet.receive(desk, 2)
            fleet.sync(desk)
            desk = fleet.put_back(desk, backup, keep_witness=True)
        fleet.receive(desk, 2)
        fleet.receive(second, 2)
        fleet.sync(desk, second)
        copy = fleet.back_up_centre()
        for _ in range(max(1, hours // 24)):
            fleet.clock.move(hours=min(hours, 24))
            fleet.receive(desk, 2)
            fleet.receive(second, 1)
            fleet.sync(desk, second)
        fleet.put_back_centre(copy)
        fleet.receive(second, 1)
        return [desk, second], set()

    return play


def both_put_back(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
    """The night's backups of both ends are put back: what came between is on no disk any more."""
    fleet.receive(desk, 3)
    fleet.sync(desk)
    copy, backup = fleet.back_up_centre(), fleet.files(desk)
    lost = fleet.receive(desk, 2)
    fleet.sync(desk)
    fleet.put_back_centre(copy)
    desk = fleet.put_back(desk, backup, keep_witness=True)
    fleet.receive(desk, 2)
    return [desk], set(lost)


def centre_put_back_beside_a_copy(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
    """The copy is the first one to come to the centre that was put back, with other entries of the same numbers."""
    fleet.receive(desk, 2)
    fleet.sync(desk)
    twin = fleet.copy(desk, is_told=False)
    copy = fleet.back_up_centre()
    fleet.receive(desk, 3)
    fleet.sync(desk)
    fleet.put_back_centre(copy)
    fleet.receive(twin, 2)
    fleet.sync(twin)
    fleet.receive(desk, 1)
    return [desk, twin], set()


def moved_folder(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
    """A false alarm: the only copy goes on elsewhere."""
    fleet.receive(desk, 2)
    fleet.sync(desk)
    fleet.receive(desk, 1)
    moved = fleet.copy(desk, is_told=True)
    fleet.receive(moved, 2)
    return [moved], set()


def re_enrolled(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
    """The PC is replaced and enrolled anew; the old one still had something and comes once more."""
    fleet.receive(desk, 2)
    fleet.sync(desk)
    fleet.receive(desk, 1)
    new = fleet.enrol()
    fleet.receive(new, 2)
    fleet.sync(new)
    return [new, desk], set()


SCENES: dict[str, Scene] = {
    "restored by a day, the witness knows": restored(1, keep_witness=True),
    "restored by three days, the witness knows": restored(3, keep_witness=True, typed=2),
    "restored by three days, unsent ones lost, the witness knows": restored(3, keep_witness=True, unsent=2, typed=1),
    "restored by a day, the whole folder": restored(1, keep_witness=False),
    "restored by a day, the whole folder, and typed on": restored(1, keep_witness=False, typed=1),
    "restored by three days, the whole folder, and typed on as many": restored(3, keep_witness=False, typed=6),
    "restored by three days, the whole folder, and typed on more": restored(3, keep_witness=False, typed=9),
    "restored, unsent ones lost with the folder": restored(2, keep_witness=False, unsent=2, typed=3),
    "what waited in the backup had been sent": restored_with_waiting,
    "a receipt was lost before the backup": receipt_lost_before,
    "a copy that knows works beside for a week": copied(is_told=True),
    "a copy that does not know works beside for a week": copied(is_told=False),
    "a copy that knows comes after a week": copied(is_told=True, daily=False),
    "a copy that does not know comes after a week": copied(is_told=False, daily=False),
    "three PCs of one image": three_of_one_image,
    "a copy of a copy": copy_of_a_copy,
    "restored twice": restored_twice,
    "the witness is torn": damaged_witness(b""),
    "the witness is nonsense": damaged_witness(b"x" * 128),
    "the witness is gone": damaged_witness(None),
    "they part over a bad link": parted_over_a_bad_link,
    "the centre is put back by an hour": centre_put_back(1),
    "the centre is put back by a day": centre_put_back(24),
    "the centre is put back by three days": centre_put_back(72),
    "the centre is put back, and a machine was before": centre_put_back(24, epochs=True),
    "the centre is put back, and a copy comes first": centre_put_back_beside_a_copy,
    "both ends are put back": both_put_back,
    "the folder is moved": moved_folder,
    "a PC is enrolled anew": re_enrolled,
}


@pytest.mark.parametrize("name", SCENES)
def test_nothing_is_lost_and_nothing_counts_twice(fleet: Fleet, name: str) -> None:
    desk = fleet.enrol()

    desks, lost = SCENES[name](fleet, desk)
    fleet.quiet(*desks)

    truth = Counter(name for name in fleet.received if name not in lost)
    assert fleet.arrived() == truth
    assert fleet.counted() == truth.total()
    assert fleet.chain_faults() == []
    for each in desks:
        assert names_at(each) == truth
        assert is_in_order(each) or lost
    judgement = fleet.judgement()
    assert (judgement.arrived, judgement.unsent) == (truth.total(), 0)
    assert judgement.standing is not Standing.ZERO
