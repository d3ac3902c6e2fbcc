"""Reference packs: what the centre tells its desks about procedures, calendar and themselves.

A pack is a document signed by the centre, immutable, and named by the SHA-256 of its bytes. A desk keeps the last
one of each kind and works by it without a network; each adoption is an entry of its journal.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sync_protocol.calendars import TimeLimit, WorkingCalendar
from sync_protocol.dossier_codes import SerialRule
from sync_protocol.errors import FieldSyncError
from sync_protocol.periods import PeriodSeries
from sync_protocol.signing import NotADocument, Signed, SigningKey, encoded, opened
from sync_protocol.vocabulary import Channel, DeskCode, LimitUnit, ProcedureCode, UnitLevel

PACK = "pack"
FORMAT = 1
PACK_BYTES_MAX = 4_194_304


class PackKind(StrEnum):
    """What a pack holds; a desk needs one of each."""

    PROCEDURES = "procedures"
    CALENDAR = "calendar"
    DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A procedure that the desk may receive, with the limit that its appointment is computed from."""

    code: ProcedureCode
    name: str
    field: str
    limit: TimeLimit | None
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskProfile:
    """What a desk is told about itself.

    identifier_code  unit identifier that its dossier codes begin with (QĐ 20/2020)
    threshold        fewer dossiers than this in a month's period are `few`
    """

    code: DeskCode
    name: str
    unit_name: str
    level: UnitLevel
    identifier_code: str
    phone: str
    threshold: int
    series: PeriodSeries
    serials: SerialRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Packs:
    """The reference data that a desk works by."""

    procedures: Mapping[ProcedureCode, Procedure]
    calendar: WorkingCalendar
    desk: DeskProfile


def signed_pack(key: SigningKey, kind: PackKind, content: Mapping[str, Any]) -> Signed:
    """A pack of the centre."""
    return key.sign(PACK, {"format": FORMAT, "kind": kind.value, "content": dict(content)})


def pack_hash(pack: Signed) -> str:
    """The name of a pack: SHA-256 of its bytes in base64."""
    return encoded(hashlib.sha256(pack.body).digest())


def procedures_content(procedures: Iterable[Procedure]) -> dict[str, Any]:
    """Content of a pack of procedures."""
    return {
        "procedures": [
            {
                "code": each.code,
                "name": each.name,
                "field": each.field,
                "limit": [str(each.limit.value), each.limit.unit.value] if each.limit else None,
                "channels": [channel.value for channel in each.channels],
            }
            for each in procedures
        ]
    }


def calendar_content(calendar: WorkingCalendar) -> dict[str, Any]:
    """Content of a pack of the working calendar."""
    return {
        "days_off": sorted(day.isoformat() for day in calendar.days_off),
        "make_up_days": sorted(day.isoformat() for day in calendar.make_up_days),
        "hours": [[start.isoformat("minutes"), end.isoformat("minutes")] for start, end in calendar.hours],
    }


def desk_content(profile: DeskProfile) -> dict[str, Any]:
    """Content of a pack about a desk."""
    return {
        "code": profile.code,
        "name": profile.name,
        "unit_name": profile.unit_name,
        "level": profile.level.value,
        "identifier_code": profile.identifier_code,
        "phone": profile.phone,
        "threshold": profile.threshold,
        "period_last_day": profile.series.last_day,
        "serials": {"first": profile.serials.first, "per_slot": profile.serials.per_slot},
    }


def read_pack(pack: Signed, centre_key: bytes) -> tuple[PackKind, Any]:
    """Kind and value (procedures by code, a calendar or a profile) of a pack; raises BadSignature, NotADocument."""
    document = opened(pack, PACK, centre_key)
    try:
        if document["format"] != FORMAT:
            raise ValueError("another format")
        kind = PackKind(document["kind"])
        return kind, _READERS[kind](document["content"])
    # Limits, series and serials check themselves and say what is wrong with them in errors of their own.
    except (KeyError, TypeError, ValueError, ArithmeticError, FieldSyncError) as error:
        raise NotADocument from error


def read_packs(packs: Iterable[Signed], centre_key: bytes) -> Packs:
    """The reference data of one pack of each kind; raises NotADocument where one is missing."""
    values = dict(read_pack(pack, centre_key) for pack in packs)
    if set(values) != set(PackKind):
        raise NotADocument
    return Packs(procedures=values[PackKind.PROCEDURES], calendar=values[PackKind.CALENDAR], desk=values[PackKind.DESK])


def _procedures(content: Mapping[str, Any]) -> dict[ProcedureCode, Procedure]:
    return {each["code"]: _procedure(each) for each in content["procedures"]}


def _procedure(content: Mapping[str, Any]) -> Procedure:
    limit = content["limit"]
    return Procedure(
        code=content["code"],
        name=content["name"],
        field=content["field"],
        limit=TimeLimit(value=Decimal(limit[0]), unit=LimitUnit(limit[1])) if limit else None,
        channels=tuple(Channel(each) for each in content["channels"]),
    )


def _calendar(content: Mapping[str, Any]) -> WorkingCalendar:
    return WorkingCalendar(
        days_off=frozenset(date.fromisoformat(day) for day in content["days_off"]),
        make_up_days=frozenset(date.fromisoformat(day) for day in content["make_up_days"]),
        hours=tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in content["hours"]),
    )


def _profile(content: Mapping[str, Any]) -> DeskProfile:
    return DeskProfile(
        code=content["code"],
        name=content["name"],
        unit_name=content["unit_name"],
        level=UnitLevel(content["level"]),
        identifier_code=content["identifier_code"],
        phone=content["phone"],
        threshold=content["threshold"],
        series=PeriodSeries(last_day=content["period_last_day"]),
        serials=SerialRule(**content["serials"]),
    )


_READERS = {
    PackKind.PROCEDURES: _procedures,
    PackKind.CALENDAR: _calendar,
    PackKind.DESK: _profile,
}
