"""What the centre decides: entries that count later than they came, and contents that only an erasure removes."""

from typing import Any

from peewee import CompositeKey, DateField, IntegerField, Model, SqliteDatabase, TextField


class LaterCount(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    ledger_on = DateField()
    received_on = DateField(null=True)
    left_on = DateField(null=True)

    class Meta:
        table_name = "later_count"
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")


class ErasedEntry(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    by_epoch = IntegerField()
    by_sequence = IntegerField()

    class Meta:
        table_name = "erased_entry"
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")


TABLES = (LaterCount, ErasedEntry)

IS_ERASED = """EXISTS (SELECT 1 FROM erased_entry
    WHERE erased_entry.desk = OLD.desk AND erased_entry.slot = OLD.slot
    AND erased_entry.epoch = OLD.epoch AND erased_entry.sequence = OLD.sequence)"""

TRIGGERS = {
    "sqlite": (
        """CREATE TRIGGER payload_is_never_changed BEFORE UPDATE ON payload
            BEGIN SELECT RAISE(ABORT, 'a payload is never changed'); END""",
        f"""CREATE TRIGGER payload_goes_only_by_erasure BEFORE DELETE ON payload WHEN NOT {IS_ERASED}
            BEGIN SELECT RAISE(ABORT, 'a payload goes only by an erasure'); END""",
        """CREATE TRIGGER erased_entry_is_never_changed BEFORE UPDATE ON erased_entry
            BEGIN SELECT RAISE(ABORT, 'an erasure is never changed'); END""",
        """CREATE TRIGGER erased_entry_is_never_removed BEFORE DELETE ON erased_entry
            BEGIN SELECT RAISE(ABORT, 'an erasure is never changed'); END""",
    ),
    "postgresql": (
        f"""CREATE FUNCTION payload_goes_only_by_erasure() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN
                IF TG_OP = 'DELETE' AND {IS_ERASED} THEN RETURN OLD; END IF;
                RAISE EXCEPTION 'a payload goes only by an erasure';
            END $$""",
        """CREATE TRIGGER payload_goes_only_by_erasure BEFORE UPDATE OR DELETE ON payload
            FOR EACH ROW EXECUTE FUNCTION payload_goes_only_by_erasure()""",
        """CREATE FUNCTION erased_entry_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'an erasure is never changed'; END $$""",
        """CREATE TRIGGER erased_entry_is_never_changed BEFORE UPDATE OR DELETE ON erased_entry
            FOR EACH ROW EXECUTE FUNCTION erased_entry_is_never_changed()""",
    ),
}


def up(migrator: Any, db: Any) -> None:
    """Adds the tables, the program that judged last, and what forbids any other removal."""
    db.execute_sql("ALTER TABLE centre ADD COLUMN judged_by TEXT NOT NULL DEFAULT ''")
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
    for statement in TRIGGERS["sqlite" if isinstance(db, SqliteDatabase) else "postgresql"]:
        db.execute_sql(statement)
