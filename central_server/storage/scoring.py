"""What scoring asks of the dossiers, and the numbers that the province has set about it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from central_server.reports.scoring_rules import RuleSet
from central_server.storage.models import DossierRow, ScoringRuleRow
from central_server.storage.questions import day_told, of_desks
from central_server.storage.sets import CLOSED, HAS_RESULT
from sync_protocol.dossiers import Dossier, read_state
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Channel, DeskCode, ProcedureCode

MARKED = (b'"timeline"', b'"out_of_area"', b'"on_the_spot"', b'"is_erased"')
"""What the state of a dossier holds only where it is said of it; most dossiers need not be read."""

CHANNELS = {each.value: each for each in Channel}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedDossier:
    """A dossier with a result; `whole` is all of it, None where nothing of MARKED is said of it.

    received_ms  when it was received, in milliseconds since 1970 UTC
    """

    desk: DeskCode
    dossier_code: str
    procedure_code: ProcedureCode
    channel: Channel
    received_ms: int
    received_on: date
    received_by: str
    due_on: date | None
    ended_on: date
    whole: Dossier | None

    @property
    def received_at(self) -> datetime:
        """When it was received."""
        return datetime.fromtimestamp(self.received_ms / 1000, UTC)


def resolved(period: Period, desks: Collection[DeskCode]) -> Iterator[ResolvedDossier]:
    """The dossiers of these desks that have got their result in a period."""
    wanted = frozenset(desks)
    row = DossierRow
    named = (row.desk, row.dossier_code, row.procedure_code, row.channel, row.received_at, row.received_on)
    query = row.select(*named, row.received_by, row.due_on, row.ended_on, row.state).where(
        CLOSED, row.ended_on.between(period.first_on, period.last_on), HAS_RESULT
    )
    # As the database gives them: to make values of each column would be most of the work of a year.
    for *columns, state in row._meta.database.execute(of_desks(query, row.desk, desks)):
        if columns[0] in wanted:
            yield _resolved(columns, bytes(state))


def keep_rule(each: RuleSet) -> None:
    """Sets a number from a day on."""
    ScoringRuleRow.insert(
        name=each.name, valid_from=each.valid_from, value=str(each.value), source=each.source
    ).on_conflict(
        conflict_target=[ScoringRuleRow.name, ScoringRuleRow.valid_from],
        preserve=[ScoringRuleRow.value, ScoringRuleRow.source],
    ).execute()


def rule_rows() -> list[RuleSet]:
    """All that was set, oldest first."""
    return [
        RuleSet(name=row.name, valid_from=row.valid_from, value=Decimal(row.value), source=row.source)
        for row in ScoringRuleRow.select().order_by(ScoringRuleRow.valid_from, ScoringRuleRow.name)
    ]


def _resolved(columns: Sequence[Any], state: bytes) -> ResolvedDossier:
    desk, code, procedure, channel, received_ms, received_on, received_by, due_on, ended_on = columns
    return ResolvedDossier(
        desk=desk,
        dossier_code=code,
        procedure_code=procedure,
        channel=CHANNELS[channel],
        received_ms=received_ms,
        received_on=day_told(received_on),
        received_by=received_by,
        due_on=None if due_on is None else day_told(due_on),
        ended_on=day_told(ended_on),
        whole=read_state(state) if any(each in state for each in MARKED) else None,
    )
