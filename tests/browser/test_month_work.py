"""A month's work at the centre in a real browser: a supervisor calls and reminds, the province closes and restates."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect
from waitress.server import create_server

from central_server.app import create_app
from central_server.central import Central
from central_server.services import signing_in
from sync_protocol.instants import parse_instant
from sync_protocol.vocabulary import Role
from tests.browser.reading import violations
from tests.browser.walking import Window
from tests.central.browsing import PASSWORD
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, OTHER_DESK, only_on_sqlite
from tests.factories import StandingClock
from tests.papers import page_texts, says

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SILENT_DESK = "H62.12.01"
FIRST_ON = date(2021, 9, 21)
BEFORE_OCTOBER = parse_instant("2021-09-20T08:00:00+07:00")
AFTER_OCTOBER = parse_instant("2021-10-21T09:00:00+07:00")


@dataclass(frozen=True, slots=True)
class Month:
    """A centre that serves its pages after a period: one desk entered 3 dossiers, one none; a third holds 60 back."""

    url: str
    held: Writer


@pytest.fixture
def month(central: Central, clock: StandingClock) -> Iterator[Month]:
    """The centre of a month, with the supervisor of Vĩnh Yên and somebody of the province office."""
    clock.at = BEFORE_OCTOBER
    few, zero, held = (
        enrolled_writer(central, code, bytes([seed]) * 32)
        for seed, code in enumerate((DESK, OTHER_DESK, SILENT_DESK), start=1)
    )
    for day in range(3):
        few.receive(FIRST_ON + timedelta(days=day))
    held.send()
    clock.at = AFTER_OCTOBER
    for writer in (few, zero):
        writer.send()
        writer.send(writer.alone(acknowledged=writer.head))
    for username, name, role, unit in (
        ("vinhyen", "Trần Thị Đôn Đốc", Role.SUPERVISOR, "243"),
        ("tinh", "Lê Thị Chốt Kỳ", Role.PROVINCE, None),
    ):
        signing_in.add_user(central, username=username, full_name=name, role=role, unit_code=unit, password=PASSWORD)
    server = create_server(create_app(central), host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    yield Month(f"http://127.0.0.1:{server.effective_port}", held)
    server.close()


@only_on_sqlite
def test_a_month_is_followed_up_closed_and_restated(
    month: Month, new_window: Callable[[], Window], clock: StandingClock
) -> None:
    supervisor, province = new_window().page, new_window().page
    sign_in(supervisor, month, "vinhyen")

    looked_at(supervisor)
    assert to_call(supervisor) == [DESK, OTHER_DESK]
    note_a_promise(supervisor, DESK, "Hẹn nhập hết sổ giấy", until="2021-10-25")
    acknowledge(supervisor, OTHER_DESK, "Trụ sở đang sửa chữa", until="2021-10-29")
    supervisor.goto(f"{month.url}/standings?period=2021-10")
    assert (to_call(supervisor), put_off(supervisor)) == ([], [DESK, OTHER_DESK])
    looked_at(supervisor)
    assert_on_paper(supervisor, "Phường Tích Sơn")
    assert_letter_names_what_is_proven(supervisor)
    supervisor.goto(f"{month.url}/standings/desks?period=2021-10&calling=put_off")
    looked_at(supervisor)

    clock.at = parse_instant("2021-10-26T09:00:00+07:00")
    sign_in(supervisor, month, "vinhyen")
    assert (to_call(supervisor), put_off(supervisor)) == ([DESK], [OTHER_DESK])

    sign_in(province, month, "tinh")
    province.locator("a[href='/periods/2021-10']").click()
    assert SILENT_DESK in missing(province)
    looked_at(province)
    province.goto(f"{month.url}/rules")
    looked_at(province)
    province.goto(f"{month.url}/periods/2021-10")
    take(province, "close", "Đã gọi các xã chưa có số liệu, sẽ điều chỉnh sau")
    assert published(province) == [3]
    looked_at(province)

    for _ in range(60):
        month.held.receive(FIRST_ON)
    month.held.send(month.held.contact(first=2))
    month.held.send(month.held.alone(acknowledged=month.held.head))
    province.reload()
    assert published(province) == [3]
    take(province, "restate", "Số liệu của một xã đến sau khi chốt")
    assert published(province) == [3, 63]
    assert SILENT_DESK not in missing(province)
    expect(province.locator(f"a[href^='/desks/{SILENT_DESK}']")).to_be_visible()
    looked_at(province)


@only_on_sqlite
def test_a_supervisor_looks_back_from_the_list_to_a_desk_and_comes_back_to_now(month: Month, window: Window) -> None:
    page = window.page
    sign_in(page, month, "vinhyen")
    page.locator(".as-of-choice summary").click()
    page.locator("#as_of").fill("2021-10-20T17:00")
    page.locator(".as-of-choice button").click()

    page.locator(f"#unknown a[href*='/desks/{DESK}?']").click()
    expect(page.locator(".notice.is-waiting")).to_contain_text("17:00 20/10/2021")
    expect(page.locator(".verdict-word")).to_contain_text("Không liên lạc trong kỳ")
    expect(page.locator("#call-note")).to_have_count(0)
    looked_at(page)
    page.locator(".crumb a").first.click()
    expect(page.locator(".notice.is-waiting")).to_contain_text("17:00 20/10/2021")
    page.locator(f"#unknown a[href*='/desks/{DESK}?']").click()
    page.locator(".notice.is-waiting a").click()

    expect(page.locator(".verdict-word")).to_contain_text("Nhập dưới 50 (đã xác nhận)")
    expect(page.locator("#call-note")).to_be_visible()
    expect(page.locator(".notice.is-waiting")).to_have_count(0)


def sign_in(page: Page, month: Month, username: str) -> None:
    """Signs in, and comes to the period that has just ended."""
    page.context.clear_cookies()
    page.goto(month.url)
    page.locator("#username").fill(username)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#units")).to_be_visible()


def looked_at(page: Page) -> None:
    """What everybody can use: axe-core finds nothing, with all that is folded away laid open."""
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    assert violations(page) == []


def to_call(page: Page) -> list[str]:
    """The desks of the first list that have to be called today."""
    return page.locator("#ask > table td.desk .sub").all_text_contents()


def put_off(page: Page) -> list[str]:
    """Those of it that have promised, or need no reminder for now."""
    return page.locator("#ask details td.desk .sub").all_text_contents()


def note_a_promise(page: Page, desk: str, note: str, *, until: str) -> None:
    """Opens a desk from the list and notes a call in which it named a day."""
    page.locator(f"#ask a[href*='/desks/{desk}?']").first.click()
    page.locator("#call-note").fill(note)
    page.locator("#call-until").fill(until)
    page.locator("button[value=call]").click()
    expect(page.locator("#follow-up table")).to_contain_text(note)
    looked_at(page)
    page.locator(".crumb a").first.click()


def acknowledge(page: Page, desk: str, why: str, *, until: str) -> None:
    """Opens a desk and notes why it needs no reminder for a time."""
    page.locator(f"#ask a[href*='/desks/{desk}?']").first.click()
    page.locator("#quiet-note").fill(why)
    page.locator("#quiet-until").fill(until)
    page.locator("button[value=acknowledge]").click()
    expect(page.locator("#follow-up table")).to_contain_text(why)


def assert_on_paper(page: Page, name: str) -> None:
    """The list can be printed."""
    assert says(page.pdf(format="A4", landscape=True, prefer_css_page_size=True), name)


def assert_letter_names_what_is_proven(page: Page) -> None:
    """The reminder letter of the district has the two desks with their figures, and nobody of another district."""
    with page.expect_download() as download:
        page.locator("a[href^='/letters/']").click()
    texts = " ".join(page_texts(download.value.path().read_bytes()))
    assert [name for name in ("TíchSơn", "LiênBảo", "LậpThạch") if name in texts] == ["TíchSơn", "LiênBảo"]


def missing(page: Page) -> str:
    """What the closing page says of the desks that are missing."""
    lists = page.locator("section.is-unknown")
    return " ".join(lists.locator("a").evaluate_all("all => all.map(each => each.getAttribute('href'))"))


def take(page: Page, step: str, reason: str) -> None:
    """Closes or restates the period with a reason."""
    page.locator("#reason").fill(reason)
    page.locator(f"button[value={step}]").click()
    expect(page.locator("main")).to_contain_text(reason)


def published(page: Page) -> list[int]:
    """The dossiers of each publication, the first one first."""
    steps = page.locator("section.list:has(code)").first
    return [int(text) for text in steps.locator("tbody tr td:nth-child(4)").all_text_contents()]
