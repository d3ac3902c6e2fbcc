"""The standings after a reorganisation: by the units of the period, or by those of today that came of them."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from central_server.app import create_app
from central_server.central import Central
from central_server.services import reorganising, signing_in
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser
from tests.central.test_reorganising import MERGE, WHY
from tests.conftest import OTHER_DESK
from tests.factories import StandingClock

SEPTEMBER = "/standings/desks?period=2021-09"
PAGES = ("/standings?period=2021-09", SEPTEMBER)


@pytest.fixture
def province(central: Central, clock: StandingClock) -> FlaskClient:
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    return browser(create_app(central), "tinh")


@pytest.mark.parametrize("page", PAGES)
def test_a_period_offers_the_units_of_today_only_where_they_are_others(
    central: Central, province: FlaskClient, page: str
) -> None:
    before = province.get(page).text
    reorganising.reorganise(central, MERGE, **WHY)

    after, of_today = province.get(page).text, province.get(f"{page}&tree=today").text

    assert "Show the units of today" not in before
    assert "Show the units of today" in after
    assert "Show the units of the period" in of_today


def test_the_choice_goes_with_every_link_of_the_page(central: Central, province: FlaskClient) -> None:
    reorganising.reorganise(central, MERGE, **WHY)

    page = province.get(f"{SEPTEMBER}&tree=today").text

    heads = [line for line in page.splitlines() if 'scope="col" class="col-' in line and "href" in line]
    assert heads
    assert all("tree=today" in line for line in heads)
    assert 'name="tree" value="today"' in page
    assert OTHER_DESK in page


@pytest.mark.parametrize("tree", ["", "tomorrow", "TODAY"])
def test_a_tree_that_there_is_not_is_that_of_the_period(central: Central, province: FlaskClient, tree: str) -> None:
    reorganising.reorganise(central, MERGE, **WHY)

    assert "Show the units of today" in province.get(f"{SEPTEMBER}&tree={tree}").text
