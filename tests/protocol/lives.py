"""Events of a dossier's life, for the tests of the protocol. All people here are invented."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sync_protocol.dossiers import Dossier
from sync_protocol.entries import Header
from sync_protocol.events import (
    Component,
    Corrected,
    Delivered,
    Event,
    Extended,
    Forwarded,
    Payload,
    PaymentDone,
    PaymentRequested,
    Printed,
    Rated,
    Received,
    RefusedAtDesk,
    Registered,
    Resolved,
    SentBack,
    Step,
    Stopped,
    SupplementExpired,
    SupplementReceived,
    SupplementRequested,
    Voided,
    Withdrawn,
)
from sync_protocol.folding import Folded, fold
from sync_protocol.schemas import KIND_VERSION, KINDS
from sync_protocol.vocabulary import (
    Channel,
    DeliveryMethod,
    IdType,
    OwnerType,
    PaperForm,
    PaymentMethod,
    Rating,
    RatingSource,
    RatingSubject,
    ResultKind,
)

RECEIVED_AT = datetime(2021, 10, 4, 1, 15, tzinfo=UTC)
"""Monday 4 October 2021, 08:15 local."""

RECORDED_AT = datetime(2021, 10, 4, 1, 16, tzinfo=UTC)
RECEPTION: dict[str, Any] = {
    "procedure_code": "1.004873",
    "submitter_name": "Nguyễn Thị Hường",
    "owner_name": "Đặng Văn Ước",
    "owner_type": OwnerType.CITIZEN,
    "channel": Channel.DIRECT,
    "delivery_method": DeliveryMethod.COUNTER,
    "set_count": 1,
    "summary": "Xác nhận để kết hôn",
    "authorisation": "Giấy ủy quyền số 12",
    "id_type": IdType.CCCD,
    "id_number": "026185900001",
    "phone": "0987000001",
    "email": "huong@example.vn",
    "address_text": "Thôn Đông, Xã Định Trung",
    "components": (Component(name="Tờ khai có chữ ký", originals=1),),
    "storage_location": "Kệ 3, hộp 12",
    "external_code": "000.00.11.H62-211004-0007",
}
RECEIVED = Received(dossier_code="H62.11.01-211004-0001", **RECEPTION)
REGISTERED = Registered(**RECEPTION)
REFUSED = RefusedAtDesk(reason="Sai thẩm quyền", **RECEPTION)
FORWARDED = Forwarded(case_officer="Lò Thị Ún", note="Chuyển tư pháp")
SUPPLEMENT_REQUESTED = SupplementRequested(papers="Giấy khai sinh của con", reason="Thiếu bản chính")
SUPPLEMENT_RECEIVED = SupplementReceived(note="Nộp đủ bản chính")
SUPPLEMENT_EXPIRED = SupplementExpired(expired_on=date(2021, 11, 4), reason="Không nộp bổ sung")
PAYMENT_REQUESTED = PaymentRequested(amount_vnd=15_000, reason="Lệ phí hộ tịch")
PAYMENT_DONE = PaymentDone(amount_vnd=15_000, payment_method=PaymentMethod.CASH)
EXTENDED = Extended(reason="Chờ xác minh nơi cư trú", due_on=date(2021, 10, 15))
RESOLVED = Resolved(result_kind=ResultKind.GRANTED, result_number="27/UBND-XN", signer="Phạm Văn Rồng")
REFUSED_AFTER_APPRAISAL = Resolved(result_kind=ResultKind.REFUSED_AFTER_APPRAISAL)
DELIVERED = Delivered(delivered_to="Đặng Thị Ngoan", delivered_by=DeliveryMethod.COUNTER, note="Con gái nhận")
WITHDRAWN = Withdrawn(reason="Đổi ý kiến")
SENT_BACK = SentBack(reason="Hồ sơ không hợp lệ")
STOPPED = Stopped(reason="Có tranh chấp")
VOIDED = Voided(reason="Nhập trùng")
RATED = Rated(
    rating=Rating.VERY_SATISFIED, subject=RatingSubject.SERVICE, source=RatingSource.SCREEN, scale_version="1"
)
PRINTED = Printed(form=PaperForm.RECEIPT, copy=1)


def corrected(**changes: Any) -> Corrected:
    """A correction of these fields, whose values are JSON."""
    return Corrected(changes=changes, reason="Gõ nhầm")


CORRECTED = corrected(owner_name="Đặng Văn Ướt")
STEPS: tuple[Step, ...] = (
    FORWARDED, SUPPLEMENT_REQUESTED, SUPPLEMENT_RECEIVED, SUPPLEMENT_EXPIRED, PAYMENT_REQUESTED, PAYMENT_DONE, EXTENDED,
    RESOLVED, REFUSED_AFTER_APPRAISAL, DELIVERED, WITHDRAWN, SENT_BACK, STOPPED, CORRECTED, VOIDED, RATED, PRINTED,
)  # fmt: skip
"""One of each kind of step, two of the kind that can end in two ways."""


def event(
    payload: Payload,
    at: datetime = RECEIVED_AT,
    *,
    sequence: int = 3,
    slot: int = 1,
    subject: str = "1.1.3",
    base: Mapping[str, str] | None = None,
) -> Event:
    """An event about the dossier 1.1.3, which the default sequence of the default device opens."""
    return Event(
        Header(
            slot=slot, epoch=1, sequence=sequence, kind=KINDS[type(payload)].value, version=KIND_VERSION,
            subject=subject, happened_at=at, recorded_at=RECORDED_AT, monotonic_ms=0, boot="b", offset_ms=0,
            clerk="an.nv", pack=2, base=base or {},
        ),
        payload,
    )  # fmt: skip


def after(*payloads: Payload, at: datetime = RECEIVED_AT, slot: int = 1) -> Dossier:
    """The dossier 1.1.3 after these events of one device, all at one time."""
    dossier: Dossier | None = None
    for sequence, payload in enumerate(payloads, start=3):
        dossier = fold(dossier, event(payload, at, sequence=sequence, slot=slot)).dossier
    assert dossier is not None, "a life has a beginning"
    return dossier


def met(
    dossier: Dossier, payload: Payload, at: datetime = RECEIVED_AT, base: Mapping[str, str] | None = None
) -> Folded:
    """What becomes of a dossier by an event of the desk's second device."""
    return fold(dossier, event(payload, at, sequence=9, slot=2, base=base))
