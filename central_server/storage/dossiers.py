"""Dossiers at the centre: a projection of the ledger without personal data."""

from collections.abc import Iterable

from peewee import Database

from central_server.storage.database import write_rows
from central_server.storage.models import DossierRow
from sync_protocol.dossiers import Dossier
from sync_protocol.vocabulary import Channel, DeskCode, DossierStage

CHANGING = ("stage", "resolved_at", "delivered_at")


def by_ids(desk: DeskCode, ids: Iterable[str]) -> dict[str, Dossier]:
    """Dossiers of a desk by id, for those that are there."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = DossierRow.select().where(DossierRow.desk == desk, DossierRow.id.in_(wanted))
    return {row.id: _dossier(row) for row in rows}


def keep(database: Database, desk: DeskCode, dossiers: Iterable[Dossier]) -> None:
    """Writes dossiers as their events make them now."""
    write_rows(database, DossierRow, [_row(desk, each) for each in dossiers], update=CHANGING)


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
    }


def _dossier(row: DossierRow) -> Dossier:
    return Dossier(
        id=row.id,
        dossier_code=row.dossier_code,
        procedure_code=row.procedure_code,
        channel=Channel(row.channel),
        stage=DossierStage(row.stage),
        received_at=row.received_at,
        recorded_at=row.recorded_at,
        received_by=row.received_by,
        resolved_at=row.resolved_at,
        delivered_at=row.delivered_at,
    )
