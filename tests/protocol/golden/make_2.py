"""The golden files of the second release: a journal with an entry of every kind, and the dossiers that it makes.

    python -m tests.protocol.golden.make_2    writes those that are not there; files that stand are never written again

It is sealed by the device of the first release, under the same certificate. All people here are invented.
"""

from datetime import date
from pathlib import Path

import orjson

from sync_protocol.dossiers import Dossier, state_bytes
from sync_protocol.entries import SealedEntry
from sync_protocol.events import (
    Component,
    Corrected,
    Declared,
    Delivered,
    EpochOpened,
    Extended,
    Forwarded,
    Opening,
    PacksAdopted,
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
from sync_protocol.folding import fold
from sync_protocol.identities import Sex
from sync_protocol.schemas import read_event
from sync_protocol.vocabulary import (
    BirthPrecision,
    Cause,
    Channel,
    Declaration,
    DeliveryMethod,
    IdType,
    OwnerType,
    PaperForm,
    PaymentMethod,
    PaymentStatus,
    Rating,
    RatingSource,
    RatingSubject,
    ResultKind,
    Source,
)
from tests.protocol.golden import make

FOLDER = Path(__file__).parent / "v2"

REGISTERED = Registered(
    procedure_code="1.004873",
    submitter_name="Lò Thị Ún",
    owner_name="Lò Thị Ún",
    owner_type=OwnerType.CITIZEN,
    channel=Channel.ONLINE,
    delivery_method=DeliveryMethod.COUNTER,
    set_count=1,
    phone="0987000002",
    filed_by_clerk=True,
    external_code="000.00.11.H62-211004-0012",
)


def received(serial: int, name: str) -> Received:
    """A short reception, for dossiers that end without a result."""
    return Received(
        dossier_code=f"H62.11.01-211004-{serial}",
        procedure_code="1.001193",
        submitter_name=name,
        owner_name=name,
        owner_type=OwnerType.CITIZEN,
        channel=Channel.DIRECT,
        delivery_method=DeliveryMethod.COUNTER,
        set_count=1,
    )


WHOLE = Received(
    dossier_code="H62.11.01-211004-1000",
    slip_code="H62.11.01-211004-1001",
    procedure_code="1.004873",
    submitter_name="Nguyễn Thị Hường",
    owner_name="Lò Thị Ún",
    owner_type=OwnerType.CITIZEN,
    channel=Channel.ONLINE,
    delivery_method=DeliveryMethod.COUNTER,
    set_count=1,
    summary="Xác nhận để đăng ký kết hôn",
    authorisation="Giấy ủy quyền ngày 01/10/2021",
    id_type=IdType.CCCD,
    id_number="014140900002",
    birth_date=date(1940, 1, 1),
    birth_precision=BirthPrecision.YEAR,
    sex=Sex.FEMALE,
    phone="0987000002",
    email="un@example.vn",
    address_text="Bản Mòn, Xã Định Trung",
    address_unit_id="VN-70-02",
    components=(
        Component(name="Tờ khai", originals=1),
        Component(name="Căn cước công dân", certified_copies=1, photocopies=2),
    ),
    fee_amount_vnd=0,
    payment_status=PaymentStatus.UNPAID,
    payment_method=PaymentMethod.CASH,
    competent_unit="Phòng Tư pháp",
    storage_location="Kệ 3, hộp 12",
    copy_count=2,
    page_count=6,
    out_of_area=True,
    filed_by_clerk=True,
    source=Source.IMPORT,
    external_code="000.00.11.H62-211004-0012",
    due_on=date(2021, 10, 8),
)

REFUSED = RefusedAtDesk(
    procedure_code="1.001193",
    submitter_name="Vàng A Páo",
    owner_name="Hợp tác xã 27/7",
    owner_type=OwnerType.ORGANISATION,
    channel=Channel.POST,
    delivery_method=DeliveryMethod.POST,
    set_count=1,
    reason="Không thuộc thẩm quyền của phường",
)

ASKED = SupplementRequested(
    papers="Giấy khai sinh của con; bản sao hộ chiếu",
    reason="Chưa có căn cứ xác định nơi cư trú",
    until_on=date(2021, 11, 4),
)


def payloads() -> list[tuple[Payload, str]]:
    """What each entry says, with its subject."""
    adopted = PacksAdopted(packs={"desk": "FLfsK8L_5juho8Gi1tqyMgKXh7u59psZgSn-SE38hro"})
    return [
        (EpochOpened(app_version="0.2.0", machine="Windows-10-10.0.19045-SP0"), ""),
        (adopted, ""),
        (REGISTERED, "2.1.3"),
        (WHOLE, "2.1.3"),
        (Printed(form=PaperForm.RECEIPT, copy=2), "2.1.3"),
        (Forwarded(case_officer="Phạm Văn Rồng", to_unit="Phòng Tư pháp", note="Chuyển trong ngày"), "2.1.3"),
        (ASKED, "2.1.3"),
        (SupplementReceived(note="Đủ hai loại giấy"), "2.1.3"),
        (PaymentRequested(amount_vnd=15_000, reason="Lệ phí hộ tịch"), "2.1.3"),
        (PaymentDone(amount_vnd=15_000, payment_method=PaymentMethod.NON_CASH), "2.1.3"),
        (Extended(reason="Chờ xác minh nơi cư trú", due_on=date(2021, 10, 15)), "2.1.3"),
        (
            Corrected(
                changes={
                    "owner_name": "Lò Thị Ướn",
                    "birth_date": None,
                    "birth_precision": None,
                    "received_at": "2021-10-04T01:35:00Z",
                },
                reason="Gõ nhầm tên",
            ),
            "2.1.3",
        ),
        (
            Resolved(
                result_kind=ResultKind.GRANTED,
                result_number="27/UBND-XN",
                result_date=date(2021, 10, 4),
                signer="Đặng Văn Ước",
                on_the_spot=True,
            ),
            "2.1.3",
        ),
        (
            Delivered(delivered_to="Lò Thị Ướn", delivered_by=DeliveryMethod.POST, note="Mã bưu gửi RR000000001VN"),
            "2.1.3",
        ),
        (
            Rated(
                rating=Rating.VERY_SATISFIED,
                subject=RatingSubject.OFFICER,
                source=RatingSource.MACHINE,
                scale_version="1",
            ),
            "2.1.3",
        ),
        (received(1002, "Vàng A Páo"), "2.1.16"),
        (Withdrawn(reason="Đã làm ở nơi khác"), "2.1.16"),
        (received(1003, "Hoàng Thị Sáu"), "2.1.18"),
        (SentBack(reason="Không đủ điều kiện giải quyết"), "2.1.18"),
        (received(1004, "Lý Văn Tám"), "2.1.20"),
        (Stopped(reason="Đang có tranh chấp"), "2.1.20"),
        (received(1005, "Bàn Thị Chín"), "2.1.22"),
        (ASKED, "2.1.22"),
        (SupplementExpired(expired_on=date(2021, 11, 4), reason="Không nộp bổ sung"), "2.1.22"),
        (REFUSED, "2.1.25"),
        (received(1006, "Bàn Thị Chín"), "2.1.26"),
        (Voided(reason="Nhập trùng"), "2.1.26"),
        (
            Rated(
                rating=Rating.NOT_SATISFIED,
                subject=RatingSubject.AGENCY,
                source=RatingSource.SCREEN,
                scale_version="1",
            ),
            "",
        ),
        (
            Declared(
                period=make.OCTOBER,
                declaration=Declaration.COMPLETE,
                cause=Cause.NO_NETWORK,
                note="Mất mạng từ ngày 04 đến ngày 12",
                paper_register_last="0345",
                certification_book_last="812",
            ),
            "",
        ),
    ]


BASES = {
    11: {"due_on": "2.1.4"},
    12: dict.fromkeys(("owner_name", "birth_date", "birth_precision", "received_at"), "2.1.4"),
}
"""Per sequence, the entries whose values it replaces."""


def journal() -> list[SealedEntry]:
    """The journal, sealed."""
    return [
        make.sealed(number, payload, subject, BASES.get(number))
        for number, (payload, subject) in enumerate(payloads(), start=1)
    ]


def dossiers() -> list[Dossier]:
    """The dossiers that the journal makes, in the order in which they were opened."""
    held: dict[str, Dossier] = {}
    for each in map(read_event, journal()):
        if isinstance(each.payload, Opening | Step) and each.header.subject:
            held[each.header.subject] = fold(held.get(each.header.subject), each).dossier
    return list(held.values())


def lines() -> list[dict[str, str]]:
    """The golden journal as it stands in its file, a line an entry."""
    return [orjson.loads(line) for line in (FOLDER / "journal.ndjson").read_bytes().splitlines()]


def states() -> list[bytes]:
    """The golden dossiers as they were kept."""
    return (FOLDER / "dossiers.ndjson").read_bytes().splitlines()


def write() -> None:
    """Writes the files that do not stand yet."""
    make.keep(FOLDER / "journal.ndjson", make.lines_of(journal()))
    make.keep(FOLDER / "dossiers.ndjson", b"".join(state_bytes(each) + b"\n" for each in dossiers()))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    write()
