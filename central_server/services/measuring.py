"""How the centre fares, in figures that name nobody: read from the database, so that every process tells the same."""

from collections.abc import Mapping
from dataclasses import dataclass

from central_server.central import Central
from central_server.services import backing_up, standing
from central_server.storage import measures
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING
from sync_protocol.vocabulary import DeviceState, Standing, VerdictKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Figures of one moment, of all desks together.

    desks         by their standing in the running period
    backup_age_s  seconds since the last verified backup, None before the first
    """

    training: bool
    entries: int
    waiting: Mapping[VerdictKind, int]
    kept_beside: int
    devices: Mapping[DeviceState, int]
    desks: Mapping[Standing, int]
    backup_age_s: float | None
    database_bytes: int


def measured(central: Central) -> Measured:
    """The figures of now; a few queries and one judgement of all desks."""
    about, now, last_at = central.about(), central.now(), backing_up.last_backup_at(central)
    desks = standing.standings(central, EVERYTHING, about.series.containing(central.today())).totals()
    with reading(central.database):
        return Measured(
            training=about.training,
            entries=measures.entries(),
            waiting=measures.waiting(),
            kept_beside=measures.kept_beside(),
            devices=measures.devices(),
            desks=desks,
            backup_age_s=(now - last_at).total_seconds() if last_at else None,
            database_bytes=measures.database_bytes(central.database),
        )
