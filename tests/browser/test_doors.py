"""What the browser itself has to keep out: foreign names, pages on other ports, the back button, what people type."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, Playwright, expect

from desk_client.web.present import SESSION_COOKIE
from tests.browser.walking import (
    Window,
    chromium,
    home,
    page_name,
    receive,
    row_of,
    saved_count,
    scan,
    search,
    seen,
    sign_in_at_centre,
    sign_in_at_desk,
    window_of,
)
from tests.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
REFUSED = "Một trang khác vừa tìm cách dùng chương trình này"


def test_a_foreign_name_for_this_machine_sees_no_sign_in_form(
    playwright: Playwright, chromium_path: str, desk_page: Server
) -> None:
    """DNS rebinding: a page of evil.example points its own name at loopback."""
    rule = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    with chromium(playwright, chromium_path, rule) as browser, window_of(browser) as window:
        answer = window.page.goto(f"http://evil.example:{desk_page.port}/")

        assert answer is not None
        assert answer.status == 400
        expect(window.page.get_by_role("alert")).to_contain_text("Địa chỉ này không phải")
        expect(window.page.locator("form, input, a")).to_have_count(0)
        # The foreign name is this very machine by the rule above.
        window.left.clear()


@pytest.mark.parametrize("is_named", [False, True])
def test_a_page_on_another_port_cannot_save_a_dossier(
    is_named: bool, window: Window, desk_page: Server, foreign: "Foreign"
) -> None:
    """It even knows the form's own token, and under the desk's name it is of the same site."""
    sign_in_at_desk(window.page, desk_page)
    foreign.fields = filled_form(window.page)
    saved_before = saved_count(desk_page)
    page = window.context.new_page()

    with page.expect_event("response", lambda answer: answer.request.resource_type == "fetch") as fetched:
        page.goto(foreign.url(page_name(desk_page) if is_named else "127.0.0.1"))
    expect(page.get_by_role("alert")).to_contain_text(REFUSED)

    assert fetched.value.status == 400
    assert saved_count(desk_page) == saved_before


def test_a_page_on_another_port_does_not_see_the_session(window: Window, desk_page: Server, foreign: "Foreign") -> None:
    sign_in_at_desk(window.page, desk_page)
    page = window.context.new_page()

    page.goto(foreign.url("127.0.0.1") + "quiet")
    page.reload()
    page.evaluate("fetch('/quiet')")

    assert page.evaluate("document.cookie") == ""
    assert [cookies for cookies in foreign.cookies if SESSION_COOKIE in cookies] == []


def test_whoever_finds_the_port_is_not_told_the_name_of_the_page(desk_page: Server) -> None:
    """Cookies know no ports: under the page's own name another program would be sent the session."""
    with urllib.request.urlopen(desk_page.url + "/sign-in") as answer:
        told = answer.read().decode() + str(answer.headers)

    assert page_name(desk_page) not in told


def test_the_back_button_after_signing_out_shows_no_page_of_before(window: Window, desk_page: Server) -> None:
    page = window.page
    sign_in_at_desk(page, desk_page)
    scan(page, receive(page, "Đỗ Thị Riêng Tư"))
    page.keyboard.press("F8")
    seen(page.locator("#step"))
    search(page, "rieng tu")
    expect(page.locator("main")).to_contain_text("Riêng Tư")

    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.locator("#username")).to_be_visible()
    shown = [shown_before(page) for _ in range(4)]

    assert shown == [""] * 4


def test_what_people_type_is_shown_as_text(window: Window, desk_page: Server) -> None:
    page = window.page
    sign_in_at_desk(page, desk_page)

    page.keyboard.type(IMAGE)
    page.locator("#submitter_name").fill(SCRIPT)
    page.locator("#address_text").fill(IMAGE)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#problems")).to_be_visible()
    expect(page.locator("#procedure_code")).to_have_value(IMAGE)
    page.locator("#submitter_name").fill("")
    page.locator("#procedure_code").fill("")
    receive(page, "Lò Văn Chữ")
    row_of(page, "Lò Văn Chữ").get_by_role("link").click()
    expect(page.locator("main")).to_contain_text(IMAGE)

    window.assert_nothing_went_wrong()


def test_what_stands_in_an_address_is_shown_as_text(window: Window, centre: Server) -> None:
    sign_in_at_centre(window.page, centre)

    window.page.goto(f"{centre.url}/standings?period={SCRIPT}")

    expect(window.page.get_by_role("alert")).to_contain_text(SCRIPT)
    window.assert_nothing_went_wrong()


def shown_before(page: Page) -> str:
    """What the page before this one shows of anybody, "" where it is the sign-in."""
    page.go_back()
    shown = page.locator("body").inner_text()
    return "" if page.locator("#username").is_visible() and "Riêng Tư" not in shown else shown


@dataclass
class Foreign:
    """A web server on another port of this machine; its page tries to save a dossier in the clerk's name.

    fields   what its form sends; cookies  what browsers have sent to it
    """

    target: str
    port: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)

    def url(self, host: str) -> str:
        """Its page under one of this machine's names."""
        return f"http://{host}:{self.port}/"

    def body(self) -> str:
        """A page that sends the form twice: by a script, then by itself."""
        return f"""<!doctype html><form method="post" action="{self.target}"></form><script>
            const fields = {json.dumps(self.fields)}, form = document.forms[0];
            for (const name in fields) {{
                const input = document.createElement("input");
                form.append(Object.assign(input, {{name, value: fields[name]}}));
            }}
            const body = new URLSearchParams(fields);
            fetch(form.action, {{method: "POST", mode: "no-cors", credentials: "include", body}})
                .finally(() => form.submit());
        </script>"""


@pytest.fixture
def foreign(desk_page: Server) -> Iterator[Foreign]:
    """Another program on this machine that answers with pages of its own."""
    told = Foreign(target=home(desk_page) + "dossiers")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.cookies.append(self.headers.get("Cookie", ""))
            body = b"<p>quiet</p>" if self.path == "/quiet" else told.body().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


def filled_form(page: Page) -> dict[str, str]:
    """What the desk's own form would send of a good dossier, its token included."""
    page.locator("#submitter_name").fill("Kẻ Lạ Mặt")
    fields: dict[str, str] = page.evaluate("Object.fromEntries(new FormData(document.getElementById('intake')))")
    return fields | {"procedure_code": "2.000815"}
