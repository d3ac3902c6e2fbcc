"""Rankings of units and desks: the same value has the same rank, and who is not known is never ranked worst.

Ranks go by the value as it is printed, so that no reader sees two equal values with different ranks. Source: domain
guide 10.2: what fell due at a desk that is not known lies outside rankings.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from central_server.reports.counts import Counts
from central_server.reports.indicators import Indicator
from central_server.reports.layouts import End, Table
from central_server.reports.material import Named
from central_server.reports.rates import Rate
from central_server.reports.report import Column, Row, Section
from sync_protocol.errors import N_

UNKNOWN_SHARE_MAX = Fraction(1, 10)
"""A unit is ranked while no larger share of its desks, or of what fell due there, is unknown: our own rule."""

EXEMPT = N_("Its desks are left out of judgement")
NOT_COVERED = N_("More than a tenth of its desks are not known to the period's end")
DUE_UNKNOWN = N_("Of more than a tenth of what fell due the result is not known")
NO_BASE = N_("There is nothing that it would be a share of")
SAME_RANK = N_("Who has the same value has the same rank. Units that are not known enough are listed apart.")

RANK = Column(id="rank", name=N_("Rank"))
REASON = Column(id="reason", name=N_("Why not ranked"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A unit or desk that may be ranked.

    desks, known  how many desks it has that are judged at all, and those of them that are known to the period's end
    """

    named: Named
    counts: Counts
    desks: int
    known: int

    def value(self, by: Indicator) -> Decimal | None:
        """What it is ranked by, as it is printed; None of a share of nothing."""
        value = by.of(self.counts)
        return value.percent if isinstance(value, Rate) else Decimal(value)

    def reason_apart(self, by: Indicator) -> str:
        """Why it is not ranked, a text of the catalogue; "" where it is."""
        unknown = self.counts.due_unknown
        if not self.desks:
            return EXEMPT
        if Fraction(self.desks - self.known, self.desks) > UNKNOWN_SHARE_MAX:
            return NOT_COVERED
        if unknown and Fraction(unknown, self.counts.due + unknown) > UNKNOWN_SHARE_MAX:
            return DUE_UNKNOWN
        return NO_BASE if self.value(by) is None else ""


def ranks(values: Sequence[Decimal]) -> list[int]:
    """The rank of each value, the highest first: 1, 2, 2, 4."""
    first = {value: rank for rank, value in reversed(list(enumerate(sorted(values, reverse=True), start=1)))}
    return [first[value] for value in values]


def ranking(table: Table, figures: Sequence[Indicator], candidates: Iterable[Candidate]) -> Section:
    """The ranking by the first of the figures, or the end of it that is shown; without rows of fewer than two."""
    by = figures[0]
    ranked = [
        (value, each) for each in candidates if not each.reason_apart(by) and (value := each.value(by)) is not None
    ]
    placed = sorted(
        zip(ranks([value for value, _ in ranked]), (each for _, each in ranked), strict=True),
        key=lambda place: (place[0], place[1].named),
    )
    shown = _end(placed, table.end, table.most) if len(placed) > 1 else []
    return Section(
        id=table.id,
        name=table.name,
        rows_of=table.cut.value,
        columns=[RANK, *(_column(each) for each in figures)],
        rows=[_row(each, [rank], figures) for rank, each in shown],
        notes=[SAME_RANK],
    )


def unranked(table: Table, figures: Sequence[Indicator], candidates: Iterable[Candidate]) -> Section:
    """Who is not ranked by the first of the figures, and why."""
    apart = [(each.reason_apart(figures[0]), each) for each in candidates]
    return Section(
        id=table.id,
        name=table.name,
        rows_of=table.cut.value,
        columns=[REASON, *(_column(each) for each in figures)],
        rows=[_row(each, [reason], figures) for reason, each in apart if reason],
    )


def _end(placed: Sequence[tuple[int, Candidate]], end: End, most: int | None) -> list[tuple[int, Candidate]]:
    """One end with whoever shares its last rank; nobody stands at both, and nobody is last where all are equal."""
    if end is End.WHOLE or most is None:
        return list(placed)
    count = min(most, len(placed) // 2)
    best = placed[count - 1][0]
    if end is End.BEST:
        return [place for place in placed if place[0] <= best]
    worst = max(placed[-count][0], best + 1)
    return [place for place in placed if place[0] >= worst]


def _row(candidate: Candidate, first: list[int] | list[str], figures: Sequence[Indicator]) -> Row:
    key, name = candidate.named
    return Row(key=key, name=name, cells=[*first, *(each.of(candidate.counts) for each in figures)])


def _column(figure: Indicator) -> Column:
    return Column(id=figure.id, name=figure.name, basis=figure.basis)
