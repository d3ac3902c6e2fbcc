"""Verified backups, up to where each device is in one, and the slots that a restore leaves out."""

from typing import Any

from peewee import BigIntegerField, BlobField, CompositeKey, IntegerField, Model, TextField


class Backup(Model):
    number = IntegerField(primary_key=True)
    made_at = BigIntegerField()
    verified_at = BigIntegerField()
    digest = BlobField()
    entries = IntegerField()


class Archived(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()

    class Meta:
        primary_key = CompositeKey("desk", "slot", "epoch")


class SlotFloor(Model):
    desk = TextField(primary_key=True)
    slot = IntegerField()

    class Meta:
        table_name = "slot_floor"


TABLES = (Backup, Archived, SlotFloor)


def up(migrator: Any, db: Any) -> None:
    """Makes the tables."""
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
