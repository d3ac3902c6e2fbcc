"""Scores and the book of complaints on their pages: what is not known is a dash with its reason."""

from datetime import UTC, date, datetime
from io import BytesIO

import openpyxl
import pytest
from flask.testing import FlaskClient

from central_server.app import create_app
from central_server.central import Central
from central_server.services import complaints, external_figures, founding, signing_in
from central_server.storage.units import EVERYTHING
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser, token
from tests.central.test_counting import working
from tests.central.test_scoring import COMPLAINT, LIMITS, MONDAY, resolve
from tests.conftest import DESK
from tests.factories import StandingClock


@pytest.fixture
def client(central: Central, clock: StandingClock) -> FlaskClient:
    """A person of the province; a commune has resolved a dossier a day early, and its publicity is told."""
    founding.load(central, "limits", LIMITS)
    writer = working(central, DESK, b"1" * 32)
    resolve(writer, MONDAY, date(2021, 10, 5))
    writer.send()
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    told = {"indicator": "score_publicity", "unit_code": "08707", "period": "2021-10", "value": "1"}
    external_figures.add(central, EVERYTHING, told | {"source": "BC số 15"}, by="tinh")
    for username, role, unit in (("tinh", Role.PROVINCE, None), ("vinhyen", Role.SUPERVISOR, "243")):
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Vân", role=role, unit_code=unit, password=PASSWORD
        )
    return browser(create_app(central), "tinh")


def test_the_page_tells_points_reasons_and_documents(client: FlaskClient) -> None:
    page = client.get("/scoring?period=2021-10").text

    assert "2.0" in page
    assert "not entered yet, with its document" in page
    assert "by BC số 15" in page
    assert "not classified yet: Class: average to Class: excellent" in page


def test_without_a_period_the_page_is_of_the_quarter(client: FlaskClient) -> None:
    page = client.get("/scoring").text

    assert "21/09/2021 – 20/12/2021" in page
    assert 'href="/scoring?period=2021"' in page


def test_persons_are_shown_of_one_unit_alone(client: FlaskClient) -> None:
    page = client.get("/scoring?period=2021-10").text
    [unit] = {part.partition('"')[0] for part in page.split("unit=")[1:] if "Phường Tích Sơn" in part[:80]}

    one = client.get(f"/scoring?period=2021-10&unit={unit}").text

    assert 'id="persons"' not in page
    assert 'id="persons"' in one
    assert "truong" in one


def test_the_file_holds_points_as_numbers(client: FlaskClient) -> None:
    answer = client.get("/scoring.xlsx?period=2021-10")

    book = openpyxl.load_workbook(BytesIO(answer.data))
    assert book.sheetnames == ["Units", "Persons"]
    [row] = [row for row in book["Units"].iter_rows(values_only=True) if row[0] == "08707"]
    assert row[3:6] == (2, 2, 2)
    assert row[6] is None
    assert "6 by BC số 15" in row


def test_a_unit_that_is_not_there_has_no_scores(client: FlaskClient) -> None:
    assert client.get("/scoring?period=2021-10&unit=none").status_code == 404


def test_a_complaint_is_entered_and_corrected_on_the_page(client: FlaskClient, central: Central) -> None:
    form = COMPLAINT | {"csrf_token": token(client)}
    first = client.post("/complaints", data=form)
    offered = client.get("/complaints?corrects=1").text
    second = client.post("/complaints", data=form | {"corrects": "1", "finding": "not_upheld"})

    assert (first.status_code, second.status_code) == (303, 303)
    assert "Correct complaint 1" in offered
    assert 'value="Kết luận số 3/KL-UBND"' in offered
    assert [each.told.finding.value for each in complaints.book(central, EVERYTHING)] == ["not_upheld", "upheld"]
    assert "replaced by a later row" in client.get("/complaints").text
    assert "Complaint entered" in client.get("/changes").text


def test_a_complaint_that_cannot_be_is_told_with_what_was_typed(client: FlaskClient, central: Central) -> None:
    answer = client.post("/complaints", data=COMPLAINT | {"csrf_token": token(client), "unit_code": "99"})

    assert answer.status_code == 400
    assert "there is no unit of this code in your area" in answer.text
    assert 'value="Kết luận số 3/KL-UBND"' in answer.text
    assert complaints.book(central, EVERYTHING) == []


def test_a_supervisor_enters_only_what_is_of_the_own_area(client: FlaskClient, central: Central) -> None:
    supervisor = browser(client.application, "vinhyen")
    form = COMPLAINT | {"csrf_token": token(supervisor)}

    statuses = [
        supervisor.post("/complaints", data=form | {"unit_code": each}).status_code for each in ("246", "08707")
    ]

    assert statuses == [400, 303]
    assert [each.unit_code for each in complaints.book(central, EVERYTHING)] == ["08707"]
