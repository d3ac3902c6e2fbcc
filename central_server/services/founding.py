"""Founding a centre and loading its reference data."""

import csv
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from io import StringIO
from typing import TypeVar

from central_server.central import Central
from central_server.services.packing_up import issue_packs
from central_server.storage import centre, reference, units
from central_server.storage.centre import CentreRow
from central_server.storage.database import write_transaction
from central_server.storage.reference import ProcedureRow
from sync_protocol.calendars import TimeLimit, parse_calendar
from sync_protocol.dossier_codes import SerialRule
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.periods import PeriodSeries
from sync_protocol.signing import encoded
from sync_protocol.standings import THRESHOLD
from sync_protocol.texts import BadText, normalised
from sync_protocol.vocabulary import Channel, LimitUnit, UnitLevel

IN_FORCE_FROM = date(2019, 1, 1)
"""Reference data without a date of its own is in force from the day of the present dossier codes (TT 01/2018)."""

Word = TypeVar("Word", bound=StrEnum)
ROWS_MAX = 50_000
TEMPLATES = {
    "units": "code,name,level,parent_code",
    "desks": "code,name,unit_code,identifier_code,phone",
    "procedures": "code,name,field,level,time_limit_working_days,fee_vnd,source",
    "limits": "code,limit_value,limit_unit,fee_basis,channels,note",
    "calendar": "date,kind,name,status",
}


class AlreadyFounded(FieldSyncError):
    """The database holds a centre already."""

    code = "already_founded"
    text = N_("There is a centre here already. Nothing was changed; use another data folder for another centre.")


class BadFile(FieldSyncError):
    """A file of reference data cannot be loaded."""

    code = "bad_file"
    text = N_(
        "The file cannot be loaded, line %(line)d: %(reason)s. Nothing of it was loaded; correct it and load it again."
    )


class BadHeader(BadFile):
    """A file of reference data begins with other columns than it should."""

    text = N_("The file cannot be loaded: its first line has to be %(header)s. Nothing of it was loaded.")


class NotTraining(FieldSyncError):
    """Only a training centre's clock can be set."""

    code = "not_training"
    text = N_("Only a training centre's clock can be set. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a CSV file with the number of its line."""

    number: int
    cells: dict[str, str]


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
    lines = list(_lines(text, TEMPLATES[what].split(",")))
    now = central.now()
    with write_transaction(central.database):
        _LOADERS[what](lines, now)
        issue_packs(central, now)
    return len(lines)


def _lines(text: str, columns: list[str]) -> Iterable[Line]:
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        if rows.fieldnames is None or not set(columns) <= set(rows.fieldnames):
            raise BadHeader(line=1, header=",".join(columns))
        for row in rows:
            if rows.line_num > ROWS_MAX or any(row[name] is None for name in columns):
                raise BadFile(line=rows.line_num, reason=N_("a column is missing, or the file is too long"))
            yield Line(rows.line_num, {name: normalised(row[name]) for name in columns})
    except (BadText, csv.Error) as error:
        raise BadFile(line=rows.reader.line_num, reason=error if isinstance(error, BadText) else str(error)) from error


def _load_units(lines: list[Line], now: datetime) -> None:
    on = now.date()
    known = {unit.code: unit for unit in units.tree(on).values()}
    ids = {code: unit.id for code, unit in known.items()}
    for line in lines:
        code, name, parent = line.cells["code"], line.cells["name"], line.cells["parent_code"]
        level = _word(line, "level", UnitLevel)
        if parent and parent not in ids:
            raise BadFile(line=line.number, reason=N_("the parent's code is not known; it has to stand above"))
        if code in ids:
            units.rename_unit(ids[code], name)
            continue
        ids[code] = _unit_id(code, name)
        units.insert_unit(ids[code], level, code, name, ids.get(parent), IN_FORCE_FROM)


def _load_desks(lines: list[Line], now: datetime) -> None:
    by_code = {unit.code: unit for unit in units.tree(now.date()).values()}
    for line in lines:
        unit = by_code.get(line.cells["unit_code"])
        if unit is None:
            raise BadFile(line=line.number, reason=N_("there is no unit of this code"))
        units.keep_desk(
            code=line.cells["code"],
            unit_id=unit.id,
            name=line.cells["name"],
            identifier_code=line.cells["identifier_code"],
            phone=line.cells["phone"],
            valid_from=IN_FORCE_FROM,
        )


def _load_procedures(lines: list[Line], now: datetime) -> None:
    for line in lines:
        days = line.cells["time_limit_working_days"]
        limit = _limit(line, days, LimitUnit.SAME_DAY if days == "0" else LimitUnit.WORKING_DAY) if days else None
        reference.keep_procedure(
            ProcedureRow(
                code=line.cells["code"],
                name=line.cells["name"],
                field=line.cells["field"],
                levels=tuple(level.strip() for level in line.cells["level"].split(";")),
                channels=tuple(Channel),
                limit=limit,
            ),
            IN_FORCE_FROM,
        )


def _load_limits(lines: list[Line], now: datetime) -> None:
    for line in lines:
        unit = line.cells["limit_unit"]
        limit = _limit(line, line.cells["limit_value"], _word(line, "limit_unit", LimitUnit)) if unit else None
        channels = tuple(_word_of(line, each, Channel) for each in line.cells["channels"].split("|"))
        if not reference.set_limit(line.cells["code"], limit, channels):
            raise BadFile(line=line.number, reason=N_("there is no procedure of this code; load the procedures first"))


def _load_calendar(lines: list[Line], now: datetime) -> None:
    rows = [line.cells for line in lines]
    parse_calendar(rows)
    reference.keep_calendar(rows)


def _unit_id(code: str, name: str) -> str:
    """An id of the unit's own, since codes pass to other units: of its code and first name, so that loads agree."""
    return hashlib.sha256(f"{code} {name}".encode()).hexdigest()[:16]


def _limit(line: Line, value: str, unit: LimitUnit) -> TimeLimit:
    try:
        return TimeLimit(value=Decimal(value), unit=unit)
    except (ArithmeticError, FieldSyncError) as error:
        raise BadFile(line=line.number, reason=N_("the time limit is not a number")) from error


def _word(line: Line, column: str, words: type[Word]) -> Word:
    return _word_of(line, line.cells[column], words)


def _word_of(line: Line, text: str, words: type[Word]) -> Word:
    try:
        return words(text)
    except ValueError as error:
        raise BadFile(line=line.number, reason=text) from error


_LOADERS: dict[str, Callable[[list[Line], datetime], None]] = {
    "units": _load_units,
    "desks": _load_desks,
    "procedures": _load_procedures,
    "limits": _load_limits,
    "calendar": _load_calendar,
}
