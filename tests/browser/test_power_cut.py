"""A half-typed form is there again after the program was ended in the middle of it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.walking import Window, choose_procedure, home, saved_count, seen, sign_in, sign_in_at_desk
from tests.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_half_typed_form_is_there_again_after_a_power_cut(
    new_desk: Callable[[str], Server], new_window: Callable[[], Window]
) -> None:
    served = new_desk("H62.11.06").start()
    page = new_window().page
    sign_in_at_desk(page, served)
    choose_procedure(page, "2.000815", "2.000815")
    page.keyboard.type("Nguyễn Thị Hường")
    page.keyboard.press("Tab")
    page.locator("#address_text").focus()
    with page.expect_response(
        lambda answer: "/drafts/" in answer.url and "Th%C3%B4n" in (answer.request.post_data or "")
    ):
        page.keyboard.type("Thôn Đông")

    served.kill()
    served.start()
    page = new_window().page
    sign_in(page, home(served))

    seen(page.locator(".intake .notice.is-waiting"))
    expect(page.locator("#intake [name=procedure_code]")).to_have_value("2.000815")
    expect(page.locator("#submitter_name")).to_have_value("Nguyễn Thị Hường")
    expect(page.locator("#address_text")).to_have_value("Thôn Đông")
    assert saved_count(served) == 0
