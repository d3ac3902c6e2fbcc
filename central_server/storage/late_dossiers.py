"""Single dossiers as lists of lateness show them: codes and dates, and nothing of any person."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from peewee import Expression

from central_server.storage.counting import AWAITING, CLOSED, ENDED
from central_server.storage.dossiers import OPEN
from central_server.storage.models import DossierRow
from central_server.storage.questions import of_desks
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode, DossierStage

IDS_NAMED_MAX = 200
"""So many dossiers are asked for by name at a time."""

Key = tuple[DeskCode, str]


@dataclass(frozen=True, slots=True)
class DueRow:
    """A dossier by what its lateness follows from; `ended_on` is None while no end is known."""

    desk: DeskCode
    id: str
    stage: DossierStage
    received_on: date
    due_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a list names a dossier by."""

    dossier_code: str
    procedure_code: str


def past_their_day(period: Period, end: date, desks: Collection[DeskCode]) -> Iterator[DueRow]:
    """Dossiers that were open at the end of a period, their clock running, though their day had passed.

    end  the last day of the period, or today while it is running; those that were closed since are among them
    """
    was_due = (DossierRow.due_on < end, DossierRow.received_on <= period.last_on)
    yield from _rows(desks, OPEN, *was_due, DossierRow.stage.not_in(AWAITING))
    yield from _rows(desks, CLOSED, *was_due, DossierRow.ended_on > period.last_on)


def resolved_late(period: Period, desks: Collection[DeskCode]) -> Iterator[DueRow]:
    """Dossiers that got their result in a period after their day."""
    within = DossierRow.ended_on.between(period.first_on, period.last_on)
    has_result = DossierRow.stage.not_in([stage.value for stage in ENDED])
    yield from _rows(desks, CLOSED, within, has_result, DossierRow.due_on < DossierRow.ended_on)


def named(keys: Sequence[Key]) -> dict[Key, Named]:
    """Code and procedure of single dossiers, asked for desk by desk."""
    ids: dict[DeskCode, list[str]] = {}
    for desk, id_ in keys:
        ids.setdefault(desk, []).append(id_)
    return {
        (desk, id_): Named(dossier_code=code, procedure_code=procedure)
        for desk, wanted in ids.items()
        for first in range(0, len(wanted), IDS_NAMED_MAX)
        for id_, code, procedure in DossierRow.select(DossierRow.id, DossierRow.dossier_code, DossierRow.procedure_code)
        .where(DossierRow.desk == desk, DossierRow.id.in_(wanted[first : first + IDS_NAMED_MAX]))
        .tuples()
    }


def _rows(desks: Collection[DeskCode], *conditions: Expression) -> Iterator[DueRow]:
    columns = (
        DossierRow.desk,
        DossierRow.id,
        DossierRow.stage,
        DossierRow.received_on,
        DossierRow.due_on,
        DossierRow.ended_on,
    )
    rows = of_desks(DossierRow.select(*columns).where(*conditions), DossierRow.desk, desks)
    for desk, id_, stage, received_on, due_on, ended_on in rows.tuples():
        if desk in desks:
            yield DueRow(desk, id_, DossierStage(stage), received_on, due_on, ended_on)
