"""A clerk sets up a new machine on its page, by keyboard and scanner, and goes on to the first dossier."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.reading import faults
from tests.browser.walking import SYNC_INTERVAL_S, Window, choose_procedure, seen, window_of
from tests.processes import PASSWORD, Server, central, desk, free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DESK = "H62.11.04"


@pytest.fixture
def new_machine(tmp_path: Path) -> Iterator[Server]:
    """A machine on which the program was just started for the first time."""
    environment = {"DESK_KEY_STORE": "file", "DESK_SYNC_INTERVAL_S": str(SYNC_INTERVAL_S)}
    served = Server("desk_client", tmp_path, "/enrol", environment=environment).start()
    yield served
    served.kill()


@pytest.fixture
def unscripted(browser: Browser) -> Iterator[Page]:
    """A page without scripts."""
    with window_of(browser, has_scripts=False) as window:
        yield window.page


def scan_code(page: Page, code: str) -> None:
    """Reads the code of the sheet, as a scanner does that types and ends with Enter."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("#password")).to_be_focused()


def type_passwords(page: Page) -> None:
    """Types the password twice and sends the form with the last Enter."""
    for _ in range(2):
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
    expect(page.locator("[data-final]")).to_be_focused()
    page.keyboard.press("Enter")


def test_a_clerk_sets_up_a_machine_and_receives_the_first_dossier(
    centre: Server, new_machine: Server, window: Window
) -> None:
    """The errand: a wrong code, no server, then all right; the agent of the same process sends by itself."""
    page = window.page
    code = str(json.loads(central(centre.data, "invite", DESK, "--json"))["code"])

    page.goto(new_machine.url)
    expect(page.locator("#server")).to_be_focused()
    assert faults(page) == []
    page.keyboard.type(centre.url)
    page.keyboard.press("Enter")
    scan_code(page, "0000-0000-0000-0000")
    type_passwords(page)
    expect(page.locator("#code-problem")).to_contain_text("Mã đăng ký sai")
    expect(page.locator("#code")).to_be_focused()
    assert faults(page) == []

    page.locator("#server").fill(f"http://127.0.0.1:{free_port()}")
    page.locator("#code").focus()
    page.locator("#code").fill("")
    scan_code(page, code)
    type_passwords(page)
    seen(page.get_by_role("alert"))
    expect(page.locator("#password")).to_be_focused()
    assert faults(page) == []

    page.locator("#server").fill(centre.url)
    page.locator("#password").focus()
    type_passwords(page)
    expect(page.get_by_role("status")).to_contain_text("Bộ phận Một cửa")
    assert page.url == f"{new_machine.url}/sign-in"
    assert faults(page) == []

    expect(page.locator("#password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    seen(page.locator("#intake"))
    choose_procedure(page, "2.000815", "2.000815")
    page.keyboard.type("Nguyễn Thị Hường")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#status")).to_contain_text("Đã gửi hết")
    assert json.loads(desk(new_machine.data, "status", "--json").out)["desk"] == DESK


def test_a_machine_is_set_up_without_scripts_too(centre: Server, new_machine: Server, unscripted: Page) -> None:
    code = str(json.loads(central(centre.data, "invite", DESK, "--json"))["code"])

    unscripted.goto(new_machine.url)
    for name, text in {"server": centre.url, "code": code, "password": PASSWORD, "again": PASSWORD}.items():
        unscripted.locator(f"#{name}").fill(text)
    unscripted.locator("#again").press("Enter")

    expect(unscripted.locator("#username")).to_have_value("truong")
