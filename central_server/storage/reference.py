"""The working calendar, and the packs made of all reference data."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from peewee import Query

from central_server.storage.models import CalendarDay, Entry, Pack, Payload, WorkingHours
from central_server.storage.prepared import Prepared
from central_server.storage.questions import same_entry
from sync_protocol.calendars import OFFICE_HOURS, Hours, Season, WorkingCalendar, parse_calendar
from sync_protocol.entries import EntryId, SealedEntry
from sync_protocol.packs import PackKind, pack_hash
from sync_protocol.periods import Period
from sync_protocol.signing import Signed
from sync_protocol.vocabulary import DeskCode, EventKind

IN_FORCE_FROM = date(2019, 1, 1)
"""Reference data without a date of its own is in force from the day of the present dossier codes (TT 01/2018)."""

BAR = "|"
"""What stands between the words of one column, in files and in tables."""


def keep_calendar(rows: list[dict[str, str]]) -> None:
    """Replaces the days off and the make-up days."""
    CalendarDay.delete().execute()
    for row in rows:
        CalendarDay.insert(
            day=date.fromisoformat(row["date"]), kind=row["kind"], name=row["name"], status=row["status"]
        ).execute()


def keep_hours(hours: Hours | None, seasons: list[Season]) -> None:
    """Replaces the working hours: of the days outside the seasons (None: the usual ones), and of the seasons."""
    WorkingHours.delete().execute()
    if hours:
        WorkingHours.insert(first_on=None, last_on=None, hours=hours_text(hours)).execute()
    for season in seasons:
        WorkingHours.insert(first_on=season.first_on, last_on=season.last_on, hours=hours_text(season.hours)).execute()


def calendar(within: Period | None = None) -> WorkingCalendar:
    """The working calendar in force; of other days than those of `within`, weekends only, where it is named."""
    first_on, last_on = (within.first_on, within.last_on) if within else (date.min, date.max)
    days = parse_calendar({"date": day.isoformat(), "kind": kind} for day, kind in _days(first_on, last_on))
    rows = _hours()
    seasons = [
        Season(first_on=first_on, last_on=last_on, hours=parse_hours(hours))
        for first_on, last_on, hours in rows
        if first_on
    ]
    return replace(
        days,
        hours=next((parse_hours(hours) for first_on, _, hours in rows if not first_on), OFFICE_HOURS),
        seasons=tuple(sorted(seasons, key=lambda each: each.first_on)),
    )


def hours_text(hours: Hours) -> str:
    """Working hours in the one form of files and tables: ``07:00-11:30|13:30-17:00``."""
    return BAR.join(f"{opens.isoformat('minutes')}-{closes.isoformat('minutes')}" for opens, closes in hours)


def parse_hours(text: str) -> Hours:
    """Working hours of a text; ValueError if it is none."""
    spans = [span.split("-") for span in text.split(BAR)]
    return tuple((_wall_time(opens), _wall_time(closes)) for opens, closes in spans)


def keep_pack(kind: PackKind, scope: str, pack: Signed, issued_at: datetime) -> None:
    """Puts a pack in force for a scope; one that is in force already stays as it was issued."""
    name = pack_hash(pack)
    Pack.update(is_current=False).where(Pack.kind == kind.value, Pack.scope == scope, Pack.hash != name).execute()
    Pack.insert(
        hash=name,
        kind=kind.value,
        scope=scope,
        body=pack.body,
        signature=pack.signature,
        issued_at=issued_at,
        is_current=True,
    ).on_conflict(conflict_target=[Pack.hash], preserve=[Pack.is_current]).execute()


def pack_names(scopes: dict[PackKind, str]) -> dict[str, str]:
    """Names of the packs in force, by kind, each for its scope."""
    rows = _current(*scopes.values())
    return {kind: name for kind, scope, name in rows if scopes.get(PackKind(kind)) == scope}


def pack(name: str) -> Signed | None:
    """A pack ever issued by its name."""
    row = Pack.get_or_none(Pack.hash == name)
    return Signed(bytes(row.body), bytes(row.signature)) if row else None


def adoption(desk: DeskCode, id_: EntryId) -> SealedEntry | None:
    """The entry by which a device put packs in force, None where that of this id is none."""
    row = _adoption.first(desk, id_.slot, id_.epoch, id_.sequence)
    return SealedEntry(*map(bytes, row)) if row else None


@Prepared
def _days(first_on: Any, last_on: Any) -> Query:
    return CalendarDay.select(CalendarDay.day, CalendarDay.kind).where(CalendarDay.day.between(first_on, last_on))


@Prepared
def _hours() -> Query:
    return WorkingHours.select(WorkingHours.first_on, WorkingHours.last_on, WorkingHours.hours)


@Prepared
def _current(*scopes: Any) -> Query:
    return Pack.select(Pack.kind, Pack.scope, Pack.hash).where(Pack.is_current, Pack.scope.in_(scopes))


def _wall_time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


@Prepared
def _adoption(desk: Any, slot: Any, epoch: Any, sequence: Any) -> Query:
    return (
        Entry.select(Entry.header, Entry.payload_hash, Payload.bytes, Payload.salt)
        .join(Payload, on=same_entry(Payload, Entry))
        .where(Entry.desk == desk, Entry.slot == slot, Entry.epoch == epoch, Entry.sequence == sequence)
        .where(Entry.kind == EventKind.ADOPT_PACKS.value)
    )
