"""The page of rules: what is in force, who ruled it why, and what the province may add or end."""

import re
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from central_server.app import create_app
from central_server.central import Central
from central_server.services import ruling, signing_in
from central_server.services.standing import standings
from central_server.storage.units import EVERYTHING
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser, token
from tests.conftest import DESK
from tests.factories import StandingClock

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
FIRST = "2021-09-21"
WHY = "QĐ 12/QĐ-UBND"


@pytest.fixture
def province(central: Central, clock: StandingClock) -> FlaskClient:
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    for username, role in (("tinh", Role.PROVINCE), ("kiemtra", Role.AUDITOR)):
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Vân", role=role, unit_code=None, password=PASSWORD
        )
    return browser(create_app(central), "tinh")


def send(client: FlaskClient, kind: str, **fields: str) -> TestResponse:
    """Sends a form of the page."""
    form = {"csrf_token": token(client), "kind": kind, "first_on": FIRST, "reason": WHY}
    return client.post("/rules", data=form | fields)


def in_force(client: FlaskClient) -> list[list[str]]:
    """The cells of what is in force, as the page has them."""
    page = client.get("/rules").text
    part = page[page.index("In force") : page.index("Add a rule")]
    rows = re.findall(r"<tr>\s*<td.*?</tr>", part, re.S)
    return [
        [re.sub(r"<[^>]+>", " ", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]
        for row in rows
    ]


def thresholds(central: Central) -> dict[str, int]:
    return {each.desk.code: each.judgement.threshold for each in standings(central, EVERYTHING, OCTOBER).desks}


def test_a_rule_stands_there_with_its_scope_its_days_its_reason_and_who_made_it(
    central: Central, province: FlaskClient
) -> None:
    answer = send(province, "threshold", value="30", unit="243", months="1")

    [row] = in_force(province)
    assert answer.status_code == 303
    assert row[:6] == [
        "1", "How many dossiers a period needs", "30 dossiers",
        "Thành phố Vĩnh Yên and all below it; periods of 1 month(s)", "from 21/09/2021", WHY,
    ]  # fmt: skip
    assert row[6].startswith("tinh")
    assert (thresholds(central)[DESK], thresholds(central)["H62.12.01"]) == (30, 50)


@pytest.mark.parametrize(
    ("kind", "fields", "what"),
    [
        ("threshold", {"value": "12", "field": "Chứng thực"}, "12 dossiers"),
        ("existence", {"way": "share", "value": ""}, "the share of the level that its days are of the period&#39;s"),
        ("existence", {"way": "unknown", "days": "10"}, "not judged below the level before it confirms the period"),
        ("existence", {"way": "share", "value": "5"}, "5 dossiers"),
        ("exempt", {"desk": DESK, "last_on": "2021-12-31"}, "not judged"),
        ("elsewhere", {"desk": DESK, "software": "Phần mềm <b>"}, "Phần mềm &lt;b&gt;"),
    ],
)
def test_each_kind_of_rule_can_be_added(province: FlaskClient, kind: str, fields: dict[str, str], what: str) -> None:
    assert send(province, kind, **fields).status_code == 303

    assert [row[2] for row in in_force(province)] == [what]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("threshold", {"value": "0"}),
        ("threshold", {"value": "năm mươi"}),
        ("threshold", {"value": "30", "unit": "999"}),
        ("threshold", {"value": "30", "field": "Thiên văn"}),
        ("threshold", {"value": "30", "first_on": "hôm qua"}),
        ("threshold", {"value": "30", "reason": " "}),
        ("existence", {"way": "half"}),
        ("exempt", {"desk": "H62.99"}),
        ("exempt", {"desk": DESK, "last_on": "2021-01-01"}),
        ("elsewhere", {"desk": DESK, "software": ""}),
        ("end", {"number": "7"}),
    ],
)
def test_what_cannot_be_ruled_is_told_and_what_was_typed_stands_again(
    central: Central, province: FlaskClient, kind: str, fields: dict[str, str]
) -> None:
    answer = send(province, kind, **fields)

    assert answer.status_code in (400, 404)
    assert "Nothing was changed" in answer.text
    assert list(ruling.all_rulings(central)) == []


def test_a_refused_form_stands_open_with_what_was_typed(province: FlaskClient) -> None:
    page = send(province, "exempt", desk="H62.99", reason="Sửa trụ sở").text

    form = page[page.index("<details open>") :]
    assert 'value="H62.99"' in form
    assert 'value="Sửa trụ sở"' in form
    assert page.count("<details open>") == 1


def test_a_rule_that_was_ended_is_history_and_its_past_stays(central: Central, province: FlaskClient) -> None:
    send(province, "threshold", value="30")
    send(province, "end", number="1", first_on="2021-10-25", reason="Hết hiệu lực")

    page = province.get("/rules").text
    assert in_force(province) == []
    assert page.count("holds no more") == 1
    assert set(thresholds(central).values()) == {30}


def test_an_auditor_reads_the_rules_and_is_offered_no_form(central: Central, province: FlaskClient) -> None:
    ruling.rule_threshold(central, 30, first_on=date(2021, 1, 1), by="tinh", reason=WHY)

    page = browser(province.application, "kiemtra").get("/rules").text

    assert "30 dossiers" in page
    assert 'action="/rules"' not in page


def test_a_kind_of_rule_that_there_is_not_is_refused(province: FlaskClient) -> None:
    assert send(province, "burn").status_code == 400
