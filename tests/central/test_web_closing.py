"""The closing page: the province office closes, restates and opens a period again, and nobody else sees it."""

import re
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from central_server.app import create_app
from central_server.central import Central
from central_server.services import signing_in
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser, token
from tests.central.writing import Writer, enrolled_writer
from tests.factories import StandingClock

AFTER_OCTOBER = datetime(2021, 10, 21, 2, tzinfo=UTC)
PAGE = "/periods/2021-10"


@pytest.fixture
def writer(central: Central, clock: StandingClock) -> Writer:
    """A desk with three dossiers, known to the end of October; five desks have no machine."""
    each = enrolled_writer(central)
    for _ in range(3):
        each.receive(date(2021, 10, 4))
    each.send()
    clock.at = AFTER_OCTOBER
    each.send(each.alone(acknowledged=each.head))
    for username, role, unit in (("tinh", Role.PROVINCE, None), ("vinhyen", Role.SUPERVISOR, "243")):
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Vân", role=role, unit_code=unit, password=PASSWORD
        )
    return each


@pytest.fixture
def app(writer: Writer, central: Central) -> Flask:
    return create_app(central)


@pytest.fixture
def province(app: Flask) -> FlaskClient:
    return browser(app, "tinh")


def test_the_page_names_the_desks_that_are_missing_and_asks_for_a_reason(province: FlaskClient) -> None:
    page = province.get(PAGE).text

    assert "5 of 6 desks are not known" in page
    assert "Close with what is known" in page
    assert "H62.11.01" not in page
    assert page.count("No machine in use yet") == 5


def test_closing_without_a_reason_changes_nothing_and_says_what_to_do(province: FlaskClient) -> None:
    answer = take(province, "close", reason="")

    assert answer.status_code == 400
    assert "Nothing was closed" in answer.text
    assert "What was published" not in province.get(PAGE).text


def test_a_closed_period_shows_what_was_published_and_by_whom(province: FlaskClient) -> None:
    take(province, "close", reason="Năm xã chưa có máy <b>")

    page = province.get(PAGE).text

    assert "Năm xã chưa có máy &lt;b&gt;" in page
    assert "Closed</span>" in page
    assert re.search(r"<td>tinh</td>\s*<td class=\"figure\">3</td><td class=\"figure\">5</td>", page)
    assert "Closed</span>" in province.get("/standings?period=2021-10").text


def test_what_arrives_later_is_told_and_then_restated_with_its_cause(
    province: FlaskClient, writer: Writer, clock: StandingClock
) -> None:
    take(province, "close", reason="Năm xã chưa có máy")
    writer.receive(date(2021, 10, 5))
    clock.move(minutes=20)
    writer.send()
    told = province.get(PAGE).text

    take(province, "restate", reason="Hồ sơ gửi muộn")

    page = province.get(PAGE).text
    assert "changed by +1 dossiers" in told
    assert "Entered before, arrived after the closing: <strong>+1</strong>" in page
    assert "Closed and restated" in page


def test_a_reason_that_was_refused_still_stands_in_its_field(province: FlaskClient) -> None:
    take(province, "close", reason="Năm xã chưa có máy")

    answer = take(province, "restate", reason="Hồ sơ gửi muộn")

    assert answer.status_code == 400
    assert "Nothing was restated" in answer.text
    assert 'value="Hồ sơ gửi muộn"' in answer.text


def test_a_period_is_opened_again_with_a_reason(province: FlaskClient) -> None:
    take(province, "close", reason="Năm xã chưa có máy")

    take(province, "reopen", reason="Sót một xã")

    page = province.get(PAGE).text
    assert ("Ended, not closed yet" in page, "Sót một xã" in page) == (True, True)


@pytest.mark.parametrize("step", ["", "burn", "CLOSE"])
def test_a_step_that_there_is_not_is_refused(province: FlaskClient, step: str) -> None:
    assert take(province, step, reason="x").status_code == 400
    assert "What was published" not in province.get(PAGE).text


def test_a_supervisor_neither_sees_nor_takes_a_step(app: Flask, province: FlaskClient) -> None:
    supervisor = browser(app, "vinhyen")

    answer = supervisor.post(PAGE, data={"csrf_token": token(supervisor), "step": "close", "reason": "x"})

    assert (supervisor.get(PAGE).status_code, answer.status_code) == (403, 403)
    assert "/periods/" not in supervisor.get("/standings").text
    assert "What was published" not in province.get(PAGE).text


def take(client: FlaskClient, step: str, *, reason: str) -> TestResponse:
    """Sends the form of the page."""
    return client.post(PAGE, data={"csrf_token": token(client), "step": step, "reason": reason})
