"""Single dossiers as lists of lateness show them: codes and dates, and nothing of any person."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from peewee import Expression

from central_server.storage.counters import DESKS_NAMED_MAX
from central_server.storage.dossiers import OPEN
from central_server.storage.models import DossierRow
from central_server.storage.tallies import ENDED
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode, DossierStage

IDS_NAMED_MAX = 200
"""Dossiers of one page, asked for by name."""

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


def open_past(period: Period, desks: Collection[DeskCode]) -> Iterator[DueRow]:
    """Dossiers that were open at the end of a period though their day had passed, those that ended since among them."""
    on = period.last_on
    yield from _rows(desks, OPEN, DossierRow.due_on < on, DossierRow.received_on <= on)
    yield from _rows(desks, ENDED, DossierRow.ended_on > on, DossierRow.due_on < on, DossierRow.received_on <= on)


def resolved_late(period: Period, desks: Collection[DeskCode]) -> Iterator[DueRow]:
    """Dossiers that were closed in a period after their day."""
    within = DossierRow.ended_on.between(period.first_on, period.last_on)
    yield from _rows(desks, ENDED, within, DossierRow.due_on < DossierRow.ended_on)


def named(keys: Sequence[Key]) -> dict[Key, Named]:
    """Code and procedure of the dossiers of one page."""
    assert len(keys) <= IDS_NAMED_MAX, "a query names a page of dossiers"
    found: dict[Key, Named] = {}
    for desk in dict.fromkeys(desk for desk, _ in keys):
        columns = (DossierRow.id, DossierRow.dossier_code, DossierRow.procedure_code)
        of_desk = [id_ for code, id_ in keys if code == desk]
        for id_, code, procedure in (
            DossierRow.select(*columns).where(DossierRow.desk == desk, DossierRow.id.in_(of_desk)).tuples()
        ):
            found[desk, id_] = Named(dossier_code=code, procedure_code=procedure)
    return found


def _rows(desks: Collection[DeskCode], *conditions: Expression) -> Iterator[DueRow]:
    columns = (
        DossierRow.desk,
        DossierRow.id,
        DossierRow.stage,
        DossierRow.received_on,
        DossierRow.due_on,
        DossierRow.ended_on,
    )
    query = DossierRow.select(*columns).where(*conditions)
    if len(desks) <= DESKS_NAMED_MAX:
        query = query.where(DossierRow.desk.in_(sorted(desks)))
    for desk, id_, stage, received_on, due_on, ended_on in query.tuples():
        if desk in desks:
            yield DueRow(desk, id_, DossierStage(stage), received_on, due_on, ended_on)
