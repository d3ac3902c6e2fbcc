"""The book of complaints, without anything of who made them. Rows are only ever added: a correction is a later row."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from peewee import fn

from central_server.storage.models import ComplaintRow


class Finding(StrEnum):
    """What was found of a complaint; `MISTAKEN`: there was none, it had been entered by mistake."""

    PENDING = "pending"
    UPHELD = "upheld"
    NOT_UPHELD = "not_upheld"
    MISTAKEN = "mistaken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A complaint as one row tells it; the last row of a complaint stands.

    complaint     the number of its first row, 0 for a new one
    clerk         username of whom it is about, "" where that is not told
    dossier_code  of which dossier, "" where it is about none or more
    document      number of the document that proves it
    """

    number: int = 0
    complaint: int = 0
    received_on: date
    unit_id: str
    clerk: str = ""
    dossier_code: str = ""
    finding: Finding = Finding.PENDING
    answer_due_on: date
    answered_on: date | None = None
    document: str
    recorded_by: str
    recorded_at: datetime

    @property
    def is_in_time(self) -> bool:
        """Whether it was answered by the day on which the answer was due."""
        return self.answered_on is not None and self.answered_on <= self.answer_due_on


def keep(row: Complaint) -> int:
    """Adds a row under the next number, and gives the number of the complaint."""
    number = (ComplaintRow.select(fn.MAX(ComplaintRow.number)).scalar() or 0) + 1
    ComplaintRow.insert(
        number=number,
        complaint=row.complaint or number,
        received_on=row.received_on,
        unit_id=row.unit_id,
        clerk=row.clerk,
        dossier_code=row.dossier_code,
        finding=row.finding.value,
        answer_due_on=row.answer_due_on,
        answered_on=row.answered_on,
        document=row.document,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
    ).execute()
    return row.complaint or number


def rows() -> list[Complaint]:
    """All rows, oldest first."""
    return [
        Complaint(
            number=row.number,
            complaint=row.complaint,
            received_on=row.received_on,
            unit_id=row.unit_id,
            clerk=row.clerk,
            dossier_code=row.dossier_code,
            finding=Finding(row.finding),
            answer_due_on=row.answer_due_on,
            answered_on=row.answered_on,
            document=row.document,
            recorded_by=row.recorded_by,
            recorded_at=row.recorded_at,
        )
        for row in ComplaintRow.select().order_by(ComplaintRow.number).namedtuples()
    ]


def standing() -> list[Complaint]:
    """Each complaint as its last row tells it, without those that were none."""
    last = {each.complaint: each for each in rows()}
    return [each for each in last.values() if each.finding is not Finding.MISTAKEN]
