"""How far is known what desks have done: up to when none of their machines holds anything back, a result among it."""

from collections.abc import Iterable, Sequence

from central_server.reports.coverage import Coverage, LeftMachine
from central_server.storage import branches, devices
from central_server.storage.branches import Branch
from central_server.storage.devices import Device
from sync_protocol.instants import local_date
from sync_protocol.vocabulary import DeskCode, DeviceState


def coverages(codes: Sequence[DeskCode]) -> dict[DeskCode, Coverage]:
    """The coverage of desks, inside the caller's transaction; those without a machine are left out.

    A judgement on a period asks what is held back of its receptions. This one is strict: whatever is held back may be
    the result that a dossier waits for.
    """
    enrolled = devices.of_desks(list(codes))
    others = branches.of_desks(device for group in enrolled.values() for device in group)
    return {
        code: _coverage(group, (branch for device in group for branch in others.get(device.id, ())))
        for code, group in enrolled.items()
    }


def _coverage(enrolled: Sequence[Device], others: Iterable[Branch]) -> Coverage:
    in_use = [device.covered_until for device in enrolled if _is_in_use(device)]
    left = [_left(device) for device in enrolled if device.left_at]
    for branch in others:
        device = branch.device
        left_at = device.left_at or branch.left_at
        if left_at is None and _is_in_use(device):
            in_use.append(device.covered_until)
        elif left_at and (branch.left_at is None or branch.leaves_open):
            left.append(LeftMachine(left_on=local_date(left_at), covered_until=device.covered_until))
    known = [until for until in in_use if until]
    return Coverage(until=min(known) if known and len(known) == len(in_use) else None, left=tuple(filter(None, left)))


def _is_in_use(device: Device) -> bool:
    """Whether a machine's word is waited for; one in reserve only if it holds something, since somebody has used it."""
    has_been_used = device.state is DeviceState.SPARE and device.stated_head > device.head
    return device.state is DeviceState.ACTIVE or has_been_used


def _left(device: Device) -> LeftMachine | None:
    """A machine that left and may have held something back; None where it has stated since that it was nothing."""
    if device.left_at is None or (device.covered_until and device.covered_until >= device.left_at):
        return None
    return LeftMachine(left_on=local_date(device.left_at), covered_until=device.covered_until)
