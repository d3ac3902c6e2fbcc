"""A report is published and corrected in a real browser with the keyboard alone, and all pages can be used by all."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from waitress.server import create_server

from central_server.app import create_app
from central_server.central import Central
from central_server.services import closing, complaints, external_figures, signing_in
from central_server.storage.units import EVERYTHING
from sync_protocol.instants import parse_instant
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Role
from tests.browser.reading import violations
from tests.browser.walking import Window
from tests.central.browsing import PASSWORD
from tests.central.test_scoring import COMPLAINT
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, only_on_sqlite
from tests.factories import StandingClock

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
DAY = date(2021, 10, 4)
TABS_MAX = 120
"""More steps from field to field than any of these pages has."""

FIGURE = {
    "indicator": "visitors",
    "unit_code": "26",
    "period": "2021-10",
    "value": "1.234",
    "source": "Báo cáo số 15/BC-TTPVHCC",
}
PAGES = [
    "/publications",
    "/publications/of?period=2021-10",
    "/standings?period=2021-10&as_of=2021-10-21T10:00",
    "/standings/desks?period=2021-10&as_of=2021-10-21T10:00",
    "/standings/days?period=2021-10&as_of=2021-10-21T10:00",
    "/standings/curve?period=2021-10&as_of=2021-10-21T10:00",
    "/reports/desks?period=2021-10",
    "/reports/quarterly?period=2021-Q4",
    "/reports/yearly?period=2021",
    "/complaints?corrects=1",
    "/figures",
    "/scoring?period=2021-10",
    "/changes",
    "/reads",
    f"/holding?desk={DESK}",
    f"/desks/{DESK}?period=2021-10",
    "/rules",
    "/tokens",
    "/no-such-page",
]


@dataclass(frozen=True, slots=True)
class Province:
    """A centre that serves its pages after October was closed with three dossiers, and the desk that sent them."""

    url: str
    central: Central
    desk: Writer


@pytest.fixture
def province(central: Central, clock: StandingClock) -> Iterator[Province]:
    """With a person of the province office, a figure from elsewhere and a complaint."""
    desk = enrolled_writer(central)
    for _ in range(3):
        desk.receive(DAY)
    desk.send()
    clock.at = parse_instant("2021-10-22T09:00:00+07:00")
    desk.send(desk.alone(acknowledged=desk.head))
    signing_in.add_user(
        central, username="tinh", full_name="Lê Thị Chốt Kỳ", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    external_figures.add(central, EVERYTHING, FIGURE, by="tinh")
    complaints.record(central, EVERYTHING, COMPLAINT, by="tinh")
    closing.close(central, OCTOBER, by="tinh", reason="Đã gọi các xã chưa có số liệu")
    server: Any = create_server(create_app(central), host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    yield Province(f"http://127.0.0.1:{server.effective_port}", central, desk)
    server.close()


@only_on_sqlite
def test_a_report_is_published_and_corrected_by_keys_and_the_old_figure_is_named(
    province: Province, window: Window, clock: StandingClock
) -> None:
    page = window.page
    sign_in(page, province)
    page.goto(f"{province.url}/reports/monthly?period=2021-10")
    press(page, page.locator("a[href^='/publications/of']"))
    publish(page, "12/BC-VP")

    clock.move(minutes=5)
    province.desk.receive(DAY)
    province.desk.send(province.desk.contact(first=province.desk.head))
    closing.restate(province.central, OCTOBER, by="tinh", reason="Số liệu đến sau")
    page.reload()
    step_to(page, page.locator("#reason"))
    page.keyboard.type("Một hồ sơ đến sau khi chốt")
    publish(page, "15/ĐC-VP")

    expect(page.locator("#version-1")).to_contain_text("15/ĐC-VP")
    expect(page.locator("#version-1")).to_contain_text("12/BC-VP")
    corrected = page.locator("section[aria-labelledby='version-1']")
    expect(corrected).to_contain_text("Một hồ sơ đến sau khi chốt")
    row = corrected.locator("tr", has=page.get_by_role("rowheader", name="Tiếp nhận mới trong kỳ", exact=True)).first
    assert row.locator("td.figure").all_text_contents() == ["3", "4"]
    assert violations(page) == []


@only_on_sqlite
def test_a_desk_is_called_acknowledged_and_its_period_restated_by_keys(
    province: Province, window: Window, clock: StandingClock
) -> None:
    page = window.page
    sign_in(page, province)
    page.goto(f"{province.url}/standings?period=2021-10")
    press(page, page.locator(f"#ask a[href*='/desks/{DESK}?']").first)

    step_to(page, page.locator("#call-note"))
    page.keyboard.type("Hẹn nhập hết sổ giấy")
    page.keyboard.press("Enter")
    expect(page.locator("#follow-up table")).to_contain_text("Hẹn nhập hết sổ giấy")
    step_to(page, page.locator("#quiet-note"))
    page.keyboard.type("Trụ sở đang sửa chữa")
    step_to(page, page.locator("#quiet-until"))
    type_day(page, "2021-10-29")
    press(page, page.locator("button[value=acknowledge]"))
    expect(page.locator("#follow-up table")).to_contain_text("Trụ sở đang sửa chữa")

    clock.move(minutes=5)
    province.desk.receive(DAY)
    province.desk.send(province.desk.contact(first=province.desk.head))
    page.goto(f"{province.url}/standings?period=2021-10")
    press(page, page.locator("a[href='/periods/2021-10']").first)
    step_to(page, page.locator("#reason"))
    page.keyboard.type("Số liệu đến sau khi chốt")
    press(page, page.locator("button[value=restate]"))
    expect(page.locator("main")).to_contain_text("Số liệu đến sau khi chốt")


@only_on_sqlite
def test_a_period_is_closed_by_keys_with_a_reason_for_the_desks_that_are_missing(
    province: Province, window: Window
) -> None:
    page = window.page
    sign_in(page, province)
    page.goto(f"{province.url}/standings?period=2021-09")
    press(page, page.locator("a[href='/periods/2021-09']").first)
    press(page, page.locator("button[value=close]"))
    expect(page.get_by_role("alert")).to_contain_text("Chưa chốt")

    step_to(page, page.locator("#reason"))
    page.keyboard.type("Đã gọi các xã chưa có số liệu")
    press(page, page.locator("button[value=close]"))

    expect(page.locator(".page-head .state")).to_have_text("Đã chốt")
    expect(page.locator("main")).to_contain_text("Đã gọi các xã chưa có số liệu")
    expect(page.locator("button[value=close]")).to_have_count(0)


@only_on_sqlite
@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_the_province_and_an_auditor_look_at_can_be_used_by_everybody(
    province: Province, window: Window, language: str
) -> None:
    page = window.page
    sign_in(page, province)
    publish_at_once(page, province)
    if language == "en":
        page.locator("button[name=language][value=en]").click()
    found = {}
    for path in PAGES:
        page.goto(province.url + path)
        page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
        if told := violations(page):
            found[path] = told

    assert found == {}


def sign_in(page: Page, province: Province) -> None:
    """Signs in without the mouse: the first field has the focus."""
    page.goto(province.url)
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.type("tinh")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#units")).to_be_visible()


def step_to(page: Page, wanted: Locator) -> None:
    """Goes from field to field until the wanted one has the focus, and can be seen to have it."""
    expect(wanted).to_be_visible()
    for _ in range(TABS_MAX):
        if wanted.evaluate("each => each === document.activeElement"):
            assert wanted.evaluate("each => parseFloat(getComputedStyle(each).outlineWidth) > 0")
            return
        page.keyboard.press("Tab")
    pytest.fail(f"cannot be reached by keys: {wanted}")


def press(page: Page, wanted: Locator) -> None:
    """Reaches a button or a link and presses Enter."""
    step_to(page, wanted)
    page.keyboard.press("Enter")


def type_day(page: Page, day: str) -> None:
    """Types a day as this browser asks for it, whose own language is English: the month first."""
    year, month, of_month = day.split("-")
    page.keyboard.type(month + of_month + year)
    expect(page.locator(":focus")).to_have_value(day)


def publish(page: Page, number: str) -> None:
    """Prepares, approves and publishes what the page is about."""
    press(page, page.locator("button[value=prepare]"))
    press(page, page.locator("button[value=approve]"))
    expect(page.locator("button[value=publish].button")).to_be_visible()
    step_to(page, page.locator("#document_number"))
    page.keyboard.type(number)
    step_to(page, page.locator("#issued_on"))
    type_day(page, "2021-10-22")
    press(page, page.locator("button[value=publish]"))
    expect(page.locator("main h2[id^=version]").first).to_contain_text(number)


def publish_at_once(page: Page, province: Province) -> None:
    """A published report and one under way, so that its page has all its parts."""
    page.goto(f"{province.url}/publications/of?period=2021-10")
    publish(page, "12/BC-VP")
    page.locator("#reason").fill("Soát lại")
    page.locator("button[value=prepare]").click()
    expect(page.locator("#text")).to_be_visible()
