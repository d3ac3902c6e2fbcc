"""Checking the whole database: the ledger against its own hashes and signatures, and what was made of it against it."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from central_server.central import Central
from central_server.services import rebuilding
from central_server.services.dumping import Batch, batches
from central_server.services.examining import Examiner, RowDiffers
from central_server.storage import tables
from central_server.storage.database import DATABASE_FILE, open_database, snapshot, write_transaction
from sync_protocol.errors import N_

PROJECTED = N_("it is not what the ledger makes of it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was gone through, and what was wrong; `fault_count` may be more than are told."""

    devices: int
    entries: int
    statements: int
    dossiers: int
    faults: list[RowDiffers]
    fault_count: int


def verify(central: Central) -> Verified:
    """Checks a snapshot of all rows, beside which the centre works on; changes nothing.

    The tables that are made of the ledger are made once more from it in a copy, and compared row by row.
    """
    examiner = Examiner(centre_key=central.keys.signing.public)
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        copy = replace(central, database=open_database(Path(folder) / DATABASE_FILE))
        with snapshot(central.database), write_transaction(copy.database):
            for batch in _through(examiner, batches(central.database)):
                tables.load(copy.database, batch.table, batch.rows)
        examiner.finish()
        # A ledger that is damaged itself makes other dossiers, which would say nothing more.
        if not examiner.faults:
            for table, key in _differing(copy):
                examiner.note(table, key, PROJECTED)
        copy.database.close()
    return Verified(
        devices=examiner.counts["device"],
        entries=examiner.counts["entry"],
        statements=examiner.counts["statement"],
        dossiers=examiner.counts["dossier"],
        faults=examiner.faults,
        fault_count=examiner.fault_count,
    )


def _through(examiner: Examiner, stream: Iterator[Batch]) -> Iterator[Batch]:
    for batch in stream:
        examiner.take(batch)
        yield batch


def _differing(copy: Central) -> Iterator[tuple[str, str]]:
    """Table and key of the rows that come out otherwise when they are made again; the copy is spent for it."""
    with write_transaction(copy.database):
        tables.set_projections_aside(copy.database)
    rebuilding.rebuild(copy)
    with write_transaction(copy.database):
        yield from tables.differing_projections(copy.database)
