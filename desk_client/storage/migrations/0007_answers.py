"""The desk's answers to its supervisor are found without a look at the whole journal."""

from typing import Any

from peewee import Database


def up(migrator: Any, db: Database) -> None:
    """Makes the index."""
    db.execute_sql("CREATE INDEX entry_answer ON entry (slot, epoch, sequence) WHERE kind = 'answer'")
