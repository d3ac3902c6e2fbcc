"""Units that merge, split, end, or get another name or parent, and what becomes of their desks."""

from typing import Any

from peewee import BigIntegerField, CompositeKey, DateField, IntegerField, Model, SqliteDatabase, TextField


class ReorganisationRow(Model):
    number = IntegerField(primary_key=True)
    effective_on = DateField()
    file = TextField()
    reason = TextField()
    done_by = TextField()
    done_at = BigIntegerField()

    class Meta:
        table_name = "reorganisation"


class UnitSuccession(Model):
    old_id = TextField()
    new_id = TextField()
    kind = TextField()
    effective_on = DateField()
    reorganisation = IntegerField()

    class Meta:
        table_name = "unit_succession"
        primary_key = CompositeKey("old_id", "new_id")


class DeskPast(Model):
    desk = TextField()
    until_on = DateField()
    unit_id = TextField()
    name = TextField()

    class Meta:
        table_name = "desk_past"
        primary_key = CompositeKey("desk", "until_on")


ADDED = (ReorganisationRow, UnitSuccession, DeskPast)
APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, 'a reorganisation is never changed'); END""",
        """CREATE TRIGGER {table}_is_never_removed BEFORE DELETE ON {table}
            BEGIN SELECT RAISE(ABORT, 'a reorganisation is never removed'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION {table}_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'a reorganisation is never changed'; END $$""",
        """CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_is_never_changed()""",
    ),
}


def up(migrator: Any, db: Any) -> None:
    """Adds the tables, what forbids to change them, and the desk that takes over from a closed one."""
    with db.bind_ctx(ADDED):
        db.create_tables(ADDED)
    for model in ADDED:
        for statement in APPEND_ONLY["sqlite" if isinstance(db, SqliteDatabase) else "postgresql"]:
            db.execute_sql(statement.format(table=model._meta.table_name))
    db.execute_sql("ALTER TABLE desk ADD COLUMN successor TEXT NOT NULL DEFAULT ''")
