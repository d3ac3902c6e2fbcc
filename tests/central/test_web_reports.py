"""The report on its page and in its files: the same figures, for whoever may see the unit."""

import re
from datetime import UTC, date, datetime
from html import unescape
from io import BytesIO
from urllib.parse import parse_qs

import openpyxl
import pytest
from flask.testing import FlaskClient

from central_server.app import create_app
from central_server.central import Central
from central_server.services import signing_in
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser
from tests.central.writing import enrolled_writer
from tests.conftest import DESK
from tests.factories import StandingClock


@pytest.fixture
def client(central: Central, clock: StandingClock) -> FlaskClient:
    """A person of the province; a desk has received three dossiers on 4 October."""
    writer = enrolled_writer(central)
    for _ in range(3):
        writer.receive(date(2021, 10, 4))
    writer.send()
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    return browser(create_app(central), "tinh")


def test_the_page_tells_the_figures_and_that_they_are_provisional(client: FlaskClient) -> None:
    page = client.get("/reports?period=2021-10").text

    assert "Newly received" in page
    assert "Provisional figures: 0 of" in page
    assert DESK in page
    assert "Rate in time (of those due)" in page


def test_the_file_holds_the_figures_as_numbers(client: FlaskClient) -> None:
    answer = client.get("/reports/monthly.xlsx?period=2021-10")

    book = openpyxl.load_workbook(BytesIO(answer.data))
    cells = [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
    assert 3 in cells
    assert [sheet.title for sheet in book.worksheets][:3] == ["In all", "By level", "By district"]


def test_the_form_has_a_page_and_a_name_that_is_none_has_not(client: FlaskClient) -> None:
    assert "II.06a" in client.get("/reports/ii06a?period=2021-10").text
    assert client.get("/reports/weekly?period=2021-10").status_code == 404
    assert client.get("/reports?period=2021-10&unit=none").status_code == 404


def test_machines_read_the_report_as_json(client: FlaskClient) -> None:
    answer = client.get("/reports/monthly.json?period=2021-10")

    assert answer.json
    assert answer.json["report"] == "monthly"


def test_choices_stand_in_the_address(client: FlaskClient) -> None:
    page = client.get("/reports/desks?period=2021-10&basis=resolved&closed_other=inside&mean=units").text

    assert "Rate in time (of those resolved and those ended without a result)" in page
    assert "Mean of the units&#39; rates" in page
    assert client.get("/reports?period=2021-10&basis=all").status_code == 400


def test_what_was_chosen_is_shown_and_kept_by_the_links_to_files(client: FlaskClient) -> None:
    page = client.get("/reports?period=2021-10&basis=resolved&mean=units").text

    assert '<option value="resolved" selected>' in page
    assert '<option value="outside" selected>' in page
    assert "/reports/monthly.pdf?period=2021-10&amp;basis=resolved&amp;mean=units" in page
    assert "/reports/ii06a?period=2021-10&amp;basis=resolved&amp;mean=units" in page


def test_another_report_is_of_the_run_of_months_that_has_the_period(client: FlaskClient) -> None:
    text = client.get("/reports?period=2021-10&basis=resolved").text

    found = dict(re.findall(r'class="view" href="/reports/?(\w*)\?([^"]+)"', text))
    periods = {layout: parse_qs(unescape(query)) for layout, query in found.items()}
    assert {layout: query["period"] for layout, query in periods.items()} == {
        "": ["2021-10"],
        "desks": ["2021-10"],
        "quarterly": ["2021-Q4"],
        "yearly": ["2021"],
        "ii06a": ["2021-10"],
    }
    assert all(query["basis"] == ["resolved"] for query in periods.values())


def test_a_period_before_there_were_units_has_no_report(client: FlaskClient) -> None:
    answer = client.get("/reports?period=1950-01")

    assert answer.status_code == 404
    assert "There is no unit with the code (left empty)" in answer.text
