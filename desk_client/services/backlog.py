"""Typing in a paper register afterwards: the day on which its dossiers were received stays until it is switched off."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from desk_client.desk import Desk
from desk_client.storage import notes
from desk_client.storage.database import reading, write_transaction
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import LOCAL, local_date

AT = time(8)
"""A paper register gives days; without an hour dossiers are taken as handed in early in the morning."""

YEAR_LEAST = 2000


class BadBacklogDay(FieldSyncError, ValueError):
    """A register of a day that has not come."""

    code = "bad_backlog_day"
    text = N_("The day of the register has to be in the past or today. Nothing was changed; correct the day.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """The day and the time at which the dossiers that are being typed in were received."""

    day: date
    at: time


def backlog_of(desk: Desk, clerk: str) -> Backlog | None:
    """The register that a clerk is typing in, None where it is switched off."""
    with reading(desk.database):
        kept = notes.note(_name(clerk))
    if kept is None:
        return None
    return Backlog(day=date.fromisoformat(kept["day"]), at=time.fromisoformat(kept["at"]))


def begin_backlog(desk: Desk, clerk: str) -> None:
    """Switches a clerk's forms to a register, of the working day before today until another day is named."""
    yesterday = local_date(desk.working_now()) - timedelta(days=1)
    move_backlog(desk, clerk, Backlog(day=desk.packs().calendar.working_day_until(yesterday), at=AT))


def move_backlog(desk: Desk, clerk: str, backlog: Backlog) -> None:
    """Goes on with the register of another day; raises BadBacklogDay."""
    if not backlog.day.year >= YEAR_LEAST or backlog.day > local_date(desk.working_now()):
        raise BadBacklogDay
    with write_transaction(desk.database):
        notes.keep_note(_name(clerk), {"day": backlog.day.isoformat(), "at": backlog.at.isoformat("minutes")})


def follow_backlog(desk: Desk, clerk: str, received_at: datetime) -> None:
    """Goes on where a clerk is typing a register: at the day of the dossier just saved."""
    local, register = received_at.astimezone(LOCAL), backlog_of(desk, clerk)
    here = Backlog(day=local.date(), at=local.time().replace(second=0, microsecond=0))
    if register and here != register and here.day <= local_date(desk.working_now()):
        move_backlog(desk, clerk, here)


def end_backlog(desk: Desk, clerk: str) -> None:
    """Switches a clerk's forms back to today."""
    with write_transaction(desk.database):
        notes.drop_note(_name(clerk))


def _name(clerk: str) -> str:
    return f"backlog:{clerk}"
