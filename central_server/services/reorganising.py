"""Reorganising units: a file is previewed, then applied in one transaction, and kept with who did it and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from central_server.central import Central
from central_server.services.lines import BadFile, Line, read_lines
from central_server.services.packing_up import issue_packs
from central_server.services.reorganisation import OPTIONAL, REQUIRED, Plan, day_of, plan_of
from central_server.storage import devices, people, register, units
from central_server.storage.database import reading, write_transaction
from central_server.storage.register import Reorganisation
from central_server.storage.units import EVERYTHING
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.periods import Period
from sync_protocol.texts import normalised
from sync_protocol.vocabulary import DeviceState

REASON_CHARACTERS_MAX = 500
FILE_CHARACTERS_MAX = 1_000_000
DAY = timedelta(days=1)


class NoReason(FieldSyncError):
    """A reorganisation without the resolution that it rests on."""

    code = "no_reason"
    text = N_("A reorganisation needs a reason, for example the number of its resolution. Nothing was changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a file would change.

    machines  how many machines the desks that would be closed have in use
    people    usernames of those whose area would end, and who need another
    """

    plan: Plan
    machines: int
    people: Sequence[str]


def preview(central: Central, text: str) -> Preview:
    """What a file would change, and whom that concerns; changes nothing. Raises BadFile."""
    lines = _lines(text)
    with reading(central.database):
        return _preview(_plan(lines))


def reorganise(central: Central, text: str, *, by: str, reason: str) -> Preview:
    """Applies a file, all of it or nothing, and gives what it changed. Raises BadFile, NoReason."""
    said, lines = normalised(reason)[:REASON_CHARACTERS_MAX], _lines(text)
    if not said:
        raise NoReason
    now = central.now()
    with write_transaction(central.database):
        plan = _plan(lines)
        told = _preview(plan)
        number = register.keep(effective_on=plan.effective_on, file=text, reason=said, done_by=by, done_at=now)
        _apply(plan, number)
        issue_packs(central, now)
    return told


def made(central: Central) -> list[Reorganisation]:
    """The reorganisations that were made, oldest first."""
    with reading(central.database):
        return register.reorganisations()


def is_since(central: Central, period: Period) -> bool:
    """Whether units were reorganised within a period or after it, so that those of today may be others."""
    with reading(central.database):
        return register.is_reorganised_after(period.first_on)


def _lines(text: str) -> list[Line]:
    if len(text) > FILE_CHARACTERS_MAX:
        raise BadFile(line=1, reason=N_("a column is missing, or the file is too long"))
    lines = list(read_lines(text, REQUIRED, OPTIONAL))
    if not lines:
        raise BadFile(line=1, reason=N_("it names no unit"))
    return lines


def _plan(lines: Sequence[Line]) -> Plan:
    """The plan of a file by the register as it stands, inside the caller's transaction."""
    eve = day_of(lines) - DAY
    tree = units.tree(eve)
    plan = plan_of(lines, tree, units.desks(EVERYTHING, eve), set(units.desk_codes()))
    by_code = {unit.code: unit for unit in tree.values()}
    for line in lines:
        if register.changes_from(by_code[line.cell("old_code")].id, eve + DAY):
            raise line.bad(N_("a later reorganisation, or one of the same day, has changed this unit already"))
    return plan


def _preview(plan: Plan) -> Preview:
    enrolled = devices.of_desks([desk.code for desk, _ in plan.closed])
    return Preview(
        plan=plan,
        machines=sum(each.state is DeviceState.ACTIVE for group in enrolled.values() for each in group),
        people=people.working_for([unit.id for unit in plan.ended]),
    )


def _apply(plan: Plan, number: int) -> None:
    on = plan.effective_on
    for unit in plan.ended:
        register.end_unit(unit.id, on)
    for new in plan.begun:
        register.insert_unit(new.id, new.level, new.code, new.name, plan.parents[new.id] or None, on)
    for unit, code, name in plan.renamed:
        register.rename_unit(unit.id, code, name, on)
    for unit, _ in plan.moved:
        register.move_unit(unit.id, plan.parents[unit.id], on)
    for old, succeeding, kind in plan.successions:
        register.succeed(old, succeeding, kind, on, number)
    _apply_to_desks(plan, on)


def _apply_to_desks(plan: Plan, on: date) -> None:
    for new in plan.opened:
        register.open_desk(new.code, new.unit_id, new.name, new.phone, on)
    for desk, unit_id, name in plan.kept_on:
        register.move_desk(desk.code, unit_id, name, on)
    for desk, successor in plan.closed:
        register.close_desk(desk.code, successor, on)
