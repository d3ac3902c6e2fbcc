"""What is made of the register of units and desks, kept in memory until anything in the register has changed.

A mark in the database is another one after every change of the register, whoever makes it, and is looked at by whoever
asks: so any number of processes may keep something, and none ever tells an old one.
"""

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from peewee import Database

from central_server.storage.models import RegisterMark

Made = TypeVar("Made")


class Registered(Generic[Made]):
    """What `read` makes of the register, for each database that is asked."""

    def __init__(self, read: Callable[[], Made]) -> None:
        self._read = read
        self._kept: WeakKeyDictionary[Database, tuple[str, Made]] = WeakKeyDictionary()

    def now(self) -> Made:
        """That of the register as it stands, inside the caller's connection."""
        database, mark = RegisterMark._meta.database, _mark()
        kept = self._kept.get(database)
        if kept is not None and kept[0] == mark:
            return kept[1]
        made = self._read()
        # What changed while it was read is not kept: it may be half of before and half of after.
        if _mark() == mark:
            self._kept[database] = mark, made
        return made


def _mark() -> str:
    return str(RegisterMark.select(RegisterMark.mark).scalar())
