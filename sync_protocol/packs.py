"""Reference packs: what the centre tells its desks about procedures, calendar and themselves.

A pack is a document signed by the centre, immutable, and named by the SHA-256 of its bytes. A desk keeps the last
one of each kind and works by it without a network; each adoption is an entry of its journal.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sync_protocol.calendars import Hours, Season, TimeLimit, WorkingCalendar
from sync_protocol.dossier_codes import SerialRule
from sync_protocol.errors import FieldSyncError
from sync_protocol.periods import PeriodSeries
from sync_protocol.procedures import (
    DeadlineRules,
    OnTheSpot,
    Procedure,
    ProcedureLimit,
    ServiceLevel,
    WaitPolicy,
    is_valid,
    limit_among,
)
from sync_protocol.signing import NotADocument, Signed, SigningKey, content_of, encoded, opened
from sync_protocol.vocabulary import Channel, DeskCode, LimitUnit, ProcedureCode, UnitLevel

PACK = "pack"
FORMAT = 1
PACK_BYTES_MAX = 4_194_304
LIMITS_KEPT = 4_096
"""How many limits packs remember, each of a procedure, a day and a channel."""


class PackKind(StrEnum):
    """What a pack holds; a desk needs one of each."""

    PROCEDURES = "procedures"
    CALENDAR = "calendar"
    DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskProfile:
    """What a desk is told about itself.

    identifier_code  unit identifier that its dossier codes begin with (QĐ 20/2020)
    threshold        fewer dossiers than this in a month's period are `few`
    limits           those that its unit has promised itself; they win over the procedure's own
    rules            as in force when the pack was made; `rules.on` knows those of other days
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
    limits: Mapping[ProcedureCode, tuple[ProcedureLimit, ...]] = field(default_factory=dict)
    rules: DeadlineRules = field(default_factory=DeadlineRules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packs:
    """The reference data that a desk works by."""

    procedures: Mapping[ProcedureCode, Procedure]
    calendar: WorkingCalendar
    desk: DeskProfile
    _limits: dict[tuple[ProcedureCode, date, Channel], TimeLimit | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def limit_of(self, procedure_code: ProcedureCode, on: date, channel: Channel) -> TimeLimit | None:
        """The limit of a dossier received on a local day: the unit's own, else the procedure's; None if it has none."""
        # Most dossiers of a day are of a few procedures.
        asked = procedure_code, on, channel
        if asked not in self._limits:
            if len(self._limits) >= LIMITS_KEPT:
                self._limits.clear()
            self._limits[asked] = self._found_limit(procedure_code, on, channel)
        return self._limits[asked]

    def _found_limit(self, procedure_code: ProcedureCode, on: date, channel: Channel) -> TimeLimit | None:
        procedure = self.procedures.get(procedure_code)
        if procedure is None:
            return None
        own = limit_among(self.desk.limits.get(procedure_code, ()), on, channel)
        limit = own or procedure.limit_on(on, channel)
        return limit.appointment if limit else None


def signed_pack(key: SigningKey, kind: PackKind, content: Mapping[str, Any]) -> Signed:
    """A pack of the centre."""
    return key.sign(PACK, {"format": FORMAT, "kind": kind.value, "content": dict(content)})


def pack_hash(pack: Signed) -> str:
    """The name of a pack: SHA-256 of its bytes in base64."""
    return encoded(hashlib.sha256(pack.body).digest())


def procedures_content(procedures: Iterable[Procedure], on: date) -> dict[str, Any]:
    """Content of a pack of procedures, made on a local day.

    `procedures` holds those received on that day, with the limit in force then, which is all that programs of before
    read. Their other versions, and procedures of the past and the future, stand apart.
    """
    listed = list(procedures)
    content: dict[str, Any] = {"procedures": [_procedure_content(each, on) for each in listed if is_valid(each, on)]}
    others = [_procedure_content(each, on) for each in listed if not is_valid(each, on)]
    others += [_version_content(version) for each in listed for version in each.other_versions]
    return content | ({"other_versions": others} if others else {})


def calendar_content(calendar: WorkingCalendar) -> dict[str, Any]:
    """Content of a pack of the working calendar."""
    seasons = [
        {
            "first_on": each.first_on.isoformat(),
            "last_on": each.last_on.isoformat(),
            "hours": _hours_content(each.hours),
        }
        for each in calendar.seasons
    ]
    return {
        "days_off": sorted(day.isoformat() for day in calendar.days_off),
        "make_up_days": sorted(day.isoformat() for day in calendar.make_up_days),
        "hours": _hours_content(calendar.hours),
    } | ({"seasons": seasons} if seasons else {})


def desk_content(profile: DeskProfile) -> dict[str, Any]:
    """Content of a pack about a desk."""
    limits = {code: [_limit_content(each) for each in own] for code, own in profile.limits.items()}
    rules = _rules_content(profile.rules)
    return (
        {
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
        | ({"limits": limits} if limits else {})
        | ({"rules": rules} if rules else {})
    )


def read_pack(pack: Signed, centre_key: bytes) -> tuple[PackKind, Any]:
    """Kind and value (procedures by code, a calendar or a profile) of a pack; raises BadSignature, NotADocument."""
    return _read(opened(pack, PACK, centre_key))


def read_own_pack(pack: Signed) -> tuple[PackKind, Any]:
    """As `read_pack`, of one that the reader has signed itself."""
    return _read(content_of(pack, PACK))


def read_packs(packs: Iterable[Signed], centre_key: bytes) -> Packs:
    """The reference data of one pack of each kind; raises NotADocument where one is missing."""
    values = dict(read_pack(pack, centre_key) for pack in packs)
    if set(values) != set(PackKind):
        raise NotADocument
    return Packs(procedures=values[PackKind.PROCEDURES], calendar=values[PackKind.CALENDAR], desk=values[PackKind.DESK])


def _read(document: Mapping[str, Any]) -> tuple[PackKind, Any]:
    try:
        if document["format"] != FORMAT:
            raise ValueError("another format")
        kind = PackKind(document["kind"])
        return kind, _READERS[kind](document["content"])
    # Limits, series and serials check themselves and say what is wrong with them in errors of their own.
    except (KeyError, TypeError, ValueError, ArithmeticError, FieldSyncError) as error:
        raise NotADocument from error


def _procedure_content(procedure: Procedure, on: date) -> dict[str, Any]:
    """A version with the limits of its code: `limit` is the one in force, `limits` are all where it does not say it."""
    in_force = procedure.limit_on(on, None)
    limit = in_force.appointment if in_force else None
    is_all = procedure.limits == ((ProcedureLimit(committed=limit),) if limit else ())
    limits = {} if is_all else {"limits": [_limit_content(each) for each in procedure.limits]}
    return _version_content(procedure) | {"limit": _time_content(limit)} | limits


def _version_content(version: Procedure) -> dict[str, Any]:
    said = {
        "valid_from": _day_content(version.valid_from),
        "valid_to": _day_content(version.valid_to),
        "service_level": None if version.service_level is ServiceLevel.NONE else version.service_level.value,
        "on_the_spot": None if version.on_the_spot is OnTheSpot.NONE else version.on_the_spot.value,
        "competent_unit": version.competent_unit or None,
        "fee_vnd": version.fee_vnd,
        "fee_basis": version.fee_basis or None,
    }
    return {
        "code": version.code,
        "name": version.name,
        "field": version.field,
        "channels": [channel.value for channel in version.channels],
    } | _stated(said)


def _limit_content(limit: ProcedureLimit) -> dict[str, Any]:
    return _stated(
        {
            "statutory": _time_content(limit.statutory),
            "committed": _time_content(limit.committed),
            "channel": limit.channel.value if limit.channel else None,
            "valid_from": _day_content(limit.valid_from),
            "valid_to": _day_content(limit.valid_to),
        }
    )


def _rules_content(rules: DeadlineRules) -> dict[str, Any]:
    """What differs from the decree; empty where nothing does."""
    decree = DeadlineRules()
    said = {name: getattr(rules, name) for name in _RULES if getattr(rules, name) != getattr(decree, name)}
    versions = [_rules_content(version) for version in rules.other_versions]
    return said | _stated({"valid_from": _day_content(rules.valid_from), "other_versions": versions or None})


def _hours_content(hours: Hours) -> list[list[str]]:
    return [[opens.isoformat("minutes"), closes.isoformat("minutes")] for opens, closes in hours]


def _time_content(limit: TimeLimit | None) -> list[str] | None:
    return [str(limit.value), limit.unit.value] if limit else None


def _day_content(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _stated(content: Mapping[str, Any]) -> dict[str, Any]:
    """Without the keys that say nothing, so that small packs stay small."""
    return {name: value for name, value in content.items() if value is not None}


def _procedures(content: Mapping[str, Any]) -> dict[ProcedureCode, Procedure]:
    """Procedures by code; of one that is not received on the day of the pack the first version carries the limits."""
    versions: dict[ProcedureCode, list[Procedure]] = {}
    for each in (*content["procedures"], *content.get("other_versions", ())):
        versions.setdefault(each["code"], []).append(_procedure(each))
    return {code: _with_versions(first, others) for code, (first, *others) in versions.items()}


def _procedure(content: Mapping[str, Any]) -> Procedure:
    return Procedure(
        code=content["code"],
        name=content["name"],
        field=content["field"],
        limits=_limits(content),
        channels=tuple(Channel(each) for each in content["channels"]),
        valid_from=_day(content, "valid_from"),
        valid_to=_day(content, "valid_to"),
        service_level=ServiceLevel(content.get("service_level", ServiceLevel.NONE)),
        on_the_spot=OnTheSpot(content.get("on_the_spot", OnTheSpot.NONE)),
        competent_unit=content.get("competent_unit", ""),
        fee_vnd=content.get("fee_vnd"),
        fee_basis=content.get("fee_basis", ""),
    )


def _with_versions(procedure: Procedure, others: Iterable[Procedure]) -> Procedure:
    return replace(procedure, other_versions=tuple(replace(each, limits=procedure.limits) for each in others))


def _limits(content: Mapping[str, Any]) -> tuple[ProcedureLimit, ...]:
    if "limits" in content:
        return tuple(map(_limit, content["limits"]))
    limit = _time_limit(content.get("limit"))
    return (ProcedureLimit(committed=limit),) if limit else ()


def _limit(content: Mapping[str, Any]) -> ProcedureLimit:
    return ProcedureLimit(
        statutory=_time_limit(content.get("statutory")),
        committed=_time_limit(content.get("committed")),
        channel=Channel(content["channel"]) if "channel" in content else None,
        valid_from=_day(content, "valid_from"),
        valid_to=_day(content, "valid_to"),
    )


def _time_limit(parts: Any) -> TimeLimit | None:
    if parts is None:
        return None
    value, unit = parts
    return TimeLimit(value=Decimal(value), unit=LimitUnit(unit))


def _day(content: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(content[name]) if name in content else None


def _calendar(content: Mapping[str, Any]) -> WorkingCalendar:
    return WorkingCalendar(
        days_off=frozenset(date.fromisoformat(day) for day in content["days_off"]),
        make_up_days=frozenset(date.fromisoformat(day) for day in content["make_up_days"]),
        hours=_hours(content["hours"]),
        seasons=tuple(map(_season, content.get("seasons", ()))),
    )


def _season(content: Mapping[str, Any]) -> Season:
    return Season(
        first_on=date.fromisoformat(content["first_on"]),
        last_on=date.fromisoformat(content["last_on"]),
        hours=_hours(content["hours"]),
    )


def _hours(spans: Iterable[tuple[str, str]]) -> Hours:
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in spans)


def _rules(content: Mapping[str, Any]) -> DeadlineRules:
    said: dict[str, Any] = {name: read(content[name]) for name, read in _RULES.items() if name in content}
    return DeadlineRules(
        **said,
        valid_from=_day(content, "valid_from"),
        other_versions=tuple(map(_rules, content.get("other_versions", ()))),
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
        serials=SerialRule(first=content["serials"]["first"], per_slot=content["serials"]["per_slot"]),
        limits={code: tuple(map(_limit, own)) for code, own in content.get("limits", {}).items()},
        rules=_rules(content.get("rules", {})),
    )


_RULES: Mapping[str, Callable[[Any], Any]] = {
    "supplement_policy": WaitPolicy,
    "payment_policy": WaitPolicy,
    "after_15h_starts_next_day": bool,
    "supplements_most": int,
    "extensions_most": int,
    "supplement_request_days": int,
}
"""The rules by name, and how each one is read."""


_READERS = {
    PackKind.PROCEDURES: _procedures,
    PackKind.CALENDAR: _calendar,
    PackKind.DESK: _profile,
}
