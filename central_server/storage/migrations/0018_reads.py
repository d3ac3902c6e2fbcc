"""Who looked at lists of dossiers."""

from typing import Any

from peewee import AutoField, BigIntegerField, DateField, IntegerField, Model, SqliteDatabase, TextField


class ReadRow(Model):
    number = AutoField()
    at = BigIntegerField()
    who = TextField()
    what = TextField()
    place = TextField()
    first_on = DateField()
    last_on = DateField()
    rows = IntegerField()

    class Meta:
        table_name = "read_log"


APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER read_log_is_never_changed BEFORE UPDATE ON read_log
            BEGIN SELECT RAISE(ABORT, 'who has looked is never changed'); END""",
        """CREATE TRIGGER read_log_is_never_removed BEFORE DELETE ON read_log
            BEGIN SELECT RAISE(ABORT, 'who has looked is never removed'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION read_log_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'who has looked is never changed'; END $$""",
        """CREATE TRIGGER read_log_is_never_changed BEFORE UPDATE OR DELETE ON read_log
            FOR EACH ROW EXECUTE FUNCTION read_log_is_never_changed()""",
    ),
}


def up(migrator: Any, db: Any) -> None:
    """Adds the table, and what forbids to change it."""
    with db.bind_ctx([ReadRow]):
        db.create_tables([ReadRow])
    for statement in APPEND_ONLY["sqlite" if isinstance(db, SqliteDatabase) else "postgresql"]:
        db.execute_sql(statement)
