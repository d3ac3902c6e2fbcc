"""Dossiers as the screens read them: a projection of the journal."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import orjson
from peewee import SQL, fn

from desk_client.storage import lineage
from desk_client.storage.models import DossierRow, DossierWords, ImportedRow, ProcedureUse, Serial
from desk_client.storage.rows import delete_row, insert_row, put_row, row_of, update_row
from desk_client.storage.words import index_text
from sync_protocol.dossiers import UNCOUNTED, Dossier, read_state, state_bytes
from sync_protocol.texts import collation_key

ROWS_MAX = 500
"""More dossiers than this are not listed on one page."""

BEING_REPLACED = "replaced "
"""Stands before an id that is being replaced: what is its successor may be another one's predecessor."""

# Spelled out, since a partial index serves only a question that says its condition in so many words.
CONTRADICTED = SQL("contradicted != ''")

SEARCHED = (
    "submitter_name",
    "owner_name",
    "id_number",
    "phone",
    "external_code",
    "dossier_code",
    "stage",
    "received_on",
)
"""Columns whose words a search finds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A dossier with all that is kept of it here.

    number         its row, None before it has one
    content        the fields that a clerk wrote down, as JSON
    due_at         the appointment as the events and packs make it
    recorded_on    local day on which it was entered, by the corrected clock
    contradicted   ids of entries that contradict what stands, until a person settles it
    """

    number: int | None
    dossier: Dossier
    content: Mapping[str, Any]
    due_at: datetime | None
    recorded_on: date
    contradicted: tuple[str, ...] = ()

    @property
    def sort_key(self) -> str:
        """The owner's name in the order of the Vietnamese alphabet."""
        return collation_key(self.text("owner_name"))

    def text(self, field: str) -> str:
        """A field of the content as text, "" where it is empty."""
        return str(self.content.get(field) or "")


def put(stored: Stored) -> Stored:
    """Writes a dossier: its first row, or the row that it has; gives it with the number of its row."""
    row = _row(stored)
    if stored.number is None:
        number = insert_row(DossierRow, row)
        insert_row(DossierWords, {"rowid": number, "words": words_of(stored)})
        _count_use(stored.dossier.procedure_code)
        return replace(stored, number=number)
    before = row_of(DossierRow, {"number": stored.number})
    update_row(DossierRow, {"number": stored.number}, row)
    if any(getattr(before, name) != row[name] for name in SEARCHED):
        # An index of words without its texts is changed by taking a row out and putting it in again.
        delete_row(DossierWords, {"rowid": stored.number})
        insert_row(DossierWords, {"rowid": stored.number, "words": words_of(stored)})
    if before.procedure_code != stored.dossier.procedure_code:
        _count_use(before.procedure_code, by=-1)
        _count_use(stored.dossier.procedure_code)
    return stored


def clear() -> None:
    """Takes the whole projection away, to be made again from the journal."""
    DossierRow.delete().execute()
    DossierWords.delete_all()
    ProcedureUse.delete().execute()


def number_as_written(stored: Stored) -> int | None:
    """The number of a dossier's row if that is what would be written now, None if it is not or is not here."""
    written, row = _row(stored), row_of(DossierRow, {"id": stored.dossier.id})
    return row.number if row and all(getattr(row, name) == value for name, value in written.items()) else None


def number_of(dossier_id: str) -> int | None:
    """The number of a dossier's row, None where it has none."""
    row = row_of(DossierRow, {"id": dossier_id})
    return row.number if row else None


def ids_under(code: str) -> list[str]:
    """Ids of the dossiers under a code: two where a machine was copied."""
    return [id_ for (id_,) in DossierRow.select(DossierRow.id).where(DossierRow.dossier_code == code).tuples()]


def ids_of_shared_codes(ids: Collection[str] | None = None) -> list[str]:
    """Ids of the dossiers under codes that several bear: of all such codes, or of those that one of `ids` bears."""
    other, asked = DossierRow.alias(), DossierRow.alias()
    is_same = (other.dossier_code == DossierRow.dossier_code) & (other.id != DossierRow.id)
    rows = DossierRow.select(DossierRow.id).where(fn.EXISTS(other.select(SQL("1")).where(is_same)))
    if ids is not None:
        codes = asked.select(asked.dossier_code).where(asked.id.in_(list(ids)))
        rows = rows.where(DossierRow.dossier_code.in_(codes))
    return [id_ for (id_,) in rows.order_by(DossierRow.number).tuples()]


def rename(ids: Mapping[str, str]) -> None:
    """Lets dossiers, and the rows of imported files that made them, bear other ids, all at once.

    One of which the new id has a row already, as it came from another machine, gives up its own.
    """
    for before in ids:
        _let_bear(before, f"{BEING_REPLACED}{before}")
    for before, after in ids.items():
        own = row_of(DossierRow, {"id": f"{BEING_REPLACED}{before}"})
        if own and row_of(DossierRow, {"id": after}):
            remove(own.number)
        _let_bear(f"{BEING_REPLACED}{before}", after)


def _let_bear(before: str, after: str) -> None:
    DossierRow.update(id=after).where(DossierRow.id == before).execute()
    ImportedRow.update(dossier_id=after).where(ImportedRow.dossier_id == before).execute()


def remove(number: int) -> None:
    """Takes a dossier out of the projection: its journal does not make it any more."""
    row = row_of(DossierRow, {"number": number})
    delete_row(DossierWords, {"rowid": number})
    delete_row(DossierRow, {"number": number})
    _count_use(row.procedure_code, by=-1)


def contradicted(limit: int = ROWS_MAX) -> list[Stored]:
    """The dossiers of which something is contradicted, the first ones first."""
    rows = DossierRow.select().where(CONTRADICTED).order_by(DossierRow.number).limit(limit)
    return [stored_of(row) for row in rows]


def contradicted_count() -> int:
    """How many dossiers have something that is contradicted."""
    return int(DossierRow.select().where(CONTRADICTED).count())


def row_count() -> int:
    """How many dossiers have a row."""
    return int(DossierRow.select().count())


def uses() -> dict[str, int]:
    """How many dossiers of each procedure are here."""
    return dict(ProcedureUse.select(ProcedureUse.procedure_code, ProcedureUse.count).tuples())


def is_empty() -> bool:
    """Whether no dossier is here."""
    return not DossierRow.select().exists()


def by_ref(ref: str) -> Stored | None:
    """One dossier by the code on its slip or by its id."""
    row = row_of(DossierRow, {"dossier_code": ref}) or row_of(DossierRow, {"id": ref})
    if row is None and (present := lineage.present_id(ref)):
        # A page that was opened before the machine went on in a new epoch names the dossier as it was.
        row = row_of(DossierRow, {"id": present})
    return stored_of(row) if row else None


def by_external_code(code: str) -> Stored | None:
    """One dossier by its code in another system, the first one where several bear it."""
    assert code, "most dossiers have no code elsewhere"
    row = row_of(DossierRow, {"external_code": code})
    return stored_of(row) if row else None


def of_slip(slip_code: str) -> list[Stored]:
    """The dossiers that share a slip, in the order of their codes."""
    rows = DossierRow.select().where(DossierRow.slip_code == slip_code).order_by(DossierRow.dossier_code)
    return [stored_of(row) for row in rows.limit(ROWS_MAX)]


def open_ones() -> list[Stored]:
    """Every dossier whose appointment may still move."""
    rows = DossierRow.select().where(DossierRow.stage.in_(OPEN_STAGES))
    return [stored_of(row) for row in rows]


def move_due(number: int, due_at: datetime | None) -> None:
    """Gives a dossier another appointment."""
    DossierRow.update(due_at=due_at).where(DossierRow.number == number).execute()


def saved_count() -> int:
    """How many dossiers are saved here."""
    return int(ProcedureUse.select(fn.COALESCE(fn.SUM(ProcedureUse.count), 0)).scalar())


def received_count(first_on: date, last_on: date) -> int:
    """Dossiers received between two local days, both inclusive, those left out that count nowhere."""
    counted = DossierRow.select().where(
        DossierRow.received_on.between(first_on, last_on), DossierRow.stage.not_in(UNCOUNTED_STAGES)
    )
    return int(counted.count())


def last_serial(received_on: date) -> int | None:
    """Last serial given to a dossier received on a day, None before the first."""
    row = row_of(Serial, {"received_on": received_on})
    return row.last if row else None


def keep_serial(received_on: date, serial: int) -> None:
    """Remembers that a serial of a day is used."""
    put_row(Serial, {"received_on": received_on, "last": serial})


def usual_procedures(limit: int) -> list[str]:
    """Codes of the procedures received most often here, most used first."""
    rows = ProcedureUse.select(ProcedureUse.procedure_code).order_by(
        ProcedureUse.count.desc(), ProcedureUse.procedure_code
    )
    return [code for (code,) in rows.limit(limit).tuples()]


OPEN_STAGES = ("received", "processing", "awaiting_supplement", "awaiting_payment")
UNCOUNTED_STAGES = tuple(sorted(stage.value for stage in UNCOUNTED))


def _count_use(procedure_code: str, by: int = 1) -> None:
    key = {"procedure_code": procedure_code}
    row = row_of(ProcedureUse, key)
    count = by + (row.count if row else 0)
    if count:
        put_row(ProcedureUse, key | {"count": count})
    else:
        delete_row(ProcedureUse, key)


def _row(stored: Stored) -> dict[str, Any]:
    dossier = stored.dossier
    return {
        "id": dossier.id,
        "dossier_code": dossier.dossier_code or None,
        "slip_code": dossier.slip_code,
        "external_code": stored.text("external_code") or None,
        "procedure_code": dossier.procedure_code,
        "channel": dossier.channel.value,
        "stage": dossier.stage.value,
        "source": dossier.source.value,
        "received_at": dossier.received_at,
        "received_on": dossier.received_on,
        "recorded_on": stored.recorded_on,
        "received_by": dossier.received_by,
        "due_at": stored.due_at,
        "resolved_at": dossier.resolved_at,
        "delivered_at": dossier.delivered_at,
        "submitter_name": stored.text("submitter_name"),
        "owner_name": stored.text("owner_name"),
        "id_number": stored.text("id_number"),
        "phone": stored.text("phone"),
        "sort_key": stored.sort_key,
        "contradicted": " ".join(stored.contradicted),
        "state": state_bytes(dossier),
        "content": orjson.dumps(stored.content),
    }


def words_of(stored: Stored) -> str:
    """What a search may name: people, codes and numbers, the stage and the day of reception."""
    return index_text(
        names=(stored.text("submitter_name"), stored.text("owner_name")),
        numbers=(stored.text("id_number"), stored.text("phone")),
        codes=(stored.dossier.dossier_code, stored.text("external_code")),
        stage=stored.dossier.stage,
        received_on=stored.dossier.received_on,
    )


def stored_of(row: Any) -> Stored:
    """A dossier of a row."""
    return Stored(
        number=row.number,
        dossier=read_state(bytes(row.state)),
        content=orjson.loads(bytes(row.content)),
        due_at=row.due_at,
        recorded_on=row.recorded_on,
        contradicted=tuple(row.contradicted.split()),
    )
