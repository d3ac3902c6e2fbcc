"""Writing the register of units and desks, and what becomes of them from a day on; what was before stays as it was."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from peewee import fn

from central_server.storage.models import (
    DeskPast,
    DeskRow,
    ReorganisationRow,
    Unit,
    UnitName,
    UnitParent,
    UnitSuccession,
)
from sync_protocol.vocabulary import DeskCode, UnitLevel

DAY = timedelta(days=1)


class ChangeKind(StrEnum):
    """What becomes of a unit."""

    MERGE = "merge"
    SPLIT = "split"
    RENAME = "rename"
    PARENT_CHANGE = "parent_change"
    ABOLISH = "abolish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorganisation:
    """A reorganisation that was made; `file` is the text that it was made from."""

    number: int
    effective_on: date
    file: str
    reason: str
    done_by: str
    done_at: datetime


def reorganisations() -> list[Reorganisation]:
    """All that were made, oldest first."""
    return [
        Reorganisation(
            number=row.number,
            effective_on=row.effective_on,
            file=row.file,
            reason=row.reason,
            done_by=row.done_by,
            done_at=row.done_at,
        )
        for row in ReorganisationRow.select().order_by(ReorganisationRow.number)
    ]


def is_reorganised_after(day: date) -> bool:
    """Whether a reorganisation takes effect after a day."""
    return bool(ReorganisationRow.select().where(ReorganisationRow.effective_on > day).exists())


def keep(*, effective_on: date, file: str, reason: str, done_by: str, done_at: datetime) -> int:
    """Records a reorganisation and gives its number."""
    number = int(ReorganisationRow.select(fn.MAX(ReorganisationRow.number)).scalar() or 0) + 1
    ReorganisationRow.insert(
        number=number, effective_on=effective_on, file=file, reason=reason, done_by=done_by, done_at=done_at
    ).execute()
    return number


def succeed(old_id: str, new_id: str, kind: ChangeKind, effective_on: date, reorganisation: int) -> None:
    """Notes which unit a unit became, or a part of it; `new_id` is empty where there is none."""
    UnitSuccession.insert(
        old_id=old_id, new_id=new_id, kind=kind.value, effective_on=effective_on, reorganisation=reorganisation
    ).execute()


def insert_unit(id_: str, level: UnitLevel, code: str, name: str, parent_id: str | None, valid_from: date) -> None:
    """Adds a unit with its first name and parent."""
    Unit.insert(id=id_, level=level.value, valid_from=valid_from).execute()
    UnitName.insert(unit_id=id_, valid_from=valid_from, code=code, name=name).execute()
    if parent_id:
        UnitParent.insert(unit_id=id_, valid_from=valid_from, parent_id=parent_id).execute()


def respell_unit(unit_id: str, name: str) -> None:
    """Corrects the spelling of a unit's present name."""
    UnitName.update(name=name).where(UnitName.unit_id == unit_id, UnitName.valid_to.is_null()).execute()


def keep_desk(*, code: DeskCode, unit_id: str, name: str, identifier_code: str, phone: str, valid_from: date) -> None:
    """Adds a desk, or brings what the register says of it up to date."""
    DeskRow.insert(
        code=code,
        unit_id=unit_id,
        name=name,
        identifier_code=identifier_code,
        phone=phone,
        valid_from=valid_from,
        ledger_sequence=0,
    ).on_conflict(
        conflict_target=[DeskRow.code],
        preserve=[DeskRow.unit_id, DeskRow.name, DeskRow.identifier_code, DeskRow.phone],
    ).execute()


def end_unit(unit_id: str, on: date) -> None:
    """Lets a unit, its name and its parent be valid up to the day before."""
    Unit.update(valid_to=on - DAY).where(Unit.id == unit_id).execute()
    for model in (UnitName, UnitParent):
        model.update(valid_to=on - DAY).where(model.unit_id == unit_id, model.valid_to.is_null()).execute()


def rename_unit(unit_id: str, code: str, name: str, on: date) -> None:
    """Gives a unit another name and code from a day on."""
    UnitName.update(valid_to=on - DAY).where(UnitName.unit_id == unit_id, UnitName.valid_to.is_null()).execute()
    UnitName.insert(unit_id=unit_id, valid_from=on, code=code, name=name).execute()


def move_unit(unit_id: str, parent_id: str, on: date) -> None:
    """Gives a unit another parent from a day on."""
    UnitParent.update(valid_to=on - DAY).where(UnitParent.unit_id == unit_id, UnitParent.valid_to.is_null()).execute()
    UnitParent.insert(unit_id=unit_id, valid_from=on, parent_id=parent_id).execute()


def close_desk(code: DeskCode, successor: DeskCode, on: date) -> None:
    """Lets a desk be valid up to the day before; `successor` is the one that takes over, "" for none."""
    DeskRow.update(valid_to=on - DAY, successor=successor).where(DeskRow.code == code).execute()


def move_desk(code: DeskCode, unit_id: str, name: str, on: date) -> None:
    """Lets a desk be that of another unit from a day on, and remembers of which it was, under which name."""
    before = DeskRow.get_by_id(code)
    DeskPast.insert(desk=code, until_on=on - DAY, unit_id=before.unit_id, name=before.name).execute()
    DeskRow.update(unit_id=unit_id, name=name).where(DeskRow.code == code).execute()


def open_desk(code: DeskCode, unit_id: str, name: str, phone: str, on: date) -> None:
    """Adds a desk that exists from a day on."""
    DeskRow.insert(
        code=code, unit_id=unit_id, name=name, identifier_code="", phone=phone, valid_from=on, ledger_sequence=0
    ).execute()


def changes_from(unit_id: str, on: date) -> bool:
    """Whether a unit ends, or gets another name or parent, on a day or later."""
    ends = Unit.select().where(Unit.id == unit_id, Unit.valid_to.is_null(is_null=False)).exists()
    return bool(ends) or any(
        model.select().where(model.unit_id == unit_id, model.valid_from >= on).exists()
        for model in (UnitName, UnitParent)
    )


def is_past(unit_id: str) -> bool:
    """Whether there was a unit of this id that has ended."""
    return bool(Unit.select().where(Unit.id == unit_id, Unit.valid_to.is_null(is_null=False)).exists())


def is_reorganised(unit_id: str) -> bool:
    """Whether a reorganisation has made or renamed a unit: what was loaded first knows nothing of it."""
    made = UnitSuccession.select().where(UnitSuccession.new_id == unit_id).exists()
    renamed = UnitName.select().where(UnitName.unit_id == unit_id, UnitName.valid_to.is_null(is_null=False)).exists()
    return bool(made or renamed)


def is_closed(code: DeskCode) -> bool:
    """Whether a desk has been closed, or will be."""
    return bool(DeskRow.select().where(DeskRow.code == code, DeskRow.valid_to.is_null(is_null=False)).exists())
