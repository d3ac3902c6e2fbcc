"""Founding a centre and loading its reference data."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime

from central_server.central import Central
from central_server.services.lines import Line, read_lines
from central_server.services.packing_up import issue_packs
from central_server.services.procedures import load_agencies, load_limits, load_procedures, load_rules
from central_server.services.scoring_rules import load_scoring_rules
from central_server.storage import centre, reference, register, units
from central_server.storage.centre import CentreRow
from central_server.storage.database import write_transaction
from central_server.storage.reference import IN_FORCE_FROM
from sync_protocol.calendars import Hours, Season, parse_calendar
from sync_protocol.dossier_codes import SerialRule
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import local_date
from sync_protocol.periods import PeriodSeries
from sync_protocol.signing import encoded
from sync_protocol.standings import THRESHOLD
from sync_protocol.vocabulary import UnitLevel

DECISION = ("decision", "decided_on")
REQUIRED = {
    "units": ("code", "name", "level", "parent_code"),
    "desks": ("code", "name", "unit_code", "identifier_code", "phone"),
    "agencies": ("code", "name", "kind", "valid_from", "valid_to"),
    "procedures": ("code", "name", "field", "level", "time_limit_working_days", "fee_vnd", "source"),
    "limits": ("code", "limit_value", "limit_unit", "fee_basis", "channels", "note"),
    "rules": ("name", "value", "valid_from"),
    "scoring-rules": ("name", "value", "valid_from", "source"),
    "calendar": ("date", "kind", "name", "status"),
    "hours": ("first_on", "last_on", "hours"),
}
"""The columns that a file of each kind has to have."""

OPTIONAL = {
    "procedures": ("service_level", "on_the_spot", "competent_unit", "valid_from", "valid_to", *DECISION),
    "limits": ("channel", "unit_code", "statutory_value", "statutory_unit", "valid_from", "valid_to", *DECISION),
}
"""The columns that a file may have as well."""

TEMPLATES = {what: ",".join((*columns, *OPTIONAL.get(what, ()))) for what, columns in REQUIRED.items()}


OLDER_FILE = N_("units were reorganised since this was written; leave the line out, or write it as units are now")


class AlreadyFounded(FieldSyncError):
    """The database holds a centre already."""

    code = "already_founded"
    text = N_("There is a centre here already. Nothing was changed; use another data folder for another centre.")


class NotTraining(FieldSyncError):
    """Only a training centre's clock can be set."""

    code = "not_training"
    text = N_("Only a training centre's clock can be set. Nothing was changed.")


def found(central: Central, *, training: bool) -> None:
    """Seals a new centre into an empty database; raises AlreadyFounded."""
    with write_transaction(central.database):
        if centre.about() is not None:
            raise AlreadyFounded
        centre.insert(
            CentreRow(
                training=training,
                incarnation=encoded(central.randomness(9)),
                threshold=THRESHOLD,
                series=PeriodSeries(last_day=20),
                serials=SerialRule(),
                clock_set_at=None,
                clock_shows_at=None,
            )
        )


def set_clock(central: Central, shows_at: datetime) -> None:
    """Sets the training clock; raises NotTraining."""
    if not central.about().training:
        raise NotTraining
    with write_transaction(central.database):
        centre.set_clock(central.wall(), shows_at)


def load(central: Central, what: str, text: str) -> int:
    """Loads a CSV file of `what` (a name of TEMPLATES), all or nothing, issues the packs that change and gives the
    number of rows; loading the same file again changes nothing. Raises BadFile."""
    lines = list(read_lines(text, REQUIRED[what], OPTIONAL.get(what, ())))
    now = central.now()
    with write_transaction(central.database):
        _LOADERS[what](lines, now)
        issue_packs(central, now)
    return len(lines)


def _load_units(lines: list[Line], now: datetime) -> None:
    known = {unit.code: unit for unit in units.tree(local_date(now)).values()}
    ids = {code: unit.id for code, unit in known.items()}
    for line in lines:
        code, name, parent = line.cells["code"], line.cells["name"], line.cells["parent_code"]
        level = line.word("level", UnitLevel)
        if parent and parent not in ids:
            raise line.bad(N_("the parent's code is not known; it has to stand above"))
        if code in ids:
            if code in known and name != known[code].name and register.is_reorganised(ids[code]):
                raise line.bad(OLDER_FILE)
            register.respell_unit(ids[code], name)
            continue
        ids[code] = _unit_id(code, name)
        if register.is_past(ids[code]):
            raise line.bad(OLDER_FILE)
        register.insert_unit(ids[code], level, code, name, ids.get(parent), IN_FORCE_FROM)


def _load_desks(lines: list[Line], now: datetime) -> None:
    by_code = {unit.code: unit for unit in units.tree(local_date(now)).values()}
    for line in lines:
        unit = by_code.get(line.cells["unit_code"])
        if unit is None:
            raise line.bad(N_("there is no unit of this code"))
        if register.is_closed(line.cells["code"]):
            raise line.bad(OLDER_FILE)
        register.keep_desk(
            code=line.cells["code"],
            unit_id=unit.id,
            name=line.cells["name"],
            identifier_code=line.cells["identifier_code"],
            phone=line.cells["phone"],
            valid_from=IN_FORCE_FROM,
        )


def _load_calendar(lines: list[Line], now: datetime) -> None:
    rows = [line.cells for line in lines]
    parse_calendar(rows)
    reference.keep_calendar(rows)


def _load_hours(lines: list[Line], now: datetime) -> None:
    """Hours of all days where a row has no bounds, else of its season."""
    usual: Hours | None = None
    seasons: list[Season] = []
    for line in lines:
        season = _season(line)
        if isinstance(season, Season):
            _check_apart(line, season, seasons)
            seasons.append(season)
        elif usual:
            raise line.bad(SEASONS)
        else:
            usual = season
    reference.keep_hours(usual, seasons)


SEASONS = N_("a season has a first and a last day, and one row without both is for all other days")


def _season(line: Line) -> Season | Hours:
    first_on, last_on = line.days("first_on", "last_on")
    try:
        hours = reference.parse_hours(line.cells["hours"])
        season = Season(first_on=first_on or date.min, last_on=last_on or date.max, hours=hours)
    except ValueError as error:
        raise line.bad(N_("the hours are not usable; write them like 07:00-11:30|13:30-17:00")) from error
    if (first_on is None) != (last_on is None):
        raise line.bad(SEASONS)
    return season if first_on else hours


def _check_apart(line: Line, season: Season, others: list[Season]) -> None:
    if any(season.first_on <= other.last_on and other.first_on <= season.last_on for other in others):
        raise line.bad(N_("the season overlaps with one above"))


def _unit_id(code: str, name: str) -> str:
    """An id of the unit's own, since codes pass to other units: of its code and first name, so that loads agree."""
    return hashlib.sha256(f"{code} {name}".encode()).hexdigest()[:16]


_LOADERS: dict[str, Callable[[list[Line], datetime], None]] = {
    "units": _load_units,
    "desks": _load_desks,
    "agencies": load_agencies,
    "procedures": load_procedures,
    "limits": load_limits,
    "rules": load_rules,
    "scoring-rules": load_scoring_rules,
    "calendar": _load_calendar,
    "hours": _load_hours,
}
