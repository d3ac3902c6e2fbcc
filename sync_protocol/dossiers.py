"""A dossier as its events make it: what is known of it, how it is kept, and in which day it counts.

Source of the stages: those of deployed one-stop software.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any

import orjson

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import local_date, parse_instant
from sync_protocol.values import value
from sync_protocol.vocabulary import (
    Channel,
    DeliveryMethod,
    DossierStage,
    PaymentMethod,
    ProcedureCode,
    Rating,
    ResultKind,
    Source,
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

NOT_ENDED = UNCOUNTED | OPEN
"""Stages in which a dossier was not closed in any day."""

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


@value
class Dossier:
    """A dossier as its events make it, without personal data; `id` is that of the entry that opened it.

    arrived_at   when it was first forwarded; the limit of an out-of-area dossier runs from there
    timeline     what held or moved its appointment, in the order of the events
    result_kind  None also where a result was handed over that nobody has recorded
    closed_at    when it ended without a result
    paid_at      when its payment was noted; None where none was, or what stands is that it is owed or given back
    rating       the citizen's answer that was given last, at `rated_at`
    stated_by    id of the entry that accepted or refused a dossier filed online; "" where `id` opened and states it
    origins      per field that was changed since, the id of the entry whose value stands
    seen         per device and epoch (``slot.epoch``), the last sequence folded in after the opening; what was
                 recorded by the code, before the dossier was known, has a count of its own (``slot.epoch code``)
    settled      ids of entries that contradicted what stood, and of which a person has settled that
    is_erased    its contents are gone by law; from then on only the centre's own decisions change it
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
    paid_at: datetime | None = None
    payment_method: PaymentMethod | None = None
    rated_at: datetime | None = None
    rating: Rating | None = None
    stated_by: str = ""
    origins: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[str, int] = field(default_factory=dict)
    settled: tuple[str, ...] = ()
    is_erased: bool = False

    @property
    def received_on(self) -> date:
        """The local day in which it is counted."""
        return local_date(self.received_at)

    @property
    def counted_on(self) -> date | None:
        """The day in which it is counted, None where it counts nowhere."""
        return None if self.stage in UNCOUNTED else self.received_on

    @property
    def ended_on(self) -> date | None:
        """The local day in which it was closed, by its result or without one; None while it is open or counts nowhere.

        Whatever clocks and corrections say, it is closed at the earliest on the day on which it was received.
        """
        if self.stage in NOT_ENDED:
            return None
        ended_at = self.closed_at if self.stage in CLOSED_OTHERWISE else self.resolved_at
        return max(self.received_on, local_date(ended_at or self.received_at))

    @property
    def delivered_on(self) -> date | None:
        """The local day in which its result was handed over; None before, or where it counts nowhere."""
        return self._on(self.delivered_at) if self.stage is DossierStage.DELIVERED else None

    @property
    def paid_on(self) -> date | None:
        """The local day in which its payment was noted; None where none stands, or it counts nowhere."""
        return self._on(self.paid_at)

    @property
    def rated_on(self) -> date | None:
        """The local day of the citizen's last answer; None without one, or where it counts nowhere."""
        return self._on(self.rated_at)

    @property
    def is_supplemented(self) -> bool:
        """Whether papers were ever asked for after its reception."""
        return any(isinstance(each, Wait) and each.kind is WaitKind.SUPPLEMENT for each in self.timeline)

    def _on(self, at: datetime | None) -> date | None:
        """The local day in which something that happened to it counts: at the earliest that of its reception."""
        return None if at is None or self.stage in UNCOUNTED else max(self.received_on, local_date(at))

    @property
    def wait(self) -> Wait | None:
        """What it waits for now, None while its clock runs."""
        return next((each for each in self.timeline if isinstance(each, Wait) and each.until is None), None)

    def base_of(self, fields: Iterable[str]) -> dict[str, str]:
        """Per field, the id of the entry whose value a correction or an extension would replace."""
        return {name: self.origins.get(name, self.stated_by or self.id) for name in fields}


def counted_change(before: Dossier | None, after: Dossier) -> tuple[date | None, date | None]:
    """The day that gains a dossier and the day that loses one by a step, None where none does."""
    gains, loses = after.counted_on, before.counted_on if before else None
    return (None, None) if gains == loses else (gains, loses)


def meant_by_code(dossiers: Iterable[Dossier]) -> Dossier:
    """Which of those under one code an entry means that names it: the first recorded that has not been voided.

    Two machines give one code where a disk was copied.
    """
    return min(dossiers, key=lambda each: (each.stage is DossierStage.VOIDED, each.recorded_at, each.id))


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


def state_content(dossier: Dossier) -> dict[str, Any]:
    """`state_bytes` as JSON content, to stand within another document."""
    content: dict[str, Any] = orjson.loads(state_bytes(dossier))
    return content


def state_of(content: Mapping[str, Any]) -> Dossier:
    """The dossier of `state_content`; raises TypeError, ValueError or KeyError for anything else."""
    return read_state(orjson.dumps(dict(content)))


def _defaults(kind: type[Any]) -> dict[str, Any]:
    """Per field, its default; MISSING where it has none."""
    return {
        each.name: each.default if each.default_factory is MISSING else each.default_factory() for each in fields(kind)
    }


_DEFAULTS = {kind: _defaults(kind) for kind in (Dossier, Wait, DueSet)}
_HELD = {kind: attrgetter(*defaults) for kind, defaults in _DEFAULTS.items()}


def _stated(value: Dossier | Wait | DueSet) -> dict[str, Any]:
    """The fields that are not at their default."""
    defaults, held = _DEFAULTS[type(value)], _HELD[type(value)](value)
    return {
        name: said
        for (name, default), said in zip(defaults.items(), held, strict=True)
        # Most are the default itself, which is seen at once.
        if said is not default and said != default
    }


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
    "paid_at": parse_instant,
    "payment_method": PaymentMethod,
    "rated_at": parse_instant,
    "rating": Rating,
    "settled": tuple,
    "timeline": lambda parts: tuple(map(_part, parts)),
}
