"""The figures that do not come from dossiers, as data: what each one is called and what kind of number it is.

Each stands in reports with the document that tells it ("theo …"), apart from what was counted. Source: domain guide
10.3, 10.6; rates and counts that were published before are those of `reports.indicators`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from central_server.reports.indicators import INDICATORS
from central_server.reports.rates import rounded
from sync_protocol.errors import N_

PUBLISHED = "published_"
"""What the id of a figure that was published before begins with; the id of its indicator follows."""

VISITORS = "visitors"
"""People who came; told of a period, or day by day, which reports add up."""

POINTS_MAX = 2
SHARE_MAX = 100


class FigureKind(StrEnum):
    """A whole number; a share, told by its parts or as a percentage alone; or points from 0 to 2, or their mean."""

    COUNT = "count"
    SHARE = "share"
    POINTS = "points"


MOST = {FigureKind.SHARE: SHARE_MAX, FigureKind.POINTS: POINTS_MAX}
"""What figures of a kind never go beyond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalIndicator:
    """A figure from elsewhere; `name` is a text of the catalogue."""

    id: str
    name: str
    kind: FigureKind


def _counts(names: Mapping[str, str]) -> list[ExternalIndicator]:
    return [ExternalIndicator(id=id_, name=name, kind=FigureKind.COUNT) for id_, name in names.items()]


def _published() -> list[ExternalIndicator]:
    return [
        ExternalIndicator(
            id=PUBLISHED + each.id, name=each.name, kind=FigureKind.SHARE if each.basis else FigureKind.COUNT
        )
        for each in INDICATORS
    ]


EXTERNAL: Sequence[ExternalIndicator] = (
    *_counts(
        {
            VISITORS: N_("Visitors"),
            "visitors_a_day": N_("Visitors a day"),
            "received_elsewhere": N_("Dossiers received elsewhere"),
            "machine_very_satisfied": N_("Ratings of the machine: very satisfied"),
            "machine_satisfied": N_("Ratings of the machine: satisfied"),
            "machine_not_satisfied": N_("Ratings of the machine: not satisfied"),
            "complaints_received": N_("Complaints received, by the unit's own book"),
            "staff_full": N_("Staff rated with 100 % of their task"),
            "staff_part": N_("Staff rated with 70 % to under 100 % of their task"),
            "staff_below": N_("Staff rated with under 70 % of their task"),
        }
    ),
    ExternalIndicator(id="procedures_limit_cut", name=N_("Procedures whose time limit was cut"), kind=FigureKind.SHARE),
    ExternalIndicator(
        id="procedures_on_the_spot", name=N_("Procedures handled wholly at the desk"), kind=FigureKind.SHARE
    ),
    ExternalIndicator(
        id="procedures_received_at_desk",
        name=N_("Procedures received and returned at the desk"),
        kind=FigureKind.SHARE,
    ),
    ExternalIndicator(id="procedures_online", name=N_("Procedures offered online"), kind=FigureKind.SHARE),
    ExternalIndicator(id="score_agency_time", name=N_("Points: time of each agency"), kind=FigureKind.POINTS),
    ExternalIndicator(id="score_agencies", name=N_("Points: agencies contacted"), kind=FigureKind.POINTS),
    ExternalIndicator(id="score_publicity", name=N_("Points: publicity of procedures"), kind=FigureKind.POINTS),
    *_published(),
)
"""In the order of lists."""

EXTERNAL_BY_ID = {each.id: each for each in EXTERNAL}


def value_of(kind: FigureKind, value: Decimal | None, numerator: int | None, denominator: int | None) -> Decimal:
    """The value of a figure, computed where its parts are told; ValueError where the numbers do not make one.

    A told value has to be the computed one, as exactly as it is told.
    """
    if numerator is None and denominator is None and value is not None:
        return _plain(kind, value)
    if kind is FigureKind.COUNT or numerator is None or not denominator or min(numerator, denominator) < 0:
        raise ValueError
    exact = Fraction(numerator, denominator)
    if kind is FigureKind.SHARE:
        exact *= SHARE_MAX
    if exact > MOST[kind]:
        raise ValueError
    computed = rounded(exact)
    if value is not None and abs(Fraction(value) - exact) > Fraction(1, 2 * 10 ** _decimals(value)):
        raise ValueError
    return computed


def _plain(kind: FigureKind, value: Decimal) -> Decimal:
    is_whole = value == value.to_integral_value()
    if value < 0 or (kind is FigureKind.COUNT and not is_whole) or value > MOST.get(kind, value):
        raise ValueError
    return value


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
