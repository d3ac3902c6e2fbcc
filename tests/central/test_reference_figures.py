"""Time cut and procedures done on the spot, by the formulas of the domain guide and the decisions that say so."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from central_server.app import create_app
from central_server.central import Central
from central_server.reports.layouts import CUT_ALL, CUT_MOST
from central_server.reports.listed_procedures import Decision, ListedProcedure
from central_server.reports.rates import Basis, Rate
from central_server.reports.reference_figures import cut_procedures, offered, time_cut
from central_server.reports.report import Report, Row
from central_server.services import founding, signing_in
from central_server.services.reporting import make_report
from central_server.storage.units import EVERYTHING
from sync_protocol.calendars import TimeLimit
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.procedures import OnTheSpot, ProcedureLimit, ServiceLevel
from sync_protocol.vocabulary import LimitUnit, Role, UnitLevel
from tests.central.browsing import PASSWORD, browser
from tests.factories import StandingClock

SERIES = PeriodSeries(last_day=20)
OCTOBER = SERIES.month(2021, 10)
HEAD = "code,name,field,level,time_limit_working_days,fee_vnd,source,service_level,on_the_spot,valid_from,valid_to,"
PROCEDURES = f"""{HEAD}decision,decided_on
9.000001,Việc một,Lĩnh vực A,commune,3,0,invented,full_online,four,2020-01-01,,QĐ 12/QĐ-UBND,2019-12-20
9.000002,Việc hai,Lĩnh vực A,commune,3,0,invented,,,2020-01-01,,,
9.000003,Việc ba,Lĩnh vực B,province,3,0,invented,,five,2020-01-01,,QĐ 13/QĐ-UBND,
9.000004,Việc cũ,Lĩnh vực B,province,3,0,invented,,four,2020-01-01,2021-10-19,QĐ 1/QĐ-UBND,
"""
LIMITS = """code,limit_value,limit_unit,fee_basis,channels,note,statutory_value,statutory_unit,decision,decided_on
9.000001,7.5,working_day,per_case,direct,,15,working_day,QĐ 15/QĐ-UBND,2021-01-05
9.000002,5,working_day,per_case,direct,,5,working_day,,
9.000003,20,calendar_day,per_case,direct,,30,calendar_day,QĐ 16/QĐ-UBND,
9.000004,1,working_day,per_case,direct,,9,working_day,,
"""
UNITS = ["same_day", "hour", "half_day", "working_day", "calendar_day"]
DAYS = {"half_day": ("work", Decimal("0.5")), "working_day": ("work", Decimal(1)), "calendar_day": ("all", Decimal(1))}
SIDES = st.none() | st.tuples(st.integers(1, 40), st.sampled_from(UNITS))


@pytest.fixture
def loaded(central: Central, clock: StandingClock) -> Central:
    """A centre whose list has four procedures more, one of them ended the day before the period does."""
    founding.load(central, "procedures", PROCEDURES)
    founding.load(central, "limits", LIMITS)
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    return central


def limit_of(told: tuple[int, str] | None) -> TimeLimit | None:
    if told is None:
        return None
    value, unit = told
    return TimeLimit(value=Decimal(0 if unit == "same_day" else value), unit=LimitUnit(unit))


def listed(code: str, statutory: tuple[int, str] | None, committed: tuple[int, str] | None, **more: Any) -> Any:
    usual: dict[str, Any] = {"name": f"Việc {code}", "field": "A", "levels": frozenset({"commune"})}
    limit = ProcedureLimit(statutory=limit_of(statutory), committed=limit_of(committed))
    return ListedProcedure(code=code, limit=limit, **usual | more)


def rows_of(report: Report, section: str) -> dict[str, Row]:
    [found] = [each for each in report.sections if each.id == section]
    return {row.key: row for row in found.rows}


@given(told=st.lists(st.tuples(st.sampled_from("AB"), SIDES, SIDES), max_size=12))
def test_what_was_cut_is_a_share_of_all_the_time_that_the_law_gives(told: list[Any]) -> None:
    procedures = [listed(str(at), law, own, field=field) for at, (field, law, own) in enumerate(told)]

    rows: dict[str, Any] = {row.key: row.cells for row in time_cut(procedures).rows}

    for field in ("A", "B", ""):
        for unit, kind in (("working_day", "work"), ("calendar_day", "all")):
            pairs = [
                (law[0] * DAYS[law[1]][1], own[0] * DAYS[own[1]][1])
                for its_field, law, own in told
                if field in ("", its_field) and law and own
                if DAYS.get(law[1], ("", 0))[0] == DAYS.get(own[1], ("", 0))[0] == kind
            ]
            key = f"{field}.{unit}"
            assert (key in rows) == bool(pairs)
            if pairs:
                by_law, promised = (sum(side, Decimal(0)) for side in zip(*pairs, strict=True))
                count, cut, _, statutory, committed, rate, _ = rows[key]
                assert (count, cut) == (len(pairs), sum(own < law for law, own in pairs))
                assert (statutory, committed) == (by_law, promised)
                assert rate == Rate(numerator=by_law - promised, denominator=by_law, basis=Basis.STATUTORY)
    alike = sum(cells[0] for key, cells in rows.items() if key in (".working_day", ".calendar_day", ".hour"))
    assert not alike or rows.get(".not_compared", [0])[0] == len(told) - alike


def test_the_procedures_that_were_cut_the_most_come_first_and_a_year_lists_all() -> None:
    days = (20, "working_day")
    procedures = [listed(f"{at:02}", days, (20 - at, "working_day")) for at in range(13)]

    most, all_ = cut_procedures(CUT_MOST, procedures), cut_procedures(CUT_ALL, procedures)

    assert [row.key for row in most.rows] == [f"{at:02}" for at in range(12, 2, -1)]
    assert [row.key for row in all_.rows] == [f"{at:02}" for at in range(12, 0, -1)]
    assert (len(most.notes), len(all_.notes)) == (1, 0)


def test_a_list_that_says_of_none_that_it_is_done_so_has_not_been_told() -> None:
    told = listed("1", None, None, service_level=ServiceLevel.LEVEL_3)

    [row, total] = offered([told], [UnitLevel.COMMUNE]).rows
    silent = offered([listed("1", None, None)], [UnitLevel.COMMUNE])

    assert row.cells == [1, None, Rate(numerator=1, denominator=1, basis=Basis.LISTED), None]
    assert total.cells == row.cells
    assert silent.rows == []


def test_of_many_decisions_none_is_named() -> None:
    spot = {"on_the_spot": OnTheSpot.FOUR}
    procedures = [listed(str(at), None, None, decision=Decision(name=f"QĐ {at}"), **spot) for at in range(4)]

    three, four = (offered(some, [UnitLevel.COMMUNE]).rows[0].cells[3] for some in (procedures[:3], procedures))

    assert (three, four) == ("QĐ 0; QĐ 1; QĐ 2", None)


def test_a_report_tells_what_was_in_force_on_its_last_day_with_the_decisions(loaded: Central) -> None:
    report = make_report(loaded, EVERYTHING, "monthly", OCTOBER)

    spot, cut = rows_of(report, "listed"), rows_of(report, "time_cut")
    assert cut["Lĩnh vực A.working_day"].cells == [
        2, 1, "working days", 20, Decimal("12.5"),
        Rate(numerator=Decimal("7.5"), denominator=20, basis=Basis.STATUTORY), "QĐ 15/QĐ-UBND (05/01/2021)",
    ]  # fmt: skip
    assert cut["Lĩnh vực B.calendar_day"].cells[3:5] == [30, 20]
    assert (spot["commune"].cells[3], spot["province"].cells[3]) == ("QĐ 12/QĐ-UBND (20/12/2019)", "QĐ 13/QĐ-UBND")
    share, online = spot[""].cells[1:3]
    assert isinstance(share, Rate)
    assert isinstance(online, Rate)
    assert (share.numerator, online.numerator, share.denominator) == (2, 1, spot[""].cells[0])


@pytest.mark.parametrize(
    ("layout", "period", "tables"),
    [
        ("monthly", OCTOBER, {"listed", "time_cut"}),
        ("quarterly", SERIES.months(2021, 7, count=3), {"listed", "time_cut", "cut_procedures"}),
        ("yearly", SERIES.months(2021, 1, count=12), {"listed", "time_cut", "cut_procedures"}),
        ("desks", OCTOBER, set()),
        ("ii06a", OCTOBER, set()),
    ],
)
def test_the_provinces_reports_tell_it(loaded: Central, layout: str, period: Period, tables: set[str]) -> None:
    report = make_report(loaded, EVERYTHING, layout, period)

    assert {each.id for each in report.sections} & {"listed", "time_cut", "cut_procedures"} == tables


@pytest.fixture
def client(loaded: Central) -> FlaskClient:
    signing_in.add_user(
        loaded, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    return browser(create_app(loaded), "tinh")


def test_page_and_files_tell_the_same_shares_with_what_they_are_made_of(client: FlaskClient) -> None:
    page = client.get("/reports?period=2021-10").text
    sheets = openpyxl.load_workbook(BytesIO(client.get("/reports/monthly.xlsx?period=2021-10").data))
    json = orjson.loads(client.get("/reports/monthly.json?period=2021-10").data)

    assert "Time cut (of the time by law)" in page
    assert "37.5%" in page
    assert "7.5/20" in page
    cells = [list(row) for row in sheets["Time cut from the limits by law"].iter_rows(values_only=True)]
    [row] = [row for row in cells if row[0] == "Lĩnh vực A.working_day"]
    assert row[2:8] == [2, 1, "working days", 20, 12.5, 0.375]
    [section] = [each for each in json["sections"] if each["id"] == "time_cut"]
    [told] = [each for each in section["rows"] if each["key"] == "Lĩnh vực A.working_day"]
    assert told["cells"]["time_cut"] == {
        "numerator": "7.5", "denominator": 20, "basis": "statutory", "percent": "37.5"
    }  # fmt: skip
    assert date(2021, 10, 20).isoformat() == json["units_on"]
