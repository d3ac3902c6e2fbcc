"""The centre's pages for people: who may see what, what they say, and what they never say."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from central_server.app import create_app
from central_server.central import Central
from central_server.services import founding, signing_in
from central_server.storage.database import write_transaction
from central_server.storage.models import DeviceRow
from central_server.web.formatting import number, phone, since
from central_server.web.guard import HEADERS
from central_server.web.login import OWN_PATH
from central_server.web.periods import present_period
from desk_client.desk import Desk
from desk_client.services.declaring import declare
from sync_protocol.events import Declared
from sync_protocol.instants import local_instant
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Cause, Declaration, Role
from tests.central.browsing import PASSWORD, browser, token_of, without_token
from tests.central.writing import enrolled_writer
from tests.conftest import DESK, OTHER_DESK, Link, record, sync, sync_quietly
from tests.factories import StandingClock

HELD_DESK = "H62.12.01"
SILENT_DESK = "H62.12.02"
AFTER_THE_PERIOD = datetime(2021, 10, 21, 1, 0, tzinfo=UTC)
WITHIN_THE_PERIOD = datetime(2021, 10, 12, 9, 59, tzinfo=UTC)
OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
EXPLAINED = Declared(
    period=OCTOBER,
    declaration=Declaration.COMPLETE,
    cause=Cause.NO_NETWORK,
    note="Đứt cáp <b> từ 12/10",
    paper_register_last="412",
    certification_book_last="95",
)
PAGES = ("/standings?period=2021-10", f"/desks/{DESK}?period=2021-10")
OPEN_ENDPOINTS = {"static", "health.healthz", "login.sign_in_page", "login.sign_in", "login.choose_language"}


@pytest.fixture
def web_central(central: Central, clock: StandingClock, enrol: Callable[..., Desk], link: Link) -> Central:
    """After the period: a desk with three dossiers, one with none, one that holds one back, one silent, two without."""
    few, zero, held, silent = (enrol(code) for code in (DESK, OTHER_DESK, HELD_DESK, SILENT_DESK))
    record(few)
    record(few)
    record(few)
    sync(silent, link)
    clock.at = AFTER_THE_PERIOD
    sync(few, link)
    sync(zero, link)
    sync(held, link)
    record(held, on=WITHIN_THE_PERIOD.date())
    _state_only(held, link)
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


@pytest.fixture
def province(app: Flask) -> FlaskClient:
    """The browser of somebody of the province office."""
    return browser(app, "tinh", language="vi")


@pytest.fixture
def vinh_yen(app: Flask) -> FlaskClient:
    """The browser of the supervisor of the district 243."""
    return browser(app, "vinhyen", language="vi")


# Who may ask


def test_every_page_but_the_door_needs_a_person_who_is_signed_in(app: Flask) -> None:
    client = app.test_client()

    open_routes = {endpoint for endpoint, path in _routes(app, "GET") if not _is_shut(client.get(path))}

    assert open_routes == {"static", "health.healthz", "login.sign_in_page", "api.pack", "api.time", "read.description"}


def test_an_address_that_does_not_exist_asks_to_sign_in_too(app: Flask) -> None:
    assert _asks_to_sign_in(app.test_client().get("/admin"))


def test_every_form_is_refused_without_itstoken_of(app: Flask, province: FlaskClient) -> None:
    posts = [path for endpoint, path in _routes(app, "POST") if not endpoint.startswith("api.")]

    statuses = {path: province.post(path, data={"language": "en"}).status_code for path in posts}

    assert set(statuses.values()) == {400}
    assert {"/sign-in", "/sign-out", "/language"} < set(statuses)


def test_no_page_changes_anything_when_it_is_only_looked_at(app: Flask) -> None:
    assert {path for endpoint, path in _routes(app, "GET")} & {"/sign-out", "/language"} == set()


def test_what_another_site_sends_is_refused(app: Flask, province: FlaskClient) -> None:
    token = token_of(province.get("/standings").text)

    answer = province.post("/sign-out", data={"csrf_token": token}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert province.get("/standings").status_code == 200


def test_a_wrong_password_opens_nothing_and_says_so(app: Flask) -> None:
    client = app.test_client()

    answer = _post(client, "/sign-in", username="tinh", password="sai-mat-khau")

    assert answer.status_code == 403
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in answer.text
    assert _asks_to_sign_in(client.get("/standings"))


def test_the_session_is_a_strict_cookie_that_scripts_cannot_read(app: Flask) -> None:
    client = app.test_client()

    answer = _post(client, "/sign-in", username="tinh", password=PASSWORD)

    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("central_session")]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_over_tls_cookies_stay_on_tls_and_the_browser_is_told_to(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://centre.test")

    answer = client.post(
        "/sign-in",
        base_url="https://centre.test",
        data={"csrf_token": token_of(page.text), "username": "tinh", "password": PASSWORD},
    )

    assert answer.status_code == 302
    assert all("Secure" in cookie for cookie in answer.headers.getlist("Set-Cookie"))
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_signing_out_ends_the_session_for_whoever_kept_the_cookie(app: Flask, province: FlaskClient) -> None:
    kept = province.get_cookie("central_session")
    assert kept is not None

    _post(province, "/sign-out")

    thief = app.test_client()
    thief.set_cookie("central_session", kept.value)
    assert _asks_to_sign_in(thief.get("/standings"))


def test_a_person_who_is_disabled_is_out_at_once(web_central: Central, vinh_yen: FlaskClient) -> None:
    signing_in.disable_user(web_central, "vinhyen")

    assert _asks_to_sign_in(vinh_yen.get("/standings"))


def test_several_workers_accept_each_others_forms(web_central: Central, app: Flask) -> None:
    first, second = app.test_client(), create_app(web_central).test_client()
    page = first.get("/sign-in")
    cookie = first.get_cookie("central_form")
    assert cookie is not None
    second.set_cookie("central_form", cookie.value)

    answer = second.post("/sign-in", data={"csrf_token": token_of(page.text), "username": "tinh", "password": PASSWORD})

    assert answer.headers["Location"] == "/"


def test_a_form_of_more_than_64_kilobytes_is_refused(app: Flask) -> None:
    answer = app.test_client().post("/sign-in", data={"username": "a" * 70_000})

    assert answer.status_code == 413


# Headers


@pytest.mark.parametrize(
    "path",
    ["/", "/sign-in", "/standings", "/standings?period=x", "/desks/none", "/none", "/healthz", "/v1/none"],
)
def test_every_answer_carries_the_headers_and_is_not_kept(province: FlaskClient, path: str) -> None:
    answer = province.get(path)

    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in answer.headers


def test_static_files_may_be_kept(app: Flask) -> None:
    answer = app.test_client().get("/static/app.css")

    assert answer.status_code == 200
    assert "no-store" not in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_page_names_another_address(province: FlaskClient) -> None:
    foreign = [re.findall(r"""(?:src|href|action)=["'](?!/|#)[^"']*""", province.get(path).text) for path in PAGES]

    assert foreign == [[], []]


# Whose desks


def test_the_province_sees_every_desk(province: FlaskClient) -> None:
    assert _desks_on(province, "/standings?period=2021-10") == {
        "H62.11", "H62.11.01", "H62.11.02", "H62.12", "H62.12.01", "H62.12.02",
    }  # fmt: skip


def test_a_supervisor_sees_only_the_desks_of_the_own_district(vinh_yen: FlaskClient) -> None:
    page = vinh_yen.get("/standings?period=2021-10").text

    assert _desks_on(vinh_yen, "/standings?period=2021-10") == {"H62.11", "H62.11.01", "H62.11.02"}
    assert "Lập Thạch" not in page
    assert "H62.12" not in page


def test_a_desk_of_another_district_looks_like_one_that_does_not_exist(vinh_yen: FlaskClient) -> None:
    hidden, unknown = vinh_yen.get(f"/desks/{HELD_DESK}"), vinh_yen.get("/desks/H62.99.99")

    assert (hidden.status_code, unknown.status_code) == (404, 404)
    told, told_of_none = (without_token(each.text) for each in (hidden, unknown))
    assert told.replace(HELD_DESK, "") == told_of_none.replace("H62.99.99", "")


def test_the_filter_by_unit_narrows_and_never_widens(province: FlaskClient, vinh_yen: FlaskClient) -> None:
    page = province.get("/standings?period=2021-10").text
    [lap_thach] = re.findall(r'<option value="(\w+)">Huyện Lập Thạch', page)

    assert _desks_on(province, f"/standings?period=2021-10&unit={lap_thach}") == {"H62.12", "H62.12.01", "H62.12.02"}
    assert vinh_yen.get(f"/standings?period=2021-10&unit={lap_thach}").status_code == 404


# What the pages say


def test_proven_and_unknown_desks_stand_in_two_separate_lists(province: FlaskClient) -> None:
    page = province.get("/standings?period=2021-10").text

    assert _codes(_section(page, "ask")) == {DESK, OTHER_DESK}
    assert _codes(_section(page, "unknown")) == {"H62.11", "H62.12", HELD_DESK, SILENT_DESK}


def test_standings_have_the_names_of_the_contract(province: FlaskClient) -> None:
    page = province.get("/standings?period=2021-10").text

    for name in (
        "Không có hồ sơ (đã xác nhận)",
        "Nhập dưới 50 (đã xác nhận)",
        "Đã nhập, chưa gửi",
        "Chưa rõ – không kết nối từ 04/10",
        "Chưa có máy hoạt động",
    ):
        assert name in page


def test_nobody_writes_a_nought_where_it_is_not_known_what_is_held_back(province: FlaskClient) -> None:
    page = province.get(f"/desks/{SILENT_DESK}?period=2021-10").text

    assert re.findall(r"<dd>(.*?)\s*</dd>", page) == ["0", '<abbr title="chưa rõ">?</abbr>', "0", "50"]
    assert "Đã nhập, ít nhất" in page


def test_the_summary_counts_none_few_their_sum_and_the_unknown(province: FlaskClient) -> None:
    page = province.get("/standings?period=2021-10").text

    assert re.findall(r'class="tile-count">([\d.]+)<', page) == ["1", "1", "2", "4", "0"]
    assert "Tổng 0–49" in page
    assert "Đã biết đủ 2/6 đơn vị" in page
    assert "số liệu sơ bộ" in page


def test_an_open_period_accuses_nobody(
    clock: StandingClock, province: FlaskClient, app: Flask, enrol: Callable[..., Desk]
) -> None:
    page = province.get("/standings?period=2021-11").text
    desk = province.get(f"/desks/{DESK}?period=2021-11").text

    for accusation in ("đã xác nhận", "Cần hỏi nguyên nhân", "hỏi nguyên nhân", "Nhập dưới"):
        assert accusation not in page
        assert accusation not in desk
    assert "Đang mở" in page


def test_while_a_period_is_open_whoever_lags_is_only_behind(
    central: Central, clock: StandingClock, enrol: Callable[..., Desk], link: Link
) -> None:
    few, zero = enrol(DESK), enrol(OTHER_DESK)
    record(few)
    clock.at = WITHIN_THE_PERIOD
    sync(few, link)
    sync(zero, link)
    signing_in.add_user(
        central, username="tinh", full_name="Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )

    page = browser(create_app(central), "tinh", language="vi").get("/standings?period=2021-10").text

    assert "Chậm so với mức" in _section(page, "ask")
    assert "Chưa nhập" in _section(page, "ask")
    assert "đã xác nhận" not in page


@pytest.mark.parametrize(("enrolled_on", "unknown", "none"), [(date(2021, 9, 1), 13, 9), (date(2021, 10, 4), 22, 0)])
def test_a_desks_page_shows_its_days_its_machines_and_what_arrived(
    web_central: Central, province: FlaskClient, enrolled_on: date, unknown: int, none: int
) -> None:
    with write_transaction(web_central.database):
        DeviceRow.update(enrolled_at=local_instant(enrolled_on, time(8))).where(DeviceRow.desk == SILENT_DESK).execute()

    page = province.get(f"/desks/{SILENT_DESK}?period=2021-10").text

    assert "Chưa rõ – không kết nối từ 04/10" in page
    assert page.count('<g class="day is-unknown"') == unknown
    assert page.count('<g class="day is-none"') == none
    assert page.count('<g class="day is-off"') == 8
    assert "Máy 1" in page


def test_a_day_with_dossiers_that_were_not_sent_has_dossiers(province: FlaskClient) -> None:
    page = province.get(f"/desks/{HELD_DESK}?period=2021-10").text

    before, _, since = page.partition('<g class="day is-some"')
    assert since.count('<g class="day is-some"') == 0
    # Its first machine was enrolled on the day of that dossier.
    assert (before.count('<g class="day is-unknown"'), since.count('<g class="day is-unknown"')) == (9, 0)


def test_the_name_of_a_desk_is_text_and_never_markup(web_central: Central, province: FlaskClient) -> None:
    line = f'{DESK},"Bộ phận Một cửa <script>alert(1)</script>",08707,{DESK},"""><img src=x>"\n'
    founding.load(web_central, "desks", "code,name,unit_code,identifier_code,phone\n" + line)

    pages = [province.get(path).text for path in PAGES]

    assert all("<script" not in page and "<img" not in page for page in pages)
    assert all("&lt;script&gt;alert(1)" in page for page in pages)


def test_a_desks_page_tells_what_the_desk_explained(
    province: FlaskClient, enrol: Callable[..., Desk], link: Link
) -> None:
    device = enrol("H62.11")
    declare(device, EXPLAINED, clerk="truong")
    sync_quietly(device, link)

    [line] = _declared_lines(province, "H62.11")

    assert re.search(r"«Đứt cáp &lt;b&gt; từ 12/10»; [^;]* 412, [^;]* 95; [^;]* truong, 08:00 21/10/2021", line)


def test_what_two_machines_of_a_desk_declared_is_told_apart(
    web_central: Central, province: FlaskClient, enrol: Callable[..., Desk], link: Link
) -> None:
    for device in (enrol("H62.11"), enrol("H62.11")):
        declare(device, EXPLAINED, clerk="truong")
        sync_quietly(device, link)

    first, second = _declared_lines(province, "H62.11")

    assert re.search(r"\(\S+ 1\)", first)
    assert re.search(r"\(\S+ 2\)", second)


def test_a_word_whose_explanation_has_not_arrived_names_nobody(
    province: FlaskClient, enrol: Callable[..., Desk], link: Link
) -> None:
    device = enrol("H62.11")
    sync_quietly(device, link)
    declare(device, EXPLAINED, clerk="truong")
    _state_only(device, link)

    [line] = _declared_lines(province, "H62.11")

    assert "truong" not in line
    assert "08:00 21/10/2021" in line


def test_entries_that_wait_for_a_person_are_told_apart(
    web_central: Central, province: FlaskClient, clock: StandingClock
) -> None:
    first, second = (enrolled_writer(web_central, "H62.11", bytes([seed]) * 32) for seed in (8, 9))
    dossier = first.receive()
    first.write("withdraw", {"reason": "Công dân xin rút"}, subject=dossier)
    first.resolve("1.1.77")
    first.void(dossier)
    first.void(dossier)
    first.send()
    second.deliver(dossier)
    second.send()

    page = province.get("/desks/H62.11?period=2021-10").text

    assert re.findall(r"<code>(\d+\.\d+\.\d+)</code>", page) == ["1.1.4"]


def test_the_main_page_leads_to_the_period_that_people_ask_about(province: FlaskClient) -> None:
    assert province.get("/").headers["Location"] == "/standings?period=2021-10"


def test_the_last_period_is_asked_about_for_ten_days_after_its_end() -> None:
    series = PeriodSeries(last_day=20)

    assert present_period(datetime(2021, 10, 30, tzinfo=UTC).date(), series) == series.month(2021, 10)
    assert present_period(datetime(2021, 10, 31, tzinfo=UTC).date(), series) == series.month(2021, 11)


@pytest.mark.parametrize("name", ["hôm nay", "2021-13", "2021-10-20..2021-09-21", "0000", "' or 1=1 --", "x" * 5000])
def test_an_unknown_period_is_a_page_that_says_what_to_write(province: FlaskClient, name: str) -> None:
    answer = province.get("/standings", query_string={"period": name})

    assert answer.status_code == 400
    assert '<html lang="vi">' in answer.text
    assert "2021-10" in answer.text
    assert "is not a period" in answer.text


@pytest.mark.parametrize("name", ["2021-10", "2021-Q3", "2021", "2021-09-21..2021-10-20", "2020", "2999", "2022-05"])
def test_every_period_that_can_be_named_has_its_pages(province: FlaskClient, name: str) -> None:
    for path in ("/standings", f"/desks/{DESK}"):
        assert province.get(path, query_string={"period": name}).status_code == 200


def test_the_pages_switch_to_english_and_stay_so(province: FlaskClient) -> None:
    answer = _post(province, "/language", language="en", back="/standings?period=2021-10")

    page = province.get(answer.headers["Location"]).text
    assert answer.headers["Location"] == "/standings?period=2021-10"
    assert '<html lang="en">' in page
    assert "Ask for the cause" in page
    assert "No dossiers (confirmed)" in page


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example", "/\\evil.example", "/\r\nX: y"])
def test_nobody_is_sent_to_another_site(address: str) -> None:
    assert OWN_PATH.fullmatch(address) is None


def test_a_training_centre_says_so_on_every_page(make_central: Callable[..., Central]) -> None:
    central = make_central(training=True)
    founding.set_clock(central, AFTER_THE_PERIOD)

    pages = [create_app(central).test_client().get(path).text for path in ("/sign-in", "/desks/H62.11")]

    assert "HỆ THỐNG TẬP HUẤN – số liệu không có thật" in pages[0]
    assert "08:00 21/10/2021" in pages[0]


# When something goes wrong


def test_a_bug_shows_a_number_and_logs_it_without_what_was_typed(
    web_central: Central, province: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Nguyễn Văn An 026185900001")

    monkeypatch.setattr("central_server.services.standing.standings", broken)

    answer = province.get("/standings?period=2021-10")

    [incident] = re.findall(r"số này: (\w{8})", answer.text)
    assert answer.status_code == 500
    assert incident in caplog.text
    assert "026185900001" not in answer.text + caplog.text


def test_a_database_that_is_gone_is_an_error_page_with_its_headers(
    web_central: Central, province: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> bool:
        raise OSError("no route to host")

    monkeypatch.setattr(web_central.database, "connect", gone)

    answer, device = province.get("/standings"), province.post("/v1/contacts", data=b"x")

    assert answer.status_code == 500
    assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    assert device.status_code == 500
    assert device.json is not None
    assert set(device.json["error"]) == {"code", "vi", "en"}


def test_devices_get_json_in_both_languages(app: Flask) -> None:
    client = app.test_client()

    refused, missing = client.post("/v1/contacts", data=b"nonsense"), client.get("/v1/none")

    assert refused.json is not None
    assert missing.json is not None
    assert (refused.json["error"]["code"], missing.json["error"]["code"]) == ("bad_frame", "http_404")
    assert (refused.status_code, missing.status_code) == (400, 404)


def test_the_centre_answers_whoever_watches_over_it(app: Flask) -> None:
    assert app.test_client().get("/healthz").json == {"ok": True, "last_backup_at": None, "is_backup_old": True}


# Cost and form


def test_a_page_asks_the_database_as_often_for_sixty_desks_as_for_six(
    web_central: Central, province: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [_statements(web_central, province, path, monkeypatch) for path in PAGES]
    lines = "".join(f"H62.11.{n},Bộ phận Một cửa {n},08707,H62.11.{n},\n" for n in range(10, 70))
    founding.load(web_central, "desks", "code,name,unit_code,identifier_code,phone\n" + lines)

    after = [_statements(web_central, province, path, monkeypatch) for path in PAGES]

    assert after == before
    assert max(after) <= 60


def test_counts_and_telephones_are_written_as_people_read_them(app: Flask) -> None:
    with app.test_request_context():
        assert number(1234567) == "1.234.567"
        assert phone("02110000003") == "0211 000 0003"
        assert phone("gọi số khác") == "gọi số khác"
        assert since(datetime(2021, 10, 4, 2, tzinfo=UTC), datetime(2021, 10, 4, 5, tzinfo=UTC)) == "3 giờ trước"


def _state_only(desk: Desk, link: Link) -> None:
    """Two contacts of which only the second one's statement arrives, and none of the entries."""
    link.lose("request")
    sync(desk, link)
    link.road.faults.append(link.road.deliver)
    link.lose("request")
    sync(desk, link)


def _declared_lines(client: FlaskClient, code: str) -> list[str]:
    page = client.get(f"/desks/{code}?period=2021-10").text
    return re.findall(r'<p class="verdict-declared">(.*?)</p>', page)


def _post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    page = client.get("/sign-in", follow_redirects=True)
    return client.post(path, data={"csrf_token": token_of(page.text)} | fields)


def _routes(app: Flask, method: str) -> list[tuple[str, str]]:
    values = {"code": DESK, "name": "none", "filename": "app.css", "slot": "1", "action": "suspend", "unit_id": "none"}
    values |= {"revision": "0", "nonce": "A" * 22, "layout": "monthly", "ending": "xlsx"}
    rules = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]
    return [(rule.endpoint, re.sub(r"<(?:\w+:)?(\w+)>", lambda part: values[part[1]], rule.rule)) for rule in rules]


def _asks_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 302 and answer.headers["Location"] == "/sign-in"


def _is_shut(answer: TestResponse) -> bool:
    """Whether a person is asked to sign in, or a program for its token."""
    return _asks_to_sign_in(answer) or answer.status_code == 401


def _desks_on(client: FlaskClient, path: str) -> set[str]:
    return _codes(client.get(path).text)


def _codes(page: str) -> set[str]:
    return set(re.findall(r'href="/desks/([^?"]+)', page))


def _section(page: str, id_: str) -> str:
    return page.partition(f'id="{id_}"')[2].partition("</section>")[0]


def _statements(central: Central, client: FlaskClient, path: str, monkeypatch: pytest.MonkeyPatch) -> int:
    seen: list[str] = []
    execute = central.database.execute_sql

    def counted(sql: str, *more: Any, **named: Any) -> Any:
        seen.append(sql)
        return execute(sql, *more, **named)

    with monkeypatch.context() as patch:
        patch.setattr(central.database, "execute_sql", counted)
        assert client.get(path).status_code == 200
    return len(seen)
