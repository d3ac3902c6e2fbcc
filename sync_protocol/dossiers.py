"""Folding events into a dossier: one set of rules for both ends.

`check_follows` is asked before an event is sealed and refuses what does not follow. `fold` takes what was sealed, in
the order of the ledger, and never refuses it: two devices of a desk that did not know of each other may both be right.
Source of the stages and of what may follow them: the states of deployed one-stop software, NĐ 61/2018 Đ.15 and Đ.19.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

import orjson

from sync_protocol import events
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Acceptance, Event, Opening, Payload, Step
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


class NoResultYet(FieldSyncError):
    """A correction of what the dossier does not have yet: its result, or its hand-over."""

    code = "no_result_yet"
    text = N_(
        "This is not known of the dossier yet, so it cannot be corrected. Nothing was saved;"
        " note the result or the hand-over first."
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

    arrived_at   when it was first forwarded; the limit of an out-of-area dossier runs from there
    timeline     what held or moved its appointment, in the order of the events
    result_kind  None also where a result was handed over that nobody has recorded
    closed_at    when it ended without a result
    stated_by    id of the entry that accepted or refused a dossier filed online; "" where `id` opened and states it
    origins      per field that was changed since, the id of the entry whose value stands
    seen         per device and epoch (``slot.epoch``), the last sequence folded in after the opening; what was
                 recorded by the code, before the dossier was known, has a count of its own (``slot.epoch code``)
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
    stated_by: str = ""
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

    def base_of(self, fields: Iterable[str]) -> dict[str, str]:
        """Per field, the id of the entry whose value a correction or an extension would replace."""
        return {name: self.origins.get(name, self.stated_by or self.id) for name in fields}


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
    """Whether an event may be sealed; raises IllegalTransition, AlreadyAsked, OutOfOrder or NoResultYet.

    supplements_most, extensions_most  how often papers may be asked for and the appointment moved; settings, since the
    rules differ by decree. A time is compared to the minute, since people give minutes.
    """
    if dossier.stage not in FOLLOWS.get(type(payload), ()):
        raise _illegal(dossier)
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


def fold(dossier: Dossier | None, event: Event) -> Folded:
    """The dossier after an event about it, in ledger order.

    Raises UnknownDossier where there is none yet, IllegalTransition where a second one is opened under one id or where
    the event is about no dossier. An event that was folded in before changes nothing.
    """
    payload, header = event.payload, event.header
    if dossier is None:
        if not isinstance(payload, Opening) or header.subject != str(header.id):
            raise UnknownDossier(dossier=header.subject)
        return Folded(dossier=_opened(event))
    if str(header.id) == dossier.id or header.sequence <= dossier.seen.get(_source(dossier, event), 0):
        return Folded(dossier=dossier, verdict=VerdictKind.MERGED, has_effect=False)
    if not isinstance(payload, Step) and not (isinstance(payload, Acceptance) and _was_filed_online(dossier)):
        raise _illegal(dossier)
    follows = dossier.stage in FOLLOWS[type(payload)]
    return _seen(_applied(dossier, event) if follows else _met(dossier, event), event)


def counted_change(before: Dossier | None, after: Dossier) -> tuple[date | None, date | None]:
    """The day that gains a dossier and the day that loses one by a step, None where none does."""
    gains, loses = after.counted_on, before.counted_on if before else None
    return (None, None) if gains == loses else (gains, loses)


def state_bytes(dossier: Dossier) -> bytes:
    """A dossier as JSON without what is at its default, as either end keeps it beside the columns that it asks by."""
    option = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_UTC_Z | orjson.OPT_SORT_KEYS
    return orjson.dumps(_stated(dossier), default=_stated, option=option)


def read_state(raw: bytes) -> Dossier:
    """The dossier of `state_bytes`; what is not there is at its default, what this program does not know is left."""
    held = {
        name: value for name, value in orjson.loads(raw).items() if name in _DEFAULTS[Dossier] and value is not None
    }
    return Dossier(**held | {name: read(held[name]) for name, read in _READERS.items() if name in held})


def _opened(event: Event) -> Dossier:
    payload = event.payload
    assert isinstance(payload, Opening)
    is_received = isinstance(payload, events.Received)
    return Dossier(
        id=str(event.header.id),
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
    )


def _applied(dossier: Dossier, event: Event) -> Folded:
    """The dossier after an event that follows from where it stands."""
    at = event.happened_at
    match event.payload:
        case events.Received() | events.RefusedAtDesk():
            after = replace(_opened(event), id=dossier.id, stated_by=str(event.header.id), seen=dossier.seen)
        case events.Forwarded():
            after = replace(dossier, stage=DossierStage.PROCESSING, arrived_at=dossier.arrived_at or at)
        case events.SupplementRequested():
            after = _waiting(dossier, DossierStage.AWAITING_SUPPLEMENT, WaitKind.SUPPLEMENT, at)
        case events.SupplementReceived():
            after = replace(_resumed(dossier, at), stage=DossierStage.PROCESSING)
        case events.PaymentRequested():
            waiting = _waiting(dossier, DossierStage.AWAITING_PAYMENT, WaitKind.PAYMENT, at)
            after = _changed(waiting, event, "fee_amount_vnd", "payment_status")
        case events.PaymentDone():
            resumed = replace(_resumed(dossier, at), stage=DossierStage.PROCESSING)
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
    standing = dossier.base_of(payload.changes.keys() - _unreached(dossier))
    taken = frozenset(name for name, entry in standing.items() if event.header.base.get(name, dossier.id) == entry)
    values = {name: _SLIM[name](payload.changes[name]) for name in taken & set(_SLIM)}
    timeline = dossier.timeline
    if "due_on" in taken:
        timeline = (*timeline, DueSet(at=event.happened_at, due_on=date.fromisoformat(payload.changes["due_on"])))
    after = _changed(replace(dossier, **values, timeline=timeline), event, *taken)
    verdict = VerdictKind.APPLIED if taken == frozenset(payload.changes) else VerdictKind.CONFLICT
    return Folded(dossier=after, verdict=verdict, has_effect=bool(taken), fields=taken)


def _unreached(dossier: Dossier) -> frozenset[str]:
    """Fields that the dossier does not have yet, so that there is nothing to correct."""
    result = frozenset() if dossier.resolved_at else RESULT_FIELDS
    return result if dossier.delivered_at else result | DELIVERY_FIELDS


def _check_changes(dossier: Dossier, changes: Mapping[str, Any]) -> None:
    """A correction is of what is there, and leaves reception, result and hand-over in their order."""
    if any(changes.get(name) for name in _unreached(dossier)):
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


def _seen(folded: Folded, event: Event) -> Folded:
    dossier = folded.dossier
    seen = dict(dossier.seen) | {_source(dossier, event): event.header.sequence}
    return replace(folded, dossier=replace(dossier, seen=seen))


def _source(dossier: Dossier, event: Event) -> str:
    """Whose entries come in their own order: a device's by the id, and those it wrote by the code before it knew it."""
    header = event.header
    device = f"{header.slot}.{header.epoch}"
    return device if header.subject == dossier.id else f"{device} {header.subject}"


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


_MOMENTS = ("received_at", "resolved_at", "delivered_at")

RESULT_FIELDS = frozenset({"resolved_at", "result_kind", "result_number", "result_date", "signer"})
DELIVERY_FIELDS = frozenset({"delivered_at", "delivered_to", "delivered_by"})
"""Fields of a correction that a dossier has only once it is resolved, or handed over."""


def _defaults(kind: type[Any]) -> dict[str, Any]:
    """Per field, its default; MISSING where it has none."""
    return {
        each.name: each.default if each.default_factory is MISSING else each.default_factory() for each in fields(kind)
    }


_DEFAULTS = {kind: _defaults(kind) for kind in (Dossier, Wait, DueSet)}


def _stated(value: Dossier | Wait | DueSet) -> dict[str, Any]:
    """The fields that are not at their default."""
    defaults = _DEFAULTS[type(value)]
    return {name: held for name, default in defaults.items() if (held := getattr(value, name)) != default}


def _part(held: Mapping[str, Any]) -> Wait | DueSet:
    if "due_on" in held:
        return DueSet(
            at=parse_instant(held["at"]),
            due_on=date.fromisoformat(held["due_on"]),
            is_extension=held.get("is_extension", False),
        )
    until = parse_instant(held["until"]) if held.get("until") else None
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
