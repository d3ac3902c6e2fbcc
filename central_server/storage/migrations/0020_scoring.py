"""Figures that do not come from dossiers, complaints, and what the province has set about scoring."""

from typing import Any

from peewee import BigIntegerField, CompositeKey, DateField, IntegerField, Model, SqliteDatabase, TextField


class ExternalFigureRow(Model):
    number = IntegerField(primary_key=True)
    indicator = TextField()
    unit_id = TextField()
    first_on = DateField()
    last_on = DateField()
    value = TextField()
    numerator = BigIntegerField(null=True)
    denominator = BigIntegerField(null=True)
    source = TextField()
    recorded_by = TextField()
    recorded_at = BigIntegerField()

    class Meta:
        table_name = "external_figure"
        indexes = ((("first_on", "last_on", "unit_id"), False),)


class ComplaintRow(Model):
    number = IntegerField(primary_key=True)
    complaint = IntegerField()
    received_on = DateField()
    unit_id = TextField()
    clerk = TextField()
    dossier_code = TextField()
    finding = TextField()
    answer_due_on = DateField()
    answered_on = DateField(null=True)
    document = TextField()
    recorded_by = TextField()
    recorded_at = BigIntegerField()

    class Meta:
        table_name = "complaint"


class ScoringRuleRow(Model):
    name = TextField()
    valid_from = DateField()
    value = TextField()
    source = TextField()

    class Meta:
        table_name = "scoring_rule"
        primary_key = CompositeKey("name", "valid_from")


NEVER_CHANGED = ("external_figure", "complaint")


def _guards(table: str, *, is_sqlite: bool) -> tuple[str, ...]:
    if is_sqlite:
        return tuple(
            f"CREATE TRIGGER {table}_is_never_{done} BEFORE {step} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, 'what was recorded is never {done}'); END"
            for step, done in (("UPDATE", "changed"), ("DELETE", "removed"))
        )
    return (
        f"CREATE FUNCTION {table}_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'what was recorded is never changed'; END $$",
        f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_is_never_changed()",
    )


def up(migrator: Any, db: Any) -> None:
    """Adds the tables, and what forbids to change the first two."""
    models = [ExternalFigureRow, ComplaintRow, ScoringRuleRow]
    with db.bind_ctx(models):
        db.create_tables(models)
    for table in NEVER_CHANGED:
        for statement in _guards(table, is_sqlite=isinstance(db, SqliteDatabase)):
            db.execute_sql(statement)
