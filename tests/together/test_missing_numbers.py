"""What a machine held and took with it is counted as missing, with its numbers: entries, dossiers, codes."""

from datetime import date

import pytest
from click.testing import CliRunner
from orjson import loads

from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.services import signing_in
from central_server.services.devices import DeviceAction, Machine, change_state, machine
from central_server.services.missing import Missing
from central_server.services.standing import desk_story
from central_server.storage.units import EVERYTHING
from desk_client.desk import Desk
from sync_protocol.messages import sentence
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Role, Standing
from tests.central.browsing import PASSWORD, browser
from tests.conftest import DESK, Link, arrived_codes, held_codes, only_on_sqlite, record, sync, void
from tests.factories import StandingClock
from tests.together.fleet import Fleet

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))


def state_only(desk: Desk, link: Link) -> None:
    """Two contacts of which only the second one's statement arrives, and no entry."""
    link.lose("request")
    sync(desk, link)
    link.road.faults.append(link.road.deliver)
    link.lose("request")
    sync(desk, link)


def stolen(central: Central, link: Link, device: Desk, clock: StandingClock) -> list[str]:
    """A machine that had sent two dossiers and stated four more is stolen; gives the codes of those four."""
    for _ in range(2):
        record(device)
    sync(device, link)
    sent = held_codes(device)
    record(device)
    record(device, on=date(2021, 10, 1))
    record(device, on=date(2021, 10, 1))
    void(device, record(device))
    record(device)
    state_only(device, link)
    clock.move(hours=2)
    change_state(central, device.identity().id, DeviceAction.LOST, by="tinh", reason="Mất trộm")
    return [code for code in held_codes(device) if code not in sent]


def machine_of(central: Central, device: Desk) -> Machine:
    """The machine as people look after it."""
    return machine(central, EVERYTHING, device.identity().id)[1]


def test_the_dossiers_that_went_with_a_machine_are_missing_with_their_numbers(
    central: Central, link: Link, device: Desk, clock: StandingClock
) -> None:
    lost = stolen(central, link, device, clock)

    [missing] = machine_of(central, device).missing

    # open_epoch, adopt_packs and two receptions had arrived.
    assert (str(missing.first), str(missing.last), missing.entries) == ("1.1.5", "1.1.10", 6)
    assert missing.dossiers == len(lost) == 4
    assert [(each.day, each.count, each.first_code, each.last_code) for each in missing.days] == [
        (date(2021, 10, 1), 2, f"{DESK}-211001-0001", f"{DESK}-211001-0002"),
        # One of three was voided on the machine: of the rest only the first number is sure.
        (date(2021, 10, 4), 2, f"{DESK}-211004-0003", f"{DESK}-211004-0004"),
    ]
    assert {each.first_code for each in missing.days} <= set(lost)


def test_the_evidence_of_the_standing_names_the_entries_that_never_came(
    central: Central, link: Link, device: Desk, clock: StandingClock
) -> None:
    stolen(central, link, device, clock)

    judgement = desk_story(central, EVERYTHING, DESK, OCTOBER).standing.judgement

    assert judgement.standing is Standing.NO_DEVICE
    assert "held 4 more, not sent (entries 1.1.5–1.1.10)" in sentence(judgement.evidence, "en")


@only_on_sqlite
def test_the_page_of_the_desk_and_the_list_of_machines_tell_the_numbers(
    central: Central, link: Link, device: Desk, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stolen(central, link, device, clock)
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Tỉnh", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    monkeypatch.setattr(console, "open_central", lambda _: central)

    page = browser(create_app(central), "tinh", language="en").get(f"/desks/{DESK}").text
    listed = CliRunner().invoke(cli, ["device", "list", DESK], catch_exceptions=False).output
    [row] = loads(CliRunner().invoke(cli, ["device", "list", DESK, "--json"], catch_exceptions=False).output)

    assert "6 entries never arrived, 1.1.5 to 1.1.10" in page
    assert f"01/10/2021: 2 dossiers, numbered from {DESK}-211001-0001, at least to {DESK}-211001-0002" in page
    assert "1.1.5…1.1.10" in listed
    assert (row["missing"][0]["first"], row["missing"][0]["dossiers"]) == ("1.1.5", 4)


def test_a_machine_that_turns_up_again_and_sends_all_has_nothing_missing(
    central: Central, link: Link, device: Desk, clock: StandingClock
) -> None:
    stolen(central, link, device, clock)

    change_state(central, device.identity().id, DeviceAction.APPROVE, by="tinh", reason="Đã tìm thấy")
    sync(device, link)

    assert machine_of(central, device).missing == ()
    assert arrived_codes(central) == held_codes(device)


def test_nothing_is_missing_of_a_machine_that_only_waits_for_the_network(
    central: Central, link: Link, device: Desk
) -> None:
    record(device)
    state_only(device, link)

    assert machine_of(central, device).missing == ()


def test_what_the_witness_had_seen_and_the_backup_lacks_is_missing_with_its_numbers(
    fleet: Fleet,
) -> None:
    """The disk broke with two dossiers that nobody had stated: only their entries are known."""
    desk = fleet.machine()
    fleet.receive(desk, 3)
    fleet.sync(desk)
    backup = fleet.files(desk)
    fleet.receive(desk, 2)
    desk = fleet.put_back(desk, backup, keep_witness=True)
    fleet.quiet(desk)

    [missing] = machine_of(fleet.central, desk).missing

    assert isinstance(missing, Missing)
    assert (str(missing.first), str(missing.last), missing.days) == ("1.1.6", "1.1.7", ())
