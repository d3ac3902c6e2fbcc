"""The first shape of a desk's file: the journal, what the screens read of it, and what the device knows."""

from typing import Any

from peewee import Database

STATEMENTS = (
    """CREATE TABLE entry (
        slot INTEGER NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
        kind TEXT NOT NULL, subject TEXT NOT NULL,
        header BLOB NOT NULL, payload_hash BLOB NOT NULL, entry_hash BLOB NOT NULL,
        received_on TEXT, left_on TEXT,
        PRIMARY KEY (slot, epoch, sequence)) WITHOUT ROWID""",
    # serves the history of a dossier
    "CREATE INDEX entry_subject ON entry (subject, slot, epoch, sequence)",
    """CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
        BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END""",
    """CREATE TRIGGER entry_is_never_removed BEFORE DELETE ON entry
        BEGIN SELECT RAISE(ABORT, 'an entry is never removed'); END""",
    """CREATE TABLE payload (
        slot INTEGER NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
        salt BLOB NOT NULL, bytes BLOB NOT NULL,
        PRIMARY KEY (slot, epoch, sequence),
        FOREIGN KEY (slot, epoch, sequence) REFERENCES entry (slot, epoch, sequence)) WITHOUT ROWID""",
    """CREATE TRIGGER payload_is_never_changed BEFORE UPDATE ON payload
        BEGIN SELECT RAISE(ABORT, 'a payload is never changed'); END""",
    """CREATE TABLE dossier (
        id TEXT PRIMARY KEY, dossier_code TEXT NOT NULL UNIQUE, procedure_code TEXT NOT NULL,
        channel TEXT NOT NULL, stage TEXT NOT NULL,
        received_at INTEGER NOT NULL, received_on TEXT NOT NULL, recorded_at INTEGER NOT NULL,
        recorded_on TEXT NOT NULL, received_by TEXT NOT NULL, due_at INTEGER,
        resolved_at INTEGER, delivered_at INTEGER,
        sequence INTEGER NOT NULL,
        submitter_name TEXT NOT NULL, owner_name TEXT NOT NULL, id_number TEXT NOT NULL, phone TEXT NOT NULL,
        folded TEXT NOT NULL) WITHOUT ROWID""",
    # serves the list of a day and the counts of a period
    "CREATE INDEX dossier_received_on ON dossier (received_on, sequence)",
    # serves the list of what was entered today
    "CREATE INDEX dossier_recorded_on ON dossier (recorded_on, sequence)",
    "CREATE TABLE serial (received_on TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE device (
        id INTEGER PRIMARY KEY CHECK (id = 1), central_url TEXT NOT NULL,
        signing_seed BLOB NOT NULL, agreement_seed BLOB NOT NULL,
        certificate BLOB, certificate_signature BLOB)""",
    """CREATE TABLE receipt (
        slot INTEGER NOT NULL, epoch INTEGER NOT NULL, up_to INTEGER NOT NULL, hash BLOB NOT NULL,
        body BLOB NOT NULL, signature BLOB NOT NULL, learned_at INTEGER NOT NULL,
        PRIMARY KEY (slot, epoch)) WITHOUT ROWID""",
    """CREATE TABLE contact (
        id INTEGER PRIMARY KEY CHECK (id = 1), tried_at INTEGER, succeeded_at INTEGER, next_try_at INTEGER,
        failures INTEGER NOT NULL, problem TEXT NOT NULL, offset_ms INTEGER, ticket TEXT NOT NULL,
        batch_entries INTEGER NOT NULL)""",
    """CREATE TABLE pack (
        kind TEXT PRIMARY KEY, hash TEXT NOT NULL, body BLOB NOT NULL, signature BLOB NOT NULL,
        adoption INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE clerk (
        username TEXT PRIMARY KEY, full_name TEXT NOT NULL, role TEXT NOT NULL, password_hash TEXT NOT NULL,
        failures INTEGER NOT NULL, locked_until INTEGER, disabled_at INTEGER) WITHOUT ROWID""",
    """CREATE TABLE session (
        token_hash BLOB PRIMARY KEY, username TEXT NOT NULL REFERENCES clerk (username),
        opened_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, language TEXT NOT NULL) WITHOUT ROWID""",
)


def up(migrator: Any, db: Database) -> None:
    """Makes the tables."""
    for statement in STATEMENTS:
        db.execute_sql(statement)
