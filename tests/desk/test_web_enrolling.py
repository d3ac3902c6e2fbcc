"""A new machine is enrolled on its page, by the same service as on the command line, and leads to the sign-in."""

import re
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient
from urllib3 import HTTPResponse
from werkzeug.test import TestResponse

from central_server.central import Central
from central_server.services import devices as central_devices
from central_server.services import enrolment
from central_server.storage import devices as stored_devices
from central_server.storage.database import reading
from desk_client.agent import joining
from desk_client.desk import Desk
from desk_client.services.enrolment import prepare
from desk_client.web.enrolling import CODE_WITH_MARKS
from sync_protocol.certificates import comparison_number
from tests.conftest import DESK, URL, Link
from tests.desk.conftest import Page, opened, token_of
from tests.factories import PASSWORD, StandingClock, bare_desk

DESK_NAME = "Bộ phận Một cửa Phường Tích Sơn"
WRONG_CODE = "Mã đăng ký sai, đã hết hạn hoặc đã thử quá nhiều lần"


@pytest.fixture
def page(field_path: Path, clock: StandingClock, link: Link, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The pages of an installation that is not enrolled; `link` is its road, whatever the address."""
    monkeypatch.setattr(joining, "road_to", lambda url: link)
    desk = bare_desk(field_path / "new", clock)
    prepare(desk)
    return opened(desk)


@pytest.fixture
def code(central: Central) -> str:
    """The code on the desk's sheet."""
    return str(enrolment.invite(central, DESK)[0].code)


def desk_of(page: Page) -> Desk:
    """The installation behind the pages."""
    found: Desk = page.app.extensions["desk"].desk
    return found


def sent(page: Page, code: str, **overrides: str) -> TestResponse:
    """Fills in the form and sends it."""
    form = {"server": URL, "code": code, "password": PASSWORD, "again": PASSWORD} | overrides
    return page.client.post("/enrol", data=form | {"csrf_token": token_of(page.client.get("/enrol").text)})


def machines(central: Central) -> list[int]:
    """The slots of the desk's machines at the centre."""
    with reading(central.database):
        return [each.id.slot for each in stored_devices.of_desks([DESK]).get(DESK, [])]


def problem_at(answer: TestResponse, field: str) -> str:
    """What the page says is wrong with a field, which has the focus."""
    found = re.search(rf'id="{field}-problem">([^<]+)<', answer.text)
    assert found, answer.text
    assert re.search(rf'id="{field}"[^>]*autofocus', answer.text)
    return found[1]


def notice(answer: TestResponse) -> str:
    """What the page says went wrong as a whole."""
    found = re.search(r'role="alert">.*?<span>([^<]+)</span>', answer.text, re.DOTALL)
    assert found, answer.text
    return found[1]


@pytest.mark.parametrize("path", ["/", "/sign-in", "/diagnose", "/dossiers/x", "/no-such-page"])
def test_a_new_machine_opens_at_its_enrolment_whatever_is_asked_for(page: Page, path: str) -> None:
    answer = page.client.get(path)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/enrol")


def test_a_new_machine_shows_its_enrolment_in_both_languages(page: Page) -> None:
    token = token_of(page.client.get("/enrol").text)

    page.client.post("/language", data={"csrf_token": token, "language": "en"})

    assert '<html lang="en">' in page.client.get("/enrol").text


def test_a_code_enrols_the_machine_and_leads_to_the_sign_in(page: Page, central: Central, code: str) -> None:
    answer = sent(page, code)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")
    assert page.woken == 1
    assert machines(central) == [1]
    door = page.client.get("/sign-in").text
    assert DESK_NAME in door
    assert 'value="truong"' in door
    form = {"csrf_token": token_of(door), "username": "truong", "password": PASSWORD}
    assert page.client.post("/sign-in", data=form).headers["Location"] == "/"
    assert page.client.get("/").status_code == 200


def test_the_name_of_the_page_stays_when_the_machine_is_enrolled(page: Page, code: str) -> None:
    before = desk_of(page).page_name()

    sent(page, code)

    assert desk_of(page).page_name() == before


@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: f" {code}\r\n",
        lambda code: code.replace("-", " ").replace("0", "o").replace("1", "l"),
    ],
    ids=["in small letters", "without dashes", "as a scanner ends it", "with letters for digits"],
)
def test_a_code_is_taken_as_people_and_scanners_type_it(page: Page, code: str, typed: Callable[[str], str]) -> None:
    assert sent(page, typed(code)).headers["Location"] == "/sign-in"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("motcua.example.vn", "https://motcua.example.vn"), (" https://motcua.example.vn/ ", "https://motcua.example.vn")],
)
def test_an_address_is_taken_as_people_type_it(
    page: Page, link: Link, code: str, typed: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    roads = {expected: link}
    monkeypatch.setattr(joining, "road_to", roads.__getitem__)

    sent(page, code, server=typed)

    assert desk_of(page).identity().central_url == expected


@pytest.mark.parametrize(
    "typed", ["", "   ", "https://", "mot cua.vn", "ftp://motcua.vn", "https://an:123@motcua.vn", "motcửa.vn", "a:b:c"]
)
def test_what_is_no_address_is_said_at_its_field_and_nothing_is_asked(
    page: Page, link: Link, code: str, typed: str
) -> None:
    answer = sent(page, code, server=typed)

    assert answer.status_code == 422
    assert problem_at(answer, "server")
    assert link.calls() == []


def test_an_address_in_the_clear_is_refused(page: Page, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    answer = sent(page, code, server="http://motcua.example.vn")

    assert "https://" in problem_at(answer, "server")


def test_two_different_passwords_are_said_and_nothing_is_asked(page: Page, link: Link, code: str) -> None:
    answer = sent(page, code, again="mot-cua-2022")

    assert answer.status_code == 422
    assert problem_at(answer, "again")
    assert link.calls() == []


def test_a_short_password_is_said_and_nothing_is_asked(page: Page, link: Link, code: str) -> None:
    answer = sent(page, code, password="ngan", again="ngan")

    assert "10" in problem_at(answer, "password")
    assert link.calls() == []


def test_a_wrong_code_is_said_and_the_right_one_still_enrols(page: Page, central: Central, code: str) -> None:
    wrong = "0000-0000-0000-0000"

    answer = sent(page, wrong)

    assert WRONG_CODE in problem_at(answer, "code")
    assert wrong in answer.text
    assert machines(central) == []
    assert sent(page, code).headers["Location"] == "/sign-in"


def test_an_expired_code_is_said(page: Page, clock: StandingClock, code: str) -> None:
    clock.move(hours=73)

    assert WRONG_CODE in problem_at(sent(page, code), "code")


def test_a_code_that_made_another_machine_is_said(
    page: Page, code: str, enrol: Callable[..., Desk], field_path: Path, clock: StandingClock
) -> None:
    other = opened(bare_desk(field_path / "other", clock))
    sent(other, code)

    assert "đã được dùng" in problem_at(sent(page, code), "code")


def test_a_code_with_vietnamese_marks_says_to_switch_the_typing_off(page: Page, link: Link) -> None:
    form = {"csrf_token": token_of(page.client.get("/enrol").text), "language": "en"}
    page.client.post("/language", data=form)

    answer = sent(page, "Ắ7K2-Đ9XW-4TBC-01HJ")

    assert problem_at(answer, "code") == CODE_WITH_MARKS
    assert link.calls() == []


def test_an_answer_that_is_lost_is_asked_for_again_with_the_same_code(
    page: Page, central: Central, link: Link, code: str
) -> None:
    link.lose("answer")

    first = sent(page, code)

    assert first.status_code == 422
    assert notice(first)
    assert code in first.text
    assert sent(page, code).headers["Location"] == "/sign-in"
    assert machines(central) == [1]


def test_the_address_of_an_earlier_try_stands_there_again(page: Page, link: Link, code: str) -> None:
    link.lose("request")
    sent(page, code)

    assert f'value="{URL}"' in page.client.get("/enrol").text


def test_a_network_that_asks_for_a_sign_in_of_its_own_is_said(page: Page, link: Link, code: str) -> None:
    link.nonsense()

    assert problem_at(sent(page, code), "server")


def test_a_wrong_date_is_said_with_the_time_that_the_machine_shows(page: Page, link: Link, code: str) -> None:
    link.road.faults.append(certificate_out_of_date)

    assert "09:00 04/10/2021" in notice(sent(page, code))


def certificate_out_of_date(_: requests.PreparedRequest) -> HTTPResponse:
    """What the library raises where a certificate does not hold on the machine's day."""
    error = ssl.SSLCertVerificationError()
    error.verify_code = 10
    raise requests.exceptions.SSLError(error)


def test_where_a_person_approves_machines_the_door_shows_the_number_to_read_out(
    page: Page, central: Central, code: str
) -> None:
    central_devices.set_approval(central, needed=True, by="van.tt")

    sent(page, code)

    number = comparison_number(desk_of(page).identity().origin)
    assert f"{number[:3]} {number[3:]}" in page.client.get("/sign-in").text


def test_nobody_but_the_browser_that_enrolled_is_told_the_desk(page: Page, code: str) -> None:
    sent(page, code)
    stranger: FlaskClient = page.app.test_client()

    assert DESK_NAME not in stranger.get("/sign-in").text


def test_a_password_is_never_shown_again(page: Page) -> None:
    answer = sent(page, "0000-0000-0000-0000")

    assert PASSWORD not in answer.text


def test_an_enrolled_machine_has_no_enrolment_page_any_more(page: Page, central: Central, code: str) -> None:
    sent(page, code)
    form = {"csrf_token": token_of(page.client.get("/sign-in").text), "server": URL, "code": code}

    assert page.client.get("/enrol").headers["Location"] == "/sign-in"
    assert page.client.post("/enrol", data=form).headers["Location"] == "/sign-in"
    assert machines(central) == [1]


def test_a_page_of_before_a_start_is_shown_again_as_typed(page: Page, link: Link, code: str) -> None:
    answer = page.client.post("/enrol", data={"server": URL, "code": code, "password": PASSWORD, "again": PASSWORD})

    assert answer.status_code == 400
    assert code in answer.text
    assert link.calls() == []
    assert PASSWORD not in answer.text


def test_a_foreign_page_cannot_enrol_the_machine(page: Page, link: Link, code: str) -> None:
    form = {"server": URL, "code": code, "password": PASSWORD, "again": PASSWORD}
    token = token_of(page.client.get("/enrol").text)

    answer = page.client.post("/enrol", data=form | {"csrf_token": token}, headers={"Origin": "http://evil.example"})

    assert answer.status_code == 400
    assert link.calls() == []
