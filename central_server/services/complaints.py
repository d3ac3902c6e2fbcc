"""The book of complaints: each with the document that proves it, corrected by a later row, never about who made it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from central_server.central import Central
from central_server.storage import changes, complaints, units
from central_server.storage.changes import Change
from central_server.storage.complaints import Complaint, Finding
from central_server.storage.database import reading, write_transaction
from central_server.storage.units import Scope
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import local_date
from sync_protocol.texts import BadText, normalised

COLUMNS = ("received_on", "unit_code", "clerk", "dossier_code", "finding", "answer_due_on", "answered_on", "document")
"""What is told of a complaint."""

WORD_CHARACTERS_MAX = 60
DOCUMENT_CHARACTERS_MAX = 200
NO_UNIT = N_("there is no unit of this code in your area")
BAD_DAY = N_("a day is not usable; write it like 2021-10-04")
BAD_ORDER = N_("the days do not follow one another: received, then due or answered, and nothing later than today")
NO_DOCUMENT = N_("the number of the document is missing, or too long")
NO_FINDING = N_("what was found is told as pending, upheld, not_upheld or mistaken")
NO_COMPLAINT = N_("there is no complaint of this number in your area")


class BadComplaint(FieldSyncError):
    """A complaint that the book cannot take."""

    code = "bad_complaint"
    text = N_("The complaint was not kept: %(reason)s. Nothing was changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintLine:
    """A row of the book; `is_standing` where no later row corrects it."""

    told: Complaint
    unit_code: str
    unit_name: str
    is_standing: bool


def record(central: Central, scope: Scope, told: Mapping[str, str], *, by: str, corrects: int = 0) -> int:
    """Adds a complaint as told by COLUMNS, or a row that corrects one, and gives its number; raises BadComplaint."""
    now = central.now()
    with write_transaction(central.database):
        row = _read(told, scope, by=by, now=now, corrects=corrects)
        if corrects and corrects not in {each.told.complaint for each in _lines(scope, local_date(now))}:
            raise BadComplaint(reason=NO_COMPLAINT)
        number = complaints.keep(row)
        before = {"complaint": corrects} if corrects else {}
        after = {"complaint": number, "finding": row.finding.value}
        changes.keep(Change(at=now, who=by, what="complaint", before=before, after=after, reason=row.document))
    return number


def book(central: Central, scope: Scope) -> list[ComplaintLine]:
    """The rows about units that a scope may see, newest first."""
    with reading(central.database):
        return _lines(scope, central.today())[::-1]


def _lines(scope: Scope, today: date) -> list[ComplaintLine]:
    rows = complaints.rows()
    last = {each.complaint: each.number for each in rows}
    seen = units.units_then(((each.unit_id, each.received_on) for each in rows), today, scope)
    return [
        ComplaintLine(
            told=each, unit_code=unit.code, unit_name=unit.name, is_standing=last[each.complaint] == each.number
        )
        for each in rows
        if (unit := seen.get((each.unit_id, each.received_on)))
    ]


def _read(told: Mapping[str, str], scope: Scope, *, by: str, now: datetime, corrects: int) -> Complaint:
    try:
        said = {name: normalised(told.get(name, "")) for name in COLUMNS}
    except BadText as error:
        raise BadComplaint(reason=error) from error
    received_on, due_on = (_day(said[name]) for name in ("received_on", "answer_due_on"))
    answered_on = _day(said["answered_on"]) if said["answered_on"] else None
    today = local_date(now)
    if not received_on <= min(due_on, today) or (answered_on and not received_on <= answered_on <= today):
        raise BadComplaint(reason=BAD_ORDER)
    unit = units.unit_by_code(said["unit_code"], received_on, scope)
    if unit is None:
        raise BadComplaint(reason=NO_UNIT)
    _check_lengths(said)
    return Complaint(
        complaint=corrects,
        received_on=received_on,
        unit_id=unit.id,
        clerk=said["clerk"],
        dossier_code=said["dossier_code"],
        finding=_finding(said["finding"]),
        answer_due_on=due_on,
        answered_on=answered_on,
        document=said["document"],
        recorded_by=by,
        recorded_at=now,
    )


def _check_lengths(said: Mapping[str, str]) -> None:
    lengths: Sequence[int] = [len(said["clerk"]), len(said["dossier_code"])]
    if max(lengths) > WORD_CHARACTERS_MAX or not 0 < len(said["document"]) <= DOCUMENT_CHARACTERS_MAX:
        raise BadComplaint(reason=NO_DOCUMENT)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadComplaint(reason=BAD_DAY) from error


def _finding(text: str) -> Finding:
    try:
        return Finding(text or Finding.PENDING)
    except ValueError as error:
        raise BadComplaint(reason=NO_FINDING) from error
