"""Folding events into a dossier: one set of rules for both ends."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Delivered, Event, Received, Resolved, Voided
from sync_protocol.instants import local_date
from sync_protocol.vocabulary import Channel, DossierStage, ProcedureCode


class IllegalTransition(FieldSyncError):
    """An event does not follow from where the dossier stands."""

    code = "illegal_transition"
    text = N_(
        "The dossier is %(stage)s, so this cannot be recorded. The dossier is unchanged. Possible now: %(possible)s."
    )


class UnknownDossier(FieldSyncError):
    """An event speaks of a dossier that is not here."""

    code = "unknown_dossier"
    text = N_("The dossier %(dossier)s is not known here. Nothing was changed. Check its code.")


POSSIBLE = {
    DossierStage.RECEIVED: (Resolved, Voided),
    DossierStage.RESOLVED: (Delivered, Voided),
    DossierStage.DELIVERED: (Voided,),
    DossierStage.VOIDED: (),
}
"""Which events may follow a stage; later rules widen this table."""

_VERBS = {Resolved: "resolve", Delivered: "deliver", Voided: "void"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A dossier as its events make it, without personal data; `id` is that of the entry that received it."""

    id: str
    dossier_code: str
    procedure_code: ProcedureCode
    channel: Channel
    stage: DossierStage
    received_at: datetime
    recorded_at: datetime
    received_by: str
    resolved_at: datetime | None = None
    delivered_at: datetime | None = None

    @property
    def received_on(self) -> date:
        """The local day in which it is counted."""
        return local_date(self.received_at)

    @property
    def counted_on(self) -> date | None:
        """The day in which it is counted, None for a voided one (domain rule: voided ones count nowhere)."""
        return None if self.stage is DossierStage.VOIDED else self.received_on


def fold(dossier: Dossier | None, event: Event) -> Dossier:
    """The dossier after an event about it; raises IllegalTransition or UnknownDossier."""
    if isinstance(event.payload, Received):
        return _opened(dossier, event)
    if dossier is None:
        raise UnknownDossier(dossier=event.header.subject)
    _check_follows(dossier, event)
    match event.payload:
        case Resolved():
            return replace(dossier, stage=DossierStage.RESOLVED, resolved_at=event.happened_at)
        case Delivered():
            return replace(dossier, stage=DossierStage.DELIVERED, delivered_at=event.happened_at)
        case _:
            return replace(dossier, stage=DossierStage.VOIDED)


def counted_change(before: Dossier | None, after: Dossier) -> tuple[date | None, date | None]:
    """The day that gains a dossier and the day that loses one by a step, None where none does."""
    gains, loses = after.counted_on, before.counted_on if before else None
    return (None, None) if gains == loses else (gains, loses)


def _opened(dossier: Dossier | None, event: Event) -> Dossier:
    assert isinstance(event.payload, Received)
    if dossier is not None:
        raise IllegalTransition(stage=dossier.stage.value, possible=_possible(dossier.stage))
    return Dossier(
        id=str(event.header.id),
        dossier_code=event.payload.dossier_code,
        procedure_code=event.payload.procedure_code,
        channel=event.payload.channel,
        stage=DossierStage.RECEIVED,
        received_at=event.happened_at,
        recorded_at=event.header.recorded_at,
        received_by=event.header.clerk,
    )


def _check_follows(dossier: Dossier, event: Event) -> None:
    if not isinstance(event.payload, POSSIBLE[dossier.stage]):
        raise IllegalTransition(stage=dossier.stage.value, possible=_possible(dossier.stage))


def _possible(stage: DossierStage) -> str:
    return ", ".join(_VERBS[kind] for kind in POSSIBLE[stage]) or "–"
