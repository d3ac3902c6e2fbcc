"""Closing gaps: what is authentic and lies beyond one is kept aside, and taken in once all before it has come."""

from collections.abc import Callable, Sequence
from datetime import datetime

from central_server.central import Central
from central_server.services.comparing import Reach, held_elsewhere
from central_server.services.handing_down import is_told
from central_server.services.holding_back import leave
from central_server.services.judging import Judged, judge
from central_server.services.keeping import changes, keep_judged
from central_server.services.speaking import begin_epoch, keep_beside, opening_of, with_head
from central_server.services.twins import said_twice
from central_server.storage import branches, counters, declarations, devices, erased, gaps, ledger
from central_server.storage.devices import COUNTED, REVOKED, Device
from central_server.storage.gaps import Beyond
from central_server.storage.holding import DEVICE_PENDING, DEVICE_REVOKED
from central_server.storage.ledger import JudgedEntry
from sync_protocol.entries import EntryId
from sync_protocol.events import Declared
from sync_protocol.vocabulary import DeskCode, DeviceId

PATHS_MAX = 8
"""Ways to put entries together that claim the same places; the one that something signed names is right."""


Origins = Callable[[DeviceId, Beyond], list[bytes]]


def keep_aside(device: DeviceId, reach: Reach, now: datetime) -> None:
    """Keeps what came with a contact and is of no chain here, or of none yet, inside the caller's transaction."""
    if reach.foreign or reach.beyond:
        branches.hold(reach.foreign, device.desk, now)
        gaps.hold(device, reach.beyond, now)
        erased.clear_beside(device.desk)


def close_gaps(central: Central, device: DeviceId, reach: Reach, now: datetime) -> int:
    """Takes in what lay beyond a gap that this contact has closed, inside the caller's transaction; gives how much.

    What has come by its chain, or again in another epoch, waits no longer.
    """
    came = [*reach.new, *reach.foreign]
    if not came or not gaps.has_any(device):
        return 0
    gaps.drop(device, {each.sealed.payload_hash for each in came})
    return connect(central, device, now)


def connect(central: Central, device: DeviceId, now: datetime) -> int:
    """Takes in what goes on from what is held, up to a hash that is signed; gives how many entries.

    Inside the caller's transaction, which holds the desk's ledger.
    """
    count = 0
    for epoch in gaps.epochs(device) if devices.by_id(device) else ():
        if run := _without_twins(device, proven_run(device, epoch, _parent_hashes), now):
            _take(central, device, run, now)
            count += len(run)
    return count


def set_aside_by_state(device: Device, entries: Sequence[JudgedEntry]) -> dict[EntryId, str]:
    """Why entries of a device whose word does not count now are set aside, whatever they say."""
    if device.state not in COUNTED:
        reason = DEVICE_REVOKED if device.state in REVOKED else DEVICE_PENDING
        return {each.header.id: reason for each in entries}
    # One that counts and is told nothing of its copies cannot be asked to part from what they have sent.
    return {} if is_told(device) else dict.fromkeys(said_twice(device, entries), DEVICE_PENDING)


def keep_explained(desk: DeskCode, judged: Judged, now: datetime) -> None:
    """Keeps declarations whose entries come behind a newer word: that stands, and an entry only explains it."""
    for event in judged.declarations:
        declared, device = event.payload, DeviceId(desk, event.header.slot)
        assert isinstance(declared, Declared)
        if declarations.word(device, declared.period) in (None, declared.declaration):
            declarations.keep(device, declared, clerk=event.header.clerk, declared_at=event.happened_at, stated_at=now)


def proven_run(device: DeviceId, epoch: int, origins: Origins) -> list[JudgedEntry]:
    """Entries that follow the last one held of an epoch, as far as a signed hash proves them.

    origins  what the first entry of an epoch may follow
    """
    last, hash_ = gaps.head(device, epoch)
    waiting = gaps.behind(device, epoch, last)
    paths: list[list[JudgedEntry]] = [[]]
    proven: list[JudgedEntry] = []
    for sequence in range(last + 1, last + 1 + len(waiting)):
        here = [each for each in waiting if each.header.sequence == sequence]
        paths = [
            [*path, chained]
            for path in paths
            for each in here
            for previous in ([path[-1].entry_hash] if path else [hash_] if last else origins(device, each))
            for chained in [_chained(each, previous)]
            if each.known_hash in (b"", chained.entry_hash)
        ][:PATHS_MAX]
        named = {each.known_hash for each in here} - {b""}
        proven = next((path for path in paths if path[-1].entry_hash in named), proven)
        if not paths:
            break
    return proven


def _without_twins(device: DeviceId, run: Sequence[JudgedEntry], now: datetime) -> Sequence[JudgedEntry]:
    """Entries up to the first one of which the content is held in another epoch, as of those that come by their chain.

    What counts there already waits no longer; what stands behind it does until its machine has written it again.
    """
    row = devices.by_id(device)
    if not run or row is None or not is_told(row):
        return run
    others = {row.epoch, *branches.of_device(row)} - {run[0].header.epoch}
    hashes = held_elsewhere(device, dict.fromkeys(others, 0), run)
    twins = [each for each in run if each.sealed.payload_hash in hashes]
    if not twins:
        return run
    branches.hold(twins, device.desk, now)
    gaps.drop(device, hashes)
    return run[: run.index(twins[0])]


def _chained(each: Beyond, previous: bytes) -> JudgedEntry:
    return JudgedEntry(sealed=each.entry, header=each.header, entry_hash=each.entry.hash_after(previous))


def _parent_hashes(device: DeviceId, each: Beyond) -> list[bytes]:
    """What the first entry of a device's epoch says that it goes on from, if that is here."""
    opened = opening_of(each.entry)
    if opened is None or not opened.parent_sequence:
        return [devices.origin(device)] if opened else []
    held = ledger.hashes(device, opened.parent_epoch, opened.parent_sequence, opened.parent_sequence)
    return list(held.values())


def _take(central: Central, device: DeviceId, run: Sequence[JudgedEntry], now: datetime) -> None:
    """Appends entries to the ledger, and lets what is known of their epoch reach up to them."""
    row = devices.by_id(device)
    assert row is not None, "only an enrolled device's entries have a chain"
    last_sequence = ledger.locked_sequence(device.desk)
    judged = judge(device.desk, run, held=set_aside_by_state(row, run))
    keep_judged(central.database, device.desk, judged, last_sequence, now)
    keep_explained(device.desk, judged, now)
    gaps.drop(device, [each.sealed.payload_hash for each in run])
    epoch, opened = run[-1].header.epoch, opening_of(run[0].sealed)
    if epoch > row.epoch:
        row = begin_epoch(row, epoch, opened, now)
    if epoch == row.epoch:
        counters.subtract_unsent(device, changes(judged.entries))
        devices.keep_head(with_head(row, run[-1]))
    else:
        branch = branches.of_device(row).get(epoch)
        keep_beside(row, branch, judged.entries, now, known_at=now)
    if opened:
        leave(row, opened)
