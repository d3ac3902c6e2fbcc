"""The centre's word on journals of which entries came down, with the receipt in which it gave it."""

from typing import Any

from peewee import Database

STATEMENTS = (
    """CREATE TABLE vouched (
        slot INTEGER NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL,
        body BLOB NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (slot, epoch)) WITHOUT ROWID""",
)


def up(migrator: Any, db: Database) -> None:
    """Makes the table."""
    for statement in STATEMENTS:
        db.execute_sql(statement)
