"""Folding events into a dossier: one set of rules for both ends.

`check_follows` is asked before an event is sealed and refuses what does not follow. `fold` takes what was sealed, in
the order of the ledger, and never refuses it: two devices of a desk that did not know of each other may both be right.
Source of the stages and of what may follow them: the states of deployed one-stop software, NĐ 61/2018 Đ.15 and Đ.19.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import orjson

from sync_protocol import events
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Event, Opening, Payload, Step
from sync_protocol.instants import local_date, parse_instant
from sync_protocol.vocabulary import (
    Channel,
    DeliveryMethod,
    DossierStage,
    ProcedureCode,
    ResultKind,
    Source,
    VerdictKind,
    WaitKind,
)

OPEN = frozenset(
    {
        DossierStage.RECEIVED,
        DossierStage.PROCESSING,
        DossierStage.AWAITING_SUPPLEMENT,
        DossierStage.AWAITING_PAYMENT,
    }
)
"""Stages in which a result is owed."""

CLOSED_OTHERWISE = frozenset({DossierStage.WITHDRAWN, DossierStage.SENT_BACK, DossierStage.STOPPED})
"""Stages that end a dossier without a result."""

UNCOUNTED = frozenset({DossierStage.REGISTERED, DossierStage.NOT_ACCEPTED, DossierStage.VOIDED})
"""Stages in which a dossier counts nowhere."""

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

STAGE_WORDS = {
    DossierStage.REGISTERED: N_("filed online, not yet accepted"),
    DossierStage.RECEIVED: N_("received"),
    DossierStage.NOT_ACCEPTED: N_("not accepted"),
    DossierStage.PROCESSING: N_("in process"),
    DossierStage.AWAITING_SUPPLEMENT: N_("waiting for missing papers"),
    DossierStage.AWAITING_PAYMENT: N_("waiting for a payment"),
    DossierStage.WITHDRAWN: N_("withdrawn by the applicant"),
    DossierStage.STOPPED: N_("stopped"),
    DossierStage.SENT_BACK: N_("sent back"),
    DossierStage.RESOLVED: N_("resolved, the result is ready"),
    DossierStage.DELIVERED: N_("handed over"),
    DossierStage.VOIDED: N_("taken out of every count"),
}


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


class UnknownDossier(FieldSyncError):
    """An event speaks of a dossier that is not here."""

    code = "unknown_dossier"
    text = N_("The dossier %(dossier)s is not known here. Nothing was changed. Check its code.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The clock is held: since when, until when (None: still held), and for what."""

    kind: WaitKind
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSet:
    """An appointment that a person named: by an extension, a correction, or the old slip of a dossier taken over."""

    at: datetime
    due_on: date
    is_extension: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A dossier as its events make it, without personal data; `id` is that of the entry that opened it.

    out_of_area, arrived_at  the limit of an out-of-area dossier runs from its arrival at the competent unit
    timeline                 what held or moved its appointment, in the order of the events
    closed_at                when it ended without a result
    origins                  per corrected field, the id of the entry whose value stands
    seen                     per device and epoch (``slot.epoch``), the last sequence folded in: replays change nothing
    """

    id: str
    dossier_code: str
    procedure_code: ProcedureCode
    channel: Channel
    stage: DossierStage
    received_at: datetime
    recorded_at: datetime
    received_by: str
    slip_code: str = ""
    source: Source = Source.DESK
    out_of_area: bool = False
    filed_by_clerk: bool = False
    arrived_at: datetime | None = None
    timeline: tuple[Wait | DueSet, ...] = ()
    result_kind: ResultKind | None = None
    on_the_spot: bool = False
    resolved_at: datetime | None = None
    delivered_at: datetime | None = None
    delivered_by: DeliveryMethod | None = None
    closed_at: datetime | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[str, int] = field(default_factory=dict)

    @property
    def received_on(self) -> date:
        """The local day in which it is counted."""
        return local_date(self.received_at)

    @property
    def counted_on(self) -> date | None:
        """The day in which it is counted, None where it counts nowhere."""
        return None if self.stage in UNCOUNTED else self.received_on

    @property
    def wait(self) -> Wait | None:
        """What it waits for now, None while its clock runs."""
        return next((each for each in self.timeline if isinstance(each, Wait) and each.until is None), None)

    def base_of(self, fields: Mapping[str, Any]) -> dict[str, str]:
        """Per field, the id of the entry whose value a correction would replace."""
        return {name: self.origins.get(name, self.id) for name in fields}


@dataclass(frozen=True, slots=True, kw_only=True)
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


def possible_steps(dossier: Dossier) -> tuple[type[Payload], ...]:
    """The kinds of events that may follow now, in the order of a dossier's life."""
    return tuple(kind for kind, stages in FOLLOWS.items() if dossier.stage in stages)


def check_follows(
    dossier: Dossier, payload: Step | Opening, happened_at: datetime, *, supplements_most: int, extensions_most: int
) -> None:
    """Whether an event may be sealed about a dossier; raises IllegalTransition, AlreadyAsked or OutOfOrder.

    supplements_most, extensions_most  how often papers may be asked for and the appointment moved; settings, since the
    rules differ by decree. A time is compared to the minute, since people give minutes.
    """
    if dossier.stage not in FOLLOWS[type(payload)]:
        raise _illegal(dossier)
    asked = sum(isinstance(each, Wait) and each.kind is WaitKind.SUPPLEMENT for each in dossier.timeline)
    if isinstance(payload, events.SupplementRequested) and asked >= supplements_most:
        raise AlreadyAsked(most=supplements_most)
    extended = sum(isinstance(each, DueSet) and each.is_extension for each in dossier.timeline)
    if isinstance(payload, events.Extended) and extended >= extensions_most:
        raise AlreadyAsked(most=extensions_most)
    earliest = _earliest(dossier, payload)
    if happened_at < earliest.replace(second=0, microsecond=0):
        raise OutOfOrder(earliest=earliest)


def fold(dossier: Dossier | None, event: Event) -> Folded:
    """The dossier after an event about it, in ledger order.

    Raises UnknownDossier where there is none yet, IllegalTransition where a second one is opened under one id or where
    the event is about no dossier. An event that was folded in before changes nothing.
    """
    payload = event.payload
    if dossier and event.header.sequence <= dossier.seen.get(_device(event), 0):
        return Folded(dossier=dossier, verdict=VerdictKind.MERGED, has_effect=False)
    if isinstance(payload, Opening):
        return _seen(_opened(dossier, event), event)
    if dossier is None:
        raise UnknownDossier(dossier=event.header.subject)
    if not isinstance(payload, Step):
        raise _illegal(dossier)
    if dossier.stage in FOLLOWS[type(payload)]:
        return _seen(_applied(dossier, event), event)
    return _seen(_met(dossier, event), event)


def counted_change(before: Dossier | None, after: Dossier) -> tuple[date | None, date | None]:
    """The day that gains a dossier and the day that loses one by a step, None where none does."""
    gains, loses = after.counted_on, before.counted_on if before else None
    return (None, None) if gains == loses else (gains, loses)


def state_bytes(dossier: Dossier) -> bytes:
    """A dossier as JSON, the form in which either end keeps it beside the columns that it asks by."""
    return orjson.dumps(dossier)


def read_state(raw: bytes) -> Dossier:
    """The dossier of `state_bytes`; fields that an older program did not write are at their defaults."""
    held = orjson.loads(raw)
    readers = {name: read for name, read in _READERS.items() if held.get(name) is not None}
    return Dossier(**held | {name: read(held[name]) for name, read in readers.items()})


def _opened(dossier: Dossier | None, event: Event) -> Folded:
    payload = event.payload
    assert isinstance(payload, Opening)
    if dossier is not None and dossier.stage not in FOLLOWS.get(type(payload), frozenset()):
        raise _illegal(dossier)
    is_received = isinstance(payload, events.Received)
    opened = Dossier(
        id=dossier.id if dossier else str(event.header.id),
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
        seen=dossier.seen if dossier else {},
    )
    return Folded(dossier=opened)


def _applied(dossier: Dossier, event: Event) -> Folded:
    """The dossier after an event that follows from where it stands."""
    at = event.happened_at
    match event.payload:
        case events.Forwarded():
            arrived_at = dossier.arrived_at or (at if dossier.out_of_area else None)
            after = replace(dossier, stage=DossierStage.PROCESSING, arrived_at=arrived_at)
        case events.SupplementRequested():
            after = _waiting(dossier, DossierStage.AWAITING_SUPPLEMENT, WaitKind.SUPPLEMENT, at)
        case events.PaymentRequested():
            after = _waiting(dossier, DossierStage.AWAITING_PAYMENT, WaitKind.PAYMENT, at)
        case events.SupplementReceived() | events.PaymentDone():
            after = replace(_resumed(dossier, at), stage=DossierStage.PROCESSING)
        case events.Extended(due_on=due_on):
            moved = DueSet(at=at, due_on=due_on, is_extension=True)
            after = replace(dossier, timeline=(*dossier.timeline, moved))
        case events.Resolved(result_kind=result_kind, on_the_spot=on_the_spot):
            after = replace(
                dossier,
                stage=DossierStage.RESOLVED,
                resolved_at=at,
                result_kind=result_kind,
                on_the_spot=on_the_spot,
            )
        case events.Delivered(delivered_by=delivered_by):
            after = _delivered(dossier, at, delivered_by)
        case events.Withdrawn():
            after = _ended(dossier, DossierStage.WITHDRAWN, at)
        case events.SentBack():
            after = _ended(dossier, DossierStage.SENT_BACK, at)
        case events.Stopped() | events.SupplementExpired():
            after = _ended(dossier, DossierStage.STOPPED, at)
        case events.Corrected():
            return _corrected(dossier, event)
        case events.Voided():
            after = replace(dossier, stage=DossierStage.VOIDED)
        case _:
            after = dossier
    return Folded(dossier=after)


def _met(dossier: Dossier, event: Event) -> Folded:
    """What becomes of an event that does not follow: the work of a device that did not know of another's.

    A result handed over wins over work in progress; two different ends contradict each other and wait for a person;
    any other progress has been overtaken. Nothing speaks against a dossier that was voided.
    """
    payload, stage = event.payload, dossier.stage
    if isinstance(payload, events.Delivered) and stage in OPEN:
        resumed = _resumed(dossier, event.happened_at)
        return Folded(dossier=_delivered(resumed, event.happened_at, payload.delivered_by), verdict=VerdictKind.MERGED)
    is_end = isinstance(payload, tuple(_ENDS))
    is_contradiction = is_end and stage is not DossierStage.VOIDED and not _is_same_end(dossier, payload)
    verdict = VerdictKind.CONFLICT if is_contradiction else VerdictKind.MERGED
    return Folded(dossier=dossier, verdict=verdict, has_effect=False)


_OPENS = {
    events.Registered: DossierStage.REGISTERED,
    events.Received: DossierStage.RECEIVED,
    events.RefusedAtDesk: DossierStage.NOT_ACCEPTED,
}

_ENDS: dict[type[Payload], DossierStage] = {
    events.Resolved: DossierStage.RESOLVED,
    events.Delivered: DossierStage.DELIVERED,
    events.Withdrawn: DossierStage.WITHDRAWN,
    events.SentBack: DossierStage.SENT_BACK,
    events.Stopped: DossierStage.STOPPED,
    events.SupplementExpired: DossierStage.STOPPED,
}


def _is_same_end(dossier: Dossier, payload: Payload) -> bool:
    """Whether an end says what stands already, so that nobody has to settle anything."""
    if isinstance(payload, events.Resolved):
        return payload.result_kind == dossier.result_kind
    return dossier.stage is _ENDS[type(payload)]


def _waiting(dossier: Dossier, stage: DossierStage, kind: WaitKind, at: datetime) -> Dossier:
    return replace(dossier, stage=stage, timeline=(*dossier.timeline, Wait(kind=kind, since=at)))


def _resumed(dossier: Dossier, at: datetime) -> Dossier:
    """The dossier with its open wait ended; a wait never ends before it began."""
    timeline = tuple(
        replace(each, until=max(at, each.since)) if isinstance(each, Wait) and each.until is None else each
        for each in dossier.timeline
    )
    return replace(dossier, timeline=timeline)


def _delivered(dossier: Dossier, at: datetime, delivered_by: DeliveryMethod) -> Dossier:
    return replace(
        dossier,
        stage=DossierStage.DELIVERED,
        resolved_at=dossier.resolved_at or at,
        result_kind=dossier.result_kind or ResultKind.GRANTED,
        delivered_at=at,
        delivered_by=delivered_by,
    )


def _ended(dossier: Dossier, stage: DossierStage, at: datetime) -> Dossier:
    return replace(_resumed(dossier, at), stage=stage, closed_at=at)


def _corrected(dossier: Dossier, event: Event) -> Folded:
    """Field by field: a value is replaced if it is the one that the correction speaks of."""
    payload = event.payload
    assert isinstance(payload, events.Corrected)
    standing = dossier.base_of(payload.changes)
    taken = frozenset(name for name in payload.changes if event.header.base.get(name, dossier.id) == standing[name])
    values = {name: _SLIM[name](payload.changes[name]) for name in taken & set(_SLIM)}
    timeline = dossier.timeline
    if payload.changes.get("due_on") and "due_on" in taken:
        timeline = (*timeline, DueSet(at=event.happened_at, due_on=date.fromisoformat(payload.changes["due_on"])))
    origins = dict(dossier.origins) | dict.fromkeys(taken, str(event.header.id))
    after = replace(dossier, **values, timeline=timeline, origins=origins)
    verdict = VerdictKind.APPLIED if taken == frozenset(payload.changes) else VerdictKind.CONFLICT
    return Folded(dossier=after, verdict=verdict, has_effect=bool(taken), fields=taken)


def _earliest(dossier: Dossier, payload: Step | Opening) -> datetime:
    """Before which an event cannot have happened."""
    if isinstance(payload, events.Delivered) and dossier.resolved_at:
        return dossier.resolved_at
    waiting = dossier.wait
    if waiting and isinstance(payload, events.SupplementReceived | events.SupplementExpired | events.PaymentDone):
        return waiting.since
    if isinstance(payload, events.Corrected | events.Voided | events.Rated | events.Printed):
        return min(dossier.received_at, dossier.recorded_at)
    return dossier.received_at


def _seen(folded: Folded, event: Event) -> Folded:
    seen = dict(folded.dossier.seen) | {_device(event): event.header.sequence}
    return replace(folded, dossier=replace(folded.dossier, seen=seen))


def _device(event: Event) -> str:
    return f"{event.header.slot}.{event.header.epoch}"


def _illegal(dossier: Dossier) -> IllegalTransition:
    possible = [STEP_WORDS[kind] for kind in possible_steps(dossier)]
    return IllegalTransition(stage=STAGE_WORDS[dossier.stage], possible=possible)


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
}
"""Fields of a correction that a dossier holds without personal data, and how their JSON is read."""


def _part(held: Mapping[str, Any]) -> Wait | DueSet:
    if "due_on" in held:
        return DueSet(
            at=parse_instant(held["at"]),
            due_on=date.fromisoformat(held["due_on"]),
            is_extension=held["is_extension"],
        )
    until = parse_instant(held["until"]) if held["until"] else None
    return Wait(kind=WaitKind(held["kind"]), since=parse_instant(held["since"]), until=until)


_READERS: dict[str, Any] = {
    "channel": Channel,
    "stage": DossierStage,
    "source": Source,
    "result_kind": ResultKind,
    "delivered_by": DeliveryMethod,
    "received_at": parse_instant,
    "recorded_at": parse_instant,
    "arrived_at": parse_instant,
    "resolved_at": parse_instant,
    "delivered_at": parse_instant,
    "closed_at": parse_instant,
    "timeline": lambda parts: tuple(map(_part, parts)),
}
