"""What a file of reorganisation means: which units end, begin, or get another name or parent, and what their desks do.

Pure: lines and the units and desks of the day before in, a plan out. A rename keeps the unit; a merge makes a new one
even where the code is kept, since codes pass to other units (domain guide, 4). Nothing is guessed: the desk that goes
on for a new unit is named, all others of the units that end are closed.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from central_server.services.lines import Line
from central_server.storage.register import ChangeKind
from central_server.storage.units import DeskNode, UnitNode
from sync_protocol.errors import N_
from sync_protocol.texts import folded
from sync_protocol.vocabulary import DeskCode, UnitLevel

REQUIRED = ("effective_on", "kind", "old_code", "old_name", "new_code", "new_name")
OPTIONAL = ("new_level", "new_parent_code", "desk", "desk_name", "desk_phone")
TEMPLATE = ",".join((*REQUIRED, *OPTIONAL))

ENDING = (ChangeKind.MERGE, ChangeKind.SPLIT, ChangeKind.ABOLISH)
RANKS = (UnitLevel.PROVINCE, UnitLevel.DISTRICT, UnitLevel.COMMUNE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A line of the file: what becomes of a unit."""

    line: Line
    kind: ChangeKind
    old: UnitNode
    code: str
    name: str
    level: UnitLevel
    parent_code: str
    desk: DeskCode


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnit:
    """A unit that begins."""

    line: Line
    id: str
    code: str
    name: str
    level: UnitLevel
    parent_code: str
    desk: DeskCode = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDesk:
    """A desk that begins with its unit."""

    code: DeskCode
    unit_id: str
    name: str
    phone: str


@dataclass(slots=True, kw_only=True)
class Plan:
    """All that a file changes on its day.

    renamed     units with their code and name from then on; moved: with the code of their parent from then on
    successions the old unit, the new one ("" for none), and how it came
    closed      desks with the one that takes over, "" for none; kept_on: desks with their unit and name from then on
    """

    effective_on: date
    ended: list[UnitNode] = field(default_factory=list)
    begun: list[NewUnit] = field(default_factory=list)
    renamed: list[tuple[UnitNode, str, str]] = field(default_factory=list)
    moved: list[tuple[UnitNode, str]] = field(default_factory=list)
    successions: list[tuple[str, str, ChangeKind]] = field(default_factory=list)
    closed: list[tuple[DeskNode, DeskCode]] = field(default_factory=list)
    kept_on: list[tuple[DeskNode, str, str]] = field(default_factory=list)
    opened: list[NewDesk] = field(default_factory=list)
    parents: dict[str, str] = field(default_factory=dict)


def day_of(lines: Sequence[Line]) -> date:
    """The one day on which all changes of a file take effect; raises BadFile."""
    first: date | None = None
    for line in lines:
        day = line.day("effective_on")
        if day is None or day != (first or day):
            raise line.bad(N_("all lines have to name the same day on which the change takes effect"))
        first = day
    assert first is not None, "a file without lines is refused before"
    return first


def plan_of(lines: Sequence[Line], units: Mapping[str, UnitNode], desks: Sequence[DeskNode], codes: set[str]) -> Plan:
    """What the lines mean; raises BadFile with the number of the line that cannot be.

    units, desks  those of the day before; codes: of all desks that were ever registered
    """
    by_code = {unit.code: unit for unit in units.values()}
    changes = [_change(line, by_code) for line in lines]
    _check_once(changes)
    plan = Plan(effective_on=day_of(lines))
    for change in changes:
        _keep_unit(plan, change)
    for group in _groups(changes, ChangeKind.MERGE, lambda each: (each.code, each.name)):
        _merge(plan, group)
    for group in _groups(changes, ChangeKind.SPLIT, lambda each: each.old.id):
        _split(plan, group)
    for each in (each for each in changes if each.kind is ChangeKind.ABOLISH):
        plan.ended.append(each.old)
        plan.successions.append((each.old.id, "", ChangeKind.ABOLISH))
    _check_tree(plan, changes, units)
    _settle_desks(plan, changes, desks, codes)
    return plan


def _change(line: Line, by_code: Mapping[str, UnitNode]) -> Change:
    old = by_code.get(line.cell("old_code"))
    if old is None:
        raise line.bad(N_("no unit has the old code on the day before"))
    if line.cell("old_name") and folded(line.cell("old_name")) != folded(old.name):
        raise line.bad(N_("the unit of the old code has another name: codes pass from unit to unit"))
    kind = line.word("kind", ChangeKind)
    name = line.cell("new_name") or (old.name if kind in (ChangeKind.RENAME, ChangeKind.PARENT_CHANGE) else "")
    code = line.cell("new_code") or (old.code if kind is not ChangeKind.SPLIT else "")
    if not (name and code) and kind is not ChangeKind.ABOLISH:
        raise line.bad(N_("the new code or the new name is missing"))
    if kind is ChangeKind.PARENT_CHANGE and not line.cell("new_parent_code"):
        raise line.bad(N_("the code of the new parent is missing"))
    return Change(
        line=line,
        kind=kind,
        old=old,
        code=code,
        name=name,
        level=line.word("new_level", UnitLevel) if line.cell("new_level") else old.level,
        parent_code=line.cell("new_parent_code"),
        desk=line.cell("desk"),
    )


def _check_once(changes: Sequence[Change]) -> None:
    """A unit ends in one way, and one that ends is neither renamed nor moved."""
    done: dict[str, set[ChangeKind]] = {}
    for each in changes:
        before = done.setdefault(each.old.id, set())
        is_again = each.kind in before and each.kind is not ChangeKind.SPLIT
        is_mixed = any(other is not each.kind and ChangeKind(other) in ENDING for other in before) or (
            each.kind in ENDING and before - {each.kind}
        )
        if is_again or is_mixed:
            raise each.line.bad(N_("a line above says already what becomes of this unit"))
        before.add(each.kind)


def _groups(changes: Sequence[Change], kind: ChangeKind, key: Callable[[Change], object]) -> list[list[Change]]:
    found: dict[object, list[Change]] = {}
    for each in changes:
        if each.kind is kind:
            found.setdefault(key(each), []).append(each)
    return list(found.values())


def _keep_unit(plan: Plan, change: Change) -> None:
    if change.kind is ChangeKind.RENAME:
        plan.renamed.append((change.old, change.code, change.name))
    if change.parent_code and change.kind in (ChangeKind.RENAME, ChangeKind.PARENT_CHANGE):
        plan.moved.append((change.old, change.parent_code))


def _merge(plan: Plan, group: Sequence[Change]) -> None:
    if len(group) == 1:
        raise group[0].line.bad(N_("a merge needs two units at least that name the same new code and name"))
    new = _new_unit(plan, group)
    plan.begun.append(new)
    for each in group:
        plan.ended.append(each.old)
        plan.successions.append((each.old.id, new.id, ChangeKind.MERGE))


def _split(plan: Plan, group: Sequence[Change]) -> None:
    if len(group) == 1:
        raise group[0].line.bad(N_("a split needs two new units at least"))
    plan.ended.append(group[0].old)
    for each in group:
        new = _new_unit(plan, [each])
        plan.begun.append(new)
        plan.successions.append((each.old.id, new.id, ChangeKind.SPLIT))


def _new_unit(plan: Plan, group: Sequence[Change]) -> NewUnit:
    first = group[0]
    named = {each.desk for each in group if each.desk}
    parents = {each.parent_code for each in group if each.parent_code}
    if len(named) > 1 or len(parents) > 1 or len({each.level for each in group}) > 1:
        raise group[-1].line.bad(N_("the lines of one new unit name different levels, parents or desks"))
    return NewUnit(
        line=first.line,
        # Of its day, too: it may keep code and name of a unit that ends in it.
        id=hashlib.sha256(f"{first.code} {first.name} {plan.effective_on}".encode()).hexdigest()[:16],
        code=first.code,
        name=first.name,
        level=first.level,
        parent_code=next(iter(parents), ""),
        desk=next(iter(named), ""),
    )


def _check_tree(plan: Plan, changes: Sequence[Change], units: Mapping[str, UnitNode]) -> None:
    """Resolves parents by the codes from the day on: no code twice, and nobody under a unit that ends."""
    ended = {unit.id for unit in plan.ended}
    lines = {each.old.id: each.line for each in changes}
    living = [unit for unit in units.values() if unit.id not in ended]
    ids = _ids(plan, living, lines)
    levels = {unit.id: unit.level for unit in living} | {new.id: new.level for new in plan.begun}
    moved = {unit.id: code for unit, code in plan.moved}
    for unit in living:
        _settle_parent(plan, unit, moved.get(unit.id, ""), unit, lines.get(unit.id), ids, levels, lines)
    for new in plan.begun:
        _settle_parent(plan, new, new.parent_code, _first_old(plan, new, units), new.line, ids, levels, lines)


def _ids(plan: Plan, living: Iterable[UnitNode], lines: Mapping[str, Line]) -> dict[str, str]:
    """Ids of units by the codes that they have from the day on; those that no line is about keep theirs."""
    codes = {unit.id: code for unit, code, _ in plan.renamed}
    ids = {unit.code: unit.id for unit in living if unit.id not in codes}
    claimed = [(code, unit.id, lines[unit.id]) for unit, code, _ in plan.renamed]
    for code, id_, line in [*claimed, *((new.code, new.id, new.line) for new in plan.begun)]:
        if code in ids:
            raise line.bad(N_("another unit has the new code from that day on"))
        ids[code] = id_
    return ids


def _settle_parent(
    plan: Plan,
    unit: UnitNode | NewUnit,
    parent_code: str,
    old: UnitNode,
    line: Line | None,
    ids: Mapping[str, str],
    levels: Mapping[str, UnitLevel],
    lines: Mapping[str, Line],
) -> None:
    """The parent that a unit is given, else that of the unit that it was or came of."""
    parent = ids.get(parent_code, "") if parent_code else next(iter(old.parents), "")
    if line and parent_code and (not parent or RANKS.index(levels[parent]) >= RANKS.index(unit.level)):
        raise line.bad(N_("no unit of a higher level has the code of the new parent from that day on"))
    if parent and parent not in levels:
        raise (line or lines[parent]).bad(N_("a unit would still belong to one that ends; name its new parent"))
    plan.parents[unit.id] = parent


def _first_old(plan: Plan, new: NewUnit, units: Mapping[str, UnitNode]) -> UnitNode:
    return units[next(old for old, id_, _ in plan.successions if id_ == new.id)]


def _settle_desks(plan: Plan, changes: Sequence[Change], desks: Sequence[DeskNode], codes: set[str]) -> None:
    """Which desk goes on for which unit, which begin, and who takes over from those that are closed."""
    by_code = {desk.code: desk for desk in desks}
    sources: dict[str, set[str]] = {}
    for old, new, _ in plan.successions:
        sources.setdefault(new, set()).add(old)
    for each in plan.begun:
        if each.desk:
            _begin_desk(plan, each, by_code, sources[each.id], codes)
    for change in changes:
        name = change.line.cell("desk_name")
        if change.kind is ChangeKind.RENAME and change.desk and name:
            if change.desk not in by_code or by_code[change.desk].unit.id != change.old.id:
                raise change.line.bad(N_("this desk is not one of the units named"))
            plan.kept_on.append((by_code[change.desk], change.old.id, name))
    going_on = {desk.code for desk, _, _ in plan.kept_on}
    heirs = {
        **{old: each.desk for each in plan.begun for old in sources[each.id] if len(_news(plan, old)) == 1},
        **{change.old.id: change.desk for change in changes if change.kind is ChangeKind.ABOLISH},
    }
    ended = {unit.id for unit in plan.ended}
    plan.closed.extend(
        (desk, heirs.get(desk.unit.id, "")) for desk in desks if desk.unit.id in ended and desk.code not in going_on
    )
    _check_heirs(plan, changes, by_code)


def _news(plan: Plan, old: str) -> list[str]:
    return [new for each, new, _ in plan.successions if each == old]


def _begin_desk(plan: Plan, new: NewUnit, by_code: Mapping[str, DeskNode], olds: set[str], codes: set[str]) -> None:
    """The desk that a new unit names: one of the units that it came of, which goes on, or one that nobody has yet."""
    name = new.line.cell("desk_name")
    taken = {desk.code for desk, _, _ in plan.kept_on} | {desk.code for desk in plan.opened}
    if new.desk in taken:
        raise new.line.bad(N_("a line above has given this desk to another unit"))
    if new.desk in by_code and by_code[new.desk].unit.id in olds:
        desk = by_code[new.desk]
        plan.kept_on.append((desk, new.id, name or desk.name))
    elif new.desk in codes:
        raise new.line.bad(N_("this desk is not one of the units named"))
    elif not name:
        raise new.line.bad(N_("a new desk needs a name"))
    else:
        plan.opened.append(NewDesk(code=new.desk, unit_id=new.id, name=name, phone=new.line.cell("desk_phone")))


def _check_heirs(plan: Plan, changes: Iterable[Change], by_code: Mapping[str, DeskNode]) -> None:
    closed = {desk.code for desk, _ in plan.closed}
    for change in changes:
        if change.kind is ChangeKind.ABOLISH and change.desk and (change.desk not in by_code or change.desk in closed):
            raise change.line.bad(N_("the desk that takes over is none, or is closed too"))
