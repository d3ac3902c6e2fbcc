"""The numbers of scoring as dated data: those of TT 01/2018 Đ.13–15, and what a province has set otherwise.

Source: domain guide 10.6. Where it names no number (the share of procedures handled wholly at a desk above the
commune) there is none until the province sets one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal

from sync_protocol.vocabulary import UnitLevel

CIRCULAR = "TT 01/2018/TT-VPCP"
IN_FORCE_FROM = date(2019, 1, 6)
NUMBER_MAX = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringRules:
    """Points, shares in percent, and the least totals of classes, each inclusive.

    best, middle           what an indicator gives at most, and half-way; 0 is always the least
    excellent … average    totals of a unit from which a class is reached; below the last one it is weak
    person_full, _part     totals of a person from which all, or 70 % of the task counts as done
    wholly_…               share of procedures handled wholly at a desk that gives the most, by level; None: not set
    online_procedures, online_dossiers, online_some  shares offered and received online; `online_some` gives half-way
    answered               share of complaints answered in time that gives half-way
    valid_from, sources    since when these hold, and what they rest on
    """

    best: Decimal = Decimal(2)
    middle: Decimal = Decimal(1)
    excellent: Decimal = Decimal(15)
    good: Decimal = Decimal(12)
    fair: Decimal = Decimal(9)
    average: Decimal = Decimal(6)
    person_full: Decimal = Decimal(5)
    person_part: Decimal = Decimal("3.5")
    wholly_commune: Decimal | None = Decimal(100)
    wholly_district: Decimal | None = None
    wholly_province: Decimal | None = None
    online_procedures: Decimal = Decimal(20)
    online_dossiers: Decimal = Decimal(30)
    online_some: Decimal = Decimal(15)
    answered: Decimal = Decimal(90)
    valid_from: date = field(default=IN_FORCE_FROM, metadata={"is_about": True})
    sources: tuple[str, ...] = field(default=(CIRCULAR,), metadata={"is_about": True})

    def wholly(self, level: UnitLevel) -> Decimal | None:
        """The share of procedures handled wholly at a desk of a level that gives the most; None where it is not set."""
        return {
            UnitLevel.COMMUNE: self.wholly_commune,
            UnitLevel.DISTRICT: self.wholly_district,
            UnitLevel.PROVINCE: self.wholly_province,
        }[level]

    def check(self) -> None:
        """ValueError where the numbers contradict one another."""
        descending = (
            (self.best, self.middle, Decimal(0)),
            (self.excellent, self.good, self.fair, self.average),
            (self.person_full, self.person_part),
            (self.online_dossiers, self.online_some),
        )
        for row in descending:
            if list(row) != sorted(set(row), reverse=True):
                raise ValueError(row)


NAMES = tuple(each.name for each in fields(ScoringRules) if not each.metadata)
"""What can be set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """A number that was set from a day on, by a decision."""

    name: str
    valid_from: date
    value: Decimal
    source: str


def rules_on(rows: Iterable[RuleSet], day: date) -> ScoringRules:
    """The numbers in force on a day: the circular's, and of each other one what was set last before it."""
    begun = sorted((each for each in rows if each.valid_from <= day), key=lambda each: each.valid_from)
    changed = {each.name: each for each in begun}
    if not changed:
        return ScoringRules()
    return replace(
        ScoringRules(),
        **{name: each.value for name, each in changed.items()},
        valid_from=begun[-1].valid_from,
        sources=(CIRCULAR, *sorted({each.source for each in changed.values()})),
    )
