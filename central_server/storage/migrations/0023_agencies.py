"""The agencies that decide on procedures, and the decisions that announced procedures and limits."""

from typing import Any

from peewee import CompositeKey, DateField, Model, TextField


class AgencyRow(Model):
    code = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)
    name = TextField()
    kind = TextField()

    class Meta:
        table_name = "agency"
        primary_key = CompositeKey("code", "valid_from")


STEPS = (
    "ALTER TABLE procedure ADD COLUMN decision TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE procedure ADD COLUMN decided_on DATE",
    "ALTER TABLE procedure_limit ADD COLUMN decision TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE procedure_limit ADD COLUMN decided_on DATE",
)


def up(migrator: Any, db: Any) -> None:
    """Adds the table and the columns."""
    with db.bind_ctx([AgencyRow]):
        db.create_tables([AgencyRow])
    for step in STEPS:
        db.execute_sql(step)
