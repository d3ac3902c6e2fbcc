"""Several epochs of one device: branches beside the present one, what they hold back, and entries of no chain here."""

from typing import Any

from peewee import BigIntegerField, BlobField, BooleanField, CompositeKey, DateField, IntegerField, Model, TextField


class Branch(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    app_version = TextField()
    head = IntegerField()
    head_hash = BlobField()
    heard_at = BigIntegerField(null=True)
    stated_at = BigIntegerField(null=True)
    stated_head = IntegerField()
    covered_until = BigIntegerField(null=True)
    ticket = TextField()
    previous_ticket = TextField()
    left_at = BigIntegerField(null=True)
    leaves_open = BooleanField()

    class Meta:
        primary_key = CompositeKey("desk", "slot", "epoch")


class BranchUnsent(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    received_on = DateField()
    count = IntegerField()

    class Meta:
        table_name = "branch_unsent"
        primary_key = CompositeKey("desk", "slot", "epoch", "received_on")


class HeldEntry(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    entry_hash = BlobField()
    arrived_at = BigIntegerField()
    header = BlobField()
    payload_hash = BlobField()
    salt = BlobField(null=True)
    bytes = BlobField(null=True)

    class Meta:
        table_name = "held_entry"
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence", "entry_hash")


class Sighting(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    what = TextField()
    sequence = IntegerField()
    noticed_at = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("desk", "slot", "epoch", "what")


TABLES = (Branch, BranchUnsent, HeldEntry, Sighting)


def up(migrator: Any, db: Any) -> None:
    """Makes the tables; what a device row says stays that of its present epoch."""
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
