"""Looking a desk's file over when the program starts: what is damaged is set aside, what is whole goes on.

Every page is looked at after an end that was not an orderly one, once a week, and after a damage was met.
"""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from desk_client.desk import Desk
from desk_client.services.continuing import unseen
from desk_client.services.salvaging import finish_move, holds_more, salvage_file
from desk_client.storage import device, journal
from desk_client.storage.database import reading
from desk_client.storage.examining import is_whole
from desk_client.storage.lineage import Point
from desk_client.storage.spare import rows_to_spare, spared_at, write_spare
from desk_client.storage.witness import read_witness

LOOK_AGAIN_S = 7 * 24 * 3_600
LOG, KEPT_LOG = "-wal", "-wal.kept"


def mend(path: Path, key_hex: str, opened: Callable[[Path], Desk]) -> None:
    """Sets a damaged file aside and saves what is whole of it; a file that is as it was written is not touched.

    opened  makes a desk on a file
    A file of which nothing can be read, as with another key, stays where it is, and so does one that is open elsewhere.
    """
    finish_move(path)
    if not path.exists():
        return
    log, kept = path.with_name(path.name + LOG), path.with_name(path.name + KEPT_LOG)
    # A log that was kept is of a try which the power has cut off; the engine may have emptied its own by then.
    is_orderly = not (log.exists() and log.stat().st_size) and not kept.exists()
    if is_orderly and not _is_due(path.parent):
        return
    # The engine takes of a log what comes before its first damaged frame and overwrites the rest.
    _keep(log, kept)
    found = is_whole(path, key_hex)
    if found is False:
        salvage_file(path, kept, key_hex, opened)
    elif found:
        _look_at_log(path, kept, key_hex, opened)
    if found is not False:
        kept.unlink(missing_ok=True)


def _look_at_log(path: Path, kept: Path, key_hex: str, opened: Callable[[Path], Desk]) -> None:
    """Of a file that is whole: whether its log held more than the engine took, as the witness has seen.

    Where not even the enrolment is in the file, the log alone may hold the machine and all that was written on it.
    """
    desk = opened(path)
    with reading(desk.database):
        stored = device.stored()
        is_enrolled = stored is not None and stored.certificate is not None
        # Where no witness is left to say that nothing is missing, the log itself is asked.
        may_lack = is_enrolled and (read_witness(path.parent) is None or unseen(desk) is not None)
        head = journal.head(desk.identity().id.slot, b"") if is_enrolled else None
        rows = rows_to_spare() if is_enrolled else []
    desk.database.close()
    is_cut = may_lack and head and holds_more(path, kept, key_hex, Point(head.epoch, head.sequence))
    if is_cut or not is_enrolled:
        salvage_file(path, kept, key_hex, opened)
    elif rows:
        write_spare(path.parent, key_hex, rows)


def _keep(log: Path, kept: Path) -> None:
    """Copies the log as it is now; that of an earlier try, which nobody could use yet, stays."""
    if log.exists() and not kept.exists():
        shutil.copyfile(log, kept)


def _is_due(folder: Path) -> bool:
    looked_at = spared_at(folder)
    # A clock that fell back by years must not put this off for years.
    return looked_at is None or abs(time.time() - looked_at) > LOOK_AGAIN_S
