"""Rulings about how desks are judged."""

from typing import Any

from peewee import BigIntegerField, DateField, IntegerField, Model, SqliteDatabase, TextField


class RulingRow(Model):
    number = IntegerField(primary_key=True)
    kind = TextField()
    desk = TextField()
    unit_id = TextField()
    level = TextField()
    months = IntegerField(null=True)
    value = TextField()
    first_on = DateField()
    last_on = DateField(null=True)
    reason = TextField()
    ruled_by = TextField()
    ruled_at = BigIntegerField()

    class Meta:
        table_name = "ruling"


APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER ruling_is_never_changed BEFORE UPDATE ON ruling
            BEGIN SELECT RAISE(ABORT, 'a ruling is never changed'); END""",
        """CREATE TRIGGER ruling_is_never_removed BEFORE DELETE ON ruling
            BEGIN SELECT RAISE(ABORT, 'a ruling is never removed'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION ruling_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'a ruling is never changed'; END $$""",
        """CREATE TRIGGER ruling_is_never_changed BEFORE UPDATE OR DELETE ON ruling
            FOR EACH ROW EXECUTE FUNCTION ruling_is_never_changed()""",
    ),
}


def up(migrator: Any, db: Any) -> None:
    """Adds the table, and what forbids to change it."""
    with db.bind_ctx([RulingRow]):
        db.create_tables([RulingRow])
    for statement in APPEND_ONLY["sqlite" if isinstance(db, SqliteDatabase) else "postgresql"]:
        db.execute_sql(statement)
