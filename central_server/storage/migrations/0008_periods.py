"""What was done to periods: closings and restatements with their signed figures."""

from typing import Any

from peewee import BigIntegerField, BlobField, CompositeKey, DateField, IntegerField, Model, SqliteDatabase, TextField


class PeriodStepRow(Model):
    first_on = DateField()
    last_on = DateField()
    number = IntegerField()
    step = TextField()
    taken_at = BigIntegerField()
    taken_by = TextField()
    reason = TextField()
    body = BlobField(null=True)
    signature = BlobField(null=True)

    class Meta:
        table_name = "period_step"
        primary_key = CompositeKey("first_on", "last_on", "number")


APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER period_step_is_never_changed BEFORE UPDATE ON period_step
            BEGIN SELECT RAISE(ABORT, 'what was published is never changed'); END""",
        """CREATE TRIGGER period_step_is_never_removed BEFORE DELETE ON period_step
            BEGIN SELECT RAISE(ABORT, 'what was published is never removed'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION period_step_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'what was published is never changed'; END $$""",
        """CREATE TRIGGER period_step_is_never_changed BEFORE UPDATE OR DELETE ON period_step
            FOR EACH ROW EXECUTE FUNCTION period_step_is_never_changed()""",
    ),
}


def up(migrator: Any, db: Any) -> None:
    """Adds the table, and what forbids to change it."""
    with db.bind_ctx([PeriodStepRow]):
        db.create_tables([PeriodStepRow])
    for statement in APPEND_ONLY["sqlite" if isinstance(db, SqliteDatabase) else "postgresql"]:
        db.execute_sql(statement)
