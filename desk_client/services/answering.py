"""What a desk answers to the sentence that its supervisor reads of it; its supervisor reads the answer beside it."""

from dataclasses import dataclass
from datetime import datetime

from marshmallow import ValidationError

from desk_client.desk import Desk
from desk_client.services.covering import standpoint
from desk_client.services.sealing import take_pen
from desk_client.storage import journal
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.lineage import Point
from sync_protocol.entries import SealedEntry
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Answered
from sync_protocol.periods import Period
from sync_protocol.schemas import SCHEMAS, TEXT_CHARACTERS_MAX, read_event
from sync_protocol.vocabulary import EventKind

ANSWERS_READ_MAX = 50


class AnswerNeeded(FieldSyncError):
    """An answer without a word, or one that is too long."""

    code = "answer_needed"
    text = N_("Nothing was recorded: write your answer in 1 to %(count)d characters, then send it again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it was sealed: when by the corrected clock, by whom (username), and whether it has arrived."""

    note: str
    answered_at: datetime
    clerk: str
    is_sent: bool


def answer(desk: Desk, period: Period, note: str, *, clerk: str) -> None:
    """Seals an answer about a period under the name of a clerk; raises AnswerNeeded, NotEnrolled."""
    try:
        answered = SCHEMAS[EventKind.ANSWER].load({"period": str(period), "note": note})
    except ValidationError as error:
        raise AnswerNeeded(count=TEXT_CHARACTERS_MAX) from error
    with write_transaction(desk.database):
        take_pen(desk, desk.identity(), clerk=clerk).note(answered)


def answers(desk: Desk, period: Period) -> list[Answer]:
    """What this machine's clerks answered about a period, newest first; raises NotEnrolled."""
    identity = desk.identity()
    with reading(desk.database):
        written = journal.last_of_kind(identity.id.slot, EventKind.ANSWER, ANSWERS_READ_MAX)
        covered = standpoint(identity).covered
    return [_answer(said, entry, covered) for entry in written if (said := _said(entry)).period == period]


def _said(entry: SealedEntry) -> Answered:
    answered = read_event(entry).payload
    assert isinstance(answered, Answered), "the journal was asked for answers"
    return answered


def _answer(said: Answered, entry: SealedEntry, covered: Point) -> Answer:
    header = entry.header
    return Answer(
        note=said.note,
        answered_at=header.entered_at,
        clerk=header.clerk,
        is_sent=Point(header.epoch, header.sequence) <= covered,
    )
