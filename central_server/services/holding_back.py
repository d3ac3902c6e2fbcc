"""What a device's journal holds back by what it stated, less what has come; and by what is left of its statements once
some turn out to be of another journal, as of a copy of its disk."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from central_server.services.comparing import Reach
from central_server.storage import branches, ledger, stated
from central_server.storage.devices import Device
from sync_protocol.events import EpochOpened
from sync_protocol.statements import Statement, read_statement


def still_held_back(statement: Statement, reach: Reach) -> dict[date, int]:
    """What was stated, less those of its entries that are held, by day of reception; of a whole journal, nothing.

    Of a dossier that others have a say in, as one that was erased meanwhile, an entry may count here otherwise than
    where it was written: what of that stays over is corrected by the statement with which the last entry comes.
    """
    if reach.is_whole:
        return {}
    here = _counted_here(statement, reach)
    return {day: statement.unsent.get(day, 0) - here.get(day, 0) for day in set(statement.unsent) | set(here)}


def without(epoch: Device, ends: Mapping[int, bytes]) -> tuple[Device, dict[date, int]] | None:
    """An epoch, and what it holds back, by the statements that are not of another journal; None where all are its own.

    ends  how the hashes of the other journal's entries begin, by sequence; those that are held here are of both
    """
    held = ledger.hashes(epoch.id, epoch.epoch, min(ends), max(ends)) if ends else {}
    foreign = {at: hash_ for at, hash_ in ends.items() if not held.get(at, b"").startswith(hash_)}
    if not foreign or not stated.take_back(epoch.id, epoch.epoch, foreign):
        return None
    found = stated.furthest(epoch.id, epoch.epoch)
    if found is None:
        return replace(epoch, stated_at=None, stated_head=epoch.head), {}
    signed, stated_at = found
    statement = read_statement(signed, epoch.signing_key)
    is_whole = statement.head <= epoch.head
    reach = Reach(epoch=epoch.epoch, up_to=epoch.head, hash=epoch.head_hash, is_whole=is_whole)
    told = replace(epoch, stated_at=stated_at, stated_head=max(statement.head, epoch.head))
    return told, still_held_back(statement, reach)


def leave(device: Device, opened: EpochOpened) -> None:
    """Lets what a journal stated of epochs that it has left count no more: all that is written again in the new one."""
    others = branches.of_device(device) if opened.left else {}
    for number in {run.epoch for run in opened.left} & set(others):
        branch = others[number]
        runs = [run for run in opened.left if run.epoch == number]
        told = without(branch.device, {run.first + at: each for run in runs for at, each in enumerate(run.beginnings)})
        if told:
            epoch, counts = told
            parent = opened.parent_sequence if opened.parent_epoch == number else 0
            leaves_open = branch.leaves_open and (branch.left_at is None or parent < epoch.stated_head)
            branches.keep(replace(branch, device=epoch, leaves_open=leaves_open))
            branches.replace_unsent(epoch, counts)


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
