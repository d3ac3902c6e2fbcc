"""Agencies and the decisions behind procedures: a procedure names an agency that was there, and who decided so."""

from datetime import date

import pytest

from central_server.central import Central
from central_server.reports.listed_procedures import Decision
from central_server.services import founding, scoring
from central_server.services.lines import BadFile
from central_server.storage import agencies, models, procedures
from central_server.storage.agencies import AgencyKind
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING
from sync_protocol.periods import PeriodSeries

AGENCIES = """code,name,kind,valid_from,valid_to
STP,Sở Tư pháp,department,,
STNMT,Sở Tài nguyên và Môi trường,department,,2025-02-28
STNMT,Sở Nông nghiệp và Môi trường,department,2025-03-01,
BHXH,Bảo hiểm xã hội tỉnh,vertical,,
"""
HEAD = "code,name,field,level,time_limit_working_days,fee_vnd,source,service_level,on_the_spot,competent_unit,"
PROCEDURES = f"""{HEAD}valid_from,valid_to,decision,decided_on
1.000001,Việc một,Hộ tịch,commune,3,0,invented,level_4,four,STP,2020-01-01,,QĐ 12/QĐ-UBND,2019-12-20
1.000002,Việc hai,Đất đai,commune,3,0,invented,,,Sở Tài nguyên và Môi trường,2020-01-01,2025-02-28,,
1.000003,Việc ba,Đất đai,commune,3,0,invented,,,STNMT,2025-03-01,,,
"""
OCTOBER = PeriodSeries(last_day=20).month(2021, 10)


@pytest.fixture
def loaded(central: Central) -> Central:
    founding.load(central, "agencies", AGENCIES)
    founding.load(central, "procedures", PROCEDURES)
    return central


def agency_names(central: Central) -> dict[str, str]:
    with reading(central.database):
        rows = models.Procedure.select().where(models.Procedure.code.startswith("1.00000"))
        return {row.code: row.competent_unit for row in rows}


def test_a_procedure_names_the_agency_by_the_name_that_it_bore_then(loaded: Central) -> None:
    assert agency_names(loaded) == {
        "1.000001": "Sở Tư pháp",
        "1.000002": "Sở Tài nguyên và Môi trường",
        "1.000003": "Sở Nông nghiệp và Môi trường",
    }


@pytest.mark.parametrize(
    ("told", "days"),
    [("Sở Ngoại vụ", "2020-01-01,"), ("Sở Tài nguyên và Môi trường", "2025-03-01,"), ("STNMT2", ",")],
)
def test_an_agency_that_was_not_there_is_refused_and_nothing_is_loaded(loaded: Central, told: str, days: str) -> None:
    line = f"1.000009,Việc chín,Đất đai,commune,3,0,invented,,,{told},{days},,"

    with pytest.raises(BadFile, match="no agency"):
        founding.load(loaded, "procedures", f"{HEAD}valid_from,valid_to,decision,decided_on\n{line}\n")

    assert "1.000009" not in agency_names(loaded)


def test_where_no_agencies_are_loaded_any_name_is_taken(central: Central) -> None:
    founding.load(central, "procedures", PROCEDURES)

    assert agency_names(central)["1.000001"] == "STP"


def test_agencies_keep_their_code_when_they_are_renamed(loaded: Central) -> None:
    founding.load(loaded, "agencies", AGENCIES)

    with reading(loaded.database):
        told = [(each.code, each.name, each.kind, each.valid_from) for each in agencies.agencies()]
    assert told == [
        ("BHXH", "Bảo hiểm xã hội tỉnh", AgencyKind.VERTICAL, date(2019, 1, 1)),
        ("STNMT", "Sở Tài nguyên và Môi trường", AgencyKind.DEPARTMENT, date(2019, 1, 1)),
        ("STNMT", "Sở Nông nghiệp và Môi trường", AgencyKind.DEPARTMENT, date(2025, 3, 1)),
        ("STP", "Sở Tư pháp", AgencyKind.DEPARTMENT, date(2019, 1, 1)),
    ]


@pytest.mark.parametrize("line", [",Sở Y tế,department,,", "SYT,,department,,", "SYT,Sở Y tế,ministry,,",
                                  "SYT,Sở Y tế,department,2021-02-01,2021-01-01"])  # fmt: skip
def test_an_agency_that_cannot_be_is_refused(central: Central, line: str) -> None:
    with pytest.raises(BadFile):
        founding.load(central, "agencies", f"code,name,kind,valid_from,valid_to\n{line}\n")

    with reading(central.database):
        assert agencies.agencies() == []


def test_a_version_and_a_limit_name_the_decision_that_announced_them(loaded: Central) -> None:
    founding.load(
        loaded,
        "limits",
        "code,limit_value,limit_unit,fee_basis,channels,note,statutory_value,statutory_unit,decision,decided_on\n"
        "1.000001,2,working_day,per_case,direct,,3,working_day,QĐ 15/QĐ-UBND,2021-01-05\n",
    )

    with reading(loaded.database):
        [first] = [each for each in procedures.listed(OCTOBER.last_on) if each.decision.name]
    assert first.decision == Decision(name="QĐ 12/QĐ-UBND", made_on=date(2019, 12, 20))
    assert first.limit_decision == Decision(name="QĐ 15/QĐ-UBND", made_on=date(2021, 1, 5))


def test_a_file_without_decisions_leaves_those_that_are_kept(loaded: Central) -> None:
    old = "code,name,field,level,time_limit_working_days,fee_vnd,source,valid_from\n"
    founding.load(loaded, "procedures", f"{old}1.000001,Việc một,Hộ tịch,commune,3,0,invented,2020-01-01\n")

    with reading(loaded.database):
        row = models.Procedure.get(models.Procedure.code == "1.000001")
    assert (row.decision, row.competent_unit) == ("QĐ 12/QĐ-UBND", "Sở Tư pháp")


def test_points_of_shares_name_the_decisions_of_the_list_of_procedures(loaded: Central) -> None:
    told = scoring.scores(loaded, EVERYTHING, OCTOBER)

    [row] = [each for each in told.units if each.unit.code == "08707"]
    assert {each.criterion.value: each.source for each in row.scores if each.source} == {
        5: "QĐ 12/QĐ-UBND (20/12/2019)",
        9: "QĐ 12/QĐ-UBND (20/12/2019)",
    }
