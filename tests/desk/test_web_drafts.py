"""A half-typed form is kept while it is typed and comes back when the page is opened, until it is saved or emptied."""

import html
import http.cookiejar
import re
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from desk_client.services.signing_in import add_clerk
from desk_client.storage.clerks import Clerk
from desk_client.web.present import EXTENSION
from sync_protocol.vocabulary import Role
from tests.desk.conftest import Page, form_id_of, opened, token_of, typed
from tests.factories import CLERK, PASSWORD, StandingClock, enrolled_desk
from tests.processes import Server


def is_kept(page: Page) -> bool:
    """Whether the main page says that a half-typed form is here again."""
    return 'action="/drafts/intake/empty"' in page.client.get("/").text


def value_of(text: str, name: str) -> str:
    """What stands in a field of a page."""
    match = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert match, name
    return html.unescape(match[1])


def test_a_half_typed_form_comes_back_with_the_time_at_which_it_was_kept(page: Page, clock: StandingClock) -> None:
    page.post("/language", {"language": "en"})
    clock.move(minutes=2)
    page.post("/drafts/intake", typed(submitter_name="Ngô Thị Dứa", set_count="hai", **{"paper-2-name": "Đơn"}))
    clock.move(minutes=5)

    shown = page.client.get("/").text

    assert "from 09:02 is here again" in shown
    assert value_of(shown, "submitter_name") == "Ngô Thị Dứa"
    assert value_of(shown, "set_count") == "hai"
    assert value_of(shown, "paper-2-name") == "Đơn"


def test_a_form_that_comes_back_is_a_new_form(page: Page) -> None:
    page.post("/drafts/intake", typed(form_id="of-before"))

    assert form_id_of(page.client.get("/").text) != "of-before"


def test_the_day_of_an_untouched_form_is_that_of_now(page: Page, clock: StandingClock) -> None:
    page.post("/drafts/intake", typed(own_day="yes", received_on="03/10/2021", received_time="08:15"))
    clock.move(minutes=4)

    shown = page.client.get("/").text

    assert (value_of(shown, "received_on"), value_of(shown, "received_time")) == ("04/10/2021", "09:04")


def test_a_day_that_was_typed_comes_back_as_typed(page: Page) -> None:
    page.post("/drafts/intake", typed(own_day="", received_on="0110", received_time="8"))

    shown = page.client.get("/").text

    assert (value_of(shown, "received_on"), value_of(shown, "received_time")) == ("0110", "8")


def test_a_saved_form_is_kept_no_longer(page: Page) -> None:
    page.post("/drafts/intake", typed())

    page.save()

    assert not is_kept(page)


def test_what_a_page_sends_while_it_closes_does_not_bring_a_saved_form_back(page: Page) -> None:
    form = typed(form_id="the-same")
    page.post("/dossiers", form)

    late = page.post("/drafts/intake", form)

    assert late.status_code == 204
    assert not is_kept(page)


def test_a_form_that_was_refused_is_kept_on(page: Page) -> None:
    form = typed(form_id="the-same", submitter_name="")
    page.post("/dossiers", form)

    page.post("/drafts/intake", form)

    assert is_kept(page)


def test_a_clerk_can_begin_anew(page: Page) -> None:
    page.post("/drafts/intake", typed())

    answer = page.post("/drafts/intake/empty", {"back": "/"})

    assert answer.headers["Location"] == "/"
    assert not is_kept(page)


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org", "/\\example.org", "", "javascript:alert(1)"])
def test_emptying_a_form_leads_nowhere_else(page: Page, back: str) -> None:
    assert page.post("/drafts/intake/empty", {"back": back}).headers["Location"] == "/"


def test_the_next_clerk_does_not_see_it(page: Page) -> None:
    page.post("/drafts/intake", typed())
    desk = page.app.extensions[EXTENSION].desk
    page.post("/sign-out")
    other = opened(desk)
    add_clerk(desk, Clerk(username="binh.tt", full_name="Trần Thị Bình", role=Role.CLERK), PASSWORD)
    token = token_of(other.client.get("/", follow_redirects=True).text)
    other.client.post("/sign-in", data={"csrf_token": token, "username": "binh.tt", "password": PASSWORD})

    assert not is_kept(other)


def test_a_form_for_the_citizen_of_a_dossier_leaves_the_half_typed_one_alone(page: Page) -> None:
    page.save()
    page.post("/drafts/intake", typed(submitter_name="Ngô Thị Dứa"))
    shown = page.client.get("/?from=H62.11.01-211004-0001").text
    page.post("/drafts/intake.copy", typed(draft="intake.copy"))

    page.post("/dossiers", typed(form_id=form_id_of(shown), draft=value_of(shown, "draft"), procedure_code="2.000815"))

    assert value_of(shown, "draft") == "intake.copy"
    assert value_of(page.client.get("/").text, "submitter_name") == "Ngô Thị Dứa"


def test_an_earlier_dossier_fills_in_the_submitter_and_leaves_the_rest(page: Page) -> None:
    page.save(birth_date="1985", address_text="Thôn Đông")
    half = typed(submitter_name="", address_text="", is_owner="", owner_name="Lê Văn Cam", summary="Hai bản")

    answer = page.post("/copied", half | {"procedure_code": "2.000815"})
    shown = page.client.get(answer.headers["Location"]).text

    assert value_of(shown, "submitter_name") == "Trần Thị Bưởi"
    assert value_of(shown, "address_text") == "Thôn Đông"
    assert value_of(shown, "birth_date") == "1985"
    assert value_of(shown, "owner_name") == "Lê Văn Cam"
    assert value_of(shown, "summary") == "Hai bản"
    assert re.search(r'<option value="2.000815" selected>', shown)
    assert "026*******01" in shown


def test_a_number_that_is_not_here_leaves_the_form_as_it_is(page: Page) -> None:
    answer = page.post("/copied", typed(submitter_name="Ngô Thị Dứa", id_number="026185900077"))

    shown = page.client.get(answer.headers["Location"]).text
    assert value_of(shown, "submitter_name") == "Ngô Thị Dứa"
    assert value_of(shown, "id_number") == "026185900077"


@pytest.mark.parametrize("name", ["Intake", "a" * 81, "intake%0a"])
def test_a_form_of_a_strange_name_is_not_kept(page: Page, name: str) -> None:
    assert page.post(f"/drafts/{name}", typed()).status_code == 400


def test_too_many_fields_are_not_kept(page: Page) -> None:
    assert page.post("/drafts/intake", {f"f{number}": "x" for number in range(700)}).status_code == 400


class Caller:
    """A browser of a real process, with its cookies."""

    def __init__(self, served: Server) -> None:
        self.served = served
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        """A page."""
        with self.opener.open(self.served.url + path, timeout=10) as answer:
            return str(answer.read().decode())

    def post(self, path: str, form: dict[str, str], token: str) -> None:
        """Sends a form."""
        body = urllib.parse.urlencode(form | {"csrf_token": token}).encode()
        with self.opener.open(self.served.url + path, body, timeout=10):
            pass


@pytest.mark.slow
def test_a_half_typed_form_survives_a_power_cut(tmp_path: Path) -> None:
    (tmp_path / "desk.key").write_text("ab" * 32)
    enrolled_desk(tmp_path).database.close()
    served = Server("desk_client", tmp_path, "/sign-in", environment={"DESK_KEY_STORE": "file"}).start()
    caller = Caller(served)
    sign_in = {"username": CLERK.username, "password": PASSWORD}
    caller.post("/sign-in", sign_in, token_of(caller.get("/sign-in")))
    token = token_of(caller.get("/"))
    for letters in range(3, len("Ngô Thị Dứa") + 1):
        caller.post("/drafts/intake", typed(submitter_name="Ngô Thị Dứa"[:letters]), token)

    served.kill()
    served.start()
    shown = caller.get("/")
    served.stop()

    assert value_of(shown, "submitter_name") == "Ngô Thị Dứa"
    assert value_of(shown, "address_text") == "Thôn Đông, Xã Định Trung"
