"""What the centre has set aside of the desk's entries, and contents that only an erasure removes."""

from typing import Any

from peewee import Database

STATEMENTS = (
    """CREATE TABLE held_entry (
        slot INTEGER NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
        verdict TEXT NOT NULL, reason TEXT NOT NULL,
        PRIMARY KEY (slot, epoch, sequence)) WITHOUT ROWID""",
    """CREATE TABLE erased_entry (
        slot INTEGER NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, by_entry TEXT NOT NULL,
        PRIMARY KEY (slot, epoch, sequence)) WITHOUT ROWID""",
    """CREATE TRIGGER payload_goes_only_by_erasure BEFORE DELETE ON payload WHEN NOT EXISTS (
        SELECT 1 FROM erased_entry WHERE erased_entry.slot = OLD.slot AND erased_entry.epoch = OLD.epoch
        AND erased_entry.sequence = OLD.sequence)
        BEGIN SELECT RAISE(ABORT, 'a payload goes only by an erasure'); END""",
)


def up(migrator: Any, db: Database) -> None:
    """Makes the tables, and forbids any other removal."""
    for statement in STATEMENTS:
        db.execute_sql(statement)
