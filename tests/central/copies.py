"""Copies of a machine's disk as the centre meets them: what they say is sealed again, in their own epochs."""

import hashlib
from collections.abc import Mapping
from typing import Any

from sync_protocol.packing import pack_contact, pack_entries
from sync_protocol.statements import Ancestor
from tests.central.writing import Answer, Writer
from tests.conftest import DESK
from tests.factories import reception


class Copy(Writer):
    """A copy of a device's disk after its first entry; in a later epoch it goes on from there."""

    @property
    def epoch(self) -> int:
        """The epoch of its last entry."""
        return self.entries[-1].header.epoch

    @property
    def own(self) -> int:
        """How many entries its epoch has."""
        return self.head - (self.epoch > 1)

    def open(self, epoch: int) -> None:
        """Opens an epoch behind the first entry."""
        self.write("open_epoch", {"app_version": "0.1.0", "machine": "copy", "cause": "copied", "parent_epoch": 1,
                                  "parent_sequence": 1}, epoch=epoch, sequence=1)  # fmt: skip

    def next(self, kind: str, payload: Mapping[str, Any] | bytes, subject: str = "") -> str:
        """Seals the next entry of its epoch and gives its id; what opens a dossier has no subject but its own id."""
        id_ = f"{self.device.slot}.{self.epoch}.{self.own + 1}"
        self.write(kind, payload, epoch=self.epoch, sequence=self.own + 1, subject=subject or id_)
        return id_

    def send_epoch(self, first: int = 1, last: int | None = None) -> Answer:
        """Sends entries of its epoch, from one sequence to another."""
        body = pack_entries(self.entries[1:][first - 1 : last])
        parent, at = (1, 1) if first == 1 else (self.epoch, first - 1)
        statement = self.statement(
            epoch=self.epoch,
            head=self.own,
            hash=self.hashes[-1],
            ancestors=(Ancestor(1, 1, self.hashes[0]),),
            unsent={},
            acknowledged_epoch=parent,
            acknowledged=at,
            body_hash=hashlib.sha256(body).digest(),
            sent_hash=self.hashes[last or -1],
        )
        return self.send(pack_contact(statement.signed_by(self.key), body))


def copy_of(writer: Writer, epoch: int = 1) -> Copy:
    """A copy of a device's disk after its first entry, in the same epoch or in a later one."""
    copy = Copy(writer.central, writer.key, writer.device, writer.origin, writer.entries[:1], writer.changes[:1])
    if epoch > 1:
        copy.open(epoch)
    return copy


def twin_of(writer: Writer) -> Copy:
    """A copy that has written a device's second reception again, with its result, and has received another one."""
    copy = copy_of(writer, epoch=2)
    again = copy.next("receive", writer.entries[2].payload or b"")
    copy.next("resolve", {"result_kind": "granted"}, again)
    copy.next("receive", reception(dossier_code=f"{DESK}-211004-100101"))
    return copy
