"""Each link of a report leads to as many dossiers as it says: of earlier periods, clerks and whole years, too."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from central_server.app import create_app
from central_server.central import Central
from central_server.services import signing_in
from central_server.services.report_dossiers import Place, UnknownFigure, clerk_mark, dossiers_behind
from central_server.storage import reads, units
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser
from tests.central.test_counting import at_ten, working
from tests.central.test_scoring import resolve
from tests.conftest import DESK
from tests.factories import StandingClock, reception

SERIES = PeriodSeries(last_day=20)
OCTOBER = SERIES.month(2021, 10)
LINK = re.compile(
    r'<a (?:class="sub" )?href="(/reports/\w+/dossiers[^"]*)">([^<]*)</a>(?: <a class="sub"[^>]*>([^<]*)</a>)?'
)
COUNTED = re.compile(r"Dossiers [^<]* of ([\d,]+)")


@pytest.fixture
def client(central: Central, clock: StandingClock) -> FlaskClient:
    """The province's browser; one desk received by two clerks in October, the month before and the year before."""
    writer = working(central, DESK, b"\x01" * 32)
    days = ((date(2020, 10, 5), 1), (date(2021, 8, 25), 30), (date(2021, 9, 6), 40), (date(2021, 10, 4), 2))
    for received_on, after in days:
        for clerk in ("lan", "truong"):
            resolve(writer, received_on, received_on.fromordinal(received_on.toordinal() + after), clerk=clerk)
    code = f"{DESK}-211005-{1000 + next(writer.serials)}"
    said = reception(dossier_code=code)
    writer.write("receive", said, {date(2021, 10, 5): 1}, happened_at=at_ten(date(2021, 10, 5)), pack=2, clerk="lan")
    writer.send()
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    return browser(create_app(central), "tinh")


def links(page: str, section: str) -> list[tuple[str, int]]:
    """The links of a table, each with how many dossiers it says that there are."""
    found = []
    for address, text, made_of in LINK.findall(page):
        if f"section={section}&" not in unescape(address):
            continue
        counts = made_of.split("/") if made_of else [text]
        for is_base, count in enumerate(counts):
            found.append((unescape(address) + ("&base=1" if is_base else ""), int(count.replace(",", ""))))
    return found


def unit_of(central: Central) -> str:
    with reading(central.database):
        desk = units.desk(EVERYTHING, DESK, OCTOBER.last_on)
    assert desk
    return desk.unit.id


def behind(central: Central, layout: str, period: Period, place: Place, unit_id: str | None = None) -> Any:
    return dossiers_behind(central, EVERYTHING, layout, period, place, unit_id=unit_id, start=0, limit=9, by="tinh")


@pytest.mark.parametrize(
    ("layout", "period", "section", "least", "part"),
    [
        ("monthly", "2021-10", "summary", 20, "then=before"),
        ("monthly", "2021-10", "summary", 20, "then=year_before"),
        ("yearly", "2021", "summary", 10, "then=year_before"),
        ("quarterly", "2021-Q3", "reconciliation", 6, "figure=in_process"),
        ("quarterly", "2021-Q4", "reconciliation", 8, "figure=carried_over"),
        ("desks", "2021-10", "clerks", 10, "row="),
    ],
)
def test_each_link_leads_to_as_many_dossiers_as_it_says(
    client: FlaskClient, central: Central, layout: str, period: str, section: str, least: int, part: str
) -> None:
    address = f"/reports/{layout}?period={period}&unit={unit_of(central)}"
    page = client.get(address, follow_redirects=True).text

    told = links(page, section)

    assert len(told) >= least
    assert any(part in address for address, _ in told)
    for address, count in told:
        [listed] = COUNTED.findall(client.get(address).text)
        assert (address, int(listed.replace(",", ""))) == (address, count)


def test_no_address_names_a_clerk_and_the_list_is_theirs(client: FlaskClient, central: Central) -> None:
    page = client.get(f"/reports/desks?period=2021-10&unit={unit_of(central)}").text
    place = Place(section="clerks", row=clerk_mark("lan"), figure="received_new")

    found = behind(central, "desks", OCTOBER, place, unit_of(central))

    assert not [address for address, _ in links(page, "clerks") if "lan" in address or "truong" in address]
    assert found.count == 2
    with reading(central.database):
        [look] = reads.latest(1)
    assert "lan" not in look.what


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("place", "alone"),
    [
        (Place(section="clerks", row=clerk_mark("lan"), figure="received_new"), False),
        (Place(section="clerks", row="lan", figure="received_new"), True),
        (Place(section="levels", figure="received_new", then="before"), True),  # type: ignore[arg-type]
    ],
)
def test_a_clerk_of_many_desks_or_a_period_of_no_summary_has_no_list(
    central: Central, place: Place, alone: bool
) -> None:
    with pytest.raises(UnknownFigure):
        behind(central, "desks", OCTOBER, place, unit_of(central) if alone else None)


def test_a_list_names_the_period_that_it_is_about_and_so_does_the_note_of_the_look(
    client: FlaskClient, central: Central
) -> None:
    address = "/reports/monthly/dossiers?period=2021-10&section=summary&figure=received_new&then=year_before"

    page = client.get(address).text

    assert "Period 21/09/2020 – 20/10/2020" in page
    assert "Dossiers 1 to 2 of 2" in page
    with reading(central.database):
        [look] = reads.latest(1)
    assert look.period == SERIES.month(2020, 10)


def test_steps_between_periods_and_lists_keep_what_was_chosen(client: FlaskClient) -> None:
    page = unescape(client.get("/reports?period=2021-10&basis=resolved&awaiting=apart&mean=units").text)
    steps = re.findall(r'class="step" href="(/reports\?period=[^"]+)"', page)
    behind_it = re.findall(r'href="(/reports/monthly/dossiers[^"]+)"', page)
    back = re.findall(r'crumb"><a href="([^"]+)"', unescape(client.get(behind_it[0]).text))

    assert len(steps) == 2
    for address in (*steps, *behind_it, *back):
        assert "basis=resolved" in address
        assert "awaiting=apart" in address
        assert "mean=units" in address
