"""Dossiers in lists: what was entered today, what needs work, and what a search finds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from desk_client.desk import Desk
from desk_client.storage import dossiers, finding, journal
from desk_client.storage.database import reading
from desk_client.storage.dossiers import Stored
from sync_protocol.instants import local_date, local_instant
from sync_protocol.texts import folded, masked
from sync_protocol.vocabulary import DossierStage, Source

FOUND_MAX = 200
"""A search shows the last entered of what fits, so many at the most; more words narrow it."""

SOON_WORKING_DAYS = 2
WORDS_MAX = 8
GAPS_IN_NUMBER = re.compile(r"(?<=[0-9])[ .\-]+(?=[0-9])")
NUMBER = re.compile(r"[0-9+][0-9 .\-]{5,}")
NOT_A_WORD = re.compile(r"[^0-9a-z]+")


class WorkList(StrEnum):
    """The lists of work of a desk."""

    DUE_TODAY = "due_today"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    WAITING = "waiting"
    RESULTS = "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierLine:
    """A dossier in a list; the identity number is masked. `is_sent` says that a receipt covers all about it."""

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
    resolved_at: datetime | None
    delivered_at: datetime | None
    received_by: str
    is_sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a search asks for.

    text                what was typed: words of names in any order, a code, a number, a phone
    stages              of which stages, () for any
    first_on, last_on   received between two local days, both inclusive, None for any
    """

    text: str = ""
    stages: tuple[DossierStage, ...] = ()
    first_on: date | None = None
    last_on: date | None = None


def entered_on(desk: Desk, day: date) -> list[DossierLine]:
    """What was entered on a local day, newest first; raises NotEnrolled."""
    acknowledged = acknowledged_of(desk)
    with reading(desk.database):
        return _lines(dossiers.recorded_on(day), acknowledged)


def line_of(desk: Desk, ref: str) -> DossierLine | None:
    """One dossier as in a list, by its code or id."""
    acknowledged = acknowledged_of(desk)
    with reading(desk.database):
        stored = dossiers.by_ref(ref)
    return _line(stored, acknowledged) if stored else None


def listed(desk: Desk, which: WorkList) -> list[DossierLine]:
    """A list of work, what presses most first."""
    acknowledged, (today, tomorrow, soon) = acknowledged_of(desk), _bounds(desk)
    with reading(desk.database):
        match which:
            case WorkList.DUE_TODAY:
                found = finding.due_before(tomorrow, since=today)
            case WorkList.DUE_SOON:
                found = finding.due_before(soon, since=tomorrow)
            case WorkList.OVERDUE:
                found = finding.due_before(today)
            case WorkList.WAITING:
                found = finding.waiting()
            case WorkList.RESULTS:
                found = finding.results()
    return _lines(found, acknowledged)


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
    """How many dossiers are due today or overdue."""
    _, tomorrow, _ = _bounds(desk)
    with reading(desk.database):
        return finding.due_count(tomorrow)


def search(desk: Desk, wanted: Wanted) -> list[DossierLine]:
    """The dossiers that fit, in the order of the Vietnamese alphabet by owner; the FOUND_MAX entered last."""
    acknowledged, words = acknowledged_of(desk), words_of(wanted.text)
    with reading(desk.database):
        found = finding.holding(
            words, stages=wanted.stages, first_on=wanted.first_on, last_on=wanted.last_on, limit=FOUND_MAX
        )
    return _lines(sorted(found, key=lambda each: each.sort_key), acknowledged)


def of_slip(desk: Desk, slip_code: str) -> list[DossierLine]:
    """The dossiers that share a slip."""
    acknowledged = acknowledged_of(desk)
    with reading(desk.database):
        return _lines(dossiers.of_slip(slip_code), acknowledged)


def words_of(text: str) -> list[str]:
    """The folded words of what was typed into the search; a number with gaps is one word, a phone begins with 0."""
    text = text.strip()
    if NUMBER.fullmatch(text):
        text = re.sub(r"^(\+84|84(?=[0-9]{9}$))", "0", GAPS_IN_NUMBER.sub("", text))
    return [word for word in NOT_A_WORD.split(folded(text)) if word][:WORDS_MAX]


def acknowledged_of(desk: Desk) -> int:
    """The last sequence of the present epoch that a receipt covers."""
    identity = desk.identity()
    with reading(desk.database):
        return journal.acknowledged(identity.id.slot, journal.head(identity.id.slot, identity.origin).epoch)


def _bounds(desk: Desk) -> tuple[datetime, datetime, datetime]:
    """The beginnings of today, of tomorrow, and of the day after the next working days that count as soon."""
    today = local_date(desk.working_now())
    soon = desk.packs().calendar.working_day_after(today, SOON_WORKING_DAYS)
    days = (today, today + timedelta(days=1), soon + timedelta(days=1))
    first, second, third = (local_instant(day, time()) for day in days)
    return first, second, third


def _lines(found: Sequence[Stored], acknowledged: int) -> list[DossierLine]:
    return [_line(each, acknowledged) for each in found]


def _line(stored: Stored, acknowledged: int) -> DossierLine:
    dossier = stored.dossier
    return DossierLine(
        id=dossier.id,
        dossier_code=dossier.dossier_code,
        slip_code=dossier.slip_code,
        procedure_code=dossier.procedure_code,
        stage=dossier.stage,
        source=dossier.source,
        submitter_name=stored.text("submitter_name"),
        owner_name=stored.text("owner_name"),
        masked_id_number=masked(stored.text("id_number")),
        received_at=dossier.received_at,
        recorded_on=stored.recorded_on,
        due_at=stored.due_at,
        resolved_at=dossier.resolved_at,
        delivered_at=dossier.delivered_at,
        received_by=dossier.received_by,
        is_sent=stored.last_sequence <= acknowledged,
    )
