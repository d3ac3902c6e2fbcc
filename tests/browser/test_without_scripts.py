"""The main errand works where the browser runs no scripts: received, found, resolved, handed over, printed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from sync_protocol.vocabulary import EventKind
from tests.browser.walking import home, printed, told, window_of
from tests.papers import symbols
from tests.processes import PASSWORD, Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def page(browser: Browser, desk_page: Server) -> Iterator[Page]:
    """A page without scripts, on which somebody is signed in."""
    with window_of(browser, has_scripts=False) as window:
        window.page.goto(home(desk_page))
        window.page.locator("#username").fill("truong")
        window.page.locator("#password").fill(PASSWORD)
        window.page.locator("#password").press("Enter")
        yield window.page


def test_a_dossier_is_received_found_resolved_and_handed_over_without_scripts(page: Page) -> None:
    page.locator("#procedure_code").select_option("1.004873")
    page.locator("#submitter_name").fill("Nông Văn Không Lệnh")
    page.locator("#address_text").fill("Thôn Đông, Xã Định Trung")
    page.locator("#address_text").press("Enter")
    code = page.locator(".intake .notice.is-all_sent strong").inner_text()

    page.locator("#find").fill("khong lenh nong")
    page.locator("#find").press("Enter")
    page.get_by_role("link", name=code, exact=True).click()
    page.locator(".main-step").click()
    page.locator("#step button.primary").first.click()
    page.locator(".main-step").click()
    page.locator("#step button.primary").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(code)
    assert told(page) == [EventKind.DELIVER, EventKind.RESOLVE, EventKind.RECEIVE]


def test_a_slip_is_printed_without_scripts(page: Page) -> None:
    page.locator("#procedure_code").select_option("2.000815")
    page.locator("#submitter_name").fill("Nguyễn Thị Hường")
    page.locator("#intake button[value=print]").click()
    code = page.locator(".sheet .code").inner_text()

    assert symbols(printed(page)) == [(code, 20)]


def test_a_refusal_is_recorded_without_scripts(page: Page) -> None:
    page.locator("#procedure_code").select_option("2.000815")
    page.locator("#submitter_name").fill("Đinh Thị Khước")
    page.locator("#intake button.is-grave").click()
    page.locator("#reason").fill("Không thuộc thẩm quyền")
    page.locator("#reason").press("Enter")

    expect(page.locator(".sheet")).to_contain_text("Không thuộc thẩm quyền")


def test_rows_are_saved_without_scripts(page: Page) -> None:
    page.locator("nav a[href='/bulk']").click()
    page.locator("#procedure_code").select_option("2.000815")
    page.locator("#row-1-submitter_name").fill("Nguyễn Thị Hường")
    page.locator("#row-2-submitter_name").fill("Trần Văn Bưởi")
    page.locator("#bulk button.primary").click()

    expect(page.locator("table.bulk-saved tbody tr")).to_have_count(2)
