"""A machine whose word does not count at present says so kindly, and loses nothing meanwhile."""

from pathlib import Path

import pytest

from central_server.central import Central
from central_server.services import devices, enrolment
from central_server.services.devices import DeviceAction, change_state
from desk_client.desk import Desk
from desk_client.services import enrolment as desk_enrolment
from desk_client.services.overview import overview
from desk_client.services.standing import note_device_state
from desk_client.storage.database import write_transaction
from desk_client.web.sync import STATE_WORDS
from sync_protocol.vocabulary import DeviceId, DeviceState
from tests.conftest import DESK, URL, Link, record, sync
from tests.factories import PASSWORD, StandingClock, bare_desk

FIRST = DeviceId(DESK, 1)


@pytest.mark.parametrize(
    ("action", "state"),
    [("suspend", "suspended"), ("lost", "lost"), ("replace", "replaced"), ("retire", "retired"), ("spare", "spare")],
)
def test_a_machine_learns_from_its_next_contact_what_became_of_it(
    device: Desk, central: Central, link: Link, action: str, state: str
) -> None:
    sync(device, link)
    change_state(central, FIRST, DeviceAction(action), by="van.tt", reason="Máy hỏng nguồn")
    before = overview(device).device_state

    record(device)
    outcome = sync(device, link)

    assert (before, overview(device).device_state) == (DeviceState.ACTIVE, DeviceState(state))
    assert (outcome.error, outcome.unsent) == (None, 0)


def test_a_machine_and_the_centre_show_the_same_number_while_it_waits_for_approval(
    central: Central, link: Link, field_path: Path, clock: StandingClock
) -> None:
    devices.set_approval(central, needed=True, by="van.tt")
    desk = bare_desk(field_path / "waiting", clock)
    [invitation] = enrolment.invite(central, DESK)
    desk_enrolment.enrol(desk, link, URL, str(invitation.code), PASSWORD)
    sync(desk, link)

    [machine] = devices.all_machines(central)

    assert overview(desk).device_state is DeviceState.PENDING
    assert overview(desk).number == machine.number


def test_an_approved_machine_hears_that_it_counts(device: Desk, central: Central, link: Link) -> None:
    change_state(central, FIRST, DeviceAction.SUSPEND, by="van.tt", reason="Nghi ngờ")
    sync(device, link)
    change_state(central, FIRST, DeviceAction.APPROVE, by="van.tt", reason="")

    sync(device, link)

    assert overview(device).device_state is DeviceState.ACTIVE


@pytest.mark.parametrize("said", [None, "", "exploded", 7, ["lost"], {"state": "lost"}])
def test_a_word_that_is_not_known_is_passed_over(device: Desk, said: object) -> None:
    with write_transaction(device.database):
        note_device_state("lost")
        note_device_state(said)

    assert overview(device).device_state is DeviceState.LOST


def test_there_are_words_for_every_state_in_which_entries_do_not_count() -> None:
    assert set(STATE_WORDS) == set(DeviceState) - {DeviceState.ACTIVE, DeviceState.SPARE}
