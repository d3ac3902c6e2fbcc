"""Limits by channel, unit and date get a table of their own; procedures say more; rules and hours can be set."""

from typing import Any

from peewee import CompositeKey, DateField, Model, SqliteDatabase, TextField


class ProcedureLimit(Model):
    code = TextField()
    unit_id = TextField()
    channel = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)
    committed_value = TextField()
    committed_unit = TextField()
    statutory_value = TextField()
    statutory_unit = TextField()

    class Meta:
        table_name = "procedure_limit"
        primary_key = CompositeKey("code", "unit_id", "channel", "valid_from")


class DeadlineRule(Model):
    name = TextField()
    valid_from = DateField()
    value = TextField()

    class Meta:
        table_name = "deadline_rule"
        primary_key = CompositeKey("name", "valid_from")


class WorkingHours(Model):
    first_on = DateField(null=True)
    last_on = DateField(null=True)
    hours = TextField()

    class Meta:
        table_name = "working_hours"
        primary_key = False


TABLES = (ProcedureLimit, DeadlineRule, WorkingHours)

COLUMNS = (
    "service_level TEXT NOT NULL DEFAULT 'none'",
    "on_the_spot TEXT NOT NULL DEFAULT 'none'",
    "competent_unit TEXT NOT NULL DEFAULT ''",
    "fee_vnd INTEGER",
    "fee_basis TEXT NOT NULL DEFAULT ''",
)


def up(migrator: Any, db: SqliteDatabase) -> None:
    """Makes the tables and moves the limit of each procedure into the table of limits."""
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
    db.execute_sql(
        "INSERT INTO procedure_limit (code, unit_id, channel, valid_from, valid_to,"
        " committed_value, committed_unit, statutory_value, statutory_unit)"
        " SELECT code, '', '', valid_from, NULL, limit_value, limit_unit, '', '' FROM procedure"
    )
    for column in COLUMNS:
        db.execute_sql(f"ALTER TABLE procedure ADD COLUMN {column}")
    for column in ("limit_value", "limit_unit"):
        db.execute_sql(f"ALTER TABLE procedure DROP COLUMN {column}")
