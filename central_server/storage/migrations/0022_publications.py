"""The reports that the province publishes: the steps towards each version, and its files, which never change."""

from typing import Any

from peewee import BigIntegerField, BlobField, CompositeKey, DateField, IntegerField, Model, SqliteDatabase, TextField


class PublicationStepRow(Model):
    layout = TextField()
    unit_id = TextField()
    first_on = DateField()
    last_on = DateField()
    number = IntegerField()
    step = TextField()
    taken_at = BigIntegerField()
    taken_by = TextField()
    body = BlobField()
    signature = BlobField()

    class Meta:
        table_name = "publication_step"
        primary_key = CompositeKey("layout", "unit_id", "first_on", "last_on", "number")


class PublicationFileRow(Model):
    layout = TextField()
    unit_id = TextField()
    first_on = DateField()
    last_on = DateField()
    number = IntegerField()
    ending = TextField()
    bytes = BlobField()

    class Meta:
        table_name = "publication_file"
        primary_key = CompositeKey("layout", "unit_id", "first_on", "last_on", "number", "ending")


TABLES = (PublicationStepRow, PublicationFileRow)


def _guards(table: str, *, is_sqlite: bool) -> tuple[str, ...]:
    if is_sqlite:
        return tuple(
            f"CREATE TRIGGER {table}_is_never_{done} BEFORE {step} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, 'what was published is never {done}'); END"
            for step, done in (("UPDATE", "changed"), ("DELETE", "removed"))
        )
    return (
        f"CREATE FUNCTION {table}_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'what was published is never changed'; END $$",
        f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_is_never_changed()",
    )


def up(migrator: Any, db: Any) -> None:
    """Adds the tables, and what forbids to change them."""
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
    for table in TABLES:
        for statement in _guards(table._meta.table_name, is_sqlite=isinstance(db, SqliteDatabase)):
            db.execute_sql(statement)
