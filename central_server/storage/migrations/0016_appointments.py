"""What is asked of dossiers: when they were entered, when they are due, when they were closed and handed over.

The columns are made of the ledger when the centre is next opened; until then nothing is late or due.
"""

from typing import Any

OPEN = "stage IN ('received', 'processing', 'awaiting_supplement', 'awaiting_payment')"
COUNTED = "stage NOT IN ('registered', 'not_accepted', 'voided')"

STEPS = (
    "ALTER TABLE centre ADD COLUMN projected_as INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE dossier ADD COLUMN recorded_on DATE",
    "UPDATE dossier SET recorded_on = received_on",
    "ALTER TABLE dossier ADD COLUMN due_at BIGINT",
    "ALTER TABLE dossier ADD COLUMN due_on DATE",
    "ALTER TABLE dossier ADD COLUMN ended_on DATE",
    "ALTER TABLE dossier ADD COLUMN delivered_on DATE",
    "ALTER TABLE dossier ADD COLUMN delivered_by TEXT NOT NULL DEFAULT ''",
    f"CREATE INDEX dossier_received ON dossier (received_on, desk, channel, stage) WHERE {COUNTED}",
    "DROP INDEX dossierrow_desk_received_on",
    f"CREATE INDEX dossier_entered_late ON dossier (recorded_on, desk, received_on, stage)"
    f" WHERE recorded_on > received_on AND {COUNTED}",
    f"CREATE INDEX dossier_open ON dossier (desk, due_on, received_on, stage) WHERE {OPEN}",
    "CREATE INDEX dossier_ended ON dossier (ended_on, desk, due_on, received_on, stage) WHERE ended_on IS NOT NULL",
    "CREATE INDEX dossier_delivered ON dossier (delivered_on, desk, delivered_by) WHERE delivered_on IS NOT NULL",
)


def up(migrator: Any, db: Any) -> None:
    """Adds the columns, and the indexes by which they are asked."""
    for step in STEPS:
        db.execute_sql(step)
