"""What entries say: read from the sealed bytes, checked alike at both ends, never a surprise."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from sync_protocol.dossiers import state_content
from sync_protocol.entries import BadEntry, Header, SealedEntry, seal
from sync_protocol.events import (
    Component,
    Corrected,
    Declared,
    Delivered,
    EpochOpened,
    LeftRun,
    PacksAdopted,
    Printed,
    Rated,
    Received,
    Registered,
    Resolved,
    SupplementRequested,
    Voided,
)
from sync_protocol.packing import pack_entries, unpack_entries
from sync_protocol.schemas import (
    BAD_BIRTH,
    BAD_EMAIL,
    BAD_PERSON_NAME,
    CENTRE_KINDS,
    CORRECTABLE,
    LEFT_MAX,
    MISSING,
    SCHEMAS,
    UNKNOWN_FIELD,
    WRONG_KIND,
    WRONG_SIZE,
    BadPayload,
    IntakeSchema,
    ReceptionSchema,
    UnknownKind,
    payload_content,
    read_event,
)
from sync_protocol.signing import encoded
from sync_protocol.vocabulary import (
    BirthPrecision,
    DeliveryMethod,
    EventKind,
    PaperForm,
    Rating,
    RatingSource,
    RatingSubject,
    ResultKind,
)
from tests.protocol import lives
from tests.protocol.golden import make

AT = datetime(2021, 10, 4, 1, 30, tzinfo=UTC)
SALT = b"s" * 16
FILED: dict[str, Any] = {
    "procedure_code": "1.004873",
    "submitter_name": "Nguyễn Thị Hường",
    "owner_name": "Nguyễn Thị Hường",
    "owner_type": "citizen",
    "channel": "direct",
    "delivery_method": "counter",
    "set_count": 1,
}
RECEPTION = FILED | {"dossier_code": "H62.11.01-211004-0001"}
REASON = {"reason": "Nhập trùng"}
LEAST: dict[EventKind, dict[str, Any]] = {
    EventKind.OPEN_EPOCH: {"app_version": "0.1.0", "machine": "Windows-10"},
    EventKind.ADOPT_PACKS: {"packs": {"desk": "abc"}},
    EventKind.SETTLE: {"entry": "2.1.7", "reason": "Đã hỏi người nộp"},
    EventKind.DECLARE: {"period": "2021-09-21..2021-10-20", "declaration": "nil"},
    EventKind.ANSWER: {"period": "2021-09-21..2021-10-20", "note": "Đường truyền đứt từ ngày 04"},
    EventKind.REGISTER: FILED,
    EventKind.RECEIVE: RECEPTION,
    EventKind.REFUSE_AT_DESK: FILED | REASON,
    EventKind.FORWARD: {"to_unit": "Công chức Tư pháp"},
    EventKind.REQUEST_SUPPLEMENT: {"papers": "Giấy khai sinh"} | REASON,
    EventKind.SUPPLEMENT_RECEIVED: {},
    EventKind.SUPPLEMENT_EXPIRED: {"expired_on": "2021-11-04"},
    EventKind.REQUEST_PAYMENT: {"amount_vnd": 0},
    EventKind.PAYMENT_DONE: {},
    EventKind.EXTEND: {"due_on": "2021-10-15"} | REASON,
    EventKind.RESOLVE: {},
    EventKind.DELIVER: {"delivered_to": "Nguyễn Thị Hường"},
    EventKind.WITHDRAW: REASON,
    EventKind.SEND_BACK: REASON,
    EventKind.STOP: REASON,
    EventKind.CORRECT: {"changes": {"phone": "0987000001"}} | REASON,
    EventKind.VOID: REASON,
    EventKind.RATE: {"rating": "satisfied"},
    EventKind.PRINT: {"form": "receipt"},
    EventKind.RELEASE: {"entries": ["1.1.7"]} | REASON,
    EventKind.DISMISS: {"entries": ["1.1.7"]} | REASON,
    EventKind.ERASE: {"order": "12/QĐ-UBND", "dossier": state_content(lives.after(lives.RECEIVED))} | REASON,
}


def header(kind: str, version: int = 1) -> Header:
    """A header of a kind."""
    return Header(
        slot=0 if kind in CENTRE_KINDS else 1, epoch=1, sequence=9, kind=kind, version=version, subject="1.1.9",
        happened_at=AT, recorded_at=AT,
        monotonic_ms=0, boot="b", offset_ms=0, clerk="an.nv", pack=2,
    )  # fmt: skip


def sealed(kind: str, payload: bytes, version: int = 1) -> SealedEntry:
    """An entry of a kind whose payload is these very bytes."""
    return seal(header(kind, version), {}, SALT)._replace(payload=payload)


def said(kind: str, content: Mapping[str, Any]) -> object:
    """What an entry of a kind with this content says."""
    return read_event(sealed(kind, orjson.dumps(content))).payload


def test_every_kind_has_a_schema_and_an_example_here() -> None:
    assert set(SCHEMAS) == set(EventKind) == set(LEAST)


@pytest.mark.parametrize("kind", EventKind)
def test_the_least_that_a_kind_needs_is_read(kind: EventKind) -> None:
    event = read_event(sealed(kind.value, orjson.dumps(LEAST[kind])))

    assert isinstance(event.payload, SCHEMAS[kind].makes)
    assert event.happened_at == AT


EXAMPLES = (
    *(payload for payload, _ in make.payloads()), lives.RECEIVED, lives.REGISTERED, lives.REFUSED, *lives.STEPS,
)  # fmt: skip


@pytest.mark.parametrize("payload", EXAMPLES)
def test_a_payload_is_written_as_its_schema_dumps_it_less_what_is_empty_or_at_its_default(payload: Any) -> None:
    schema = next(schema for schema in SCHEMAS.values() if schema.makes is type(payload))
    defaults = {each.name: each.default for each in fields(payload)}

    written = payload_content(payload)

    dumped = schema.dump(payload)
    assert list(written.items()) == [
        (name, value)
        for name, value in dumped.items()
        if value not in ("", None) and getattr(payload, name) != defaults[name]
    ]


@pytest.mark.parametrize("payload", EXAMPLES)
def test_a_payload_reads_back_as_it_was_sealed(payload: Any) -> None:
    kind = next(kind for kind, schema in SCHEMAS.items() if schema.makes is type(payload))

    assert said(kind.value, orjson.loads(orjson.dumps(payload_content(payload)))) == payload


@pytest.mark.parametrize("kind", EventKind)
def test_the_least_of_a_kind_is_written_as_it_was_read(kind: EventKind) -> None:
    """What has a meaning where it is missing may be written out."""
    meant: dict[EventKind, dict[str, Any]] = {
        EventKind.RESOLVE: {"result_kind": "granted"},
        EventKind.DELIVER: {"delivered_by": "counter"},
        EventKind.RATE: {"subject": "service", "source": "screen", "scale_version": "1"},
        EventKind.PRINT: {"copy": 1},
    }

    written = payload_content(read_event(sealed(kind.value, orjson.dumps(LEAST[kind]))).payload)

    assert written == LEAST[kind] | meant.get(kind, {})


def test_fields_at_their_default_are_left_out_of_the_bytes() -> None:
    said_anyway = {"out_of_area": False, "filed_by_clerk": False, "source": "desk", "summary": "", "components": []}

    received = said("receive", RECEPTION | said_anyway | {"copy_count": 0, "fee_amount_vnd": 0})

    assert isinstance(received, Received)
    assert payload_content(received) == RECEPTION | {"copy_count": 0, "fee_amount_vnd": 0}


def test_what_is_left_out_has_a_value() -> None:
    assert said("resolve", {}) == Resolved(result_kind=ResultKind.GRANTED)
    assert said("deliver", {"delivered_to": "Lan"}) == Delivered(
        delivered_to="Lan", delivered_by=DeliveryMethod.COUNTER
    )
    assert said("rate", {"rating": "satisfied"}) == Rated(
        rating=Rating.SATISFIED, subject=RatingSubject.SERVICE, source=RatingSource.SCREEN, scale_version="1"
    )
    assert said("print", {"form": "apology"}) == Printed(form=PaperForm.APOLOGY, copy=1)


def test_a_dossier_filed_online_has_no_code_yet() -> None:
    registered = said("register", RECEPTION)

    assert isinstance(registered, Registered)
    assert "dossier_code" not in payload_content(registered)


def test_text_is_brought_to_one_form() -> None:
    decomposed = "  Nguye\u0302\u0303n\u00a0 Thi\u0323 Hu\u031bo\u031b\u0300ng\u200b "

    received = said("receive", RECEPTION | {"owner_name": decomposed, "phone": "+84 987.000.001"})

    assert isinstance(received, Received)
    assert (received.owner_name, received.phone) == ("Nguyễn Thị Hường", "0987000001")


def test_fields_that_are_not_known_are_passed_over_and_stay_in_the_bytes() -> None:
    entry = sealed("void", orjson.dumps({"reason": "Nhập trùng", "witness": {"name": "Lan"}}))

    event = read_event(entry)

    assert event.payload == Voided(reason="Nhập trùng")
    assert b"witness" in (entry.payload or b"")


@pytest.mark.parametrize(
    ("kind", "version"), [("transfer", 1), ("", 1), ("receive", 2), ("receive", 0), ("RECEIVE", 1)]
)
def test_an_unknown_kind_or_version_waits_for_an_update(kind: str, version: int) -> None:
    with pytest.raises(UnknownKind) as caught:
        read_event(sealed(kind, orjson.dumps(RECEPTION), version))

    assert caught.value.values == {"kind": kind, "version": version}


def test_an_erased_payload_is_told_as_such() -> None:
    entry = sealed("receive", b"{}")

    with pytest.raises(BadPayload, match="erased"):
        read_event(SealedEntry(entry.header_bytes, entry.payload_hash, None, None))


@pytest.mark.parametrize("field", sorted(RECEPTION))
def test_a_reception_without_a_field_that_it_needs_names_it(field: str) -> None:
    content = {name: value for name, value in RECEPTION.items() if name != field}

    with pytest.raises(BadPayload) as caught:
        said("receive", content)

    assert caught.value.values == {"kind": "receive", "fields": field}


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("open_epoch", "app_version", "v" * 41),
        ("open_epoch", "machine", 5),
        ("open_epoch", "left", 5),
        ("open_epoch", "left", None),
        ("open_epoch", "left", {"1": "AAAAAA"}),
        ("open_epoch", "left", [[1, 3]]),
        ("open_epoch", "left", [[1, 0, "AAAAAA"]]),
        ("open_epoch", "left", [[0, 3, "AAAAAA"]]),
        ("open_epoch", "left", [[1, True, "AAAAAA"]]),
        ("open_epoch", "left", [[1, 2**31, "AAAAAA"]]),
        ("open_epoch", "left", [[1, 3, 5]]),
        ("open_epoch", "left", [[1, 3, ""]]),
        ("open_epoch", "left", [[1, 3, "ắ"]]),
        ("open_epoch", "left", [[1, 3, encoded(b"12345")]]),
        ("open_epoch", "left", [[1, 3, encoded(b"1234" * LEFT_MAX)], [2, 1, encoded(b"1234")]]),
        ("adopt_packs", "packs", {str(n): "h" for n in range(21)}),
        ("adopt_packs", "packs", ["desk"]),
        ("adopt_packs", "packs", {"desk": "h" * 65}),
        ("adopt_packs", "packs", {"de\0sk": "h"}),
        ("declare", "period", "2021-10"),
        ("declare", "period", "2021-10-20..2021-09-21"),
        ("declare", "period", None),
        ("declare", "declaration", "none"),
        ("declare", "cause", "weather"),
        ("declare", "note", "n" * 501),
        ("declare", "paper_register_last", "9" * 41),
        ("answer", "note", ""),
        ("answer", "note", "n" * 501),
        ("answer", "period", "2021-10"),
        ("declare", "certification_book_last", 812),
        ("receive", "dossier_code", "H62.11.01-211004-1\n"),
        ("receive", "dossier_code", "h62-211004-0001"),
        ("receive", "procedure_code", "1.0048"),
        ("receive", "submitter_name", "A"),
        ("receive", "submitter_name", "N" * 151),
        ("receive", "owner_name", "Nguyễn\0An"),
        ("receive", "owner_name", "Nguyễn\nAn"),
        ("receive", "owner_name", ["An"]),
        ("receive", "owner_type", "person"),
        ("receive", "owner_type", ["citizen"]),
        ("receive", "owner_type", {}),
        ("receive", "channel", None),
        ("receive", "delivery_method", 1),
        ("receive", "set_count", 0),
        ("receive", "set_count", 1000),
        ("receive", "set_count", 2**40),
        ("receive", "set_count", 1.5),
        ("receive", "set_count", "1"),
        ("receive", "set_count", True),
        ("receive", "summary", "s" * 501),
        ("receive", "summary", "s" * 10_000),
        ("receive", "id_type", "card"),
        ("receive", "id_number", "1" * 21),
        ("receive", "phone", "113"),
        ("receive", "email", 5),
        ("receive", "email", "e" * 151),
        ("receive", "external_code", "e" * 61),
        ("receive", "slip_code", "H62-1"),
        ("receive", "authorisation", "a" * 501),
        ("receive", "birth_date", "04/10/1985"),
        ("receive", "birth_date", "19851004"),
        ("receive", "birth_date", "1985-W40-5"),
        ("receive", "birth_date", "1985-02-30"),
        ("receive", "birth_date", "1985-10-04T00:00:00Z"),
        ("receive", "birth_date", 1985),
        ("receive", "birth_precision", "month"),
        ("receive", "sex", "x"),
        ("receive", "address_text", "a" * 501),
        ("receive", "address_unit_id", "u" * 41),
        ("receive", "components", "Tờ khai"),
        ("receive", "components", ["Tờ khai"]),
        ("receive", "components", [{"originals": 1}]),
        ("receive", "components", [{"name": ""}]),
        ("receive", "components", [{"name": "n" * 301}]),
        ("receive", "components", [{"name": "Tờ\nkhai"}]),
        ("receive", "components", [{"name": "Tờ khai", "originals": -1}]),
        ("receive", "components", [{"name": "Tờ khai", "certified_copies": 10_000}]),
        ("receive", "components", [{"name": "Tờ khai", "photocopies": "2"}]),
        ("receive", "components", [{"name": "Tờ khai"}] * 51),
        ("receive", "fee_amount_vnd", -1),
        ("receive", "fee_amount_vnd", 10**12 + 1),
        ("receive", "fee_amount_vnd", 8_000.0),
        ("receive", "fee_amount_vnd", "8.000"),
        ("receive", "payment_status", "later"),
        ("receive", "payment_method", "card"),
        ("receive", "competent_unit", "s" * 151),
        ("receive", "storage_location", "k" * 101),
        ("receive", "copy_count", -1),
        ("receive", "copy_count", 10_000),
        ("receive", "page_count", 10_000),
        ("receive", "out_of_area", "yes"),
        ("receive", "filed_by_clerk", None),
        ("receive", "source", "paper"),
        ("receive", "due_on", "15.10.2021"),
        ("register", "set_count", 0),
        ("refuse_at_desk", "reason", "x"),
        ("refuse_at_desk", "owner_name", "A"),
        ("forward", "case_officer", "c" * 151),
        ("forward", "note", "n" * 501),
        ("request_supplement", "papers", "p"),
        ("request_supplement", "papers", "p" * 1_001),
        ("request_supplement", "reason", ""),
        ("request_supplement", "until_on", "tomorrow"),
        ("supplement_received", "note", 1),
        ("supplement_expired", "expired_on", None),
        ("supplement_expired", "reason", "r" * 501),
        ("request_payment", "amount_vnd", -1),
        ("request_payment", "amount_vnd", None),
        ("payment_done", "amount_vnd", 0.5),
        ("payment_done", "payment_method", "gold"),
        ("extend", "reason", "x"),
        ("extend", "due_on", None),
        ("resolve", "result_kind", "maybe"),
        ("resolve", "result_number", "r" * 61),
        ("resolve", "result_date", "2021-10"),
        ("resolve", "signer", "s" * 151),
        ("resolve", "on_the_spot", None),
        ("deliver", "delivered_to", ""),
        ("deliver", "delivered_by", "drone"),
        ("withdraw", "reason", " x "),
        ("send_back", "reason", None),
        ("stop", "reason", "r" * 501),
        ("void", "reason", "x"),
        ("void", "reason", None),
        ("rate", "rating", "good"),
        ("rate", "subject", "weather"),
        ("rate", "source", "phone"),
        ("rate", "scale_version", "v" * 41),
        ("print", "form", "letter"),
        ("print", "copy", 0),
    ],
)
def test_a_field_that_does_not_fit_is_named(kind: str, field: str, value: object) -> None:
    with pytest.raises(BadPayload) as caught:
        said(kind, LEAST[EventKind(kind)] | {field: value})

    assert caught.value.values == {"kind": kind, "fields": field}


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("receive", "procedure_code", "2.000815.000.00.00.H62"),
        ("receive", "submitter_name", "Ý" * 150),
        ("receive", "owner_name", "Vó"),
        ("receive", "set_count", 999),
        ("receive", "summary", "s" * 500),
        ("receive", "authorisation", "Giấy ủy quyền ngày 01/10/2021"),
        ("receive", "id_number", "C1234567"),
        ("receive", "birth_date", "1940-01-01"),
        ("receive", "birth_precision", "year"),
        ("receive", "sex", "female"),
        ("receive", "phone", "0987000001"),
        ("receive", "phone", "02113500001"),
        ("receive", "phone", "01234000001"),
        ("receive", "email", "huong@example.vn"),
        ("receive", "address_text", "a" * 500),
        ("receive", "address_unit_id", "VN-70-02"),
        ("receive", "fee_amount_vnd", 0),
        ("receive", "fee_amount_vnd", 10**12),
        ("receive", "payment_status", "refunded"),
        ("receive", "payment_method", "non_cash"),
        ("receive", "competent_unit", "Bảo hiểm xã hội tỉnh"),
        ("receive", "storage_location", "k" * 100),
        ("receive", "copy_count", 9_999),
        ("receive", "page_count", 0),
        ("receive", "out_of_area", True),
        ("receive", "filed_by_clerk", True),
        ("receive", "source", "opening"),
        ("receive", "external_code", "000.00.11.H62-211004-0007"),
        ("receive", "due_on", "2021-10-15"),
        ("receive", "slip_code", "H62.11.01-211004-0007"),
        ("declare", "cause", "machine_broken"),
        ("declare", "paper_register_last", "0345"),
        ("declare", "certification_book_last", "812/2021"),
        ("forward", "case_officer", "Lò Thị Ún"),
        ("request_supplement", "papers", "p" * 1_000),
        ("request_supplement", "until_on", "2021-11-04"),
        ("request_payment", "amount_vnd", 10**12),
        ("payment_done", "amount_vnd", 0),
        ("resolve", "result_kind", "refused_after_appraisal"),
        ("resolve", "result_number", "27/UBND-XN"),
        ("resolve", "result_date", "2021-10-07"),
        ("resolve", "on_the_spot", True),
        ("deliver", "delivered_by", "post"),
        ("print", "copy", 9_999),
    ],
)
def test_a_field_that_fits_is_read_and_written_as_it_is(kind: str, field: str, value: object) -> None:
    payload = said(kind, LEAST[EventKind(kind)] | {field: value})

    assert payload_content(payload)[field] == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("id_type", "number", "stored"),
    [
        ("cccd", "026 185 900 001", "026185900001"),
        ("cccd", "026.185.900.001", "026185900001"),
        ("cmnd", "012345678", "012345678"),
        ("passport", "c1234567", "C1234567"),
        ("tax_code", "0100109106-001", "0100109106-001"),
        ("other", "GTTT 12/A", "GTTT 12/A"),
        (None, "GTTT 12/A", "GTTT 12/A"),
    ],
)
def test_an_identity_number_is_stored_in_the_form_of_its_kind(id_type: str | None, number: str, stored: str) -> None:
    received = said("receive", RECEPTION | {"id_type": id_type, "id_number": number})

    assert isinstance(received, Received)
    assert received.id_number == stored


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        ("cccd", "02618590000"),
        ("cccd", "0261859000012"),
        ("cccd", "1.20123E+11"),
        ("cmnd", "0123456789"),
        ("passport", "C123"),
        ("tax_code", "010010910"),
        ("tax_code", "0100109106-1"),
    ],
)
def test_an_identity_number_that_is_not_of_its_kind_is_named(id_type: str, number: str) -> None:
    with pytest.raises(BadPayload) as caught:
        said("receive", RECEPTION | {"id_type": id_type, "id_number": number})

    assert caught.value.values["fields"] == "id_number"


@pytest.mark.parametrize("character", ["\0", "\n", "\t", "\r", "\x1b", "\x7f", "\x85"])
@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (kind, name)
        for kind, names in {
            "receive": ["submitter_name", "owner_name", "summary", "authorisation", "address_text", "storage_location"],
            "forward": ["to_unit", "note"],
            "request_supplement": ["papers", "reason"],
            "deliver": ["delivered_to", "note"],
            "resolve": ["result_number", "signer"],
            "void": ["reason"],
        }.items()
        for name in names
    ],
)
def test_a_control_character_is_refused_in_every_text(kind: str, field: str, character: str) -> None:
    with pytest.raises(BadPayload) as caught:
        said(kind, LEAST[EventKind(kind)] | {field: f"Nguyễn{character}An"})

    assert caught.value.values["fields"] == field


def test_decomposed_text_is_composed_in_every_text_of_a_payload() -> None:
    decomposed = "Gia\u0302\u0301y  khai sinh"

    asked = said("request_supplement", {"papers": decomposed, "reason": f" {decomposed}"})
    received = said("receive", RECEPTION | {"components": [{"name": decomposed, "originals": 1}]})

    assert asked == SupplementRequested(papers="Giấy khai sinh", reason="Giấy khai sinh")
    assert isinstance(received, Received)
    assert received.components == (Component(name="Giấy khai sinh", originals=1),)


def test_papers_keep_their_order_and_their_copies() -> None:
    papers = [{"name": "Tờ khai", "originals": 1}, {"name": "CCCD", "certified_copies": 1, "photocopies": 2}]

    received = said("receive", RECEPTION | {"components": papers})

    assert isinstance(received, Received)
    assert received.components == (
        Component(name="Tờ khai", originals=1),
        Component(name="CCCD", certified_copies=1, photocopies=2),
    )
    assert payload_content(received)["components"] == papers


def test_fields_of_a_paper_that_are_not_known_are_passed_over() -> None:
    received = said("receive", RECEPTION | {"components": [{"name": "Tờ khai", "colour": "blue"}]})

    assert isinstance(received, Received)
    assert received.components == (Component(name="Tờ khai"),)


def test_a_dossier_goes_to_somebody_who_is_named() -> None:
    with pytest.raises(BadPayload) as caught:
        said("forward", {"note": "gấp"})

    assert caught.value.values["fields"] == "case_officer"


# --- corrections ---


def test_a_correction_is_kept_in_the_forms_in_which_fields_are_stored() -> None:
    changes = {
        "owner_name": " Đặng  Văn U\u031bo\u031b\u0301t ",
        "phone": "+84 987.000.002",
        "id_type": "cccd",
        "id_number": "026 185 900 001",
        "received_at": "2021-10-04T08:00:00+07:00",
        "due_on": "2021-10-15",
        "out_of_area": True,
        "result_kind": "refused_after_appraisal",
        "components": [{"name": "Tờ khai", "originals": 1}],
    }

    corrected = said("correct", {"changes": changes} | REASON)

    assert isinstance(corrected, Corrected)
    assert corrected.changes == {
        "owner_name": "Đặng Văn Ướt",
        "phone": "0987000002",
        "id_type": "cccd",
        "id_number": "026185900001",
        "received_at": "2021-10-04T01:00:00Z",
        "due_on": "2021-10-15",
        "out_of_area": True,
        "result_kind": "refused_after_appraisal",
        "components": [{"name": "Tờ khai", "originals": 1}],
    }
    assert said("correct", payload_content(corrected)) == corrected


def test_a_correction_may_empty_what_may_be_empty() -> None:
    emptied: dict[str, Any] = {"phone": "", "summary": "", "birth_date": None, "fee_amount_vnd": None, "components": []}

    corrected = said("correct", {"changes": emptied} | REASON)

    assert isinstance(corrected, Corrected)
    assert corrected.changes == emptied


TWENTY: dict[str, Any] = (
    dict.fromkeys(["phone", "email", "summary", "address_text", "address_unit_id", "storage_location"], "")
    | dict.fromkeys(["birth_date", "birth_precision", "sex", "copy_count", "page_count", "fee_amount_vnd"])
    | dict.fromkeys(["payment_status", "payment_method", "id_type"])
    | {"set_count": 1, "channel": "post", "out_of_area": True, "competent_unit": "", "external_code": ""}
)
"""As many fields as may be corrected together."""


def test_as_many_fields_as_the_bound_says_may_be_corrected_together() -> None:
    corrected = said("correct", {"changes": TWENTY} | REASON)

    assert isinstance(corrected, Corrected)
    assert len(corrected.changes) == 20


@pytest.mark.parametrize(
    "changes",
    [
        {},
        None,
        [],
        "phone",
        {"phone": "113"},
        {"owner_name": ""},
        {"channel": None},
        {"received_at": None},
        {"received_at": "2021-10-04"},
        {"received_at": "2021-10-04T08:00:00"},
        {"resolved_at": 1633309200},
        {"due_on": None},
        {"due_on": ""},
        {"result_kind": None},
        {"delivered_by": None},
        {"components": [{"name": ""}]},
        {"id_type": "cccd", "id_number": "12"},
        {"dossier_code": "H62.11.01-211004-0002"},
        {"slip_code": "H62.11.01-211004-0002"},
        {"source": "opening"},
        {"stage": "received"},
        {"received_by": "an.nv"},
        TWENTY | {"authorisation": ""},
    ],
)
def test_a_correction_that_does_not_fit_is_a_bad_payload(changes: object) -> None:
    """Codes and origin stay as they are; an appointment may be moved and not taken away."""
    with pytest.raises(BadPayload) as caught:
        said("correct", {"changes": changes} | REASON)

    assert caught.value.values["fields"] == "changes"


def test_a_correction_names_the_field_that_does_not_fit() -> None:
    with pytest.raises(ValidationError) as caught:
        SCHEMAS[EventKind.CORRECT].load({"changes": {"set_count": 0, "owner_name": "A"}} | REASON)

    assert caught.value.messages == {"changes": {"set_count": [WRONG_SIZE], "owner_name": [WRONG_SIZE]}}


def test_what_may_be_corrected_is_what_a_clerk_writes_and_when_it_happened() -> None:
    written = set(ReceptionSchema().fields) - {"source"}

    assert written < CORRECTABLE
    assert CORRECTABLE - written == {
        "received_at", "resolved_at", "delivered_at", "result_kind", "result_number", "result_date", "signer",
        "delivered_to", "delivered_by",
    }  # fmt: skip


# --- what a clerk may give, and what entries may hold ---


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Hường",
        "Vó",
        "H'Hen Niê",
        "K’Brơi",
        "Y Bhơ\u0306k Niê",
        "Rơ Châm Ư\u0306k",
        "Trần T. Bích-Ngọc",
        "Lê Văn A.",
        "Nguye\u0302\u0303n An",
        "Ýtttt",
    ],
)
def test_a_persons_name_may_be_of_any_letters(name: str) -> None:
    """Ede and Jarai write letters that have no composed form; they are nobody's typing error."""
    assert IntakeSchema().validate(FILED | {"owner_name": name, "submitter_name": name}) == {}


@pytest.mark.parametrize("name", ["Nguyễn Văn A1", "An (em)", "An_Bình", "-An", "An@", "12", "An\u0306 2", "An,Bình"])
def test_a_persons_name_with_other_signs_is_refused_from_a_clerk_and_read_in_an_entry(name: str) -> None:
    given = FILED | {"owner_name": name, "submitter_name": name}

    assert IntakeSchema().validate(given) == {"owner_name": [BAD_PERSON_NAME], "submitter_name": [BAD_PERSON_NAME]}
    assert isinstance(said("receive", RECEPTION | given), Received)


@pytest.mark.parametrize("owner_type", ["business", "state_agency", "organisation", "other"])
def test_an_organisations_name_may_have_digits_and_signs(owner_type: str) -> None:
    given = FILED | {"owner_type": owner_type, "owner_name": "Công ty TNHH 27/7 (chi nhánh 2)"}

    assert IntakeSchema().validate(given) == {}


@pytest.mark.parametrize("email", ["huong", "huong@", "@example.vn", "huong@example", "a b@example.vn", "a@b@c.vn"])
def test_an_address_of_mail_without_its_form_is_refused_from_a_clerk_and_read_in_an_entry(email: str) -> None:
    assert IntakeSchema().validate(FILED | {"email": email}) == {"email": [BAD_EMAIL]}
    assert isinstance(said("receive", RECEPTION | {"email": email}), Received)


@pytest.mark.parametrize("birth", [{"birth_date": "1940-01-01"}, {"birth_precision": "year"}])
def test_half_a_date_of_birth_is_refused_from_a_clerk_and_read_in_an_entry(birth: dict[str, str]) -> None:
    assert IntakeSchema().validate(FILED | birth) == {"birth_date": [BAD_BIRTH]}
    assert isinstance(said("receive", RECEPTION | birth), Received)


def test_a_year_of_birth_alone_is_taken() -> None:
    taken = IntakeSchema().load(FILED | {"birth_date": "1940-01-01", "birth_precision": "year"})

    assert (taken["birth_date"], taken["birth_precision"]) == (date(1940, 1, 1), BirthPrecision.YEAR)


@pytest.mark.parametrize(
    ("components", "problems"),
    [
        (None, [WRONG_KIND]),
        ("Tờ khai", [WRONG_KIND]),
        (["Tờ khai"], {0: {"_schema": [WRONG_KIND]}}),
        ([{"name": "Tờ khai"}, {"originals": 1}], {1: {"name": [MISSING]}}),
        ([{"name": "Tờ khai", "originals": -1}], {0: {"originals": [WRONG_SIZE]}}),
        ([{"name": "Tờ khai", "original": 2}], {0: {"original": [UNKNOWN_FIELD]}}),
        ([{"name": "Tờ khai"}] * 51, [WRONG_SIZE]),
    ],
)
def test_what_is_wrong_with_a_paper_is_told_with_its_row_in_words_of_the_catalogue(
    components: object, problems: object
) -> None:
    assert IntakeSchema().validate(FILED | {"components": components}) == {"components": problems}


def test_all_that_is_wrong_is_told_together() -> None:
    given = FILED | {"owner_name": "An 1", "set_count": 0, "phone": "113", "email": "x", "id_type": "cccd"}

    problems = IntakeSchema().validate(given | {"id_number": "12", "colour": "blue"})

    assert set(problems) == {"owner_name", "set_count", "phone", "email", "id_number", "colour"}


PEOPLES_VALUES: dict[str, list[Any]] = {
    "owner_name": ["Vó", "An 1", "A", "Y Bhơ\u0306k", "Công ty 27/7", "An\0"],
    "owner_type": ["citizen", "business", "person", None],
    "id_type": ["cccd", "cmnd", None, "card"],
    "id_number": ["", "026 185 900 001", "12", "A" * 21],
    "birth_date": ["1940-01-01", "19400101", None],
    "birth_precision": ["year", "day", None],
    "phone": ["", "+84 987 000 001", "113"],
    "email": ["", "a@example.vn", "a"],
    "components": [[], [{"name": "Tờ khai"}], [{"name": "Tờ khai", "colour": 1}], [{"name": ""}], "x"],
    "fee_amount_vnd": [None, 0, -1, 8.0],
    "set_count": [1, 0, 999, 1_000],
    "due_on": [None, "2021-10-15", "15/10/2021"],
}


@given(st.fixed_dictionaries({}, optional={name: st.sampled_from(them) for name, them in PEOPLES_VALUES.items()}))
def test_what_is_taken_from_a_clerk_is_read_in_an_entry_as_it_was_taken(given: dict[str, Any]) -> None:
    """A rule for clerks may be tightened at any time; what was sealed before it is read as ever."""
    try:
        taken = IntakeSchema().load(FILED | given)
    except ValidationError:
        return

    received = Received(dossier_code=RECEPTION["dossier_code"], **taken)

    assert said("receive", orjson.loads(orjson.dumps(payload_content(received)))) == received
    assert said("receive", RECEPTION | given) == received


GOOD = orjson.dumps(LEAST[EventKind.VOID])


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"5",
        b'"text"',
        b"[]",
        b"[[]]",
        b"{",
        GOOD + b"}",
        b"\xef\xbb\xbf" + GOOD,
        b"\xff\xfe",
        '{"reason":"Nhập trùng"}'.encode("utf-16"),
        '{"reason":"Nhập trùng"}'.encode("cp1258", "replace"),
        b'{"reason":NaN}',
        b'{"reason":"Nhap trung","n":NaN}',
        b'{"reason":"Nhap trung","n":-Infinity}',
        b'{"reason":"Nhap trung","n":1e999}',
        b'{"reason":"Nhap trung","reason":"Nhap thu"}',
        b'{"reason":"Nhap trung","x":{"a":1,"a":2}}',
        b'{"reason":"Nhap\\u0000trung"}',
        b'{"reason":"Nhap\0trung"}',
        b'{"reason":"Nhap \\ud800 trung"}',
        b'{"reason":"Nhap \xed\xa0\x80 trung"}',
        b'{"reason":"Nhap trung","n":' + b"9" * 5_000 + b"}",
        b'{"reason":"Nhap trung","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"reason":' * 100_000 + b"1" + b"}" * 100_000,
        b"[" * 100_000,
        b'{"reason":"Nhap trung","x":' + b"[" * 40 + b"]" * 40 + b"}",
    ],
)
def test_bytes_that_two_readers_may_understand_differently_are_a_bad_payload(payload: bytes) -> None:
    with pytest.raises(BadPayload):
        read_event(sealed("void", payload))


@given(st.sampled_from([*EventKind]), st.binary(max_size=200))
def test_random_bytes_as_a_payload_are_a_bad_payload(kind: EventKind, payload: bytes) -> None:
    with pytest.raises(BadPayload):
        read_event(sealed(kind.value, payload))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = sorted({name for schema in SCHEMAS.values() for name in schema.fields})


@given(st.sampled_from([*EventKind]), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3))
def test_any_json_as_a_payload_is_read_or_a_bad_payload(kind: EventKind, changes: dict[str, Any]) -> None:
    entry = sealed(kind.value, orjson.dumps(LEAST[kind] | changes))

    try:
        event = read_event(entry)
    except BadPayload:
        return

    assert isinstance(event.payload, SCHEMAS[kind].makes)
    assert payload_content(event.payload) is not None


@given(st.binary(max_size=120), st.binary(max_size=120), st.integers(0, 200), st.integers(0, 255))
def test_a_poisoned_entry_raises_one_of_three_errors(noise: bytes, payload: bytes, at: int, byte: int) -> None:
    raw = bytearray(header("receive").as_bytes())
    raw[at] = byte
    entries = [
        SealedEntry(noise, b"h" * 32, payload, SALT),
        SealedEntry(bytes(raw), b"h" * 32, payload, SALT),
        SealedEntry(header("receive").as_bytes() + noise, b"h" * 32, payload, SALT),
    ]

    outcomes = [_outcome(entry) for entry in entries]

    assert set(outcomes) <= {BadEntry, UnknownKind, BadPayload}


@pytest.mark.parametrize("value", ["Nguyễn\0An", "\ue000", "N" * 10_000, 2**40, None, [], {}])
def test_one_poisoned_entry_among_499_good_ones_harms_none_of_them(value: object) -> None:
    good = [sealed("receive", orjson.dumps(RECEPTION))] * 499
    poisoned = sealed("receive", orjson.dumps(RECEPTION | {"set_count": value}))

    arrived = unpack_entries(pack_entries([*good[:250], poisoned, *good[250:]]))

    outcomes = [_outcome(entry) for entry in arrived]
    assert outcomes.count(Received) == 499
    assert outcomes[250] is BadPayload


def test_what_an_epoch_leaves_behind_is_read_as_it_was_written() -> None:
    opened = EpochOpened(
        app_version="0.1.0", machine="m", left=(LeftRun(1, 3, (b"3333", b"\0\xff44")), LeftRun(2, 1, (b"1111",)))
    )

    content = payload_content(opened)

    assert content["left"] == [[1, 3, encoded(b"3333\0\xff44")], [2, 1, encoded(b"1111")]]
    assert said("open_epoch", content) == opened


def test_kinds_without_a_person_are_read() -> None:
    assert said("open_epoch", LEAST[EventKind.OPEN_EPOCH]) == EpochOpened(app_version="0.1.0", machine="Windows-10")
    assert said("adopt_packs", LEAST[EventKind.ADOPT_PACKS]) == PacksAdopted(packs={"desk": "abc"})
    assert isinstance(said("declare", LEAST[EventKind.DECLARE]), Declared)


def _outcome(entry: SealedEntry) -> type:
    try:
        return type(read_event(entry).payload)
    except (BadEntry, UnknownKind, BadPayload) as error:
        return type(error)
