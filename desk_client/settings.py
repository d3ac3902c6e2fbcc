"""All that a desk can be told from outside, read once at the start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path

from sync_protocol.settings import from_environment, from_ini, values


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that a desk can be told from outside: DESK_* variable, else desk.ini, else the default here.

    data             folder of the encrypted file and the settings
    port             loopback port of the page
    language         language of the page until a person switches it
    sync_interval_s  seconds between contacts when nothing waits
    key_store        where the key of the file is kept: the system's store, or a protected file beside it
    lock_after_s     seconds without a click after which a clerk has to sign in again
    """

    data: Path
    port: int = 8765
    language: Literal["vi", "en"] = "vi"
    sync_interval_s: int = 300
    key_store: Literal["system", "file"] = "system"
    lock_after_s: int = 600


LEAST = {"port": 1, "sync_interval_s": 1, "lock_after_s": 30}


def read_settings(data: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the data folder `data`, DESK_DATA or the user's own; raises BadSetting."""
    folder = data or Path(environment.get("DESK_DATA") or user_data_path("desk-client", appauthor=False))
    path = folder / "desk.ini"
    text = path.read_text("utf-8") if path.exists() else ""
    given = [*from_ini(text, str(path)), *from_environment(environment, "DESK_")]
    return Settings(data=folder, **values(Settings, given, LEAST))
