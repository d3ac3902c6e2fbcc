"""What happens at the counter beside the usual way: refusals, corrections, shared slips, searches, unknown slips."""

import re

import pytest
from playwright.sync_api import Page, expect

from sync_protocol.vocabulary import EventKind
from tests.browser.walking import (
    Window,
    choose_procedure,
    expect_prints,
    press_with_alt,
    printed,
    receive,
    save_step,
    saved_code,
    scan,
    search,
    seen,
    sign_in_at_desk,
    told,
    type_fields,
)
from tests.papers import says, symbols
from tests.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REASON = "Hồ sơ thuộc thẩm quyền giải quyết của xã Thanh Trù"
UNSEEN = "H62.12.01-211004-0007"


def test_a_dossier_is_refused_with_a_reason_and_the_refusal_is_printed(window: Window, desk_page: Server) -> None:
    page = window.page
    sign_in_at_desk(page, desk_page)
    choose_procedure(page, "2.000815", "2.000815")
    page.keyboard.type("Đinh Thị Khước")

    page.locator("#intake button.is-grave").press("Enter")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type(REASON)
    page.keyboard.press("Control+Enter")
    expect_prints(page, 1)

    paper = printed(page)
    assert "/papers/refusal?" in page.url
    assert says(paper, REASON)
    assert says(paper, "Đinh Thị Khước")


def test_a_corrected_name_stands_in_the_history_before_and_after(window: Window, desk_page: Server) -> None:
    page = window.page
    sign_in_at_desk(page, desk_page)
    scan(page, receive(page, "Nguyễn Thị Huờng"))

    press_with_alt(page, "8")
    expect(page.locator("#submitter_name")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("Nguyễn Thị Hường")
    page.locator("#reason").focus()
    page.keyboard.type("Bỏ nhầm dấu")
    save_step(page)

    corrected = page.locator(".history > li").first
    assert told(page)[0] == EventKind.CORRECT
    expect(corrected).to_contain_text("Bỏ nhầm dấu")
    expect(corrected.locator("dd").filter(has_text="→")).to_have_text(["Nguyễn Thị Huờng → Nguyễn Thị Hường"])


def test_dossiers_of_one_slip_are_printed_together_and_handed_over_together(window: Window, desk_page: Server) -> None:
    page = window.page
    sign_in_at_desk(page, desk_page)
    choose_procedure(page, "2.000815", "2.000815")
    type_fields(page, "Lưu Văn Chung", "", "", "026185900031", "0987000031", "Thôn Gô, Xã Định Trung")
    page.keyboard.press("Shift+F9")
    seen(page.locator(".notice.is-info"))
    first = saved_code(page)
    expect(page.locator("#address_text")).to_have_value("Thôn Gô, Xã Định Trung")

    choose_procedure(page, "tinh trang hon nhan", "1.004873")
    page.keyboard.press("F9")
    expect_prints(page, 1)
    slip = printed(page)
    back_to_dossier(page)
    second = page.locator("h1").inner_text()
    search(page, first)
    expect(page.locator("#delivered_to")).to_have_value("Lưu Văn Chung")
    page.keyboard.press("F8")
    seen(page.locator(".notice.is-all_sent"))

    assert symbols(slip) == [(first, 20)]
    assert says(slip, first)
    assert says(slip, second)
    expect(page.locator("table.dossiers [data-row]")).to_have_text([first, second])
    expect(page.locator(".row-action")).to_have_count(0)


def test_a_result_that_is_there_at_once_is_handed_over_with_the_reception(window: Window, desk_page: Server) -> None:
    page = window.page
    sign_in_at_desk(page, desk_page)
    choose_procedure(page, "2.000815", "2.000815")
    page.keyboard.type("Lê Thị Ngay")

    page.keyboard.press("Shift+F8")
    scan(page, saved_code(page))

    assert told(page) == [EventKind.DELIVER, EventKind.RESOLVE, EventKind.RECEIVE]


def test_a_dossier_is_found_by_what_the_citizen_says(window: Window, desk_page: Server) -> None:
    """Names in any order and without marks, numbers as people say them; the address tells nothing of it."""
    page = window.page
    sign_in_at_desk(page, desk_page)
    choose_procedure(page, "2.000815", "2.000815")
    type_fields(page, "Phùng Quỳnh Xuyến", "", "", "026185900077", "0987000077")
    page.keyboard.press("F8")
    code = saved_code(page)

    said = ("xuyen phung quynh", "quynh xuyên", "026185900077", "026 185 900 077", "0987000077", "+84 987 000 077")
    found = [(finds(page, text, code), page.url.partition("?")[2][:2]) for text in said]

    assert found == [(True, "n=")] * 6


def test_a_code_opens_its_dossier_also_without_its_dashes(window: Window, desk_page: Server) -> None:
    page = window.page
    sign_in_at_desk(page, desk_page)
    code = receive(page, "Nguyễn Thị Hường")

    search(page, re.sub("[.-]", "", code).lower())

    expect(page.get_by_role("heading", level=1)).to_have_text(code)


def test_the_result_of_a_slip_that_this_machine_never_saw_is_handed_over(window: Window, desk_page: Server) -> None:
    page = window.page
    sign_in_at_desk(page, desk_page)

    search(page, UNSEEN)
    expect(page.locator("#delivered_to")).to_be_focused()
    page.keyboard.type("Trần Văn Bưởi")
    page.keyboard.press("F8")
    seen(page.locator(".notice.is-all_sent"))
    search(page, UNSEEN)

    expect(page.locator(".notice.is-all_sent li")).to_have_count(1)
    expect(page.locator(".notice.is-all_sent li")).to_contain_text("Trần Văn Bưởi")
    expect(page.locator("#step")).to_have_count(0)


def test_a_result_is_handed_over_from_the_list_of_those_that_wait(window: Window, desk_page: Server) -> None:
    page = window.page
    sign_in_at_desk(page, desk_page)
    code = receive(page, "Nguyễn Thị Hường")
    scan(page, code)
    page.keyboard.press("F8")
    seen(page.locator("#step"))
    save_step(page)

    page.keyboard.press("F7")
    seen(page.locator(".tabs"))
    page.locator(".tabs a[href='/lists/results']").press("Enter")
    seen(page.locator("table.dossiers"))
    page.get_by_role("link", name=code, exact=True).focus()
    page.keyboard.press("F8")
    expect(page.locator("#delivered_to")).to_be_focused()
    save_step(page)

    expect(page.get_by_role("heading", level=1)).to_have_text(code)
    assert told(page)[0] == EventKind.DELIVER


def back_to_dossier(page: Page) -> None:
    """From a printed form to the dossier, by its first link."""
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    seen(page.locator("#next-title"))


def finds(page: Page, text: str, code: str) -> bool:
    """Whether a search gives a dossier."""
    search(page, text)
    return page.locator("table.dossiers").get_by_role("link", name=code, exact=True).count() == 1
