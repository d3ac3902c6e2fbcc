"""Finding dossiers: by what is typed into the search, and by the work that they need."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from desk_client.storage.dossiers import ROWS_MAX, Stored, stored_of
from desk_client.storage.models import DossierRow, DossierWords
from sync_protocol.vocabulary import DossierStage

WORKED_STAGES = (DossierStage.RECEIVED.value, DossierStage.PROCESSING.value)
WAITING_STAGES = (
    DossierStage.REGISTERED.value,
    DossierStage.AWAITING_SUPPLEMENT.value,
    DossierStage.AWAITING_PAYMENT.value,
)


def holding(
    words: Sequence[str],
    *,
    stages: Sequence[DossierStage] = (),
    first_on: date | None = None,
    last_on: date | None = None,
    limit: int = ROWS_MAX,
) -> list[Stored]:
    """Dossiers that hold every word, each taken as the beginning of one; the last entered first.

    words  folded, letters and digits only; without any, all dossiers of the stages and days of reception asked for
    """
    rows = DossierRow.select()
    if words:
        phrase = " AND ".join(f'"{word}"*' for word in words)
        rows = rows.join(DossierWords, on=(DossierWords.rowid == DossierRow.number)).where(DossierWords.match(phrase))
        rows = rows.order_by(DossierWords.rowid.desc())
    else:
        rows = rows.order_by(DossierRow.number.desc())
    if stages:
        rows = rows.where(DossierRow.stage.in_([stage.value for stage in stages]))
    if first_on and last_on:
        rows = rows.where(DossierRow.received_on.between(first_on, last_on))
    return [stored_of(row) for row in rows.limit(limit)]


def due_before(at: datetime, *, since: datetime | None = None) -> list[Stored]:
    """Dossiers in work whose appointment lies before an instant, and not before another; the earliest first."""
    rows = DossierRow.select().where(*_due(at, since)).order_by(DossierRow.due_at).limit(ROWS_MAX)
    return [stored_of(row) for row in rows]


def due_count(at: datetime, *, since: datetime | None = None) -> int:
    """How many `due_before` would give, were they all listed."""
    return int(DossierRow.select().where(*_due(at, since)).count())


def waiting() -> list[Stored]:
    """Dossiers that wait for the citizen, or to be accepted; the longest wait first."""
    rows = DossierRow.select().where(DossierRow.stage.in_(WAITING_STAGES)).order_by(DossierRow.received_at)
    return [stored_of(row) for row in rows.limit(ROWS_MAX)]


def waiting_count() -> int:
    """How many dossiers wait for the citizen, or to be accepted."""
    return int(DossierRow.select().where(DossierRow.stage.in_(WAITING_STAGES)).count())


def results() -> list[Stored]:
    """Dossiers whose result waits to be collected; the longest wait first."""
    rows = DossierRow.select().where(DossierRow.stage == RESOLVED).order_by(DossierRow.resolved_at).limit(ROWS_MAX)
    return [stored_of(row) for row in rows]


def results_count() -> int:
    """How many results wait to be collected."""
    return int(DossierRow.select().where(DossierRow.stage == RESOLVED).count())


def of_citizen(*, id_number: str = "", phone: str = "", limit: int = 5) -> list[Stored]:
    """The last dossiers of a citizen by identity number, or by phone where no number is given."""
    if id_number:
        rows = DossierRow.select().where(DossierRow.id_number == id_number, DossierRow.id_number != "")
    elif phone:
        rows = DossierRow.select().where(DossierRow.phone == phone, DossierRow.phone != "")
    else:
        return []
    return [stored_of(row) for row in rows.order_by(DossierRow.number.desc()).limit(limit)]


RESOLVED = DossierStage.RESOLVED.value


def _due(at: datetime, since: datetime | None) -> list[Any]:
    # The two stages are spelled out one by one, so that the partial index over them serves the question.
    wanted = [DossierRow.stage.in_(WORKED_STAGES), DossierRow.due_at < at]
    return [*wanted, DossierRow.due_at >= since] if since else wanted
