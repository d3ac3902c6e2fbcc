"""All that a desk can be told from outside, read once at the start."""

import os
from collections.abc import Mapping
from configparser import ConfigParser
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path

from sync_protocol.errors import FieldSyncError, N_


class BadSetting(FieldSyncError):
    """A setting is unknown or has a value that cannot be used."""

    code = "bad_setting"
    text = N_("The setting %(name)s in %(where)s cannot be used: %(reason)s. Nothing was started; correct it there.")


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


CHOICES = {"language": ("vi", "en"), "key_store": ("system", "file")}
LEAST = {"port": 1, "sync_interval_s": 1, "lock_after_s": 30}


def read_settings(data: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the data folder `data`, DESK_DATA or the user's own; raises BadSetting."""
    folder = data or Path(environment.get("DESK_DATA") or user_data_path("desk-client", appauthor=False))
    given: dict[str, tuple[str, str]] = {}
    given |= _from_file(folder / "desk.ini")
    given |= _from_environment(environment)
    return Settings(data=folder, **{name: _value(name, text, where) for name, (text, where) in given.items()})


def _from_file(path: Path) -> dict[str, tuple[str, str]]:
    if not path.exists():
        return {}
    parser = ConfigParser()
    parser.read_string("[desk]\n" + path.read_text("utf-8"))
    return {name: (text, str(path)) for name, text in parser["desk"].items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {
        name.removeprefix("DESK_").lower(): (text, name)
        for name, text in environment.items()
        if name.startswith("DESK_") and name != "DESK_DATA"
    }


def _value(name: str, text: str, where: str) -> object:
    known = {each.name for each in fields(Settings)} - {"data"}
    if name not in known:
        raise BadSetting(name=name, where=where, reason=N_("there is no such setting"))
    if name in CHOICES:
        if text not in CHOICES[name]:
            raise BadSetting(name=name, where=where, reason=" | ".join(CHOICES[name]))
        return text
    if not text.isdigit() or int(text) < LEAST[name]:
        raise BadSetting(name=name, where=where, reason=N_("it has to be a whole number that is large enough"))
    return int(text)
