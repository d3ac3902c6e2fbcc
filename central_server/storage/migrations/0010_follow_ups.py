"""What people noted about desks in a period."""

from typing import Any

from peewee import (
    BigIntegerField,
    BooleanField,
    CompositeKey,
    DateField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)


class FollowUpRow(Model):
    desk = TextField()
    first_on = DateField()
    last_on = DateField()
    number = IntegerField()
    step = TextField()
    note = TextField()
    until_on = DateField(null=True)
    standing = TextField()
    is_proven = BooleanField()
    noted_at = BigIntegerField()
    noted_by = TextField()

    class Meta:
        table_name = "follow_up"
        primary_key = CompositeKey("desk", "first_on", "last_on", "number")


APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER follow_up_is_never_changed BEFORE UPDATE ON follow_up
            BEGIN SELECT RAISE(ABORT, 'what was noted is never changed'); END""",
        """CREATE TRIGGER follow_up_is_never_removed BEFORE DELETE ON follow_up
            BEGIN SELECT RAISE(ABORT, 'what was noted is never removed'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION follow_up_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'what was noted is never changed'; END $$""",
        """CREATE TRIGGER follow_up_is_never_changed BEFORE UPDATE OR DELETE ON follow_up
            FOR EACH ROW EXECUTE FUNCTION follow_up_is_never_changed()""",
    ),
}


def up(migrator: Any, db: Any) -> None:
    """Adds the table, and what forbids to change it."""
    with db.bind_ctx([FollowUpRow]):
        db.create_tables([FollowUpRow])
    for statement in APPEND_ONLY["sqlite" if isinstance(db, SqliteDatabase) else "postgresql"]:
        db.execute_sql(statement)
