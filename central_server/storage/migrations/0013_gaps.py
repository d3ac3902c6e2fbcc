"""Authentic entries that lie beyond a gap of their chain, until what stands before them has come."""

from typing import Any

from peewee import BigIntegerField, BlobField, CompositeKey, IntegerField, Model, TextField


class GapEntry(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    payload_hash = BlobField()
    entry_hash = BlobField(null=True)
    arrived_at = BigIntegerField()
    header = BlobField()
    salt = BlobField(null=True)
    bytes = BlobField(null=True)

    class Meta:
        table_name = "gap_entry"
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence", "payload_hash")


def up(migrator: Any, db: Any) -> None:
    """Makes the table."""
    with db.bind_ctx([GapEntry]):
        db.create_tables([GapEntry])
