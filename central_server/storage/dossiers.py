"""Dossiers at the centre: a projection of the ledger without personal data."""

from collections.abc import Collection, Iterable

from peewee import Database

from central_server.storage.database import write_rows
from central_server.storage.models import DossierRow
from sync_protocol.dossiers import Dossier, read_state, state_bytes
from sync_protocol.vocabulary import DeskCode

CHANGING = (
    "dossier_code",
    "procedure_code",
    "channel",
    "stage",
    "received_at",
    "received_on",
    "recorded_at",
    "received_by",
    "resolved_at",
    "delivered_at",
    "state",
)


def by_refs(desk: DeskCode, refs: Collection[str]) -> list[Dossier]:
    """Dossiers of a desk that have one of these as their id or code, for those that are there, first recorded first."""
    if not refs:
        return []
    wanted = sorted(refs)
    # Two searches in one statement: with OR, SQLite reads all dossiers of the desk.
    by_id, by_code = (
        DossierRow.select(DossierRow.state).where(DossierRow.desk == desk, column.in_(wanted))
        for column in (DossierRow.id, DossierRow.dossier_code)
    )
    found = [read_state(bytes(state)) for (state,) in (by_id + by_code).tuples()]
    return sorted(found, key=lambda each: (each.recorded_at, each.id))


def keep(database: Database, desk: DeskCode, dossiers: Iterable[Dossier]) -> None:
    """Writes dossiers as their events make them now."""
    write_rows(database, DossierRow, [_row(desk, each) for each in dossiers], update=CHANGING)


def count() -> int:
    """How many dossiers the centre knows, voided ones among them."""
    return int(DossierRow.select().count())


def _row(desk: DeskCode, dossier: Dossier) -> dict[str, object]:
    return {
        "desk": desk,
        "id": dossier.id,
        "dossier_code": dossier.dossier_code,
        "procedure_code": dossier.procedure_code,
        "channel": dossier.channel.value,
        "stage": dossier.stage.value,
        "received_at": dossier.received_at,
        "received_on": dossier.received_on,
        "recorded_at": dossier.recorded_at,
        "received_by": dossier.received_by,
        "resolved_at": dossier.resolved_at,
        "delivered_at": dossier.delivered_at,
        "state": state_bytes(dossier),
    }
