"""What a disk does to a desk's file, in words of our own: full, failing, not to be written, damaged."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from peewee import Database

from desk_client.storage.ballast import release_ballast
from desk_client.storage.spare import doubt
from sync_protocol.errors import N_, FieldSyncError

FULL_BYTES = 64 * 1024
"""With less than this free an error of the disk is taken to be a full one: the engine does not always say so."""

PRIMARY_CODE = 0xFF
FULL, IO_ERROR, READ_ONLY, CANNOT_OPEN, CORRUPT, NOT_A_DATABASE = 13, 10, 8, 14, 11, 26
OF_THE_DISK = frozenset({FULL, IO_ERROR, READ_ONLY, CANNOT_OPEN, CORRUPT, NOT_A_DATABASE})


class StorageTrouble(FieldSyncError):
    """The disk refuses or damages; what was being saved is not saved, and what was saved before is as it was."""

    code = "storage_trouble"
    text = N_("This machine's disk does not work as it should. What was saved before is safe; call your supervisor.")


class DiskFull(StorageTrouble):
    """The disk takes no further page, and nothing was held free; nothing of the transaction was written."""

    code = "disk_full"
    text = N_(
        "The disk of this machine is full, so this was not saved. What was saved before is safe. "
        "Free some space on the disk, then do it once more."
    )


class DiskWasFull(DiskFull):
    """The disk was full; the ballast has just been given up, and the same fits now."""

    text = N_(
        "The disk of this machine is full. This was not saved yet, but a reserve has just been set free: do it once "
        "more now. Then free some space on the disk. What was saved before is safe."
    )


class DiskFails(StorageTrouble):
    """The disk cannot be read or written."""

    code = "disk_fails"
    text = N_(
        "The disk of this machine reports a fault. This was not saved, and what was saved before is untouched. "
        "Save once more; if it does not work again, call your supervisor before you switch the machine off."
    )


class DiskReadOnly(StorageTrouble):
    """The file may only be read."""

    code = "disk_read_only"
    text = N_(
        "This machine does not allow writing to the folder %(path)s any more. This was not saved, and what was saved "
        "before is safe. Call your supervisor, and leave this page open."
    )


class DatabaseDamaged(StorageTrouble):
    """A part of the file is not as it was written."""

    code = "database_damaged"
    text = N_(
        "A part of the data in %(path)s is damaged. Nothing was thrown away. Close the program and start it again: "
        "it sets the damaged file aside and takes all that is whole into a fresh one."
    )


def trouble_of(error: Exception, database: Database) -> StorageTrouble | None:
    """What an error means, None where it is no matter of the disk.

    A full disk takes the ballast, and a damage has the file looked over by the next start.
    """
    path = Path(str(database.database))
    code = next((each for each in _codes_of(error) if each in OF_THE_DISK), 0)
    if code == FULL or (code in (IO_ERROR, CANNOT_OPEN) and _is_full(path.parent)):
        return DiskWasFull() if release_ballast(path.parent) else DiskFull()
    match code:
        case 0:
            return None
        case code if code == READ_ONLY:
            return DiskReadOnly(path=str(path.parent))
        case code if code in (CORRUPT, NOT_A_DATABASE):
            doubt(path.parent)
            return DatabaseDamaged(path=str(path))
        case _:
            return DiskFails()


def _codes_of(error: BaseException | None) -> Iterator[int]:
    """The engine's primary codes of an error and of those that it came from.

    A transaction that failed for want of space is undone by the engine itself; the wish to undo it then fails too, and
    that is what arrives here.
    """
    while error is not None:
        for each in (error, getattr(error, "orig", None)):
            yield int(getattr(each, "sqlite_errorcode", None) or 0) & PRIMARY_CODE
        error = error.__cause__ or error.__context__


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < FULL_BYTES
    except OSError:
        return False
