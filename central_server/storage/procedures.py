"""Procedures in their versions, and their limits by channel, unit and date."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from central_server.reports.listed_procedures import NO_LIMIT, UNTOLD, Decision, ListedProcedure
from central_server.reports.material import ProcedureFacts
from central_server.storage.models import Procedure, ProcedureLimit
from central_server.storage.reference import BAR, IN_FORCE_FROM
from sync_protocol import procedures as protocol
from sync_protocol.calendars import TimeLimit
from sync_protocol.procedures import OnTheSpot, ServiceLevel
from sync_protocol.vocabulary import Channel, LimitUnit, UnitLevel

EVERY_UNIT = ""
ALWAYS_TOLD = frozenset({"name", "field", "levels", "fee_vnd"})
"""Columns of a procedure that every file of them has."""

MAYBE_TOLD = (
    ProcedureLimit.valid_to,
    ProcedureLimit.statutory_value,
    ProcedureLimit.statutory_unit,
    ProcedureLimit.decision,
    ProcedureLimit.decided_on,
)
"""Columns of a limit that a file may leave out."""

Version = TypeVar("Version", Procedure, protocol.Procedure)
UnitLimits = dict[str, tuple[protocol.ProcedureLimit, ...]]
"""Limits of a unit, or of all units, by the code of the procedure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureRow:
    """A version of a procedure as loaded: `levels` of units that receive it, `limit` until the limits are loaded."""

    code: str
    name: str
    field: str
    levels: tuple[str, ...]
    limit: TimeLimit | None
    fee_vnd: int | None
    valid_from: date = IN_FORCE_FROM
    valid_to: date | None = None
    service_level: ServiceLevel = ServiceLevel.NONE
    on_the_spot: OnTheSpot = OnTheSpot.NONE
    competent_unit: str = ""
    decision: str = ""
    decided_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """What a procedure is called, and the field that it is in."""

    name: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """A limit as loaded."""

    code: str
    valid_from: date
    committed: TimeLimit | None
    statutory: TimeLimit | None = None
    unit_id: str = EVERY_UNIT
    channel: Channel | None = None
    valid_to: date | None = None
    decision: str = ""
    decided_on: date | None = None


def fields() -> dict[str, list[str]]:
    """The codes of procedures by the field that they belong to, or once belonged to."""
    found: dict[str, list[str]] = {}
    rows = Procedure.select(Procedure.field, Procedure.code).distinct().order_by(Procedure.field, Procedure.code)
    for name, code in rows.tuples():
        found.setdefault(name, []).append(code)
    return found


def keep_procedure(row: ProcedureRow, told: Collection[str]) -> None:
    """Adds a version of a procedure, open to every channel; of a known one it changes the columns that the file `told`.

    The limit and the channels of a known one are left alone: the file of limits tells them better, and may have been
    loaded since.
    """
    columns: dict[str, Any] = {
        "name": row.name,
        "field": row.field,
        "levels": BAR.join(row.levels),
        "fee_vnd": row.fee_vnd,
        "valid_to": row.valid_to,
        "service_level": row.service_level.value,
        "on_the_spot": row.on_the_spot.value,
        "competent_unit": row.competent_unit,
        "decision": row.decision,
        "decided_on": row.decided_on,
    }
    changed = {name: value for name, value in columns.items() if name in ALWAYS_TOLD or name in told}
    key = (Procedure.code == row.code) & (Procedure.valid_from == row.valid_from)
    if Procedure.update(changed).where(key).execute():
        return
    Procedure.insert(
        code=row.code, valid_from=row.valid_from, channels=_joined(tuple(Channel)), fee_basis="", **columns
    ).execute()
    limit = _limit_columns(LimitRow(code=row.code, valid_from=row.valid_from, committed=row.limit))
    ProcedureLimit.insert(limit).on_conflict_ignore().execute()


def keep_limit(row: LimitRow, told: Collection[str]) -> None:
    """Adds a limit; of one for the same channel, unit and first day it changes what the file `told`."""
    changed = [ProcedureLimit.committed_value, ProcedureLimit.committed_unit]
    changed += [each for each in MAYBE_TOLD if each.name in told]
    ProcedureLimit.insert(_limit_columns(row)).on_conflict(
        conflict_target=ProcedureLimit._meta.get_primary_keys(), preserve=changed
    ).execute()


def offer(code: str, valid_from: date, channels: tuple[Channel, ...], fee_basis: str) -> None:
    """Says by which channels a version of a procedure is offered, and what its fee is paid per."""
    Procedure.update(channels=_joined(channels), fee_basis=fee_basis).where(
        Procedure.code == code, Procedure.valid_from == valid_from
    ).execute()


def version_on(code: str, day: date) -> date | None:
    """First day of the version of a procedure that is in force on a day, or nearest to it; None where it is unknown."""
    versions = list(Procedure.select().where(Procedure.code == code).order_by(Procedure.valid_from))
    return _nearest(versions, day).valid_from if versions else None


def procedures_of(level: UnitLevel, on: date) -> list[protocol.Procedure]:
    """The procedures that desks of a level receive or have received, as of a day, in the order of their codes."""
    limits = limits_by_unit().get(EVERY_UNIT, {})
    versions: dict[str, list[protocol.Procedure]] = {}
    for row in Procedure.select().order_by(Procedure.code, Procedure.valid_from):
        if level.value in row.levels.split(BAR):
            versions.setdefault(row.code, []).append(_version(row, limits.get(row.code, ())))
    return [_as_of(each, on) for each in versions.values()]


def titles(codes: Sequence[str]) -> dict[str, Title]:
    """What procedures are called and in which field they are, as announced last, by code."""
    rows = Procedure.select(Procedure.code, Procedure.name, Procedure.field).where(Procedure.code.in_(list(codes)))
    ordered = rows.order_by(Procedure.code, Procedure.valid_from).tuples()
    return {code: Title(name=name, field=field) for code, name, field in ordered}


def facts(on: date) -> dict[str, ProcedureFacts]:
    """What reports say of all procedures as of a day, by code."""
    versions: dict[str, list[Procedure]] = {}
    for row in Procedure.select().order_by(Procedure.code, Procedure.valid_from):
        versions.setdefault(row.code, []).append(row)
    return {code: _facts(_nearest(rows, on)) for code, rows in versions.items()}


def listed(on: date) -> list[ListedProcedure]:
    """The procedures in force on a day, in the order of their codes, each with its limit of every unit and channel."""
    rows = Procedure.select().where(*_in_force(Procedure, on)).order_by(Procedure.code, Procedure.valid_from)
    for_all = (ProcedureLimit.unit_id == EVERY_UNIT, ProcedureLimit.channel == "")
    limits = ProcedureLimit.select().where(*for_all, *_in_force(ProcedureLimit, on)).order_by(ProcedureLimit.valid_from)
    # Of two versions or limits that hold on the same day the later one is meant.
    limit_of, last = {row.code: row for row in limits}, {row.code: row for row in rows}
    return [_listed(row, limit_of.get(code)) for code, row in last.items()]


def limits_by_unit() -> dict[str, UnitLimits]:
    """All limits, by the unit whose own they are."""
    limits: dict[str, UnitLimits] = {}
    for row in ProcedureLimit.select().order_by(ProcedureLimit.valid_from, ProcedureLimit.channel):
        of_unit = limits.setdefault(row.unit_id, {})
        of_unit[row.code] = (*of_unit.get(row.code, ()), _limit(row))
    return limits


def _as_of(versions: Sequence[protocol.Procedure], on: date) -> protocol.Procedure:
    chosen = _nearest(versions, on)
    return replace(chosen, other_versions=tuple(each for each in versions if each is not chosen))


def _nearest(versions: Sequence[Version], on: date) -> Version:
    """The version in force on a day, else the last one before it, else the first one after it."""
    begun = [each for each in versions if (each.valid_from or date.min) <= on]
    in_force = [each for each in begun if (each.valid_to or date.max) >= on]
    return (in_force or begun or versions[:1])[-1]


def _in_force(model: type[Procedure] | type[ProcedureLimit], on: date) -> tuple[Any, ...]:
    return model.valid_from <= on, model.valid_to.is_null() | (model.valid_to >= on)


def _listed(row: Procedure, limit: ProcedureLimit | None) -> ListedProcedure:
    return ListedProcedure(
        code=row.code,
        name=row.name,
        field=row.field,
        levels=frozenset(row.levels.split(BAR)),
        service_level=ServiceLevel(row.service_level),
        on_the_spot=OnTheSpot(row.on_the_spot),
        decision=Decision(name=row.decision, made_on=row.decided_on),
        limit=_limit(limit) if limit else NO_LIMIT,
        limit_decision=Decision(name=limit.decision, made_on=limit.decided_on) if limit else UNTOLD,
    )


def _facts(row: Procedure) -> ProcedureFacts:
    return ProcedureFacts(
        name=row.name,
        field=row.field,
        agency=row.competent_unit,
        service_level=ServiceLevel(row.service_level),
        on_the_spot=OnTheSpot(row.on_the_spot),
    )


def _version(row: Procedure, limits: tuple[protocol.ProcedureLimit, ...]) -> protocol.Procedure:
    return protocol.Procedure(
        code=row.code,
        name=row.name,
        field=row.field,
        # That it has no limit need not be said where nothing else was ever said.
        limits=limits if any(each.appointment for each in limits) else (),
        channels=tuple(Channel(each) for each in row.channels.split(BAR)),
        valid_from=_dated(row.valid_from),
        valid_to=row.valid_to,
        service_level=ServiceLevel(row.service_level),
        on_the_spot=OnTheSpot(row.on_the_spot),
        competent_unit=row.competent_unit,
        fee_vnd=row.fee_vnd,
        fee_basis=row.fee_basis,
    )


def _limit(row: ProcedureLimit) -> protocol.ProcedureLimit:
    return protocol.ProcedureLimit(
        statutory=_time_limit(row.statutory_value, row.statutory_unit),
        committed=_time_limit(row.committed_value, row.committed_unit),
        channel=Channel(row.channel) if row.channel else None,
        valid_from=_dated(row.valid_from),
        valid_to=row.valid_to,
    )


def _limit_columns(row: LimitRow) -> dict[str, Any]:
    committed, statutory = row.committed, row.statutory
    return {
        "code": row.code,
        "unit_id": row.unit_id,
        "channel": row.channel.value if row.channel else "",
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "committed_value": str(committed.value) if committed else "",
        "committed_unit": committed.unit.value if committed else "",
        "statutory_value": str(statutory.value) if statutory else "",
        "statutory_unit": statutory.unit.value if statutory else "",
        "decision": row.decision,
        "decided_on": row.decided_on,
    }


def _time_limit(value: str, unit: str) -> TimeLimit | None:
    return TimeLimit(value=Decimal(value), unit=LimitUnit(unit)) if unit else None


def _dated(valid_from: date) -> date | None:
    """The first day, None where it is only that of all reference data."""
    return None if valid_from == IN_FORCE_FROM else valid_from


def _joined(channels: tuple[Channel, ...]) -> str:
    return BAR.join(channel.value for channel in channels)
