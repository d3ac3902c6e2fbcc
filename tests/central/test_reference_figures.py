"""Time cut and procedures on the spot, by the formulas of the domain guide."""

from decimal import Decimal

from central_server.reports.material import ProcedureFacts
from central_server.reports.reference_figures import on_the_spot_procedures, time_cuts
from sync_protocol.calendars import TimeLimit
from sync_protocol.procedures import OnTheSpot, ProcedureLimit
from sync_protocol.vocabulary import LimitUnit


def limit(statutory: str, committed: str, *, units: tuple[str, str] = ("working_day", "working_day")) -> ProcedureLimit:
    """A limit of these days; "" where it is not stated."""
    by_law, own = (
        TimeLimit(value=Decimal(value), unit=LimitUnit(unit)) if value else None
        for value, unit in zip((statutory, committed), units, strict=True)
    )
    return ProcedureLimit(statutory=by_law, committed=own)


def test_what_was_cut_is_a_share_of_all_the_time_that_the_law_gives() -> None:
    cut = time_cuts([limit("15", "10"), limit("5", "5"), limit("10", "7.5")])[LimitUnit.WORKING_DAY]

    assert (cut.procedures, cut.statutory, cut.committed, cut.percent) == (3, 30, 22.5, Decimal(25))


def test_only_limits_of_the_same_unit_are_compared() -> None:
    cuts = time_cuts(
        [
            limit("15", "10"),
            limit("30", "20", units=("calendar_day", "calendar_day")),
            limit("20", "15", units=("calendar_day", "working_day")),
            limit("15", ""),
            limit("", "3"),
        ]
    )

    assert {unit.value: (each.procedures, each.percent) for unit, each in cuts.items()} == {
        "working_day": (1, Decimal("33.33")),
        "calendar_day": (1, Decimal("33.33")),
    }


def test_without_limits_there_is_nothing_to_cut() -> None:
    assert time_cuts([]) == {}


def test_procedures_on_the_spot_are_told_of_all_that_are_listed() -> None:
    facts = {
        code: ProcedureFacts(name="", field="", on_the_spot=each)
        for code, each in (("1", OnTheSpot.FOUR), ("2", OnTheSpot.NONE), ("3", OnTheSpot.FIVE))
    }

    assert on_the_spot_procedures(facts) == (2, 3)
