"""Saving what is whole from a damaged file: the file is set aside, never deleted, and a fresh one takes its place.

The fresh file begins with the journal as far as nothing of it is missing. What stands behind a gap and was sent is kept
as it comes down from the centre too, and is acknowledged on, so that a centre that has lost it shows that: then it is
written again as well. What was not sent is written again in a new epoch at once, so that it counts once. What a receipt
covers and is missing here comes back with the next contacts.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from desk_client.desk import Desk
from desk_client.services.continuing import go_on_behind
from desk_client.services.projecting import rebuild
from desk_client.storage import device, lineage, notes, refilling
from desk_client.storage.carving import carve
from desk_client.storage.database import write_transaction
from desk_client.storage.lineage import Epoch, Point
from desk_client.storage.rescuing import Rescued, RescuedEntry, rescue
from desk_client.storage.spare import read_spare
from desk_client.storage.witness import Witnessed
from sync_protocol.events import EpochOpened, PacksAdopted, Payload
from sync_protocol.instants import LOCAL
from sync_protocol.packs import PackKind
from sync_protocol.schemas import BadPayload, UnknownKind, read_event
from sync_protocol.signing import Signed

FRESH = "desk.db.fresh"
SALVAGED = "salvaged"
"""Name of the note about the file that was set aside: the epoch that began then, its folder, the dossiers saved."""

SIDE_FILES = ("-wal", "-shm", "-journal")
NOTHING = Point(0, 0)


def finish_move(path: Path) -> None:
    """Puts the fresh file in its place where the power was cut between the two moves; drops one that is not whole."""
    fresh = path.with_name(FRESH)
    if fresh.exists() and not path.exists():
        fresh.replace(path)
        _sync_folder(path.parent)
    else:
        _drop(fresh)


def salvage_file(path: Path, log: Path, key_hex: str, opened: Callable[[Path], Desk]) -> bool:
    """Sets a damaged file aside and puts a fresh one in its place; False, and nothing is changed, where that cannot be.

    log     the write-ahead log as it was before anybody opened the file
    opened  makes a desk on a file that is not there yet
    """
    rescued = rescue(carve(path, log, key_hex).rows, read_spare(path.parent, key_hex))
    if rescued is None or len(_packs(rescued)) < len(PackKind):
        return False
    fresh = path.with_name(FRESH)
    _drop(fresh)
    desk = opened(fresh)
    folder = _folder_for(path, desk.clock())
    _fill(desk, rescued, folder)
    desk.database.close()
    _sync_file(fresh)
    _set_aside(path, log, folder)
    fresh.replace(path)
    _sync_folder(path.parent)
    return True


def holds_more(path: Path, log: Path, key_hex: str, end: Point) -> bool:
    """Whether an entry behind the journal's end, as the file shows it, lies in its log."""
    rescued = rescue(carve(path, log, key_hex).rows, read_spare(path.parent, key_hex))
    return rescued is not None and any(point > end and found for point, found in rescued.entries.items())


def _fill(desk: Desk, rescued: Rescued, folder: Path) -> None:
    """Fills a fresh file and opens an epoch in it."""
    chain = rescued.chain()
    parent = chain[-1].point if chain else NOTHING
    last = rescued.last_receipt[0] if rescued.last_receipt else None
    behind = [each for each in _in_order(rescued) if each.point not in {held.point for held in chain}]
    with write_transaction(desk.database):
        refilling.put_device(rescued)
        device.keep_packs(_packs(rescued), 0)
        slot = rescued.id.slot
        for each in chain:
            refilling.put_entry(slot, each)
        for each in behind:
            # As another branch of this very machine: so it comes down from the centre too.
            refilling.put_entry(-slot if each.point <= rescued.sent else slot, each)
        refilling.put_receipts(slot, rescued, {each.point: each.entry_hash for each in chain})
        for epoch in filter(None, map(_opened, chain)):
            lineage.open_epoch(epoch)
        if last:
            # By its number a centre that was put back shows itself.
            device.keep_contact_state(replace(device.contact_state(), ticket=last.ticket))
    count = rebuild(desk)
    with write_transaction(desk.database):
        go_on_behind(desk, parent, Witnessed(last.epoch, last.up_to, last.hash) if last else None)
        present = lineage.present()
        assert present is not None, "it has just been opened"
        notes.keep_note(SALVAGED, {"epoch": present.epoch, "folder": folder.name, "dossiers": count})


def _packs(rescued: Rescued) -> dict[PackKind, Signed]:
    """The packs that were in force last, as far as they are whole."""
    adopted = [said.packs for said in map(_said, _in_order(rescued)) if isinstance(said, PacksAdopted)]
    return rescued.packs_in_force(adopted[-1] if adopted else {})


def _in_order(rescued: Rescued) -> list[RescuedEntry]:
    """One entry of each place."""
    return [each for point in sorted(rescued.entries) for each in rescued.entries[point][:1]]


def _said(each: RescuedEntry) -> Payload | None:
    try:
        return read_event(each.entry).payload
    except (BadPayload, UnknownKind):
        return None


def _opened(each: RescuedEntry) -> Epoch | None:
    """The epoch that an entry opens, None for one that opens none or the first."""
    said = _said(each)
    if not isinstance(said, EpochOpened) or said.cause is None:
        return None
    return Epoch(
        epoch=each.point.epoch,
        parent=Point(said.parent_epoch, said.parent_sequence),
        cause=said.cause,
        opened_at=each.header.recorded_at,
        witnessed=Point(said.witnessed_epoch, said.witnessed_sequence),
    )


def _folder_for(path: Path, now: datetime) -> Path:
    """A folder beside the file that is not there yet, named by when this happens."""
    stamp = now.astimezone(LOCAL).strftime("%Y%m%d-%H%M%S")
    names = (path.with_name(f"set-aside-{stamp}{suffix}") for suffix in ("", *map("-{}".format, range(2, 1_000))))
    return next(name for name in names if not name.exists())


def _set_aside(path: Path, log: Path, folder: Path) -> None:
    """Moves the damaged file and all beside it into a folder of their own; nothing of it is ever deleted."""
    folder.mkdir(mode=0o700)
    for name in {path, log, *(path.with_name(path.name + suffix) for suffix in SIDE_FILES)}:
        with suppress(FileNotFoundError):
            name.replace(folder / name.name)
    _sync_folder(folder)


def _drop(fresh: Path) -> None:
    for path in (fresh, *(fresh.with_name(fresh.name + suffix) for suffix in SIDE_FILES)):
        path.unlink(missing_ok=True)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Lets the names of a folder reach the disk; Windows does so by itself and opens no folder."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
