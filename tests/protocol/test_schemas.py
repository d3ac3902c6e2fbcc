"""What entries say: read from the sealed bytes, checked alike at both ends, never a surprise."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.entries import BadEntry, Header, SealedEntry, seal
from sync_protocol.events import Declared, Delivered, EpochOpened, PacksAdopted, Received, Resolved, Voided
from sync_protocol.packing import pack_entries, unpack_entries
from sync_protocol.schemas import SCHEMAS, BadPayload, UnknownKind, payload_content, read_event
from sync_protocol.vocabulary import DeliveryMethod, EventKind, ResultKind
from tests.protocol.golden import make

AT = datetime(2021, 10, 4, 1, 30, tzinfo=UTC)
SALT = b"s" * 16
RECEPTION: dict[str, Any] = {
    "dossier_code": "H62.11.01-211004-0001",
    "procedure_code": "1.004873",
    "submitter_name": "Nguyễn Thị Hường",
    "owner_name": "Nguyễn Thị Hường",
    "owner_type": "citizen",
    "channel": "direct",
    "delivery_method": "counter",
    "set_count": 1,
}
LEAST: dict[EventKind, dict[str, Any]] = {
    EventKind.OPEN_EPOCH: {"app_version": "0.1.0", "machine": "Windows-10"},
    EventKind.ADOPT_PACKS: {"packs": {"desk": "abc"}},
    EventKind.DECLARE: {"period": "2021-09-21..2021-10-20", "declaration": "nil"},
    EventKind.RECEIVE: RECEPTION,
    EventKind.RESOLVE: {},
    EventKind.DELIVER: {"delivered_to": "Nguyễn Thị Hường"},
    EventKind.VOID: {"reason": "Nhập trùng"},
}


def header(kind: str, version: int = 1) -> Header:
    """A header of a kind."""
    return Header(
        slot=1, epoch=1, sequence=9, kind=kind, version=version, subject="1.1.9", happened_at=AT, recorded_at=AT,
        monotonic_ms=0, boot="b", offset_ms=0, clerk="an.nv", pack=2,
    )  # fmt: skip


def sealed(kind: str, payload: bytes, version: int = 1) -> SealedEntry:
    """An entry of a kind whose payload is these very bytes."""
    return replace(seal(header(kind, version), {}, SALT), payload=payload)


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


@pytest.mark.parametrize(("payload", "subject"), make.payloads())
def test_a_payload_reads_back_as_it_was_sealed(payload: Any, subject: str) -> None:
    kind = next(kind for kind, schema in SCHEMAS.items() if schema.makes is type(payload))

    assert said(kind.value, payload_content(payload)) == payload


def test_empty_fields_are_left_out_of_the_bytes() -> None:
    received = said("receive", RECEPTION)

    assert isinstance(received, Received)
    assert payload_content(received) == RECEPTION


def test_what_is_left_out_has_a_value() -> None:
    assert said("resolve", {}) == Resolved(result_kind=ResultKind.GRANTED)
    assert said("deliver", {"delivered_to": "Lan"}) == Delivered(
        delivered_to="Lan", delivered_by=DeliveryMethod.COUNTER
    )


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
        ("adopt_packs", "packs", {str(n): "h" for n in range(21)}),
        ("adopt_packs", "packs", ["desk"]),
        ("adopt_packs", "packs", {"desk": "h" * 65}),
        ("adopt_packs", "packs", {"de\0sk": "h"}),
        ("declare", "period", "2021-10"),
        ("declare", "period", "2021-10-20..2021-09-21"),
        ("declare", "period", None),
        ("declare", "declaration", "none"),
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
        ("receive", "external_code", "e" * 61),
        ("resolve", "result_kind", "maybe"),
        ("deliver", "delivered_to", ""),
        ("deliver", "delivered_by", "drone"),
        ("void", "reason", "x"),
        ("void", "reason", None),
    ],
)
def test_a_field_that_does_not_fit_is_named(kind: str, field: str, value: object) -> None:
    with pytest.raises(BadPayload) as caught:
        said(kind, LEAST[EventKind(kind)] | {field: value})

    assert caught.value.values == {"kind": kind, "fields": field}


def test_an_identity_number_is_checked_by_its_kind() -> None:
    with pytest.raises(BadPayload) as caught:
        said("receive", RECEPTION | {"id_type": "cccd", "id_number": "123"})

    assert caught.value.values["fields"] == "id_number"


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


def test_kinds_without_a_person_are_read() -> None:
    assert said("open_epoch", LEAST[EventKind.OPEN_EPOCH]) == EpochOpened(app_version="0.1.0", machine="Windows-10")
    assert said("adopt_packs", LEAST[EventKind.ADOPT_PACKS]) == PacksAdopted(packs={"desk": "abc"})
    assert isinstance(said("declare", LEAST[EventKind.DECLARE]), Declared)


def _outcome(entry: SealedEntry) -> type:
    try:
        return type(read_event(entry).payload)
    except (BadEntry, UnknownKind, BadPayload) as error:
        return type(error)
