"""A centre that was put back without a word does not know the machines that came since, nor which numbers they have."""

from desk_client.services.overview import overview
from sync_protocol.vocabulary import DeviceId
from tests.conftest import DESK, held_codes, record, sync
from tests.together.fleet import Fleet


def test_a_number_is_not_given_again_once_a_machine_has_shown_that_the_centre_was_put_back(fleet: Fleet) -> None:
    first = fleet.machine()
    fleet.receive(first)
    fleet.sync(first)
    copy = fleet.back_up_centre()
    second = fleet.machine()
    fleet.receive(first)
    fleet.receive(second)
    fleet.sync(first, second)
    fleet.put_back_centre(copy)
    fleet.sync(first)

    third = fleet.newcomer()

    assert [desk.identity().id.slot for desk in (first, second, third)] == [1, 2, 7]
    fleet.receive(third)
    fleet.quiet(first, second, third)
    assert fleet.arrived() == dict.fromkeys(fleet.received, 1)


def test_a_machine_whose_number_was_given_again_hears_it_and_keeps_all(fleet: Fleet) -> None:
    copy = fleet.back_up_centre()
    machine = fleet.machine()
    record(machine)
    sync(machine, fleet.link)
    held = held_codes(machine)
    fleet.put_back_centre(copy)
    newcomer = fleet.newcomer()

    outcome = sync(machine, fleet.link)

    assert machine.identity().id == newcomer.identity().id == DeviceId(DESK, 1)
    assert outcome.error is not None
    assert overview(machine).problem == "slot_taken"
    assert held_codes(machine) == held
