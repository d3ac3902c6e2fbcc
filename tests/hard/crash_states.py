"""What a disk may hold after a power cut, made from the calls that went before it.

What was synced is there. Of what was not, each write may be there, be missing or be torn between two sectors, in any
order; names (files made, moved, removed) are there up to some point, in their order, unless their folder was synced.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from tests.hard.system_calls import Call, Create, Move, Remove, Said, Sync, Truncate, Write

SECTOR = 512
Files = dict[str, bytes]


@dataclass(slots=True)
class Inode:
    """A file apart from its name: what of it is on the disk, and what was asked of it since its last sync."""

    synced: bytearray = field(default_factory=bytearray)
    waiting: list[Write | Truncate] = field(default_factory=list)

    def sync(self) -> None:
        """All that was asked is on the disk."""
        for call in self.waiting:
            _carry_out(self.synced, call)
        self.waiting.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        """What may be left of it."""
        left = bytearray(self.synced)
        # Besides a fate for each write, all are lost or all are kept: an idle disk, or a quick one.
        fates = chance.choice(
            (("lost",), ("kept",), ("lost", "kept", "torn"), ("lost", "kept", "kept", "kept", "torn"))
        )
        for call in self.waiting:
            fate = chance.choice(fates)
            if fate == "kept" or (fate == "torn" and isinstance(call, Truncate) and chance.random() < 0.5):
                _carry_out(left, call)
            elif fate == "torn" and isinstance(call, Write):
                for part in _sectors(call):
                    if chance.random() < 0.5:
                        _carry_out(left, part)
        return bytes(left)


@dataclass(slots=True)
class Disk:
    """The files of a folder; `waiting` holds its lists of names after each change since the last sync of the folder."""

    names: dict[str, Inode] = field(default_factory=dict)
    synced_names: dict[str, Inode] = field(default_factory=dict)
    waiting: list[dict[str, Inode]] = field(default_factory=list)

    @classmethod
    def holding(cls, files: Mapping[str, bytes]) -> "Disk":
        """A disk on which files are by now."""
        names = {path: Inode(bytearray(content)) for path, content in files.items()}
        return cls(names=names, synced_names=dict(names))

    def carry_out(self, call: Call) -> None:
        """Takes the next call."""
        match call:
            case Create():
                self._rename({call.path: Inode()})
            case Move():
                self._rename({call.to: self.names[call.path]}, call.path)
            case Remove():
                self._rename({}, call.path)
            case Write() | Truncate():
                self.names[call.path].waiting.append(call)
            case Sync() if call.path in self.names:
                self.names[call.path].sync()
            case Sync():
                self.synced_names = dict(self.names)
                self.waiting.clear()
            case Said():
                pass

    def after_cut(self, chance: random.Random) -> Files:
        """What may be left of the folder."""
        lists = [self.synced_names, *self.waiting]
        names = lists[chance.choice((0, -1, chance.randrange(len(lists))))]
        return {path: inode.after_cut(chance) for path, inode in sorted(names.items())}

    def _rename(self, new: Mapping[str, Inode], old: str = "") -> None:
        self.names = {path: inode for path, inode in self.names.items() if path != old} | dict(new)
        self.waiting.append(self.names)


def _carry_out(content: bytearray, call: Write | Truncate) -> None:
    size = call.size if isinstance(call, Truncate) else call.offset + len(call.data)
    if len(content) < size:
        content.extend(bytes(size - len(content)))
    if isinstance(call, Truncate):
        del content[size:]
    else:
        content[call.offset : size] = call.data


def _sectors(call: Write) -> list[Write]:
    """A write as the disk carries it out: sector by sector."""
    ends = [*range((call.offset // SECTOR + 1) * SECTOR, call.offset + len(call.data), SECTOR)]
    bounds = [call.offset, *ends, call.offset + len(call.data)]
    return [
        Write(call.path, begin, call.data[begin - call.offset : end - call.offset]) for begin, end in pairwise(bounds)
    ]
