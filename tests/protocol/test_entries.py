"""The sealed entry: its header's bytes, its hashes, and what is not one."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.certificates import certificate_hash
from sync_protocol.entries import (
    SEQUENCE_MAX,
    BadEntry,
    EntryId,
    Header,
    SealedEntry,
    chain,
    payload_hash,
    read_header,
    seal,
)
from sync_protocol.errors import FieldSyncError
from sync_protocol.schemas import read_event
from sync_protocol.signing import decoded
from tests.protocol.golden import make, make_2, make_4

HEADER = Header(
    slot=2,
    epoch=1,
    sequence=3,
    kind="resolve",
    version=1,
    subject="2.1.2",
    happened_at=datetime(2021, 10, 4, 1, 30, tzinfo=UTC),
    recorded_at=datetime(2021, 10, 4, 1, 30, 3, tzinfo=UTC),
    monotonic_ms=1_800_000,
    boot="5f3a9c01",
    offset_ms=-3_000,
    clerk="an.nv",
    pack=2,
)
CONTENT: dict[str, Any] = orjson.loads(HEADER.as_bytes())
SALT = bytes(range(16))

NUMBERS = st.integers(min_value=0, max_value=SEQUENCE_MAX)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=0)
)


@given(
    st.builds(
        Header,
        slot=NUMBERS,
        epoch=NUMBERS,
        sequence=NUMBERS,
        kind=WORDS,
        version=NUMBERS,
        subject=WORDS,
        happened_at=INSTANTS,
        recorded_at=INSTANTS,
        monotonic_ms=NUMBERS,
        boot=WORDS,
        offset_ms=st.none() | st.integers(-SEQUENCE_MAX, SEQUENCE_MAX),
        clerk=WORDS,
        pack=NUMBERS,
        base=st.dictionaries(WORDS, WORDS, max_size=3),
    )
)
def test_a_header_reads_back_as_it_was_written(header: Header) -> None:
    assert read_header(header.as_bytes()) == header


def test_a_header_is_json_with_sorted_keys_and_no_spaces() -> None:
    assert HEADER.as_bytes() == (
        b'{"base":{},"boot":"5f3a9c01","clerk":"an.nv","epoch":1,"format":1,"happened_at":"2021-10-04T01:30:00Z",'
        b'"kind":"resolve","monotonic_ms":1800000,"offset_ms":-3000,"pack":2,"recorded_at":"2021-10-04T01:30:03Z",'
        b'"sequence":3,"slot":2,"subject":"2.1.2","version":1}'
    )


def test_times_of_any_offset_are_written_in_utc() -> None:
    local = datetime.fromisoformat("2021-10-04T08:30:00+07:00")

    assert replace(HEADER, happened_at=local).as_bytes() == HEADER.as_bytes()


def test_an_entry_hash_covers_what_came_before_payload_and_header() -> None:
    entry = seal(HEADER, {"result_kind": "granted"}, SALT)

    hashed = entry.hash_after(b"p" * 32)

    inner = hashlib.sha256(SALT + b'{"result_kind":"granted"}').digest()
    assert entry.payload_hash == inner
    assert hashed == hashlib.sha256(b"p" * 32 + inner + HEADER.as_bytes()).digest()


def test_the_chain_verifies_without_payloads() -> None:
    sealed = [seal(replace(HEADER, sequence=n), {"n": n}, SALT) for n in (1, 2, 3)]
    erased = [SealedEntry(each.header_bytes, each.payload_hash, None, None) for each in sealed]

    assert chain(erased, b"o" * 32) == chain(sealed, b"o" * 32)
    assert len(set(chain(sealed, b"o" * 32))) == 3


def test_the_salt_hides_a_short_payload() -> None:
    assert payload_hash(b"a" * 16, b"{}") != payload_hash(b"b" * 16, b"{}")


def test_fields_that_are_not_known_stay_in_the_bytes_and_are_not_read() -> None:
    raw = orjson.dumps(CONTENT | {"kiosk": "A1"})

    assert read_header(raw) == HEADER


@pytest.mark.parametrize("field", sorted(CONTENT))
def test_a_header_without_one_of_its_fields_is_refused(field: str) -> None:
    raw = orjson.dumps({name: value for name, value in CONTENT.items() if name != field})

    with pytest.raises(BadEntry):
        read_header(raw)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 2),
        ("format", None),
        ("slot", -1),
        ("slot", True),
        ("slot", "2"),
        ("epoch", 1.0),
        ("sequence", 2**53),
        ("kind", "k" * 41),
        ("kind", None),
        ("version", None),
        ("subject", "2.1.\0002"),
        ("happened_at", "2021-10-04T01:30:00"),
        ("happened_at", "yesterday"),
        ("happened_at", 1633311000),
        ("recorded_at", "0001-01-01T00:00:00+07:00"),
        ("monotonic_ms", -1),
        ("boot", 5),
        ("offset_ms", "0"),
        ("offset_ms", [0]),
        ("offset_ms", True),
        ("offset_ms", 2**53),
        ("clerk", "c" * 41),
        ("clerk", "\0"),
        ("pack", None),
        ("base", []),
        ("base", {"phone": 3}),
    ],
)
def test_a_header_with_a_damaged_field_is_refused(field: str, value: object) -> None:
    raw = orjson.dumps(CONTENT | {field: value})

    with pytest.raises(BadEntry):
        read_header(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"header"',
        b"7",
        b"{",
        HEADER.as_bytes() + b"}",
        b"\xef\xbb\xbf" + HEADER.as_bytes(),
        HEADER.as_bytes().replace(b'"an.nv"', b'"\\ud800"'),
        HEADER.as_bytes().replace(b'"an.nv"', b'"\xff"'),
        HEADER.as_bytes().replace(b"-3000", b"NaN"),
        HEADER.as_bytes().replace(b'"slot":2', b'"slot":2,"slot":3'),
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"base":' * 100_000 + b"1" + b"}" * 100_000,
    ],
)
def test_bytes_that_are_no_header_are_refused(raw: bytes) -> None:
    with pytest.raises(BadEntry):
        read_header(raw)


@given(st.integers(0, len(HEADER.as_bytes()) - 1), st.integers(1, 255))
def test_a_header_with_a_flipped_byte_is_read_as_another_or_refused(at: int, flip: int) -> None:
    raw = bytearray(HEADER.as_bytes())
    raw[at] ^= flip

    # Either may happen; anything but BadEntry would come out here.
    with suppress(BadEntry):
        assert isinstance(read_header(bytes(raw)), Header)


def test_a_header_that_the_centre_could_not_read_is_not_sealed() -> None:
    with pytest.raises(BadEntry):
        seal(replace(HEADER, clerk="c" * 41), {}, SALT)


def test_an_identity_reads_as_slot_epoch_and_sequence() -> None:
    assert str(EntryId(2, 1, 30)) == "2.1.30"
    assert EntryId.parse("2.1.30") == EntryId(2, 1, 30)


@pytest.mark.parametrize("text", ["", "2.1", "2.1.3.4", "2.1.x", " 2.1.3", "2.1.03", "2.1.1_0", "2.1.-3", "2.1.٣"])
def test_an_identity_has_one_form(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the bare one is what is promised
        EntryId.parse(text)


def test_identities_sort_in_the_order_of_the_journal() -> None:
    assert sorted([EntryId(1, 2, 1), EntryId(1, 1, 10), EntryId(1, 1, 9)]) == [
        EntryId(1, 1, 9),
        EntryId(1, 1, 10),
        EntryId(1, 2, 1),
    ]


@pytest.mark.parametrize("release", [make, make_2, make_4])
def test_the_golden_journals_are_read_and_their_chains_hold(release: ModuleType) -> None:
    lines = [{name: decoded(text) for name, text in line.items()} for line in release.lines()]
    entries = [SealedEntry(line["header"], line["payload_hash"], line["payload"], line["salt"]) for line in lines]

    events = [read_event(entry) for entry in entries]

    assert [(event.payload, event.header.subject) for event in events] == release.payloads()
    assert [payload_hash(entry.salt or b"", entry.payload or b"") for entry in entries] == [
        entry.payload_hash for entry in entries
    ]
    assert chain(entries, certificate_hash(make.document("certificate.json"))) == [line["entry_hash"] for line in lines]


@pytest.mark.parametrize("release", [make, make_2, make_4])
def test_sealing_the_golden_journals_again_gives_the_same_bytes(release: ModuleType) -> None:
    lines = release.lines()

    sealed = release.journal()

    assert [entry.header_bytes for entry in sealed] == [decoded(line["header"]) for line in lines]
    assert [entry.payload for entry in sealed] == [decoded(line["payload"]) for line in lines]
    assert [entry.payload_hash for entry in sealed] == [decoded(line["payload_hash"]) for line in lines]


@pytest.mark.parametrize(
    ("release", "entry_hash"),
    [
        (make, "LhhR0lnl7LpDpXkiFdPE3h1G-TGKjdX20kNnYNeL15I"),
        (make_2, "hCkyMe4NAOEhQty_ZBlqGm0YvUhfQhBra-MEYIE9rL4"),
        (make_4, "Hr06fAc1kfxEMwkNxPNRFwWHNo2i-42qo7X69mWXeng"),
    ],
)
def test_the_golden_journals_end_in_a_hash_that_never_changes(release: ModuleType, entry_hash: str) -> None:
    assert release.lines()[-1]["entry_hash"] == entry_hash


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_random_bytes_raise_nothing_but_our_own_errors(header: bytes, payload: bytes) -> None:
    with pytest.raises(FieldSyncError) as caught:
        read_event(SealedEntry(header, b"h" * 32, payload, SALT))

    assert caught.value.code == "bad_entry"


def test_an_hour_of_the_year_9999_is_stored_though_no_local_day_has_it() -> None:
    """Custody comes first: such an entry is set aside by whoever counts it, and blocks nobody."""
    last = datetime(9999, 12, 31, 23, 0, tzinfo=UTC)

    assert read_header(replace(HEADER, happened_at=last).as_bytes()).happened_at - last == timedelta()
