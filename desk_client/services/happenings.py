"""What a row of another system tells of a dossier's life: its days, and the steps that bring the dossier there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from desk_client.services.row_fields import Said, UnclearRow, text_of
from desk_client.sheets.columns import Field
from desk_client.storage.dossiers import Stored
from sync_protocol.calendars import WorkingCalendar
from sync_protocol.deadlines import is_held
from sync_protocol.dossiers import OPEN, Dossier, Wait
from sync_protocol.errors import N_
from sync_protocol.events import (
    Corrected,
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
from sync_protocol.instants import instant_text, local_date, local_instant
from sync_protocol.packs import Packs
from sync_protocol.vocabulary import DeliveryMethod, DossierStage, ResultKind

AS_IMPORTED = "Theo tệp nhập"
"""Reason in the events that a row tells without one; journals of desks are written in Vietnamese."""

NO_RECEPTION_DAY = N_("There is no day of reception. Fill it in.")
IN_THE_FUTURE = N_(
    "This day lies in the future, today is %(today)s. Correct it; if today is wrong, set this machine's date."
)
BEFORE_RECEPTION = N_("This day lies before the day of reception. Correct one of them.")
BEFORE_RESULT = N_("This day lies before the day of the result. Correct one of them.")
RESULT_UNDATED = N_(
    "The row says that there is a result and not since when. Taken as of today it would count as late: fill in the day"
    " of the result."
)

ENDS: dict[DossierStage, type[Withdrawn] | type[SentBack] | type[Stopped]] = {
    DossierStage.WITHDRAWN: Withdrawn,
    DossierStage.SENT_BACK: SentBack,
    DossierStage.STOPPED: Stopped,
}
WITHOUT_RESULT = frozenset({*ENDS, DossierStage.NOT_ACCEPTED})
WITH_RESULT = frozenset({DossierStage.RESOLVED, DossierStage.DELIVERED})
GOES_ON = OPEN | {DossierStage.RESOLVED}
"""Stages after which a row may still tell something; a dossier that has ended here is left as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """When things happened by a row, in their order and none in the future; None where it does not say."""

    received_at: datetime | None
    resolved_at: datetime | None
    delivered_at: datetime | None


def days_of(said: Said, calendar: WorkingCalendar, now: datetime, held_at: datetime | None = None) -> Days:
    """The days of a row, each at the opening of the desk where it holds no time, and not before what it follows.

    held_at  the reception of a dossier that is here
    Raises UnclearRow for days that cannot be right.
    """
    received = _moment(said, Field.RECEIVED_AT, calendar, now)
    earliest = received or held_at
    if earliest is None:
        raise UnclearRow(Field.RECEIVED_AT, NO_RECEPTION_DAY)
    if held_at and local_date(held_at) == local_date(earliest):
        earliest = max(earliest, held_at)
    if said.get(Field.DUE_ON) and date.fromisoformat(said[Field.DUE_ON]) < local_date(earliest):
        raise UnclearRow(Field.DUE_ON, BEFORE_RECEPTION)
    resolved = _after(said, Field.RESOLVED_AT, earliest, BEFORE_RECEPTION, calendar, now)
    text = BEFORE_RESULT if resolved else BEFORE_RECEPTION
    delivered = _after(said, Field.DELIVERED_AT, resolved or earliest, text, calendar, now)
    return Days(received_at=received, resolved_at=resolved, delivered_at=delivered)


def stage_of(said: Said, days: Days) -> DossierStage | None:
    """Where a row says that its dossier stands; days say more than words, which other systems update late."""
    stage = DossierStage(said[Field.STAGE]) if said.get(Field.STAGE) else None
    # Also what is sent back unprocessed has a "ngày trả".
    if stage in WITHOUT_RESULT:
        return stage
    if days.delivered_at or stage is DossierStage.DELIVERED:
        return DossierStage.DELIVERED
    return DossierStage.RESOLVED if days.resolved_at else stage


def happenings(said: Said, days: Days, stored: Stored, packs: Packs, now: datetime) -> Iterator[tuple[Step, datetime]]:
    """The steps, with when they happened, from where a dossier stands to where its row says that it stands.

    What the row does not date means the present. Raises UnclearRow for a result that would count as late by that.
    """
    stage, target = stored.dossier.stage, stage_of(said, days)
    if target is None or target is stage:
        return
    if stage in OPEN and target in WITH_RESULT:
        yield from _resolved(said, days, stored, now)
    elif stage in OPEN:
        yield from _moved(said, days, stored.dossier, target, packs.desk.unit_name, now)
    if stage in GOES_ON and target is DossierStage.DELIVERED:
        yield _delivered(said, stored), _delivered_at(days, stored.dossier, now)


def _moment(said: Said, name: Field, calendar: WorkingCalendar, now: datetime) -> datetime | None:
    told = said.get(name)
    if told is None:
        return None
    day, at = date.fromisoformat(told[0]), told[1]
    if day > local_date(now):
        raise UnclearRow(name, IN_THE_FUTURE, today=local_date(now))
    return local_instant(day, time.fromisoformat(at)) if at else calendar.opening(day)


def _after(
    said: Said, name: Field, earliest: datetime, text: str, calendar: WorkingCalendar, now: datetime
) -> datetime | None:
    """A moment that follows another; people give days, so on one day the later of both is taken."""
    at = _moment(said, name, calendar, now)
    if at is None:
        return None
    if local_date(at) < local_date(earliest):
        raise UnclearRow(name, text)
    return max(at, earliest)


def _resolved(said: Said, days: Days, stored: Stored, now: datetime) -> Iterator[tuple[Step, datetime]]:
    """The result of an open dossier, after the end of what it waits for."""
    dossier, ready_at = stored.dossier, days.resolved_at or days.delivered_at
    if ready_at is None and not is_held(dossier) and _is_past_due(stored, now):
        raise UnclearRow(Field.RESOLVED_AT, RESULT_UNDATED)
    at = max(ready_at or now, _floor(dossier))
    yield from _resumed(dossier, at)
    yield Resolved(result_kind=ResultKind.GRANTED, result_number=text_of(said, Field.RESULT_NUMBER)), at
    # What it waited for was dated here, when a file told of it, and that may have been after the result.
    if ready_at and ready_at < at:
        yield Corrected(changes={"resolved_at": instant_text(ready_at)}, reason=AS_IMPORTED), now


def _moved(
    said: Said, days: Days, dossier: Dossier, target: DossierStage, unit_name: str, now: datetime
) -> Iterator[tuple[Step, datetime]]:
    """Steps of an open dossier that has no result; other systems do not date them."""
    at = max(now, _floor(dossier))
    if target in ENDS:
        yield ENDS[target](reason=AS_IMPORTED), max(days.resolved_at or days.delivered_at or at, _floor(dossier))
    elif target in OPEN:
        yield from _resumed(dossier, at)
    match target:
        case DossierStage.PROCESSING if dossier.stage is DossierStage.RECEIVED:
            yield Forwarded(to_unit=text_of(said, Field.COMPETENT_UNIT) or unit_name), at
        case DossierStage.AWAITING_SUPPLEMENT:
            yield SupplementRequested(papers=AS_IMPORTED, reason=AS_IMPORTED), at
        case DossierStage.AWAITING_PAYMENT:
            yield PaymentRequested(amount_vnd=int(said.get(Field.FEE_AMOUNT_VND) or 0), reason=AS_IMPORTED), at


def _resumed(dossier: Dossier, at: datetime) -> Iterator[tuple[Step, datetime]]:
    """What ends a wait before the dossier can go on."""
    if dossier.stage is DossierStage.AWAITING_SUPPLEMENT:
        yield SupplementReceived(), at
    if dossier.stage is DossierStage.AWAITING_PAYMENT:
        yield PaymentDone(), at


def _delivered(said: Said, stored: Stored) -> Delivered:
    taker = text_of(said, Field.DELIVERED_TO) or stored.text("submitter_name")
    method = text_of(said, Field.DELIVERY_METHOD) or stored.text("delivery_method")
    return Delivered(delivered_to=taker, delivered_by=DeliveryMethod(method or DeliveryMethod.COUNTER))


def _delivered_at(days: Days, dossier: Dossier, now: datetime) -> datetime:
    """When the result was handed over: of one that was ready here before, on the same day not before that."""
    if dossier.resolved_at is None:
        return days.delivered_at or days.resolved_at or max(now, _floor(dossier))
    at = days.delivered_at or max(now, dossier.resolved_at)
    return max(at, dossier.resolved_at) if local_date(at) == local_date(dossier.resolved_at) else at


def _floor(dossier: Dossier) -> datetime:
    """Before which nothing new can have happened to a dossier."""
    waits = (each for each in dossier.timeline if isinstance(each, Wait))
    return max((dossier.received_at, *(each.until or each.since for each in waits)))


def _is_past_due(stored: Stored, now: datetime) -> bool:
    return stored.due_at is not None and local_date(now) > local_date(stored.due_at)
