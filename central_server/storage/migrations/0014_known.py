"""What was known of each desk when: its devices, what they declared, what waited for a decision, and counts in a day.

Before this, only what is known now was kept: how far back that is asked for begins with the last instant in it.
"""

import json
from collections import defaultdict
from typing import Any

from peewee import BigIntegerField, BlobField, CompositeKey, DateField, IntegerField, Model, SqliteDatabase, TextField


class DeclaredWord(Model):
    desk = TextField()
    slot = IntegerField()
    first_on = DateField()
    last_on = DateField()
    moment = BigIntegerField()
    declaration = TextField()

    class Meta:
        table_name = "declared_word"
        primary_key = CompositeKey("desk", "slot", "first_on", "last_on", "moment")
        indexes = ((("first_on", "last_on", "moment", "desk", "slot", "declaration"), False),)


class KnownRow(Model):
    desk = TextField()
    slot = IntegerField()
    moment = BigIntegerField()
    facts = TextField()
    beats = BlobField()

    class Meta:
        table_name = "known"
        primary_key = CompositeKey("desk", "slot", "moment")


class UndecidedCount(Model):
    desk = TextField()
    received_on = DateField()
    changed_at = BigIntegerField()
    count = IntegerField()

    class Meta:
        table_name = "undecided_count"
        primary_key = CompositeKey("desk", "received_on", "changed_at")
        indexes = ((("received_on", "desk", "changed_at", "count"), False),)


TABLES = (DeclaredWord, KnownRow, UndecidedCount)

STEPS = (
    "ALTER TABLE centre ADD COLUMN known_from BIGINT",
    "ALTER TABLE later_count ADD COLUMN counted_at BIGINT",
    """CREATE INDEX entry_counted_at ON entry (arrived_at, desk, received_on, left_on)
        WHERE received_on IS NOT NULL OR left_on IS NOT NULL""",
    """INSERT INTO declared_word (desk, slot, first_on, last_on, moment, declaration)
        SELECT desk, slot, first_on, last_on, stated_at * 1000, declaration FROM declaration""",
    """INSERT INTO undecided_count (desk, received_on, changed_at, count)
        SELECT verdict.desk, verdict.received_on, entry.arrived_at, COUNT(*) FROM verdict
        JOIN entry ON entry.desk = verdict.desk AND entry.slot = verdict.slot
            AND entry.epoch = verdict.epoch AND entry.sequence = verdict.sequence
        WHERE verdict.received_on IS NOT NULL
        GROUP BY verdict.desk, verdict.received_on, entry.arrived_at""",
    """UPDATE centre SET known_from = (SELECT MAX(at) FROM (
        SELECT MAX(heard_at) AS at FROM device UNION ALL SELECT MAX(state_since) FROM device
        UNION ALL SELECT MAX(arrived_at) FROM entry) AS instants)""",
)

INSTANTS = ("heard_at", "stated_at", "covered_until", "left_at")

GROWS_ONLY = {
    "sqlite": (
        """CREATE TRIGGER known_only_grows BEFORE UPDATE ON known
            WHEN NEW.desk <> OLD.desk OR NEW.slot <> OLD.slot OR NEW.moment <> OLD.moment OR NEW.facts <> OLD.facts
                OR substr(NEW.beats, 1, length(OLD.beats)) IS NOT OLD.beats
            BEGIN SELECT RAISE(ABORT, 'what was known is never changed'); END""",
        """CREATE TRIGGER known_is_never_removed BEFORE DELETE ON known
            BEGIN SELECT RAISE(ABORT, 'what was known is never removed'); END""",
        """CREATE TRIGGER declared_word_is_never_changed BEFORE UPDATE ON declared_word
            BEGIN SELECT RAISE(ABORT, 'what was declared is never changed'); END""",
        """CREATE TRIGGER declared_word_is_never_removed BEFORE DELETE ON declared_word
            BEGIN SELECT RAISE(ABORT, 'what was declared is never removed'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION known_only_grows() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN
                IF TG_OP = 'UPDATE' AND (NEW.desk, NEW.slot, NEW.moment, NEW.facts)
                    = (OLD.desk, OLD.slot, OLD.moment, OLD.facts)
                    AND substring(NEW.beats FROM 1 FOR length(OLD.beats)) = OLD.beats THEN RETURN NEW; END IF;
                RAISE EXCEPTION 'what was known is never changed';
            END $$""",
        """CREATE TRIGGER known_only_grows BEFORE UPDATE OR DELETE ON known
            FOR EACH ROW EXECUTE FUNCTION known_only_grows()""",
        """CREATE FUNCTION declared_word_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'what was declared is never changed'; END $$""",
        """CREATE TRIGGER declared_word_is_never_changed BEFORE UPDATE OR DELETE ON declared_word
            FOR EACH ROW EXECUTE FUNCTION declared_word_is_never_changed()""",
    ),
}


def up(migrator: Any, db: Any) -> None:
    """Adds the tables with what is known now, and what forbids to change it."""
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
        for statement in STEPS:
            db.execute_sql(statement)
        _note_all(db)
    for statement in GROWS_ONLY["sqlite" if isinstance(db, SqliteDatabase) else "postgresql"]:
        db.execute_sql(statement)


def _note_all(db: Any) -> None:
    """A first row for each device, of the last instant at which anything of it is known to have changed."""
    unsent, beside = _unsent(db), _beside(db)
    columns = f"desk, slot, state, enrolled_at, epoch, {', '.join(INSTANTS)}, state_since"
    rows = db.execute_sql(f"SELECT {columns} FROM device").fetchall()
    for desk, slot, state, enrolled_at, epoch, *instants, since in rows:
        word = _word(epoch, instants, unsent.get((desk, slot), {}), leaves_open=True)
        facts = {"state": state, "enrolled_at": enrolled_at} | word
        if (desk, slot) in beside:
            facts |= {"beside": beside[desk, slot]}
        at = max(each or 0 for each in (enrolled_at, since, instants[0]))
        KnownRow.insert(desk=desk, slot=slot, moment=at * 1000, facts=json.dumps(facts), beats=b"").execute()


def _unsent(db: Any) -> dict[tuple[str, int], dict[str, int]]:
    found: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)
    for desk, slot, day, count in db.execute_sql("SELECT desk, slot, received_on, count FROM unsent").fetchall():
        found[desk, slot][str(day)] = count
    return found


def _beside(db: Any) -> dict[tuple[str, int], list[dict[str, Any]]]:
    unsent: dict[tuple[str, int, int], dict[str, int]] = defaultdict(dict)
    rows = db.execute_sql("SELECT desk, slot, epoch, received_on, count FROM branch_unsent").fetchall()
    for desk, slot, epoch, day, count in rows:
        unsent[desk, slot, epoch][str(day)] = count
    found: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    columns = f"desk, slot, epoch, {', '.join(INSTANTS)}, leaves_open"
    rows = db.execute_sql(f"SELECT {columns} FROM branch ORDER BY desk, slot, epoch").fetchall()
    for desk, slot, epoch, *instants, leaves_open in rows:
        word = _word(epoch, instants, unsent.get((desk, slot, epoch), {}), leaves_open=bool(leaves_open))
        found[desk, slot].append(word)
    return found


def _word(epoch: int, instants: list[int | None], unsent: dict[str, int], *, leaves_open: bool) -> dict[str, Any]:
    told = dict(zip(INSTANTS, instants, strict=True))
    return {"epoch": epoch, **told, "leaves_open": leaves_open, "unsent": dict(sorted(unsent.items()))}
