"""What a machine that is gone, or an epoch that was cut off, held and never sent: how many, and under which numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from central_server.storage import branches, missing
from central_server.storage.branches import Branch
from central_server.storage.centre import CentreRow
from central_server.storage.devices import REVOKED, Device
from sync_protocol.dossier_codes import SerialsExhausted, dossier_code, next_serial, parse_code, serial_blocks
from sync_protocol.entries import EntryId
from sync_protocol.vocabulary import DeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingDay:
    """Dossiers of a day that were stated and have not come, and the codes that the machine gave them.

    first_code, last_code  as its numbers follow those that came; "" where it had no number left. The last one is the
                           least: one that was voided there has taken a number, too
    """

    day: date
    count: int
    first_code: str
    last_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Consecutive entries of an epoch of a machine that are known to have been written and have not come.

    days  of the dossiers among them, as far as they were stated; empty where nobody has
    """

    device: DeviceId
    first: EntryId
    last: EntryId
    days: tuple[MissingDay, ...]

    @property
    def entries(self) -> int:
        """How many entries."""
        return self.last.sequence - self.first.sequence + 1

    @property
    def dossiers(self) -> int:
        """How many dossiers were stated."""
        return sum(each.count for each in self.days)


def missing_of(about: CentreRow, devices: Sequence[Device]) -> dict[DeviceId, tuple[Missing, ...]]:
    """What is missing of devices, by device; those of which nothing is are left out. Inside a connection."""
    others = branches.of_desks(devices)
    found = {device.id: tuple(_of_device(about, device, others.get(device.id, []))) for device in devices}
    return {id_: each for id_, each in found.items() if each}


def is_gone(device: Device) -> bool:
    """Whether a machine went out of reach with something unknown on it."""
    return device.state in REVOKED and device.left_at is not None


def _of_device(about: CentreRow, device: Device, others: Sequence[Branch]) -> Iterator[Missing]:
    witnessed = branches.witnessed(device.id) if others else {}
    for branch in others:
        if branch.leaves_open and (branch.left_at or is_gone(device)):
            yield from _of_epoch(about, branch.device, witnessed.get(branch.device.epoch, 0), is_present=False)
    if is_gone(device):
        yield from _of_epoch(about, device, 0, is_present=True)


def _of_epoch(about: CentreRow, epoch: Device, witnessed: int, *, is_present: bool) -> Iterator[Missing]:
    """What was stated of an epoch, or seen by a witness, behind what is held of it."""
    end = max(epoch.stated_head, witnessed)
    if end > epoch.head:
        days = missing.held_by_day(epoch.id, epoch.epoch, is_present=is_present)
        yield Missing(
            device=epoch.id,
            first=EntryId(epoch.id.slot, epoch.epoch, epoch.head + 1),
            last=EntryId(epoch.id.slot, epoch.epoch, end),
            days=tuple(_days(about, epoch, days)),
        )


def _days(about: CentreRow, epoch: Device, counts: Mapping[date, int]) -> Iterator[MissingDay]:
    """The days with the codes that follow those which came: a machine gives its numbers of a day one by one."""
    came = missing.codes_by_day(epoch.id, epoch.epoch, counts) if counts else {}
    own = serial_blocks(epoch.id.slot, about.serials, epoch.epoch)
    for day, count in counts.items():
        given = [parse_code(code).serial for code in came.get(day, ()) if code]
        last = max((serial for serial in given if any(serial in block for block in own)), default=None)
        codes = list(_codes(about, epoch, day, last, count))
        yield MissingDay(
            day=day,
            count=count,
            first_code=codes[0] if codes else "",
            last_code=codes[-1] if len(codes) == count else "",
        )


def _codes(about: CentreRow, epoch: Device, day: date, last: int | None, count: int) -> Iterator[str]:
    """The codes that an epoch gives next on a day, as far as it has numbers."""
    identifier = missing.identifier_code(epoch.id.desk)
    for _ in range(count):
        try:
            last = next_serial(last, epoch.id.slot, about.serials, epoch.epoch)
        except SerialsExhausted:
            return
        yield dossier_code(identifier, day, last)
