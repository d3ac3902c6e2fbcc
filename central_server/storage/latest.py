"""What was last made of something, made again only where that something has changed: such a memory is never stale."""

from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Given = TypeVar("Given")
Made = TypeVar("Made")

KEYS_MAX = 50_000
"""So many desks or machines are more than a centre has; with more of them all is forgotten and made anew."""


class Latest(Generic[Key, Given, Made]):
    """For each key the last thing that was made for it, beside all that it was made of."""

    def __init__(self) -> None:
        self._kept: dict[Key, tuple[Given, Made]] = {}

    def of(self, key: Key, given: Given, make: Callable[[Given], Made]) -> Made:
        """What `make`, which looks at nothing else, makes of `given`: the same object as long as that is equal."""
        kept = self._kept.get(key)
        if kept is not None and (kept[0] is given or kept[0] == given):
            return kept[1]
        if len(self._kept) >= KEYS_MAX:
            self._kept.clear()
        made = make(given)
        self._kept[key] = given, made
        return made
