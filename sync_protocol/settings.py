"""Turning what stands in a file and in the environment into settings: one set of checks for both ends."""

from collections.abc import Iterable, Mapping
from configparser import ConfigParser, Error
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from sync_protocol.errors import N_, FieldSyncError


class BadSetting(FieldSyncError):
    """A setting is unknown or has a value that cannot be used."""

    code = "bad_setting"
    text = N_("The setting %(name)s in %(where)s cannot be used: %(reason)s. Nothing was started; correct it there.")


@dataclass(frozen=True, slots=True)
class Given:
    """The text of a setting and where it was read."""

    name: str
    text: str
    where: str


def from_ini(text: str, where: str) -> list[Given]:
    """The settings of a file of ``name = value`` lines; raises BadSetting."""
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string("[settings]\n" + text, where)
    except Error as error:
        raise BadSetting(name="–", where=where, reason=N_("a line is not of the form name = value")) from error
    return [Given(name, value, where) for name, value in parser["settings"].items()]


def from_environment(environment: Mapping[str, str], prefix: str) -> list[Given]:
    """The settings among environment variables: those with a prefix, but for the data folder's own."""
    return [
        Given(name.removeprefix(prefix).lower(), text, name)
        for name, text in environment.items()
        if name.startswith(prefix) and name != f"{prefix}DATA"
    ]


def values(kind: type, given: Iterable[Given], least: Mapping[str, int]) -> dict[str, Any]:
    """Arguments for a dataclass of settings, later ones over earlier ones; its `data` cannot be given.

    least  smallest value by name of a whole number
    Raises BadSetting.
    """
    hints = get_type_hints(kind)
    known = {each.name for each in fields(kind)} - {"data"}
    found: dict[str, Any] = {}
    for each in given:
        if each.name not in known:
            raise BadSetting(name=each.name, where=each.where, reason=N_("there is no such setting"))
        found[each.name] = _value(hints[each.name], each, least.get(each.name, 0))
    return found


def _value(hint: Any, given: Given, least: int) -> object:
    if get_origin(hint) is Literal and given.text not in get_args(hint):
        raise BadSetting(name=given.name, where=given.where, reason=" | ".join(get_args(hint)))
    if hint is not int:
        return given.text
    if not (given.text.isascii() and given.text.isdigit()) or int(given.text) < least:
        reason = N_("it has to be a whole number that is large enough")
        raise BadSetting(name=given.name, where=given.where, reason=reason)
    return int(given.text)
