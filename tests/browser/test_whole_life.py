"""A dossier's life from the empty form to the hand-over, by a clerk who has a keyboard and a scanner only."""

import pytest
from playwright.sync_api import expect

from sync_protocol.vocabulary import EventKind
from tests.browser.walking import (
    Window,
    choose_procedure,
    expect_prints,
    press_with_alt,
    printed,
    save_step,
    scan,
    seen,
    sign_in_at_desk,
    told,
    type_fields,
)
from tests.papers import symbols
from tests.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_dossier_is_received_supplemented_resolved_and_handed_over_by_keyboard(
    window: Window, desk_page: Server
) -> None:
    page = window.page
    sign_in_at_desk(page, desk_page)

    choose_procedure(page, "tinh trang hon nhan", "1.004873")
    type_fields(page, "Nguyễn Thị Hường", "", "", "026185900001", "0987000001", "Thôn Đông, Xã Định Trung")
    page.keyboard.press("F9")
    expect_prints(page, 1)
    [(code, _)] = symbols(printed(page))

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    seen(page.get_by_role("heading", level=1, name=code))
    scan(page, code)
    press_with_alt(page, "3")
    expect(page.locator("#papers")).to_be_focused()
    page.keyboard.type("Giấy xác nhận nơi cư trú")
    page.keyboard.press("Tab")
    page.keyboard.type("Chưa có xác nhận của nơi cư trú trước đây")
    save_step(page)
    page.keyboard.press("F8")
    expect(page.locator("#note")).to_be_focused()
    save_step(page)
    page.keyboard.press("F8")
    seen(page.locator("#result_number"))
    page.locator("#result_number").focus()
    page.keyboard.type("115/XN-UBND")
    save_step(page)
    page.keyboard.press("F8")
    expect(page.locator("#delivered_to")).to_be_focused()
    page.keyboard.type("Trần Văn Bưởi")
    save_step(page)

    assert told(page) == [
        EventKind.DELIVER,
        EventKind.RESOLVE,
        EventKind.SUPPLEMENT_RECEIVED,
        EventKind.REQUEST_SUPPLEMENT,
        EventKind.PRINT,
        EventKind.RECEIVE,
    ]
    expect(page.locator(".history")).to_contain_text("Giấy xác nhận nơi cư trú")
    expect(page.locator("[aria-labelledby=result-title]")).to_contain_text("115/XN-UBND")
    expect(page.get_by_role("definition").get_by_text("Trần Văn Bưởi", exact=True).first).to_be_visible()
