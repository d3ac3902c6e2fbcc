"""What becomes of one row of another system: a new dossier, the steps and corrections that it tells, or nothing."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from desk_client.services.happenings import AS_IMPORTED, Days, days_of, happenings, stage_of
from desk_client.services.lifecycle import NothingChanged, take_step
from desk_client.services.matching import OTHER_DOSSIER, Match, matched, remember
from desk_client.services.projecting import sealed
from desk_client.services.recording import checked_payload, checked_reception, next_code, use_up
from desk_client.services.row_changes import changes_of
from desk_client.services.row_fields import Said, UnclearRow, printed_code, reception_of
from desk_client.services.sealing import Pen
from desk_client.sheets.advice import Remark
from desk_client.sheets.columns import Field
from desk_client.storage import dossiers, imports
from desk_client.storage.dossiers import Stored
from sync_protocol.dossiers import STAGE_WORDS
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Corrected, Received, RefusedAtDesk, Registered, Step
from sync_protocol.packs import Packs
from sync_protocol.schemas import CHANGES_MAX
from sync_protocol.vocabulary import DossierStage, Source

VOIDED_HERE = N_("This dossier was taken out of the counts here. The row is left out.")
STANDS_ELSEWHERE = N_("Here the dossier is %(here)s, in the file it is %(there)s. What stands here stays.")
ENTERED_HERE = N_(
    "%(dossier_code)s was entered here for the same person, procedure and day. If it is this dossier, note the code of"
    " the file on its page before you take the row in; else it counts twice."
)


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of a row, or would become of it.

    dossier_id    of a dossier that is here, "" where there is none or a trial has undone it
    dossier_code  "" where there is none, or where a trial cannot know it
    remarks       why it was refused, or what was decided about it
    error         an error of our own that refused it, None where the remarks say why
    """

    number: int
    outcome: Outcome
    dossier_id: str = ""
    dossier_code: str = ""
    remarks: tuple[Remark, ...] = ()
    error: FieldSyncError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What the rows of one transaction share.

    procedures  codes by folded name; see `procedures_by_name`
    now         the present as people at the desk have it
    source      of the dossiers that are new
    is_trial    whether all of it will be undone
    """

    pen: Pen
    packs: Packs
    procedures: Mapping[str, str]
    now: datetime
    source: Source
    is_trial: bool


def take_row(batch: Batch, number: int, said: Said) -> RowResult:
    """Takes in a row that could be read, inside the caller's transaction.

    Raises UnclearRow, and the errors of our own that recording raises.
    """
    match = matched(said)
    return _new(batch, number, said) if match is None else _known(batch, number, said, match)


def _new(batch: Batch, number: int, said: Said) -> RowResult:
    """A dossier that is not here yet, with all that its row tells of it."""
    days = days_of(said, batch.packs.calendar, batch.now)
    stored = dossiers.put(_stepped(batch, said, days, _opened(batch, said, days)))
    remember(said, None, stored)
    # A trial cannot know which number will be given, and would only seem to promise one.
    is_known = printed_code(said) or not batch.is_trial
    return RowResult(
        number=number,
        outcome=Outcome.NEW,
        dossier_id="" if batch.is_trial else stored.dossier.id,
        dossier_code=stored.dossier.dossier_code if is_known else "",
        remarks=_entered_here(stored),
    )


def _known(batch: Batch, number: int, said: Said, match: Match) -> RowResult:
    """A dossier that is here, after what its row says anew."""
    before = match.stored
    dossier = before.dossier
    unchanged = RowResult(
        number=number, outcome=Outcome.UNCHANGED, dossier_id=dossier.id, dossier_code=dossier.dossier_code
    )
    if dossier.stage is DossierStage.VOIDED:
        return replace(unchanged, remarks=(Remark(field=Field.STAGE, text=VOIDED_HERE, values={}),))
    if match.told is not None and dict(match.told) | dict(said) == match.told:
        return unchanged
    days = days_of(said, batch.packs.calendar, batch.now, held_at=dossier.received_at)
    after = _changed(batch, said, days, match)
    remember(said, match, after)
    remarks = _remarks_on_stage(said, days, after)
    if after is before:
        return replace(unchanged, remarks=remarks)
    dossiers.put(after)
    return replace(unchanged, outcome=Outcome.CHANGED, dossier_code=after.dossier.dossier_code, remarks=remarks)


def _changed(batch: Batch, said: Said, days: Days, match: Match) -> Stored:
    """The dossier after the acceptance, the correction and the steps that its row tells."""
    stored = match.stored
    if stored.dossier.stage is DossierStage.REGISTERED and stage_of(said, days) not in (None, DossierStage.REGISTERED):
        return _stepped(batch, said, days, _opened(batch, said, days, stored))
    changes = changes_of(said, match.told, days, stored, batch.procedures)
    if len(changes) > CHANGES_MAX:
        raise UnclearRow(Field.DOSSIER_CODE, OTHER_DOSSIER)
    # The dossier may say so already, by a correction that was made here.
    with suppress(NothingChanged):
        stored = _step(batch, stored, Corrected(changes=changes, reason=AS_IMPORTED), batch.now) if changes else stored
    return _stepped(batch, said, days, stored)


def _stepped(batch: Batch, said: Said, days: Days, stored: Stored) -> Stored:
    """The dossier after the steps that its row tells and that it has not taken yet."""
    for step, at in happenings(said, days, stored, batch.packs, batch.now):
        stored = _step(batch, stored, step, at)
    return stored


def _step(batch: Batch, stored: Stored, step: Step, at: datetime) -> Stored:
    return take_step(batch.pen, batch.packs, stored, checked_payload(step), at)


def _opened(batch: Batch, said: Said, days: Days, before: Stored | None = None) -> Stored:
    """A dossier opened by a row, or one filed online (`before`) that was accepted or refused since."""
    received_at = days.received_at or (before.dossier.received_at if before else batch.now)
    reception = reception_of(said, batch.procedures, before.content if before else {})
    source = {"source": batch.source.value}
    checked = checked_reception(batch.packs, reception | source, received_at)
    opening = _opening(batch, said, stage_of(said, days), checked, received_at)
    return sealed(batch.pen, batch.packs, opening, happened_at=received_at, before=before)


def _opening(
    batch: Batch, said: Said, stage: DossierStage | None, reception: Mapping[str, Any], received_at: datetime
) -> Received | Registered | RefusedAtDesk:
    if stage is DossierStage.REGISTERED:
        return Registered(**reception)
    if stage is DossierStage.NOT_ACCEPTED:
        return RefusedAtDesk(**reception, reason=AS_IMPORTED)
    if code := printed_code(said):
        use_up(batch.pen, batch.packs, code)
        return Received(dossier_code=code, **reception)
    return Received(dossier_code=next_code(batch.pen, batch.packs, received_at), **reception)


def _entered_here(stored: Stored) -> tuple[Remark, ...]:
    """A word on a dossier that a clerk may have entered here before its row came."""
    if not stored.text("id_number"):
        return ()
    code = imports.entered_alike(stored.text("id_number"), stored.dossier.procedure_code, stored.dossier.received_on)
    return (Remark(field=Field.DOSSIER_CODE, text=ENTERED_HERE, values={"dossier_code": code}),) if code else ()


def _remarks_on_stage(said: Said, days: Days, after: Stored) -> tuple[Remark, ...]:
    """A word on a dossier that does not stand where its row says, since it went further here or ended."""
    there, here = stage_of(said, days), after.dossier.stage
    if there is None or there is here:
        return ()
    values = {"here": STAGE_WORDS[here], "there": STAGE_WORDS[there]}
    return (Remark(field=Field.STAGE, text=STANDS_ELSEWHERE, values=values),)
