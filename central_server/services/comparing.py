"""How far a device's journal is the one that is held here, what of it is new, and where the two part.

A statement names its journal as a path: the earlier epochs up to where each was left, then the present one up to its
head. The path is followed from the certificate on. Entries that come along are chained to what is held; so a receipt
names only what was compared, or what the device itself can compare.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from central_server.storage import branches, devices, ledger
from central_server.storage.gaps import Beyond
from central_server.storage.ledger import JudgedEntry
from sync_protocol.entries import OF_ANOTHER_MACHINE, OUT_OF_SEQUENCE, BadEntry, Header, SealedEntry
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.statements import Ancestor, Statement
from sync_protocol.vocabulary import DeviceId


class BrokenChain(FieldSyncError):
    """The entries do not fit together: no device seals such a journal."""

    code = "broken_chain"
    text = N_(
        "The machine's entries do not continue what the centre holds of it. Nothing was thrown away on either side; "
        "the province has to look at it."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a device's journal is held.

    epoch, up_to, hash  the last entry that is held here too; 0 and the certificate's hash where there is none
    fork      head of another continuation of that epoch, or the next entry where that is held under another id; else 0
    is_proven  whether that was compared; else the device has to compare the hash itself
    is_whole  whether all of the journal is held now
    is_present  whether that is known of all that it has of earlier epochs
    new       entries that go on from what is held, in the order of the journal, not judged yet
    foreign   authentic entries of a continuation that is not the one held
    """

    epoch: int
    up_to: int
    hash: bytes
    fork: int = 0
    is_proven: bool = True
    is_whole: bool = False
    is_present: bool = False
    new: Sequence[JudgedEntry] = ()
    foreign: Sequence[JudgedEntry] = ()
    beyond: Sequence[Beyond] = ()

    @property
    def is_parted(self) -> bool:
        """Whether the device's journal goes on otherwise than what is held."""
        return self.fork > 0 and not self.is_whole


@dataclass(slots=True)
class _Way:
    """What is known while a path is followed.

    previous  the hash that the next entry follows
    passed    entries that could not be put to what is held
    """

    device: DeviceId
    statement: Statement
    heads: Mapping[int, int]
    last_sent: Header | None
    previous: bytes = b""
    new: list[JudgedEntry] = field(default_factory=list)
    passed: list[tuple[Header, SealedEntry]] = field(default_factory=list)

    def hash_named(self, header: Header) -> bytes:
        """The hash of an entry as the statement names it, b"" where it does not."""
        if (header.epoch, header.sequence) == (self.statement.epoch, self.statement.head):
            return self.statement.hash
        if header == self.last_sent and self.statement.sent_hash:
            return self.statement.sent_hash
        ends = {(each.epoch, each.sequence): each.hash for each in self.statement.ancestors}
        return ends.get((header.epoch, header.sequence), b"")


def compare(device: DeviceId, heads: Mapping[int, int], statement: Statement, entries: Sequence[SealedEntry]) -> Reach:
    """Follows a device's journal as far as it is held or comes along.

    heads  the highest sequence held of each epoch of the device
    Raises BadEntry for entries that are none of this journal or not in sequence, BrokenChain for hashes that lie.
    """
    path = [*reversed(statement.ancestors), Ancestor(statement.epoch, statement.head, statement.hash)]
    headers = [entry.header for entry in entries]
    _check_frame(device, path, headers)
    way = _Way(device, statement, heads, headers[-1] if headers else None)
    sent = list(zip(headers, entries, strict=True))
    reached: Reach | None = None
    for number, part in enumerate(path, start=1):
        reach = _along(way, part, [each for each in sent if each[0].epoch == part.epoch])
        is_behind_sent = bool(headers) and headers[-1].epoch < part.epoch
        if reached and is_behind_sent and not reach.is_proven:
            # A head may be of another branch, and the device has to compare it; what came with the contact is sure.
            reached = replace(reach, epoch=reached.epoch, up_to=reached.up_to, hash=reached.hash)
        # Of an epoch that is not begun here, the one that it goes on from says more.
        elif reached is None or reach.up_to or reach.fork:
            reached = reach
        if reach.foreign:
            reached = replace(reached, foreign=(*reach.foreign, *_behind(way, path[number:], sent, part.hash)))
            break
        if not reach.is_whole:
            later = {each.epoch for each in path[number:]}
            way.passed += [
                each for each in sent if each[0].epoch in later and each[0].sequence > heads.get(each[0].epoch, 0)
            ]
            break
        way.previous = part.hash
    assert reached is not None, "a path has a part"
    is_present = reach.epoch == statement.epoch
    is_whole = reach.is_whole and is_present
    hash_ = reached.hash if reached.up_to else devices.origin(device)
    beyond = [Beyond(*each, way.hash_named(each[0])) for each in way.passed]
    return replace(reached, hash=hash_, is_whole=is_whole, is_present=is_present, new=way.new, beyond=beyond)


def without_twins(device: DeviceId, heads: Mapping[int, int], statement: Statement, reach: Reach) -> Reach:
    """The reach up to the first new entry of which the content is held in another epoch already.

    Two copies of one disk write the same entries again, each in an epoch of its own. The salt tells them from two that
    are alike; the first one that comes is the one that counts, and the journal of the other parts there.
    """
    passed = {each.epoch: each.sequence for each in statement.ancestors} | {statement.epoch: statement.head}
    beside = {epoch: passed.get(epoch, 0) for epoch, head in heads.items() if head > passed.get(epoch, 0)}
    twins = held_elsewhere(device, beside, reach.new)
    if not twins:
        return reach
    at = next(at for at, each in enumerate(reach.new) if each.sealed.payload_hash in twins)
    common, twice = reach.new[:at], reach.new[at:]
    epoch, up_to = twice[0].header.epoch, twice[0].header.sequence - 1
    is_here = not common or common[-1].header.epoch != epoch
    hash_ = (ledger.hashes(device, epoch, up_to, up_to)[up_to] if is_here else common[-1].entry_hash) if up_to else b""
    return replace(
        reach,
        epoch=epoch,
        up_to=up_to,
        hash=hash_ or devices.origin(device),
        fork=up_to + 1,
        is_proven=True,
        is_whole=False,
        is_present=epoch == statement.epoch,
        new=common,
        foreign=(*twice, *reach.foreign),
    )


def held_elsewhere(device: DeviceId, beside: Mapping[int, int], entries: Iterable[JudgedEntry]) -> frozenset[bytes]:
    """Which salted contents of entries about dossiers are held behind these sequences of other epochs of the device."""
    about = {each.sealed.payload_hash for each in entries if each.header.subject} if beside else None
    return branches.contents_held(device, beside, about) if about else frozenset()


def is_short(statement: Statement, reach: Reach, heads: Mapping[int, int]) -> bool:
    """Whether entries are missing here that a receipt covered once, so that the statement does not count them unsent.

    Only a centre that was put back lacks such: until they have come again, the statement proves nothing.

    heads  the highest sequence held of each epoch: of one that broke off before such an entry, they alone can tell
    """
    epoch, last = statement.acknowledged_epoch or statement.epoch, statement.acknowledged
    path = {each.epoch: each.sequence for each in statement.ancestors} | {statement.epoch: statement.head}
    if last > path.get(epoch, 0):
        return last > heads.get(epoch, 0)
    return (epoch, last) > (reach.epoch, reach.up_to) and last > 0


def _check_frame(device: DeviceId, path: Sequence[Ancestor], headers: Sequence[Header]) -> None:
    """The entries are consecutive ones of the path."""
    last = {part.epoch: part.sequence for part in path}
    following = {before.epoch: after.epoch for before, after in pairwise(path)}
    expected = (headers[0].epoch, headers[0].sequence) if headers else (0, 0)
    for header in headers:
        if header.slot != device.slot or header.epoch not in last:
            raise BadEntry(reason=OF_ANOTHER_MACHINE)
        if (header.epoch, header.sequence) != expected or not 1 <= header.sequence <= last[header.epoch]:
            raise BadEntry(reason=OUT_OF_SEQUENCE)
        is_last = header.sequence == last[header.epoch]
        expected = (following.get(header.epoch, 0), 1) if is_last else (header.epoch, header.sequence + 1)


def _along(way: _Way, part: Ancestor, sent: Sequence[tuple[Header, SealedEntry]]) -> Reach:
    """How far one epoch of the path is held."""
    head = way.heads.get(part.epoch, 0)
    if not sent or sent[0][0].sequence > head + 1:
        way.passed += sent
        return _stated(way, part, head)
    first = sent[0][0].sequence
    held = ledger.hashes(way.device, part.epoch, first - 1, head)
    chained = _chained(way, held, sent)
    parts_at = next(
        (at for at, each in enumerate(chained) if held.get(each.header.sequence, each.entry_hash) != each.entry_hash),
        len(chained),
    )
    common, parted = chained[:parts_at], chained[parts_at:]
    is_true = _ends_right(way, part, chained[-1])
    if not is_true:
        # From the first entry on, all is known; else the journal may have parted before what came.
        if first == 1:
            raise BrokenChain
        way.passed += sent
        return Reach(epoch=part.epoch, up_to=first - 1, hash=held[first - 1], fork=head, is_proven=False)
    if parted:
        last = common[-1].entry_hash if common else held.get(first - 1, b"")
        return Reach(epoch=part.epoch, up_to=parted[0].header.sequence - 1, hash=last, fork=head, foreign=tuple(parted))
    way.new += [each for each in chained if each.header.sequence > head]
    last_one = chained[-1]
    # Of two that part, what was compared tells more than the receipts, which may cover less.
    if last_one.header.sequence < part.sequence <= head and (stated := _stated(way, part, head)).is_whole:
        return stated
    return Reach(
        epoch=part.epoch,
        up_to=last_one.header.sequence,
        hash=last_one.entry_hash,
        fork=head if head > last_one.header.sequence == part.sequence and _is_last(way, part) else 0,
        is_whole=last_one.header.sequence == part.sequence,
    )


def _behind(
    way: _Way, parts: Sequence[Ancestor], sent: Sequence[tuple[Header, SealedEntry]], previous: bytes
) -> Iterator[JudgedEntry]:
    """Entries of later epochs that go on from one which is of no chain here: neither are they, whatever comes."""
    for part in parts:
        way.previous = previous
        own = [each for each in sent if each[0].epoch == part.epoch]
        yield from _chained(way, {}, own) if own else ()
        previous = part.hash


def _stated(way: _Way, part: Ancestor, head: int) -> Reach:
    """How far an epoch is held by what the statement alone says of it."""
    if part.sequence <= head:
        hash_ = _hash(way, part.epoch, part.sequence)
        if part.sequence == 0 or hash_ == part.hash:
            fork = head if head > part.sequence and _is_last(way, part) else 0
            return Reach(epoch=part.epoch, up_to=part.sequence, hash=hash_, fork=fork, is_whole=True)
        # Where they part only the entries can tell; the device compares what its receipts covered.
        statement = way.statement
        is_of_part = (statement.acknowledged_epoch or statement.epoch) == part.epoch
        known = min(statement.acknowledged if is_of_part else 0, part.sequence - 1)
        return Reach(epoch=part.epoch, up_to=known, hash=_hash(way, part.epoch, known), fork=head, is_proven=False)
    return Reach(epoch=part.epoch, up_to=head, hash=_hash(way, part.epoch, head), is_proven=head == 0)


def _chained(way: _Way, held: Mapping[int, bytes], sent: Sequence[tuple[Header, SealedEntry]]) -> list[JudgedEntry]:
    """Entries with their hashes, as they follow from what is held before them."""
    first = sent[0][0].sequence
    previous = held[first - 1] if first > 1 else way.previous or devices.origin(way.device)
    chained = []
    for header, entry in sent:
        previous = entry.hash_after(previous)
        chained.append(JudgedEntry(sealed=entry, header=header, entry_hash=previous))
    return chained


def _ends_right(way: _Way, part: Ancestor, last: JudgedEntry) -> bool:
    """Whether the hashes end where the statement says that they do, as far as it says so."""
    if last.header.sequence == part.sequence:
        return last.entry_hash == part.hash
    is_end = last.header == way.last_sent and bool(way.statement.sent_hash)
    return not is_end or last.entry_hash == way.statement.sent_hash


def _is_last(way: _Way, part: Ancestor) -> bool:
    return part.epoch == way.statement.epoch


def _hash(way: _Way, epoch: int, sequence: int) -> bytes:
    return ledger.hashes(way.device, epoch, sequence, sequence)[sequence] if sequence else b""
