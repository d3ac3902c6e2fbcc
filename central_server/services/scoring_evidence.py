"""What scoring knows besides the dossiers: complaints, figures by their documents, and what procedures are offered.

That there were no complaints has to be told: by a figure of the unit, or of one above it, that agrees with the book.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from central_server.reports.listed_procedures import ListedProcedure, decisions_text
from central_server.reports.scoring import Share
from central_server.services.external_figures import figures_of
from central_server.storage import complaints, procedures, units
from central_server.storage.complaints import Complaint, Finding
from central_server.storage.external_figures import ExternalFigure
from central_server.storage.units import UnitNode
from sync_protocol.periods import Period
from sync_protocol.vocabulary import UnitLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A share of the procedures of a level, and the decisions that say so, "" where they are not told."""

    share: Share
    decisions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a period.

    complaints  those that stand, of every period
    figures     by indicator and unit
    chains      of each unit, itself and those above it
    """

    period: Period
    complaints: Sequence[Complaint]
    figures: Mapping[tuple[str, str], ExternalFigure]
    chains: Mapping[str, Sequence[str]]
    offered: Mapping[tuple[str, UnitLevel], Offered]

    @property
    def upheld_codes(self) -> set[str]:
        """Codes of the dossiers about which a complaint was upheld, whenever."""
        return {each.dossier_code for each in self._upheld if each.dossier_code}

    def upheld_apart(self) -> Counter[tuple[str, str]]:
        """Upheld complaints of the period that name no dossier, by unit under no clerk, and by the clerk named."""
        named = [each for each in self._upheld if not each.dossier_code and each.received_on in self.period]
        return Counter(key for each in named for key in {(each.unit_id, ""), (each.unit_id, each.clerk)})

    def are_complaints_known(self, unit: UnitNode) -> bool:
        """Whether the number told for the unit, or for one above it, is that of the complaints in the book."""
        return any(
            told.value == self._count(id_)
            for id_ in self.chains[unit.id]
            if (told := self.figures.get(("complaints_received", id_)))
        )

    def answers(self, unit: UnitNode) -> tuple[int, int]:
        """Complaints about a unit whose answer fell due in the period, and those of them answered in time."""
        due = [each for each in self.complaints if each.unit_id == unit.id and each.answer_due_on in self.period]
        return len(due), sum(each.is_in_time for each in due)

    def points(self, indicator: str, unit: UnitNode) -> tuple[Decimal | None, str]:
        """Points that a document tells, and the document."""
        told = self.figures.get((indicator, unit.id))
        return (told.value, told.source) if told else (None, "")

    def share(self, indicator: str, unit: UnitNode) -> tuple[Share | None, str]:
        """A share that a document tells, and the document; else that of the list of procedures, if it says it."""
        told = self.figures.get((indicator, unit.id))
        if told:
            return _share(told), told.source
        offered = self.offered.get((indicator, unit.level))
        return (offered.share, offered.decisions) if offered else (None, "")

    @property
    def _upheld(self) -> list[Complaint]:
        return [each for each in self.complaints if each.finding is Finding.UPHELD]

    def _count(self, unit_id: str) -> int:
        in_period = (each for each in self.complaints if each.received_on in self.period)
        return sum(unit_id in self.chains.get(each.unit_id, (each.unit_id,)) for each in in_period)


def evidence_of(period: Period, of_units: Iterable[UnitNode]) -> Evidence:
    """What is known of units in a period, inside the caller's transaction."""
    scored = list(of_units)
    tree = {**units.tree(period.last_on), **{unit.id: unit for unit in scored}}
    chains = {id_: (id_, *unit.parents) for id_, unit in tree.items()}
    figures = figures_of(period, {id_ for unit in scored for id_ in chains[unit.id]})
    listed = procedures.listed(period.last_on)
    return Evidence(
        period=period,
        complaints=complaints.standing(),
        figures={(each.indicator, each.unit_id): each for each in figures},
        chains=chains,
        offered={
            (indicator, level): offered
            for level in {unit.level for unit in scored}
            for indicator, offered in _offered([each for each in listed if level in each.levels])
        },
    )


def _offered(listed: Sequence[ListedProcedure]) -> Iterator[tuple[str, Offered]]:
    """A list that says of no procedure that it is offered so has not been told, rather than that none is."""
    ways = {
        "procedures_on_the_spot": [each for each in listed if each.is_on_the_spot],
        "procedures_online": [each for each in listed if each.is_offered_online],
    }
    for indicator, chosen in ways.items():
        if chosen:
            decisions = decisions_text(each.decision for each in chosen)
            yield indicator, Offered(share=Share(part=len(chosen), whole=len(listed)), decisions=decisions)


def _share(told: ExternalFigure) -> Share:
    if told.numerator is not None and told.denominator:
        return Share(part=told.numerator, whole=told.denominator)
    exact = Fraction(told.value) / 100
    return Share(part=exact.numerator, whole=exact.denominator)
