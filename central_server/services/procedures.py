"""Loading procedures, their limits, and the rules about deadlines."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypedDict

from central_server.services.lines import Line
from central_server.storage import agencies, procedures, units
from central_server.storage.agencies import Agency, AgencyKind
from central_server.storage.procedures import EVERY_UNIT, LimitRow, ProcedureRow
from central_server.storage.reference import BAR, IN_FORCE_FROM
from central_server.storage.rules import RULES, keep_rule
from sync_protocol.calendars import TimeLimit
from sync_protocol.errors import N_
from sync_protocol.instants import local_date
from sync_protocol.procedures import OnTheSpot, ServiceLevel
from sync_protocol.vocabulary import Channel, LimitUnit


class Decision(TypedDict):
    """The number and the day of the decision that announced what a line tells."""

    decision: str
    decided_on: date | None


def load_procedures(lines: list[Line], now: datetime) -> None:
    """Versions of procedures; columns that the file does not have leave what is kept as it is."""
    known = agencies.agencies()
    for line in lines:
        valid_from, valid_to = line.days("valid_from", "valid_to")
        row = ProcedureRow(
            code=line.cells["code"],
            name=line.cells["name"],
            field=line.cells["field"],
            levels=tuple(level.strip() for level in line.cells["level"].split(";")),
            limit=_announced_limit(line),
            fee_vnd=line.amount("fee_vnd"),
            valid_from=valid_from or IN_FORCE_FROM,
            valid_to=valid_to,
            service_level=line.word("service_level", ServiceLevel) if line.cell("service_level") else ServiceLevel.NONE,
            on_the_spot=line.word("on_the_spot", OnTheSpot) if line.cell("on_the_spot") else OnTheSpot.NONE,
            competent_unit=_agency(line, known, valid_from or IN_FORCE_FROM, valid_to),
            **_decision(line),
        )
        procedures.keep_procedure(row, line.cells)


def load_limits(lines: list[Line], now: datetime) -> None:
    """Limits of procedures; one without a first day is that of the version in force.

    `channels` and `fee_basis` are of the procedure itself, so they are not read of a row that is of one unit.
    """
    on = local_date(now)
    unit_ids = {unit.code: unit.id for unit in units.tree(on).values()}
    for line in lines:
        valid_from, valid_to = line.days("valid_from", "valid_to")
        version = procedures.version_on(line.cells["code"], valid_from or on)
        if version is None:
            raise line.bad(N_("there is no procedure of this code; load the procedures first"))
        row = LimitRow(
            code=line.cells["code"],
            unit_id=_unit_id(line, unit_ids),
            channel=line.word("channel", Channel) if line.cell("channel") else None,
            valid_from=valid_from or version,
            valid_to=valid_to,
            committed=_limit(line, "limit_value", "limit_unit"),
            statutory=_limit(line, "statutory_value", "statutory_unit"),
            **_decision(line),
        )
        procedures.keep_limit(row, line.cells)
        _offer(line, row, version)


def load_agencies(lines: list[Line], now: datetime) -> None:
    """Agencies that decide on procedures: a name for a time, under a code that stays."""
    for line in lines:
        valid_from, valid_to = line.days("valid_from", "valid_to")
        if not line.cells["code"] or not line.cells["name"]:
            raise line.bad(N_("an agency needs a code and a name"))
        agencies.keep(
            Agency(
                code=line.cells["code"],
                name=line.cells["name"],
                kind=line.word("kind", AgencyKind),
                valid_from=valid_from or IN_FORCE_FROM,
                valid_to=valid_to,
            )
        )


def load_rules(lines: list[Line], now: datetime) -> None:
    """Rules about deadlines, each from its day on."""
    for line in lines:
        name, value = line.cells["name"], line.cells["value"]
        if name not in RULES:
            raise line.bad(N_("there is no rule of this name"))
        try:
            RULES[name](value)
        except ValueError as error:
            raise line.bad(N_("this is not a value of this rule")) from error
        keep_rule(name, value, line.day("valid_from") or IN_FORCE_FROM)


def _announced_limit(line: Line) -> TimeLimit | None:
    days = line.cells["time_limit_working_days"]
    return line.limit(days, LimitUnit.SAME_DAY if days == "0" else LimitUnit.WORKING_DAY) if days else None


def _limit(line: Line, value: str, unit: str) -> TimeLimit | None:
    return line.limit(line.cell(value), line.word(unit, LimitUnit)) if line.cell(unit) else None


def _agency(line: Line, known: Sequence[Agency], valid_from: date, valid_to: date | None) -> str:
    """The name of the competent agency, told by its code or its name; any name where no agencies are loaded."""
    told = line.cell("competent_unit")
    if not told or not known:
        return told
    fitting = [each for each in known if told in (each.code, each.name) and each.was_there(valid_from, valid_to)]
    if not fitting:
        raise line.bad(N_("there is no agency of this code or name at that time; load the agencies first"))
    return fitting[-1].name


def _decision(line: Line) -> Decision:
    return {"decision": line.cell("decision"), "decided_on": line.day("decided_on")}


def _unit_id(line: Line, unit_ids: dict[str, str]) -> str:
    code = line.cell("unit_code")
    if code and code not in unit_ids:
        raise line.bad(N_("there is no unit of this code"))
    return unit_ids[code] if code else EVERY_UNIT


def _offer(line: Line, row: LimitRow, version: date) -> None:
    """Says what the row tells of the procedure itself; a row of one channel need not repeat the channels."""
    if row.unit_id == EVERY_UNIT and (row.channel is None or line.cells["channels"]):
        channels = tuple(line.word_of(each, Channel) for each in line.cells["channels"].split(BAR))
        procedures.offer(row.code, version, channels, line.cells["fee_basis"])
