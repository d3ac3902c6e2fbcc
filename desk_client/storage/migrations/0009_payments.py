"""A dossier tells when it was paid and rated: the next start makes all of them again from the journal."""

from typing import Any

from peewee import Database


def up(migrator: Any, db: Database) -> None:
    """Empties the projection; what it is made of stands in the journal."""
    db.execute_sql("DELETE FROM dossier")
