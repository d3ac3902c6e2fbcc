"""Who may ask the desk's pages, and what every answer carries."""

import hashlib
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from desk_client import web
from tests.desk.conftest import HOST, Page, token_of
from tests.factories import PASSWORD, StandingClock

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
VENDOR = Path(web.__path__[0]) / "static" / "vendor"

FOREIGN_HOSTS = [
    "",
    "127.0.0.1",
    "127.0.0.1:80",
    "127.0.0.1:8766",
    "127.0.0.1:87650",
    "127.0.0.1.:8765",
    "127.0.0.2:8765",
    "0.0.0.0:8765",
    "[::1]:8765",
    "localhost",
    "localhost:8765",
    "desk.localhost",
    "desk.localhost.:8765",
    "desk.localhost:8766",
    "evil.desk.localhost:8765",
    "desk.localhost.evil.example:8765",
    "evil.example",
    "evil.example:8765",
    "127.0.0.1:8765.evil.example",
    "127.0.0.1:8765@evil.example",
    "evil.example@127.0.0.1:8765",
    "user:secret@127.0.0.1:8765",
    "127.0.0.1:8765/",
    "127.0.0.1:8765, evil.example",
    "127.0.0.1:8765 ",
    "2130706433:8765",
    "0x7f000001:8765",
    "127.1:8765",
    "xn--80ak6aa92e.com:8765",
    "http://127.0.0.1:8765",
]
UNATTENDED = ("/status-line", "/today", "/appointment")


@pytest.mark.parametrize("host", [each for each in FOREIGN_HOSTS if each.strip() == each])
def test_an_address_that_is_not_our_own_is_refused(client: FlaskClient, host: str) -> None:
    answer = client.get("/sign-in", headers={"Host": host})

    assert answer.status_code == 400
    assert "Tích Sơn" not in answer.text
    assert "csrf_token" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "desk.localhost:8765", "DESK.localhost:8765"])
def test_our_own_addresses_open(client: FlaskClient, host: str) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/today", "/status-line", "/procedures?q=a", "/appointment", "/dossiers/x", "/no"]
)
def test_nothing_is_shown_before_somebody_signs_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in"


@pytest.mark.parametrize("path", ["/today", "/status-line"])
def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in"


def test_a_session_ends_when_nobody_clicks_for_ten_minutes(page: Page, clock: StandingClock) -> None:
    clock.move(minutes=9)
    assert page.client.get("/").status_code == 200

    clock.move(minutes=10)

    assert page.client.get("/").headers["Location"] == "/sign-in"


@pytest.mark.parametrize("path", UNATTENDED)
def test_what_a_page_asks_for_by_itself_does_not_put_off_the_lock(page: Page, clock: StandingClock, path: str) -> None:
    clock.move(minutes=9)
    assert page.client.get(path).status_code == 200

    clock.move(minutes=2)

    assert page.client.get("/").headers["Location"] == "/sign-in"


def test_a_wrong_password_is_told_in_vietnamese_and_opens_nothing(client: FlaskClient) -> None:
    form = {"csrf_token": token_of(client.get("/sign-in").text), "username": "an.nv", "password": "khong-dung"}

    answer = client.post("/sign-in", data=form)

    assert answer.status_code == 403
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in answer.text
    assert "desk_session" not in answer.headers.get("Set-Cookie", "")


def test_guessing_is_slowed_down_and_says_so(client: FlaskClient) -> None:
    form = {"csrf_token": token_of(client.get("/sign-in").text), "username": "an.nv", "password": "khong-dung"}
    for _ in range(5):
        client.post("/sign-in", data=form)

    answer = client.post("/sign-in", data=form | {"password": PASSWORD})

    assert answer.status_code == 429
    assert "quá nhiều lần" in answer.text


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient) -> None:
    form = {"csrf_token": token_of(client.get("/sign-in").text), "username": "an.nv", "password": PASSWORD}

    cookies = client.post("/sign-in", data=form).headers.getlist("Set-Cookie")

    session_cookie = next(cookie for cookie in cookies if cookie.startswith("desk_session="))
    assert "HttpOnly" in session_cookie
    assert "SameSite=Strict" in session_cookie


def test_signing_in_gives_a_new_token_and_ends_the_old_one(page: Page) -> None:
    before = page.client.get_cookie("desk_session", domain="127.0.0.1")

    page.sign_in()

    after = page.client.get_cookie("desk_session", domain="127.0.0.1")
    assert before is not None
    assert after is not None
    assert after.value != before.value
    page.client.set_cookie("desk_session", before.value, domain="127.0.0.1")
    assert page.client.get("/").headers["Location"] == "/sign-in"


def test_signing_out_ends_the_session_and_clears_what_the_browser_kept(page: Page) -> None:
    token = page.client.get_cookie("desk_session", domain="127.0.0.1")

    answer = page.post("/sign-out")

    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert token is not None
    page.client.set_cookie("desk_session", token.value, domain="127.0.0.1")
    assert page.client.get("/").headers["Location"] == "/sign-in"


def test_every_unsafe_route_wants_a_token(page: Page) -> None:
    rules = [rule for rule in page.app.url_map.iter_rules() if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}]

    codes = {rule.rule: page.client.post(re.sub("<[^>]+>", "x", rule.rule)).status_code for rule in rules}

    assert codes == dict.fromkeys(codes, 400)
    assert codes.keys() >= {"/sign-in", "/sign-out", "/language", "/dossiers", "/send-now", "/search"}
    assert page.client.get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9000"},
        {"Origin": "https://127.0.0.1:8765"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_page_cannot_send_in_the_clerks_name(page: Page, headers: dict[str, str]) -> None:
    answer = page.post("/send-now", headers=headers)

    assert answer.status_code == 400
    assert page.woken == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": f"http://{HOST}"},
        {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_own_page_may_send(page: Page, headers: dict[str, str]) -> None:
    answer = page.post("/send-now", headers=headers)

    assert answer.status_code == 302
    assert page.woken == 1


def test_another_page_may_open_a_page_but_not_fetch_or_frame_it(page: Page) -> None:
    opened = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

    assert page.client.get("/", headers=opened).status_code == 200
    assert page.client.get("/", headers=opened | {"Sec-Fetch-Mode": "no-cors"}).status_code == 400
    assert page.client.get("/", headers=opened | {"Sec-Fetch-Dest": "iframe"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/", 200),
        ("GET", "/sign-in", 302),
        ("GET", "/status-line", 200),
        ("GET", "/today", 200),
        ("GET", "/procedures", 200),
        ("GET", "/appointment", 200),
        ("GET", "/no-such-page", 404),
        ("GET", "/dossiers/no-such-dossier", 404),
        ("GET", "/static/app.css", 200),
        ("GET", "/static/no-such-file", 404),
        ("DELETE", "/today", 405),
        ("POST", "/dossiers", 400),
        ("POST", "/sign-in", 400),
    ],
)
def test_every_answer_carries_the_protecting_headers(page: Page, method: str, path: str, code: int) -> None:
    answer = page.client.open(path, method=method)

    assert answer.status_code == code
    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert path.startswith("/static/app") or answer.headers["Cache-Control"] == "no-store"


def test_a_refused_address_carries_the_protecting_headers_too(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})

    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_body_above_the_bound_is_refused(page: Page) -> None:
    answer = page.post("/dossiers", {"summary": "a" * 300_000})

    assert answer.status_code == 413
    assert "Chưa lưu gì" in answer.text


def test_no_page_holds_an_inline_script_or_style(page: Page) -> None:
    texts = [page.client.get(path).text for path in ("/", "/no-such-page", "/today", "/status-line")]

    assert [text for text in texts if " style=" in text or "<style" in text or "<script>" in text] == []


def test_no_page_asks_for_anything_outside_this_machine(page: Page) -> None:
    files = [page.client.get("/").text, page.client.get("/static/app.css").text, page.client.get("/static/app.js").text]

    assert [text for text in files if "https://" in text or 'src="//' in text or "http://" in text] == []


def test_an_unexpected_failure_shows_a_number_and_logs_no_personal_data(
    page: Page, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Nguyễn Thị Hường 026185900001")

    monkeypatch.setattr("desk_client.web.intake_page.today_list", broken)

    answer = page.client.get("/")

    assert answer.status_code == 500
    assert answer.headers["Content-Security-Policy"] == CSP
    assert "Số sự cố" in answer.text
    assert "incident" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "Hường" not in caplog.text + answer.text


def test_the_vendored_files_are_the_ones_that_were_checked() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text("utf-8").splitlines()

    listed = {name: digest for digest, name in (line.split() for line in lines)}

    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir()}
    del found["SHA256SUMS"]
    assert listed == found


def test_each_vendored_work_comes_with_its_licence() -> None:
    licences = {path.name.removesuffix(".LICENSE.txt") for path in VENDOR.glob("*.LICENSE.txt")}

    assert licences == {"accessible-autocomplete", "be-vietnam-pro", "htmx", "preact"}
