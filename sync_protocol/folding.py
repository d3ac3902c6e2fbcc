"""Folding events into a dossier: one set of rules for both ends.

`fold` takes what was sealed, in the order of the ledger, and never refuses it: two devices of a desk that did not know
of each other may both be right.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sync_protocol import events
from sync_protocol.dossiers import OPEN, Dossier, DueSet, UnknownDossier, Wait, state_of
from sync_protocol.events import Acceptance, Event, Opening, Payload, Step
from sync_protocol.instants import parse_instant
from sync_protocol.transitions import FOLLOWS, illegal, unreached_fields
from sync_protocol.values import value
from sync_protocol.vocabulary import (
    CENTRE_SLOT,
    Channel,
    DeliveryMethod,
    DossierStage,
    PaymentMethod,
    PaymentStatus,
    ResultKind,
    VerdictKind,
    WaitKind,
)


@value
class Folded:
    """What an event made of a dossier.

    verdict     applied; merged: kept in the history, where it changes nothing that a later event says better;
                conflict: it contradicts what stands, which stays until a person settles it
    has_effect  whether its content counts
    fields      of a correction, the fields that it changed
    """

    dossier: Dossier
    verdict: VerdictKind = VerdictKind.APPLIED
    has_effect: bool = True
    fields: frozenset[str] = frozenset()


def fold(dossier: Dossier | None, event: Event) -> Folded:
    """The dossier after an event about it, in ledger order.

    Raises UnknownDossier where there is none yet, IllegalTransition where a second one is opened under one id or where
    the event is about no dossier. An event that was folded in before changes nothing.
    """
    payload, header = event.payload, event.header
    if isinstance(payload, events.Erased):
        return _erased(dossier, event)
    if dossier is None:
        if not isinstance(payload, Opening) or header.subject != str(header.id):
            raise UnknownDossier(dossier=header.subject)
        return Folded(dossier=_opened(event))
    if str(header.id) == dossier.id or header.sequence <= dossier.seen.get(_source(dossier, event), 0):
        return Folded(dossier=dossier, verdict=VerdictKind.MERGED, has_effect=False)
    if isinstance(payload, events.Settled):
        return _seen(_settled(dossier, event), event)
    if not isinstance(payload, Step) and not (isinstance(payload, Acceptance) and _was_filed_online(dossier)):
        raise illegal(dossier)
    if dossier.is_erased and header.slot != CENTRE_SLOT:
        return Folded(dossier=dossier, verdict=VerdictKind.MERGED, has_effect=False)
    follows = dossier.stage in FOLLOWS[type(payload)]
    return _seen(_applied(dossier, event) if follows else _met(dossier, event), event)


def _settled(dossier: Dossier, event: Event) -> Folded:
    """What a person has settled: what stands stays, or what the other machine said takes its place.

    Whoever settles it first has settled it; nothing is left to settle of a dossier that was voided.
    """
    settled = event.payload
    assert isinstance(settled, events.Settled)
    if settled.entry in dossier.settled or dossier.stage is DossierStage.VOIDED or dossier.is_erased:
        return Folded(dossier=dossier, verdict=VerdictKind.MERGED, has_effect=False)
    after = replace(dossier, settled=(*dossier.settled, settled.entry))
    if settled.takes is None:
        return Folded(dossier=after)
    return Folded(dossier=_taken(after, _as_taken(event, settled.takes)))


def _taken(dossier: Dossier, event: Event) -> Dossier:
    """The dossier as if what its machine had recorded had come before what stood."""
    at = event.happened_at
    match event.payload:
        case events.Resolved():
            stage = DossierStage.DELIVERED if dossier.delivered_at else DossierStage.RESOLVED
            return replace(_resolved(_reopened(dossier, keeps_result=True), event), stage=stage)
        case events.Delivered():
            return _delivered(_reopened(dossier, keeps_result=True), event)
        case events.SupplementReceived():
            return replace(_reopened(dossier, keeps_result=False), stage=DossierStage.PROCESSING)
        case payload if type(payload) in events.CLOSING:
            return _ended(_reopened(dossier, keeps_result=False), _ENDS[type(payload)], at)
        case _:
            raise illegal(dossier)


def _reopened(dossier: Dossier, *, keeps_result: bool) -> Dossier:
    """The dossier without the end that stood."""
    opened = replace(_resumed(dossier, dossier.closed_at or dossier.received_at), closed_at=None)
    if keeps_result:
        return opened
    return replace(opened, resolved_at=None, result_kind=None, on_the_spot=False, delivered_at=None, delivered_by=None)


def _as_taken(event: Event, taken: events.Taken) -> Event:
    """The event that is taken, as of the entry that takes it."""
    return Event(replace(event.header, happened_at=taken.happened_at), taken.step)


def _erased(dossier: Dossier | None, event: Event) -> Folded:
    """What stays of a dossier whose contents are gone, its opening perhaps among them."""
    assert isinstance(event.payload, events.Erased)
    kept = state_of(event.payload.dossier)
    if kept.id != event.header.subject or (dossier and dossier.id != kept.id):
        raise UnknownDossier(dossier=event.header.subject)
    return Folded(dossier=replace(kept, is_erased=True))


def _opened(event: Event) -> Dossier:
    payload = event.payload
    assert isinstance(payload, Opening)
    is_received = isinstance(payload, events.Received)
    return Dossier(
        id=event.header.subject,
        dossier_code=payload.dossier_code if isinstance(payload, events.Received) else "",
        procedure_code=payload.procedure_code,
        channel=payload.channel,
        stage=_OPENS[type(payload)],
        received_at=event.happened_at,
        recorded_at=event.header.recorded_at,
        received_by=event.header.clerk,
        slip_code=(payload.slip_code or payload.dossier_code) if isinstance(payload, events.Received) else "",
        source=payload.source,
        out_of_area=payload.out_of_area,
        filed_by_clerk=payload.filed_by_clerk,
        timeline=(DueSet(at=event.happened_at, due_on=payload.due_on),) if payload.due_on and is_received else (),
        closed_at=event.happened_at if isinstance(payload, events.RefusedAtDesk) else None,
        paid_at=event.happened_at if payload.payment_status is PaymentStatus.PAID else None,
        payment_method=payload.payment_method,
    )


def _applied(dossier: Dossier, event: Event) -> Folded:
    """The dossier after an event that follows from where it stands."""
    at = event.happened_at
    match event.payload:
        case events.Received() | events.RefusedAtDesk():
            opened = replace(_opened(event), rated_at=dossier.rated_at, rating=dossier.rating)
            after = replace(opened, id=dossier.id, stated_by=str(event.header.id), seen=dossier.seen)
        case events.Forwarded():
            after = replace(dossier, stage=DossierStage.PROCESSING, arrived_at=dossier.arrived_at or at)
        case events.SupplementRequested():
            after = _waiting(dossier, DossierStage.AWAITING_SUPPLEMENT, WaitKind.SUPPLEMENT, at)
        case events.SupplementReceived():
            after = replace(_resumed(dossier, at), stage=DossierStage.PROCESSING)
        case events.PaymentRequested():
            waiting = _waiting(dossier, DossierStage.AWAITING_PAYMENT, WaitKind.PAYMENT, at)
            after = _changed(replace(waiting, paid_at=None), event, "fee_amount_vnd", "payment_status")
        case events.PaymentDone(payment_method=method):
            paid = replace(_resumed(dossier, at), paid_at=at, payment_method=method or dossier.payment_method)
            resumed = replace(paid, stage=DossierStage.PROCESSING)
            after = _changed(resumed, event, "fee_amount_vnd", "payment_status", "payment_method")
        case events.Extended():
            return _extended(dossier, event)
        case events.Resolved():
            after = replace(_resolved(dossier, event), stage=DossierStage.RESOLVED)
        case events.Delivered():
            after = _delivered(dossier, event)
        case events.Withdrawn():
            after = _ended(dossier, DossierStage.WITHDRAWN, at)
        case events.SentBack():
            after = _ended(dossier, DossierStage.SENT_BACK, at)
        case events.Stopped() | events.SupplementExpired():
            after = _ended(dossier, DossierStage.STOPPED, at)
        case events.Corrected():
            return _corrected(dossier, event)
        case events.Voided():
            after = replace(_resumed(dossier, at), stage=DossierStage.VOIDED)
        case events.Rated(rating=rating) if dossier.rated_at is None or at >= dossier.rated_at:
            after = replace(dossier, rated_at=at, rating=rating)
        case _:
            after = dossier
    return Folded(dossier=after)


def _met(dossier: Dossier, event: Event) -> Folded:
    """What becomes of an event that does not follow: the work of a device that did not know of another's.

    A result wins over work in progress, and one that is recorded after it was handed over completes it; what
    contradicts waits for a person; any other progress has been overtaken.
    """
    stage, resumed = dossier.stage, _resumed(dossier, event.happened_at)
    match event.payload:
        case events.Delivered() if stage in OPEN:
            after = _delivered(resumed, event)
        case events.Resolved() if stage in OPEN:
            after = replace(_resolved(resumed, event), stage=DossierStage.RESOLVED)
        case events.Resolved() if stage is DossierStage.DELIVERED and dossier.result_kind is None:
            after = _resolved(dossier, event)
        case payload:
            verdict = VerdictKind.CONFLICT if _contradicts(dossier, payload) else VerdictKind.MERGED
            return Folded(dossier=dossier, verdict=verdict, has_effect=False)
    return Folded(dossier=after, verdict=VerdictKind.MERGED)


_OPENS = {
    events.Registered: DossierStage.REGISTERED,
    events.Received: DossierStage.RECEIVED,
    events.RefusedAtDesk: DossierStage.NOT_ACCEPTED,
}

_ENDS: dict[type[Payload], DossierStage] = {
    events.RefusedAtDesk: DossierStage.NOT_ACCEPTED,
    events.Delivered: DossierStage.DELIVERED,
    events.Withdrawn: DossierStage.WITHDRAWN,
    events.SentBack: DossierStage.SENT_BACK,
    events.Stopped: DossierStage.STOPPED,
    events.SupplementExpired: DossierStage.STOPPED,
}


def _was_filed_online(dossier: Dossier) -> bool:
    """Whether two devices may both have accepted it, each by an entry of its own."""
    return bool(dossier.stated_by) or dossier.stage in (DossierStage.REGISTERED, DossierStage.VOIDED)


def _contradicts(dossier: Dossier, payload: Payload) -> bool:
    """Whether an event says other than what stands; nothing speaks against a dossier that was voided."""
    stage = dossier.stage
    if stage is DossierStage.VOIDED:
        return False
    match payload:
        # The citizen holds two slips, with two codes.
        case events.Received():
            return True
        case events.Resolved(result_kind=result_kind):
            return result_kind is not dossier.result_kind
        # It was stopped because they had not come.
        case events.SupplementReceived():
            return stage is DossierStage.STOPPED
        case _:
            return _ENDS.get(type(payload), stage) is not stage


def _waiting(dossier: Dossier, stage: DossierStage, kind: WaitKind, at: datetime) -> Dossier:
    return replace(dossier, stage=stage, timeline=(*dossier.timeline, Wait(kind=kind, since=at)))


def _resumed(dossier: Dossier, at: datetime) -> Dossier:
    """The dossier with its open wait ended; a wait never ends before it began."""
    timeline = tuple(
        replace(each, until=max(at, each.since)) if isinstance(each, Wait) and each.until is None else each
        for each in dossier.timeline
    )
    return replace(dossier, timeline=timeline)


def _changed(dossier: Dossier, event: Event, *names: str) -> Dossier:
    """The dossier with a note of which entry's values stand."""
    return replace(dossier, origins=dict(dossier.origins) | dict.fromkeys(names, str(event.header.id)))


def _extended(dossier: Dossier, event: Event) -> Folded:
    """The appointment moved, unless another one stands than that which the header's `base` names."""
    payload = event.payload
    assert isinstance(payload, events.Extended)
    standing = dossier.base_of(["due_on"])["due_on"]
    if event.header.base.get("due_on", standing) != standing:
        return Folded(dossier=dossier, verdict=VerdictKind.CONFLICT, has_effect=False)
    moved = DueSet(at=event.happened_at, due_on=payload.due_on, is_extension=True)
    return Folded(dossier=_changed(replace(dossier, timeline=(*dossier.timeline, moved)), event, "due_on"))


def _resolved(dossier: Dossier, event: Event) -> Dossier:
    """The dossier with its result, which was there at the latest when it was handed over."""
    payload, at = event.payload, event.happened_at
    assert isinstance(payload, events.Resolved)
    ready_at = min(at, dossier.delivered_at or at)
    return replace(
        dossier,
        resolved_at=dossier.resolved_at if "resolved_at" in dossier.origins else ready_at,
        result_kind=payload.result_kind,
        on_the_spot=payload.on_the_spot,
    )


def _delivered(dossier: Dossier, event: Event) -> Dossier:
    """The dossier handed over; a result that nobody has recorded was there by then, and its kind is not known."""
    payload, at = event.payload, event.happened_at
    assert isinstance(payload, events.Delivered)
    return replace(
        dossier,
        stage=DossierStage.DELIVERED,
        resolved_at=min(at, dossier.resolved_at or at),
        delivered_at=at,
        delivered_by=payload.delivered_by,
    )


def _ended(dossier: Dossier, stage: DossierStage, at: datetime) -> Dossier:
    return replace(_resumed(dossier, at), stage=stage, closed_at=at)


def _corrected(dossier: Dossier, event: Event) -> Folded:
    """Field by field: a value is replaced if it is there, and the one that the correction speaks of."""
    payload = event.payload
    assert isinstance(payload, events.Corrected)
    standing = dossier.base_of(payload.changes.keys() - unreached_fields(dossier))
    taken = frozenset(name for name, entry in standing.items() if event.header.base.get(name, dossier.id) == entry)
    values = {name: _SLIM[name](payload.changes[name]) for name in taken & set(_SLIM)}
    timeline = dossier.timeline
    if "due_on" in taken:
        timeline = (*timeline, DueSet(at=event.happened_at, due_on=date.fromisoformat(payload.changes["due_on"])))
    if "payment_status" in taken:
        is_paid = payload.changes["payment_status"] == PaymentStatus.PAID
        values["paid_at"] = (dossier.paid_at or event.happened_at) if is_paid else None
    after = _changed(replace(dossier, **values, timeline=timeline), event, *taken)
    verdict = VerdictKind.APPLIED if taken == frozenset(payload.changes) else VerdictKind.CONFLICT
    return Folded(dossier=after, verdict=verdict, has_effect=bool(taken), fields=taken)


def _seen(folded: Folded, event: Event) -> Folded:
    dossier = folded.dossier
    seen = dict(dossier.seen) | {_source(dossier, event): event.header.sequence}
    return replace(folded, dossier=replace(dossier, seen=seen))


def _source(dossier: Dossier, event: Event) -> str:
    """Whose entries come in their own order: a device's by the id, and those it wrote by the code before it knew it."""
    header = event.header
    device = f"{header.slot}.{header.epoch}"
    return device if header.subject == dossier.id else f"{device} {header.subject}"


_SLIM: dict[str, Any] = {
    "procedure_code": str,
    "channel": Channel,
    "out_of_area": bool,
    "filed_by_clerk": bool,
    "received_at": parse_instant,
    "resolved_at": parse_instant,
    "delivered_at": parse_instant,
    "result_kind": ResultKind,
    "delivered_by": DeliveryMethod,
    "payment_method": lambda method: PaymentMethod(method) if method else None,
}
"""Fields of a correction that a dossier holds without personal data, and how their JSON is read."""
