"""The errand: received without a network, seen waiting, sent when there is a road, and no longer asked for."""

import json
import re
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from sync_protocol.instants import instant_text, local_date
from tests.browser.walking import (
    Window,
    choose_procedure,
    receive,
    row_of,
    saved_code,
    sign_in_at_centre,
    sign_in_at_desk,
    tab_back_to,
)
from tests.factories import reception
from tests.processes import Server, desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DESK = "H62.11.02"
DESK_NAME = "Phường Liên Bảo"
SAVED_WITHIN_S = 2.0


def test_what_is_received_offline_is_seen_waiting_then_sent_and_ends_the_reminder(
    centre: Server, new_desk: Callable[[str], Server], new_window: Callable[[], Window]
) -> None:
    """The whole errand. The clerk has a keyboard only."""
    served = new_desk(DESK)
    desk(served.data, "record", "-", given=receptions(49))
    desk(served.data, "sync")
    served.start()
    supervisor, clerk = new_window().page, new_window().page

    sign_in_at_centre(supervisor, centre)
    show_last_year(supervisor)
    expect(row_of(supervisor, DESK).and_(supervisor.locator("#ask tr"))).to_contain_text("Chậm so với mức")

    centre.kill()
    sign_in_at_desk(clerk, served)
    choose_procedure(clerk, "chung thuc ban sao", "2.000815")
    for text in ("Nguyễn Thị Hường", "", "", "026185900001", "0987000001"):
        clerk.keyboard.type(text)
        clerk.keyboard.press("Enter")
    clerk.keyboard.type("Thôn Đông, Xã Định Trung")
    clerk.keyboard.press("Control+Enter")
    code = saved_code(clerk)
    row = row_of(clerk, code)
    assert re.fullmatch(r"H62\.11\.02-\d{6}-\d{4}", code)
    expect(row).to_contain_text("Nguyễn Thị Hường")
    expect(row).to_contain_text("026*******01")
    expect(row).to_contain_text("Chờ gửi")
    expect(clerk.locator("#status")).to_contain_text("Chưa nối được máy chủ")

    centre.start()
    tab_back_to(clerk, clerk.get_by_role("button", name="Gửi ngay"))
    clerk.keyboard.press("Enter")
    expect(row).to_contain_text("Đã gửi")
    expect(clerk.locator("#status")).to_contain_text("Đã gửi hết")

    show_last_year(supervisor)
    expect(supervisor.locator("#ask")).not_to_contain_text(DESK_NAME)
    supervisor.locator("#all summary").click()
    expect(row_of(supervisor, DESK).and_(supervisor.locator("#all tr"))).to_contain_text("Đạt mức (từ 50)")


def test_a_save_does_not_wait_for_a_centre_that_never_answers(
    centre: Server, new_desk: Callable[[str], Server], window: Window
) -> None:
    served = new_desk("H62.11.03").start()
    sign_in_at_desk(window.page, served)
    centre.kill()

    with socket.create_server(("127.0.0.1", centre.port)) as silence:
        silence.settimeout(30)
        first = receive(window.page, "Nguyễn Thị Hường")
        contact, _ = silence.accept()
        choose_procedure(window.page, "2.000815", "2.000815")
        window.page.keyboard.type("Trần Văn Bưởi")
        started_at = time.monotonic()
        window.page.keyboard.press("Control+Enter")
        expect(row_of(window.page, "Trần Văn Bưởi")).to_contain_text("Chờ gửi")
        took_s = time.monotonic() - started_at
        second = saved_code(window.page)
        contact.close()

    assert took_s < SAVED_WITHIN_S
    assert first != second
    expect(row_of(window.page, first)).to_contain_text("Chờ gửi")


def test_the_list_of_procedures_does_not_say_that_nothing_fits_before_it_knows(
    window: Window, desk_page: Server
) -> None:
    """It did, at each first letter, for as long as the machine took to answer."""
    page = window.page
    sign_in_at_desk(page, desk_page)
    held: list[Route] = []
    page.route("**/procedures?*", lambda route: held.append(route))

    with page.expect_request("**/procedures?*"):
        page.keyboard.insert_text("chung thuc")
    expect(page.locator(".autocomplete__option")).to_have_text("…")

    held.pop().continue_()
    expect(page.locator(".autocomplete__option").first).to_contain_text("chứng thực", ignore_case=True)


def receptions(count: int) -> str:
    """Lines for `desk-client record`, received a minute ago."""
    at = instant_text(datetime.now(UTC) - timedelta(minutes=1))
    line = {"event": "receive", "at": at} | reception(procedure_code="2.000815")
    return "".join(json.dumps(line | {"dossier": f"d{number}"}) + "\n" for number in range(count))


def show_last_year(page: Page) -> None:
    """Asks for the year that ends tomorrow.

    In it 49 dossiers are behind the pace on every day of the calendar; early in a month's period they are not.
    """
    today = local_date(datetime.now(UTC))
    page.get_by_label("Kỳ", exact=True).fill(f"{today - timedelta(days=365)}..{today + timedelta(days=1)}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{today + timedelta(days=1):%d/%m/%Y}")
