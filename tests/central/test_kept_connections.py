"""Connections of the centre's file stay open from one request to the next while it is served, and no longer."""

from pathlib import Path

from central_server.central import Central
from central_server.storage.database import connect, disconnect, keeping, reading, write_transaction
from central_server.storage.models import DeskRow
from tests.conftest import only_on_sqlite


def is_open_elsewhere(central: Central) -> bool:
    """Whether somebody has the file open: the last one who closes it takes its log away."""
    return Path(central.settings.data / "central.db-wal").exists()


@only_on_sqlite
def test_a_connection_that_is_given_back_is_kept_only_meanwhile(central: Central) -> None:
    database = central.database
    with keeping(database):
        with reading(database):
            first = database.connection()
        with reading(database):
            assert database.connection() is first
        assert is_open_elsewhere(central)

    assert not is_open_elsewhere(central)
    with reading(database):
        assert database.connection() is not first


@only_on_sqlite
def test_what_a_request_left_undone_is_not_there_for_the_next_one(central: Central) -> None:
    database = central.database
    with keeping(database):
        connect(database)
        database.execute_sql("BEGIN IMMEDIATE")
        database.execute_sql("UPDATE desk SET ledger_sequence = 77")
        disconnect(database)

        with write_transaction(database):
            assert DeskRow.select().where(DeskRow.ledger_sequence == 77).count() == 0
