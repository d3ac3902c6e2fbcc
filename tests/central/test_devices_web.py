"""The pages of machines: who may do what, that each action is confirmed and recorded, and the papers for new ones."""

import re
from dataclasses import replace
from itertools import product
from unicodedata import normalize

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from central_server.app import create_app
from central_server.central import Central
from central_server.paper.invitations import InvitationSheet, invitations_pdf
from central_server.services import signing_in
from central_server.services.devices import POSSIBLE, DeviceAction
from central_server.storage import changes, devices
from central_server.storage.database import reading, write_transaction
from central_server.web.devices import clock_words
from sync_protocol.certificates import parse_code
from sync_protocol.vocabulary import DeviceId, DeviceState, Role
from tests.central.browsing import PASSWORD, browser, token_of
from tests.central.writing import enrolled_writer
from tests.conftest import DESK
from tests.factories import NOW
from tests.papers import page_texts, sizes_mm, symbols

FIRST = DeviceId(DESK, 1)
MACHINES = f"/desks/{DESK}/machines"
REASON = "Máy hỏng nguồn"
SHEET = InvitationSheet(
    desk_name="Bộ phận Một cửa Phường Tích Sơn",
    desk_code=DESK,
    unit_name="Phường Tích Sơn",
    phone="02110000001",
    code="7K2M-Q9XW-4TBC-01HJ",
    expires_at=NOW,
    server="https://motcua.example.vn",
    is_approved=False,
    training=False,
)


@pytest.fixture
def web_central(central: Central) -> Central:
    """A desk with one machine; somebody of the province and supervisors of two districts."""
    enrolled_writer(central)
    for username, unit in (("tinh", None), ("vinhyen", "243"), ("lapthach", "246")):
        signing_in.add_user(
            central,
            username=username,
            full_name="Trần Thị Vân",
            role=Role.SUPERVISOR if unit else Role.PROVINCE,
            unit_code=unit,
            password=PASSWORD,
        )
    return central


@pytest.fixture
def app(web_central: Central) -> Flask:
    """The centre's application."""
    return create_app(web_central)


def post(client: FlaskClient, path: str, **form: str) -> TestResponse:
    """Sends a form with the token of a page that this browser has open."""
    page = client.get("/invitations")
    page = client.get("/sign-in") if page.status_code == 302 else page
    return client.post(path, data={"csrf_token": token_of(page.text)} | form)


def state(central: Central) -> DeviceState:
    with reading(central.database):
        device = devices.by_id(FIRST)
    assert device is not None
    return device.state


def recorded(central: Central) -> list[tuple[str, str]]:
    """Who did what with the desk, oldest first."""
    with reading(central.database):
        return [(each.who, each.what) for each in changes.of_desk(DESK, 100)][::-1]


def put(central: Central, wanted: DeviceState) -> None:
    with write_transaction(central.database):
        devices.keep_state(FIRST, wanted, central.now(), None)


# Who may


ROUTES = [
    ("GET", MACHINES),
    ("POST", f"/desks/{DESK}/invitation"),
    *[(method, f"{MACHINES}/1/{action.value}") for method, action in product(("GET", "POST"), DeviceAction)],
]


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=[f"{method} {path}" for method, path in ROUTES])
def test_the_machines_of_a_desk_are_those_of_who_may_see_it(
    app: Flask, web_central: Central, method: str, path: str
) -> None:
    """Role by area by route: the province and the own district may; another district sees no such desk."""
    statuses = {}
    for username in ("tinh", "vinhyen", "lapthach"):
        put(web_central, DeviceState.PENDING if path.endswith("approve") else DeviceState.ACTIVE)
        client = browser(app, username, language="vi")
        answer = client.get(path) if method == "GET" else post(client, path, reason=REASON)
        statuses[username] = answer.status_code // 100

    assert statuses["lapthach"] == 4
    assert {statuses["tinh"], statuses["vinhyen"]} <= {2, 3}


def test_only_the_province_sets_whether_machines_are_approved(app: Flask, web_central: Central) -> None:
    refused = post(browser(app, "vinhyen", language="vi"), "/invitations/approval", needed="yes")
    before = web_central.about().device_approval

    post(browser(app, "tinh", language="vi"), "/invitations/approval", needed="yes")

    assert (refused.status_code, before, web_central.about().device_approval) == (403, False, True)


def test_a_supervisor_invites_only_the_desks_of_the_own_district(app: Flask) -> None:
    answer = post(browser(app, "lapthach", language="vi"), "/invitations")

    pages = page_texts(answer.data)
    assert [re.search(r"MãBộphận(H62[\d.]+\d)", page)[1] for page in pages] == [
        "H62.12", "H62.12.01", "H62.12.02",
    ]  # fmt: skip


# What is done


@pytest.mark.parametrize("action", DeviceAction)
def test_an_action_is_confirmed_on_a_page_and_then_done_and_recorded(
    app: Flask, web_central: Central, action: DeviceAction
) -> None:
    before, after = sorted(POSSIBLE[action][0])[0], POSSIBLE[action][1]
    put(web_central, before)
    client, known = browser(app, "vinhyen", language="vi"), len(recorded(web_central))

    asked = client.get(f"{MACHINES}/1/{action.value}")
    unchanged = state(web_central)
    post(client, f"{MACHINES}/1/{action.value}", reason=REASON)

    assert asked.status_code == 200
    assert (unchanged, state(web_central)) == (before, after)
    assert recorded(web_central)[known] == ("vinhyen", action.value)


def test_without_a_reason_nothing_is_done_and_the_page_says_so(app: Flask, web_central: Central) -> None:
    answer = post(browser(app, "tinh", language="vi"), f"{MACHINES}/1/suspend", reason="  ")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert state(web_central) is DeviceState.ACTIVE


def test_what_was_typed_stands_again_where_it_cannot_be_done(app: Flask) -> None:
    answer = post(browser(app, "tinh", language="vi"), f"{MACHINES}/1/lost", reason=REASON, since="2031-01-01T07:00")

    assert answer.status_code == 400
    assert f'value="{REASON}"' in answer.text
    assert 'value="2031-01-01T07:00"' in answer.text


@pytest.mark.parametrize("since", ["hôm qua", "2021-13-01T00:00", "2021-10-04T09:00:00+07:00x", "\0"])
def test_a_time_that_cannot_be_read_changes_nothing(app: Flask, web_central: Central, since: str) -> None:
    answer = post(browser(app, "tinh", language="vi"), f"{MACHINES}/1/lost", reason=REASON, since=since)

    assert answer.status_code == 400
    assert state(web_central) is DeviceState.ACTIVE


@pytest.mark.parametrize("path", ["/1/explode", "/7/suspend", "/99999999999999999999/suspend"])
def test_what_there_is_not_is_not_found(app: Flask, path: str) -> None:
    assert browser(app, "tinh", language="vi").get(MACHINES + path).status_code == 404


def test_replacing_shows_the_code_of_the_new_machine(app: Flask, web_central: Central) -> None:
    answer = post(browser(app, "tinh", language="vi"), f"{MACHINES}/1/replace", reason=REASON)

    found = re.search(r'aria-label="((?:[0-9A-Z]{4}-?){4})"', answer.text)
    assert found
    with reading(web_central.database):
        assert devices.invitation(parse_code(found[1]).public) is not None


def test_a_reason_is_text_and_never_markup(app: Flask) -> None:
    client = browser(app, "tinh", language="vi")

    post(client, f"{MACHINES}/1/suspend", reason="<script>alert(1)</script>")

    assert "<script>alert" not in client.get(MACHINES).text


def test_the_page_tells_of_each_machine_what_there_is_to_know(app: Flask, web_central: Central) -> None:
    page = browser(app, "tinh", language="vi").get(MACHINES).text

    for text in ("0.1.0", "09:00 04/10/2021", "02110000001"[:4]):
        assert text in page


def test_a_machine_that_has_stated_more_than_came_is_told_with_a_warning(app: Flask, web_central: Central) -> None:
    writer = enrolled_writer(web_central, seed=b"\x02" * 32)
    writer.receive()
    writer.send(writer.alone())

    page = browser(app, "tinh", language="vi").get(f"{MACHINES}/2/lost").text

    assert 'class="notice is-waiting"' in page


# Papers


def test_each_desk_without_a_machine_has_a_sheet_of_its_own(app: Flask) -> None:
    answer = post(browser(app, "tinh", language="vi"), "/invitations")

    assert answer.content_type == "application/pdf"
    assert sizes_mm(answer.data) == {(210, 297)}
    assert len(page_texts(answer.data)) == 5


def test_the_code_of_a_sheet_can_be_scanned_and_enrols(app: Flask, web_central: Central) -> None:
    answer = post(browser(app, "vinhyen", language="vi"), "/invitations")

    [(code, width)] = symbols(answer.data)
    assert width >= 25
    with reading(web_central.database):
        invitation = devices.invitation(parse_code(code).public)
    assert invitation is not None
    assert invitation.secret_mac == parse_code(code).secret_mac(web_central.keys.code_key)


def test_a_sheet_says_for_whom_until_when_and_what_to_do() -> None:
    [page] = page_texts(invitations_pdf([SHEET]))

    for text in (
        "BộphậnMộtcửaPhườngTíchSơn",
        "PhườngTíchSơn",
        "02110000001",
        "7K2MQ9XW4TBC01HJ",
        "09:00ngày04/10/2021",
        "desk-clientserve",
        "https://motcua.example.vn",
        "Đăngkýmáynày,ôĐịachỉmáychủ",
        "chỉdùngmộtlần",
    ):
        assert text in page


def test_a_sheet_says_to_read_out_the_six_digits_only_where_machines_are_approved() -> None:
    [plain] = page_texts(invitations_pdf([SHEET]))
    [approved] = page_texts(invitations_pdf([replace(SHEET, is_approved=True)]))

    assert "sáuchữsố" not in plain
    assert "sáuchữsố" in approved


def test_loose_marks_of_a_name_are_composed_and_markup_is_text() -> None:
    odd = replace(SHEET, desk_name=normalize("NFD", "Bộ phận Một cửa <b>Tích Sơn</b> & Liên Bảo"))

    [page] = page_texts(invitations_pdf([odd]))

    assert "BộphậnMộtcửa<b>TíchSơn</b>&LiênBảo" in page


def test_a_code_is_shown_as_a_symbol_that_telephones_read(app: Flask) -> None:
    page = post(browser(app, "tinh", language="vi"), f"/desks/{DESK}/invitation").text

    assert page.count("<svg") >= 1
    assert 'class="code-qr"' in page
    assert 'viewBox="0 0 33 33"' in page or 'viewBox="0 0 29 29"' in page


@pytest.mark.parametrize(
    ("offset_ms", "told"),
    [(None, "not known"), (-29_000, "right"), (-95_000, "2 minutes fast"), (7 * 3_600_000, "420 minutes slow"),
     (-2_880 * 60_000, "2,880 minutes fast"), (-2_881 * 60_000, "2 days fast"),
     (1_859 * 86_400_000, "1,859 days slow")],
)  # fmt: skip
def test_a_wrong_clock_is_told_in_minutes_and_a_wrong_date_in_days(
    central: Central, offset_ms: int | None, told: str
) -> None:
    with create_app(central).test_request_context(headers={"Cookie": "central_language=en"}):
        assert clock_words(offset_ms) == told
