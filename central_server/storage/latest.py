"""What was last made of something, made again only where that something has changed: such a memory is never stale."""

from collections.abc import Callable, Sequence
from itertools import compress, count, repeat
from operator import itemgetter, ne
from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Given = TypeVar("Given")
Made = TypeVar("Made")

NOTHING: tuple[Any, Any] = (None, None)
KEYS_MAX = 50_000
"""So many desks or machines are more than a centre has; with more of them all is forgotten and made anew."""


class Latest(Generic[Key, Given, Made]):
    """For each key the last thing that was made for it, beside all that it was made of."""

    def __init__(self) -> None:
        self._kept: dict[Key, tuple[Given, Made]] = {}

    def of_all(self, keys: Sequence[Key], given: Sequence[Given], make: Callable[[Given], Made]) -> list[Made]:
        """What `make`, which looks at nothing else, makes of each of `given`: the same objects where that is equal.

        Without a step of Python's own for each of a province of which nothing is new.
        """
        kept = [*map(self._kept.get, keys, repeat(NOTHING))]
        found: list[Made] = [*map(itemgetter(1), kept)]
        for at in compress(count(), map(ne, map(itemgetter(0), kept), given)):
            found[at] = self._make(keys[at], given[at], make)
        return found

    def of(self, key: Key, given: Given, make: Callable[[Given], Made]) -> Made:
        """The same of one."""
        [made] = self.of_all([key], [given], make)
        return made

    def _make(self, key: Key, given: Given, make: Callable[[Given], Made]) -> Made:
        if len(self._kept) >= KEYS_MAX:
            self._kept.clear()
        made = make(given)
        self._kept[key] = given, made
        return made
