"""Finding dossiers: by what is typed into the search, and by the work that they need."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from peewee import SQL

from desk_client.storage.dossiers import Stored, stored_of
from desk_client.storage.models import DossierRow, DossierWords
from desk_client.storage.words import question
from sync_protocol.vocabulary import DossierStage, Source

ROWS_MAX = 500
"""More dossiers than this are not listed on one page."""

# Spelled out, since a partial index serves only a question that says its condition in so many words.
IN_WORK = SQL("stage IN ('received', 'processing')")
WAITING = SQL("stage IN ('registered', 'awaiting_supplement', 'awaiting_payment')")
RESULT_READY = SQL("stage = 'resolved'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A dossier as lists show it, without what its events made of it; `dossier_code` is "" before it has one."""

    id: str
    dossier_code: str
    slip_code: str
    procedure_code: str
    stage: DossierStage
    source: Source
    submitter_name: str
    owner_name: str
    id_number: str
    received_at: datetime
    recorded_on: date
    due_at: datetime | None
    resolved_at: datetime | None
    delivered_at: datetime | None
    received_by: str
    sort_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which part of a list is wanted; by the owners' names in the Vietnamese alphabet, or what presses most first."""

    by_name: bool = False
    offset: int = 0
    limit: int = ROWS_MAX


def holding(
    words: Sequence[str],
    *,
    stages: Sequence[DossierStage] = (),
    first_on: date | None = None,
    last_on: date | None = None,
    limit: int = ROWS_MAX,
) -> list[Found]:
    """Dossiers that hold every word, each taken as the beginning of one; the last entered first.

    words  folded, letters and digits only; without any, the dossiers of the stages and days of reception asked for
    """
    asked = question(words, stages, first_on, last_on)
    numbers = DossierWords.select(DossierWords.rowid).order_by(DossierWords.rowid.desc()).limit(limit)
    if asked:
        return _with_numbers(numbers.where(DossierWords.match(asked)))
    return _found(DossierRow.select(*_COLUMNS).order_by(DossierRow.number.desc()).limit(limit))


def due_before(at: datetime, *, since: datetime | None = None, part: Part = Part()) -> list[Found]:
    """Dossiers in work whose appointment lies before an instant, and not before another."""
    return _part(_due(at, since), DossierRow.due_at, part)


def due_count(at: datetime, *, since: datetime | None = None, most: int | None = None) -> int:
    """How many `due_before` would give, were they all listed; counted up to `most`."""
    return int(DossierRow.select().where(*_due(at, since)).limit(most).count())


def waiting(part: Part = Part()) -> list[Found]:
    """Dossiers that wait for the citizen, or to be accepted; the longest wait first."""
    return _part([WAITING], DossierRow.received_at, part)


def waiting_count() -> int:
    """How many dossiers wait for the citizen, or to be accepted."""
    return int(DossierRow.select().where(WAITING).count())


def results(part: Part = Part()) -> list[Found]:
    """Dossiers whose result waits to be collected; the longest wait first."""
    return _part([RESULT_READY], DossierRow.resolved_at, part)


def results_count() -> int:
    """How many results wait to be collected."""
    return int(DossierRow.select().where(RESULT_READY).count())


def recorded_on(day: date) -> list[Found]:
    """What was entered on a local day, newest first, at most ROWS_MAX."""
    rows = DossierRow.select(*_COLUMNS).where(DossierRow.recorded_on == day)
    return _found(rows.order_by(DossierRow.number.desc()).limit(ROWS_MAX))


def sharing_slip(slip_code: str) -> list[Found]:
    """The dossiers that share a slip, in the order of their codes."""
    rows = DossierRow.select(*_COLUMNS).where(DossierRow.slip_code == slip_code, DossierRow.slip_code != "")
    return _found(rows.order_by(DossierRow.dossier_code).limit(ROWS_MAX))


def with_ids(ids: Sequence[str]) -> list[Found]:
    """The dossiers of some ids, in the order in which they were entered."""
    rows = DossierRow.select(*_COLUMNS).where(DossierRow.id.in_(ids))
    return _found(rows.order_by(DossierRow.number).limit(ROWS_MAX))


def alike(procedure_code: str, received_on: date) -> list[Found]:
    """Dossiers of a procedure received on a day, among which a duplicate would be; the first entered first."""
    rows = DossierRow.select(*_COLUMNS).where(
        DossierRow.received_on == received_on, DossierRow.procedure_code == procedure_code
    )
    return _found(rows.order_by(DossierRow.number.desc()).limit(ROWS_MAX))[::-1]


def registered_between(first_on: date, last_on: date, limit: int) -> Iterator[tuple[Found, dict[str, Any]]]:
    """Dossiers of the register received between two local days, both inclusive, in order, each with its content."""
    rows = DossierRow.select(*_COLUMNS, DossierRow.content)
    rows = rows.where(*_registered(first_on, last_on)).order_by(DossierRow.received_on, DossierRow.number)
    for *columns, content in rows.limit(limit).tuples().iterator():
        yield _one(columns), orjson.loads(bytes(content))


def registered_count(first_on: date, last_on: date) -> int:
    """How many dossiers the register has between two local days, both inclusive."""
    return int(DossierRow.select().where(*_registered(first_on, last_on)).count())


def of_citizen(*, id_number: str = "", phone: str = "", limit: int = 5) -> list[Stored]:
    """The last dossiers of a citizen by identity number, or by phone where no number is given."""
    if id_number:
        rows = DossierRow.select().where(DossierRow.id_number == id_number, DossierRow.id_number != "")
    elif phone:
        rows = DossierRow.select().where(DossierRow.phone == phone, DossierRow.phone != "")
    else:
        return []
    return [stored_of(row) for row in rows.order_by(DossierRow.number.desc()).limit(limit)]


_COLUMNS = tuple(getattr(DossierRow, name) for name in Found.__dataclass_fields__)
_NEVER_RECEIVED = (DossierStage.REGISTERED.value, DossierStage.NOT_ACCEPTED.value, DossierStage.VOIDED.value)


def _due(at: datetime, since: datetime | None) -> list[Any]:
    wanted = [IN_WORK, DossierRow.due_at < at]
    return [*wanted, DossierRow.due_at >= since] if since else wanted


def _registered(first_on: date, last_on: date) -> list[Any]:
    return [DossierRow.received_on.between(first_on, last_on), DossierRow.stage.not_in(_NEVER_RECEIVED)]


def _part(wanted: Sequence[Any], pressing: Any, part: Part) -> list[Found]:
    order = [DossierRow.sort_key, DossierRow.number] if part.by_name else [pressing, DossierRow.number]
    # The numbers alone come from an index, however long the list is; then only the rows of the part are read.
    numbers = DossierRow.select(DossierRow.number).where(*wanted).order_by(*order)
    return _with_numbers(numbers.limit(part.limit).offset(part.offset))


def _with_numbers(numbers: Any) -> list[Found]:
    """The dossiers of a question for their numbers, in its order."""
    wanted = [number for (number,) in numbers.tuples()]
    rows = DossierRow.select(DossierRow.number, *_COLUMNS).where(DossierRow.number.in_(wanted))
    found = {number: _one(columns) for number, *columns in rows.tuples()}
    return [found[number] for number in wanted]


def _found(rows: Any) -> list[Found]:
    return [_one(columns) for columns in rows.tuples()]


def _one(columns: Sequence[Any]) -> Found:
    values = dict(zip(Found.__dataclass_fields__, columns, strict=True))
    code = values["dossier_code"] or ""
    stage, source = DossierStage(values["stage"]), Source(values["source"])
    return Found(**values | {"dossier_code": code, "stage": stage, "source": source})
