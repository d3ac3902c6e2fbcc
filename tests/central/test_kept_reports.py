"""A report that is kept is the same one for ever, and two of them are compared figure by figure."""

from dataclasses import replace
from datetime import UTC, date, datetime

import orjson
import pytest

from central_server.central import Central
from central_server.reports.differences import differences
from central_server.reports.kept import content_of_report, report_of_content
from central_server.reports.layouts import LAYOUTS
from central_server.reports.rates import Basis, Rate
from central_server.reports.report import Report
from central_server.services.reporting import make_report
from central_server.storage.units import EVERYTHING
from sync_protocol.periods import PeriodSeries
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK
from tests.factories import StandingClock

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)


@pytest.fixture
def writer(central: Central, clock: StandingClock) -> Writer:
    """A desk whose two dossiers of 4 October are known after the period's end."""
    each = enrolled_writer(central)
    first = each.receive(date(2021, 10, 4))
    each.receive(date(2021, 10, 4))
    each.resolve(first)
    each.send()
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    return each


def made(central: Central, name: str = "monthly") -> Report:
    """The report of now."""
    return make_report(central, EVERYTHING, name, OCTOBER)


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_every_report_is_read_again_as_it_was_made(central: Central, layout: str) -> None:
    report = make_report(central, EVERYTHING, layout, OCTOBER)

    kept = report_of_content(orjson.loads(orjson.dumps(content_of_report(report))))

    assert kept.as_json() == report.as_json()
    assert (kept.name, kept.provenance, kept.period) == (report.name, report.provenance, report.period)
    assert content_of_report(kept) == content_of_report(report)
    assert list(differences(report, kept)) == []


def test_each_figure_that_differs_is_told_at_its_address(writer: Writer, central: Central) -> None:
    before = made(central)
    writer.receive(date(2021, 10, 5))
    writer.send()

    found = {str(each.at): (each.old, each.new) for each in differences(before, made(central))}

    assert found["summary/received_new/now"] == (2, 3)
    assert found[f"desks/{DESK}/workload"] == (2, 3)
    assert found["summary/online_share/now"] == (
        Rate(numerator=0, denominator=2, basis=Basis.RECEIVED),
        Rate(numerator=0, denominator=3, basis=Basis.RECEIVED),
    )
    assert "summary/resolved/now" not in found


@pytest.mark.usefixtures("writer")
def test_a_row_that_came_or_went_has_no_figure_on_one_side(central: Central) -> None:
    whole = made(central)
    sections = [replace(each, rows=[]) if each.id == "desks" else each for each in whole.sections]
    without = replace(whole, sections=sections)

    came = {str(each.at): (each.old, each.new) for each in differences(without, whole)}
    went = {str(each.at): (each.old, each.new) for each in differences(whole, without)}

    assert came[f"desks/{DESK}/workload"] == (None, 2)
    assert went[f"desks/{DESK}/workload"] == (2, None)
