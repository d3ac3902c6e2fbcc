"""Dossiers at a desk on their way: what happens to them, with what a test does not care about filled in."""

from datetime import date, datetime, time
from typing import Any

from desk_client.desk import Desk
from desk_client.services.lifecycle import record_step
from desk_client.services.recording import record_reception
from sync_protocol.dossiers import Dossier
from sync_protocol.events import (
    Delivered,
    Extended,
    Forwarded,
    PaymentRequested,
    Resolved,
    Step,
    SupplementRequested,
)
from sync_protocol.instants import local_instant
from sync_protocol.vocabulary import DeliveryMethod, ResultKind
from tests.factories import NOW, reception

CLERK = "an.nv"
RESOLVED = Resolved(result_kind=ResultKind.GRANTED)
DELIVERED = Delivered(delivered_to="Nguyễn Thị Hường", delivered_by=DeliveryMethod.COUNTER)
FORWARDED = Forwarded(case_officer="Lê Văn Tịnh")
PAPERS_ASKED_FOR = SupplementRequested(papers="Sổ hộ khẩu", reason="Thiếu bản sao sổ hộ khẩu")
PAYMENT_ASKED_FOR = PaymentRequested(amount_vnd=50_000)
EXTENDED = Extended(reason="Cần xác minh", due_on=date(2021, 10, 12))


def received(desk: Desk, *, on: date | None = None, at: datetime = NOW, **overrides: Any) -> Dossier:
    """Receives a dossier at an instant, or at 08:00 of a local day."""
    received_at = local_instant(on, time(8)) if on else at
    return record_reception(desk, reception(**overrides), received_at=received_at, clerk=CLERK).dossier


def after(desk: Desk, dossier: Dossier, *steps: Step, at: datetime = NOW) -> Dossier:
    """The dossier after some steps, all at one instant."""
    for step in steps:
        dossier = record_step(desk, dossier.id, step, happened_at=at, clerk=CLERK).dossier
    return dossier
