"""Looking at every page of a desk's file, which nobody else may have open meanwhile."""

from contextlib import closing
from pathlib import Path

from sqlcipher3 import dbapi2

BUSY = 5
CANNOT_OPEN = 14
PRIMARY_CODE = 0xFF
RIGHT_ANSWERS: tuple[tuple[str, list[tuple[str]]], ...] = (
    ("cipher_integrity_check", []),
    ("integrity_check", [("ok",)]),
    ("foreign_key_check", []),
)


def is_whole(path: Path, key_hex: str) -> bool | None:
    """Whether every page is as it was written, and the tables agree with themselves; None where it cannot be seen now.

    What the log holds is folded into the file before: the pages' codes are checked in the file itself.
    """
    try:
        with closing(dbapi2.connect(str(path), timeout=0, isolation_level=None)) as connection:
            connection.execute("PRAGMA cipher_log_level = NONE")
            connection.execute(f"PRAGMA key = \"x'{key_hex}'\"")
            # A page that somebody writes at this moment would look damaged.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return all(connection.execute(f"PRAGMA {name}").fetchall() == right for name, right in RIGHT_ANSWERS)
    except dbapi2.DatabaseError as error:
        code = int(getattr(error, "sqlite_errorcode", 0) or 0) & PRIMARY_CODE
        return None if code in (BUSY, CANNOT_OPEN) else False
