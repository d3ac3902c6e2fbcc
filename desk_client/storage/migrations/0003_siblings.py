"""Several machines at a desk: where entries stand in the desk's ledger, and what two machines said differently."""

from typing import Any

from peewee import Database

STATEMENTS = (
    # Consecutive entries of an epoch that stand one behind the other in the desk's ledger, from `ledger` on.
    """CREATE TABLE run (
        slot INTEGER NOT NULL, epoch INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
        ledger INTEGER NOT NULL, PRIMARY KEY (slot, epoch, first)) WITHOUT ROWID""",
    # Entries that were set aside by the centre and count from a decision on, which stands at `ledger`.
    """CREATE TABLE released (
        slot INTEGER NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, ledger INTEGER NOT NULL,
        PRIMARY KEY (slot, epoch, sequence)) WITHOUT ROWID""",
    # The journal holds all that stood in it, and the next start makes it again: a code may come twice where a machine
    # was copied, and the sequences of several machines have no order between them.
    "DROP TABLE dossier",
    """CREATE TABLE dossier (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, dossier_code TEXT,
        slip_code TEXT NOT NULL, external_code TEXT, procedure_code TEXT NOT NULL,
        channel TEXT NOT NULL, stage TEXT NOT NULL, source TEXT NOT NULL,
        received_at INTEGER NOT NULL, received_on TEXT NOT NULL, recorded_on TEXT NOT NULL,
        received_by TEXT NOT NULL, due_at INTEGER, resolved_at INTEGER, delivered_at INTEGER,
        submitter_name TEXT NOT NULL, owner_name TEXT NOT NULL, id_number TEXT NOT NULL, phone TEXT NOT NULL,
        sort_key TEXT NOT NULL, contradicted TEXT NOT NULL, state BLOB NOT NULL, content BLOB NOT NULL)""",
    # serves what two machines said differently: nothing on nearly every day
    "CREATE INDEX dossier_contradicted ON dossier (number) WHERE contradicted != ''",
    # serves a typed or scanned code
    "CREATE INDEX dossier_code ON dossier (dossier_code)",
    # serves a scanned slip, which several dossiers may share
    "CREATE INDEX dossier_slip ON dossier (slip_code)",
    # serves the import of another system's rows
    "CREATE INDEX dossier_external ON dossier (external_code) WHERE external_code IS NOT NULL",
    # serves the counts of a period, the lists of a day and the look for duplicates
    "CREATE INDEX dossier_received_on ON dossier (received_on, stage, procedure_code)",
    # serves the list of what was entered today
    "CREATE INDEX dossier_recorded_on ON dossier (recorded_on, number)",
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
    "INSERT INTO dossier_words (dossier_words) VALUES ('delete-all')",
    "DELETE FROM procedure_use",
)


def up(migrator: Any, db: Database) -> None:
    """Makes the tables."""
    for statement in STATEMENTS:
        db.execute_sql(statement)
