"""A dossier's whole life: its state beside the columns, entries that wait for it, and what a declaration explains."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from peewee import BigIntegerField, BlobField, CompositeKey, IntegerField, Model, SqliteDatabase, TextField, fn


class Entry(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    kind = TextField()
    subject = TextField()

    class Meta:
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")


class Payload(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    bytes = BlobField()

    class Meta:
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")


class Verdict(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()

    class Meta:
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")


class Dossier(Model):
    desk = TextField()
    id = TextField()
    dossier_code = TextField()
    procedure_code = TextField()
    channel = TextField()
    stage = TextField()
    received_at = BigIntegerField()
    recorded_at = BigIntegerField()
    received_by = TextField()
    resolved_at = BigIntegerField(null=True)
    delivered_at = BigIntegerField(null=True)
    state = BlobField()

    class Meta:
        primary_key = CompositeKey("desk", "id")


TABLES = (Entry, Payload, Verdict, Dossier)

STATEMENTS = (
    "CREATE INDEX dossier_code ON dossier (desk, dossier_code)",
    "ALTER TABLE verdict ADD COLUMN subject TEXT NOT NULL DEFAULT ''",
    """UPDATE verdict SET subject = (SELECT entry.subject FROM entry
        WHERE entry.desk = verdict.desk AND entry.slot = verdict.slot AND entry.epoch = verdict.epoch
        AND entry.sequence = verdict.sequence)""",
    "CREATE INDEX verdict_waiting ON verdict (desk, reason, subject)",
    "ALTER TABLE declaration ADD COLUMN cause TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE declaration ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE declaration ADD COLUMN paper_register_last TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE declaration ADD COLUMN certification_book_last TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE declaration ADD COLUMN clerk TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE declaration ADD COLUMN declared_at BIGINT",
)

WHEN_MISSING = {"resolve": ("result_kind", "granted"), "deliver": ("delivered_by", "counter")}
"""Per kind, the field that no column holds, and what it means where an entry leaves it out."""


def up(migrator: Any, db: Any) -> None:
    """Adds the columns, and makes each dossier's state of its columns and of the entries that were applied to it."""
    is_sqlite = isinstance(db, SqliteDatabase)
    db.execute_sql(f"ALTER TABLE dossier ADD COLUMN state {'BLOB' if is_sqlite else 'BYTEA'} NOT NULL DEFAULT ''")
    for statement in STATEMENTS:
        db.execute_sql(statement)
    with db.bind_ctx(TABLES):
        for (desk,) in list(Dossier.select(Dossier.desk).distinct().tuples()):
            _keep_states(db, desk)


def _keep_states(db: Any, desk: str) -> None:
    seen, said = _seen(desk), _said(desk)
    query = Dossier.update(state=b"").where(Dossier.desk == desk, Dossier.id == "")
    rows = (
        (json.dumps(_state(row) | said[row.id] | {"seen": seen[row.id]}).encode(), desk, row.id)
        for row in Dossier.select().where(Dossier.desk == desk)
    )
    db.cursor().executemany(query.sql()[0], list(rows))


def _state(row: Dossier) -> dict[str, Any]:
    """What the columns tell; what is not there is at its default."""
    told = {
        "id": row.id,
        "dossier_code": row.dossier_code,
        "slip_code": row.dossier_code,
        "procedure_code": row.procedure_code,
        "channel": row.channel,
        "stage": row.stage,
        "received_at": _instant(row.received_at),
        "recorded_at": _instant(row.recorded_at),
        "received_by": row.received_by,
        "resolved_at": _instant(row.resolved_at),
        "delivered_at": _instant(row.delivered_at),
    }
    return {name: value for name, value in told.items() if value is not None}


def _seen(desk: str) -> defaultdict[str, dict[str, int]]:
    """By dossier and device, the last entry that was applied after the one that opened it."""
    rows = (
        _applied(desk, fn.MAX(Entry.sequence))
        .where(Entry.kind.in_(["resolve", "deliver", "void"]))
        .group_by(Entry.subject, Entry.slot, Entry.epoch)
    )
    seen: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for subject, slot, epoch, sequence in rows.tuples():
        seen[subject][f"{slot}.{epoch}"] = sequence
    return seen


def _said(desk: str) -> defaultdict[str, dict[str, str]]:
    """By dossier, how it was decided and how the result was handed over."""
    rows = (
        _applied(desk, Entry.kind, Payload.bytes)
        .join(
            Payload,
            on=(
                (Payload.desk == Entry.desk)
                & (Payload.slot == Entry.slot)
                & (Payload.epoch == Entry.epoch)
                & (Payload.sequence == Entry.sequence)
            ),
        )
        .where(Entry.kind.in_(list(WHEN_MISSING)))
    )
    said: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for subject, _, _, kind, payload in rows.tuples():
        field, usual = WHEN_MISSING[kind]
        said[subject][field] = json.loads(bytes(payload)).get(field, usual)
    return said


def _applied(desk: str, *columns: Any) -> Any:
    """Entries of a desk about dossiers of other entries, those left out that have a verdict of their own."""
    has_verdict = Verdict.select().where(
        (Verdict.desk == Entry.desk)
        & (Verdict.slot == Entry.slot)
        & (Verdict.epoch == Entry.epoch)
        & (Verdict.sequence == Entry.sequence)
    )
    return Entry.select(Entry.subject, Entry.slot, Entry.epoch, *columns).where(
        Entry.desk == desk, ~fn.EXISTS(has_verdict)
    )


def _instant(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()
