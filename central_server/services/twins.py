"""What copies of one machine say twice: of entries that a decision would let count, those that count already."""

from collections.abc import Sequence

from central_server.storage import branches, devices
from central_server.storage.devices import Device
from central_server.storage.holding import AWAITING_A_DECISION
from central_server.storage.ledger import JudgedEntry
from sync_protocol.entries import EntryId
from sync_protocol.errors import N_
from sync_protocol.vocabulary import DeskCode, DeviceId

SAID_TWICE = N_("Another copy of this machine has sent this dossier before; it counts there.")
"""The reason that the program gives for what a release leaves out."""


def released_twice(desk: DeskCode, waiting: Sequence[JudgedEntry]) -> list[EntryId]:
    """Which of the entries that a decision names must not count, since a copy of their machine has said the same.

    Only what waits for a decision on its machine is asked: while it did, the machine was told nothing of its copies.
    """
    asked = [each for each in waiting if each.reason in AWAITING_A_DECISION]
    known = (devices.by_id(DeviceId(desk, slot)) for slot in sorted({each.header.slot for each in asked}))
    return [
        id_
        for device in known
        if device
        for id_ in said_twice(device, [each for each in asked if each.header.slot == device.id.slot])
    ]


def said_twice(device: Device, entries: Sequence[JudgedEntry]) -> list[EntryId]:
    """Which entries of a device, in the order of the ledger, say what it holds of another epoch, or one of them before.

    With them goes what names a dossier by the id of such an entry: nobody else knows it by that one.
    """
    epochs = {device.epoch, *branches.of_device(device), *(each.header.epoch for each in entries)}
    # Nobody says a thing twice in one epoch.
    if len(epochs) == 1:
        return []
    about = [each for each in entries if each.header.subject]
    hashes = {each.sealed.payload_hash for each in about}
    said = set(branches.contents_held(device.id, dict.fromkeys(epochs, 0), hashes))
    twice: dict[str, EntryId] = {}
    for each in about:
        if each.sealed.payload_hash in said or each.header.subject in twice:
            twice[str(each.header.id)] = each.header.id
        said.add(each.sealed.payload_hash)
    return list(twice.values())
