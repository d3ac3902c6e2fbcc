"""All that a centre can be told from outside, read once at the start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path

from sync_protocol.settings import from_environment, from_ini, values


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that a centre can be told from outside: CENTRAL_* variable, else central.ini, else the default here.

    data             folder of the keys, the settings and the embedded database
    database         a postgresql:// URL; empty for the embedded SQLite file
    host, port       where it listens
    address          under which desks reach it, as invitations name it
    language         language of the pages until a person switches it
    threads          requests served at a time
    session_idle_s   seconds without a click after which a person has to sign in again
    enrolments_per_minute  tries of codes from one address, beyond which it has to wait
    contacts_per_minute    contacts of one device, beyond which it has to wait
    backup_alarm_h   hours after which the last verified backup is called too old
    """

    data: Path
    database: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 8800
    address: str = ""
    language: Literal["vi", "en"] = "vi"
    threads: int = 8
    session_idle_s: int = 1800
    enrolments_per_minute: int = 300
    contacts_per_minute: int = 600
    backup_alarm_h: int = 26


LEAST = {
    "port": 1,
    "threads": 1,
    "session_idle_s": 30,
    "enrolments_per_minute": 1,
    "contacts_per_minute": 1,
    "backup_alarm_h": 1,
}


def read_settings(data: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the data folder `data`, CENTRAL_DATA or the user's own; raises BadSetting."""
    folder = data or Path(environment.get("CENTRAL_DATA") or user_data_path("central-server", appauthor=False))
    path = folder / "central.ini"
    text = path.read_text("utf-8") if path.exists() else ""
    given = [*from_ini(text, str(path)), *from_environment(environment, "CENTRAL_")]
    return Settings(data=folder, **values(Settings, given, LEAST))
