"""All that a centre can be told from outside, read once at the start."""

import os
from collections.abc import Mapping
from configparser import ConfigParser
from dataclasses import dataclass, field, fields
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
    """All that a centre can be told from outside: CENTRAL_* variable, else central.ini, else the default here.

    data             folder of the keys, the settings and the embedded database
    database         a postgresql:// URL; empty for the embedded SQLite file
    host, port       where it listens
    language         language of the pages until a person switches it
    threads          requests served at a time
    session_idle_s   seconds without a click after which a person has to sign in again
    """

    data: Path
    database: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 8800
    language: Literal["vi", "en"] = "vi"
    threads: int = 8
    session_idle_s: int = 1800


CHOICES = {"language": ("vi", "en")}
WORDS = ("database", "host")
LEAST = {"port": 1, "threads": 1, "session_idle_s": 30}


def read_settings(data: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the data folder `data`, CENTRAL_DATA or the user's own; raises BadSetting."""
    folder = data or Path(environment.get("CENTRAL_DATA") or user_data_path("central-server", appauthor=False))
    given: dict[str, tuple[str, str]] = {}
    given |= _from_file(folder / "central.ini")
    given |= _from_environment(environment)
    return Settings(data=folder, **{name: _value(name, text, where) for name, (text, where) in given.items()})


def _from_file(path: Path) -> dict[str, tuple[str, str]]:
    if not path.exists():
        return {}
    parser = ConfigParser(interpolation=None)
    parser.read_string("[central]\n" + path.read_text("utf-8"))
    return {name: (text, str(path)) for name, text in parser["central"].items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {
        name.removeprefix("CENTRAL_").lower(): (text, name)
        for name, text in environment.items()
        if name.startswith("CENTRAL_") and name != "CENTRAL_DATA"
    }


def _value(name: str, text: str, where: str) -> object:
    known = {each.name for each in fields(Settings)} - {"data"}
    if name not in known:
        raise BadSetting(name=name, where=where, reason=N_("there is no such setting"))
    if name in WORDS:
        return text
    if name in CHOICES:
        if text not in CHOICES[name]:
            raise BadSetting(name=name, where=where, reason=" | ".join(CHOICES[name]))
        return text
    if not text.isdigit() or int(text) < LEAST[name]:
        raise BadSetting(name=name, where=where, reason=N_("it has to be a whole number that is large enough"))
    return int(text)
