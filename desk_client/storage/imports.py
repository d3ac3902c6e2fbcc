"""Rows of other systems as they were taken in last, so that the same file can be given again and again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from desk_client.storage.models import ImportedRow
from desk_client.storage.rows import delete_row, insert_row, row_of


@dataclass(frozen=True, slots=True)
class TakenRow:
    """What a row said when it was taken in last, and which dossier it is about."""

    dossier_id: str
    values: Mapping[str, Any]


def taken(row_key: str) -> TakenRow | None:
    """A row as it was taken in last, None for one that is new."""
    row = row_of(ImportedRow, {"row_key": row_key})
    return TakenRow(row.dossier_id, orjson.loads(bytes(row.content))) if row else None


def keep_taken(row_key: str, taken_row: TakenRow) -> None:
    """Remembers what a row said."""
    delete_row(ImportedRow, {"row_key": row_key})
    content = orjson.dumps(taken_row.values)
    insert_row(ImportedRow, {"row_key": row_key, "dossier_id": taken_row.dossier_id, "content": content})
