"""What only a failing disk, or somebody with the database's password, does to a centre's rows."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from central_server.central import Central
from central_server.storage.database import reading
from central_server.storage.models import MODELS


def without_triggers(central: Central) -> None:
    """Lets every table be written to."""
    database = central.database
    with reading(database):
        if central.settings.database:
            for model in MODELS:
                database.execute_sql(f'ALTER TABLE "{model._meta.table_name}" DISABLE TRIGGER ALL')
            return
        named = database.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in named:
            database.execute_sql(f"DROP TRIGGER {name}")


@contextmanager
def flip_random_value(central: Central, table: str, columns: Sequence[str], dice: random.Random) -> Iterator[str]:
    """Changes a byte, or a bit of a number, somewhere in a table, and puts it back; "" where there is nothing."""
    database = central.database
    column = dice.choice(list(columns))
    with reading(database):
        rows = database.execute_sql(
            f'SELECT rowid, "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL AND "{column}" <> \'\''
        ).fetchall()
        if not rows:
            yield ""
            return
        row, value = dice.choice(rows)
        database.execute_sql(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', [_flipped(value, dice), row])
    try:
        yield f"{table}.{column} of row {row}: {value!r}"
    finally:
        with reading(database):
            database.execute_sql(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', [value, row])


def _flipped(value: Any, dice: random.Random) -> Any:
    if isinstance(value, int):
        return value ^ (1 << dice.randrange(6))
    raw = bytearray(value.encode() if isinstance(value, str) else value)
    raw[dice.randrange(len(raw))] ^= 1
    return raw.decode("utf-8", "replace") if isinstance(value, str) else bytes(raw)
