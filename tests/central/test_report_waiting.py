"""What somebody sees who asks for a report that takes long."""

from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient

from central_server.app import create_app
from central_server.central import Central
from central_server.services import signing_in
from central_server.storage import counters, units
from central_server.storage.database import reading, write_transaction
from central_server.storage.units import EVERYTHING
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeviceId, Role
from tests.central.browsing import PASSWORD, browser
from tests.conftest import DESK, OTHER_DESK
from tests.factories import StandingClock

RECEIVED = date(2021, 10, 4)
OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))


@pytest.fixture
def client(central: Central, clock: StandingClock) -> FlaskClient:
    """A person of the province."""
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    return browser(create_app(central), "tinh")


def hold(central: Central, desk: str, count: int) -> None:
    """Has the centre hold dossiers of October, by its counters alone."""
    with write_transaction(central.database):
        counters.add(DeviceId(desk=desk, slot=1), {RECEIVED: count}, RECEIVED)


def test_a_long_report_says_at_once_that_it_is_being_made_and_then_comes(client: FlaskClient, central: Central) -> None:
    hold(central, DESK, 60_000)
    hold(central, OTHER_DESK, 60_000)

    waiting = client.get("/reports/desks?period=2021-10&mean=units")
    report = client.get(waiting.headers["Refresh"].removeprefix("0; url="))

    assert "The report of 120,000 dossiers is being made." in waiting.text
    assert "Refresh" not in report.headers
    assert "Mean of the units&#39; rates" in report.text


def test_a_short_report_comes_at_once(client: FlaskClient, central: Central) -> None:
    hold(central, DESK, 100_000)

    answer = client.get("/reports/desks?period=2021-10")

    assert "Refresh" not in answer.headers
    assert DESK in answer.text


def test_the_dossiers_of_others_make_no_report_longer(client: FlaskClient, central: Central) -> None:
    hold(central, DESK, 120_000)
    with reading(central.database):
        other = next(each for each in units.desks_in(EVERYTHING, OCTOBER) if each.code == OTHER_DESK)

    answer = client.get(f"/reports/desks?period=2021-10&unit={other.unit.id}")

    assert "Refresh" not in answer.headers
    assert OTHER_DESK in answer.text


@pytest.mark.parametrize("path", ["/reports/weekly?period=2021-10", "/reports?period=2021-10&unit=none"])
def test_what_there_is_not_is_not_waited_for(client: FlaskClient, central: Central, path: str) -> None:
    hold(central, DESK, 120_000)

    assert client.get(path).status_code == 404
