"""The frame of a contact: what it holds, what it costs, and what damage does to it."""

import hashlib
import struct
import zlib
from contextlib import suppress
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync_protocol.digits import DIGITS_MAX
from sync_protocol.entries import HEADER_BYTES_MAX, PAYLOAD_BYTES_MAX, SealedEntry, payload_hash, seal
from sync_protocol.errors import FieldSyncError
from sync_protocol.packing import (
    APART,
    APART_ENTRIES_MAX,
    CODINGS,
    CONTACT_ENTRIES_MAX,
    ENTRIES_BYTES_MAX,
    FRAMED,
    STATEMENT_BYTES_MAX,
    BadFrame,
    Contact,
    Packed,
    deflated,
    inflated,
    pack_contact,
    pack_entries,
    pack_shortest,
    unpack_contact,
    unpack_entries,
)
from sync_protocol.signing import Signed
from sync_protocol.statements import read_statement
from tests.protocol.golden import make

DICTIONARY, LINES = (files("sync_protocol").joinpath(f"dictionary_{id_}.txt").read_bytes() for id_ in (1, 2))
CONTACT = make.contact_bytes()


def whole(header: bytes, salt: bytes, payload: bytes) -> SealedEntry:
    """An entry with its payload."""
    return SealedEntry(header, payload_hash(salt, payload), payload, salt)


def bare_deflate(raw: bytes) -> bytes:
    """What a program without the dictionary would send."""
    squeezer = zlib.compressobj(level=9, wbits=-15)
    return squeezer.compress(raw) + squeezer.flush()


def accepted(raw: bytes) -> tuple[bytes, list[SealedEntry]] | None:
    """What a centre that knows the golden device takes from bytes; None where it refuses."""
    try:
        contact = unpack_contact(raw)
        statement = read_statement(contact.statement, make.DEVICE_KEY.public)
        if statement.body_hash != hashlib.sha256(contact.entries_section).digest():
            return None
        return contact.statement.body, unpack_entries(contact.entries_section)
    except FieldSyncError:
        return None


WHOLE = st.builds(whole, st.binary(max_size=200), st.binary(min_size=16, max_size=16), st.binary(max_size=300))
ERASED = st.builds(
    lambda header, hashed: SealedEntry(header, hashed, None, None),
    st.binary(max_size=200),
    st.binary(min_size=32, max_size=32),
)


@given(st.lists(WHOLE | ERASED, max_size=20))
@example([])
@example([whole(b"", b"s" * 16, b"")])
@example([SealedEntry(b"h" * HEADER_BYTES_MAX, b"p" * 32, None, None)])
@example([whole(b"h", b"s" * 16, b"p" * PAYLOAD_BYTES_MAX)])
def test_entries_come_out_as_they_went_in(entries: list[SealedEntry]) -> None:
    assert unpack_entries(pack_entries(entries)) == entries


@given(
    st.binary(min_size=1, max_size=3_000),
    st.binary(min_size=64, max_size=64),
    st.binary(max_size=500),
    st.sampled_from(CODINGS),
)
def test_a_contact_comes_out_as_it_went_in(body: bytes, signature: bytes, section: bytes, coding: int) -> None:
    contact = unpack_contact(pack_contact(Signed(body, signature), section, coding))

    assert contact == Contact(Signed(body, signature), section, coding)


@pytest.mark.parametrize(("coding", "told"), [(FRAMED, b"\x01"), (APART, b"\x02")])
def test_a_contact_begins_with_its_format_coding_and_length(coding: int, told: bytes) -> None:
    section = deflated(b"{}")

    packed = pack_contact(Signed(b"{}", b"s" * 64), b"entries", coding)

    assert packed == b"\x01" + told + struct.pack(">H", len(section)) + b"s" * 64 + section + b"entries"


def test_the_dictionary_never_changes() -> None:
    """A desk may send by it years from now; a better dictionary gets another id beside this one."""
    assert hashlib.sha256(DICTIONARY).hexdigest() == "2e3c808c5f7526d8a8fdda6e1335f8b1e6e8e2ee370eb07d705aa70372180e6a"
    assert len(DICTIONARY) == 3296


def test_the_lines_of_the_second_dictionary_never_change() -> None:
    assert hashlib.sha256(LINES).hexdigest() == "a2b879aecd7d951a2b02958f22d1a8e39d74d45eff9042f45c8eef2fad9dec1a"
    assert len(LINES) == 7227


TEXTS = st.text(st.characters(min_codepoint=32, codec="utf-8"), max_size=60).map(str.encode)
PLAIN = st.builds(whole, TEXTS, st.binary(min_size=16, max_size=16), TEXTS)
ALL_ALIKE = [whole(b"h1", b"s" * 16, b"2021")] * APART_ENTRIES_MAX


@given(st.lists(PLAIN | WHOLE | ERASED, max_size=APART_ENTRIES_MAX + 2))
@example([])
@example(ALL_ALIKE)
@example([*ALL_ALIKE, ALL_ALIKE[0]])
@example([whole(b"", b"s" * 16, b"")])
@example([whole(b"0" * 29, b"s" * 16, b"0" * 30)])
@example([whole(b"h", b"s" * 16, b"9" * DIGITS_MAX)])
@example([whole(b"h", b"s" * 16, b"9" * (DIGITS_MAX + 1))])
@example([whole(b"\x02", b"s" * 16, b"{}")])
@example([whole(b"a\x1eb", b"s" * 16, b"{}")])
@example(make.journal())
def test_entries_come_out_of_the_shortest_coding_as_they_went_in(entries: list[SealedEntry]) -> None:
    packed = pack_shortest(entries, CODINGS)

    assert unpack_entries(packed.section, packed.coding) == entries
    assert len(packed.section) <= len(pack_entries(entries))


def test_digits_are_taken_apart_only_for_a_centre_that_reads_it() -> None:
    assert pack_shortest(make.journal()[:1], CODINGS).coding == APART
    assert pack_shortest(make.journal()[:1], [FRAMED]).coding == FRAMED


def test_no_entry_is_no_byte_in_any_coding() -> None:
    assert pack_shortest([], CODINGS) == Packed(b"", FRAMED)


def test_one_new_dossier_takes_160_bytes_at_the_most() -> None:
    """People and places of whom no dictionary was made."""
    header = next(entry.header for entry in make.journal() if entry.header.kind == "receive")
    people = [("Đàm Quốc Khởi", "Xóm Chùa, Xã Yên Dương"), ("Âu Thị Ngoan", "Bản Thượng, Xã Đạo Trù")]
    entries = [seal(header, dossier(*person), hashlib.sha256(person[0].encode()).digest()[:16]) for person in people]

    sizes = [len(pack_shortest([entry], CODINGS).section) for entry in entries]

    assert max(sizes) <= 160
    assert min(len(pack_entries([entry])) for entry in entries) > 175


def dossier(name: str, address: str) -> dict[str, str | int]:
    """What a clerk types of a dossier that somebody hands in at the counter."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
    return {
        "address_text": address,
        "channel": "direct",
        "delivery_method": "counter",
        "dossier_code": f"H62.11.01-211004-{number % 10_000:04}",
        "id_number": f"{number % 10**12:012}",
        "id_type": "cccd",
        "owner_name": name,
        "owner_type": "citizen",
        "phone": f"0987000{number % 1_000:03}",
        "procedure_code": "1.004873",
        "set_count": 1,
        "submitter_name": name,
    }


@pytest.mark.parametrize("length", range(1, len(pack_shortest(make.journal()[:3], CODINGS).section)))
def test_entries_with_digits_apart_are_refused_cut_short_anywhere(length: int) -> None:
    packed = pack_shortest(make.journal()[:3], CODINGS)

    with pytest.raises(BadFrame):
        unpack_entries(packed.section[:length], packed.coding)


@pytest.mark.parametrize("tail", [b"\0", deflated(b""), b"tail" * 100])
def test_entries_with_digits_apart_are_refused_with_a_tail(tail: bytes) -> None:
    packed = pack_shortest(make.journal()[:3], CODINGS)

    with pytest.raises(BadFrame):
        unpack_entries(packed.section + tail, packed.coding)


@given(st.binary(min_size=1, max_size=400))
@example(b"\x03\x00")
def test_random_bytes_with_digits_apart_raise_nothing_but_bad_frame(raw: bytes) -> None:
    with suppress(BadFrame):
        assert unpack_entries(raw, APART)


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_random_words_and_numbers_raise_nothing_but_bad_frame(words: bytes, tail: bytes) -> None:
    with suppress(BadFrame):
        assert len(unpack_entries(bare_deflate(words) + tail, APART)) <= APART_ENTRIES_MAX


@pytest.mark.parametrize(
    ("words", "tail_bytes"),
    [
        (b"\x1d" * 20_000_000, 0),
        (b"\x1d" * ENTRIES_BYTES_MAX, 0),
        (b"\x1d" * 138 + b"\x1e\x1e", 16 + 1_662),
        (b"\x1e" * ENTRIES_BYTES_MAX, 8 * ENTRIES_BYTES_MAX),
        (b"{}\x1e" * (2 * APART_ENTRIES_MAX + 2), 16 * (APART_ENTRIES_MAX + 1)),
        (b"h" * (HEADER_BYTES_MAX + 1) + b"\x1e{}\x1e", 16),
        (b"{}\x1e" + b"p" * (PAYLOAD_BYTES_MAX + 1) + b"\x1e", 16),
        (b"{}\x1e{}\x1e", 15),
        (b"{}\x1e{}\x1e", 17),
        (b"{}\x1e", 0),
        (b"{}\x1e{}", 0),
    ],
    ids=["a bomb of digits", "too many digits", "a few digits too many", "a bomb of entries", "an entry too many",
         "a header too long", "a payload too long", "a short salt", "a long tail", "no payload", "no end"],
)  # fmt: skip
def test_words_past_their_bounds_are_refused(words: bytes, tail_bytes: int) -> None:
    with pytest.raises(BadFrame):
        unpack_entries(bare_deflate(words) + b"\0" * tail_bytes, APART)


@pytest.mark.parametrize(
    ("words", "tail_bytes"),
    [
        (b"{}\x1e" * (2 * APART_ENTRIES_MAX), 16 * APART_ENTRIES_MAX),
        (b"h" * HEADER_BYTES_MAX + b"\x1e{}\x1e", 16),
        (b"{}\x1e" + b"p" * PAYLOAD_BYTES_MAX + b"\x1e", 16),
        (b"{}\x1e{\x02}\x1e", 17),
    ],
    ids=["entries", "a header", "a payload", "digits"],
)
def test_words_up_to_their_bounds_are_unpacked(words: bytes, tail_bytes: int) -> None:
    assert unpack_entries(bare_deflate(words) + b"\0" * tail_bytes, APART)


def test_the_dictionary_earns_its_place() -> None:
    statement = make.document("statement.json").body

    assert len(deflated(statement)) < 200
    assert len(bare_deflate(statement)) > 250


def test_a_contact_cut_short_anywhere_is_not_accepted() -> None:
    outcomes = [accepted(CONTACT[:length]) for length in range(len(CONTACT))]

    assert outcomes == [None] * len(CONTACT)


@pytest.mark.parametrize("bit", range(8))
def test_a_contact_with_one_bit_flipped_anywhere_is_refused_or_says_the_same(bit: int) -> None:
    original = accepted(CONTACT)
    flipped = [CONTACT[:at] + bytes([CONTACT[at] ^ 1 << bit]) + CONTACT[at + 1 :] for at in range(len(CONTACT))]

    outcomes = [accepted(raw) for raw in flipped]

    assert [outcome for outcome in outcomes if outcome not in (None, original)] == []
    # A bit that pads the statement's last byte may flip and mean nothing.
    assert outcomes.count(None) >= len(CONTACT) - 1


@given(st.integers(0, len(CONTACT) - 1), st.integers(1, 255))
def test_a_contact_with_any_byte_changed_is_refused_or_says_the_same(at: int, flip: int) -> None:
    raw = CONTACT[:at] + bytes([CONTACT[at] ^ flip]) + CONTACT[at + 1 :]

    assert accepted(raw) in (None, accepted(CONTACT))


@given(st.binary(min_size=1, max_size=40))
def test_a_contact_with_a_tail_is_not_accepted(tail: bytes) -> None:
    assert accepted(CONTACT + tail) is None


@pytest.mark.parametrize("tail", [b"\0", deflated(b""), b"tail" * 100])
def test_a_section_with_a_tail_is_refused(tail: bytes) -> None:
    with pytest.raises(BadFrame):
        unpack_entries(pack_entries(make.journal()) + tail)


@given(st.binary(max_size=400))
def test_random_bytes_as_a_contact_raise_nothing_but_bad_frame(raw: bytes) -> None:
    with pytest.raises(BadFrame):
        unpack_contact(raw)


@given(st.binary(min_size=1, max_size=400))
def test_random_bytes_as_entries_raise_nothing_but_bad_frame(raw: bytes) -> None:
    with suppress(BadFrame):
        assert pack_entries(unpack_entries(raw))


@given(st.binary(max_size=400))
def test_random_frames_raise_nothing_but_bad_frame(raw: bytes) -> None:
    with suppress(BadFrame):
        assert inflated(pack_entries(unpack_entries(deflated(raw))), 500) == raw


@pytest.mark.parametrize(("frame_format", "coding"), [(0, 1), (2, 1), (1, 0), (1, 3), (255, 255)])
def test_an_unknown_format_or_coding_is_refused(frame_format: int, coding: int) -> None:
    with pytest.raises(BadFrame, match="unknown format"):
        unpack_contact(bytes([frame_format, coding]) + CONTACT[2:])


@pytest.mark.parametrize("size", [STATEMENT_BYTES_MAX - 1, STATEMENT_BYTES_MAX])
def test_a_statement_up_to_its_bound_is_unpacked(size: int) -> None:
    assert len(unpack_contact(pack_contact(Signed(b"s" * size, b"s" * 64))).statement.body) == size


def test_a_statement_past_its_bound_is_refused() -> None:
    with pytest.raises(BadFrame):
        unpack_contact(pack_contact(Signed(b"s" * (STATEMENT_BYTES_MAX + 1), b"s" * 64)))


@pytest.mark.parametrize("count", [CONTACT_ENTRIES_MAX - 1, CONTACT_ENTRIES_MAX])
def test_entries_up_to_their_bound_are_unpacked(count: int) -> None:
    assert len(unpack_entries(pack_entries([whole(b"h", b"s" * 16, b"{}")] * count))) == count


def test_one_entry_past_their_bound_is_refused() -> None:
    with pytest.raises(BadFrame, match="too many"):
        unpack_entries(pack_entries([whole(b"h", b"s" * 16, b"{}")] * (CONTACT_ENTRIES_MAX + 1)))


def test_a_header_past_its_bound_is_refused() -> None:
    with pytest.raises(BadFrame, match="too large"):
        unpack_entries(pack_entries([whole(b"h" * (HEADER_BYTES_MAX + 1), b"s" * 16, b"{}")]))


def test_a_payload_past_its_bound_is_refused() -> None:
    with pytest.raises(BadFrame, match="too large"):
        unpack_entries(pack_entries([whole(b"h", b"s" * 16, b"p" * (PAYLOAD_BYTES_MAX + 1))]))


@pytest.mark.parametrize(
    "bomb",
    [
        deflated(b"\0" * (ENTRIES_BYTES_MAX + 1)),
        deflated(b"\0" * 20_000_000),
        deflated(b"\xff" * 20_000_000),
        bare_deflate(b"\0" * 20_000_000),
        deflated(deflated(b"\0" * 20_000_000)),
        zlib.compress(b"\0" * 20_000_000),
        b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + bare_deflate(b"\0" * 20_000_000),
        deflated(b"{}") * 1_000,
        deflated(b"\0" * 1_000) + b"\0" * 100_000,
        b"\0\0\0\xff\xff" * 10_000,
    ],
    ids=["one over", "zeros", "ones", "no dictionary", "nested", "zlib", "gzip", "many", "tail", "empty blocks"],
)
def test_a_bomb_is_stopped_at_the_bound(bomb: bytes) -> None:
    with pytest.raises(BadFrame):
        unpack_entries(bomb)


def test_a_bomb_as_a_statement_is_stopped_at_the_bound() -> None:
    bomb = deflated(b"\0" * 20_000_000)
    raw = struct.pack(">BBH", 1, 1, len(bomb)) + b"s" * 64 + bomb

    with pytest.raises(BadFrame):
        unpack_contact(raw)


@pytest.mark.parametrize("raw", [b"a" * 100, bytes(range(256)) * 4])
def test_inflation_is_bounded_to_the_byte(raw: bytes) -> None:
    assert inflated(deflated(raw), len(raw)) == raw
    with pytest.raises(BadFrame):
        inflated(deflated(raw), len(raw) - 1)


def test_the_golden_contact_is_unpacked() -> None:
    contact = unpack_contact(CONTACT)

    assert contact.statement == make.document("statement.json")
    assert unpack_entries(contact.entries_section) == make.journal()


def test_a_golden_section_with_an_erased_payload_is_unpacked() -> None:
    entries = unpack_entries(make.erased_section())

    assert entries == [*make.journal()[:2], make.erased(make.journal()[2]), *make.journal()[3:]]


def test_the_golden_contact_packed_again_holds_the_same() -> None:
    statement = make.document("statement.json")

    repacked = unpack_contact(pack_contact(statement, pack_entries(make.journal())))

    assert repacked.statement == statement
    assert unpack_entries(repacked.entries_section) == make.journal()
