"""From each figure of a report to its dossiers: as many as it counts, for whoever may see them, each look noted."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central_server.app import create_app
from central_server.central import Central
from central_server.reports.counts import NAMES, total
from central_server.reports.indicators import BASES, BY_ID
from central_server.reports.material import ProcedureFacts
from central_server.reports.procedure_numbers import DERIVED, codes_of, with_facts
from central_server.reports.rates import Rate
from central_server.services import signing_in
from central_server.services.covering import coverages
from central_server.services.report_dossiers import Place, UnknownFigure, dossiers_behind
from central_server.services.reporting import make_report
from central_server.storage import counting, procedures, reads
from central_server.storage.counted_dossiers import Part, Wanted, listed
from central_server.storage.database import reading, write_transaction
from central_server.storage.models import Procedure
from central_server.storage.units import EVERYTHING
from central_server.web import paging, report_dossiers
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser
from tests.central.test_counting import LIVES, OCTOBER, at_ten, live, working
from tests.central.writing import Writer
from tests.conftest import DESK, OTHER_DESK
from tests.factories import StandingClock

PAGE = 2
"""So few rows of a list are asked for at a time, so that pages meet."""


@pytest.fixture
def writers(central: Central) -> list[Writer]:
    """A machine at each of two desks; the reference says of two procedures how they are offered online."""
    with write_transaction(central.database):
        Procedure.update(service_level="level_3", on_the_spot="four").where(Procedure.code == "1.004873").execute()
        Procedure.update(service_level="full_online").where(Procedure.code == "2.000815").execute()
    found = [working(central, DESK, b"\x01" * 32), working(central, OTHER_DESK, b"\x02" * 32)]
    for writer in found:
        writer.send()
    return found


def pages(wanted: Wanted) -> list[tuple[str, str]]:
    """The whole list, asked for page by page."""
    first = listed(wanted, start=0, limit=PAGE)
    found = list(first.dossiers)
    while len(found) < first.count:
        found += listed(wanted, start=len(found), limit=PAGE).dossiers
    return [(each.desk, each.id) for each in found]


def parts_of(name: str, facts: dict[str, ProcedureFacts]) -> list[Part]:
    """What a number consists of; one that follows from procedures, of others of some of them."""
    derived = DERIVED.get(name)
    if derived is None:
        return [Part(number=name)]
    return [Part(number=each, procedures=codes_of(derived, facts)) for each in derived.of]


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=st.lists(LIVES, min_size=6, max_size=14),
    today=st.dates(date(2021, 9, 28), date(2021, 11, 2)),
    silent_days=st.integers(0, 20),
)
def test_the_list_of_each_number_has_as_many_dossiers_as_the_count_says(
    writers: list[Writer],
    central: Central,
    clock: StandingClock,
    lives: list[dict[str, Any]],
    today: date,
    silent_days: int,
) -> None:
    firsts = [writer.head + 1 for writer in writers]
    for life in lives:
        live(writers[life["desk"]], life)
    clock.at = at_ten(today - timedelta(days=silent_days))
    for writer, first in zip(writers, firsts, strict=True):
        writer.send(writer.contact(first=first))
    clock.at = at_ten(today)

    with reading(central.database):
        known = coverages([DESK, OTHER_DESK])
        facts = procedures.facts(OCTOBER.last_on)
        told = with_facts(counting.counts(OCTOBER, known, today), facts)
        together = with_facts(counting.counts_together(OCTOBER, known, today, list(known)), facts)
        assert total(together.values()) == total(told.values())
        for desk in (DESK, OTHER_DESK):
            row = total(counts for (code, _), counts in told.items() if code == desk)
            for name in NAMES:
                wanted = Wanted(period=OCTOBER, known=known, today=today, desks=[desk], parts=parts_of(name, facts))
                found = pages(wanted)
                assert (name, len(found), len(set(found))) == (name, getattr(row, name), getattr(row, name))


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=st.lists(LIVES, min_size=4, max_size=9))
def test_each_figure_of_a_report_leads_to_as_many_dossiers(
    writers: list[Writer], central: Central, clock: StandingClock, lives: list[dict[str, Any]]
) -> None:
    firsts = [writer.head + 1 for writer in writers]
    for life in lives:
        live(writers[life["desk"]], life)
    clock.at = at_ten(date(2021, 10, 22))
    for writer, first in zip(writers, firsts, strict=True):
        writer.send(writer.contact(first=first))

    report = make_report(central, EVERYTHING, "monthly", OCTOBER)

    for section in report.sections:
        if section.id not in ("summary", "districts", "fields", "procedures", "service_levels"):
            continue
        for row in section.rows:
            ids = [row.key] if section.id == "summary" else [column.id for column in section.columns]
            key = None if row.is_total or section.id == "summary" else row.key
            for figure, cell in zip(ids, row.cells, strict=False):
                parts = (cell.numerator, cell.denominator) if isinstance(cell, Rate) else (cell,)
                for is_base, count in enumerate(parts):
                    place = Place(section=section.id, row=key, figure=figure, is_base=bool(is_base))
                    assert (str(place), behind(central, place).count) == (str(place), count)


def behind(central: Central, place: Place) -> Any:
    """The first page of the list behind a figure of the month's report."""
    return dossiers_behind(central, EVERYTHING, "monthly", OCTOBER, place, unit_id=None, start=0, limit=9, by="tinh")


@pytest.mark.parametrize(
    "place",
    [
        Place(section="summary", figure="none"),
        Place(section="none", figure="workload"),
        Place(section="summary", figure="workload", is_base=True),
        Place(section="external", figure="workload"),
    ],
)
def test_what_is_no_figure_has_no_list(central: Central, place: Place) -> None:
    with pytest.raises(UnknownFigure):
        behind(central, place)


@pytest.mark.parametrize("id_", sorted(BY_ID))
def test_no_dossier_is_counted_twice_in_a_figure_or_its_base(id_: str) -> None:
    indicator = BY_ID[id_]
    for names in (indicator.counts, BASES[indicator.basis] if indicator.basis else ()):
        assert len(set(names)) == len(names)


@pytest.fixture
def client(writers: list[Writer], central: Central, clock: StandingClock) -> FlaskClient:
    """The province's browser; three dossiers were received, of which one was resolved."""
    common = {"received_on": date(2021, 10, 4), "procedure_code": "1.004873", "channel": "direct", "end": ""}
    live(writers[0], common | {"after": 0})
    live(writers[0], common | {"after": 1, "end": "resolve"})
    live(writers[1], common | {"after": 0, "channel": "online"})
    for writer in writers:
        writer.send()
    clock.move(days=18)
    for username, role, unit in (("tinh", Role.PROVINCE, None), ("lapthach", Role.SUPERVISOR, "246")):
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Vân", role=role, unit_code=unit, password=PASSWORD
        )
    return browser(create_app(central), "tinh")


def test_every_link_of_a_report_leads_to_a_list_and_each_look_is_noted(client: FlaskClient, central: Central) -> None:
    text = client.get("/reports?period=2021-10").text
    links = {unescape(each) for each in re.findall(r'href="(/reports/monthly/dossiers[^"]+)"', text)}

    answers = [client.get(link).status_code for link in sorted(links)[:12]]

    assert len(links) > 20
    assert set(answers) == {200}
    with reading(central.database):
        looks = reads.latest(50)
    assert len(looks) == 12
    assert {each.who for each in looks} == {"tinh"}
    assert all(each.what.startswith("report monthly/") for each in looks)


def test_a_list_holds_codes_and_dates_and_nothing_of_a_person(client: FlaskClient) -> None:
    page = client.get("/reports/monthly/dossiers?period=2021-10&section=summary&figure=received_new").text

    assert "Dossiers 1 to 3 of 3" in page
    assert f"{DESK}-211004-1001" in page
    assert "Nguyễn" not in page
    assert "0987" not in page


def test_a_rate_leads_to_its_base_too(client: FlaskClient) -> None:
    address = "/reports/monthly/dossiers?period=2021-10&section=summary&figure=online_share"

    assert "Dossiers 1 to 1 of 1" in client.get(address).text
    assert "Dossiers 1 to 3 of 3" in client.get(f"{address}&base=1").text


def test_a_long_list_is_cut_into_pages_and_each_dossier_stands_on_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_DOSSIERS", PAGE)
    monkeypatch.setattr(report_dossiers, "PAGE_DOSSIERS", PAGE)
    address = "/reports/monthly/dossiers?period=2021-10&section=summary&figure=received_new"

    first, second, behind_it = (client.get(f"{address}&page={page}").text for page in (1, 2, 3))

    codes = [re.findall(r"H62[.\d]+-\d{6}-\d{4}", page) for page in (first, second, behind_it)]
    assert [len(each) for each in codes] == [2, 1, 0]
    assert len(set(codes[0] + codes[1])) == 3
    assert [re.findall(r'class="step" href="[^"]*[?;]page=(\d)', page) for page in (first, second)] == [["2"], ["1"]]
    assert "Dossiers 3 to 3 of 3" in second


def test_no_list_shows_more_than_a_page_and_a_look_says_how_many_were_shown(
    client: FlaskClient, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_dossiers, "PAGE_DOSSIERS", PAGE)
    address = "/reports/monthly/dossiers?period=2021-10&section=summary&figure=received_new"

    client.get(address)

    with reading(central.database):
        assert [each.rows for each in reads.latest(2)] == [PAGE]


def test_who_may_not_see_a_desk_sees_none_of_its_dossiers(client: FlaskClient, central: Central) -> None:
    other = browser(create_app(central), "lapthach")
    address = "/reports/monthly/dossiers?period=2021-10&section=summary&figure=received_new"

    assert "of 0" in other.get(address).text
    assert other.get(f"{address}&unit=none").status_code == 404
