"""A person states that what a machine held will never come: on the record, with a reason, and proving nothing."""

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from orjson import loads

from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.services import giving_up, signing_in
from central_server.services.devices import DeviceAction, change_state
from central_server.services.giving_up import NothingMissing
from central_server.services.standing import desk_story
from central_server.storage.units import EVERYTHING
from desk_client.desk import Desk
from sync_protocol.standings import Judgement
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser, token_of
from tests.conftest import DESK, Link, arrived_codes, held_codes, record, sync
from tests.factories import StandingClock
from tests.together.test_missing_numbers import OCTOBER, stolen

WHY = "Máy đã cháy, ổ đĩa không đọc được"
STATED = f"vinhyen stated at 11:00 04/10/2021 that they will never come: {WHY}"


@pytest.fixture
def gone(central: Central, link: Link, device: Desk, clock: StandingClock) -> Desk:
    """A machine that was stolen with four dossiers, and the supervisors of its district and of another one."""
    for username, unit in (("vinhyen", "243"), ("lapthach", "246")):
        signing_in.add_user(
            central,
            username=username,
            full_name="Trần Thị Vân",
            role=Role.SUPERVISOR,
            unit_code=unit,
            password=PASSWORD,
        )
    stolen(central, link, device, clock)
    return device


@pytest.fixture
def supervisor(gone: Desk, central: Central) -> FlaskClient:
    return browser(create_app(central), "vinhyen")


def judged(central: Central) -> Judgement:
    return desk_story(central, EVERYTHING, DESK, OCTOBER).standing.judgement


def state(client: FlaskClient, reason: str) -> tuple[int, str]:
    """Sends the form of the page about what is set aside; its status and where it leads, or what it says."""
    page = client.get(f"/holding?desk={DESK}").text
    form = {"csrf_token": token_of(page), "slot": "1", "reason": reason}
    answer = client.post(f"/holding/{DESK}/missing", data=form)
    return answer.status_code, answer.headers.get("Location", answer.text)


def test_numbers_that_never_come_are_stated_to_be_lost_with_a_name_and_a_reason(
    supervisor: FlaskClient, central: Central
) -> None:
    before = judged(central)

    status, place = state(supervisor, WHY)

    assert (status, place) == (302, f"/holding?desk={DESK}")
    waiting, desk, machines = (
        supervisor.get(path).text for path in (place, f"/desks/{DESK}", f"/desks/{DESK}/machines")
    )
    assert STATED in waiting
    assert STATED in desk
    assert "6 numbers are stated to be lost" in waiting
    assert "Numbers stated to be lost" in machines
    assert "They will never come</button>" not in waiting
    # It proves nothing: no desk is known further, or accused, by the word of somebody who was not there.
    assert judged(central) == before
    assert before.flag_proven is False


def test_it_needs_a_reason_and_nothing_is_kept_without_one(supervisor: FlaskClient) -> None:
    status, page = state(supervisor, " ")

    assert (status, "A decision needs a reason of 2 to 500 characters." in page) == (422, True)
    assert "that they will never come" not in supervisor.get(f"/desks/{DESK}").text


def test_the_command_states_the_same_and_a_second_time_adds_nothing(
    gone: Desk, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: central)
    asked = ["holding", "give-up", f"{DESK}/1", "--reason", WHY, "--by", "vinhyen", "--json"]

    told = [loads(CliRunner().invoke(cli, asked, catch_exceptions=False).output) for _ in range(2)]

    assert told == [{"device": f"{DESK}/1", "entries": ["1.1.5–1.1.10"], "dossiers": 4}] * 2
    changes = browser(create_app(central), "vinhyen").get(f"/desks/{DESK}/machines").text
    assert changes.count("Numbers stated to be lost") == 1


def test_if_the_machine_turns_up_after_all_its_dossiers_count_and_the_statement_is_gone(
    supervisor: FlaskClient, gone: Desk, central: Central, link: Link
) -> None:
    state(supervisor, WHY)

    change_state(central, gone.identity().id, DeviceAction.APPROVE, by="tinh", reason="Đã tìm thấy")
    sync(gone, link)

    assert arrived_codes(central) == held_codes(gone)
    assert "that they will never come" not in supervisor.get(f"/desks/{DESK}").text
    with pytest.raises(NothingMissing):
        giving_up.give_up(central, EVERYTHING, gone.identity().id, reason=WHY, by="vinhyen")


def test_what_is_missing_later_is_not_given_up_with_what_was(
    supervisor: FlaskClient, gone: Desk, central: Central, link: Link
) -> None:
    state(supervisor, WHY)
    change_state(central, gone.identity().id, DeviceAction.APPROVE, by="tinh", reason="Đã tìm thấy")
    sync(gone, link)
    record(gone)
    link.lose("request")
    sync(gone, link)
    link.road.faults.append(link.road.deliver)
    link.lose("request")
    sync(gone, link)
    change_state(central, gone.identity().id, DeviceAction.LOST, by="tinh", reason="Lại mất")

    [lacking] = giving_up.lacking(central, DESK)

    assert lacking.given_up is None


def test_a_supervisor_of_another_unit_gives_up_nothing(gone: Desk, central: Central) -> None:
    foreign = browser(create_app(central), "lapthach")
    form = {"csrf_token": token_of(foreign.get("/standings").text), "slot": "1", "reason": WHY}

    answer = foreign.post(f"/holding/{DESK}/missing", data=form)

    assert answer.status_code == 404
    assert [each.given_up for each in giving_up.lacking(central, DESK)] == [None]
