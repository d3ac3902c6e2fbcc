"""Handing over all results of a slip in one action."""

from collections.abc import Sequence
from datetime import datetime

from desk_client.desk import Desk
from desk_client.services.lifecycle import record_steps
from desk_client.services.listing import RUNNING, DossierLine, of_slip
from desk_client.services.recording import Recorded
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Delivered, Resolved, Step
from sync_protocol.vocabulary import DossierStage, ResultKind


class NothingToHandOver(FieldSyncError):
    """A slip none of whose dossiers has a result that waits."""

    code = "nothing_to_hand_over"
    text = N_("No result of the slip %(slip)s waits to be handed over. Nothing was recorded; look at its dossiers.")


def hand_over_together(
    desk: Desk, slip_code: str, delivered: Delivered, *, with_results: bool, happened_at: datetime, clerk: str
) -> list[Recorded]:
    """Saves that the results of a slip were taken together, all of them or none; durable when it returns.

    with_results  whether those in work have their result now too; else only those that wait are handed over
    Raises NothingToHandOver, and what `record_steps` does.
    """
    lines = of_slip(desk, slip_code)
    work = [(line.id, _steps(line, delivered)) for line in lines if _is_ready(line, with_results=with_results)]
    if not work:
        raise NothingToHandOver(slip=slip_code)
    return record_steps(desk, work, happened_at=happened_at, clerk=clerk)


def _is_ready(line: DossierLine, *, with_results: bool) -> bool:
    return line.stage is DossierStage.RESOLVED or (with_results and line.stage in RUNNING)


def _steps(line: DossierLine, delivered: Delivered) -> Sequence[Step]:
    if line.stage is DossierStage.RESOLVED:
        return [delivered]
    return [Resolved(result_kind=ResultKind.GRANTED), delivered]
