"""A paper register of last week, typed in afterwards."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from sync_protocol.instants import local_date
from tests.browser.walking import Window, receive, row_of, seen, sign_in_at_desk
from tests.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_register_of_last_week_keeps_its_day_until_it_is_switched_off(
    new_desk: Callable[[str], Server], window: Window
) -> None:
    page = window.page
    today = local_date(datetime.now(UTC))
    last_week = today - timedelta(days=7)
    sign_in_at_desk(page, new_desk("H62.11.04").start())

    page.locator("form[action='/backlog'] button.link").press("Enter")
    seen(page.locator("#backlog-day"))
    page.locator("#backlog-day").focus()
    page.keyboard.type(f"{last_week:%d%m}")
    page.keyboard.press("Enter")
    seen(page.locator(".band").get_by_text(f"{last_week:%d/%m/%Y}"))
    first = receive(page, "Nguyễn Thị Hường")
    expect(page.locator("#received_on")).to_have_value(f"{last_week:%d/%m/%Y}")
    second = receive(page, "Trần Văn Bưởi")

    for code in (first, second):
        expect(row_of(page, code).locator(".when")).to_contain_text(f"{last_week:%d/%m}")
    page.locator("button[name=switch][value=off]").press("Enter")
    expect(page.locator("#received_on")).to_have_value(f"{today:%d/%m/%Y}")
    row_of(page, first).get_by_role("link").click()
    seen(page.locator("#history-title"))
    expect(page.locator(".dossier-standing .tag")).to_have_count(1)
    expect(page.locator(".history-when")).to_contain_text(f"{last_week:%d/%m/%Y}")
