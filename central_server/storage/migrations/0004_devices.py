"""What became of a device and since when, whether new ones are approved, and the record of changes."""

from typing import Any

from peewee import BigIntegerField, CompositeKey, IntegerField, Model, SqliteDatabase, TextField


class Change(Model):
    desk = TextField()
    number = IntegerField()
    at = BigIntegerField()
    who = TextField()
    what = TextField()
    slot = IntegerField()
    before = TextField()
    after = TextField()
    reason = TextField()

    class Meta:
        primary_key = CompositeKey("desk", "number")


COLUMNS = (
    "ALTER TABLE device ADD COLUMN state_since BIGINT",
    "ALTER TABLE device ADD COLUMN left_at BIGINT",
    "ALTER TABLE centre ADD COLUMN device_approval BOOLEAN NOT NULL DEFAULT FALSE",
)

APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER change_is_never_changed BEFORE UPDATE ON change
            BEGIN SELECT RAISE(ABORT, 'the record of a change is never changed'); END""",
        """CREATE TRIGGER change_is_never_removed BEFORE DELETE ON change
            BEGIN SELECT RAISE(ABORT, 'the record of a change is never removed'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION change_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'the record of a change is never changed'; END $$""",
        """CREATE TRIGGER change_is_never_changed BEFORE UPDATE OR DELETE ON change
            FOR EACH ROW EXECUTE FUNCTION change_is_never_changed()""",
    ),
}


def up(migrator: Any, db: Any) -> None:
    """Adds the columns and the table, and forbids changing what is recorded."""
    for statement in COLUMNS:
        db.execute_sql(statement)
    with db.bind_ctx((Change,)):
        db.create_tables((Change,))
    for statement in APPEND_ONLY["sqlite" if isinstance(db, SqliteDatabase) else "postgresql"]:
        db.execute_sql(statement)
