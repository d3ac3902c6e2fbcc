"""The doors, the failures and the centre's pages can be used by everybody; the desk's own are in test_every_page."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK
from tests.browser.reading import faults, violations
from tests.browser.walking import Window, home, sign_in_at_centre, sign_in_at_desk
from tests.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_desks_sign_in_page_can_be_used_by_everybody(window: Window, desk_page: Server) -> None:
    window.page.goto(home(desk_page))

    assert faults(window.page) == []


def test_the_desks_sign_in_page_with_a_problem_can_be_used_by_everybody(window: Window, desk_page: Server) -> None:
    window.page.goto(home(desk_page))
    window.page.locator("#username").fill("truong")
    window.page.locator("#password").fill("sai-mat-khau")
    window.page.keyboard.press("Enter")
    expect(window.page.get_by_role("alert")).to_be_visible()

    assert faults(window.page) == []


def test_an_error_page_of_the_desk_can_be_used_by_everybody(window: Window, desk_page: Server) -> None:
    sign_in_at_desk(window.page, desk_page)
    window.page.goto(home(desk_page) + "no-such-page")

    assert faults(window.page) == []


def test_the_centres_sign_in_page_is_accessible(window: Window, centre: Server) -> None:
    window.page.goto(centre.url)

    assert violations(window.page) == []


def test_the_standings_are_accessible(window: Window, centre: Server, desk_page: Server) -> None:
    sign_in_at_centre(window.page, centre)
    window.page.locator("#all summary").click()
    expect(window.page.locator("#all")).to_contain_text(DESK)

    assert violations(window.page) == []


def test_a_desks_page_at_the_centre_is_accessible(window: Window, centre: Server, desk_page: Server) -> None:
    sign_in_at_centre(window.page, centre)
    window.page.goto(f"{centre.url}/desks/{DESK}")
    window.page.locator(".block details summary").first.click()
    expect(window.page.locator("table.days")).to_be_visible()

    assert violations(window.page) == []


@pytest.mark.parametrize("view", ["desks", "desks?standing=zero&sort=arrived&order=desc", "days", "curve"])
def test_the_views_of_a_period_are_accessible(window: Window, centre: Server, desk_page: Server, view: str) -> None:
    sign_in_at_centre(window.page, centre)
    window.page.goto(f"{centre.url}/standings/{view}")
    for summary in window.page.locator("details summary").all():
        summary.click()

    assert violations(window.page) == []


def test_following_a_desk_up_is_accessible(window: Window, centre: Server, desk_page: Server) -> None:
    sign_in_at_centre(window.page, centre)
    window.page.goto(f"{centre.url}/desks/{DESK}")
    window.page.locator("#call-note").fill("Đã gọi, hẹn nhập hết sổ giấy")
    window.page.locator("#call-note").press("Enter")

    expect(window.page.locator("#follow-up table")).to_contain_text("Đã gọi, hẹn nhập hết sổ giấy")
    assert violations(window.page) == []


def test_the_own_sessions_are_accessible(window: Window, centre: Server) -> None:
    sign_in_at_centre(window.page, centre)
    window.page.goto(f"{centre.url}/sessions")
    expect(window.page.locator("main th[scope=row]").first).to_be_visible()

    assert violations(window.page) == []


def test_an_error_page_of_the_centre_is_accessible(window: Window, centre: Server) -> None:
    sign_in_at_centre(window.page, centre)
    window.page.goto(f"{centre.url}/standings?period=nonsense")

    assert violations(window.page) == []
