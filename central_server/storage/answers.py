"""What desks answered their supervisors, read from the ledger itself."""

from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, SQL

from central_server.storage.models import Entry, Payload, VerdictRow
from central_server.storage.questions import same_entry
from sync_protocol.entries import SealedEntry
from sync_protocol.events import Answered
from sync_protocol.periods import Period
from sync_protocol.schemas import read_event
from sync_protocol.vocabulary import DeskCode

ANSWERS_READ_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of a desk: when it was written by the desk's corrected clock, and by whom (username)."""

    slot: int
    clerk: str
    answered_at: datetime
    note: str


def of_desk(desk: DeskCode, period: Period, as_of: datetime | None = None) -> list[Answer]:
    """What was answered about exactly this period, newest first; nothing that is set aside or was erased.

    as_of  only what had arrived by an instant
    """
    had_arrived = Entry.arrived_at <= as_of if as_of else True
    rows = (
        Entry.select(Entry.header, Entry.payload_hash, Payload.bytes, Payload.salt)
        .join(Payload, on=same_entry(Entry, Payload))
        .join(VerdictRow, JOIN.LEFT_OUTER, on=same_entry(Entry, VerdictRow))
        # Spelled out, since a partial index serves only a question that says its condition in so many words.
        .where(Entry.desk == desk, SQL("t1.kind = 'answer'"), VerdictRow.desk.is_null(), had_arrived)
        .order_by(Entry.ledger.desc())
        .limit(ANSWERS_READ_MAX)
        .tuples()
    )
    said = [_answer(SealedEntry(*map(bytes, row))) for row in rows]
    return [answer for about, answer in said if about == period]


def _answer(sealed: SealedEntry) -> tuple[Period, Answer]:
    event = read_event(sealed)
    assert isinstance(event.payload, Answered), "the ledger was asked for answers"
    header = event.header
    answer = Answer(slot=header.slot, clerk=header.clerk, answered_at=header.happened_at, note=event.payload.note)
    return event.payload.period, answer
