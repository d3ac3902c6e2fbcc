"""Making reference packs of what was loaded, and saying which are in force for a desk."""

from datetime import datetime

from central_server.central import Central
from central_server.storage import centre, procedures, reference, rules, units
from central_server.storage.centre import CentreRow
from central_server.storage.procedures import UnitLimits
from central_server.storage.units import EVERYTHING, DeskNode
from sync_protocol.instants import local_date
from sync_protocol.packs import (
    DeskProfile,
    PackKind,
    calendar_content,
    desk_content,
    procedures_content,
    signed_pack,
)
from sync_protocol.procedures import DeadlineRules
from sync_protocol.signing import Signed
from sync_protocol.vocabulary import DeskCode, UnitLevel

EVERYWHERE = ""


def issue_packs(central: Central, now: datetime) -> None:
    """Signs packs of the reference data as it stands, inside the caller's transaction; equal ones stay in force."""
    about = centre.about()
    assert about is not None, "packs are issued by an initialised centre"
    key = central.keys.signing
    reference.keep_pack(
        PackKind.CALENDAR, EVERYWHERE, signed_pack(key, PackKind.CALENDAR, calendar_content(reference.calendar())), now
    )
    on = local_date(now)
    for level in UnitLevel:
        # The level makes packs differ that hold the same procedures: a pack is named by its bytes and has one scope.
        content = procedures_content(procedures.procedures_of(level, on), on) | {"level": level.value}
        reference.keep_pack(PackKind.PROCEDURES, level.value, signed_pack(key, PackKind.PROCEDURES, content), now)
    own_limits, deadline_rules = procedures.limits_by_unit(), rules.rules(on)
    for desk in units.desks(EVERYTHING, on):
        profile = profile_of(desk, about, own_limits.get(desk.unit.id, {}), deadline_rules)
        reference.keep_pack(PackKind.DESK, desk.code, signed_pack(key, PackKind.DESK, desk_content(profile)), now)


def packs_in_force(desk: DeskCode) -> dict[str, str]:
    """Names of a desk's packs by kind, inside the caller's transaction."""
    level = units.level_of(desk)
    scopes = {PackKind.CALENDAR: EVERYWHERE, PackKind.PROCEDURES: level.value, PackKind.DESK: desk}
    return reference.pack_names(scopes)


def packs_of(desk: DeskCode) -> list[Signed]:
    """A desk's packs themselves, inside the caller's transaction."""
    return [pack for name in packs_in_force(desk).values() if (pack := reference.pack(name))]


def profile_of(desk: DeskNode, about: CentreRow, limits: UnitLimits, deadline_rules: DeadlineRules) -> DeskProfile:
    """What a desk is told about itself."""
    return DeskProfile(
        code=desk.code,
        name=desk.name,
        unit_name=desk.unit.name,
        level=desk.unit.level,
        identifier_code=desk.identifier_code,
        phone=desk.phone,
        threshold=about.threshold,
        series=about.series,
        serials=about.serials,
        limits=limits,
        rules=deadline_rules,
    )
