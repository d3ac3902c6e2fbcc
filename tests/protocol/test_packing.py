"""The frame of a contact: what it holds, what it costs, and what damage does to it."""

import hashlib
import struct
import zlib
from contextlib import suppress
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync_protocol.entries import HEADER_BYTES_MAX, PAYLOAD_BYTES_MAX, SealedEntry, payload_hash
from sync_protocol.errors import FieldSyncError
from sync_protocol.packing import (
    CONTACT_ENTRIES_MAX,
    ENTRIES_BYTES_MAX,
    STATEMENT_BYTES_MAX,
    BadFrame,
    deflated,
    inflated,
    pack_contact,
    pack_entries,
    unpack_contact,
    unpack_entries,
)
from sync_protocol.signing import Signed
from sync_protocol.statements import read_statement
from tests.protocol.golden import make

DICTIONARY = files("sync_protocol").joinpath("dictionary_1.txt").read_bytes()
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


@given(st.binary(min_size=1, max_size=3_000), st.binary(min_size=64, max_size=64), st.binary(max_size=500))
def test_a_contact_comes_out_as_it_went_in(body: bytes, signature: bytes, section: bytes) -> None:
    contact = unpack_contact(pack_contact(Signed(body, signature), section))

    assert contact.statement == Signed(body, signature)
    assert contact.entries_section == section


def test_a_contact_begins_with_its_format_dictionary_and_length() -> None:
    section = deflated(b"{}")

    packed = pack_contact(Signed(b"{}", b"s" * 64), b"entries")

    assert packed == b"\x01\x01" + struct.pack(">H", len(section)) + b"s" * 64 + section + b"entries"


def test_the_dictionary_never_changes() -> None:
    """A desk may send by it years from now; a better dictionary gets another id beside this one."""
    assert hashlib.sha256(DICTIONARY).hexdigest() == "2e3c808c5f7526d8a8fdda6e1335f8b1e6e8e2ee370eb07d705aa70372180e6a"
    assert len(DICTIONARY) == 3296


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


@pytest.mark.parametrize(("frame_format", "dictionary_id"), [(0, 1), (2, 1), (1, 0), (1, 2), (255, 255)])
def test_an_unknown_format_or_dictionary_is_refused(frame_format: int, dictionary_id: int) -> None:
    with pytest.raises(BadFrame, match="unknown format"):
        unpack_contact(bytes([frame_format, dictionary_id]) + CONTACT[2:])


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
