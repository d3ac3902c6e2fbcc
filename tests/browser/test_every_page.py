"""Every page of the desk can be used by everybody: read, reached by keyboard, seen at 200 % zoom, in both languages."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from desk_client.app import create_app
from desk_client.web.step_words import STEPS
from tests.browser.conftest import DESK
from tests.browser.pages import ELSEWHERE, LEADING_ON, PARTS_AND_FILES, STATES, State, signed_in
from tests.browser.reading import faults
from tests.browser.walking import Window, enrolled_desk
from tests.browser.world import PLAIN, World, world_of
from tests.factories import bare_desk
from tests.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def world(founded: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A desk with a dossier in each stage."""
    if founded.process is None:
        founded.start()
    served = enrolled_desk(founded, tmp_path_factory.mktemp("desk") / "data", DESK)
    yield world_of(served, PLAIN.__getitem__)
    served.kill()


@pytest.fixture(scope="module")
def window_in(browser: Browser, world: World) -> Iterator[Callable[[str], Window]]:
    """Gives the window of a language, in which somebody is signed in."""
    windows: dict[str, Window] = {}
    with ExitStack() as stack:

        def of(language: str) -> Window:
            if language not in windows:
                windows[language] = stack.enter_context(signed_in(browser, world, language))
            return windows[language]

        yield of


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name.replace("_", " "))
def test_a_page_can_be_used_by_everybody(
    state: State, language: str, world: World, window_in: Callable[[str], Window]
) -> None:
    window = window_in(language)

    state.reach(window.page, world)

    window.page.wait_for_load_state()
    assert faults(window.page) == []
    expect(window.page.locator("html")).to_have_attribute("lang", language)
    window.assert_nothing_went_wrong()


def test_no_page_is_left_out(tmp_path: Path) -> None:
    app = create_app(bare_desk(tmp_path), hosts=frozenset(), wake=lambda: None, practise=str, enrol=print)

    known = {state.endpoint for state in STATES} | PARTS_AND_FILES | LEADING_ON | ELSEWHERE

    assert {rule.endpoint for rule in app.url_map.iter_rules()} == known


def test_no_step_is_left_out() -> None:
    looked_at = {state.name for state in STATES}

    assert [kind for kind in STEPS if f"the form of {kind.value}" not in looked_at and kind != "correct"] == []
