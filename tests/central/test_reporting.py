"""A report of a unit: its tables agree with each other and with what the desks recorded, and it can be made again."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import orjson
import pytest

from central_server.central import Central
from central_server.reports.changes import Direction
from central_server.reports.choices import Choices, Mean, RateBasis
from central_server.reports.composing import KNOWN_OF_FEWER
from central_server.reports.layouts import Comparison
from central_server.reports.rates import Basis, OutOf, Rate
from central_server.reports.reconciling import SINCE
from central_server.reports.report import Report, Row, Section
from central_server.reports.wording import RECEIVED_CHANGE, RESTATED
from central_server.services import closing, external_figures, ruling, standing
from central_server.services.existence import UNKNOWN
from central_server.services.reporting import UnknownReport, make_report
from central_server.services.signing_in import UnknownUnit
from central_server.storage import units
from central_server.storage.database import reading, write_transaction
from central_server.storage.models import DeskRow, DeviceRow
from central_server.storage.units import EVERYTHING, Scope
from desk_client.desk import Desk
from sync_protocol.events import Resolved
from sync_protocol.instants import local_instant
from sync_protocol.periods import PeriodSeries, parse_period
from sync_protocol.vocabulary import ResultKind
from tests.central.writing import enrolled_writer
from tests.conftest import DESK, OTHER_DESK, Link, record, sync_quietly, take
from tests.factories import StandingClock

SERIES = PeriodSeries(last_day=20)
TEN = time(10)
OCTOBER = SERIES.month(2021, 10)
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
def test_reports_that_count_the_same_entries_say_the_same_ledger(central: Central, device: Desk, link: Link) -> None:
    first, again = (monthly(central).provenance.ledger for _ in range(2))
    record(device, on=date(2021, 10, 6))
    sync_quietly(device, link)

    later = monthly(central).provenance.ledger

    assert first == again != later


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
@pytest.mark.parametrize(("enrolled_on", "is_whole"), [(date(2021, 8, 21), True), (date(2021, 8, 22), False)])
def test_nobody_says_of_a_month_before_the_first_machine_that_nothing_was_received_in_it(
    central: Central, enrolled_on: date, is_whole: bool
) -> None:
    ruling.rule_existence(central, UNKNOWN, first_on=date(2021, 1, 1), by="tinh", reason="Bắt đầu dùng phần mềm")
    with write_transaction(central.database):
        DeviceRow.update(enrolled_at=local_instant(enrolled_on, TEN)).where(DeviceRow.desk == DESK).execute()
        unit = DeskRow.get(DeskRow.code == DESK).unit_id

    report = make_report(central, EVERYTHING, "monthly", OCTOBER, unit_id=unit)

    assert (KNOWN_OF_FEWER[Comparison.BEFORE] in table(report, "summary").notes) is not is_whole
    assert (RECEIVED_CHANGE["change"][Direction.FIRST] in [each.text for each in report.text]) is is_whole


@pytest.mark.usefixtures("worked")
@pytest.mark.parametrize(("is_exempt_now", "is_compared"), [(False, True), (True, False)])
def test_a_desk_that_is_known_in_neither_period_does_not_keep_them_from_being_compared(
    central: Central, is_exempt_now: bool, is_compared: bool
) -> None:
    with write_transaction(central.database):
        DeviceRow.update(enrolled_at=local_instant(date(2021, 8, 1), TEN)).execute()
    if is_exempt_now:
        days: dict[str, Any] = {"first_on": OCTOBER.first_on, "last_on": OCTOBER.last_on}
        ruling.exempt(central, OTHER_DESK, **days, by="tinh", reason="Trụ sở ngập")

    notes = table(monthly(central), "summary").notes

    assert (KNOWN_OF_FEWER[Comparison.BEFORE] not in notes) is is_compared


@pytest.mark.usefixtures("worked")
def test_a_desk_that_has_nothing_has_its_row(central: Central) -> None:
    report = monthly(central)

    assert len(table(report, "desks").rows) == report.desks + 1
    assert row(report, "desks", OTHER_DESK)["workload"] == 0


@pytest.mark.usefixtures("worked")
def test_every_layout_is_made_of_the_same_dossiers(central: Central) -> None:
    """The desk's dossiers are all of October, which is the last month of no quarter."""
    series = central.about().series
    for name, period in (("quarterly", "2021-Q4"), ("yearly", "2021"), ("desks", "2021-10"), ("ii06a", "2021-10")):
        report = make_report(central, EVERYTHING, name, parse_period(period, series))

        assert all(section.rows for section in report.sections)
        assert row(report, "units" if name == "ii06a" else "districts", "")["workload"] == 3


@pytest.mark.usefixtures("worked")
def test_a_year_tells_its_months_and_what_was_published_of_them(
    central: Central, device: Desk, link: Link, clock: StandingClock
) -> None:
    """A month is closed with what had arrived; one more dossier of it comes later."""
    for month in range(1, 11):
        closing.close(central, SERIES.month(2021, month), by="tinh", reason="Chưa đủ máy")
    record(device, on=date(2021, 10, 6))
    sync_quietly(device, link)

    report = make_report(central, EVERYTHING, "yearly", SERIES.months(2021, 10, count=10))

    line = row(report, "reconciliation", "received_new")
    assert (line["published"], line["since"], line["months"], line["whole"]) == (3, 1, 4, 4)
    assert line["why"] == SINCE
    assert len(table(report, "months").rows) == 11


def test_months_say_what_each_of_them_says_by_itself(central: Central) -> None:
    """A dossier is carried through several months; one ends in the month after it came, one by post at once."""
    writer = enrolled_writer(central)
    for received_on, ended_on in ((date(2021, 3, 1), date(2021, 6, 1)), (date(2021, 5, 1), date(2021, 5, 25))):
        subject = writer.receive(received_on, channel="online")
        writer.write("resolve", {"result_kind": "granted"}, subject=subject, happened_at=local_instant(ended_on, TEN))
    writer.receive(date(2021, 6, 2))
    writer.send()

    year = make_report(central, EVERYTHING, "yearly", SERIES.months(2021, 9, count=9))

    shown = ("carried_over", "received_new", "received_online", "resolved", "in_process", "workload")
    for number in range(1, 10):
        month = make_report(central, EVERYTHING, "monthly", SERIES.month(2021, number))
        line = row(year, "months", f"{number:02}/2021")
        assert [line[name] for name in shown] == [row(month, "summary", name)["now"] for name in shown]


@pytest.mark.usefixtures("worked")
def test_clerks_are_told_of_a_single_desk_alone(central: Central, device: Desk) -> None:
    with reading(central.database):
        desk = units.desk(EVERYTHING, DESK, OCTOBER.last_on)
    assert desk

    alone = make_report(central, EVERYTHING, "desks", OCTOBER, unit_id=desk.unit.id)
    whole = make_report(central, EVERYTHING, "desks", OCTOBER)

    assert [(each.key, each.cells[0]) for each in table(alone, "clerks").rows] == [("truong", 3), ("", 3)]
    assert "clerks" not in {section.id for section in whole.sections}


@pytest.mark.usefixtures("worked")
def test_choices_are_told_with_the_figures_that_they_make(central: Central) -> None:
    chosen = Choices(basis=RateBasis.RECEIVED, mean=Mean.UNITS)

    report = make_report(central, EVERYTHING, "monthly", OCTOBER, choices=chosen)

    assert row(report, "districts", "")["on_time_rate_received"] == Rate(
        numerator=1, denominator=3, basis=Basis.RECEIVED
    )
    rules = orjson.loads(report.as_json())["rules"]
    assert (rules["basis"], rules["mean"], rules["closed_other"]) == ("received", "units", "outside")
    assert rules["steady_percent_below"] == "1"


@pytest.mark.usefixtures("worked")
def test_what_a_document_tells_stands_apart_with_its_source(central: Central) -> None:
    told = {"indicator": "visitors", "unit_code": "26", "period": "2021-10", "value": "1.234", "source": "BC 15"}
    external_figures.add(central, EVERYTHING, told, by="tinh")

    report = monthly(central)

    line = row(report, "external", "visitors.26")
    assert (line["value"], line["source"]) == (1_234, "BC 15")
    assert line["unit"] == report.unit_name


@pytest.mark.usefixtures("worked")
def test_a_commune_is_not_told_what_the_book_says_of_its_district(central: Central) -> None:
    with reading(central.database):
        desk = units.desk(EVERYTHING, DESK, OCTOBER.last_on)
    assert desk
    told = {"indicator": "visitors", "period": "2021-10", "value": "1.234", "source": "BC 15"}
    external_figures.add(central, EVERYTHING, told | {"unit_code": desk.district.code}, by="tinh")

    commune = make_report(central, EVERYTHING, "monthly", OCTOBER, unit_id=desk.unit.id)
    district = make_report(central, EVERYTHING, "monthly", OCTOBER, unit_id=desk.district.id)

    assert "external" not in {section.id for section in commune.sections}
    assert "external" in {section.id for section in district.sections}


@pytest.mark.usefixtures("worked")
def test_the_text_tells_the_figures_of_the_tables(central: Central) -> None:
    report = monthly(central)

    first = report.text[0]
    assert report.at(first.figures["received"])[1] == 3
    assert first.opens


@pytest.mark.usefixtures("worked")
def test_a_quarter_has_the_scores_of_its_units(central: Central) -> None:
    report = make_report(central, EVERYTHING, "quarterly", SERIES.months(2021, 12, count=3))

    [scored] = [each.cells[:4] for each in table(report, "scoring").rows if each.cells[0]]
    assert list(scored) == [Decimal(2), OutOf(count=2, of=9), "Class: weak", "Class: excellent"]
    assert "scoring" not in {section.id for section in monthly(central).sections}


@pytest.mark.usefixtures("worked")
def test_a_restated_period_says_so(central: Central, device: Desk, link: Link) -> None:
    closing.close(central, OCTOBER, by="tinh", reason="Chưa đủ máy")
    record(device, on=date(2021, 10, 6))
    sync_quietly(device, link)
    closing.restate(central, OCTOBER, by="tinh", reason="Hồ sơ đến sau")

    report = monthly(central)

    assert report.restated == 1
    assert RESTATED in [each.text for each in report.text]


def test_a_year_before_is_the_same_months_of_any_number(central: Central) -> None:
    """Ten months have no period of their kind that ends just before them a year ago; they are compared all the same."""
    report = make_report(central, EVERYTHING, "yearly", SERIES.months(2021, 10, count=10))

    assert row(report, "summary", "received_new")["year_before"] == 0
