"""Which event may follow where a dossier stands: asked before an event is sealed, so that a clerk hears it at once.

Source: the life cycle of deployed one-stop software, NĐ 61/2018 Đ.15 and Đ.19.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync_protocol import events
from sync_protocol.dossiers import CLOSED_OTHERWISE, OPEN, STAGE_WORDS, Dossier, DueSet, Wait
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Opening, Payload, Step
from sync_protocol.instants import parse_instant
from sync_protocol.vocabulary import DossierStage, WaitKind

_WORKING = frozenset({DossierStage.RECEIVED, DossierStage.PROCESSING})

_KNOWN = frozenset(DossierStage) - {DossierStage.VOIDED}

FOLLOWS: dict[type[Payload], frozenset[DossierStage]] = {
    events.Received: frozenset({DossierStage.REGISTERED}),
    events.RefusedAtDesk: frozenset({DossierStage.REGISTERED}),
    events.Forwarded: _WORKING,
    events.SupplementRequested: _WORKING,
    events.SupplementReceived: frozenset({DossierStage.AWAITING_SUPPLEMENT}),
    events.SupplementExpired: frozenset({DossierStage.AWAITING_SUPPLEMENT}),
    events.PaymentRequested: _WORKING,
    events.PaymentDone: frozenset({DossierStage.AWAITING_PAYMENT}),
    events.Extended: OPEN,
    events.Resolved: _WORKING,
    events.Delivered: frozenset({DossierStage.RESOLVED}),
    events.Withdrawn: OPEN,
    events.SentBack: OPEN,
    events.Stopped: OPEN,
    events.Corrected: _KNOWN,
    events.Voided: _KNOWN,
    events.Rated: _KNOWN,
    events.Printed: _KNOWN,
}
"""The stages after which an event may happen. Papers and payments may be asked for, and handed over, once received."""

STEP_WORDS: dict[type[Payload], str] = {
    events.Received: N_("receive"),
    events.RefusedAtDesk: N_("refuse at the desk"),
    events.Forwarded: N_("forward"),
    events.SupplementRequested: N_("ask for missing papers"),
    events.SupplementReceived: N_("take the missing papers"),
    events.SupplementExpired: N_("end the waiting for papers"),
    events.PaymentRequested: N_("ask for a payment"),
    events.PaymentDone: N_("note the payment"),
    events.Extended: N_("extend with an apology"),
    events.Resolved: N_("note the result"),
    events.Delivered: N_("hand over the result"),
    events.Withdrawn: N_("note a withdrawal"),
    events.SentBack: N_("send back"),
    events.Stopped: N_("stop"),
    events.Corrected: N_("correct"),
    events.Voided: N_("take out of the counts"),
    events.Rated: N_("note a rating"),
    events.Printed: N_("print"),
}

_MOMENTS = ("received_at", "resolved_at", "delivered_at")

RESULT_FIELDS = frozenset({"resolved_at", "result_kind", "result_number", "result_date", "signer"})
DELIVERY_FIELDS = frozenset({"delivered_at", "delivered_to", "delivered_by"})
"""Fields of a correction that a dossier has only once it is resolved, or handed over."""


class IllegalTransition(FieldSyncError):
    """An event does not follow from where the dossier stands."""

    code = "illegal_transition"
    text = N_(
        "The dossier is %(stage)s, so this cannot be recorded. The dossier is unchanged. Possible now: %(possible)s."
    )


class AlreadyAsked(FieldSyncError):
    """What may happen once (or as often as the rules say) has happened (NĐ 61/2018 Đ.15(3), Đ.19)."""

    code = "already_asked"
    text = N_(
        "By the rules this is possible %(most)d time(s) for a dossier, and it has been done. The dossier is unchanged."
    )


class OutOfOrder(FieldSyncError):
    """An event is said to have happened before what it follows."""

    code = "out_of_order"
    text = N_(
        "This cannot have happened before %(earliest)s, when what it follows happened."
        " Nothing was saved; correct the day and the time."
    )


class NoResultYet(FieldSyncError):
    """A correction of what the dossier does not have yet: its result, or its hand-over."""

    code = "no_result_yet"
    text = N_(
        "This is not known of the dossier yet, so it cannot be corrected. Nothing was saved;"
        " note the result or the hand-over first."
    )


def possible_steps(dossier: Dossier) -> tuple[type[Payload], ...]:
    """The kinds of events that may follow now, in the order of a dossier's life; none once its content was erased."""
    if dossier.is_erased:
        return ()
    return tuple(kind for kind, stages in FOLLOWS.items() if dossier.stage in stages)


def check_follows(
    dossier: Dossier, payload: Step | Opening, happened_at: datetime, *, supplements_most: int, extensions_most: int
) -> None:
    """Whether an event may be sealed; raises IllegalTransition, AlreadyAsked, OutOfOrder or NoResultYet.

    supplements_most, extensions_most  how often papers may be asked for and the appointment moved; settings, since the
    rules differ by decree. A time is compared to the minute, since people give minutes.
    """
    if dossier.is_erased or dossier.stage not in FOLLOWS.get(type(payload), ()):
        raise illegal(dossier)
    asked = sum(isinstance(each, Wait) and each.kind is WaitKind.SUPPLEMENT for each in dossier.timeline)
    if isinstance(payload, events.SupplementRequested) and asked >= supplements_most:
        raise AlreadyAsked(most=supplements_most)
    extended = sum(isinstance(each, DueSet) and each.is_extension for each in dossier.timeline)
    if isinstance(payload, events.Extended) and extended >= extensions_most:
        raise AlreadyAsked(most=extensions_most)
    earliest = _earliest(dossier, payload)
    if earliest:
        _check_order(earliest, happened_at)
    if isinstance(payload, events.Corrected):
        _check_changes(dossier, payload.changes)


def unreached_fields(dossier: Dossier) -> frozenset[str]:
    """Fields that the dossier does not have yet, so that there is nothing to correct."""
    result = frozenset() if dossier.resolved_at else RESULT_FIELDS
    return result if dossier.delivered_at else result | DELIVERY_FIELDS


def _check_changes(dossier: Dossier, changes: Mapping[str, Any]) -> None:
    """A correction is of what is there, and leaves reception, result and hand-over in their order."""
    if any(changes.get(name) for name in unreached_fields(dossier)):
        raise NoResultYet
    moments = {name: parse_instant(changes[name]) for name in _MOMENTS if name in changes}
    received_at, resolved_at, delivered_at = (moments.get(name, getattr(dossier, name)) for name in _MOMENTS)
    closed_at = dossier.closed_at if dossier.stage in CLOSED_OTHERWISE else None
    for first, second in ((received_at, resolved_at), (resolved_at, delivered_at), (received_at, closed_at)):
        if moments and second:
            _check_order(first, second)


def _check_order(first: datetime, second: datetime) -> None:
    if second < first.replace(second=0, microsecond=0):
        raise OutOfOrder(earliest=first)


def _earliest(dossier: Dossier, payload: Step | Opening) -> datetime | None:
    """Before which an event cannot have happened: what it follows, and what ended a wait or began one.

    None for what is done at the desk itself, now: a clock that fell back by years must not hinder it.
    """
    match payload:
        case events.Corrected() | events.Voided() | events.Rated() | events.Printed():
            return None
        case events.Extended():
            return dossier.received_at
        case events.Delivered():
            return dossier.resolved_at or dossier.received_at
        case _:
            waits = (each for each in dossier.timeline if isinstance(each, Wait))
            return max((dossier.received_at, *(each.until or each.since for each in waits)))


def illegal(dossier: Dossier) -> IllegalTransition:
    """The refusal of an event that does not follow, with what does."""
    possible = [STEP_WORDS[kind] for kind in possible_steps(dossier)]
    return IllegalTransition(stage=STAGE_WORDS[dossier.stage], possible=possible)
