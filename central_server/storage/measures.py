"""Counts about the running of the centre, of all desks together."""

from peewee import Database, fn

from central_server.storage.database import is_postgresql
from central_server.storage.models import DeskRow, DeviceRow, HeldEntry, VerdictRow
from sync_protocol.vocabulary import DeviceState, VerdictKind


def entries() -> int:
    """Entries in the ledgers of all desks; the numbers are given without a gap."""
    return int(DeskRow.select(fn.SUM(DeskRow.ledger_sequence)).scalar() or 0)


def waiting() -> dict[VerdictKind, int]:
    """Entries of the ledgers that were not simply applied, by what became of them."""
    rows = VerdictRow.select(VerdictRow.kind, fn.COUNT(VerdictRow.sequence)).group_by(VerdictRow.kind).tuples()
    return {VerdictKind(kind): int(count) for kind, count in rows}


def kept_beside() -> int:
    """Entries of branches that parted from what is held: outside of every ledger."""
    return int(HeldEntry.select().count())


def devices() -> dict[DeviceState, int]:
    """Enrolled devices by state."""
    rows = DeviceRow.select(DeviceRow.state, fn.COUNT(DeviceRow.slot)).group_by(DeviceRow.state).tuples()
    return {DeviceState(state): int(count) for state, count in rows}


def database_bytes(database: Database) -> int:
    """How much room the database takes."""
    if is_postgresql(database):
        return int(database.execute_sql("SELECT pg_database_size(current_database())").fetchone()[0])
    pages, size = (database.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages) * int(size)
