"""Searches that were asked for: an address names one by a number that means nothing, since no name belongs there."""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from desk_client.services.searching import Wanted

KEPT_MAX = 200
"""Searches kept since the program started; going back to an older one shows the empty form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The search form as typed, and what it means."""

    text: str = ""
    stage: str = ""
    first_on: str = ""
    last_on: str = ""
    wanted: Wanted = field(default_factory=Wanted)


@dataclass(frozen=True, slots=True)
class KeptSearches:
    """The searches of this start by their numbers, each for the person who asked."""

    _asked: OrderedDict[str, tuple[str, Asked]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def keep(self, number: str, username: str, asked: Asked) -> None:
        """Remembers a search."""
        with self._lock:
            self._asked[number] = (username, asked)
            while len(self._asked) > KEPT_MAX:
                self._asked.popitem(last=False)

    def of(self, number: str, username: str) -> Asked | None:
        """The search of a number, None where it is not kept or somebody else's."""
        with self._lock:
            owner, asked = self._asked.get(number, ("", None))
        return asked if owner == username else None
