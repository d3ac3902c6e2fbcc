"""A mark that is another one after every change of units and desks, so that whoever keeps them in memory sees it."""

from typing import Any

from peewee import IntegerField, Model, SqliteDatabase, TextField


class RegisterMark(Model):
    id = IntegerField(primary_key=True)
    mark = TextField()

    class Meta:
        table_name = "register_mark"


DESK = "code, unit_id, name, identifier_code, phone, valid_from, valid_to, successor"
"""The columns of a desk that are of the register; its ledger moves with every contact."""

EVENTS = {
    **{f"{table}_{event.lower()}": f"{event} ON {table}" for table in ("unit", "unit_name", "unit_parent", "desk_past")
       for event in ("INSERT", "UPDATE", "DELETE")},
    "desk_insert": "INSERT ON desk",
    "desk_update": f"UPDATE OF {DESK} ON desk",
    "desk_delete": "DELETE ON desk",
}  # fmt: skip


def up(migrator: Any, db: Any) -> None:
    """Adds the mark, and what sets it. It is drawn and not counted: one of a change that was undone never returns."""
    with db.bind_ctx([RegisterMark]):
        db.create_tables([RegisterMark])
        RegisterMark.insert(id=1, mark="").execute()
    if isinstance(db, SqliteDatabase):
        action = "BEGIN UPDATE register_mark SET mark = hex(randomblob(16)); END"
        made = (f"CREATE TRIGGER mark_{name} AFTER {event} {action}" for name, event in EVENTS.items())
    else:
        db.execute_sql(
            "CREATE FUNCTION mark_register() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN UPDATE register_mark SET mark = gen_random_uuid()::text; RETURN NULL; END $$"
        )
        action = "FOR EACH STATEMENT EXECUTE FUNCTION mark_register()"
        made = (f"CREATE TRIGGER mark_{name} AFTER {event} {action}" for name, event in EVENTS.items())
    for statement in made:
        db.execute_sql(statement)
