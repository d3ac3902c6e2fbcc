"""A person decides that what was set aside does not count: it waits no longer, is found again, and told to the desk."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.services import deciding, holding, rebuilding, signing_in
from central_server.services.deciding import NotHeld, ReasonNeeded
from central_server.services.devices import DeviceAction, change_state
from central_server.services.enrolment import UnknownDesk
from central_server.services.standing import standings
from central_server.storage import people
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING, Scope
from desk_client.desk import Desk
from desk_client.services.holding import dismissed_lines, held_count, held_of
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DossierStage, Role, Standing
from tests.central.browsing import PASSWORD, browser, token_of
from tests.central.test_deciding import arrived, held, projections, release, send_revoked
from tests.central.writing import enrolled_writer
from tests.conftest import DESK, Link, only_on_sqlite, record, sync_quietly, take
from tests.desk.lives import RESOLVED
from tests.factories import StandingClock
from tests.together.field import hush, known_at, known_by

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
WHY = "Nhập trùng, đã đối chiếu"


@pytest.fixture
def central(central: Central) -> Central:
    """A centre with a person of the province and one of a district."""
    for username, unit, role in (("tinh", None, Role.PROVINCE), ("lapthach", "246", Role.SUPERVISOR)):
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Tỉnh", role=role, unit_code=unit, password=PASSWORD
        )
    return central


def dismiss(central: Central, *names: str, reason: str = WHY, scope: Scope = EVERYTHING) -> None:
    """Decides that entries of the desk do not count."""
    deciding.dismiss(central, scope, DESK, names, reason=reason, by="tinh")


def standing_of(central: Central) -> Standing:
    """How the desk stands in October."""
    desks = standings(central, EVERYTHING, OCTOBER).desks
    return next(each.judgement.standing for each in desks if each.desk.code == DESK)


def found(central: Central) -> list[tuple[str, str, str, str]]:
    """What can be found of dismissed entries: which, why they had been set aside, why they do not count, by whom."""
    told = holding.dismissed(central, EVERYTHING, DESK)
    return [(str(each.entry.id), each.entry.reason, each.reason, each.by) for each in told]


def test_what_is_dismissed_waits_no_longer_and_stays_to_be_found(central: Central) -> None:
    writer = enrolled_writer(central)
    first, second = writer.receive(), writer.receive()
    send_revoked(central, writer)

    dismiss(central, first)

    assert held(central) == [("1.1.1", "device_revoked"), (second, "device_revoked")]
    assert found(central) == [(first, "device_revoked", WHY, "tinh")]
    assert arrived(central) == 0


def test_a_desk_is_under_review_no_longer_once_all_is_decided(central: Central, clock: StandingClock) -> None:
    writer = enrolled_writer(central)
    poisoned = writer.write("receive", b"{}")
    writer.send()
    clock.move(days=30)
    writer.send(writer.alone(acknowledged=2))
    before = standing_of(central)

    dismiss(central, poisoned)

    assert (before, standing_of(central)) == (Standing.UNDER_REVIEW, Standing.ZERO)


def test_another_decision_may_count_it_after_all(central: Central) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive()
    send_revoked(central, writer)
    dismiss(central, dossier)

    release(central, dossier)

    assert arrived(central) == 1
    assert found(central) == []


def test_a_step_that_was_dismissed_does_not_come_back_with_its_dossier(central: Central) -> None:
    writer = enrolled_writer(central)
    early = writer.deliver("1.1.3")
    writer.send()
    dismiss(central, early)

    writer.receive()
    writer.send(writer.contact(first=3))

    assert known_at(central)["1.1.3"].stage is DossierStage.RECEIVED
    assert found(central) == [(early, "unknown_dossier", WHY, "tinh")]


@pytest.mark.parametrize("written", ["revoked", "poison", "early"])
def test_a_rebuild_makes_the_same_of_what_was_dismissed(central: Central, written: str) -> None:
    writer = enrolled_writer(central)
    name = {
        "revoked": lambda: writer.receive(),
        "poison": lambda: writer.write("receive", b"{}"),
        "early": lambda: writer.deliver("1.1.3"),
    }[written]()
    if written == "revoked":
        send_revoked(central, writer)
    else:
        writer.send()
    dismiss(central, name)
    if written == "early":
        writer.receive()
        writer.send(writer.contact(first=3))
    before = projections(central)

    rebuilding.rebuild(central)

    assert projections(central) == before


def test_a_dismissal_that_cannot_be_taken_changes_nothing(central: Central) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive()
    writer.send()

    with pytest.raises(NotHeld):
        dismiss(central, dossier)
    with pytest.raises(ReasonNeeded):
        dismiss(central, dossier, reason="")
    with reading(central.database):
        other = people.person("lapthach", central.today())
    assert other is not None
    with pytest.raises(UnknownDesk):
        dismiss(central, dossier, scope=other.scope)

    assert arrived(central) == 1


# At the desk


def test_the_desk_is_told_what_does_not_count_and_why(central: Central, link: Link, device: Desk) -> None:
    sync_quietly(device, link)
    change_state(central, device.identity().id, DeviceAction.SUSPEND, by="tinh", reason="Nghi bị sao chép")
    dossier = record(device)
    take(device, dossier.id, RESOLVED)
    sync_quietly(device, link)
    waiting = held_count(device)
    names = [entry for entry, _ in held(central)]

    dismiss(central, *names)
    change_state(central, device.identity().id, DeviceAction.APPROVE, by="tinh", reason="Đã xem")
    sync_quietly(device, link)

    assert (waiting, held_count(device)) == (2, 0)
    assert {(line.dossier_code, line.said) for line in dismissed_lines(device)} == {(dossier.dossier_code, WHY)}
    assert {line.said for line in held_of(device, dossier.id, dossier.dossier_code)} == {WHY}
    assert known_by(device)[dossier.id].stage is DossierStage.RECEIVED


def test_a_dismissed_step_counts_on_no_machine_when_its_dossier_comes(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    hush(link, device, second_device)
    dossier = record(device)
    sync_quietly(device, link)
    hush(link, device, second_device)
    take(second_device, dossier.id, RESOLVED)
    change_state(central, second_device.identity().id, DeviceAction.SUSPEND, by="tinh", reason="Kiểm tra")
    sync_quietly(second_device, link)
    [(name, _)] = held(central)

    dismiss(central, name)
    change_state(central, second_device.identity().id, DeviceAction.APPROVE, by="tinh", reason="Đã xem")
    hush(link, device, second_device)

    stages = [known_by(each)[dossier.id].stage for each in (device, second_device)]
    assert stages == [DossierStage.RECEIVED] * 2 == [known_at(central)[dossier.id].stage] * 2


# The page and the commands


@only_on_sqlite
def test_it_is_decided_on_the_page_and_found_there(central: Central) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive()
    send_revoked(central, writer)
    client = browser(create_app(central), "tinh")
    form = {"csrf_token": token_of(client.get("/holding").text), "entry": [dossier], "reason": WHY}

    page = client.post(f"/holding/{DESK}", data=form | {"decision": "dismiss"}, follow_redirects=True).text

    assert "1 entries do not count" in page
    assert WHY in page
    assert arrived(central) == 0
    assert [name for name, _ in held(central)] == ["1.1.1"]


@only_on_sqlite
def test_it_is_decided_by_command_and_found_by_command(central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = enrolled_writer(central)
    writer.write("receive", b"{}")
    writer.send()
    monkeypatch.setattr(console, "open_central", lambda _: central)

    def run(*words: str) -> str:
        return CliRunner().invoke(cli, list(words), catch_exceptions=False).output

    run("holding", "dismiss", DESK, "1.1.2", "--reason", WHY, "--by", "tinh")

    [line] = map(json.loads, run("holding", "dismissed", DESK, "--json").splitlines())
    assert (line["entry"], line["reason"], line["because"], line["by"]) == ("1.1.2", "bad_payload", WHY, "tinh")
    assert run("holding", "list", "--json") == ""
