"""Rates as they are printed: with what they are made of, and never rounded into a claim that does not hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from babel.numbers import format_decimal

from sync_protocol.errors import N_
from sync_protocol.messages import Language

Amount = int | Decimal
"""A number of dossiers or procedures; or of days, which may have halves."""

DASH = "–"
HUNDREDTH = Decimal("0.01")
ALL = Decimal(100)


class Basis(StrEnum):
    """What a rate is a share of; those with `closed` hold what ended without a result, too.

    offered  newly received of procedures offered online; paid: payments noted, also where their way was not
    rated    citizens' answers, the unsatisfied included
    listed   procedures of the list; statutory: the time that the law gives them
    Source: domain guide 10.3.
    """

    DUE = "due"
    DUE_AND_CLOSED = "due_and_closed"
    RESOLVED = "resolved"
    RESOLVED_AND_CLOSED = "resolved_and_closed"
    RECEIVED = "received"
    WORKLOAD = "workload"
    DELIVERED = "delivered"
    OFFERED = "offered"
    PAID = "paid"
    RATED = "rated"
    LISTED = "listed"
    STATUTORY = "statutory"


BASIS_WORDS: Mapping[Basis, str] = {
    Basis.DUE: N_("of those due"),
    Basis.DUE_AND_CLOSED: N_("of those due and those ended without a result"),
    Basis.RESOLVED: N_("of those resolved"),
    Basis.RESOLVED_AND_CLOSED: N_("of those resolved and those ended without a result"),
    Basis.RECEIVED: N_("of those newly received"),
    Basis.WORKLOAD: N_("of all in hand"),
    Basis.DELIVERED: N_("of those handed over"),
    Basis.OFFERED: N_("of those newly received of procedures offered online"),
    Basis.PAID: N_("of payments noted"),
    Basis.RATED: N_("of all answers"),
    Basis.LISTED: N_("of the procedures listed"),
    Basis.STATUTORY: N_("of the time by law"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of a basis; of an empty one there is none."""

    numerator: Amount
    denominator: Amount
    basis: Basis

    @property
    def percent(self) -> Decimal | None:
        """The share in percent, two decimals, half up; None of nothing.

        Never 100 unless it is all, nor 0 unless it is none. Source: domain guide 10.3.
        """
        return percent_of(self.numerator, self.denominator)

    @property
    def exact(self) -> Fraction:
        """The share itself, of a basis that is not empty."""
        return Fraction(self.numerator) / Fraction(self.denominator)

    def text(self, language: Language) -> str:
        """As ``99,98%``; a dash of nothing."""
        return percent_text(self.percent, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOf:
    """So many of so many, as told and not computed with."""

    count: int
    of: int

    def __str__(self) -> str:
        return f"{self.count}/{self.of}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanRate:
    """The plain mean of the rates of units, each as heavy as another; `parts` are theirs, without those of nothing.

    It is another figure than the rate of all their dossiers together. Source: domain guide 10.3.
    """

    parts: Sequence[Rate]
    basis: Basis

    @property
    def percent(self) -> Decimal | None:
        """In percent, as `Rate.percent`; None of no unit."""
        exact = sum((each.exact for each in self.parts), Fraction())
        return percent_of(exact.numerator, exact.denominator * len(self.parts))

    def text(self, language: Language) -> str:
        """As ``99,98%``; a dash of no unit."""
        return percent_text(self.percent, language)


def percent_of(part: Amount, whole: Amount) -> Decimal | None:
    """A share in percent as `Rate.percent` gives it."""
    if not whole:
        return None
    share = rounded(100 * Fraction(part) / Fraction(whole))
    if part and not share:
        return HUNDREDTH
    if part != whole and share == ALL:
        return ALL - HUNDREDTH if part < whole else ALL + HUNDREDTH
    return share


def percent_text(percent: Decimal | None, language: Language) -> str:
    """A percentage with the separators of the language, a dash for none."""
    return DASH if percent is None else f"{number_text(percent, language)}%"


def plain_amount(amount: Amount) -> int | str:
    """An amount as JSON has it: one that is not whole as a text, so that it stays exact."""
    return amount if isinstance(amount, int) else str(amount)


def number_text(number: Amount, language: Language) -> str:
    """A number with the separators of the language, ``1.234``, ``99,98``."""
    return str(format_decimal(number.normalize() if isinstance(number, Decimal) else number, locale=language))


def rounded(exact: Fraction) -> Decimal:
    """Two decimals, half away from zero, as people round; in whole numbers, so that no half is lost."""
    size = abs(exact)
    hundredths = (200 * size.numerator + size.denominator) // (2 * size.denominator)
    return Decimal(hundredths if exact >= 0 else -hundredths) / 100
