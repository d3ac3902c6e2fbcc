"""What one rendered form says is saved once: a double click, or sending it again, gets the first answer."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

Answer = TypeVar("Answer")

REMEMBERED_MAX = 1_000
"""Forms remembered; older pages are not sent again by accident."""


@dataclass(frozen=True, slots=True)
class SavedForms:
    """The forms that were saved since the program started.

    A form is named by the number that it was rendered with and by its content, so that going back, correcting a name
    and saving makes a second dossier, as it says. The program's next start refuses old pages by their CSRF token.
    """

    _answers: OrderedDict[bytes, Any] = field(default_factory=OrderedDict)
    _saved: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def save(self, content: Mapping[str, Any], save: Callable[[], Answer]) -> tuple[Answer, bool]:
        """The answer of `save`, and whether it was called now; one form at a time."""
        name = _name(content)
        with self._lock:
            if name in self._answers:
                return self._answers[name], False
            self._answers[name] = answer = save()
            self._saved[content.get("form_id", "")] = None
            for remembered in (self._answers, self._saved):
                while len(remembered) > REMEMBERED_MAX:
                    remembered.popitem(last=False)
            return answer, True

    def unless_saved(self, form_id: str, keep: Callable[[], None]) -> None:
        """Calls `keep` unless the form has been saved: what its page still sends while it closes comes too late."""
        with self._lock:
            if not form_id or form_id not in self._saved:
                keep()


def _name(content: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(repr(sorted(content.items())).encode("utf-8", "replace")).digest()
