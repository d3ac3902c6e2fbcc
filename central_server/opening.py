"""Opening a centre: the settings, the keys, the database and the clock become one Central."""

import secrets
from pathlib import Path

from central_server.central import Central, Keys, NotInitialised
from central_server.settings import Settings
from central_server.storage.database import DATABASE_FILE, DatabaseUnreachable, open_database
from central_server.storage.keys import NAMES, make_keys, read_keys
from sync_protocol.instants import system_clock
from sync_protocol.signing import KEY_BYTES


def open_central(settings: Settings) -> Central:
    """The centre of the data folder; raises NotInitialised, KeysUnreadable, DatabaseUnreachable, DatabaseNewer."""
    try:
        keys = read_keys(settings.data)
    except FileNotFoundError as error:
        raise NotInitialised(path=str(settings.data)) from error
    return Central(
        settings=settings,
        database=open_database(settings.data / DATABASE_FILE, settings.database),
        wall=system_clock,
        randomness=secrets.token_bytes,
        keys=Keys(**keys),
    )


def prepare_folder(folder: Path) -> None:
    """Makes the data folder with fresh keys, unless it has some; raises DatabaseUnreachable."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_keys(folder, {name: secrets.token_bytes(KEY_BYTES) for name in NAMES})
    except FileExistsError:
        return
    except OSError as error:
        raise DatabaseUnreachable(where=str(folder)) from error
