"""What is sealed into the database about the centre itself, and its settings."""

from dataclasses import dataclass
from datetime import datetime

from peewee import Query

from central_server.storage.models import Centre
from central_server.storage.prepared import Prepared
from sync_protocol.dossier_codes import SerialRule
from sync_protocol.periods import PeriodSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreRow:
    """The centre of this database.

    training        a practice centre: its dossiers are invented and its clock can be set
    incarnation     random id, replaced when the database is restored
    device_approval whether a person has to approve each new device
    clock_set_at    when (by the wall clock) the training clock was set to `clock_shows_at`
    """

    training: bool
    incarnation: str
    threshold: int
    series: PeriodSeries
    serials: SerialRule
    clock_set_at: datetime | None
    clock_shows_at: datetime | None
    device_approval: bool = False


def about() -> CentreRow | None:
    """The centre, None before `init`."""
    row = _about.first()
    if row is None:
        return None
    training, incarnation, threshold, last_day, first, per_slot, set_at, shows_at, approval = row
    return CentreRow(
        training=training,
        incarnation=incarnation,
        threshold=threshold,
        series=PeriodSeries(last_day=last_day),
        serials=SerialRule(first=first, per_slot=per_slot),
        clock_set_at=set_at,
        clock_shows_at=shows_at,
        device_approval=approval,
    )


def lock() -> None:
    """Lets what is added to a record of the whole centre wait for each other until the transaction ends."""
    Centre.update(training=Centre.training).execute()


def insert(row: CentreRow) -> None:
    """Seals a new centre into the database."""
    Centre.insert(
        id=1,
        training=row.training,
        incarnation=row.incarnation,
        threshold=row.threshold,
        period_last_day=row.series.last_day,
        serial_first=row.serials.first,
        serials_per_slot=row.serials.per_slot,
    ).execute()


def renew(incarnation: str) -> None:
    """Makes the centre another incarnation, so that its devices send again what it may lack."""
    Centre.update(incarnation=incarnation).where(Centre.id == 1).execute()


def set_clock(set_at: datetime, shows_at: datetime) -> None:
    """Sets the training clock."""
    Centre.update(clock_set_at=set_at, clock_shows_at=shows_at).where(Centre.id == 1).execute()


def set_approval(*, needed: bool) -> None:
    """Sets whether a person has to approve each new device."""
    Centre.update(device_approval=needed).where(Centre.id == 1).execute()


def projected_as() -> int | None:
    """The shape in which dossiers were last made of the ledger; None where there is no centre."""
    row = Centre.select(Centre.projected_as).where(Centre.id == 1).tuples().first()
    return int(row[0]) if row else None


def keep_projected_as(shape: int) -> None:
    """Remembers in which shape all dossiers have been made of the ledger."""
    Centre.update(projected_as=shape).where(Centre.id == 1).execute()


def judged_by() -> str:
    """Which program last judged what is set aside, "" before the first did."""
    return str(Centre.select(Centre.judged_by).where(Centre.id == 1).scalar() or "")


def keep_judged_by(program: str) -> None:
    """Remembers which program has judged what is set aside."""
    Centre.update(judged_by=program).where(Centre.id == 1).execute()


def known_from() -> datetime | None:
    """Since when it is remembered what was known when, None where that is from the first day on."""
    row = Centre.select(Centre.known_from).where(Centre.id == 1).tuples().first()
    return row[0] if row else None


@Prepared
def _about() -> Query:
    row = Centre
    serials = (row.serial_first, row.serials_per_slot)
    clock = (row.clock_set_at, row.clock_shows_at)
    columns = (row.training, row.incarnation, row.threshold, row.period_last_day, *serials, *clock)
    return row.select(*columns, row.device_approval).where(row.id == 1)
