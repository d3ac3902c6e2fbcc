"""What a row of another system tells of a dossier's life, as the steps that bring it there."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from desk_client.sheets.advice import Remark
from desk_client.sheets.columns import Field
from desk_client.storage.dossiers import Stored
from sync_protocol.calendars import WorkingCalendar
from sync_protocol.dossiers import OPEN
from sync_protocol.errors import N_
from sync_protocol.events import (
    Delivered,
    Forwarded,
    PaymentDone,
    PaymentRequested,
    Resolved,
    SentBack,
    Step,
    Stopped,
    SupplementReceived,
    SupplementRequested,
    Withdrawn,
)
from sync_protocol.instants import local_date, local_instant
from sync_protocol.packs import Packs
from sync_protocol.vocabulary import DeliveryMethod, DossierStage, ResultKind

IN_THE_FUTURE = N_("This day lies in the future. Correct it.")
BEFORE_RECEPTION = N_("This day lies before the day of reception. Correct one of them.")

ENDS: dict[DossierStage, type[Withdrawn] | type[SentBack] | type[Stopped]] = {
    DossierStage.WITHDRAWN: Withdrawn,
    DossierStage.SENT_BACK: SentBack,
    DossierStage.STOPPED: Stopped,
}
WITH_RESULT = frozenset({DossierStage.RESOLVED, DossierStage.DELIVERED})


class UnclearRow(Exception):
    """A row that cannot be taken as it stands, with what to do about it; it never leaves the import."""

    def __init__(self, *remarks: Remark) -> None:
        self.remarks = remarks
        super().__init__(remarks)


def happenings(
    values: Mapping[str, Any], stored: Stored, packs: Packs, now: datetime, reason: str
) -> Iterator[tuple[Step, datetime]]:
    """The steps, with when they happened, from where a dossier stands to where its row says that it stands.

    A row that tells no day for a step that is not dated in it means the present. A dossier that has ended is left as it
    is, but for a result that has since been handed over. Raises UnclearRow for days that cannot be right.
    """
    dossier = stored.dossier
    resolved_at, delivered_at = _dated(values, stored, packs.calendar, now)
    target = _target(values, resolved_at, delivered_at)
    if target is None or target is dossier.stage:
        return
    ended_at = resolved_at or delivered_at or now
    if dossier.stage in OPEN and (target in WITH_RESULT or target is DossierStage.PROCESSING):
        yield from _resumed(dossier.stage, ended_at if target in WITH_RESULT else now)
    if dossier.stage in OPEN and target in WITH_RESULT:
        number = str(values.get(Field.RESULT_NUMBER, ""))
        yield Resolved(result_kind=ResultKind.GRANTED, result_number=number), ended_at
    if target is DossierStage.DELIVERED and dossier.stage in OPEN | {DossierStage.RESOLVED}:
        taker = str(values.get(Field.DELIVERED_TO) or stored.text("submitter_name"))
        yield Delivered(delivered_to=taker, delivered_by=_method(values, stored)), delivered_at or ended_at
    if dossier.stage in OPEN:
        yield from _progress(target, dossier.stage, packs, values, now, reason)
        if target in ENDS:
            yield ENDS[target](reason=reason), ended_at


def moment_of(values: Mapping[str, Any], name: Field, calendar: WorkingCalendar) -> datetime | None:
    """The instant of a cell that holds a day, at the opening of the desk where it holds no time."""
    said = values.get(name)
    if said is None:
        return None
    day, at = date.fromisoformat(said[0]), said[1]
    return local_instant(day, time.fromisoformat(at)) if at else calendar.opening(day)


def _dated(
    values: Mapping[str, Any], stored: Stored, calendar: WorkingCalendar, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """When the result was ready and handed over: on the same day as what came before, not earlier than it."""
    received_at = stored.dossier.received_at
    resolved_at = _not_before(values, Field.RESOLVED_AT, received_at, calendar, now)
    delivered_at = _not_before(values, Field.DELIVERED_AT, resolved_at or received_at, calendar, now)
    return resolved_at, delivered_at


def _not_before(
    values: Mapping[str, Any], name: Field, earliest: datetime, calendar: WorkingCalendar, now: datetime
) -> datetime | None:
    at = moment_of(values, name, calendar)
    if at is None:
        return None
    if local_date(at) > local_date(now):
        raise UnclearRow(Remark(field=name, text=IN_THE_FUTURE, values={}))
    if local_date(at) < local_date(earliest):
        raise UnclearRow(Remark(field=name, text=BEFORE_RECEPTION, values={}))
    return max(at, earliest)


def _target(
    values: Mapping[str, Any], resolved_at: datetime | None, delivered_at: datetime | None
) -> DossierStage | None:
    """Where the row says that the dossier stands; days say more than words, which other systems update late."""
    if delivered_at:
        return DossierStage.DELIVERED
    stage = DossierStage(values[Field.STAGE]) if values.get(Field.STAGE) else None
    if stage in ENDS:
        return stage
    return DossierStage.RESOLVED if resolved_at and stage is not DossierStage.DELIVERED else stage


def _resumed(stage: DossierStage, at: datetime) -> Iterator[tuple[Step, datetime]]:
    """What ends a wait before the dossier can go on."""
    if stage is DossierStage.AWAITING_SUPPLEMENT:
        yield SupplementReceived(), at
    if stage is DossierStage.AWAITING_PAYMENT:
        yield PaymentDone(), at


def _progress(
    target: DossierStage, stage: DossierStage, packs: Packs, values: Mapping[str, Any], now: datetime, reason: str
) -> Iterator[tuple[Step, datetime]]:
    """Steps of a dossier on its way, which other systems do not date."""
    if target is DossierStage.PROCESSING and stage is DossierStage.RECEIVED:
        yield Forwarded(to_unit=str(values.get(Field.COMPETENT_UNIT) or packs.desk.unit_name)), now
    if target is DossierStage.AWAITING_SUPPLEMENT:
        yield SupplementRequested(papers=reason, reason=reason), now
    if target is DossierStage.AWAITING_PAYMENT:
        yield PaymentRequested(amount_vnd=int(values.get(Field.FEE_AMOUNT_VND) or 0), reason=reason), now


def _method(values: Mapping[str, Any], stored: Stored) -> DeliveryMethod:
    said = values.get(Field.DELIVERY_METHOD) or stored.text("delivery_method")
    return DeliveryMethod(said) if said else DeliveryMethod.COUNTER
