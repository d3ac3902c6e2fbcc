"""Epochs of a restored or copied installation, and the branches that it left."""

from typing import Any

from peewee import Database

STATEMENTS = (
    """CREATE TABLE epoch (
        epoch INTEGER PRIMARY KEY, parent_epoch INTEGER NOT NULL, parent_sequence INTEGER NOT NULL,
        cause TEXT NOT NULL, opened_at INTEGER NOT NULL,
        witnessed_epoch INTEGER NOT NULL, witnessed_sequence INTEGER NOT NULL)""",
    """CREATE TABLE left_entry (
        slot INTEGER NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, entry_hash BLOB NOT NULL,
        header BLOB NOT NULL, payload_hash BLOB NOT NULL, salt BLOB, bytes BLOB, became TEXT NOT NULL,
        PRIMARY KEY (slot, epoch, sequence, entry_hash)) WITHOUT ROWID""",
    """CREATE TRIGGER left_entry_is_never_removed BEFORE DELETE ON left_entry
        BEGIN SELECT RAISE(ABORT, 'an entry is never removed'); END""",
    "DROP TRIGGER entry_is_never_removed",
    # An entry leaves the journal only into the branch that was left, where it lies as it was sealed.
    """CREATE TRIGGER entry_is_never_removed BEFORE DELETE ON entry
        WHEN NOT EXISTS (SELECT 1 FROM left_entry WHERE left_entry.slot = OLD.slot AND left_entry.epoch = OLD.epoch
            AND left_entry.sequence = OLD.sequence AND left_entry.entry_hash = OLD.entry_hash)
        BEGIN SELECT RAISE(ABORT, 'an entry is never removed'); END""",
    "DROP TRIGGER payload_goes_only_by_erasure",
    """CREATE TRIGGER payload_goes_only_by_erasure BEFORE DELETE ON payload
        WHEN NOT EXISTS (SELECT 1 FROM erased_entry WHERE erased_entry.slot = OLD.slot
            AND erased_entry.epoch = OLD.epoch AND erased_entry.sequence = OLD.sequence)
        AND NOT EXISTS (SELECT 1 FROM left_entry WHERE left_entry.slot = OLD.slot
            AND left_entry.epoch = OLD.epoch AND left_entry.sequence = OLD.sequence AND left_entry.bytes = OLD.bytes)
        BEGIN SELECT RAISE(ABORT, 'a payload goes only by an erasure'); END""",
)


def up(migrator: Any, db: Database) -> None:
    """Makes the tables."""
    for statement in STATEMENTS:
        db.execute_sql(statement)
