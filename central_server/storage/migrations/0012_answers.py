"""The answers of a desk are found without a look at its whole ledger."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    """Makes the index."""
    db.execute_sql("CREATE INDEX entry_answer ON entry (desk, ledger) WHERE kind = 'answer'")
