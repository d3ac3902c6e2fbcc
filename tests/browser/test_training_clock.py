"""What the calendar asks of a desk, played with a training centre, whose clock the desk goes by."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.reading import faults
from tests.browser.walking import (
    Window,
    add_supervisor,
    enrolled_desk,
    home,
    receive,
    seen,
    sign_in,
    sign_in_at_centre,
    sign_in_at_desk,
)
from tests.processes import Server, central, desk, founded_centre

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOUNDED_AT = "2021-09-21T08:00:00+07:00"
PERIOD = "2021-10"
LAST_AFTERNOON = "2021-10-20T15:00:00+07:00"
NOTE = "Đứt cáp quang từ ngày 05/10 do mưa lũ"


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A training centre that was founded on the first day of a period, serving."""
    server = founded_centre(tmp_path_factory.mktemp("training") / "centre", "--training")
    central(server.data, "clock", FOUNDED_AT)
    add_supervisor(server)
    yield server.start()
    server.kill()


def test_a_period_in_which_nothing_arose_is_declared_with_its_cause_and_told_at_the_centre(
    training: Server, tmp_path_factory: pytest.TempPathFactory, new_window: Callable[[], Window]
) -> None:
    central(training.data, "clock", FOUNDED_AT)
    served = enrolled_desk(training, tmp_path_factory.mktemp("desk") / "data", "H62.11.01")
    central(training.data, "clock", LAST_AFTERNOON)
    desk(served.data, "sync")
    page, supervisor = new_window().page, new_window().page
    sign_in_at_desk(page, served.start())

    page.locator(".status-declare").press("Enter")
    seen(page.locator("#cause"))
    assert faults(page) == []
    page.locator("input[name=declaration][value=nil]").press("Space")
    page.locator("#cause").select_option("no_network")
    page.locator("#note").focus()
    page.keyboard.type(NOTE)
    page.locator("#certification_book_last").focus()
    page.keyboard.type("1875")
    page.keyboard.press("F8")
    seen(page.locator(".period-said"))
    expect(page.locator("#status .is-all_sent")).to_be_visible()
    page.reload()

    assert faults(page) == []
    expect(page.locator(".period-said")).to_contain_text(NOTE)
    evidence = page.locator(".period-evidence p").inner_text()
    sign_in_at_centre(supervisor, training)
    supervisor.goto(f"{training.url}/desks/H62.11.01?period={PERIOD}")
    expect(supervisor.locator(".verdict-declared")).to_contain_text(NOTE)
    expect(supervisor.locator(".verdict-evidence")).to_have_text(evidence)
    served.kill()


def test_before_the_first_slip_of_a_day_a_clock_that_fell_back_is_asked_about(
    training: Server, tmp_path_factory: pytest.TempPathFactory, new_window: Callable[[], Window]
) -> None:
    central(training.data, "clock", "2021-10-18T08:00:00+07:00")
    served = enrolled_desk(training, tmp_path_factory.mktemp("desk") / "data", "H62.11.02")
    page = new_window().page
    sign_in_at_desk(page, served.start())
    receive(page, "Nguyễn Thị Hường")
    expect(page.locator("#status .is-all_sent")).to_be_visible()
    served.kill()
    central(training.data, "clock", "2021-10-13T08:00:00+07:00")
    desk(served.data, "sync")

    page = new_window().page
    sign_in(page, home(served.start()))
    expect(page.locator("#today-is")).to_be_focused()
    expect(page.locator(".date-question")).to_contain_text("13/10/2021")
    assert faults(page) == []
    page.locator("#today-is").focus()
    page.keyboard.type("1910")
    page.keyboard.press("Enter")

    seen(page.locator(".band.is-stated"))
    assert faults(page) == []
    expect(page.locator("#received_on")).to_have_value("19/10/2021")
    code = receive(page, "Trần Văn Bưởi")
    served.kill()
    assert "-211019-" in code
