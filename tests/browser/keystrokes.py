"""How many keys a certification takes beside the citizen's own data, and how soon the pages answer.

README holds the figures between two marks; ``python -m tests.browser.keystrokes`` measures them anew and writes them,
on a centre and a desk of its own.
"""

import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, Request, expect, sync_playwright

from tests.browser.walking import (
    chromium,
    enrolled_desk,
    expect_prints,
    home,
    saved_code,
    seen,
    sign_in_at_desk,
    window_of,
)
from tests.processes import Server, founded_centre

README = Path(__file__).parent.parent.parent / "README.md"
BEGIN, END = "<!-- measured by tests/browser/test_keystrokes.py -->\n", "<!-- until here -->\n"

PROCEDURE, CODE = "sao tu", "2.000815"
"""What is typed of the procedure, and the one that is meant: copies certified from their originals."""

CITIZEN = ("Nguyễn Thị Hường", "026185900001", "0987000001", "Thôn Đông, Xã Định Trung")
BULK_COUNT = 20
GIVEN_NAMES = "An Bưởi Cúc Dung Đào Hạnh Hòa Hồng Hương Huệ Lan Liên Loan Lý Mai Nga Nhài Sen Thảo Xuân"
ROWS = [
    (f"Nguyễn Thị {name}", f"0261859{number:05}", f"0987000{number:03}")
    for number, name in enumerate(GIVEN_NAMES.split(), start=1)
]
ANSWERS = 20
DESK = "H62.11.01"


@dataclass(slots=True)
class Keyboard:
    """A keyboard that counts what is pressed beside the citizen's own data."""

    page: Page
    pressed: int = 0

    def press(self, *keys: str) -> None:
        """Presses keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
        self.pressed += len(keys)

    def choose_procedure(self, led_to: str) -> None:
        """Types a part of the procedure and takes the first offer."""
        self.page.keyboard.type(PROCEDURE)
        self.pressed += len(PROCEDURE)
        expect(self.page.get_by_role("option").first).to_contain_text(CODE)
        self.press("Enter")
        expect(self.page.locator(led_to)).to_be_focused()
        expect(self.page.locator("select[name=procedure_code]")).to_have_value(CODE)

    def type_data(self, text: str) -> None:
        """Types what nobody can spare the clerk."""
        self.page.keyboard.type(text)

    def type_citizen(self) -> None:
        """The four things that are known of a citizen, from the name on."""
        name, number, phone, address = CITIZEN
        self.type_data(name)
        self.press("Enter", "Enter", "Enter")
        self.type_data(number)
        self.press("Enter")
        self.type_data(phone)
        self.press("Enter")
        self.type_data(address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Keys of each errand: a first certification, the next one, one with its slip, and twenty on one page.

    bulk_codes  the codes of the twenty; bulk_s: seconds from the open page to their codes, typed without a pause
    """

    first: int
    repeated: int
    with_slip: int
    bulk: int
    bulk_codes: list[str]
    bulk_s: float


def counted(page: Page, served: Server) -> Counted:
    """Walks the errands from the empty form of somebody who has just signed in."""
    first, repeated, with_slip, bulk = (Keyboard(page) for _ in range(4))
    first.choose_procedure("#submitter_name")
    first.type_citizen()
    first.press("F8")
    saved_code(page)
    repeat(repeated, "F8")
    saved_code(page)
    repeat(with_slip, "F9")
    expect_prints(page, 1)
    page.context.clear_cookies(name="desk_form")
    page.goto(home(served) + "bulk")
    began_at = time.monotonic()
    codes = type_rows(bulk)
    return Counted(
        first=first.pressed,
        repeated=repeated.pressed,
        with_slip=with_slip.pressed,
        bulk=bulk.pressed,
        bulk_codes=codes,
        bulk_s=time.monotonic() - began_at,
    )


def repeat(keyboard: Keyboard, save: str) -> None:
    """One more dossier of the same procedure."""
    keyboard.press("F2")
    expect(keyboard.page.locator("#submitter_name")).to_be_focused()
    keyboard.type_citizen()
    keyboard.press(save)


def type_rows(keyboard: Keyboard) -> list[str]:
    """Twenty dossiers of one kind on one page; gives their codes. The last fields of a row are left as they are."""
    page = keyboard.page
    keyboard.choose_procedure("#row-1-submitter_name")
    for number, (name, id_number, phone) in enumerate(ROWS, start=1):
        keyboard.type_data(name)
        keyboard.press("Enter")
        keyboard.type_data(id_number)
        keyboard.press("Enter")
        keyboard.type_data(phone)
        if number < len(ROWS):
            keyboard.press("Enter", "Enter", "Enter")
    keyboard.press("F8")
    seen(page.locator("table.bulk-saved"))
    return page.locator("table.bulk-saved a.tabular").all_inner_texts()


def key_lines(keys: Counted) -> list[str]:
    """The rows of README's table."""
    return [
        f"| the first: procedure typed, then name, number, phone and address, saved | {keys.first} |",
        f"| the next: procedure repeated (F2), the same data, saved (F8) | {keys.repeated} |",
        f"| the same with its slip (F9) | {keys.with_slip} |",
        f"| {BULK_COUNT} on one page, each with name, number and phone | {keys.bulk} |",
    ]


def block(keys: Counted, *, save_ms: float, page_ms: float) -> str:
    """What README says between the marks."""
    head = ["| Certified copies, by keyboard from the open form | keys beside the citizen's own data |", "|---|---|"]
    cores = os.cpu_count()
    told = f"""
The machine's share of the {BULK_COUNT}: {keys.bulk_s:.1f} s from the open page to their codes, typed without a pause.
A save is answered in {save_ms:.0f} ms, the main page in {page_ms:.0f} ms (medians of {ANSWERS}, {cores} cores).
`python -m tests.browser.keystrokes` measures again.
"""
    return BEGIN + "\n".join([*head, *key_lines(keys)]) + "\n" + told + END


def answers_ms(page: Page) -> tuple[float, float]:
    """Medians of how long a save and the main page take to answer, from the request to the first byte."""
    saves: list[float] = []
    pages: list[float] = []

    def note(request: Request) -> None:
        timing = request.timing
        took_ms = timing["responseStart"] - timing["requestStart"]
        if request.method == "POST" and request.url.endswith("/dossiers"):
            saves.append(took_ms)
        elif request.is_navigation_request():
            pages.append(took_ms)

    page.on("requestfinished", note)
    for _ in range(ANSWERS):
        repeat(Keyboard(page), "F8")
        saved_code(page)
    return median(saves), median(pages)


def main() -> None:
    """Measures, and writes README's block anew."""
    folder = Path(tempfile.mkdtemp())
    centre = founded_centre(folder / "centre").start()
    served = enrolled_desk(centre, folder / "desk", DESK).start()
    path = shutil.which("chromium") or "chromium"
    try:
        with sync_playwright() as driver, chromium(driver, path) as browser, window_of(browser) as window:
            sign_in_at_desk(window.page, served)
            keys = counted(window.page, served)
            window.page.goto(home(served))
            save_ms, page_ms = answers_ms(window.page)
    finally:
        served.kill()
        centre.kill()
        shutil.rmtree(folder)
    text = README.read_text("utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    README.write_text(before + block(keys, save_ms=save_ms, page_ms=page_ms) + after, "utf-8")


if __name__ == "__main__":
    main()
