"""Practice: pages of their own under another address, whose dossiers nobody can take for real ones."""

import signal
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.reading import faults
from tests.browser.walking import Window, home, receive, saved_count, seen, sign_in, sign_in_at_desk
from tests.processes import Server, free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SILENT_WITHIN_S = 60


@pytest.fixture
def in_the_background() -> Iterator[None]:
    """What is begun here ignores interrupts, like all that a shell begins in its background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_the_background")
def test_practice_is_another_program_whose_dossiers_stay_in_it(
    new_desk: Callable[[str], Server], window: Window
) -> None:
    served = new_desk("H62.11.07")
    served.port = port_with_a_free_neighbour()
    page = window.page
    sign_in_at_desk(page, served.start())
    receive(page, "Nguyễn Thị Hường")

    page.locator("a[href='/practice']").press("Enter")
    seen(page.locator("main form button.primary"))
    page.keyboard.press("Tab")
    page.locator("main form button.primary").press("Enter")
    seen(page.locator("main a.button"))
    address = page.locator("main a.button").get_attribute("href") or ""
    with page.expect_popup() as opened:
        page.locator("main a.button").press("Enter")
    practice = opened.value
    sign_in(practice, practice.url)
    code = receive(practice, "Trần Văn Tập")
    assert faults(practice) == []

    assert code.startswith("TAP-")
    assert (address != home(served), address.endswith(f":{served.port + 1}/")) == (True, True)
    expect(practice.locator(".training.is-practice")).to_be_visible()
    assert saved_count(served) == 1
    page.goto(home(served))
    expect(page.locator("#today")).not_to_contain_text("TAP-")
    served.stop()
    assert falls_silent(served.port + 1)


def port_with_a_free_neighbour() -> int:
    """A port that nobody listens on, nor on the next one, where practice is opened."""
    return next(port for port in iter(free_port, 0) if not answers(port + 1))


def answers(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def falls_silent(port: int) -> bool:
    """Whether nobody listens on a port any more, soon."""
    give_up_at = time.monotonic() + SILENT_WITHIN_S
    while answers(port) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return not answers(port)
