"""axe-core finds nothing serious on the pages of both ends."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK
from tests.browser.walking import Window, home, receive, row_of, sign_in_at_centre, sign_in_at_desk
from tests.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text("utf-8")
SERIOUS = {"serious", "critical"}


def test_the_desks_sign_in_page_is_accessible(window: Window, desk_page: Server) -> None:
    window.page.goto(home(desk_page))

    assert serious_problems(window.page) == []


def test_the_desks_main_page_is_accessible(window: Window, desk_page: Server) -> None:
    sign_in_at_desk(window.page, desk_page)
    receive(window.page, "Nguyễn Thị Hường")

    assert serious_problems(window.page) == []


def test_the_desks_open_list_of_procedures_is_accessible(window: Window, desk_page: Server) -> None:
    sign_in_at_desk(window.page, desk_page)
    window.page.keyboard.type("chung thuc")
    expect(window.page.get_by_role("option").nth(1)).to_be_visible()

    assert serious_problems(window.page) == []


def test_the_desks_form_with_problems_is_accessible(window: Window, desk_page: Server) -> None:
    sign_in_at_desk(window.page, desk_page)
    window.page.locator("#is_owner").uncheck()
    window.page.locator("#phone").fill("12")
    window.page.keyboard.press("Control+Enter")
    expect(window.page.locator("#problems")).to_be_visible()

    assert serious_problems(window.page) == []


def test_a_dossiers_page_at_the_desk_is_accessible(window: Window, desk_page: Server) -> None:
    sign_in_at_desk(window.page, desk_page)
    code = receive(window.page, "Nguyễn Thị Hường")
    row_of(window.page, code).get_by_role("link").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text(code)

    assert serious_problems(window.page) == []


def test_an_error_page_of_the_desk_is_accessible(window: Window, desk_page: Server) -> None:
    sign_in_at_desk(window.page, desk_page)
    window.page.goto(home(desk_page) + "no-such-page")

    assert serious_problems(window.page) == []


def test_the_centres_sign_in_page_is_accessible(window: Window, centre: Server) -> None:
    window.page.goto(centre.url)

    assert serious_problems(window.page) == []


def test_the_standings_are_accessible(window: Window, centre: Server, desk_page: Server) -> None:
    sign_in_at_centre(window.page, centre)
    window.page.locator("#all summary").click()
    expect(window.page.locator("#all")).to_contain_text(DESK)

    assert serious_problems(window.page) == []


def test_a_desks_page_at_the_centre_is_accessible(window: Window, centre: Server, desk_page: Server) -> None:
    sign_in_at_centre(window.page, centre)
    window.page.goto(f"{centre.url}/desks/{DESK}")
    window.page.locator("details summary").first.click()
    expect(window.page.locator("table.days")).to_be_visible()

    assert serious_problems(window.page) == []


def test_an_error_page_of_the_centre_is_accessible(window: Window, centre: Server) -> None:
    sign_in_at_centre(window.page, centre)
    window.page.goto(f"{centre.url}/standings?period=nonsense")

    assert serious_problems(window.page) == []


def serious_problems(page: Page) -> list[str]:
    """What axe-core finds on a page that keeps somebody from using it, each with its rule and its place.

    The source is evaluated over the debugging protocol, so the page's content policy stays as it is.
    """
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{violation['impact']} {violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in found["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
