"""What the browser tests share: windows that note what goes wrong in them, enrolled desks, ways through the pages."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Playwright,
    Request,
    ViewportSize,
    expect,
)

from desk_client.web.step_words import DONE
from sync_protocol.messages import translated
from sync_protocol.vocabulary import EventKind
from tests.processes import PASSWORD, Server, central, desk

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Names of other machines are known to nobody here, so that nothing can leave; what tries to is noted as well.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE 127.0.0.1",
)
LOOPBACK = re.compile(r"(https?://([a-z0-9-]+\.localhost|127\.0\.0\.1)[:/]|about:|data:|blob:)")
ON_EACH_PAGE = """
let prints = 0;
window.print = () => { document.documentElement.dataset.prints = ++prints; };
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""
"""Counts the prints that a page begins, and tells what its policy has stopped."""

SCREEN: ViewportSize = {"width": 1366, "height": 768}
WAIT_MS = 30_000
TABS_MAX = 20
KEPT = "form[action*='/drafts/'] button"
"""What empties a half-typed form that is here again."""

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
    left      addresses outside this machine that a page has asked for
    """

    page: Page
    dialogs: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        """Its profile."""
        return self.page.context

    def watch(self) -> "Window":
        """Begins to note what goes wrong, in this and in later pages of the profile."""
        self.context.on("dialog", self._note_dialog)
        self.context.on("console", self._note_console)
        self.context.on("weberror", lambda error: self.failures.append(str(error.error)))
        self.context.on("request", self._note_request)
        self.context.add_init_script(ON_EACH_PAGE)
        return self

    def assert_nothing_went_wrong(self) -> None:
        """No dialog, no script of others, no script of ours that fails, nothing asked for outside this machine."""
        assert (self.dialogs, self.stopped, self.failures, self.left) == ([], [], [], [])

    def _note_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.stopped.append(message.text)

    def _note_request(self, request: Request) -> None:
        if not LOOPBACK.match(request.url):
            self.left.append(request.url)


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
def window_of(browser: Browser, *, has_scripts: bool = True) -> Iterator[Window]:
    """A new window on a small screen of a Vietnamese machine; at its end nothing may have gone wrong in it."""
    expect.set_options(timeout=WAIT_MS)
    context = browser.new_context(
        viewport=SCREEN,
        locale="vi-VN",
        java_script_enabled=has_scripts,
        # What fades in has another contrast while it does.
        reduced_motion="reduce",
    )
    context.set_default_timeout(WAIT_MS)
    window = Window(context.new_page()).watch()
    yield window
    context.close()
    window.assert_nothing_went_wrong()


def add_supervisor(centre: Server) -> None:
    """Gives the centre the supervisor of Vĩnh Yên."""
    words = ("user", "add", SUPERVISOR, "--name", "Trần Thị Đôn Đốc", "--role", "supervisor", "--unit", SUPERVISED_UNIT)
    central(centre.data, *words, given=PASSWORD)


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
    return _page_name(served.data)


@cache
def _page_name(data: Path) -> str:
    told = json.loads(desk(data, "status", "--json").out)
    return str(urlsplit(told["page"]).hostname)


def saved_count(served: Server) -> int:
    """How many dossiers a machine holds."""
    return int(json.loads(desk(served.data, "status", "--json").out)["saved"])


def sign_in_at_desk(page: Page, served: Server) -> None:
    """Opens a desk's page, signs in as its head, by keyboard, and has the empty form."""
    sign_in(page, home(served))
    # A page that was left just now may keep its form only after this one has thrown it away.
    while page.locator(KEPT).is_visible():
        page.locator(KEPT).click()
    expect(page.locator("#procedure_code")).to_be_focused()
    expect(page.locator("#procedure_code")).to_have_value("")


def sign_in(page: Page, url: str) -> None:
    """Opens a desk's page and signs in as its head, by keyboard; a form that was half-typed stands there again."""
    page.goto(url)
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.type("truong")
    page.keyboard.press("Enter")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#intake [data-final]")).to_be_visible()


def sign_in_at_centre(page: Page, centre: Server) -> None:
    """Opens the centre's page and signs in as the supervisor."""
    page.goto(centre.url)
    page.locator("#username").fill(SUPERVISOR)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#units")).to_be_visible()


def choose_procedure(page: Page, text: str, code: str, *, led_to: str = "#submitter_name") -> None:
    """Types a part of a procedure, takes the first offer, which has to be `code`, and is led to the next field."""
    page.keyboard.type(text)
    expect(page.get_by_role("option").first).to_contain_text(code)
    page.keyboard.press("Enter")
    expect(page.locator(led_to)).to_be_focused()
    expect(page.locator("select[name=procedure_code]")).to_have_value(code)


def receive(page: Page, submitter: str) -> str:
    """Receives a certification of copies from the empty form, by keyboard; gives the code that the page says."""
    choose_procedure(page, "2.000815", "2.000815")
    page.keyboard.type(submitter)
    page.keyboard.press("Control+Enter")
    return saved_code(page)


def saved_code(page: Page) -> str:
    """The code of the dossier that the page says it has just saved."""
    note = page.locator(".intake .notice.is-all_sent strong")
    seen(note)
    return note.inner_text()


def expect_prints(page: Page, count: int) -> None:
    """Waits until a page has begun to print so many times; its policy lets nobody ask it by a script's text."""
    expect(page.locator("html")).to_have_attribute("data-prints", str(count))


def type_fields(page: Page, *texts: str) -> None:
    """Types into fields one after the other, with Enter between them."""
    for number, text in enumerate(texts):
        if number:
            page.keyboard.press("Enter")
        page.keyboard.type(text)


def seen(target: Locator) -> None:
    """Waits until something stands on a page that has come whole, so that its keys are heard."""
    expect(target).to_be_visible()
    target.page.wait_for_load_state()


def scan(page: Page, code: str) -> None:
    """Reads a slip into the search box, as a scanner does that types and ends with Enter; the dossier opens."""
    search(page, code)
    seen(page.get_by_role("heading", level=1, name=code))


def search(page: Page, text: str) -> None:
    """Types into the search box that stands on every page."""
    page.wait_for_load_state()
    page.keyboard.press("F4")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def save_step(page: Page) -> None:
    """Saves the form of a step by its key; the dossier tells what was done."""
    page.keyboard.press("F8")
    seen(page.locator(".done-note"))


def told(page: Page) -> list[EventKind]:
    """What the Vietnamese history of a dossier's page tells, the last event first."""
    kinds = {translated(words, {}, "vi", "desk_client"): kind for kind, words in DONE.items()}
    titles = page.locator(".history-title strong").all_inner_texts()
    return [kinds[title.partition(":")[0]] for title in titles]


def printed(page: Page) -> bytes:
    """The page as it leaves for the printer, as people have it set: the page's own paper size, no backgrounds."""
    page.evaluate("document.fonts.ready.then(() => true)")
    return page.pdf(prefer_css_page_size=True, print_background=False)


def row_of(page: Page, text: str) -> Locator:
    """The row of a table in which a text stands."""
    return page.get_by_role("row").filter(has_text=text)


def press_with_alt(page: Page, digit: str) -> None:
    """Presses an access key: over the protocol, since Playwright's own keys leave out the text that it is known by."""
    key = {"modifiers": 1, "key": digit, "code": f"Digit{digit}", "unmodifiedText": digit}
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", **key})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def tab_back_to(page: Page, target: Locator) -> None:
    """Walks backwards with the keyboard until `target` has the focus."""
    for _ in range(TABS_MAX):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab")
    raise AssertionError("it cannot be reached by keyboard")
