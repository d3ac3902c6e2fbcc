"""Dossiers in lists: what was entered today and what needs work."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache

from desk_client.desk import Desk
from desk_client.storage import finding, lineage, placing
from desk_client.storage.database import reading
from desk_client.storage.finding import Found, Part
from desk_client.storage.lineage import Point
from sync_protocol.deadlines import AWAITING, DUE_SOON_WORKING_DAYS, days_left
from sync_protocol.dossiers import OPEN
from sync_protocol.instants import local_date, local_instant
from sync_protocol.texts import masked
from sync_protocol.vocabulary import DossierStage, Source

PAGE_ROWS = 100
"""Dossiers on one page of a list."""

PRESSING_MAX = 1_000
"""Up to so many pressing dossiers are counted for the line that stands on every page."""


RUNNING = OPEN - AWAITING
"""Stages in which the time until the appointment runs."""


class WorkList(StrEnum):
    """The lists of work of a desk."""

    DUE_TODAY = "due_today"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    WAITING = "waiting"
    RESULTS = "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierLine:
    """A dossier in a list; the identity number is masked.

    days_left  working days until the appointment, negative once it has passed; None where none is running
    is_sent    whether a receipt covers all about it
    """

    id: str
    dossier_code: str
    slip_code: str
    procedure_code: str
    stage: DossierStage
    source: Source
    submitter_name: str
    owner_name: str
    masked_id_number: str
    received_at: datetime
    recorded_on: date
    due_at: datetime | None
    days_left: int | None
    resolved_at: datetime | None
    delivered_at: datetime | None
    received_by: str
    is_sent: bool


def entered_on(desk: Desk, day: date) -> list[DossierLine]:
    """What was entered on a local day, newest first; raises NotEnrolled."""
    with reading(desk.database):
        return lines_of(desk, finding.recorded_on(day))


def listed(desk: Desk, which: WorkList, *, page: int = 1, by_name: bool = False) -> list[DossierLine]:
    """One page of a list of work, from 1: what presses most first, or by the owner in the Vietnamese alphabet."""
    part = Part(by_name=by_name, offset=(page - 1) * PAGE_ROWS, limit=PAGE_ROWS)
    with reading(desk.database):
        return lines_of(desk, _found(desk, which, part))


def whole_list(desk: Desk, which: WorkList, limit: int) -> list[DossierLine]:
    """A list of work up to a bound, what presses most first."""
    with reading(desk.database):
        return lines_of(desk, _found(desk, which, Part(limit=limit)))


def list_counts(desk: Desk) -> dict[WorkList, int]:
    """How many dossiers each list of work holds."""
    today, tomorrow, soon = _bounds(desk)
    with reading(desk.database):
        return {
            WorkList.DUE_TODAY: finding.due_count(tomorrow, since=today),
            WorkList.DUE_SOON: finding.due_count(soon, since=tomorrow),
            WorkList.OVERDUE: finding.due_count(today),
            WorkList.WAITING: finding.waiting_count(),
            WorkList.RESULTS: finding.results_count(),
        }


def pressing_count(desk: Desk) -> int:
    """How many dossiers are due today or overdue, counted up to PRESSING_MAX."""
    _, tomorrow, _ = _bounds(desk)
    with reading(desk.database):
        return finding.due_count(tomorrow, most=PRESSING_MAX)


def of_slip(desk: Desk, slip_code: str) -> list[DossierLine]:
    """The dossiers that share a slip."""
    with reading(desk.database):
        return lines_of(desk, finding.sharing_slip(slip_code))


def of_ids(desk: Desk, ids: Sequence[str]) -> list[DossierLine]:
    """The dossiers of some ids, in the order in which they were entered."""
    with reading(desk.database):
        return lines_of(desk, finding.with_ids(ids))


def lines_of(desk: Desk, found: Iterable[Found]) -> list[DossierLine]:
    """Dossiers as lists show them."""
    calendar, now = desk.packs().calendar, desk.working_now()
    with reading(desk.database):
        unsent = placing.unsent_subjects(desk.identity().id.slot)

    @cache
    def left(due_on: date) -> int:
        """Dossiers of a list share their days, and a day long past takes long to count."""
        return days_left(calendar.closing(due_on), now, calendar)

    return [_line(each, left, is_sent=unsent.isdisjoint((each.id, each.dossier_code))) for each in found]


def covered_of(desk: Desk) -> Point:
    """The last entry of the journal that a receipt covers."""
    identity = desk.identity()
    with reading(desk.database):
        return lineage.covered(identity.id.slot)


def _found(desk: Desk, which: WorkList, part: Part) -> list[Found]:
    today, tomorrow, soon = _bounds(desk)
    match which:
        case WorkList.DUE_TODAY:
            return finding.due_before(tomorrow, since=today, part=part)
        case WorkList.DUE_SOON:
            return finding.due_before(soon, since=tomorrow, part=part)
        case WorkList.OVERDUE:
            return finding.due_before(today, part=part)
        case WorkList.WAITING:
            return finding.waiting(part)
        case WorkList.RESULTS:
            return finding.results(part)


def _bounds(desk: Desk) -> tuple[datetime, datetime, datetime]:
    """The beginnings of today, of tomorrow, and of the day after the next working days that count as soon."""
    today = local_date(desk.working_now())
    soon = desk.packs().calendar.working_day_after(today, DUE_SOON_WORKING_DAYS)
    days = (today, today + timedelta(days=1), soon + timedelta(days=1))
    first, second, third = (local_instant(day, time()) for day in days)
    return first, second, third


def _line(found: Found, left: Callable[[date], int], *, is_sent: bool) -> DossierLine:
    is_running = found.stage in RUNNING and found.due_at is not None
    return DossierLine(
        id=found.id,
        dossier_code=found.dossier_code,
        slip_code=found.slip_code,
        procedure_code=found.procedure_code,
        stage=found.stage,
        source=found.source,
        submitter_name=found.submitter_name,
        owner_name=found.owner_name,
        masked_id_number=masked(found.id_number),
        received_at=found.received_at,
        recorded_on=found.recorded_on,
        due_at=found.due_at,
        days_left=left(local_date(found.due_at)) if found.due_at and is_running else None,
        resolved_at=found.resolved_at,
        delivered_at=found.delivered_at,
        received_by=found.received_by,
        is_sent=is_sent,
    )
