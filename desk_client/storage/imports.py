"""Rows of other systems as they were taken in last, so that the same file can be given again and again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import orjson
from peewee import SQL

from desk_client.storage.models import DossierRow, ImportedRow
from desk_client.storage.rows import delete_row, put_row, row_of
from sync_protocol.vocabulary import Source


@dataclass(frozen=True, slots=True)
class TakenRow:
    """What rows have said of a dossier so far."""

    dossier_id: str
    values: Mapping[str, Any]


def taken(row_key: str) -> TakenRow | None:
    """A row as it was taken in last, None for one that is new."""
    row = row_of(ImportedRow, {"row_key": row_key})
    return TakenRow(row.dossier_id, orjson.loads(bytes(row.content))) if row else None


def keep_taken(row_key: str, taken_row: TakenRow) -> None:
    """Remembers what a row said."""
    content = orjson.dumps(taken_row.values)
    put_row(ImportedRow, {"row_key": row_key, "dossier_id": taken_row.dossier_id, "content": content})


def forget_taken(row_key: str) -> None:
    """Forgets a row that is remembered under another name now."""
    delete_row(ImportedRow, {"row_key": row_key})


def entered_alike(id_number: str, procedure_code: str, received_on: date) -> str:
    """Code of a dossier that a clerk of this desk entered for a person, procedure and day; "" where there is none."""
    asked = (id_number, procedure_code, received_on.isoformat(), Source.DESK.value)
    found = DossierRow._meta.database.execute_sql(_alike(), asked).fetchone()
    return found[0] if found else ""


@cache
def _alike() -> str:
    """Made once, as the statements of `rows`: it is asked for each row of a file."""
    names = (DossierRow.id_number, DossierRow.procedure_code, DossierRow.received_on, DossierRow.source)
    asked = [field == SQL("?", [None]) for field in names]
    # Spelled out, since a partial index serves only a question that says its condition in so many words.
    numbered = [SQL("id_number != ''"), DossierRow.dossier_code.is_null(False)]
    return str(DossierRow.select(DossierRow.dossier_code).where(*asked, *numbered).sql()[0])
