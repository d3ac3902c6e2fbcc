"""What a document tells stands in the report with that document, in its tables as in its text, and never unmarked."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from central_server.app import create_app
from central_server.central import Central
from central_server.reports.elsewhere import BY_DAY, DAYS_MISSING
from central_server.reports.rates import OutOf
from central_server.reports.wording import VISITORS_BY_DAY
from central_server.services import external_figures, signing_in
from central_server.services.reporting import make_report
from central_server.storage.units import EVERYTHING
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser
from tests.factories import StandingClock

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
SOURCE = "BC số 15/BC-VP"


@pytest.fixture
def client(central: Central, clock: StandingClock) -> FlaskClient:
    """The province's browser; the book tells visitors of the province and a district, and two rates of one name."""
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    tell(central, "visitors", value="1.234")
    tell(central, "visitors_a_day", value="57")
    tell(central, "visitors", unit="243", value="99")
    tell(central, "published_on_time_rate_due", numerator="1190", denominator="1200")
    tell(central, "published_on_time_rate_resolved", numerator="1190", denominator="1195")
    tell(central, "score_publicity", value="1,25")
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    return browser(create_app(central), "tinh")


def tell(central: Central, indicator: str, *, unit: str = "26", **numbers: str) -> None:
    told = {"indicator": indicator, "unit_code": unit, "period": "2021-10", "source": SOURCE} | numbers
    external_figures.add(central, EVERYTHING, told, by="tinh")


@pytest.mark.parametrize("layout", ["monthly", "desks"])
def test_visitors_stand_in_the_months_report_and_its_text_with_their_document(client: FlaskClient, layout: str) -> None:
    page = client.get(f"/reports/{layout}?period=2021-10", follow_redirects=True).text

    assert f"Visitors: 1,234, according to {SOURCE}." in page
    assert f"Visitors a day: 57, according to {SOURCE}." in page
    assert "Visitors: 99," not in page
    told = page[page.index('id="external"') :]
    assert told.count(SOURCE) == 6


@pytest.mark.usefixtures("client")
def test_text_without_visitors_says_nothing_of_them(central: Central) -> None:
    november = PeriodSeries(last_day=20).month(2021, 11)

    texts = [each.text for each in make_report(central, EVERYTHING, "monthly", november).text]

    assert not [text for text in texts if "Visitors" in text]


def test_two_published_rates_of_one_name_are_told_apart_by_their_base(client: FlaskClient) -> None:
    page = client.get("/reports?period=2021-10").text
    book = openpyxl.load_workbook(BytesIO(client.get("/reports/monthly.xlsx?period=2021-10").data))

    told = page[page.index('id="external"') :]
    assert "Rate in time (of those due)" in told
    assert "Rate in time (of those resolved)" in told
    rows = [list(row) for row in book["Figures from elsewhere"].iter_rows(values_only=True)]
    values = {row[1]: row[3] for row in rows if row[0] and "26" in str(row[0])}
    assert values["Rate in time (of those due)"] == 99.17
    assert (values["Visitors"], values["Points: publicity of procedures"]) == (1234, 1.25)


def test_what_a_figure_is_made_of_is_written_as_numbers_and_its_document_as_words(client: FlaskClient) -> None:
    page = client.get("/reports?period=2021-10").text

    told = page[page.index('id="external"') :]
    assert '<td class="figure">1,190/1,200</td><td>BC số 15/BC-VP</td>' in told
    assert '<th scope="col">According to</th>' in told
    assert '<th scope="col" class="figure">Value</th>' in told


def external_rows(central: Central) -> dict[str, list[Any]]:
    """The rows of the month's table, and below the key "" its notes."""
    report = make_report(central, EVERYTHING, "monthly", OCTOBER)
    [section] = [each for each in report.sections if each.id == "external"]
    return {row.key: list(row.cells) for row in section.rows} | {"": list(section.notes)}


@pytest.fixture
def by_day(central: Central, clock: StandingClock) -> None:
    """Visitors of three days of a month of 22 working days, one told anew, of a day of another month and a week."""
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    for day, value, source in (
        ("21/09", "120", "Sổ quý III"),
        ("22/09", "1.000", "Sổ quý III"),
        ("22/09", "80", "Sổ quý III"),
        ("20/10", "50", "Sổ quý IV"),
        ("21/10", "7", "Sổ quý IV"),
    ):
        day_text = f"2021-{day[3:]}-{day[:2]}"
        tell(central, "visitors", period=f"{day_text}..{day_text}", value=value, source=source)
    tell(central, "visitors", period="2021-09-27..2021-10-01", value="900", source="Sổ tuần")


@pytest.mark.usefixtures("by_day")
def test_visitors_told_by_day_add_up_to_the_months_figure_with_the_days_that_are_missing(central: Central) -> None:
    rows = external_rows(central)
    text = [each.text for each in make_report(central, EVERYTHING, "monthly", OCTOBER).text]

    unit, value, measure, days, source = rows["visitors.26"]
    assert (unit, value, source) == ("Tỉnh Vĩnh Phúc", 250, "Sổ quý III; Sổ quý IV")
    assert (measure, days) == (BY_DAY, OutOf(count=3, of=22))
    assert DAYS_MISSING in rows[""]
    assert VISITORS_BY_DAY in text


@pytest.mark.usefixtures("by_day")
def test_a_document_about_the_whole_month_goes_before_its_days(central: Central) -> None:
    tell(central, "visitors", value="1.234")

    rows = external_rows(central)

    assert rows["visitors.26"] == ["Tỉnh Vĩnh Phúc", 1234, "number", None, SOURCE]
    assert DAYS_MISSING not in rows[""]


def test_days_of_which_none_is_missing_are_told_without_a_note(central: Central, clock: StandingClock) -> None:
    clock.at = datetime(2021, 9, 22, 2, tzinfo=UTC)
    for day in ("2021-09-21", "2021-09-22"):
        tell(central, "visitors", period=f"{day}..{day}", value="10")

    rows = external_rows(central)

    assert rows["visitors.26"][3] == OutOf(count=2, of=2)
    assert DAYS_MISSING not in rows[""]
