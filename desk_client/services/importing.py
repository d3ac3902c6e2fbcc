"""Taking in rows of other software: opening stock, or a province system's own export, given again each week.

A row is matched by its code in the other system or by the code on its slip. A new row becomes a dossier, a changed row
adds the events that it tells, an unchanged row does nothing. What is asked of a clerk's own entries is asked here too.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

import orjson

from desk_client.desk import Desk
from desk_client.services.happenings import UnclearRow, happenings, moment_of
from desk_client.services.lifecycle import NothingChanged, take_step
from desk_client.services.projecting import write
from desk_client.services.recording import INTAKE, InvalidReception, checked_reception, next_code, use_up
from desk_client.services.sealing import Pen, take_pen
from desk_client.sheets.advice import Remark
from desk_client.sheets.columns import Field, guessed, header_signature
from desk_client.sheets.grids import Row
from desk_client.sheets.moments import Moment
from desk_client.sheets.reading import Sheet
from desk_client.sheets.values import values_of
from desk_client.storage import dossiers, imports, notes
from desk_client.storage.database import reading, savepoint, write_transaction
from desk_client.storage.dossiers import Stored
from desk_client.storage.imports import TakenRow
from sync_protocol.dossier_codes import CODE_PATTERN
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Corrected, Received, RefusedAtDesk, Registered
from sync_protocol.packs import Packs
from sync_protocol.schemas import CORRECTABLE
from sync_protocol.texts import folded
from sync_protocol.vocabulary import Channel, DeliveryMethod, DossierStage, OwnerType, Source

ROWS_A_TRANSACTION = 200
"""So many rows are durable together: a power cut costs at most these, and giving the file again takes them."""

DEFAULTS = {
    "owner_type": OwnerType.CITIZEN.value,
    "channel": Channel.DIRECT.value,
    "delivery_method": DeliveryMethod.COUNTER.value,
    "set_count": 1,
}
AS_IMPORTED = "Theo tệp nhập"
"""Reason in the events that a row tells without one; journals of desks are written in Vietnamese."""

NO_RECEPTION_DAY = N_("There is no day of reception. Fill it in.")
NO_PROCEDURE = N_("No procedure of this desk has this name or code. Correct it, or ask the province to add it.")
NO_NAME = N_("There is neither a submitter nor an owner. Fill in a name.")
SAME_AS_ROW = N_("This row stands in the file already, as row %(number)d. It is taken once.")
NOT_AS_ROW = N_("Row %(number)d bears the same code and says something else. Correct one of them.")


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of a row, or would become of it.

    dossier_code  "" where there is none; remarks: why it was refused, or what was decided about it
    error         an error of our own that refused it, None where the remarks say why
    """

    number: int
    outcome: Outcome
    dossier_code: str = ""
    remarks: tuple[Remark, ...] = ()
    error: FieldSyncError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be taken in.

    source  `import` for another system's dossiers, `opening` for those open when this system was introduced
    """

    sheet: Sheet
    mapping: Mapping[Field, int]
    source: Source


class _RolledBack(Exception):
    """Ends a trial: all that it wrote is undone."""


@dataclass(slots=True)
class _Intake:
    """A file while it is taken in; `seen` holds the rows before by what names them."""

    desk: Desk
    packs: Packs
    source: Source
    clerk: str
    procedures: Mapping[str, str]
    seen: dict[str, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)


def mapping_for(desk: Desk, sheet: Sheet) -> dict[Field, int]:
    """Which column holds which field: as a clerk said of such a file last, else as their names say."""
    with reading(desk.database):
        kept = notes.mapping(header_signature(sheet.header))
    if kept is None:
        return guessed(sheet.header)
    known = {each.value for each in Field}
    return {Field(name): column for name, column in kept.items() if name in known and column < len(sheet.header)}


def keep_mapping(desk: Desk, sheet: Sheet, mapping: Mapping[Field, int]) -> None:
    """Remembers a clerk's mapping for the next file with these columns."""
    with write_transaction(desk.database):
        notes.keep_mapping(header_signature(sheet.header), {name.value: column for name, column in mapping.items()})


def try_rows(desk: Desk, order: Order, *, clerk: str) -> Iterator[RowResult]:
    """What would become of each row, in their order; nothing is kept of it. Raises NotEnrolled, DamagedWorkbook."""
    return _take_rows(desk, order, clerk=clerk, is_trial=True)


def import_rows(desk: Desk, order: Order, *, clerk: str) -> Iterator[RowResult]:
    """Takes the rows in, ROWS_A_TRANSACTION at a time; a result is given once its row is durable.

    A bad row is refused by itself. Giving the same file again takes only what was missed or has changed.
    Raises NotEnrolled, DamagedWorkbook.
    """
    return _take_rows(desk, order, clerk=clerk, is_trial=False)


def _take_rows(desk: Desk, order: Order, *, clerk: str, is_trial: bool) -> Iterator[RowResult]:
    packs = desk.packs()
    procedures = {folded(each.name): each.code for each in packs.procedures.values()}
    intake = _Intake(desk=desk, packs=packs, source=order.source, clerk=clerk, procedures=procedures)
    for rows in _batches(order.sheet.rows()):
        results: list[RowResult] = []
        try:
            with write_transaction(desk.database):
                pen = take_pen(desk, desk.identity(), clerk=clerk)
                results = [_take_row(intake, pen, row, order.mapping) for row in rows]
                if is_trial:
                    raise _RolledBack
        except _RolledBack:
            pass
        yield from results


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, ROWS_A_TRANSACTION)):
        yield batch


def _take_row(intake: _Intake, pen: Pen, row: Row, mapping: Mapping[Field, int]) -> RowResult:
    """One row in a savepoint of its own, so that what it broke off is undone and its neighbours stay."""
    read = values_of(row, mapping)
    if read.problems:
        return RowResult(number=row.number, outcome=Outcome.REFUSED, remarks=read.problems)
    end = pen.end
    try:
        with savepoint(intake.desk.database):
            return replace(_taken(intake, pen, row.number, _plain(read.values)), remarks=read.notes)
    except UnclearRow as unclear:
        pen.end = end
        return RowResult(number=row.number, outcome=Outcome.REFUSED, remarks=unclear.remarks)
    except InvalidReception as error:
        pen.end = end
        return RowResult(number=row.number, outcome=Outcome.REFUSED, remarks=_remarks(error))
    except FieldSyncError as error:
        pen.end = end
        return RowResult(number=row.number, outcome=Outcome.REFUSED, error=error)


def _taken(intake: _Intake, pen: Pen, number: int, values: Mapping[str, Any]) -> RowResult:
    key = _row_key(values)
    _check_repeated(intake, key, number, values)
    last = imports.taken(key)
    before = (dossiers.by_ref(last.dossier_id) if last else None) or _matched(values)
    if before and last and last.values == values:
        return RowResult(number=number, outcome=Outcome.UNCHANGED, dossier_code=before.dossier.dossier_code)
    after = _changed(intake, pen, before, last, values) if before else _new(intake, pen, values)
    imports.keep_taken(key, TakenRow(after.dossier.id, values))
    is_same = before is not None and before.last_sequence == after.last_sequence
    outcome = Outcome.UNCHANGED if is_same else Outcome.CHANGED if before else Outcome.NEW
    return RowResult(number=number, outcome=outcome, dossier_code=after.dossier.dossier_code)


def _new(intake: _Intake, pen: Pen, values: Mapping[str, Any]) -> Stored:
    """A dossier that is not here yet, with all that its row tells of it."""
    packs = intake.packs
    received_at = moment_of(values, Field.RECEIVED_AT, packs.calendar)
    if received_at is None:
        raise UnclearRow(Remark(field=Field.RECEIVED_AT, text=NO_RECEPTION_DAY, values={}))
    reception = checked_reception(packs, _reception(intake, values), received_at)
    opening = _opening(pen, packs, values, reception, received_at)
    stored = write(pen, packs, opening, happened_at=received_at)
    return _stepped(pen, packs, stored, values)


def _changed(intake: _Intake, pen: Pen, before: Stored, last: TakenRow | None, values: Mapping[str, Any]) -> Stored:
    """What a row says anew of a dossier that is here: what it said before may have been corrected since."""
    fields = {name: value for name, value in _fields(intake, values).items() if name in CORRECTABLE}
    said_before = _fields(intake, last.values) if last else before.content
    changes = {name: value for name, value in fields.items() if said_before.get(name) != value}
    stored = before
    if changes:
        corrected = Corrected(changes=changes, reason=AS_IMPORTED)
        # The dossier may say so already, by a correction that was made here.
        with suppress(NothingChanged):
            stored = take_step(pen, intake.packs, stored, corrected, pen.now)
    return _stepped(pen, intake.packs, stored, values)


def _stepped(pen: Pen, packs: Packs, stored: Stored, values: Mapping[str, Any]) -> Stored:
    """The dossier after the steps that its row tells and that it has not taken yet."""
    for step, at in happenings(values, stored, packs, pen.now, AS_IMPORTED):
        stored = take_step(pen, packs, stored, step, at)
    return stored


def _opening(
    pen: Pen, packs: Packs, values: Mapping[str, Any], reception: Mapping[str, Any], received_at: datetime
) -> Received | Registered | RefusedAtDesk:
    stage = values.get(Field.STAGE)
    if stage == DossierStage.REGISTERED:
        return Registered(**reception)
    if stage == DossierStage.NOT_ACCEPTED:
        return RefusedAtDesk(**reception, reason=AS_IMPORTED)
    printed = str(values.get(Field.DOSSIER_CODE, ""))
    if CODE_PATTERN.fullmatch(printed):
        use_up(pen, packs, printed)
        return Received(dossier_code=printed, **reception)
    return Received(dossier_code=next_code(pen, packs, received_at), **reception)


def _reception(intake: _Intake, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the intake: of submitter and owner, one stands for both where only one is named."""
    fields = DEFAULTS | _fields(intake, values)
    name = fields.get("submitter_name") or fields.get("owner_name")
    if not name:
        raise UnclearRow(Remark(field=Field.SUBMITTER_NAME, text=NO_NAME, values={}))
    if "procedure_code" not in fields:
        raise UnclearRow(Remark(field=Field.PROCEDURE_CODE, text=NO_PROCEDURE, values={}))
    return {"submitter_name": name, "owner_name": name} | fields | {"source": intake.source.value}


def _fields(intake: _Intake, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says of the fields of the intake; a code of another form than ours is the other system's."""
    fields = {name: value for name, value in values.items() if name in INTAKE.fields}
    printed = str(values.get(Field.DOSSIER_CODE, ""))
    if printed and not CODE_PATTERN.fullmatch(printed):
        fields.setdefault("external_code", printed)
    if "procedure_code" not in fields:
        code = intake.procedures.get(folded(str(values.get(Field.PROCEDURE_NAME, ""))))
        fields |= {"procedure_code": code} if code else {}
    return fields


def _matched(values: Mapping[str, Any]) -> Stored | None:
    """The dossier that a row is about, by its code in the other system or the code on its slip."""
    for name in (Field.EXTERNAL_CODE, Field.DOSSIER_CODE):
        code = str(values.get(name, ""))
        found = code and (dossiers.by_external_code(code) or dossiers.by_ref(code))
        if found:
            return found
    return None


def _row_key(values: Mapping[str, Any]) -> str:
    """What names a row: a code; without one, what it says of who received what and when."""
    for name in (Field.EXTERNAL_CODE, Field.DOSSIER_CODE):
        if values.get(name):
            return f"{name}:{values[name]}"
    names = (Field.PROCEDURE_CODE, Field.PROCEDURE_NAME, Field.SUBMITTER_NAME, Field.OWNER_NAME, Field.ID_NUMBER)
    said = [folded(str(values.get(name, ""))) for name in names] + [values.get(Field.RECEIVED_AT)]
    return "row:" + hashlib.sha256(orjson.dumps(said)).hexdigest()


def _check_repeated(intake: _Intake, key: str, number: int, values: Mapping[str, Any]) -> None:
    earlier = intake.seen.setdefault(key, (number, values))
    if earlier[0] != number:
        text = SAME_AS_ROW if earlier[1] == values else NOT_AS_ROW
        raise UnclearRow(Remark(field=Field.DOSSIER_CODE, text=text, values={"number": earlier[0]}))


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row as JSON, the form in which they are remembered and compared."""
    return {
        str(name): [value.on.isoformat(), value.at.isoformat("minutes") if value.at else None]
        if isinstance(value, Moment)
        else value
        for name, value in values.items()
    }


def _remarks(error: InvalidReception) -> tuple[Remark, ...]:
    known = {each.value for each in Field}
    return tuple(
        Remark(field=Field(name) if name in known else Field.DOSSIER_CODE, text=text, values={})
        for name, texts in error.problems.items()
        for text in texts
    )
