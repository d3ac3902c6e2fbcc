"""Rankings: the same value has the same rank, and who is not known is neither best nor worst."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central_server.reports.counts import Counts
from central_server.reports.ranking import DUE_UNKNOWN, EXEMPT, NO_BASE, NOT_COVERED, ranks
from central_server.reports.rates import Basis, Rate
from central_server.reports.report import Report
from sync_protocol.vocabulary import Standing
from tests.central.composed import by_desk, cell, composed, table


def done(early: int, late: int = 0, **more: int) -> Counts:
    """So many resolved early and late."""
    return Counts(received_direct=early + late + sum(more.values()), resolved_early=early, resolved_late=late, **more)


def ranked(report: Report, id_: str) -> list[tuple[object, str]]:
    """Rank and key of the rows of a ranking."""
    return [(row.cells[0], row.key) for row in table(report, id_).rows]


def test_the_same_value_has_the_same_rank_and_the_next_one_counts_them() -> None:
    assert ranks([Decimal(5), Decimal(9), Decimal(9), Decimal(1)]) == [3, 1, 1, 4]


@given(values=st.lists(st.decimals(0, 100, places=2)))
def test_a_rank_is_one_more_than_there_are_better_values(values: list[Decimal]) -> None:
    assert ranks(values) == [1 + sum(other > value for other in values) for value in values]


def test_units_are_ranked_by_the_rate_that_is_printed() -> None:
    """Both are 66.67 % on paper, where nobody sees why one should stand before the other."""
    report = composed(by_desk(done(20_000, 10_000), done(20_001, 10_000), done(9, 1)))

    assert ranked(report, "ranking_on_time") == [(1, "C"), (2, "A"), (2, "B")]


def test_almost_all_is_ranked_after_all() -> None:
    report = composed(by_desk(done(99_999, 1), done(3)))

    assert ranked(report, "ranking_on_time") == [(1, "B"), (2, "A")]


def test_what_is_received_has_its_own_ranking() -> None:
    report = composed(by_desk(done(3), done(5, 5), done(3)))

    assert ranked(report, "ranking_received") == [(1, "B"), (2, "A"), (2, "C")]


@pytest.mark.parametrize(
    ("apart", "facts", "reason"),
    [
        (done(0, 8), {"is_known": False}, NOT_COVERED),
        (done(0, 8, due_unknown=1), {}, DUE_UNKNOWN),
        (Counts(received_direct=8, in_time=8), {}, NO_BASE),
        (done(0, 8), {"standing": Standing.EXEMPT}, EXEMPT),
    ],
)
def test_who_is_not_known_stands_apart_with_the_reason(apart: Counts, facts: dict[str, object], reason: str) -> None:
    report = composed(by_desk(apart, done(1, 1), done(2), facts={0: facts}))

    assert ranked(report, "ranking_on_time") == [(1, "C"), (2, "B")]
    assert ranked(report, "unranked") == [(reason, "A")]


def test_a_tenth_of_what_fell_due_may_be_unknown() -> None:
    report = composed(by_desk(done(9, due_unknown=1), done(8, due_unknown=1), done(2)))

    assert [key for _, key in ranked(report, "ranking_on_time")] == ["A", "C"]


def test_the_ends_of_a_ranking_share_nobody_and_hold_all_of_a_rank() -> None:
    """Of five, at most two stand at each end; three share the lowest value."""
    report = composed(by_desk(done(4), done(3, 1), done(1, 1), done(2, 2), done(3, 3)), layout="desks")

    assert [rank for rank, _ in ranked(report, "best_desks")] == [1, 2]
    assert [rank for rank, _ in ranked(report, "worst_desks")] == [3, 3, 3]


def test_nobody_is_worst_where_all_are_equal() -> None:
    report = composed(by_desk(done(4), done(4), done(4)), layout="desks")

    assert len(ranked(report, "best_desks")) == 3
    assert "worst_desks" not in {section.id for section in report.sections}


def test_one_unit_alone_is_not_ranked() -> None:
    assert "ranking_on_time" not in {section.id for section in composed(by_desk(done(4))).sections}


def test_a_ranking_shows_what_it_goes_by() -> None:
    report = composed(by_desk(done(3, 1), done(4)))

    shown = cell(report, "ranking_on_time", "A", "on_time_rate_due")
    assert shown == Rate(numerator=3, denominator=4, basis=Basis.DUE)
