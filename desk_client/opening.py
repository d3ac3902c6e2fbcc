"""Opening a desk: the settings, the key, the file and the clock become one Desk."""

import secrets
import time
from dataclasses import replace
from pathlib import Path

from peewee import Database

from desk_client.desk import Desk
from desk_client.services.continuing import look_around
from desk_client.services.mending import mend
from desk_client.services.practising import borrowed_from, furnish
from desk_client.services.projecting import rebuild_if_needed
from desk_client.settings import Settings
from desk_client.storage.database import DATABASE_FILE, DatabaseUnreadable, FolderNotWritable, open_database
from desk_client.storage.keys import data_key
from desk_client.storage.machine import fingerprint
from desk_client.storage.spare import doubt
from sync_protocol.instants import system_clock

PRACTICE_FOLDER = "practice"


def open_desk(settings: Settings, *, is_practice: bool = False) -> Desk:
    """The installation in the data folder, which is made if it is not there.

    Raises FolderNotWritable, KeyMissing, DatabaseUnreadable, DatabaseNewer, EngineTooOld.
    """
    path = settings.data / DATABASE_FILE
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        key_hex = data_key(settings.data, settings.key_store, is_new=not path.exists())
    except OSError as error:
        raise FolderNotWritable(path=str(settings.data)) from error
    database = open_database(path, key_hex) if is_practice else _whole(settings, path, key_hex)
    desk = desk_on(settings, database, is_practice=is_practice)
    rebuild_if_needed(desk)
    if not is_practice:
        look_around(desk)
    return desk


def desk_on(settings: Settings, database: Database, *, is_practice: bool = False) -> Desk:
    """The installation of an opened file, with this machine's clocks."""
    return Desk(
        settings=settings,
        database=database,
        clock=system_clock,
        monotonic_ms=lambda: time.monotonic_ns() // 1_000_000,
        boot=secrets.token_hex(4),
        randomness=secrets.token_bytes,
        is_practice=is_practice,
        machine=fingerprint(settings.data),
    )


def _whole(settings: Settings, path: Path, key_hex: str) -> Database:
    """The file, or the fresh one that took the place of a damaged one; what cannot even be opened is looked at now."""

    def opened(other: Path) -> Desk:
        return desk_on(settings, open_database(other, key_hex))

    mend(path, key_hex, opened)
    try:
        return open_database(path, key_hex)
    except DatabaseUnreadable:
        doubt(settings.data)
        mend(path, key_hex, opened)
        return open_database(path, key_hex)


def open_practice(settings: Settings) -> Desk:
    """The practice desk beside the installation, brought to its packs and people; raises NotEnrolled, as open_desk.

    It has a folder and a key of its own, and its pages the next port.
    """
    borrowed = borrowed_from(open_desk(settings))
    beside = replace(settings, data=settings.data / PRACTICE_FOLDER, port=settings.port + 1)
    practice = open_desk(beside, is_practice=True)
    furnish(practice, borrowed)
    return practice
