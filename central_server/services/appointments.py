"""The reference packs by which the centre counts appointments: those that a device's entries name, never its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from central_server.storage import reference
from sync_protocol.entries import EntryId, Header
from sync_protocol.events import Event, PacksAdopted
from sync_protocol.packs import PackKind, Packs, read_own_pack
from sync_protocol.schemas import BadPayload, UnknownKind, read_event
from sync_protocol.vocabulary import DeskCode

VALUES_KEPT = {PackKind.PROCEDURES: 64, PackKind.CALENDAR: 64, PackKind.DESK: 4_096}
"""How many packs of a kind are kept as read: a pack never changes, and a large centre reads those of all its desks."""


@dataclass(slots=True)
class PackShelf:
    """The packs of every time of a desk's devices, by the entry that adopted them; in the caller's transaction.

    adopted  what entries of a batch adopt that are not in the ledger yet
    """

    desk: DeskCode
    adopted: dict[EntryId, Mapping[str, str]] = field(default_factory=dict)
    known: dict[tuple[int, int, int], Packs | None] = field(default_factory=dict)

    def then(self, header: Header) -> Packs | None:
        """The packs by which an entry was sealed; None before the first adoption, and where one of them is not here."""
        # Asked for every entry of a batch, and the three numbers are made into an id for the first alone.
        numbers = (header.slot, header.epoch, header.pack)
        if numbers not in self.known:
            adoption = EntryId(*numbers)
            self.known[numbers] = packs_named(self.adopted.get(adoption) or self._adopted_before(adoption))
        return self.known[numbers]

    def _adopted_before(self, adoption: EntryId) -> Mapping[str, str]:
        entry = reference.adoption(self.desk, adoption) if adoption.sequence else None
        try:
            return _names(read_event(entry)) if entry else {}
        except (BadPayload, UnknownKind):
            return {}


def shelf_of(desk: DeskCode, events: list[Event]) -> PackShelf:
    """The packs that the entries of a batch may name."""
    return PackShelf(
        desk, {event.header.id: _names(event) for event in events if isinstance(event.payload, PacksAdopted)}
    )


def packs_named(names: Mapping[str, str]) -> Packs | None:
    """The packs of these names by kind, None unless there is one of each kind here."""
    try:
        values = {kind: _READ[kind](names[kind.value]) for kind in PackKind}
    except LookupError:
        return None
    return Packs(procedures=values[PackKind.PROCEDURES], calendar=values[PackKind.CALENDAR], desk=values[PackKind.DESK])


def _names(event: Event) -> Mapping[str, str]:
    return event.payload.packs if isinstance(event.payload, PacksAdopted) else {}


def _reader(kind: PackKind) -> Any:
    @lru_cache(maxsize=VALUES_KEPT[kind])
    def read(name: str) -> Any:
        """The value of a pack, by the hash that is its name; LookupError where there is none of this kind."""
        pack = reference.pack(name)
        found, value = read_own_pack(pack) if pack else (None, None)
        if found is not kind:
            raise LookupError(name)
        return value

    return read


_READ = {kind: _reader(kind) for kind in PackKind}
