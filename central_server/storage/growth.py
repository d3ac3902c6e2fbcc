"""How far the ledgers of all desks have come, and what they have gained since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from central_server.storage.models import DeskRow, Entry
from sync_protocol.entries import read_header
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedEntry:
    """An entry that changed the counts; recorded_at: when, by the device's clock and the offset that it knew."""

    kind: str
    recorded_at: datetime
    received_on: date | None
    left_on: date | None

    def effect(self, period: Period) -> int:
        """Dossiers of a period that it added, or took away."""
        return _counts_in(period, self.received_on) - _counts_in(period, self.left_on)


def lock_all() -> None:
    """Locks the ledgers of all desks until the transaction ends."""
    DeskRow.update(ledger_sequence=DeskRow.ledger_sequence).execute()


def last_numbers() -> dict[DeskCode, int]:
    """The last number given in each desk's ledger."""
    return dict(DeskRow.select(DeskRow.code, DeskRow.ledger_sequence).order_by(DeskRow.code).tuples())


def gained(numbers: Mapping[DeskCode, int], period: Period) -> dict[DeskCode, list[CountedEntry]]:
    """The entries behind these numbers that changed the counts of a period, by desk."""
    grown = [desk for desk, last in last_numbers().items() if last > numbers.get(desk, 0)]
    return {desk: _counted_after(desk, numbers.get(desk, 0), period) for desk in grown}


def _counted_after(desk: DeskCode, number: int, period: Period) -> list[CountedEntry]:
    days = (period.first_on, period.last_on)
    rows = (
        Entry.select(Entry.kind, Entry.header, Entry.received_on, Entry.left_on)
        .where(
            Entry.desk == desk,
            Entry.ledger > number,
            Entry.received_on.between(*days) | Entry.left_on.between(*days),
        )
        .order_by(Entry.ledger)
        .tuples()
    )
    return [_counted(kind, bytes(header), received_on, left_on) for kind, header, received_on, left_on in rows]


def _counted(kind: str, header_bytes: bytes, received_on: date | None, left_on: date | None) -> CountedEntry:
    header = read_header(header_bytes)
    recorded_at = header.recorded_at + timedelta(milliseconds=header.offset_ms or 0)
    return CountedEntry(kind=kind, recorded_at=recorded_at, received_on=received_on, left_on=left_on)


def _counts_in(period: Period, day: date | None) -> int:
    return int(day is not None and day in period)
