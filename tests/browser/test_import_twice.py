"""The same spreadsheet given twice: the second time nothing is new."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.walking import Window, saved_count, search, seen, sign_in_at_desk
from tests.desk.spreadsheets import table
from tests.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COLUMNS = ("Mã hồ sơ", "Thủ tục hành chính", "Chủ hồ sơ", "Số CCCD", "Số điện thoại", "Ngày tiếp nhận", "Ngày hẹn trả")
PROCEDURE = "Thủ tục cấp Giấy xác nhận tình trạng hôn nhân"
ROWS = (
    ("H62.11.05-210906-0412", PROCEDURE, "Nguyễn Thị Hường", "026185900001", "0987000001", "06/09/2021", "09/09/2021"),
    ("H62.11.05-210906-0413", PROCEDURE, "Trần Văn Bưởi", "026085900002", "0987000002", "06/09/2021", "09/09/2021"),
    ("H62.11.05-210907-0414", PROCEDURE, "Lê Thị Đào", "026185900003", "0987000003", "07/09/2021", "10/09/2021"),
)
FILE = FilePayload(
    name="so-theo-doi.xlsx",
    mimeType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    buffer=table(COLUMNS, *ROWS),
)


def test_a_file_that_is_given_again_brings_nothing_new(new_desk: Callable[[str], Server], window: Window) -> None:
    served = new_desk("H62.11.05").start()
    page = window.page
    sign_in_at_desk(page, served)

    give(page)
    expect(page.locator(".import-counts strong")).to_have_text(["3", "0", "0", "0"])
    page.keyboard.press("F8")
    seen(page.locator("#outcome .notice.is-all_sent"))
    give(page)

    expect(page.locator(".import-counts strong")).to_have_text(["0", "0", "3", "0"])
    expect(page.locator("#outcome button.primary")).to_have_count(0)
    assert saved_count(served) == 3
    search(page, "H62.11.05-210907-0414")
    expect(page.get_by_role("definition").get_by_text("Lê Thị Đào", exact=True).first).to_be_visible()


def give(page: Page) -> None:
    """Gives the file, by keyboard as far as the file chooser, and waits until all its rows were looked at."""
    page.goto(page.url.partition("/import")[0].rstrip("/") + "/import")
    page.locator("#file").set_input_files(FILE)
    page.keyboard.press("F8")
    seen(page.locator(".import-rows"))
    expect(page.locator("#outcome progress")).to_have_count(0)
