"""Column types that behave the same on every database. Stands word for word at both ends; a test holds them equal."""

from datetime import UTC, datetime
from typing import Any

from peewee import BigIntegerField


class InstantField(BigIntegerField):
    """An aware instant, stored as milliseconds since 1970 UTC; refuses a naive datetime."""

    def db_value(self, value: datetime | None) -> int | None:
        """Milliseconds of an aware datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no instant")
        return round(value.timestamp() * 1000)

    def python_value(self, value: Any) -> datetime | None:
        """The aware UTC datetime."""
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)
