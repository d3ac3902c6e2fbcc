"""Whether papers were asked for, how a payment was made, and what a citizen answered.

The columns are made of the ledger when the centre is next opened; until then nothing was asked for, paid or rated.
"""

from typing import Any

STEPS = (
    "ALTER TABLE dossier ADD COLUMN is_supplemented BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE dossier ADD COLUMN paid_on DATE",
    "ALTER TABLE dossier ADD COLUMN payment_method TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE dossier ADD COLUMN rated_on DATE",
    "ALTER TABLE dossier ADD COLUMN rating TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX dossier_paid ON dossier (paid_on, desk, procedure_code, payment_method) WHERE paid_on IS NOT NULL",
    "CREATE INDEX dossier_rated ON dossier (rated_on, desk, procedure_code, rating) WHERE rated_on IS NOT NULL",
)


def up(migrator: Any, db: Any) -> None:
    """Adds the columns, and the indexes by which they are asked."""
    for step in STEPS:
        db.execute_sql(step)
