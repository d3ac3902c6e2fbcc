"""When desks were last heard of, and when they last recorded anything: what a person asks first on the telephone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN

from central_server.storage import questions
from central_server.storage.devices import AT_HEAD
from central_server.storage.models import DeviceRow, Entry
from sync_protocol.entries import read_header
from sync_protocol.vocabulary import DeskCode


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSeen:
    """The last signs of life of a desk, by whichever of its machines gave them; None before the first.

    heard_at     latest contact by the centre's clock
    recorded_at  when the last entry that has arrived was recorded by the machine's clock, but not after it arrived
    """

    heard_at: datetime | None = None
    recorded_at: datetime | None = None


NEVER = LastSeen()


def of_desks(codes: Collection[DeskCode]) -> dict[DeskCode, LastSeen]:
    """The last signs of life by desk, in one query; desks without a machine are left out."""
    row = DeviceRow.select(DeviceRow.desk, DeviceRow.heard_at, Entry.arrived_at, Entry.header)
    query = row.join(Entry, JOIN.LEFT_OUTER, on=AT_HEAD)
    found: dict[DeskCode, LastSeen] = {}
    for code, heard_at, arrived_at, header in questions.of_desks(query, DeviceRow.desk, codes).tuples():
        recorded_at = min(read_header(bytes(header)).recorded_at, arrived_at) if header else None
        before = found.get(code, NEVER)
        found[code] = LastSeen(
            heard_at=_later(before.heard_at, heard_at), recorded_at=_later(before.recorded_at, recorded_at)
        )
    return found


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each), default=None)
