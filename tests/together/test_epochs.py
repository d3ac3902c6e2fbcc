"""T11: restored, copied and re-imaged machines, and a centre put back: nothing lost, nothing counted twice."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from central_server.services.verifying import verify
from central_server.storage.branches import Sign
from desk_client.desk import Desk
from desk_client.services.history import history
from desk_client.services.lifecycle import dossier_of
from desk_client.services.overview import SyncState, overview
from desk_client.storage import device
from desk_client.storage.database import write_transaction
from desk_client.storage.witness import WITNESS_FILE
from sync_protocol.events import Resolved
from sync_protocol.instants import local_date
from sync_protocol.vocabulary import DossierStage, ResultKind, Standing
from tests.conftest import arrived_codes, record, sync, take
from tests.factories import StandingClock
from tests.together.fleet import Fleet, is_in_order, names_at

Scene = Callable[[Fleet, Desk], tuple[list[Desk], set[str]]]
"""Plays something and gives the devices that are left, and whom no file holds any more."""


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


def centre_put_back_under_a_sibling(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
    """A sibling has taken in what the restored centre lacks, and a copy of the machine brings other entries first."""
    sibling = fleet.enrol()
    fleet.receive(desk, 2)
    fleet.sync(desk, sibling)
    centre, copy = fleet.back_up_centre(), fleet.copy(desk, is_told=False)
    fleet.receive(desk, 2)
    fleet.sync(desk, sibling)
    fleet.put_back_centre(centre)
    fleet.receive(copy, 3)
    fleet.sync(copy, sibling, desk)
    return [desk, copy, sibling], set()


def parted_behind_what_waited(fleet: Fleet, desk: Desk) -> tuple[list[Desk], set[str]]:
    """A copy of entries that had never been sent brings them one by one, after the other machine has sent its own."""
    fleet.receive(desk, 4)
    copy = fleet.copy(desk, is_told=False)
    fleet.receive(desk, 3)
    fleet.sync(desk)
    fleet.receive(copy, 1)
    with write_transaction(copy.database):
        device.keep_contact_state(replace(device.contact_state(), batch_entries=1))
    return [desk, copy], set()


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
    "they part behind what waited, and it comes one by one": parted_behind_what_waited,
    "the centre is put back by an hour": centre_put_back(1),
    "the centre is put back by a day": centre_put_back(24),
    "the centre is put back by three days": centre_put_back(72),
    "the centre is put back, and a machine was before": centre_put_back(24, epochs=True),
    "the centre is put back, and a copy comes first": centre_put_back_beside_a_copy,
    "the centre is put back, and a sibling knows what it lacks": centre_put_back_under_a_sibling,
    "both ends are put back": both_put_back,
    "the folder is moved": moved_folder,
    "a PC is enrolled anew": re_enrolled,
}


@pytest.mark.parametrize("name", SCENES)
def test_nothing_is_lost_and_nothing_counts_twice(fleet: Fleet, name: str) -> None:
    desk = fleet.machine()

    desks, lost = SCENES[name](fleet, desk)
    fleet.quiet(*desks)

    truth = Counter(name for name in fleet.received if name not in lost)
    assert fleet.arrived() == truth
    assert fleet.counted() == truth.total()
    assert fleet.chain_faults() == []
    assert fleet.beyond_gaps() == 0
    for each in desks:
        assert names_at(each) == truth
        assert is_in_order(each) or lost
    judgement = fleet.judgement()
    assert (judgement.arrived, judgement.unsent) == (truth.total(), 0)
    assert judgement.standing is not Standing.ZERO


def test_dossiers_of_a_branch_that_was_left_keep_their_slips_and_are_found_by_their_old_ids(fleet: Fleet) -> None:
    desk = fleet.machine()
    fleet.receive(desk, 1)
    fleet.sync(desk)
    twin = fleet.copy(desk, is_told=False)
    fleet.receive(desk, 1)
    fleet.sync(desk)
    fleet.receive(twin, 1)
    before = record(twin, submitter_name="Người Thứ Ba", owner_name="Người Thứ Ba")
    take(twin, before.id, Resolved(result_kind=ResultKind.GRANTED))

    fleet.quiet(twin)

    after = dossier_of(twin, before.id).dossier
    assert (after.id, after.dossier_code, after.stage) == ("1.2.4", before.dossier_code, DossierStage.RESOLVED)
    assert [line.is_sent for line in history(twin, after.id)] == [True, True]
    assert after.dossier_code in arrived_codes(fleet.central)


def test_nothing_is_shown_as_sent_that_stands_only_in_a_branch_which_the_centre_does_not_take(fleet: Fleet) -> None:
    desk = fleet.machine()
    fleet.sync(desk)
    twin = fleet.copy(desk, is_told=False)
    fleet.receive(desk, 3)
    fleet.sync(desk)
    fleet.receive(twin, 2)
    for _ in range(2):
        fleet.link.lose("answer")
        fleet.sync(twin)

    before = overview(twin)
    fleet.quiet(twin)

    assert (before.unsent_count, before.sync_state) == (2, SyncState.CUT_OFF)
    assert (overview(twin).unsent_count, overview(twin).sync_state) == (0, SyncState.ALL_SENT)


@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("restored by a day, the witness knows", {Sign.RESTORED}),
        ("restored by a day, the whole folder, and typed on", {Sign.FOREIGN, Sign.PARTED}),
        ("restored by a day, the whole folder", {Sign.PARTED}),
        ("a copy that knows works beside for a week", {Sign.COPIED, Sign.TWIN}),
        ("a copy that does not know works beside for a week", {Sign.FOREIGN, Sign.PARTED, Sign.TWIN}),
        ("a PC is enrolled anew", set()),
        ("the centre is put back by a day", set()),
    ],
)
def test_the_centre_says_what_became_of_a_machine(fleet: Fleet, name: str, signs: set[Sign]) -> None:
    desk = fleet.machine()

    desks, _ = SCENES[name](fleet, desk)
    fleet.quiet(*desks)

    assert fleet.signs() == signs


def test_two_machines_that_only_ask_are_known_by_their_tickets(fleet: Fleet) -> None:
    desk = fleet.machine()
    fleet.sync(desk)
    twin = fleet.copy(desk, is_told=False)
    fleet.quiet(desk)

    fleet.sync(twin)

    assert fleet.signs() == {Sign.TICKET}


def test_lost_answers_make_no_machine_a_copy(fleet: Fleet) -> None:
    desk = fleet.machine()
    fleet.sync(desk)
    for _ in range(5):
        fleet.link.lose("answer")
        fleet.sync(desk)

    fleet.sync(desk)

    assert fleet.signs() == set()


def test_a_centre_that_was_put_back_takes_another_name_once(fleet: Fleet) -> None:
    desk, second = fleet.machine(), fleet.enrol()
    fleet.receive(desk, 1)
    fleet.sync(desk, second)
    copy = fleet.back_up_centre()
    fleet.receive(desk, 2)
    fleet.receive(second, 2)
    fleet.sync(desk, second)
    before = fleet.central.about().incarnation
    fleet.put_back_centre(copy)

    fleet.sync(desk)
    renewed = fleet.central.about().incarnation
    fleet.quiet(desk, second)

    assert renewed != before
    assert fleet.central.about().incarnation == renewed


def test_a_contact_goes_on_where_the_statement_ahead_of_it_shows_that_the_centre_was_put_back(fleet: Fleet) -> None:
    """Found by the simulator, seed 33: what was sent covered no more than had been covered before."""
    desk = fleet.machine()
    fleet.receive(desk, 1)
    fleet.sync(desk)
    copy = fleet.back_up_centre()
    fleet.receive(desk, 1)
    fleet.sync(desk)
    fleet.put_back_centre(copy)
    fleet.receive(desk, 1)
    fleet.link.lose("request")
    fleet.sync(desk)
    with write_transaction(desk.database):
        device.keep_contact_state(replace(device.contact_state(), batch_entries=1))

    outcome = sync(desk, fleet.link)

    assert (outcome.error, outcome.unsent) == (None, 0)
    assert names_at(desk) == Counter(fleet.received)
    assert len(arrived_codes(fleet.central)) == 3


@pytest.mark.parametrize("behind", [1, 3], ids=["less than the other", "more than the other"])
@pytest.mark.parametrize("batch", [1, 2, 3])
def test_a_twin_finds_where_it_parts_wherever_its_batch_ends(fleet: Fleet, batch: int, behind: int) -> None:
    """Found by the simulator, seed 60082: a batch ended with an epoch, and the receipt named the head of the next."""
    desk = fleet.copy(fleet.machine(), is_told=True)
    fleet.receive(desk, 1)
    twin = fleet.copy(desk, is_told=False)
    fleet.receive(desk, 2)
    fleet.sync(desk)
    fleet.receive(twin, behind)
    send_at_a_time(twin, batch)

    outcome = sync(twin, fleet.link)
    fleet.quiet(desk, twin)

    assert (outcome.error, outcome.unsent) == (None, 0)
    assert names_at(desk) == names_at(twin) == Counter(fleet.received)
    assert fleet.arrived() == Counter(fleet.received)


def machine_and_copy(fleet: Fleet) -> tuple[Desk, Desk]:
    """A machine that has sent a reception, and a copy of its disk that knows nothing of being one."""
    desk = fleet.machine()
    fleet.receive(desk, 1)
    fleet.sync(desk)
    return desk, fleet.copy(desk, is_told=False)


def send_at_a_time(desk: Desk, entries: int) -> None:
    """Lets the next batch of a machine carry that many entries."""
    with write_transaction(desk.database):
        device.keep_contact_state(replace(device.contact_state(), batch_entries=entries))


def state_alone(fleet: Fleet, desk: Desk) -> None:
    """Lets the centre hear what a machine holds back, and none of it."""
    fleet.link.lose("request")
    sync(desk, fleet.link)
    fleet.link.road.faults.append(fleet.link.road.deliver)
    fleet.link.lose("request")
    sync(desk, fleet.link)


def test_a_copy_tells_what_it_had_stated_of_the_epoch_that_it_leaves(fleet: Fleet, clock: StandingClock) -> None:
    """Found by the simulator, seed 971: nobody knew whose statement it was, and the desk stayed unknown."""
    desk, twin = machine_and_copy(fleet)
    fleet.receive(twin, 3)
    state_alone(fleet, twin)
    stated = fleet.judgement()
    fleet.receive(twin, 2)
    fleet.receive(desk, 1)
    fleet.sync(desk)
    send_at_a_time(twin, 1)
    clock.at = datetime(2021, 10, 21, 3, tzinfo=UTC)

    fleet.sync(twin)
    alone = fleet.judgement()
    fleet.quiet(desk, twin)
    both = fleet.judgement()

    assert (stated.unsent, alone.flag_proven) == (3, False)
    assert (both.arrived, both.flag_proven, both.standing) == (7, True, Standing.FEW)


def test_what_a_machine_holds_back_is_known_again_once_a_copy_has_shown_itself(fleet: Fleet) -> None:
    desk, twin = machine_and_copy(fleet)
    fleet.receive(desk, 2)
    send_at_a_time(desk, 1)
    fleet.link.road.faults.append(fleet.link.road.deliver)
    fleet.link.lose("request")
    sync(desk, fleet.link)
    fleet.receive(twin, 5)
    state_alone(fleet, twin)

    stated = fleet.judgement()
    fleet.sync(twin)
    shown = fleet.judgement()

    assert (stated.arrived, stated.unsent) == (2, 4)
    assert (shown.arrived, shown.flag_proven, shown.evidence.values["missing"]) == (7, False, 1)


def test_what_a_machine_stated_is_not_forgotten_for_what_a_copy_of_it_sends(fleet: Fleet, clock: StandingClock) -> None:
    desk, twin = machine_and_copy(fleet)
    fleet.receive(desk, 3)
    state_alone(fleet, desk)
    stated_on = local_date(clock.at)
    fleet.receive(twin, 4)
    clock.at = datetime(2021, 10, 21, 3, tzinfo=UTC)

    fleet.sync(twin)
    alone, on_days = fleet.judgement(), fleet.standing().unsent_on(stated_on)
    fleet.quiet(desk, twin)
    both = fleet.judgement()

    assert (alone.arrived, alone.unsent, alone.standing) == (5, 3, Standing.HELD)
    assert on_days == 3
    assert (both.arrived, both.unsent, both.standing) == (8, 0, Standing.FEW)


def test_a_copy_that_parts_and_falls_silent_keeps_the_desk_from_being_accused(
    fleet: Fleet, clock: StandingClock
) -> None:
    desk, twin = machine_and_copy(fleet)
    fleet.receive(desk, 3)
    fleet.receive(twin, 4)
    clock.at = datetime(2021, 10, 21, 3, tzinfo=UTC)
    fleet.sync(twin)
    fleet.link.lose("answer")

    sync(desk, fleet.link)
    parted = fleet.judgement()
    fleet.quiet(desk, twin)
    both = fleet.judgement()

    assert (parted.arrived, parted.unsent, parted.standing) == (5, 3, Standing.HELD)
    assert (both.arrived, both.unsent, both.standing) == (8, 0, Standing.FEW)


def test_a_twin_that_falls_silent_keeps_the_desk_from_being_accused(fleet: Fleet, clock: StandingClock) -> None:
    desk = fleet.machine()
    fleet.receive(desk, 1)
    fleet.sync(desk)
    twin = fleet.copy(desk, is_told=True)
    fleet.sync(twin, desk)
    stated_on = local_date(clock.at)
    clock.at = datetime(2021, 10, 21, 3, tzinfo=UTC)
    fleet.sync(twin)

    alone = fleet.standing()
    fleet.sync(desk)
    both = fleet.standing()

    assert (alone.judgement.flag_proven, alone.judgement.standing) == (False, Standing.SILENT)
    assert alone.stated_at is not None
    assert local_date(alone.stated_at) == stated_on
    assert (both.judgement.flag_proven, both.judgement.standing) == (True, Standing.FEW)
    assert both.stated_at is not None
    assert local_date(both.stated_at) == local_date(clock.at)


def test_what_lay_only_on_a_disk_that_broke_is_unknown_and_never_none(fleet: Fleet, clock: StandingClock) -> None:
    desk = fleet.machine()
    fleet.receive(desk, 1)
    fleet.sync(desk)
    backup = fleet.files(desk)
    fleet.receive(desk, 1)
    fleet.sync(desk)
    desk = fleet.put_back(desk, backup)
    clock.at = datetime(2021, 10, 21, 3, tzinfo=UTC)

    fleet.quiet(desk)

    judgement = fleet.judgement()
    assert (judgement.arrived, judgement.flag_proven, judgement.is_flagged) == (2, False, False)


def test_a_restored_machine_whose_witness_knows_that_all_had_been_sent_leaves_nothing_open(
    fleet: Fleet, clock: StandingClock
) -> None:
    desk = fleet.machine()
    fleet.receive(desk, 1)
    fleet.sync(desk)
    backup = fleet.files(desk)
    fleet.receive(desk, 1)
    fleet.sync(desk)
    desk = fleet.put_back(desk, backup, keep_witness=True)
    clock.at = datetime(2021, 10, 21, 3, tzinfo=UTC)

    fleet.quiet(desk)

    judgement = fleet.judgement()
    assert (judgement.arrived, judgement.flag_proven, judgement.standing) == (2, True, Standing.FEW)


def test_two_branches_of_a_machine_are_no_damage_of_the_centre(fleet: Fleet) -> None:
    desk = fleet.machine()
    desks, _ = SCENES["a copy that does not know works beside for a week"](fleet, desk)
    fleet.quiet(*desks)

    assert verify(fleet.central).faults == []
