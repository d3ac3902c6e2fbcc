"""Tables of reports beside the plain ones: the form and its checks, months and the whole, desks that enter little."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central_server.reports import reconciling
from central_server.reports.changes import CountChange
from central_server.reports.choices import (
    KINDS,
    Awaiting,
    Choices,
    ClosedOther,
    Mean,
    RateBasis,
    UnknownChoice,
    choices,
)
from central_server.reports.composing import RUNNING
from central_server.reports.counts import IN_PROCESS, Counts, total
from central_server.reports.forms import HOLDS, HOLDS_WITH_BESIDE, checked
from central_server.reports.indicators import BASES, BY_ID
from central_server.reports.layouts import LAYOUTS
from central_server.reports.material import MonthCounted
from central_server.reports.rates import Basis, MeanRate, Rate
from sync_protocol.periods import PeriodSeries
from sync_protocol.procedures import ServiceLevel
from sync_protocol.vocabulary import Standing, UnitLevel
from tests.central.composed import CERTIFIED, DESK, PROCEDURES, by_desk, cell, composed, material, table

SERIES = PeriodSeries(last_day=20)
NUMBERS = st.integers(0, 30)
FULL = Counts(
    carried_over=4,
    received_direct=3,
    received_online=2,
    received_post=1,
    resolved_early=1,
    resolved_on_time=1,
    resolved_late=1,
    resolved_no_limit=1,
    withdrawn=1,
    in_time=1,
    awaiting=2,
    overdue=1,
    due_unknown=1,
)
"""A row in which every number of the form and beside it is there."""


@st.composite
def rows(draw: st.DrawFn) -> Counts:
    """A row whose workload is what became of it."""
    done = Counts(
        resolved_early=draw(NUMBERS),
        resolved_on_time=draw(NUMBERS),
        resolved_late=draw(NUMBERS),
        resolved_no_limit=draw(NUMBERS),
        sent_back=draw(NUMBERS),
        in_time=draw(NUMBERS),
        awaiting=draw(NUMBERS),
        overdue=draw(NUMBERS),
        due_unknown=draw(NUMBERS),
    )
    workload = done.resolved + done.closed_other + done.in_process
    carried, online = sorted((draw(st.integers(0, workload)), draw(st.integers(0, workload))))
    return done._replace(carried_over=carried, received_online=online - carried, received_direct=workload - online)


ALL_CHOICES = st.builds(Choices, **{name: st.sampled_from(list(kind)) for name, kind in KINDS.items()})


@given(row=rows(), chosen=ALL_CHOICES)
def test_the_form_adds_up_in_every_row_however_it_is_chosen(row: Counts, chosen: Choices) -> None:
    report = composed(material(row), layout="ii06a", choices=chosen)

    for line in table(report, "units").rows:
        columns = zip(table(report, "units").columns, line.cells, strict=True)
        by_number = {column.number or column.id: count for column, count in columns if isinstance(count, int)}
        of = [by_number.get(f"({number})", 0) for number in range(14)]
        beside = {id_: count for id_, count in by_number.items() if not id_.startswith("(")}
        assert of[3] == of[4] + of[5] + of[6] == of[7] + of[11] + beside.get("closed_other", 0)
        assert of[7] == of[8] + of[9] + of[10] + beside["resolved_no_limit"]
        assert of[11] == of[12] + of[13] + beside["due_unknown"] + beside.get("awaiting", 0)


def test_the_form_has_the_columns_of_the_form_in_its_order() -> None:
    columns = table(composed(material(FULL), layout="ii06a"), "units").columns

    assert [column.number for column in columns][:11] == [f"({number})" for number in range(3, 14)]
    assert [column.id for column in columns][11:] == ["resolved_no_limit", "closed_other", "due_unknown"]


def test_the_form_says_whether_its_checks_hold_by_its_own_columns_alone() -> None:
    plain = Counts(received_direct=2, resolved_early=1, overdue=1)

    assert table(composed(material(plain), layout="ii06a"), "units").notes == [HOLDS]
    assert table(composed(material(FULL), layout="ii06a"), "units").notes == [HOLDS_WITH_BESIDE]


def test_a_row_that_does_not_add_up_is_never_told() -> None:
    with pytest.raises(AssertionError):
        composed(material(Counts(received_direct=2, resolved_early=1)), layout="ii06a")


def test_the_form_checks_each_row_by_itself() -> None:
    with pytest.raises(AssertionError, match="workload"):
        checked([Counts(received_direct=2, resolved_early=1)], Choices())


@pytest.mark.parametrize(
    ("chosen", "id_", "rate"),
    [
        (Choices(), "on_time_rate_due", (2, 4)),
        (Choices(closed_other=ClosedOther.INSIDE), "on_time_rate_due_and_closed", (2, 5)),
        (Choices(basis=RateBasis.RESOLVED), "on_time_rate_resolved", (2, 4)),
        (
            Choices(basis=RateBasis.RESOLVED, closed_other=ClosedOther.INSIDE),
            "on_time_rate_resolved_and_closed",
            (2, 5),
        ),
        (Choices(basis=RateBasis.RECEIVED, closed_other=ClosedOther.INSIDE), "on_time_rate_received", (2, 6)),
    ],
)
def test_the_rate_in_time_is_of_the_base_that_is_chosen(chosen: Choices, id_: str, rate: tuple[int, int]) -> None:
    shown = cell(composed(material(FULL), choices=chosen), "summary", id_, "now")

    assert isinstance(shown, Rate)
    assert (shown.numerator, shown.denominator) == rate


def test_what_waits_is_in_time_or_apart() -> None:
    together, apart = (
        composed(material(FULL), choices=Choices(awaiting=awaiting)) for awaiting in (Awaiting.IN_TIME, Awaiting.APART)
    )

    assert cell(together, "summary", "in_process_in_time", "now") == 3
    assert cell(apart, "summary", "in_time_not_awaiting", "now") == 1


def test_the_mean_of_the_units_is_another_figure_than_the_rate_of_all() -> None:
    of = by_desk(Counts(received_direct=1, resolved_early=1), Counts(received_direct=3, resolved_late=3), Counts())

    report = composed(of, choices=Choices(mean=Mean.UNITS))

    pooled = cell(report, "districts", "", "on_time_rate_due")
    mean = cell(report, "districts", "mean", "on_time_rate_due")
    assert isinstance(pooled, Rate)
    assert str(pooled.percent) == "25"
    assert isinstance(mean, MeanRate)
    assert (str(mean.percent), len(mean.parts)) == ("50", 2)
    assert cell(report, "districts", "mean", "received_new") is None
    assert "mean" not in {row.key for row in table(composed(of), "districts").rows}


def test_a_mean_is_all_only_where_every_part_is() -> None:
    parts = [Rate(numerator=count, denominator=100_000, basis=Basis.DUE) for count in (100_000, 99_999)]

    assert str(MeanRate(parts=parts, basis=Basis.DUE).percent) == "99.99"
    assert MeanRate(parts=[], basis=Basis.DUE).percent is None


def test_a_choice_that_there_is_not_is_told() -> None:
    assert choices({"basis": "resolved", "period": "2021-10"}) == Choices(basis=RateBasis.RESOLVED)
    with pytest.raises(UnknownChoice):
        choices({"basis": "all"})


def months(*counts: Counts, published: int | None = None) -> list[MonthCounted]:
    """Months of 2021 in order, each published with the same number."""
    return [
        MonthCounted(period=SERIES.month(2021, at), name=f"{at:02}/2021", counts=each, published=published)
        for at, each in enumerate(counts, start=1)
    ]


JANUARY = Counts(received_direct=5, resolved_early=2, in_time=3)
FEBRUARY = Counts(carried_over=3, received_direct=1, resolved_early=2, in_time=2)
BOTH = Counts(received_direct=6, resolved_early=4, in_time=2)


def test_months_and_the_whole_are_told_with_what_parts_them_and_why() -> None:
    report = composed(material(BOTH, months=months(JANUARY, FEBRUARY, published=2)), layout="yearly")

    lines = {row.key: list(row.cells) for row in table(report, "reconciliation").rows}
    assert lines["received_new"] == [4, 2, 6, 0, 6, reconciling.SINCE]
    assert lines["resolved"] == [None, None, 4, 0, 4, reconciling.ADDS_UP]
    assert lines["carried_over"] == [None, None, 3, -3, 0, reconciling.CARRIED]
    assert lines["workload"] == [None, None, 9, -3, 6, reconciling.CARRIED]
    assert lines["in_process"] == [None, None, 5, -3, 2, reconciling.CARRIED]


def test_what_is_not_closed_has_not_been_published() -> None:
    report = composed(material(BOTH, months=months(JANUARY, FEBRUARY)), layout="yearly")

    assert cell(report, "reconciliation", "received_new", "why") == reconciling.NOT_ALL_CLOSED
    assert cell(report, "reconciliation", "received_new", "published") is None


def test_the_total_of_the_months_is_the_whole_and_not_their_sum() -> None:
    report = composed(material(BOTH, months=months(JANUARY, FEBRUARY)), layout="quarterly")

    assert [row.key for row in table(report, "months").rows] == ["01/2021", "02/2021", ""]
    assert cell(report, "months", "", "workload") == 6


@pytest.mark.parametrize("id_", ["months", "reconciliation"])
def test_no_figure_of_months_tells_apart_what_is_open(id_: str) -> None:
    """Of a month it is only known how much of it there is."""
    [figures] = [each.figures for each in LAYOUTS["yearly"].tables if each.id == id_]

    for figure in map(BY_ID.__getitem__, figures):
        for used in (set(figure.counts), set(BASES[figure.basis]) if figure.basis else set()):
            assert used.isdisjoint(IN_PROCESS) or used.issuperset(IN_PROCESS)


def test_a_month_of_which_something_is_lost_is_never_told() -> None:
    with pytest.raises(AssertionError):
        composed(material(BOTH, months=months(JANUARY, Counts())), layout="yearly")


def test_a_period_of_one_month_has_no_table_of_months() -> None:
    assert {"months", "reconciliation"}.isdisjoint(
        each.id for each in composed(material(BOTH), layout="yearly").sections
    )


def test_a_year_is_compared_with_the_year_before_alone() -> None:
    assert [column.id for column in table(composed(material(BOTH), layout="yearly"), "summary").columns] == [
        "now",
        "year_before",
        "year_change",
    ]


def test_a_running_period_says_that_it_is_compared_with_whole_ones() -> None:
    assert table(composed(material(BOTH, is_running=True)), "summary").notes == [RUNNING]
    assert not table(composed(material(BOTH)), "summary").notes


def test_desks_that_enter_little_are_told_by_district_with_what_has_changed() -> None:
    facts: dict[int, dict[str, Any]] = {
        0: {"standing": Standing.ZERO, "before": Standing.FEW, "district": "A"},
        1: {"standing": Standing.FEW, "before": Standing.FEW, "district": "A"},
        2: {"standing": Standing.SILENT, "before": Standing.ZERO, "district": "A", "is_known": False},
    }
    online = Counts(received_online=1, in_time=1)

    report = composed(by_desk(Counts(), online, Counts(), online, facts=facts))

    line = dict(
        zip([each.id for each in table(report, "idle").columns], table(report, "idle").rows[0].cells, strict=True)
    )
    assert (line["desks"], line["with_online"], line["zero"], line["few"], line["unknown"]) == (3, 1, 1, 1, 1)
    assert (line["zero_change"], line["few_change"]) == (CountChange(before=1, now=1), CountChange(before=2, now=1))
    assert cell(report, "idle", "", "desks") == 4
    assert [(row.key, row.cells[1]) for row in table(report, "idle_desks").rows] == [
        ("H62.11.01", "Entered nothing"),
        ("H62.11.02", "Entered few"),
    ]


@pytest.mark.parametrize(
    ("before", "zero_before", "told"),
    [(Standing.SILENT, None, "Not known"), (Standing.FEW, 0, "Entered few"), (None, 0, "Not flagged")],
)
def test_nobody_is_compared_with_a_period_of_which_nothing_is_known(
    before: Standing | None, zero_before: int | None, told: str
) -> None:
    report = composed(by_desk(Counts(), facts={0: {"standing": Standing.ZERO, "before": before}}))

    assert cell(report, "idle", "", "zero_change") == CountChange(before=zero_before, now=1)
    assert cell(report, "idle_desks", "H62.11.01", "before") == told


def test_a_desk_of_which_nothing_is_known_is_not_listed_as_entering_little() -> None:
    report = composed(by_desk(Counts(), facts={0: {"standing": Standing.NEVER_HEARD, "is_known": False}}))

    assert "idle_desks" not in {section.id for section in report.sections}


def test_the_province_centre_is_told_by_agency_without_the_desks_of_communes() -> None:
    of = by_desk(FULL, FULL, facts={0: {"level": UnitLevel.PROVINCE}})

    report = composed(of)

    assert [(row.key, row.cells[1]) for row in table(report, "centre").rows] == [("UBND cấp xã", 6), ("", 6)]
    assert [row.key for row in table(report, "levels").rows] == ["province", "commune", ""]


def test_service_levels_stand_in_their_order_with_what_is_not_listed_last() -> None:
    other = replace(PROCEDURES[CERTIFIED], service_level=ServiceLevel.NONE)
    now = {(DESK, code): FULL for code in (CERTIFIED, "1.000001", "9.999999")}

    report = composed(material(FULL, now=now, procedures={**PROCEDURES, "1.000001": other}))

    assert [row.name for row in table(report, "service_levels").rows] == [
        "Not offered online",
        "Level 3",
        "Not in the list of procedures",
        "In all",
    ]


def test_clerks_are_told_where_they_are_counted_and_nowhere_else() -> None:
    clerks = {(DESK, "lan"): FULL, (DESK, "truong"): FULL}
    now = {(DESK, CERTIFIED): total([FULL, FULL])}

    report = composed(material(FULL, now=now, by_clerk=clerks), layout="desks")

    assert [row.key for row in table(report, "clerks").rows] == ["lan", "truong", ""]
    assert "clerks" not in {section.id for section in composed(material(FULL), layout="desks").sections}


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_ids_of_a_report_are_addresses(layout: str) -> None:
    report = composed(by_desk(FULL, FULL), layout=layout)

    assert len({section.id for section in report.sections}) == len(report.sections)
    for section in report.sections:
        assert len({row.key for row in section.rows}) == len(section.rows)
        assert len({column.id for column in section.columns}) == len(section.columns)
