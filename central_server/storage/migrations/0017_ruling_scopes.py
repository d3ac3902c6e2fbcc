"""Rulings about desks that existed for a part of a period only, and about the dossiers of one field."""

from typing import Any

STEPS = (
    "ALTER TABLE ruling ADD COLUMN days INTEGER",
    "ALTER TABLE ruling ADD COLUMN field TEXT NOT NULL DEFAULT ''",
)


def up(migrator: Any, db: Any) -> None:
    """Adds up to how many days of existence a ruling is for, and for the dossiers of which field."""
    for step in STEPS:
        db.execute_sql(step)
