"""For which epoch of a device a statement speaks, and what becomes of the epochs beside it.

The device's own row tells of its present epoch, the highest one heard of; a branch tells of each other one. A branch is
left when a later epoch takes its place, and is a twin once it speaks again after that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from central_server.services.comparing import Reach, is_short
from central_server.services.holding_back import leave
from central_server.services.keeping import changes
from central_server.storage import branches, devices, stated
from central_server.storage.branches import Branch, Sign
from central_server.storage.devices import Device
from central_server.storage.ledger import JudgedEntry
from sync_protocol.entries import SealedEntry
from sync_protocol.events import EpochOpened
from sync_protocol.schemas import BadPayload, UnknownKind, read_event
from sync_protocol.signing import content_of, encoded
from sync_protocol.statements import STATEMENT, Statement
from sync_protocol.vocabulary import EventKind

TICKET_BYTES = 6
TAG_CHARACTERS = 4


@dataclass(slots=True)
class Speaker:
    """A device as the epoch that speaks knows it, beside its other epochs.

    device   what is known of the epoch that the statement speaks for
    present  the row of the device; branches: its other epochs
    """

    device: Device
    present: Device
    branches: dict[int, Branch] = field(default_factory=dict)

    @property
    def is_present(self) -> bool:
        """Whether it speaks for the highest epoch."""
        return self.device.epoch >= self.present.epoch

    def heads(self) -> dict[int, int]:
        """The highest sequence held of each epoch."""
        others = {epoch: branch.device.head for epoch, branch in self.branches.items()}
        return others | {self.present.epoch: self.present.head}


def speaker_of(device: Device, statement: Statement) -> Speaker:
    """Whom a statement speaks for; nothing is written. Nearly always there is one epoch, and nothing to look up."""
    if device.epoch == statement.epoch == 1:
        return Speaker(device, device)
    others = branches.of_device(device)
    if statement.epoch == device.epoch:
        return Speaker(device, device, others)
    if statement.epoch in others:
        return Speaker(others[statement.epoch].device, device, others)
    return Speaker(_begun(device, statement.epoch, statement.at), device, others)


def keep_speaker(speaker: Speaker, after: Device, statement: Statement, reach: Reach, now: datetime) -> None:
    """Writes what is known of the epoch that spoke, and what follows for the others."""
    if speaker.is_present:
        devices.keep_contact(after, statement.free_disk_mb)
    else:
        _keep_branch(speaker, after, statement, now)
    if speaker.branches:
        _keep_ancestors(speaker, statement, reach, now)
    _note_signs(speaker, statement, reach, now)


def keep_beside(
    present: Device, branch: Branch | None, came: Sequence[JudgedEntry], now: datetime, *, known_at: datetime
) -> None:
    """Writes how far an epoch beside the present one is held since consecutive entries of it have come.

    branch  what is known of it, None before the first; known_at: since when it is, then
    """
    last = came[-1]
    device = branch.device if branch else _begun(present, last.header.epoch, known_at)
    branches.subtract_unsent(device, changes(came))
    branches.keep(
        Branch(
            device=with_head(device, last),
            left_at=branch.left_at if branch else now,
            leaves_open=branch.leaves_open and not _is_whole(device, last) if branch else False,
        )
    )


def _is_whole(device: Device, last: JudgedEntry) -> bool:
    """Whether an epoch that was left is held as far as it was stated, and as its machine's witness has seen it."""
    seen = branches.witnessed(device.id).get(device.epoch, 0)
    return seen > 0 and last.header.sequence >= max(seen, device.stated_head)


def opening_of(entry: SealedEntry) -> EpochOpened | None:
    """What the first entry of an epoch says; None of another entry, or where it cannot be read."""
    if entry.header.sequence > 1:
        return None
    try:
        opened = read_event(entry).payload
    except (BadPayload, UnknownKind):
        return None
    return opened if isinstance(opened, EpochOpened) else None


def begin_epoch(before: Device, epoch: int, opened: EpochOpened | None, now: datetime) -> Device:
    """Makes a later epoch the present one, of which entries have come that it has not sent itself; gives its device.

    opened  what its first entry says, None where that is not among them
    """
    parent = opened.parent_sequence if opened and opened.parent_epoch == before.epoch else 0
    leaves_open = parent < max(before.head, before.stated_head)
    branches.keep(Branch(device=before, left_at=now, leaves_open=leaves_open))
    branches.shelve_unsent(before, is_counted_elsewhere=not leaves_open)
    begun = _begun(before, epoch, now)
    devices.keep_contact(begun, before.free_disk_mb or 0)
    return begun


def with_head(device: Device, last: JudgedEntry) -> Device:
    """An epoch of a device that is held up to an entry now, and covered by what was stated of it up to there."""
    head = last.header.sequence
    covering_at = stated.covered_until(device.id, device.epoch, head)
    covered_until = max(filter(None, (covering_at, device.covered_until)), default=None)
    return replace(device, head=head, head_hash=last.entry_hash, covered_until=covered_until)


def next_ticket(device: Device, incarnation: str, randomness: Callable[[int], bytes]) -> tuple[str, str]:
    """The ticket to give with an answer, and the one that was given before."""
    tag = incarnation[:TAG_CHARACTERS]
    number = _number(device.ticket, tag) or 0
    return f"{tag}.{number + 1}.{encoded(randomness(TICKET_BYTES))}", device.ticket


def note_copy(speaker: Speaker, statement: Statement, now: datetime) -> None:
    """Remembers a copy that shows itself by its ticket; to be asked before the statement is kept.

    The last two tickets are good, since answers get lost. An older one is good too while no newer one has come back; if
    one has, and this statement is newer than that, two machines speak in turn.
    """
    device = speaker.device
    tag = device.ticket.partition(".")[0]
    number, previous = _number(statement.ticket, tag), _number(device.previous_ticket, tag)
    is_live = device.stated_at is not None and statement.at > device.stated_at
    if not is_live or number is None or previous is None or number >= previous:
        return
    last = stated.last(device.id, device.epoch)
    used = _number(str(content_of(last, STATEMENT)["ticket"]), tag) if last else None
    if used is not None and number < used:
        branches.note_sign(device.id, device.epoch, Sign.TICKET, device.head, now)


def is_put_back(speaker: Speaker, statement: Statement, reach: Reach, incarnation: str) -> bool:
    """Whether the centre knew more of a device under the name that it bears now: its database was put back.

    A device that was told another name before has found out already.
    """
    tag = incarnation[:TAG_CHARACTERS]
    number = _number(statement.ticket, tag)
    if not statement.ticket or ("." in statement.ticket and number is None):
        return False
    is_missing = is_short(statement, reach, speaker.heads()) and not reach.fork
    given = _number(speaker.device.ticket, tag) or 0
    return is_missing or (number is not None and number > given)


def is_ticket_of(ticket: str, incarnation: str) -> bool:
    """Whether a ticket was given by the centre under the name that it bears now."""
    return _number(ticket, incarnation[:TAG_CHARACTERS]) is not None


def _number(ticket: str, tag: str) -> int | None:
    """Which ticket of this incarnation it is, None for one of another or of an older form."""
    parts = ticket.split(".")
    return int(parts[1]) if len(parts) == 3 and parts[0] == tag and parts[1].isdecimal() else None


def _begun(device: Device, epoch: int, stated_at: datetime) -> Device:
    """An epoch of which nothing is held: what was covered before it stays covered."""
    return replace(
        device,
        epoch=epoch,
        head=0,
        head_hash=devices.origin(device.id),
        stated_at=None,
        stated_head=0,
        covered_until=min(device.covered_until, stated_at) if device.covered_until else None,
    )


def shelve(speaker: Speaker, statement: Statement, now: datetime) -> None:
    """Makes the present epoch a branch, since a later one has spoken."""
    before = speaker.present
    leaves_open = _left_at(statement, before.epoch) < max(before.head, before.stated_head)
    branch = Branch(device=before, left_at=now, leaves_open=leaves_open)
    branches.keep(branch)
    branches.shelve_unsent(before, is_counted_elsewhere=not leaves_open)
    speaker.branches[before.epoch] = branch


def _left_at(statement: Statement, epoch: int) -> int:
    """The last sequence of an epoch that a journal goes on from, 0 where it does not."""
    return next((each.sequence for each in statement.ancestors if each.epoch == epoch), 0)


def _keep_branch(speaker: Speaker, after: Device, statement: Statement, now: datetime) -> None:
    """Keeps an epoch beside the present one; it goes on by itself if it speaks after another took its place."""
    before = speaker.branches.get(after.epoch)
    is_twin = before is None or before.left_at is None or statement.at > before.left_at
    branches.keep(
        Branch(
            device=after,
            left_at=None if is_twin or before is None else before.left_at,
            leaves_open=before.leaves_open if before and not is_twin else True,
        )
    )
    if is_twin:
        branches.note_sign(after.id, after.epoch, Sign.TWIN, after.head, now)
    devices.keep_contact(replace(speaker.present, heard_at=now), statement.free_disk_mb)


def _keep_ancestors(speaker: Speaker, statement: Statement, reach: Reach, now: datetime) -> None:
    """What has come of earlier epochs, and whether anything of them may still be missing."""
    for ancestor in statement.ancestors:
        came = [each for each in reach.new if each.header.epoch == ancestor.epoch]
        if came:
            keep_beside(speaker.present, speaker.branches.get(ancestor.epoch), came, now, known_at=statement.at)


def _note_signs(speaker: Speaker, statement: Statement, reach: Reach, now: datetime) -> None:
    """Remembers what shows that the device was restored or copied."""
    device = speaker.device
    if reach.is_parted:
        branches.note_sign(device.id, reach.epoch, Sign.FOREIGN, reach.up_to, now)
    for each in reach.new:
        is_opening = each.header.kind == EventKind.OPEN_EPOCH and each.header.epoch > 1
        if is_opening and (opened := opening_of(each.sealed)):
            leave(speaker.present, opened)
            _note_opening(speaker, each.header.epoch, opened, now)


def _note_opening(speaker: Speaker, epoch: int, opened: EpochOpened, now: datetime) -> None:
    """Why an epoch was opened. What a witness saw of its parent and has not arrived is missing, and else nothing is."""
    if opened.cause is None:
        return
    branches.note_sign(speaker.device.id, epoch, Sign(opened.cause.value), opened.parent_sequence, now)
    held: Sequence[Branch] = list(branches.of_device(speaker.present).values())
    for branch in held:
        if branch.device.epoch == opened.witnessed_epoch:
            branches.keep(replace(branch, leaves_open=opened.witnessed_sequence > branch.device.head))
