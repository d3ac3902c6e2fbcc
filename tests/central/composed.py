"""Reports composed of counts that a test writes down, without a centre."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from central_server.reports.choices import USUAL, Choices
from central_server.reports.composing import sections
from central_server.reports.counts import Counts
from central_server.reports.layouts import LAYOUTS
from central_server.reports.material import DeskFacts, Material, ProcedureFacts
from central_server.reports.report import Cell, FigureAt, Provenance, Report, Section
from central_server.reports.wording import sentences
from sync_protocol.periods import Period
from sync_protocol.procedures import ServiceLevel
from sync_protocol.vocabulary import DeskCode, Standing, UnitLevel

DESK = DeskCode("H62.11.01")
CERTIFIED = "2.000815"
OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
AFTER = datetime(2021, 10, 25, 2, tzinfo=UTC)
PROCEDURES = {
    CERTIFIED: ProcedureFacts(
        name="Chứng thực bản sao", field="Chứng thực", agency="UBND cấp xã", service_level=ServiceLevel.LEVEL_3
    )
}


def desk(code: str = DESK, district: str = "A", **facts: Any) -> DeskFacts:
    """A desk that is known and has met the level, unless told otherwise."""
    usual: dict[str, Any] = {
        "named": (code, f"Bộ phận {code}"),
        "district": (district, f"Huyện {district}"),
        "level": UnitLevel.COMMUNE,
        "standing": Standing.MET,
        "before": None,
        "entered": 60,
        "is_known": True,
    }
    return DeskFacts(**usual | facts)


def material(
    counts: Counts, *, before: Counts | None = None, year_before: Counts | None = None, **more: Any
) -> Material:
    """One procedure at one desk."""
    usual: dict[str, Any] = {
        "now": {(DESK, CERTIFIED): counts},
        "before": before,
        "year_before": year_before,
        "desks": {DESK: desk()},
        "procedures": PROCEDURES,
    }
    return Material(**usual | more)


def by_desk(*counts: Counts, facts: Mapping[int, Mapping[str, Any]] | None = None, **more: Any) -> Material:
    """A desk for each of the counts, the first in district A, the second in B …; `facts` of some of them by number."""
    codes = [DeskCode(f"H62.11.{number:02d}") for number in range(1, len(counts) + 1)]
    told = facts or {}
    usual: dict[str, Any] = {
        "now": {(code, CERTIFIED): each for code, each in zip(codes, counts, strict=True)},
        "desks": {code: desk(code, **{"district": chr(65 + at), **told.get(at, {})}) for at, code in enumerate(codes)},
    }
    return material(Counts(), **usual | more)


def composed(of: Material, layout: str = "monthly", choices: Choices = USUAL, **told: Any) -> Report:
    """The report of October, known to its end and counted after it unless told otherwise."""
    usual: dict[str, Any] = {
        "layout": layout,
        "name": LAYOUTS[layout].name,
        "unit_code": "26",
        "unit_name": "Tỉnh Thử Nghiệm",
        "period": OCTOBER,
        "period_name": "2021-10",
        "provenance": Provenance(as_of=AFTER, units_on=OCTOBER.last_on, rules=choices.rules, ledger="", snapshot=""),
        "covered": 1,
        "desks": 1,
        "sections": sections(LAYOUTS[layout], of, choices),
    }
    report = Report(**usual | told)
    return replace(report, text=sentences(report, choices))


def table(report: Report, id_: str) -> Section:
    """A table of the report."""
    return next(each for each in report.sections if each.id == id_)


def cell(report: Report, section: str, row: str, column: str) -> Cell:
    """What stands at an address."""
    return report.at(FigureAt(section=section, row=row, column=column))[1]
