"""Procedures, the calendar, and the packs made of them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from central_server.storage.models import CalendarDay, Pack, Procedure
from sync_protocol import procedures as protocol
from sync_protocol.calendars import TimeLimit, WorkingCalendar, parse_calendar
from sync_protocol.packs import PackKind, pack_hash
from sync_protocol.procedures import ProcedureLimit
from sync_protocol.signing import Signed
from sync_protocol.vocabulary import Channel, LimitUnit, UnitLevel

BAR = "|"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureRow:
    """A procedure as loaded: `levels` of units that receive it."""

    code: str
    name: str
    field: str
    levels: tuple[str, ...]
    channels: tuple[Channel, ...]
    limit: TimeLimit | None


def keep_procedure(row: ProcedureRow, valid_from: date) -> None:
    """Adds a procedure; of one that is known it changes the names and levels, and leaves limit and channels alone.

    Those are told better by the file of limits, which may have been loaded since.
    """
    Procedure.insert(
        code=row.code,
        valid_from=valid_from,
        name=row.name,
        field=row.field,
        levels=BAR.join(row.levels),
        channels=BAR.join(channel.value for channel in row.channels),
        limit_value=str(row.limit.value) if row.limit else "",
        limit_unit=row.limit.unit.value if row.limit else "",
    ).on_conflict(
        conflict_target=[Procedure.code, Procedure.valid_from],
        preserve=[Procedure.name, Procedure.field, Procedure.levels],
    ).execute()


def set_limit(code: str, limit: TimeLimit | None, channels: tuple[Channel, ...]) -> bool:
    """Sets limit and channels of a procedure in force; False if there is none of this code."""
    changed = (
        Procedure.update(
            limit_value=str(limit.value) if limit else "",
            limit_unit=limit.unit.value if limit else "",
            channels=BAR.join(channel.value for channel in channels),
        )
        .where(Procedure.code == code, Procedure.valid_to.is_null())
        .execute()
    )
    return bool(changed)


def procedures_of(level: UnitLevel) -> list[protocol.Procedure]:
    """The procedures that desks of a level receive, in the order of their codes."""
    rows = Procedure.select().where(Procedure.valid_to.is_null()).order_by(Procedure.code)
    return [_procedure(row) for row in rows if level.value in row.levels.split(BAR)]


def keep_calendar(rows: list[dict[str, str]]) -> None:
    """Replaces the calendar."""
    CalendarDay.delete().execute()
    for row in rows:
        CalendarDay.insert(
            day=date.fromisoformat(row["date"]), kind=row["kind"], name=row["name"], status=row["status"]
        ).execute()


def calendar() -> WorkingCalendar:
    """The working calendar in force."""
    return parse_calendar({"date": row.day.isoformat(), "kind": row.kind} for row in CalendarDay.select())


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
    rows = Pack.select(Pack.kind, Pack.scope, Pack.hash).where(Pack.is_current, Pack.scope.in_(list(scopes.values())))
    return {kind: name for kind, scope, name in rows.tuples() if scopes.get(PackKind(kind)) == scope}


def pack(name: str) -> Signed | None:
    """A pack ever issued by its name."""
    row = Pack.get_or_none(Pack.hash == name)
    return Signed(bytes(row.body), bytes(row.signature)) if row else None


def _procedure(row: Procedure) -> protocol.Procedure:
    limit = TimeLimit(value=Decimal(row.limit_value), unit=LimitUnit(row.limit_unit)) if row.limit_unit else None
    return protocol.Procedure(
        code=row.code,
        name=row.name,
        field=row.field,
        limits=(ProcedureLimit(committed=limit),) if limit else (),
        channels=tuple(Channel(each) for each in row.channels.split(BAR)),
    )
