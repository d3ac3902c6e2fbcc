"""What a desk says of a whole period: that it is complete, or that nothing arose, and why there is little."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from marshmallow import ValidationError

from desk_client.desk import Desk
from desk_client.services.sealing import take_pen
from desk_client.storage import dossiers
from desk_client.storage.database import write_transaction
from sync_protocol.calendars import WorkingCalendar
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Declared
from sync_protocol.instants import local_date
from sync_protocol.periods import Period
from sync_protocol.schemas import SCHEMAS
from sync_protocol.vocabulary import Cause, Declaration, EventKind


class NotNil(FieldSyncError):
    """A desk that has dossiers of a period cannot declare that nothing arose in it."""

    code = "not_nil"
    text = N_("This machine holds %(count)d dossiers of the period %(period)s, so it cannot be declared empty.")


class PeriodNotOver(FieldSyncError):
    """A period is declared before its end is in sight: what still comes would be covered unseen."""

    code = "period_not_over"
    text = N_(
        "The period %(period)s can be declared from its last working day on, %(from_on)s. Nothing was recorded;"
        " come back then."
    )


class CauseNeeded(FieldSyncError):
    """A desk that entered little says why."""

    code = "cause_needed"
    text = N_(
        "This machine holds %(count)d dossiers of the period, fewer than %(threshold)d. Nothing was recorded yet;"
        " choose why there are so few, then confirm."
    )


class BadDeclaration(FieldSyncError):
    """What was typed with a declaration does not fit."""

    code = "bad_declaration"
    text = N_("The declaration was not recorded. Correct these fields: %(fields)s.")


def declared_of(fields: Mapping[str, Any]) -> Declared:
    """The declaration of what was typed, texts brought to one form; raises BadDeclaration."""
    try:
        declared: Declared = SCHEMAS[EventKind.DECLARE].load(dict(fields))
    except ValidationError as error:
        problems = error.normalized_messages()
        raise BadDeclaration(fields=tuple((name, str(texts[0])) for name, texts in problems.items())) from error
    return declared


def declare(desk: Desk, declared: Declared, *, clerk: str) -> None:
    """Seals a declaration under the name of a clerk; nil means that nothing arose unless another cause is named.

    Raises PeriodNotOver, NotNil, CauseNeeded, NotEnrolled.
    """
    identity, packs, period = desk.identity(), desk.packs(), declared.period
    today = local_date(desk.working_now())
    if today < declarable_from(packs.calendar, period):
        raise PeriodNotOver(period=str(period), from_on=declarable_from(packs.calendar, period))
    is_nil = declared.declaration is Declaration.NIL
    with write_transaction(desk.database):
        count = dossiers.received_count(period.first_on, period.last_on)
        if is_nil and count:
            raise NotNil(count=count, period=str(period))
        if not is_nil and count < packs.desk.threshold and declared.cause is None:
            raise CauseNeeded(count=count, threshold=packs.desk.threshold)
        said = replace(declared, cause=declared.cause or (Cause.NOTHING_AROSE if is_nil else None))
        take_pen(desk, identity, clerk=clerk).note(said)


def declarable_from(calendar: WorkingCalendar, period: Period) -> date:
    """The first local day on which a period may be declared: its last working day."""
    return max(calendar.working_day_until(period.last_on), period.first_on)
