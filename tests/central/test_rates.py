"""Rates and changes as they are published: exact where they are words of law, and never a claim that does not hold."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central_server.reports.changes import CountChange, Direction, RateChange
from central_server.reports.rates import Basis, Rate, rounded

COUNTS = st.integers(0, 2_000_000)


def rate(numerator: int, denominator: int, basis: Basis = Basis.DUE) -> Rate:
    """A share of what was due."""
    return Rate(numerator=numerator, denominator=denominator, basis=basis)


@pytest.mark.parametrize(
    ("numerator", "denominator", "vi", "en"),
    [
        (0, 0, "–", "–"),
        (0, 7, "0%", "0%"),
        (7, 7, "100%", "100%"),
        (1, 8, "12,5%", "12.5%"),
        (2, 3, "66,67%", "66.67%"),
        (1, 100_000, "0,01%", "0.01%"),
        (99_999, 100_000, "99,99%", "99.99%"),
        (100_001, 100_000, "100,01%", "100.01%"),
        (25_000, 2_000, "1.250%", "1,250%"),
        (10_005, 20_000, "50,03%", "50.03%"),
    ],
)
def test_a_rate_is_printed_with_two_decimals_and_the_marks_of_the_language(
    numerator: int, denominator: int, vi: str, en: str
) -> None:
    shown = rate(numerator, denominator)

    assert (shown.text("vi"), shown.text("en")) == (vi, en)


@given(COUNTS, COUNTS)
def test_all_is_said_of_all_and_none_of_none(numerator: int, denominator: int) -> None:
    percent = rate(numerator, denominator).percent

    assert (percent is None) == (denominator == 0)
    if percent is not None:
        assert (percent == 100) == (numerator == denominator)
        assert (percent == 0) == (numerator == 0)
        assert abs(Fraction(percent) - Fraction(100 * numerator, denominator)) <= Fraction(1, 100)


@given(st.integers(-(10**9), 10**9))
def test_a_half_is_rounded_away_from_zero(thousandths: int) -> None:
    sign = -1 if thousandths < 0 else 1
    hundredths = (abs(thousandths) + 5) // 10

    assert rounded(Fraction(thousandths, 1_000)) == Decimal(sign * hundredths) / 100


@pytest.mark.parametrize(
    ("before", "now", "difference", "percent", "direction"),
    [
        (None, 5, None, None, Direction.UNKNOWN),
        (0, 0, 0, None, Direction.SAME),
        (0, 3, 3, None, Direction.FIRST),
        (200, 200, 0, Decimal(0), Direction.SAME),
        (200, 201, 1, Decimal("0.5"), Direction.STEADY),
        (200, 202, 2, Decimal(1), Direction.UP),
        (200, 150, -50, Decimal(-25), Direction.DOWN),
    ],
)
def test_a_count_changes_in_percent_of_what_was_before(
    before: int | None, now: int, difference: int | None, percent: Decimal | None, direction: Direction
) -> None:
    change = CountChange(before=before, now=now)

    assert (change.difference, change.percent, change.direction) == (difference, percent, direction)


@pytest.mark.parametrize(
    ("before", "now", "points", "direction"),
    [
        (None, rate(1, 2), None, Direction.UNKNOWN),
        (rate(0, 0), rate(1, 2), None, Direction.UNKNOWN),
        (rate(1, 2), rate(1, 2, Basis.RESOLVED), None, Direction.UNKNOWN),
        (rate(1, 2), rate(2, 4), Decimal(0), Direction.SAME),
        (rate(1, 2), rate(3, 4), Decimal(25), Direction.UP),
        (rate(1_000, 2_000), rate(999, 2_000), Decimal("-0.05"), Direction.STEADY),
        (rate(1, 3), rate(1, 6), Decimal("-16.67"), Direction.DOWN),
    ],
)
def test_a_rate_changes_in_points_and_only_against_one_of_the_same_basis(
    before: Rate | None, now: Rate, points: Decimal | None, direction: Direction
) -> None:
    change = RateChange(before=before, now=now)

    assert (change.points, change.direction) == (points, direction)
