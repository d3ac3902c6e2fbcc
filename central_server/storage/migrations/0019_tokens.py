"""The tokens by which other programs read."""

from typing import Any

from peewee import BigIntegerField, BlobField, Model, TextField


class AccessTokenRow(Model):
    name = TextField(primary_key=True)
    token_hash = BlobField(unique=True)
    unit_id = TextField()
    permissions = TextField()
    owner = TextField()
    issued_at = BigIntegerField()
    expires_at = BigIntegerField()
    revoked_at = BigIntegerField(null=True)
    used_at = BigIntegerField(null=True)

    class Meta:
        table_name = "access_token"


def up(migrator: Any, db: Any) -> None:
    """Adds the table."""
    with db.bind_ctx([AccessTokenRow]):
        db.create_tables([AccessTokenRow])
