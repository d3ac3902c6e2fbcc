"""Dossiers at the centre: a projection of the ledger without personal data."""

from collections.abc import Collection, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import SQL, Database, fn

from central_server.storage.database import write_rows
from central_server.storage.models import DossierRow
from sync_protocol.dossiers import Dossier, read_state, state_bytes
from sync_protocol.instants import local_date
from sync_protocol.packs import Packs
from sync_protocol.periods import Period
from sync_protocol.values import value
from sync_protocol.vocabulary import DeskCode

# Spelled out, since a partial index serves only a question that says its condition in so many words. Each stage stands
# by itself: of a list in a condition, SQLite builds a table for every row that is written.
OPEN = SQL(
    "(stage = 'received' OR stage = 'processing' OR stage = 'awaiting_supplement' OR stage = 'awaiting_payment')"
)
COUNTED = SQL("(stage <> 'registered' AND stage <> 'not_accepted' AND stage <> 'voided')")
_ENTERED_LATE = SQL("recorded_on > received_on") & COUNTED


@value
class Projected:
    """A dossier with what follows from its entries and the reference packs that they name.

    due_at       its appointment, None where nothing is promised or the packs are not here
    recorded_on  local day on which its reception was entered, by the device's clock as corrected then
    ended_on, delivered_on, paid_on, rated_on  as the dossier's own
    counted_by   the packs by which the appointment was counted; None for what was read
    """

    dossier: Dossier
    due_at: datetime | None
    recorded_on: date
    ended_on: date | None
    delivered_on: date | None
    paid_on: date | None
    rated_on: date | None
    counted_by: Packs | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(
        cls, dossier: Dossier, *, due_at: datetime | None, recorded_on: date, counted_by: Packs | None = None
    ) -> "Projected":
        """Raises OverflowError where a day of it lies beyond every calendar."""
        return cls(
            dossier=dossier,
            due_at=due_at,
            recorded_on=recorded_on,
            ended_on=dossier.ended_on,
            delivered_on=dossier.delivered_on,
            paid_on=dossier.paid_on,
            rated_on=dossier.rated_on,
            counted_by=counted_by,
        )


class LateDossier(NamedTuple):
    """A dossier that was entered on a later day than it was received, by the device's clock; `clerk` entered it."""

    received_on: date
    recorded_on: date
    recorded_at: datetime
    clerk: str


CHANGING = tuple(name for name in DossierRow._meta.sorted_field_names if name not in ("desk", "id"))


def by_refs(desk: DeskCode, refs: Collection[str]) -> list[Projected]:
    """Dossiers of a desk that have one of these as their id or code, for those that are there, first recorded first."""
    if not refs:
        return []
    wanted = sorted(refs)
    # Two searches in one statement: with OR, SQLite reads all dossiers of the desk.
    by_id, by_code = (
        DossierRow.select(*_KEPT).where(DossierRow.desk == desk, column.in_(wanted))
        for column in (DossierRow.id, DossierRow.dossier_code)
    )
    found = [_projected(*row) for row in (by_id + by_code).tuples()]
    return sorted(found, key=lambda each: (each.dossier.recorded_at, each.dossier.id))


def open_ones(desk: DeskCode) -> list[Projected]:
    """Every dossier of a desk whose appointment may still move."""
    return [_projected(*row) for row in DossierRow.select(*_KEPT).where(DossierRow.desk == desk, OPEN).tuples()]


def keep(database: Database, desk: DeskCode, *, opened: Collection[Projected], changed: Collection[Projected]) -> None:
    """Writes dossiers as their events make them now: those that no row holds yet, and those that one does."""
    write_rows(database, DossierRow, _columns(desk, opened))
    write_rows(database, DossierRow, _columns(desk, changed), update=CHANGING)


def _columns(desk: DeskCode, kept: Collection[Projected]) -> dict[str, Sequence[Any]]:
    bare = [each.dossier for each in kept]
    return {
        "desk": [desk] * len(kept),
        "id": [each.id for each in bare],
        "dossier_code": [each.dossier_code for each in bare],
        "procedure_code": [each.procedure_code for each in bare],
        "channel": [each.channel.value for each in bare],
        "stage": [each.stage.value for each in bare],
        "received_at": [each.received_at for each in bare],
        "received_on": [each.received_on for each in bare],
        "recorded_at": [each.recorded_at for each in bare],
        "recorded_on": [each.recorded_on for each in kept],
        "received_by": [each.received_by for each in bare],
        "due_at": [each.due_at for each in kept],
        "due_on": [local_date(each.due_at) if each.due_at else None for each in kept],
        "resolved_at": [each.resolved_at for each in bare],
        "ended_on": [each.ended_on for each in kept],
        "delivered_at": [each.delivered_at for each in bare],
        "delivered_on": [each.delivered_on for each in kept],
        "delivered_by": [each.delivered_by.value if each.delivered_by else "" for each in bare],
        "is_supplemented": [each.is_supplemented for each in bare],
        "paid_on": [each.paid_on for each in kept],
        "payment_method": [each.payment_method.value if each.payment_method else "" for each in bare],
        "rated_on": [each.rated_on for each in kept],
        "rating": [each.rating.value if each.rating else "" for each in bare],
        "state": [state_bytes(each) for each in bare],
    }


def count() -> int:
    """How many dossiers the centre knows, voided ones among them."""
    return int(DossierRow.select().count())


def entered_for_earlier_days(period: Period) -> dict[DeskCode, int]:
    """Dossiers that were entered in a period and received before it, by desk."""
    row = DossierRow
    late = row.recorded_on.between(period.first_on, period.last_on), row.received_on < period.first_on
    rows = row.select(row.desk, fn.COUNT(row.received_on)).where(_ENTERED_LATE, *late).group_by(row.desk)
    return dict(rows.tuples())


def entered_late(desk: DeskCode, period: Period) -> list[LateDossier]:
    """Dossiers of a desk that were entered on a later day than received, one of which at least is of a period."""
    row = DossierRow
    # None was entered before it was received, so that all of them were entered since the period began.
    of_period = row.recorded_on >= period.first_on, row.received_on <= period.last_on
    is_within = (row.recorded_on <= period.last_on) | (row.received_on >= period.first_on)
    rows = row.select(row.received_on, row.recorded_on, row.recorded_at, row.received_by).where(
        _ENTERED_LATE, row.desk == desk, *of_period, is_within
    )
    return [LateDossier(*each) for each in rows.order_by(row.recorded_at, row.id).tuples()]


_KEPT = (DossierRow.state, DossierRow.due_at, DossierRow.recorded_on)


def _projected(state: bytes, due_at: datetime | None, recorded_on: date) -> Projected:
    return Projected.of(read_state(bytes(state)), due_at=due_at, recorded_on=recorded_on)
