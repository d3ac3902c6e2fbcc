"""A real Chromium before a real centre and real desks, each a process of its own."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.walking import Window, add_supervisor, chromium, enrolled_desk, window_of
from tests.processes import Server, founded_centre

DESK = "H62.11.01"


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is; without one the tests skip, and in CI they fail."""
    path = shutil.which("chromium")
    if path is None and os.environ.get("CI"):
        pytest.fail("CI has to have Chromium")
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    return path


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives the browser."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """One browser for all tests; each window has a profile of its own."""
    with chromium(playwright, chromium_path) as opened:
        yield opened


@pytest.fixture
def new_window(browser: Browser) -> Iterator[Callable[[], Window]]:
    """Opens windows; at the test's end nothing may have gone wrong in any of them."""
    with ExitStack() as windows:
        yield lambda: windows.enter_context(window_of(browser))


@pytest.fixture
def window(new_window: Callable[[], Window]) -> Window:
    """A window."""
    return new_window()


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A centre with the register of Vĩnh Phúc and the supervisor of Vĩnh Yên."""
    server = founded_centre(tmp_path_factory.mktemp("browser") / "centre")
    add_supervisor(server)
    yield server
    server.kill()


@pytest.fixture
def centre(founded: Server) -> Server:
    """The centre, serving; a test may kill it."""
    return founded if founded.process else founded.start()


@pytest.fixture(scope="session")
def desk_page(founded: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page of the desk H62.11.01, for tests that leave it as others may find it."""
    if founded.process is None:
        founded.start()
    served = enrolled_desk(founded, tmp_path_factory.mktemp("desk") / "data", DESK).start()
    yield served
    served.kill()


@pytest.fixture
def new_desk(centre: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """Enrols machines at desks; their pages are not served before a test starts them."""
    desks: list[Server] = []

    def make(code: str) -> Server:
        desks.append(enrolled_desk(centre, tmp_path_factory.mktemp("desk") / "data", code))
        return desks[-1]

    yield make
    for each in desks:
        each.kill()
