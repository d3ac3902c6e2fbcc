"""What the screens read of a desk, as values that can be compared, and a desk's file of the first shipped version."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from desk_client.desk import Desk
from desk_client.storage import models
from desk_client.storage.database import reading

KEY = "ab" * 32
SHIPPED = Path(__file__).parent / "shipped" / "desk_0001.sql"
"""Written by the shipped program itself; a later program may read it and never writes it again."""


def projection(desk: Desk) -> dict[str, Any]:
    """All that the screens read: dossiers by id without their numbers, words by dossier, and the use of procedures."""
    with reading(desk.database):
        rows = list(models.DossierRow.select().dicts())
        ids = {row.pop("number"): row["id"] for row in rows}
        return {
            "dossiers": {row["id"]: row for row in rows},
            "in order": [ids[number] for number in sorted(ids)],
            "words": _words(desk, ids),
            "use": dict(models.ProcedureUse.select().tuples()),
        }


def counted_days(desk: Desk) -> dict[Any, int]:
    """Dossiers by day of reception as the journal's own columns add up to them."""
    counts: defaultdict[Any, int] = defaultdict(int)
    with reading(desk.database):
        for received_on, left_on in models.Entry.select(models.Entry.received_on, models.Entry.left_on).tuples():
            counts[received_on] += 1
            counts[left_on] -= 1
    return {day: count for day, count in counts.items() if day and count}


def shipped_rows() -> list[dict[str, Any]]:
    """The dossiers of the shipped file as the shipped program showed them."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(SHIPPED.read_text("utf-8"))
    connection.row_factory = sqlite3.Row
    return [dict(row) for row in connection.execute("SELECT * FROM dossier ORDER BY sequence")]


def lay_shipped_file(folder: Path) -> None:
    """Puts the shipped file into a data folder, encrypted, with the key that the program will look for."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "desk.key").write_text(KEY)
    connection = dbapi2.connect(str(folder / "desk.db"), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{KEY}'\"")
    connection.execute("PRAGMA journal_mode = wal")
    connection.executescript(SHIPPED.read_text("utf-8"))
    connection.close()


def _words(desk: Desk, ids: Mapping[int, str]) -> dict[str, list[str]]:
    """Every word of the index by dossier; a word that belongs to none is there too."""
    desk.database.execute_sql(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.shown USING fts5vocab(main, dossier_words, instance)"
    )
    words: defaultdict[str, list[str]] = defaultdict(list)
    for term, number in desk.database.execute_sql("SELECT term, doc FROM temp.shown"):
        words[ids.get(number, "of no dossier")].append(term)
    return {dossier_id: sorted(found) for dossier_id, found in words.items()}
