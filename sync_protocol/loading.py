"""What is loaded when it is asked for by its name, so that a command does not wait for what only others need."""

from collections import UserDict
from importlib import import_module
from typing import Any


class Loaded(UserDict[str, Any]):
    """Things by name, each told by its place, such as ``desk_client.commands.syncing:sync``, and loaded from there."""

    def __getitem__(self, name: str) -> Any:
        """Loads a thing; raises KeyError where there is none of this name."""
        module, _, thing = self.data[name].partition(":")
        return getattr(import_module(module), thing)
