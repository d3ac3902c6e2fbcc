"""The conditions of three indexes name each stage by itself: for a list, SQLite builds a table anew with every row.

With dossiers written by the hundred that took it as long as to keep the indexes themselves.
"""

from typing import Any

OPEN = "stage = 'received' OR stage = 'processing' OR stage = 'awaiting_supplement' OR stage = 'awaiting_payment'"
COUNTED = "stage <> 'registered' AND stage <> 'not_accepted' AND stage <> 'voided'"

STEPS = (
    "DROP INDEX dossier_received",
    "CREATE INDEX dossier_received ON dossier (received_on, desk, procedure_code, channel, is_supplemented, stage)"
    f" WHERE {COUNTED}",
    "DROP INDEX dossier_entered_late",
    "CREATE INDEX dossier_entered_late ON dossier (recorded_on, desk, received_on, stage)"
    f" WHERE recorded_on > received_on AND {COUNTED}",
    "DROP INDEX dossier_open",
    f"CREATE INDEX dossier_open ON dossier (desk, due_on, received_on, stage, procedure_code) WHERE {OPEN}",
)


def up(migrator: Any, db: Any) -> None:
    """Makes the indexes anew; what they serve and hold is the same."""
    for step in STEPS:
        db.execute_sql(step)
