"""The date question and the paper register on the pages: told large, answered by a plain form, never in the way."""

import html
import re

import pytest

from desk_client.desk import Desk
from desk_client.services.lifecycle import dossier_of
from desk_client.web.present import EXTENSION
from tests.desk.conftest import Page
from tests.factories import StandingClock

QUESTION = 'id="date-question"'
BAND = 'id="backlog-day"'


def desk_of(page: Page) -> Desk:
    """The desk behind the pages."""
    held: Desk = page.app.extensions[EXTENSION].desk
    return held


def value_of(text: str, name: str) -> str:
    """What stands in a field of a page."""
    match = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert match, name
    return html.unescape(match[1])


def large_day(text: str) -> str:
    """The day that stands large on a page."""
    match = re.search(r'class="large-day"><span>[^<]*</span> ([0-9/]+)', text)
    assert match, "no day stands large"
    return match[1]


def after_days(page: Page, clock: StandingClock, days: float) -> None:
    """Moves the clock and signs in again, as the sessions of another day have ended."""
    clock.move(days=days)
    page.sign_in()


def test_nothing_is_asked_of_a_clock_that_runs_on(page: Page) -> None:
    assert QUESTION not in page.client.get("/").text


@pytest.mark.parametrize(("days", "told"), [(-2, "02/10/2021"), (30, "03/11/2021")])
def test_the_day_of_a_doubtful_clock_is_asked_with_its_date_large(
    page: Page, clock: StandingClock, days: int, told: str
) -> None:
    after_days(page, clock, days)

    for path in ("/", "/bulk"):
        shown = page.client.get(path).text
        assert QUESTION in shown
        assert large_day(shown) == told


def test_the_clock_is_accepted_with_one_key(page: Page, clock: StandingClock) -> None:
    after_days(page, clock, 30)

    answer = page.post("/today", {"page": "/bulk", "today": ""})

    assert answer.headers["Location"] == "/bulk"
    assert QUESTION not in page.client.get("/").text
    assert value_of(page.client.get("/").text, "received_on") == "03/11/2021"


def test_a_named_day_is_that_of_the_forms(page: Page, clock: StandingClock) -> None:
    after_days(page, clock, -4_000)

    page.post("/today", {"page": "/", "today": "0410"})

    shown = page.client.get("/").text
    assert QUESTION not in shown
    assert value_of(shown, "received_on") == "04/10/2021"
    assert value_of(page.client.get("/bulk").text, "received_on") == "04/10/2021"
    assert '"day":"04/10/2021"' in page.client.get("/status-line").headers["HX-Trigger"]


def test_a_dossier_of_a_named_day_is_not_late_in_the_list_of_today(page: Page, clock: StandingClock) -> None:
    after_days(page, clock, -4_000)
    page.post("/today", {"page": "/", "answer": "typed", "today": "04/10/2021"})

    page.save(received_on="", received_time="")

    listed = page.client.get("/today").text
    assert "04/10/2021" in listed.split("</h2>")[0]
    assert '<span class="sub" title="04/10/2021">' not in listed
    assert dossier_of(desk_of(page), "H62.11.01-211004-0001").dossier.recorded_at == clock.at


@pytest.mark.parametrize("typed", ["99/99", "hôm qua", "04/10/1921", "31/02", "04/10/3021"])
def test_what_is_no_day_is_asked_again_and_the_form_stays(page: Page, clock: StandingClock, typed: str) -> None:
    after_days(page, clock, -4_000)

    page.post("/today", {"page": "/", "today": typed})

    # The page is opened once before the form is sent and once after it.
    shown = page.client.get("/").text
    assert QUESTION in shown
    assert value_of(shown, "received_on") == "22/10/2010"


def test_a_day_that_cannot_be_today_says_what_to_do(page: Page, clock: StandingClock) -> None:
    page.post("/language", {"language": "en"})
    after_days(page, clock, -4_000)

    page.post("/today", {"page": "/", "today": "99/99"})

    shown = page.client.get("/").text
    assert "This day cannot be today" in shown
    assert 'value="99/99" aria-invalid="true"' in shown


def test_the_clock_can_be_taken_again(page: Page, clock: StandingClock) -> None:
    after_days(page, clock, -4_000)
    page.post("/today", {"page": "/", "today": "04/10/2021"})

    page.post("/today", {"page": "/", "answer": "clock"})

    assert value_of(page.client.get("/").text, "received_on") == "22/10/2010"


def test_a_dossier_is_saved_whatever_was_not_answered(page: Page, clock: StandingClock) -> None:
    after_days(page, clock, 30)

    assert page.save(received_on="03/11/2021").status_code == 302


@pytest.mark.parametrize("back", ["https://example.org", "//x", "/dossiers/1.1.3", ""])
def test_an_answer_leads_back_to_the_form_only(page: Page, back: str) -> None:
    assert page.post("/today", {"page": back, "today": ""}).headers["Location"] == "/"


def test_a_register_gives_its_day_to_each_form_until_it_is_switched_off(page: Page) -> None:
    page.post("/backlog", {"page": "/", "switch": "on"})
    page.post("/backlog", {"page": "/", "switch": "move", "day": "0309", "at": ""})
    first = page.client.get("/").text
    page.save(received_on="03/09/2021", received_time="08:00")
    second = page.client.get("/").text
    many = page.client.get("/bulk").text
    page.post("/backlog", {"page": "/", "switch": "off"})

    assert (large_day(first), value_of(first, "received_time")) == ("03/09/2021", "08:00")
    assert value_of(second, "received_on") == value_of(many, "received_on") == "03/09/2021"
    assert BAND not in page.client.get("/").text
    assert value_of(page.client.get("/").text, "received_on") == "04/10/2021"


def test_a_register_follows_the_dossier_just_saved(page: Page) -> None:
    page.post("/backlog", {"page": "/", "switch": "on"})

    page.save(received_on="0209", received_time="9")

    shown = page.client.get("/").text
    assert (value_of(shown, "received_on"), value_of(shown, "received_time")) == ("02/09/2021", "09:00")


def test_a_dossier_of_a_register_is_marked_as_entered_later(page: Page) -> None:
    page.post("/backlog", {"page": "/", "switch": "on"})

    page.save(received_on="0209", received_time="9")

    assert '<span class="sub" title="02/09/2021">02/09</span>' in page.client.get("/today").text


@pytest.mark.parametrize("wrong", [{"day": "05/10/2021"}, {"day": "32/09"}, {"day": "", "at": "25:00"}])
def test_a_register_of_no_day_says_so_and_stays_where_it_was(page: Page, wrong: dict[str, str]) -> None:
    page.post("/backlog", {"page": "/", "switch": "on"})

    page.post("/backlog", {"page": "/", "switch": "move", "at": ""} | wrong)

    shown = page.client.get("/").text
    assert 'id="backlog-problem"' in shown
    assert large_day(shown) == "01/10/2021"


def test_a_day_of_a_register_without_its_year_has_passed(page: Page) -> None:
    page.post("/backlog", {"page": "/", "switch": "on"})

    page.post("/backlog", {"page": "/", "switch": "move", "day": "3112", "at": ""})

    assert large_day(page.client.get("/").text) == "31/12/2020"


def test_only_the_time_of_a_register_can_be_changed(page: Page) -> None:
    page.post("/backlog", {"page": "/", "switch": "on"})

    page.post("/backlog", {"page": "/", "switch": "move", "day": "", "at": "1330"})

    shown = page.client.get("/").text
    assert (large_day(shown), value_of(shown, "received_time")) == ("01/10/2021", "13:30")
