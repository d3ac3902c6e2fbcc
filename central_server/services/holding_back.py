"""What a device's journal holds back by what it stated, less what has come; and by what is left of its statements once
some turn out to be of another journal, as of a copy of its disk."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from marshmallow import ValidationError

from central_server.services.comparing import Reach
from central_server.storage import branches, ledger, stated
from central_server.storage.branches import Branch
from central_server.storage.devices import Device
from sync_protocol.events import EpochOpened
from sync_protocol.schemas import LEFT_HASH_BYTES, SCHEMAS
from sync_protocol.statements import Statement, read_statement
from sync_protocol.vocabulary import DeviceId, EventKind


class End(NamedTuple):
    """An entry that a statement may end in: its place, and how its hash begins."""

    epoch: int
    sequence: int
    beginning: bytes


def still_held_back(statement: Statement, reach: Reach) -> dict[date, int]:
    """What was stated, less those of its entries that are held, by day of reception; of a whole journal, nothing.

    Of a dossier that others have a say in, as one that was erased meanwhile, an entry may count here otherwise than
    where it was written: what of that stays over is corrected by the statement with which the last entry comes.
    """
    if reach.is_whole:
        return {}
    here = _counted_here(statement, reach)
    return {day: statement.unsent.get(day, 0) - here.get(day, 0) for day in set(statement.unsent) | set(here)}


def without(epoch: Device, entries: Iterable[End]) -> tuple[Device, dict[date, int]] | None:
    """An epoch, and what it holds back, by the statements that are not of another journal; None where all are its own.

    entries  those of the other journal; what is held here is of both
    """
    own = [each for each in entries if each.epoch == epoch.epoch]
    at = [each.sequence for each in own]
    held = ledger.hashes(epoch.id, epoch.epoch, min(at), max(at)) if at else {}
    foreign = {each for each in own if held.get(each.sequence, b"")[:LEFT_HASH_BYTES] != each.beginning}
    heads = {each.sequence for each in foreign}
    if not stated.set_apart(epoch.id, epoch.epoch, heads, lambda head, hash_: end(epoch.epoch, head, hash_) in foreign):
        return None
    found = stated.furthest(epoch.id, epoch.epoch)
    if found is None:
        return replace(epoch, stated_at=None, stated_head=epoch.head), {}
    signed, stated_at = found
    statement = read_statement(signed, epoch.signing_key)
    told = replace(epoch, stated_at=stated_at, stated_head=max(statement.head, epoch.head))
    is_whole = statement.head <= epoch.head
    reach = Reach(epoch=epoch.epoch, up_to=epoch.head, hash=epoch.head_hash, is_whole=is_whole)
    return told, still_held_back(statement, reach)


def set_apart(before: Device, head: int) -> None:
    """Lets statements of an epoch that named other entries than those that have come speak for a copy of the machine.

    before  the epoch as it was; head: up to where it is held now
    """
    if before.head < before.stated_head and before.head < head:
        device, epoch = before.id, before.epoch
        came = range(before.head + 1, min(head, before.stated_head) + 1)
        if stated.set_apart(device, epoch, came, lambda at, hash_: hash_ != ledger.hashes(device, epoch, at, at)[at]):
            keep_apart(before)


def keep_apart(device: Device) -> None:
    """Keeps the word of a copy of the machine that is known by its statements alone, until it has shown itself.

    It has once an epoch has come that names their last entries among those that it left: then that counts them.
    """
    apart = stated.apart(device.id)
    left = _left_behind(device.id) if apart else frozenset()
    shown = [each for each in apart if end(each.epoch, each.head, each.hash) in left]
    if shown:
        stated.let_say_nothing(device.id, [each.number for each in shown])
    if len(shown) == len(apart):
        branches.forget(device.id, branches.UNSHOWN)
        return
    last = [each for each in apart if each not in shown][-1]
    word = replace(device, epoch=branches.UNSHOWN, head=0, stated_head=0, stated_at=last.stated_at, covered_until=None)
    branches.keep(Branch(device=word, left_at=None, leaves_open=True))
    branches.replace_unsent(word, read_statement(last.signed, device.signing_key).unsent)


def leave(device: Device, opened: EpochOpened) -> None:
    """Lets what a journal stated of epochs that it has left count no more: all that is written again in the new one."""
    if not opened.left:
        return
    left = _ends(opened)
    for branch in branches.of_device(device).values():
        if told := without(branch.device, left):
            epoch, counts = told
            parent = opened.parent_sequence if opened.parent_epoch == epoch.epoch else 0
            leaves_open = branch.leaves_open and (branch.left_at is None or parent < epoch.stated_head)
            branches.keep(replace(branch, device=epoch, leaves_open=leaves_open))
            branches.replace_unsent(epoch, counts)
    keep_apart(device)


def end(epoch: int, sequence: int, hash_: bytes) -> End:
    """An entry as it is known by its place and its hash."""
    return End(epoch, sequence, hash_[:LEFT_HASH_BYTES])


def _ends(opened: EpochOpened) -> frozenset[End]:
    """The entries that an epoch names as left behind."""
    return frozenset(
        End(run.epoch, run.first + at, each) for run in opened.left for at, each in enumerate(run.beginnings)
    )


def _left_behind(device: DeviceId) -> frozenset[End]:
    """The entries that any epoch of a machine names as left behind."""
    left: frozenset[End] = frozenset()
    for said in branches.openings(device):
        with suppress(ValidationError):
            left |= _ends(SCHEMAS[EventKind.OPEN_EPOCH].load(said))
    return left


def _counted_here(statement: Statement, reach: Reach) -> Counter[date]:
    """What those of the stated entries that are held change in the counts, by day of reception."""
    since = (statement.acknowledged_epoch or statement.epoch, statement.acknowledged)
    ends = [(each.epoch, each.sequence) for each in reversed(statement.ancestors)] + [(statement.epoch, reach.up_to)]
    counts: Counter[date] = Counter()
    for epoch, last in ends:
        up_to = min(last, reach.up_to) if epoch == reach.epoch else last if epoch < reach.epoch else 0
        after = since[1] if epoch == since[0] else 0
        if epoch >= since[0] and up_to > after:
            counts.update(ledger.counted_between(statement.device, epoch, after, up_to))
    return counts
