"""T11: several copies of one disk that hold the same receptions, never sent, while the centre has another continuation.

Each of them has to go on in an epoch of its own. The receptions come once, whoever comes first and however they meet.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from central_server.services import handing_down
from central_server.services.devices import DeviceAction, change_state
from central_server.services.verifying import verify
from desk_client.desk import Desk
from desk_client.services.conflicts import conflicts
from desk_client.services.lifecycle import dossier_of
from desk_client.services.overview import SyncState, overview
from desk_client.services.projecting import lives
from desk_client.storage import device, journal
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.dossiers import Stored
from sync_protocol.events import Delivered, Resolved
from sync_protocol.vocabulary import DeliveryMethod, DossierStage, ResultKind
from tests.conftest import take
from tests.together.fleet import Fleet, is_in_order, names_at

RESOLVED = Resolved(result_kind=ResultKind.GRANTED)

Meeting = Callable[[Fleet, Desk, Desk], None]
"""How two copies and the centre meet, up to where nothing disturbs them any more."""


def one_by_one(fleet: Fleet, one: Desk, other: Desk) -> None:
    fleet.sync(one, other)


def in_small_parts(fleet: Fleet, one: Desk, other: Desk) -> None:
    send_one_at_a_time(one, other)
    fleet.sync(one, other)


def before_the_other_has_come(fleet: Fleet, one: Desk, other: Desk) -> None:
    """Both open a new epoch before anything of the other's is at the centre."""
    for each in (one, other):
        pass_one(fleet)
        fleet.link.lose("request")
        fleet.sync(each)


def while_the_other_is_on_the_way(fleet: Fleet, one: Desk, other: Desk) -> None:
    """What one has written again comes late, after the other's."""
    pass_one(fleet)
    fleet.link.hold()
    fleet.sync(one)
    fleet.sync(other)
    fleet.link.release()


def half_come(fleet: Fleet, one: Desk, other: Desk) -> None:
    """Of the one's new epoch the beginning has come and its receptions have not, and then the same of the other's."""
    send_one_at_a_time(one, other)
    for each in (one, other, one, other):
        for _ in range(3):
            pass_one(fleet)
        fleet.link.lose("request")
        fleet.sync(each)


def answers_lost(fleet: Fleet, one: Desk, other: Desk) -> None:
    for _ in range(4):
        for each in (one, other):
            pass_one(fleet)
            fleet.link.lose("answer")
            fleet.sync(each)


MEETINGS: dict[str, Meeting] = {
    "one by one": one_by_one,
    "in small parts": in_small_parts,
    "before the other has come": before_the_other_has_come,
    "while the other is on the way": while_the_other_is_on_the_way,
    "half come": half_come,
    "answers lost": answers_lost,
}


@pytest.mark.parametrize("is_told", [False, True], ids=["same machine", "other machine"])
@pytest.mark.parametrize("name", MEETINGS)
def test_what_two_copies_hold_and_never_sent_counts_once(fleet: Fleet, name: str, is_told: bool) -> None:
    one, other, third = three(fleet, is_told=is_told)
    fleet.receive(one, 1)
    fleet.receive(other, 1)

    MEETINGS[name](fleet, one, other)
    fleet.link.road.faults.clear()
    fleet.quiet(one, other, third)

    check(fleet, one, other, third)


@pytest.mark.parametrize("name", MEETINGS)
def test_what_became_of_it_at_either_copy_is_of_the_one_dossier(fleet: Fleet, name: str) -> None:
    one, other, third = three(fleet, is_told=False, is_resolved=True)
    refs = [stored.dossier.id for stored in stored_at(one) if stored.dossier.stage is DossierStage.RESOLVED]
    for at, ref in ((one, refs[0]), (other, refs[1])):
        take(at, ref, Delivered(delivered_to="Nguyễn Văn Nhận", delivered_by=DeliveryMethod.COUNTER))

    MEETINGS[name](fleet, one, other)
    fleet.link.road.faults.clear()
    fleet.quiet(one, other, third)

    check(fleet, one, other, third)
    for desk in (one, other, third):
        stages = Counter(stored.dossier.stage for stored in stored_at(desk))
        assert stages == {DossierStage.DELIVERED: 2, DossierStage.RECEIVED: len(fleet.received) - 2}
        assert conflicts(desk) == []


def test_a_copy_finds_its_dossier_by_the_id_that_it_had(fleet: Fleet) -> None:
    one, other, _ = three(fleet, is_told=False)
    before = [stored.dossier for stored in stored_at(other)]
    fleet.sync(one)

    fleet.sync(other)

    for dossier in before[1:]:
        assert dossier_of(other, dossier.id).dossier.dossier_code == dossier.dossier_code
    assert (overview(other).unsent_count, overview(other).sync_state) == (0, SyncState.ALL_SENT)
    assert verify(fleet.central).faults == []


def test_a_copy_opens_one_epoch_for_all_that_is_there(fleet: Fleet) -> None:
    one, other, third = three(fleet, is_told=False)

    fleet.quiet(one, other, third)

    assert [epoch_of(each) for each in (one, other, third)] == [2, 3, 1]


def test_a_copy_that_comes_after_a_year_opens_no_epoch_for_each_answer(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, third = three(fleet, is_told=False)
    fleet.receive(one, 6)
    fleet.receive(third, 6)
    fleet.quiet(one, third)
    monkeypatch.setattr(handing_down, "DOWN_ENTRIES_MAX", 2)

    fleet.quiet(other, one, third)

    check(fleet, one, other, third)
    assert epoch_of(other) <= 4


def test_a_third_copy_of_the_same_receptions_finds_them_too(fleet: Fleet) -> None:
    one, other, third = three(fleet, is_told=False)
    more = [fleet.copy(other, is_told=is_told) for is_told in (False, True)]
    for each in more:
        fleet.receive(each, 1)

    before_the_other_has_come(fleet, one, other)
    for each in more:
        while_the_other_is_on_the_way(fleet, other, each)
    fleet.quiet(*more, one, other, third)

    check(fleet, one, other, third, *more)


@pytest.mark.parametrize("action", [DeviceAction.SUSPEND, DeviceAction.SPARE])
@pytest.mark.parametrize("name", MEETINGS)
def test_copies_that_were_told_nothing_count_once_when_their_machine_is_approved(
    fleet: Fleet, name: str, action: DeviceAction
) -> None:
    one, other, third = three(fleet, is_told=False)
    change_state(fleet.central, one.identity().id, action, by="tinh", reason="Máy bị sao chép")
    MEETINGS[name](fleet, one, other)
    fleet.link.road.faults.clear()
    fleet.quiet(one, other, third)

    change_state(fleet.central, one.identity().id, DeviceAction.APPROVE, by="tinh", reason="Đã đối chiếu sổ giấy")
    fleet.quiet(one, other, third)

    check_centre(fleet)
    assert all(is_in_order(each) for each in (one, other, third))


def three(fleet: Fleet, *, is_told: bool, is_resolved: bool = False) -> tuple[Desk, Desk, Desk]:
    """Two machines that hold the same receptions, never sent, and a third of which the centre has others instead.

    is_told      whether the second one knows that it is another machine
    is_resolved  whether two of the dossiers had their result before the disk was copied
    """
    one = fleet.machine()
    fleet.receive(one, 1)
    fleet.sync(one)
    third = fleet.copy(one, is_told=False)
    fleet.receive(one, 2)
    for _ in range(2 if is_resolved else 0):
        name = fleet.receive(one, 1)[0]
        [ref] = [each.dossier.id for each in stored_at(one) if each.content["owner_name"] == name]
        take(one, ref, RESOLVED)
    other = fleet.copy(one, is_told=is_told)
    fleet.receive(third, 3)
    fleet.sync(third)
    return one, other, third


def check(fleet: Fleet, *desks: Desk) -> None:
    check_centre(fleet)
    for each in desks:
        assert names_at(each) == Counter(fleet.received)
        assert is_in_order(each)


def check_centre(fleet: Fleet) -> None:
    truth = Counter(fleet.received)
    assert fleet.arrived() == truth
    assert fleet.counted() == truth.total()
    assert fleet.chain_faults() == []
    assert fleet.beyond_gaps() == 0
    assert verify(fleet.central).faults == []
    assert (fleet.judgement().arrived, fleet.judgement().unsent) == (truth.total(), 0)


def stored_at(desk: Desk) -> list[Stored]:
    with reading(desk.database):
        return list(lives(desk))


def epoch_of(desk: Desk) -> int:
    with reading(desk.database):
        return journal.head(desk.identity().id.slot, b"").epoch


def send_one_at_a_time(*desks: Desk) -> None:
    for desk in desks:
        with write_transaction(desk.database):
            device.keep_contact_state(replace(device.contact_state(), batch_entries=1))


def pass_one(fleet: Fleet) -> None:
    """Nothing happens to the next request."""
    fleet.link.road.faults.append(fleet.link.road.deliver)
