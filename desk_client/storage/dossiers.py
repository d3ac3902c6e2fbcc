"""Dossiers as the screens read them: a projection of the journal."""

from dataclasses import dataclass
from datetime import date, datetime

from peewee import fn

from desk_client.storage.models import DossierRow, Serial
from sync_protocol.dossiers import Dossier
from sync_protocol.events import Received
from sync_protocol.texts import folded, masked
from sync_protocol.vocabulary import Channel, DossierStage

ROWS_MAX = 500
"""More dossiers than this of one day are not listed on one page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierLine:
    """A dossier in a list; the identity number is masked. `is_sent` says that a receipt covers it."""

    id: str
    dossier_code: str
    procedure_code: str
    stage: DossierStage
    submitter_name: str
    owner_name: str
    masked_id_number: str
    received_at: datetime
    due_at: datetime | None
    received_by: str
    is_sent: bool


def insert(dossier: Dossier, received: Received, sequence: int, due_at: datetime | None, recorded_on: date) -> None:
    """Makes the row of a dossier just received."""
    DossierRow.insert(
        id=dossier.id,
        dossier_code=dossier.dossier_code,
        procedure_code=dossier.procedure_code,
        channel=dossier.channel.value,
        stage=dossier.stage.value,
        received_at=dossier.received_at,
        received_on=dossier.received_on,
        recorded_at=dossier.recorded_at,
        recorded_on=recorded_on,
        received_by=dossier.received_by,
        due_at=due_at,
        sequence=sequence,
        submitter_name=received.submitter_name,
        owner_name=received.owner_name,
        id_number=received.id_number,
        phone=received.phone,
        folded=folded(f"{received.submitter_name} {received.owner_name}"),
    ).execute()


def update(dossier: Dossier) -> None:
    """Brings the row of a dossier to what its events make of it."""
    DossierRow.update(
        stage=dossier.stage.value, resolved_at=dossier.resolved_at, delivered_at=dossier.delivered_at
    ).where(DossierRow.id == dossier.id).execute()


def by_id(dossier_id: str) -> Dossier | None:
    """One dossier as its events make it."""
    return _dossier(DossierRow.get_or_none(DossierRow.id == dossier_id))


def by_code(dossier_code: str) -> Dossier | None:
    """One dossier by the code on its slip."""
    return _dossier(DossierRow.get_or_none(DossierRow.dossier_code == dossier_code))


def line(dossier_id: str, acknowledged: int) -> DossierLine | None:
    """One dossier as in a list."""
    row = DossierRow.get_or_none(DossierRow.id == dossier_id)
    return _line(row, acknowledged) if row else None


def recorded_on(day: date, acknowledged: int) -> list[DossierLine]:
    """What was entered on a local day, newest first, at most ROWS_MAX."""
    rows = DossierRow.select().where(DossierRow.recorded_on == day).order_by(DossierRow.sequence.desc()).limit(ROWS_MAX)
    return [_line(row, acknowledged) for row in rows]


def saved_count() -> int:
    """How many dossiers are saved here."""
    return int(DossierRow.select().count())


def received_count(first_on: date, last_on: date) -> int:
    """Dossiers received between two local days, both inclusive, voided ones left out."""
    counted = DossierRow.select().where(
        DossierRow.received_on.between(first_on, last_on), DossierRow.stage != DossierStage.VOIDED.value
    )
    return int(counted.count())


def last_serial(received_on: date) -> int | None:
    """Last serial given to a dossier received on a day, None before the first."""
    row = Serial.get_or_none(Serial.received_on == received_on)
    return row.last if row else None


def keep_serial(received_on: date, serial: int) -> None:
    """Remembers that a serial of a day is used."""
    Serial.insert(received_on=received_on, last=serial).on_conflict(
        conflict_target=[Serial.received_on], preserve=[Serial.last]
    ).execute()


def usual_procedures(limit: int) -> list[str]:
    """Codes of the procedures received most often here, most used first."""
    rows = (
        DossierRow.select(DossierRow.procedure_code)
        .group_by(DossierRow.procedure_code)
        .order_by(fn.COUNT(DossierRow.id).desc(), DossierRow.procedure_code)
        .limit(limit)
        .tuples()
    )
    return [code for (code,) in rows]


def _dossier(row: DossierRow | None) -> Dossier | None:
    if row is None:
        return None
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


def _line(row: DossierRow, acknowledged: int) -> DossierLine:
    return DossierLine(
        id=row.id,
        dossier_code=row.dossier_code,
        procedure_code=row.procedure_code,
        stage=DossierStage(row.stage),
        submitter_name=row.submitter_name,
        owner_name=row.owner_name,
        masked_id_number=masked(row.id_number),
        received_at=row.received_at,
        due_at=row.due_at,
        received_by=row.received_by,
        is_sent=row.sequence <= acknowledged,
    )
