"""Figures for whoever runs the centre: true, the same from every process, and without a name or a desk's code."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from peewee import OperationalError

from central_server.app import create_app
from central_server.central import Central
from central_server.services import backing_up, devices
from central_server.services.devices import DeviceAction
from central_server.storage import archives, models
from central_server.storage.database import reading, write_transaction
from central_server.storage.tokens import Permission
from tests.central.programs import Program, program
from tests.central.writing import DAY, Writer, enrolled_writer
from tests.conftest import DESK
from tests.factories import StandingClock

ASKED = ("/standings", f"/desks/{DESK}", f"/v1/packs/{DESK}", f"/{DESK}", "/healthz", "/metrics")


@pytest.fixture
def app(central: Central) -> Flask:
    return create_app(central)


@pytest.fixture
def watching(app: Flask, central: Central) -> Program:
    return program(app, central, "26", Permission.METRICS)


@pytest.fixture
def writer(central: Central) -> Writer:
    return enrolled_writer(central)


def figures(watching: Program) -> dict[str, float]:
    """Each figure by its name and labels, without the number of the process."""
    lines = [line for line in watching.ask("/metrics").text.splitlines() if not line.startswith("#")]
    return {
        re.sub(r',process="\d+"', "", name): float(value) for name, value in (line.rsplit(" ", 1) for line in lines)
    }


def send(app: Flask, raw: bytes) -> int:
    return app.test_client().post("/v1/contacts", data=raw).status_code


def test_what_the_database_knows_is_told(watching: Program, central: Central, writer: Writer) -> None:
    writer.receive(DAY)
    writer.send()
    devices.change_state(central, writer.device, DeviceAction.SUSPEND, by="cli:root", reason="Máy bị mất")
    writer.receive(DAY)
    writer.send()

    told = figures(watching)

    assert told["central_ledger_entries"] == 3
    assert told['central_unsettled_entries{verdict="quarantined"}'] == 1
    assert told["central_kept_beside_entries"] == 0
    assert told['central_devices{state="suspended"}'] == 1
    assert (told['central_desks{standing="no_device"}'], told['central_desks{standing="met"}']) == (6, 0)
    assert told["central_database_bytes"] > 100_000
    assert told['central_info{training="no",version="0.1.0"}'] == 1


def test_the_age_of_the_last_verified_backup_is_told_once_there_is_one(
    watching: Program, central: Central, clock: StandingClock
) -> None:
    before = figures(watching)
    with write_transaction(central.database):
        archives.keep(central.now() - timedelta(hours=2), central.now(), b"d" * 32, {})
    clock.move(hours=1)

    assert "central_backup_age_seconds" not in before
    assert figures(watching)["central_backup_age_seconds"] == 3 * 3600
    assert backing_up.last_backup_at(central) is not None


def test_contacts_are_counted_by_how_they_ended(
    app: Flask, watching: Program, central: Central, writer: Writer
) -> None:
    writer.receive(DAY)
    statuses = [send(app, writer.contact()), send(app, writer.contact()), send(app, b"nonsense")]

    told = {name: value for name, value in figures(watching).items() if name.startswith("central_contacts_total")}

    assert statuses == [200, 200, 400]
    assert told.pop('central_contacts_total{outcome="accepted"}') == 2
    assert list(told.values()) == [1]


def test_requests_are_measured_by_route_and_never_by_address(app: Flask, central: Central, watching: Program) -> None:
    for path in ASKED:
        app.test_client().get(path)
    program(app, central, "26").read("/ledgers")

    told = {name for name in figures(watching) if name.startswith("central_request_duration_seconds_count")}

    labels = 'central_request_duration_seconds_count{method="GET",route="%s",status="%s"}'
    assert labels % ("/desks/<code>", "3xx") in told
    assert labels % ("none", "3xx") in told
    assert labels % ("/api/read/v1/ledgers", "2xx") in told


def test_no_figure_names_a_desk_a_unit_or_a_person(
    app: Flask, central: Central, watching: Program, writer: Writer
) -> None:
    writer.receive(DAY)
    send(app, writer.contact())
    for path in ASKED:
        app.test_client().get(path)

    told = watching.ask("/metrics").text

    with reading(central.database):
        names = {row.name for model in (models.UnitName, models.DeskRow) for row in model.select()}
    assert [each for each in (DESK, "H62", "Nguyễn", "truong", "phan-mem", *names) if each in told] == []
    assert "Bộ phận Một cửa Phường Tích Sơn" in names


def test_every_process_tells_the_same_of_the_database_and_its_own_of_itself(
    app: Flask, central: Central, watching: Program, writer: Writer
) -> None:
    """A second application stands for a second process: nothing of the database is kept in either."""
    second = Program(create_app(central), watching.secret)
    figures(second)
    send(app, writer.contact())

    told, others = figures(watching), figures(second)

    assert told["central_ledger_entries"] == others["central_ledger_entries"] == 1
    assert 'central_contacts_total{outcome="accepted"}' in told
    assert 'central_contacts_total{outcome="accepted"}' not in others
    assert re.search(r'central_contacts_total{outcome="accepted",process="\d+"} 1\.0', watching.ask("/metrics").text)


@pytest.mark.parametrize("permission", [Permission.STANDINGS, Permission.DOSSIERS])
def test_metrics_need_a_token_that_is_for_them_wherever_the_request_is_from(
    app: Flask, central: Central, permission: Permission
) -> None:
    """The centre stands behind a proxy of the same machine: that a request comes from there says nothing."""
    without, other = Program(app, "").ask("/metrics"), program(app, central, "26", permission).ask("/metrics")

    assert (without.status_code, without.json["error"]["code"]) == (401, "no_token")
    assert (other.status_code, other.json["error"]["code"]) == (403, "not_permitted")


def test_health_names_nobody_and_says_in_json_when_the_database_is_away(
    app: Flask, break_database: Callable[[], None]
) -> None:
    well = app.test_client().get("/healthz")
    break_database()

    ill = app.test_client().get("/healthz")

    assert well.json is not None
    assert set(well.json) == {"ok", "last_backup_at", "is_backup_old"}
    assert (ill.status_code, ill.json["error"]["code"]) == (503, "database_busy")


@pytest.fixture
def break_database(central: Central, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets the database refuse every question from now on."""

    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection")

    return lambda: monkeypatch.setattr(central.database, "execute_sql", refuse)
