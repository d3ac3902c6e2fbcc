"""The golden files of the first release: exact bytes that every later program has to read.

    python -m tests.protocol.golden.make    writes those that are not there; files that stand are never written again

Keys, salts and times are fixed, so that sealing the same values again has to give the same bytes. All people here are
invented.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import orjson

from sync_protocol.calendars import TimeLimit, WorkingCalendar
from sync_protocol.certificates import Certificate, certificate_hash
from sync_protocol.dossier_codes import SerialRule
from sync_protocol.entries import Header, SealedEntry, chain, seal
from sync_protocol.events import Declared, Delivered, EpochOpened, PacksAdopted, Payload, Received, Resolved, Voided
from sync_protocol.packing import pack_contact, pack_entries
from sync_protocol.packs import (
    DeskProfile,
    PackKind,
    calendar_content,
    desk_content,
    pack_hash,
    procedures_content,
    signed_pack,
)
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.procedures import Procedure, ProcedureLimit
from sync_protocol.schemas import KIND_VERSION, KINDS, payload_content
from sync_protocol.signing import Signed, SigningKey, agreement_public, decoded, encoded
from sync_protocol.statements import Receipt, Statement
from sync_protocol.vocabulary import (
    Channel,
    Declaration,
    DeliveryMethod,
    DeviceId,
    IdType,
    LimitUnit,
    OwnerType,
    ResultKind,
    UnitLevel,
)

FOLDER = Path(__file__).parent / "v1"

CENTRE_KEY = SigningKey.from_seed(b"golden centre's key, 32 bytes...")
DEVICE_KEY = SigningKey.from_seed(b"golden device's key, 32 bytes...")
CENTRE_AGREEMENT = agreement_public(b"golden centre's other key, 32 b.")
DEVICE_AGREEMENT = agreement_public(b"golden device's other key, 32 b.")

DEVICE = DeviceId("H62.11.01", 2)
START = datetime(2021, 10, 4, 1, 0, tzinfo=UTC)
OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))

CERTIFICATE = Certificate(
    device=DEVICE,
    signing_key=DEVICE_KEY.public,
    agreement_key=DEVICE_AGREEMENT,
    issued_at=START,
    training=False,
    centre_key=CENTRE_KEY.public,
    centre_agreement_key=CENTRE_AGREEMENT,
)

PROCEDURES = (
    Procedure(
        code="1.001193",
        name="Đăng ký khai sinh",
        field="Hộ tịch",
        limits=(ProcedureLimit(committed=TimeLimit(value=Decimal(0), unit=LimitUnit.SAME_DAY)),),
        channels=(Channel.DIRECT, Channel.ONLINE),
    ),
    Procedure(
        code="1.004873",
        name="Cấp Giấy xác nhận tình trạng hôn nhân",
        field="Hộ tịch",
        limits=(ProcedureLimit(committed=TimeLimit(value=Decimal("3"), unit=LimitUnit.WORKING_DAY)),),
        channels=(Channel.DIRECT,),
    ),
    Procedure(
        code="2.000908",
        name="Cấp bản sao từ sổ gốc",
        field="Chứng thực",
        limits=(ProcedureLimit(committed=TimeLimit(value=Decimal("0.5"), unit=LimitUnit.WORKING_DAY)),),
        channels=(Channel.DIRECT, Channel.POST),
    ),
    Procedure(code="1.010736", name="Tham vấn trong đánh giá tác động", field="Môi trường", limits=(), channels=()),
)

CALENDAR = WorkingCalendar(
    days_off=frozenset({date(2021, 9, 2), date(2021, 9, 3)}),
    make_up_days=frozenset({date(2021, 9, 11)}),
    hours=((time(7, 30), time(11, 30)), (time(13, 30), time(17))),
)

PROFILE = DeskProfile(
    code=DEVICE.desk,
    name="Bộ phận Một cửa Phường Tích Sơn",
    unit_name="Phường Tích Sơn",
    level=UnitLevel.COMMUNE,
    identifier_code="H62.11.01",
    phone="02110000001",
    threshold=50,
    series=PeriodSeries(last_day=20),
    serials=SerialRule(first=1, per_slot=1000),
)

CONTENTS = {
    PackKind.PROCEDURES: procedures_content(PROCEDURES, START.date()),
    PackKind.CALENDAR: calendar_content(CALENDAR),
    PackKind.DESK: desk_content(PROFILE),
}


def packs() -> dict[PackKind, Signed]:
    """One pack of each kind."""
    return {kind: signed_pack(CENTRE_KEY, kind, content) for kind, content in CONTENTS.items()}


def certificate() -> Signed:
    """The certificate that the journal begins with."""
    return CERTIFICATE.signed_by(CENTRE_KEY)


def payloads() -> list[tuple[Payload, str]]:
    """What each entry says, with its subject: one of every kind, two dossiers, one of them voided."""
    return [
        (EpochOpened(app_version="0.1.0", machine="Windows-10-10.0.19045-SP0"), ""),
        (PacksAdopted(packs={kind.value: pack_hash(pack) for kind, pack in packs().items()}), ""),
        (
            Received(
                dossier_code="H62.11.01-211004-1000",
                procedure_code="1.004873",
                submitter_name="Nguyễn Thị Hường",
                owner_name="Đặng Văn Ước",
                owner_type=OwnerType.CITIZEN,
                channel=Channel.DIRECT,
                delivery_method=DeliveryMethod.COUNTER,
                set_count=1,
                summary="Xác nhận để đăng ký kết hôn",
                id_type=IdType.CCCD,
                id_number="026185900001",
                phone="0987000001",
                email="huong@example.vn",
                address_text="Thôn Đông, Xã Định Trung",
                external_code="000.00.11.H62-211004-0007",
            ),
            "2.1.3",
        ),
        (Resolved(result_kind=ResultKind.GRANTED), "2.1.3"),
        (Delivered(delivered_to="Đặng Văn Ước", delivered_by=DeliveryMethod.COUNTER), "2.1.3"),
        (
            Received(
                dossier_code="H62.11.01-211004-1001",
                procedure_code="1.001193",
                submitter_name="Lò Thị Ún",
                owner_name="Lò Thị Ún",
                owner_type=OwnerType.CITIZEN,
                channel=Channel.ONLINE,
                delivery_method=DeliveryMethod.POST,
                set_count=2,
            ),
            "2.1.6",
        ),
        (Voided(reason="Nhập trùng"), "2.1.6"),
        (Declared(period=OCTOBER, declaration=Declaration.COMPLETE), ""),
    ]


def journal() -> list[SealedEntry]:
    """The journal, sealed."""
    return [sealed(number, payload, subject) for number, (payload, subject) in enumerate(payloads(), start=1)]


def statement(body_hash: bytes) -> Statement:
    """A statement over the whole journal, nothing of which is acknowledged yet."""
    return Statement(
        device=DEVICE,
        epoch=1,
        head=8,
        hash=chain(journal(), certificate_hash(certificate()))[-1],
        acknowledged=0,
        body_hash=body_hash,
        at=START + timedelta(hours=8),
        ticket="",
        app_version="0.1.0",
        free_disk_mb=48_213,
        training=False,
        unsent={date(2021, 10, 4): 1},
        declarations=((OCTOBER, Declaration.COMPLETE),),
    )


def receipt() -> Receipt:
    """The centre's word that it has the whole journal."""
    return Receipt(
        device=DEVICE,
        epoch=1,
        up_to=8,
        hash=chain(journal(), certificate_hash(certificate()))[-1],
        at=START + timedelta(hours=8, seconds=2),
        incarnation="a1b2c3d4e5f6",
        ticket="QUJDREVGR0hJ",
        archived_up_to=0,
    )


def erased(entry: SealedEntry) -> SealedEntry:
    """An entry whose payload the law had erased."""
    return SealedEntry(entry.header_bytes, entry.payload_hash, None, None)


def lines() -> list[dict[str, str]]:
    """The golden journal as it stands in its file, a line an entry."""
    return [orjson.loads(line) for line in raw("journal.ndjson").splitlines()]


def document(name: str) -> Signed:
    """A golden document."""
    return Signed.from_json(orjson.loads(raw(name)))


def contact_bytes() -> bytes:
    """The golden contact."""
    return decoded(raw("contact.txt").decode().strip())


def erased_section() -> bytes:
    """The golden entries section whose third entry is erased."""
    return decoded(raw("erased_section.txt").decode().strip())


def raw(name: str) -> bytes:
    """The bytes of a golden file."""
    return (FOLDER / name).read_bytes()


def write() -> None:
    """Writes the files that do not stand yet."""
    section = pack_entries(journal())
    signed = statement(hashlib.sha256(section).digest()).signed_by(DEVICE_KEY)
    half = [*journal()[:2], erased(journal()[2]), *journal()[3:]]
    keep(FOLDER / "journal.ndjson", lines_of(journal()))
    keep(FOLDER / "certificate.json", _json(certificate()))
    keep(FOLDER / "statement.json", _json(signed))
    keep(FOLDER / "receipt.json", _json(receipt().signed_by(CENTRE_KEY)))
    keep(FOLDER / "contact.txt", encoded(pack_contact(signed, section)).encode() + b"\n")
    keep(FOLDER / "erased_section.txt", encoded(pack_entries(half)).encode() + b"\n")
    for kind, pack in packs().items():
        keep(FOLDER / f"pack_{kind.value}.json", _json(pack))


def sealed(number: int, payload: Payload, subject: str, base: Mapping[str, str] | None = None) -> SealedEntry:
    """An entry of the golden device's journal, ten minutes after the one before it."""
    is_of_a_person = number > 2
    header = Header(
        slot=2,
        epoch=1,
        sequence=number,
        kind=KINDS[type(payload)].value,
        version=KIND_VERSION,
        subject=subject,
        happened_at=START + timedelta(minutes=10 * number),
        recorded_at=START + timedelta(minutes=10 * number, seconds=3),
        monotonic_ms=600_000 * number,
        boot="5f3a9c01",
        offset_ms=-3_000 if is_of_a_person else None,
        clerk="an.nv" if is_of_a_person else "",
        pack=2 if is_of_a_person else 0,
        base=base or {},
    )
    return seal(header, payload_content(payload), bytes([number]) * 16)


def lines_of(entries: Iterable[SealedEntry]) -> bytes:
    """A journal as it stands in its file, a line an entry."""
    entries = list(entries)
    hashes = chain(entries, certificate_hash(certificate()))
    lines = [
        {
            "header": encoded(entry.header_bytes),
            "payload": encoded(entry.payload or b""),
            "salt": encoded(entry.salt or b""),
            "payload_hash": encoded(entry.payload_hash),
            "entry_hash": encoded(entry_hash),
        }
        for entry, entry_hash in zip(entries, hashes, strict=True)
    ]
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)


def keep(path: Path, content: bytes) -> None:
    """Writes a golden file that does not stand yet."""
    if not path.exists():
        path.write_bytes(content)


def _json(signed: Signed) -> bytes:
    return orjson.dumps(signed.as_json(), option=orjson.OPT_INDENT_2) + b"\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    write()
