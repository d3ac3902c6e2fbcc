"""What comes down to a device: its desk's ledger behind what it has taken in, and what its siblings last stated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from central_server.services.comparing import Reach
from central_server.services.speaking import is_ticket_of
from central_server.storage import handing
from central_server.storage.devices import Device
from central_server.storage.handing import Place
from central_server.storage.holding import AWAITING_A_DECISION
from sync_protocol.entries import SALT_BYTES, EntryId, SealedEntry
from sync_protocol.events import Released
from sync_protocol.schemas import BadPayload, UnknownKind, read_event
from sync_protocol.siblings import DOWN_ENTRIES_MAX, DOWN_FRAMES_BYTES_MAX, DOWN_PLACES_MAX, Down, pack_down, runs_of
from sync_protocol.statements import VOUCHED_MAX, Statement, Vouched
from sync_protocol.vocabulary import DeskCode, DeviceState, EventKind


@dataclass(frozen=True, slots=True)
class HandedDown:
    """What comes down with an answer, b"" for nothing, and the last entry of each journal of which entries do."""

    down: bytes = b""
    vouched: tuple[Vouched, ...] = ()


def is_told(device: Device) -> bool:
    """Whether a device is told of the others: one whose word does not count is not."""
    return device.state is DeviceState.ACTIVE


def is_other_ledger(statement: Statement, incarnation: str, ledger_end: int) -> bool:
    """Whether a device has taken in, under the centre's present name, what its desk's ledger is not any more.

    ledger_end  last number of the ledger before this contact
    """
    pulled, desk = statement.pulled, statement.device.desk
    if pulled.incarnation != incarnation:
        return False
    return pulled.ledger > ledger_end or (bool(pulled.mark) and handing.mark_at(desk, pulled.ledger) != pulled.mark)


def handed_down(device: Device, statement: Statement, reach: Reach, *, incarnation: str, ledger_end: int) -> HandedDown:
    """What comes down with an answer; inside the transaction that holds the desk's ledger.

    ledger_end  last number of the desk's ledger
    """
    chain = _Chain.of(statement, reach, incarnation)
    if chain is None or not is_told(device):
        return HandedDown()
    after = statement.pulled.ledger if statement.pulled.incarnation == incarnation else 0
    siblings = handing.siblings(device.id, DeviceState.ACTIVE.value)
    if after == ledger_end and not siblings:
        return HandedDown()
    bundle = _bundle(device.id.desk, chain, after)
    down = Down(
        after=after,
        up_to=bundle.up_to,
        end=ledger_end,
        mark=handing.mark_at(device.id.desk, bundle.up_to),
        runs=runs_of(bundle.placed),
        siblings=tuple(siblings),
        entries=tuple(bundle.entries),
    )
    return HandedDown(pack_down(down), tuple(bundle.last_of_each()))


def released_ids(entry: SealedEntry) -> list[EntryId]:
    """The entries that a decision has released; none where this version cannot read it."""
    try:
        released = read_event(entry).payload
    except (BadPayload, UnknownKind):
        return []
    return [EntryId.parse(name) for name in released.entries] if isinstance(released, Released) else []


@dataclass(frozen=True, slots=True)
class _Chain:
    """Which entries a device has by its own chain: of each epoch that its journal goes on from, up to a sequence.

    open_epoch  the one in which its next contact tells more, 0 where it is known where the journals part
    """

    slot: int
    up_to: Mapping[int, int]
    open_epoch: int

    @classmethod
    def of(cls, statement: Statement, reach: Reach, incarnation: str) -> "_Chain | None":
        """What is known of a device's chain; None before its earlier epochs are compared."""
        slot = statement.device.slot
        up_to = {each.epoch: each.sequence for each in statement.ancestors}
        # It parts behind that with this receipt, so nothing of what stands there is its own.
        if reach.fork and reach.is_proven:
            earlier = {epoch: last for epoch, last in up_to.items() if epoch < reach.epoch}
            return cls(slot, earlier | {reach.epoch: reach.up_to}, 0)
        if not reach.is_present:
            return None
        return cls(slot, up_to | {statement.epoch: _common(statement, reach, incarnation)}, statement.epoch)

    def holds(self, entry: Place | EntryId) -> bool:
        """Whether an entry is one of the device's own."""
        return entry.slot == self.slot and entry.sequence <= self.up_to.get(entry.epoch, 0)

    def is_open(self, place: Place) -> bool:
        """Whether an entry may be the device's own or another's: its next contact will tell."""
        return place.slot == self.slot and place.epoch == self.open_epoch and not self.holds(place)


def _common(statement: Statement, reach: Reach, incarnation: str) -> int:
    """Up to where, in the stated epoch, the chain here is known to be the device's own.

    What this incarnation has given a receipt for, the device has compared.
    """
    is_known = is_ticket_of(statement.ticket, incarnation) and not statement.acknowledged_epoch
    return reach.up_to if reach.is_proven else min(statement.acknowledged, reach.up_to) if is_known else 0


@dataclass(slots=True)
class _Bundle:
    """What has been put together.

    up_to    last number of the ledger that is told
    placed   slot, epoch, sequence, number in the ledger, and the hash of an entry that comes down
    entries  those that come down, in the same order; frames_bytes: about how long they are
    """

    up_to: int
    placed: list[tuple[int, int, int, int, bytes]] = field(default_factory=list)
    entries: list[SealedEntry] = field(default_factory=list)
    frames_bytes: int = 0

    def is_full_for(self, entry: SealedEntry) -> bool:
        """Whether an entry has to wait for the next answer; one that is large by itself comes alone."""
        return bool(self.entries) and self.frames_bytes + _length(entry) > DOWN_FRAMES_BYTES_MAX

    def place(self, place: Place, ledger: int, hash_: bytes = b"") -> None:
        """Tells where an entry stands."""
        self.placed.append((place.slot, place.epoch, place.sequence, ledger, hash_))

    def last_of_each(self) -> list[Vouched]:
        """The last entry that comes down of each journal."""
        coming = sorted((slot, epoch, sequence, hash_) for slot, epoch, sequence, _, hash_ in self.placed if hash_)
        last = {each[:2]: Vouched(*each) for each in coming}
        return list(last.values())[:VOUCHED_MAX]

    def add(self, place: Place, ledger: int, entry: SealedEntry) -> None:
        """Sends an entry down."""
        self.place(place, ledger, bytes(place.entry_hash))
        self.entries.append(entry)
        self.frames_bytes += _length(entry)


def _bundle(desk: DeskCode, chain: _Chain, after: int) -> _Bundle:
    """The ledger behind a number, as far as one answer goes."""
    places = list(_within(handing.places_after(desk, after, DOWN_PLACES_MAX), chain))
    wanted = {each.ledger for each in places if _comes_down(each, chain)}
    sealed = handing.sealed(desk, wanted)
    bundle = _Bundle(after)
    for each in places:
        if each.ledger in sealed:
            if bundle.is_full_for(sealed[each.ledger]):
                break
            bundle.add(each, each.ledger, sealed[each.ledger])
            if each.kind == EventKind.RELEASE:
                _add_released(desk, chain, bundle, each, sealed[each.ledger])
        elif chain.holds(each):
            bundle.place(each, each.ledger)
        bundle.up_to = each.ledger
    return bundle


def _within(places: Sequence[Place], chain: _Chain) -> Iterator[Place]:
    """Places up to what must wait: an entry of which it is not known whose it is, or one too many."""
    count = 0
    for each in places:
        if not chain.holds(each):
            count += _comes_down(each, chain)
            if chain.is_open(each) or count > DOWN_ENTRIES_MAX:
                return
        yield each


def _comes_down(place: Place, chain: _Chain) -> bool:
    return not chain.holds(place) and place.reason not in AWAITING_A_DECISION


def _add_released(desk: DeskCode, chain: _Chain, bundle: _Bundle, release: Place, entry: SealedEntry) -> None:
    """Entries that a decision released come where it stands: until then they were not the desk's."""
    ids = [id_ for id_ in released_ids(entry) if not chain.holds(id_)]
    places = handing.places_of(desk, ids)
    sealed = handing.sealed(desk, {each.ledger for each in places.values()})
    for id_ in sorted(places):
        bundle.add(places[id_], release.ledger, sealed[places[id_].ledger])


def _length(entry: SealedEntry) -> int:
    return len(entry.header_bytes) + len(entry.payload or b"") + SALT_BYTES
