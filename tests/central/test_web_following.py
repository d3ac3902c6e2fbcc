"""The section of a desk's page on which calls are noted: by whom, and what stands there afterwards."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from central_server.app import create_app
from central_server.central import Central
from central_server.services import signing_in
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser, token
from tests.conftest import DESK
from tests.factories import StandingClock

AFTER_OCTOBER = datetime(2021, 10, 25, 2, tzinfo=UTC)
PAGE = f"/desks/{DESK}?period=2021-10"
FORM = f"/desks/{DESK}/follow-up?period=2021-10"


@pytest.fixture
def app(central: Central, clock: StandingClock) -> Flask:
    """A centre after the period, with somebody of the province and two supervisors."""
    clock.at = AFTER_OCTOBER
    for username, role, unit in (
        ("tinh", Role.PROVINCE, None),
        ("vinhyen", Role.SUPERVISOR, "243"),
        ("lapthach", Role.SUPERVISOR, "246"),
    ):
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Vân", role=role, unit_code=unit, password=PASSWORD
        )
    return create_app(central)


@pytest.fixture
def supervisor(app: Flask) -> FlaskClient:
    return browser(app, "vinhyen")


def test_a_desk_that_nobody_has_called_says_so(supervisor: FlaskClient) -> None:
    assert "Nobody has called yet" in section(supervisor)


def test_a_call_with_a_promise_stands_there_with_its_words_and_who_noted_it(supervisor: FlaskClient) -> None:
    answer = send(supervisor, step="call", note="Máy hỏng <b>, đang sửa", until="2021-10-28")

    told = section(supervisor)
    assert answer.headers["Location"] == f"{PAGE}#follow-up"
    assert "Called on 25/10, promised for 28/10" in told
    assert "Máy hỏng &lt;b&gt;, đang sửa" in told
    assert re.search(r"09:00 25/10/2021</th><td>Called, promised for 28/10/2021</td>.*<td>vinhyen</td>", told)


def test_a_call_without_a_day_is_a_call(supervisor: FlaskClient) -> None:
    send(supervisor, step="call", note="Không ai nghe máy")

    assert "Called on 25/10<" in section(supervisor)


def test_a_desk_is_acknowledged_and_followed_up_again(supervisor: FlaskClient) -> None:
    send(supervisor, step="acknowledge", note="Trụ sở đang sửa chữa", until="2021-11-05")
    acknowledged = section(supervisor)
    send(supervisor, step="reopen", note="Đã sửa xong")

    assert "No reminder needed until 05/11" in acknowledged
    assert 'value="reopen"' in acknowledged
    assert "Followed up again since 25/10" in section(supervisor)
    assert 'value="reopen"' not in section(supervisor)


def test_a_promise_that_has_run_out_asks_for_a_call(supervisor: FlaskClient, clock: StandingClock) -> None:
    send(supervisor, step="call", note="Hẹn gửi", until="2021-10-25")
    clock.move(hours=15)
    signed_in_again = browser(supervisor.application, "vinhyen")

    assert "Promised for 25/10, which has passed: call again" in section(signed_in_again)


@pytest.mark.parametrize("until", ["", "2021-10-24", "2022-10-24", "hôm qua", "2021-13-01"])
def test_what_was_typed_stands_again_beside_what_is_wrong_with_it(supervisor: FlaskClient, until: str) -> None:
    answer = send(supervisor, step="acknowledge", note="Trụ sở đang sửa chữa", until=until)

    assert answer.status_code == 400
    assert "Nothing was noted: the day has to be from today on" in answer.text
    assert 'value="Trụ sở đang sửa chữa"' in answer.text
    assert "Nothing has been noted about this desk" in answer.text


def test_what_was_refused_leads_on_to_other_periods_and_times_of_the_desks_own_page(supervisor: FlaskClient) -> None:
    page = send(supervisor, step="call", note="").text

    assert set(re.findall(r'class="step" href="([^?"]+)', page)) == {f"/desks/{DESK}"}
    assert f'<form class="filter" method="get" action="/desks/{DESK}">' in page


@pytest.mark.parametrize("step", ["", "burn", "CALL"])
def test_a_step_that_there_is_not_is_refused(supervisor: FlaskClient, step: str) -> None:
    assert send(supervisor, step=step, note="x").status_code == 400
    assert "Nothing has been noted" in section(supervisor)


def test_a_supervisor_of_another_area_neither_sees_nor_notes_anything(app: Flask, supervisor: FlaskClient) -> None:
    other = browser(app, "lapthach")

    answer = send(other, step="call", note="Không phải xã của tôi")

    assert (answer.status_code, other.get(PAGE).status_code) == (404, 404)
    assert "Nothing has been noted" in section(supervisor)


def test_the_province_sees_what_a_supervisor_noted_and_adds_to_it(app: Flask, supervisor: FlaskClient) -> None:
    send(supervisor, step="call", note="Không ai nghe máy")
    province = browser(app, "tinh")
    send(province, step="call", note="Đã gặp chủ tịch xã")

    told = section(supervisor)
    assert ("<td>vinhyen</td>" in told, "<td>tinh</td>" in told) == (True, True)


def send(client: FlaskClient, **fields: str) -> TestResponse:
    """Sends a form of the section."""
    return client.post(FORM, data={"csrf_token": token(client)} | fields)


def section(client: FlaskClient) -> str:
    """The section as it stands on the page."""
    return client.get(PAGE).text.partition('id="follow-up"')[2].partition("</section>")[0]
