"""Taking in rows of other software: opening stock, or a province system's own export, given again each week.

A row is matched by its code in the other system or by the code on its slip. A new row becomes a dossier, a changed row
adds the events that it tells, an unchanged row does nothing. What is asked of a clerk's own entries is asked here too.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice

from desk_client.desk import Desk
from desk_client.services.matching import Earlier, check_repeated, digest_of, row_key
from desk_client.services.recording import InvalidReception
from desk_client.services.row_fields import NOT_TAKEN, Said, UnclearRow, as_said, procedures_by_name
from desk_client.services.row_taking import Batch, Outcome, RowResult, take_row
from desk_client.services.sealing import Pen, take_pen
from desk_client.sheets.advice import Remark
from desk_client.sheets.columns import Field, guessed, header_signature
from desk_client.sheets.reading import Sheet
from desk_client.sheets.values import RowValues, values_of
from desk_client.storage import notes
from desk_client.storage.database import reading, savepoint, write_transaction
from sync_protocol.errors import FieldSyncError
from sync_protocol.vocabulary import Source

ROWS_A_TRANSACTION = 200
"""So many rows are durable together: a power cut costs at most these, and giving the file again takes them."""


NEEDED = (
    (Field.RECEIVED_AT,),
    (Field.PROCEDURE_NAME, Field.PROCEDURE_CODE),
    (Field.OWNER_NAME, Field.SUBMITTER_NAME),
)
"""What a new dossier needs of its row: one field of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be taken in.

    source  `import` for another system's dossiers, `opening` for those open when this system was introduced
    """

    sheet: Sheet
    mapping: Mapping[Field, int]
    source: Source

    def column_of(self, name: Field) -> str:
        """What the file calls the column of a field, "" where no column is taken for it."""
        return self.sheet.header[self.mapping[name]] if name in self.mapping else ""


class _RolledBack(Exception):
    """Ends a trial: all that it wrote is undone."""


@dataclass(slots=True, kw_only=True)
class _File:
    """A file while it is taken in; `seen` holds the rows that were taken from it, by what names them."""

    desk: Desk
    order: Order
    clerk: str
    is_trial: bool
    seen: dict[str, Earlier] = field(default_factory=dict)


def mapping_for(desk: Desk, sheet: Sheet) -> dict[Field, int]:
    """Which column holds which field: as a clerk said of such a file last, else as their names say."""
    with reading(desk.database):
        kept = notes.mapping(header_signature(sheet.header))
    if kept is None:
        return {name: column for name, column in guessed(sheet.header).items() if name not in NOT_TAKEN}
    known = {each.value for each in Field}
    return {Field(name): column for name, column in kept.items() if name in known and column < len(sheet.header)}


def keep_mapping(desk: Desk, sheet: Sheet, mapping: Mapping[Field, int]) -> None:
    """Remembers a clerk's mapping for the next file with these columns."""
    with write_transaction(desk.database):
        notes.keep_mapping(header_signature(sheet.header), {name.value: column for name, column in mapping.items()})


def try_rows(desk: Desk, order: Order, *, clerk: str) -> Iterator[RowResult]:
    """What would become of each row, in their order; nothing is kept of it. Raises NotEnrolled, DamagedWorkbook."""
    return _take_rows(_File(desk=desk, order=order, clerk=clerk, is_trial=True))


def import_rows(desk: Desk, order: Order, *, clerk: str) -> Iterator[RowResult]:
    """Takes the rows in, ROWS_A_TRANSACTION at a time; a result is given once its row is durable.

    A bad row is refused by itself. Giving the same file again takes only what was missed or has changed.
    Raises NotEnrolled, DamagedWorkbook.
    """
    return _take_rows(_File(desk=desk, order=order, clerk=clerk, is_trial=False))


def _take_rows(file: _File) -> Iterator[RowResult]:
    rows = file.order.sheet.rows()
    while batch := list(islice(rows, ROWS_A_TRANSACTION)):
        # Before the transaction, which keeps others from saving.
        read = [(row.number, values_of(row, file.order.mapping)) for row in batch]
        yield from _take_batch(file, read)


def _take_batch(file: _File, rows: list[tuple[int, RowValues]]) -> list[RowResult]:
    desk, results = file.desk, list[RowResult]()
    with suppress(_RolledBack), write_transaction(desk.database):
        pen, packs = take_pen(desk, desk.identity(), clerk=file.clerk), desk.packs()
        batch = Batch(
            pen=pen,
            packs=packs,
            procedures=procedures_by_name(packs),
            now=desk.working_now(),
            source=file.order.source,
            is_trial=file.is_trial,
        )
        results = [_result(file, batch, number, values) for number, values in rows]
        if file.is_trial:
            raise _RolledBack
    return results


def _result(file: _File, batch: Batch, number: int, row: RowValues) -> RowResult:
    """One row in a savepoint of its own, so that what it broke off is undone and its neighbours stay."""
    refused = RowResult(number=number, outcome=Outcome.REFUSED, remarks=row.problems)
    if row.problems:
        return refused
    try:
        with _undone_by_error(file.desk, batch.pen):
            result = _taken_once(file, batch, number, as_said(row.values))
    except UnclearRow as unclear:
        return replace(refused, remarks=(unclear.remark,))
    except InvalidReception as error:
        return replace(refused, remarks=_remarks(error, row.values))
    except FieldSyncError as error:
        return replace(refused, error=error)
    return replace(result, remarks=(*row.notes, *result.remarks))


@contextmanager
def _undone_by_error(desk: Desk, pen: Pen) -> Iterator[None]:
    """What is written is undone where it raises, and the pen goes back to where it stood before."""
    end = pen.end
    try:
        with savepoint(desk.database):
            yield
    except BaseException:
        pen.end = end
        raise


def _taken_once(file: _File, batch: Batch, number: int, said: Said) -> RowResult:
    """A row that no row before it was taken for; raises UnclearRow and errors of our own."""
    key = row_key(said)
    check_repeated(file.seen.get(key), said)
    result = take_row(batch, number, said)
    file.seen[key] = Earlier(number, digest_of(said))
    return result


def _remarks(error: InvalidReception, values: Mapping[str, object]) -> tuple[Remark, ...]:
    """What is wrong with the cells of a row; a field that was filled from another one is not complained of too."""
    problems = {name: texts for name, texts in error.problems.items() if name in values} or error.problems
    known = {each.value for each in Field}
    return tuple(
        Remark(field=Field(name) if name in known else Field.DOSSIER_CODE, text=text, values={})
        for name, texts in problems.items()
        for text in texts
    )
