"""A report of a unit: its tables agree with each other and with what the desks recorded, and it can be made again."""

from datetime import UTC, date, datetime

import orjson
import pytest

from central_server.central import Central
from central_server.reports.rates import Basis, Rate
from central_server.reports.report import Report, Row, Section
from central_server.services import standing
from central_server.services.reporting import UnknownReport, make_report
from central_server.services.signing_in import UnknownUnit
from central_server.storage.units import EVERYTHING, Scope
from desk_client.desk import Desk
from sync_protocol.events import Resolved
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import ResultKind
from tests.conftest import DESK, OTHER_DESK, Link, record, sync_quietly, take
from tests.factories import StandingClock

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
CERTIFIED, MARRIED = "2.000815", "1.004873"


@pytest.fixture
def worked(device: Desk, link: Link, clock: StandingClock) -> None:
    """Three receptions of 4 October, one resolved the day after; then the period ended and the desk was heard again."""
    answered, _, _ = (record(device, procedure_code=code) for code in (MARRIED, MARRIED, CERTIFIED))
    clock.at = datetime(2021, 10, 5, 2, tzinfo=UTC)
    take(device, answered.id, Resolved(result_kind=ResultKind.GRANTED))
    clock.at = datetime(2021, 10, 22, 2, tzinfo=UTC)
    sync_quietly(device, link)


def monthly(central: Central, scope: Scope = EVERYTHING, unit: str | None = None) -> Report:
    """The report of October."""
    unit_id = standing.unit_id(central, unit, OCTOBER)
    return make_report(central, scope, "monthly", OCTOBER, unit_id=unit_id)


def table(report: Report, id_: str) -> Section:
    """A table of the report."""
    return next(each for each in report.sections if each.id == id_)


def row(report: Report, section: str, key: str) -> dict[str, object]:
    """The cells of a row by the ids of their columns."""
    found = table(report, section)
    line: Row = next(each for each in found.rows if each.key == key)
    return dict(zip([column.id for column in found.columns], line.cells, strict=True))


@pytest.mark.usefixtures("worked")
def test_the_tables_of_a_report_count_the_same_dossiers(central: Central) -> None:
    report = monthly(central)

    for section, key in (("districts", ""), ("fields", ""), ("desks", ""), ("desks", DESK)):
        cells = row(report, section, key)
        assert (cells["received_new"], cells["resolved"], cells["in_process"], cells["overdue"]) == (3, 1, 2, 2)
        assert cells["on_time_rate_due"] == Rate(numerator=1, denominator=3, basis=Basis.DUE)
    assert row(report, "summary", "received_new")["now"] == 3
    assert row(report, "procedures", MARRIED)["received_new"] == 2


@pytest.mark.usefixtures("worked")
def test_a_report_made_again_is_the_same_to_the_byte(central: Central) -> None:
    first, again = monthly(central).as_json(), monthly(central).as_json()

    assert first == again
    assert orjson.loads(first)["period"] == str(OCTOBER)


@pytest.mark.usefixtures("worked")
def test_a_report_of_a_unit_holds_its_desks_alone(central: Central) -> None:
    whole = monthly(central)
    district = table(whole, "districts").rows[0].key

    part = monthly(central, unit=district)

    assert part.unit_code == district
    assert {each.key for each in table(part, "desks").rows} <= {each.key for each in table(whole, "desks").rows}


def test_figures_are_provisional_while_a_desk_is_not_known(central: Central) -> None:
    report = monthly(central)

    assert report.is_provisional
    assert report.covered < report.desks


def test_what_is_no_report_and_no_unit_is_told(central: Central) -> None:
    with pytest.raises(UnknownReport):
        make_report(central, EVERYTHING, "weekly", OCTOBER)
    with pytest.raises(UnknownUnit):
        make_report(central, EVERYTHING, "monthly", OCTOBER, unit_id="none")


def test_a_comparison_with_nothing_is_none(central: Central) -> None:
    cells = row(monthly(central), "summary", "received_new")

    assert cells["now"] == 0
    assert date(2021, 9, 20) < OCTOBER.first_on
    assert cells["before"] == 0


@pytest.mark.usefixtures("worked")
def test_a_desk_that_has_nothing_has_its_row(central: Central) -> None:
    report = monthly(central)

    assert len(table(report, "desks").rows) == report.desks + 1
    assert row(report, "desks", OTHER_DESK)["workload"] == 0
