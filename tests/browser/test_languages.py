"""Vietnamese first, English at a switch, on both ends."""

import pytest
from playwright.sync_api import expect

from tests.browser.walking import Window, home, sign_in_at_centre, sign_in_at_desk
from tests.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_desk_speaks_english_at_a_switch_and_keeps_to_it(window: Window, desk_page: Server) -> None:
    page = window.page
    sign_in_at_desk(page, desk_page)
    expect(page.locator("html")).to_have_attribute("lang", "vi")

    page.get_by_role("button", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Receive a dossier")
    expect(page.get_by_role("button", name="Send now")).to_be_visible()
    page.goto(home(desk_page) + "no-such-page")
    expect(page.get_by_role("alert")).to_contain_text("There is no such page")
    page.goto(home(desk_page))
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_centre_speaks_english_at_a_switch_and_keeps_to_it(window: Window, centre: Server) -> None:
    page = window.page
    sign_in_at_centre(page, centre)
    expect(page.locator("html")).to_have_attribute("lang", "vi")

    page.get_by_role("button", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Period")
    expect(page.locator("#unknown")).to_contain_text("Not enough evidence")
    page.goto(f"{centre.url}/standings?period=nonsense")
    expect(page.get_by_role("alert")).to_contain_text("nonsense is not a period")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
