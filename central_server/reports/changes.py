"""What a figure has changed against an earlier one: a count in percent, a rate in percentage points, never mixed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from central_server.reports.rates import Rate, rounded

STEADY_PERCENT_MAX = Fraction(1)
"""A count that has moved by less than so many percent is told as about the same (*tương đương*): our own rule."""

STEADY_POINTS_MAX = Fraction(1, 10)
"""The same of a rate, in percentage points."""


RULES: Mapping[str, str] = {
    "steady_percent_below": str(STEADY_PERCENT_MAX),
    "steady_points_below": str(STEADY_POINTS_MAX),
    "first": "none_in_the_period_compared",
    "told_while_provisional": "up",
    "told_against_one_known_of_fewer_desks": "down",
}
"""What the words for changes mean, as a report says it of itself.

While figures are provisional only a rise of a count is told: what is still on its way may undo anything else. Against
a period that is known of fewer desks than this one only a fall is: what was received there may undo anything else.
"""


class Direction(StrEnum):
    """The word for a change: up (*tăng*), down (*giảm*), steady (*tương đương*), the same to the last one.

    first    something where the period compared has nothing; whether it is the first of all times is never claimed
    unknown  nobody knows what was there before
    """

    UP = "up"
    DOWN = "down"
    STEADY = "steady"
    SAME = "same"
    FIRST = "first"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountChange:
    """A count against an earlier one, None where that is not known; `percent` has two decimals."""

    before: int | None
    now: int

    @property
    def difference(self) -> int | None:
        """How many more."""
        return None if self.before is None else self.now - self.before

    @property
    def percent(self) -> Decimal | None:
        """By how much of what was before; None of nothing."""
        return rounded(Fraction(100 * (self.now - self.before), self.before)) if self.before else None

    @property
    def direction(self) -> Direction:
        """The word for it."""
        if self.before is None:
            return Direction.UNKNOWN
        if not self.before:
            return Direction.FIRST if self.now else Direction.SAME
        return _direction(Fraction(100 * (self.now - self.before), self.before), STEADY_PERCENT_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange:
    """A rate against an earlier one of the same basis, None where that is not known."""

    before: Rate | None
    now: Rate

    @property
    def points(self) -> Decimal | None:
        """How many percentage points more, two decimals, of the exact rates; None where one of them is none."""
        moved = self._moved
        return None if moved is None else rounded(moved)

    @property
    def direction(self) -> Direction:
        """The word for it."""
        return Direction.UNKNOWN if self._moved is None else _direction(self._moved, STEADY_POINTS_MAX)

    @property
    def _moved(self) -> Fraction | None:
        if self.before is None or not (self.before.denominator and self.now.denominator):
            return None
        if self.before.basis is not self.now.basis:
            return None
        return 100 * (self.now.exact - self.before.exact)


def _direction(moved: Fraction, steady_max: Fraction) -> Direction:
    if not moved:
        return Direction.SAME
    if abs(moved) < steady_max:
        return Direction.STEADY
    return Direction.UP if moved > 0 else Direction.DOWN
