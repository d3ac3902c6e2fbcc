"""A dossier's whole life: the projection is made anew from the journal, with an index of words; drafts and notes."""

from typing import Any

from peewee import Database

STATEMENTS = (
    # The journal holds all that stood in it, and the next start makes it again in the new shape.
    "DROP TABLE dossier",
    """CREATE TABLE dossier (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, dossier_code TEXT UNIQUE,
        slip_code TEXT NOT NULL, external_code TEXT, procedure_code TEXT NOT NULL,
        channel TEXT NOT NULL, stage TEXT NOT NULL, source TEXT NOT NULL,
        received_at INTEGER NOT NULL, received_on TEXT NOT NULL, recorded_on TEXT NOT NULL,
        received_by TEXT NOT NULL, due_at INTEGER, resolved_at INTEGER, delivered_at INTEGER,
        sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL,
        submitter_name TEXT NOT NULL, owner_name TEXT NOT NULL, id_number TEXT NOT NULL, phone TEXT NOT NULL,
        sort_key TEXT NOT NULL, state BLOB NOT NULL, content BLOB NOT NULL)""",
    # serves a scanned slip, which several dossiers may share
    "CREATE INDEX dossier_slip ON dossier (slip_code)",
    # serves the import of another system's rows
    "CREATE INDEX dossier_external ON dossier (external_code) WHERE external_code IS NOT NULL",
    # serves the counts of a period, the lists of a day and the look for duplicates
    "CREATE INDEX dossier_received_on ON dossier (received_on, stage, procedure_code)",
    # serves the list of what was entered today
    "CREATE INDEX dossier_recorded_on ON dossier (recorded_on, sequence)",
    # serve the lists of work, by what presses most and by name: what falls due, what waits for the citizen, what waits
    # to be collected; each covers the question for its numbers, since a desk may have let thousands lie
    """CREATE INDEX dossier_due ON dossier (due_at, number, stage) WHERE stage IN ('received', 'processing')""",
    """CREATE INDEX dossier_due_by_name ON dossier (sort_key, number, due_at, stage)
        WHERE stage IN ('received', 'processing')""",
    """CREATE INDEX dossier_waiting ON dossier (received_at, number, stage)
        WHERE stage IN ('registered', 'awaiting_supplement', 'awaiting_payment')""",
    """CREATE INDEX dossier_waiting_by_name ON dossier (sort_key, number, stage)
        WHERE stage IN ('registered', 'awaiting_supplement', 'awaiting_payment')""",
    "CREATE INDEX dossier_resolved ON dossier (resolved_at, number) WHERE stage = 'resolved'",
    "CREATE INDEX dossier_resolved_by_name ON dossier (sort_key, number) WHERE stage = 'resolved'",
    # serve the copy from an earlier dossier of the same citizen
    "CREATE INDEX dossier_id_number ON dossier (id_number, number) WHERE id_number != ''",
    "CREATE INDEX dossier_phone ON dossier (phone, number) WHERE phone != ''",
    """CREATE VIRTUAL TABLE dossier_words USING fts5(
        words, content='', contentless_delete=1, detail='none', tokenize='ascii', prefix='1 2 3 4 5 6')""",
    # serves the last word on a period
    "CREATE INDEX entry_declare ON entry (slot, epoch, sequence) WHERE kind = 'declare'",
    # An appointment follows from the packs of its time, so none that was ever in force is thrown away.
    """CREATE TABLE adopted_pack (
        hash TEXT PRIMARY KEY, kind TEXT NOT NULL, body BLOB NOT NULL, signature BLOB NOT NULL) WITHOUT ROWID""",
    "INSERT INTO adopted_pack SELECT hash, kind, body, signature FROM pack",
    "ALTER TABLE pack DROP COLUMN body",
    "ALTER TABLE pack DROP COLUMN signature",
    "CREATE TABLE procedure_use (procedure_code TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE draft (
        username TEXT NOT NULL, form TEXT NOT NULL, content BLOB NOT NULL, saved_at INTEGER NOT NULL,
        PRIMARY KEY (username, form)) WITHOUT ROWID""",
    """CREATE TABLE imported_row (
        row_key TEXT PRIMARY KEY, dossier_id TEXT NOT NULL, content BLOB NOT NULL) WITHOUT ROWID""",
    "CREATE TABLE column_mapping (signature TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE kept_note (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID",
)


def up(migrator: Any, db: Database) -> None:
    """Makes the tables."""
    for statement in STATEMENTS:
        db.execute_sql(statement)
