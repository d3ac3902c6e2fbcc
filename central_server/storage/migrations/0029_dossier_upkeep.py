"""PostgreSQL looks after dossiers sooner: reports are counted from indexes alone only where it has done so.

A dossier that changed since is looked up by itself to see whether it still stands, which tripled a month's questions.
As the server comes, it waits until a fifth of all dossiers that ever were has changed: of some years, for months.
"""

from typing import Any

from peewee import SqliteDatabase

SETTINGS = ", ".join(f"autovacuum_{what}_scale_factor = 0.02" for what in ("vacuum", "vacuum_insert", "analyze"))


def up(migrator: Any, db: Any) -> None:
    """Lets it wait for a fiftieth; SQLite has nothing to look after."""
    if not isinstance(db, SqliteDatabase):
        db.execute_sql(f"ALTER TABLE dossier SET ({SETTINGS})")
