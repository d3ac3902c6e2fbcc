"""What the browser tests share: windows that note what goes wrong in them, enrolled desks, ways through the pages."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Playwright, expect

from tests.processes import PASSWORD, Server, central, desk

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WAIT_MS = 30_000
TABS_MAX = 20
SYNC_INTERVAL_S = 5
SUPERVISOR = "vinhyen"
SUPERVISED_UNIT = "243"
"""Vĩnh Yên, whose desks' codes begin with H62.11."""


# Without slots: Playwright leaves its wrapper of a bound method on the object.
@dataclass
class Window:
    """A window with a profile of its own.

    dialogs   texts of the dialogs that a page has opened; our pages open none
    stopped   what the content security policy has stopped on a page
    failures  errors that no script has caught
    """

    page: Page
    dialogs: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        """Its profile."""
        return self.page.context

    def watch(self) -> "Window":
        """Begins to note what goes wrong, in this and in later pages of the profile."""
        self.context.on("dialog", self._note_dialog)
        self.context.on("console", self._note_console)
        self.context.on("weberror", lambda error: self.failures.append(str(error.error)))
        return self

    def assert_nothing_went_wrong(self) -> None:
        """No dialog, no script of others, no script of ours that fails."""
        assert (self.dialogs, self.stopped, self.failures) == ([], [], [])

    def _note_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.stopped.append(message.text)


@contextmanager
def chromium(playwright: Playwright, path: str, *flags: str) -> Iterator[Browser]:
    """The machine's own Chromium, headless, with its back-forward cache as people have it."""
    browser = playwright.chromium.launch(
        executable_path=path,
        args=[*CHROMIUM_FLAGS, *flags],
        ignore_default_args=["--disable-back-forward-cache"],
        timeout=WAIT_MS * 2,
    )
    yield browser
    browser.close()


@contextmanager
def window_of(browser: Browser) -> Iterator[Window]:
    """A new window on a small screen of a Vietnamese machine; at its end nothing may have gone wrong in it."""
    expect.set_options(timeout=WAIT_MS)
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    context.set_default_timeout(WAIT_MS)
    window = Window(context.new_page()).watch()
    yield window
    context.close()
    window.assert_nothing_went_wrong()


def enrolled_desk(centre: Server, folder: Path, code: str) -> Server:
    """A machine that has just been enrolled at a desk; its page is not served yet."""
    invitation = json.loads(central(centre.data, "invite", code, "--json"))
    done = desk(folder, "enrol", "--server", centre.url, "--code", str(invitation["code"]), given=PASSWORD)
    assert done.code == 0, done.err
    environment = {"DESK_KEY_STORE": "file", "DESK_SYNC_INTERVAL_S": str(SYNC_INTERVAL_S)}
    return Server("desk_client", folder, "/sign-in", environment=environment)


def home(served: Server) -> str:
    """The address that a clerk opens, under the page's own name."""
    return f"http://{page_name(served)}:{served.port}/"


def page_name(served: Server) -> str:
    """The name that the installation gave its page."""
    told = json.loads(desk(served.data, "status", "--json").out)
    return str(urlsplit(told["page"]).hostname)


def saved_count(served: Server) -> int:
    """How many dossiers a machine holds."""
    return int(json.loads(desk(served.data, "status", "--json").out)["saved"])


def sign_in_at_desk(page: Page, served: Server) -> None:
    """Opens a desk's page and signs in as its head, by keyboard."""
    page.goto(home(served))
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.type("truong")
    page.keyboard.press("Enter")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#procedure_code")).to_be_focused()


def sign_in_at_centre(page: Page, centre: Server) -> None:
    """Opens the centre's page and signs in as the supervisor."""
    page.goto(centre.url)
    page.locator("#username").fill(SUPERVISOR)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#units")).to_be_visible()


def choose_procedure(page: Page, text: str, code: str) -> None:
    """Types a part of a procedure, takes the first offer, which has to be `code`, and is led to the next field."""
    page.keyboard.type(text)
    expect(page.get_by_role("option").first).to_contain_text(code)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#submitter_name")).to_be_focused()


def receive(page: Page, submitter: str) -> str:
    """Receives a certification of copies from the empty form, by keyboard; gives the code that the page says."""
    choose_procedure(page, "2.000815", "2.000815")
    page.keyboard.type(submitter)
    page.keyboard.press("Control+Enter")
    return saved_code(page)


def saved_code(page: Page) -> str:
    """The code of the dossier that the page says it has just saved."""
    note = page.get_by_role("status").filter(has_text="Đã lưu hồ sơ")
    expect(note).to_be_visible()
    return note.locator("strong").inner_text()


def row_of(page: Page, text: str) -> Locator:
    """The row of a table in which a text stands."""
    return page.get_by_role("row").filter(has_text=text)


def tab_back_to(page: Page, target: Locator) -> None:
    """Walks backwards with the keyboard until `target` has the focus."""
    for _ in range(TABS_MAX):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab")
    raise AssertionError("it cannot be reached by keyboard")
