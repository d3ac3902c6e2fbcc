"""How far the ledgers of all desks have come, and what they have gained since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from central_server.storage.models import DeskRow, Entry, StatementRow
from sync_protocol.creation import Span, made_within
from sync_protocol.entries import Header, read_header
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedEntry:
    """An entry that changed the counts; made: when, as far as the centre can know."""

    kind: str
    made: Span
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


def last_number(desk: DeskCode) -> int:
    """The last number given in a desk's ledger."""
    return int(DeskRow.select(DeskRow.ledger_sequence).where(DeskRow.code == desk).scalar())


def gained(numbers: Mapping[DeskCode, int], period: Period) -> dict[DeskCode, list[CountedEntry]]:
    """The entries behind these numbers that changed the counts of a period, by desk."""
    grown = [desk for desk, last in last_numbers().items() if last > numbers.get(desk, 0)]
    return {desk: _counted_after(desk, numbers.get(desk, 0), period) for desk in grown}


def _counted_after(desk: DeskCode, number: int, period: Period) -> list[CountedEntry]:
    days = (period.first_on, period.last_on)
    rows = list(
        Entry.select(Entry.header, Entry.arrived_at, Entry.received_on, Entry.left_on)
        .where(
            Entry.desk == desk,
            Entry.ledger > number,
            Entry.received_on.between(*days) | Entry.left_on.between(*days),
        )
        .order_by(Entry.ledger)
        .tuples()
    )
    headers = [read_header(bytes(header)) for header, *_ in rows]
    spans = _spans(desk, headers, [arrived_at for _, arrived_at, *_ in rows])
    return [
        CountedEntry(kind=header.kind, made=made, received_on=received_on, left_on=left_on)
        for header, made, (_, _, received_on, left_on) in zip(headers, spans, rows, strict=True)
    ]


def _spans(desk: DeskCode, headers: Sequence[Header], arrived: Sequence[datetime]) -> list[Span]:
    """When each of these entries, in the order of the ledger, was made."""
    stated: dict[tuple[int, int], list[tuple[int, datetime]]] = {}
    row = StatementRow
    for slot, epoch, head, stated_at in (
        row.select(row.slot, row.epoch, row.head, row.stated_at).where(row.desk == desk).tuples()
    ):
        stated.setdefault((slot, epoch), []).append((head, stated_at))
    spans = []
    for place, (header, arrived_at) in enumerate(zip(headers, arrived, strict=True)):
        own = stated.get((header.slot, header.epoch), ())
        without_at = max((at for head, at in own if head < header.sequence), default=None)
        later = (each for each in headers[place + 1 :] if (each.slot, each.epoch) == (header.slot, header.epoch))
        measured = next((each for each in later if each.offset_ms != header.offset_ms), None)
        spans.append(made_within(header, stated_without_at=without_at, arrived_at=arrived_at, measured=measured))
    return spans


def _counts_in(period: Period, day: date | None) -> int:
    return int(day is not None and day in period)
