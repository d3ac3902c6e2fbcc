"""An encrypted file opens for whom it is meant, whole or not at all."""

import unicodedata
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sync_protocol.signing import agreement_public
from sync_protocol.vaults import (
    BLOCK_BYTES,
    NotAVault,
    Unlock,
    VaultDamaged,
    VaultWriter,
    WrongKey,
    WrongPhrase,
    blocks,
    by_file_key,
    by_key,
    by_phrase,
    key_of,
    lock_for_key,
    lock_for_phrase,
    read_head,
)

KEY, SEED, PHRASE = b"k" * 32, b"s" * 32, "Một cửa xã Ngọc Mỹ"
LONG = bytes(range(256)) * 3_000


def vault(content: bytes = b"what is kept") -> bytes:
    """A vault with a lock for SEED and one for PHRASE."""
    file = BytesIO()
    locks = [lock_for_key(KEY, agreement_public(SEED)), lock_for_phrase(KEY, PHRASE)]
    writer = VaultWriter(file, KEY, kind="test", told={"desk": "H62.11.01"}, locks=locks)
    writer.write(content)
    writer.close()
    return file.getvalue()


def opened(raw: bytes, unlock: Unlock) -> bytes:
    """The content of a vault."""
    file = BytesIO(raw)
    head = read_head(file)
    return b"".join(blocks(file, head, key_of(head, unlock)))


@pytest.mark.parametrize("unlock", [by_key(SEED), by_phrase(PHRASE), by_file_key(KEY)])
def test_each_lock_opens_it(unlock: Unlock) -> None:
    raw = vault()

    content = opened(raw, unlock)

    assert content == b"what is kept"


def test_a_phrase_opens_it_in_either_unicode_form() -> None:
    content = opened(vault(), by_phrase(unicodedata.normalize("NFD", PHRASE)))

    assert content == b"what is kept"


@pytest.mark.parametrize("length", [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES, len(LONG)])
def test_content_of_any_length_comes_back(length: int) -> None:
    content = LONG[:length]

    assert opened(vault(content), by_file_key(KEY)) == content


def test_another_key_is_told_from_a_damaged_file() -> None:
    with pytest.raises(WrongKey):
        opened(vault(), by_key(b"x" * 32))


def test_another_phrase_is_told_from_a_damaged_file() -> None:
    with pytest.raises(WrongPhrase):
        opened(vault(), by_phrase("Một cửa xã Ngọc Mỳ"))


def test_a_file_of_something_else_is_named() -> None:
    with pytest.raises(NotAVault):
        opened(b"PK\x03\x04 a spreadsheet", by_file_key(KEY))


def test_nothing_of_the_content_can_be_read_without_a_key() -> None:
    raw = vault("Nguyễn Thị Hường".encode())

    assert "Hường".encode() not in raw


@pytest.mark.parametrize("kept", [0, 4, 11, 200, 600, BLOCK_BYTES + 700, -1])
def test_a_file_that_was_cut_short_is_refused(kept: int) -> None:
    with pytest.raises((VaultDamaged, NotAVault)):
        opened(vault(LONG)[:kept], by_file_key(KEY))


def test_a_file_that_lost_its_last_blocks_is_refused() -> None:
    raw = vault(LONG)
    head_end = len(raw) - len(LONG) - 3 * (16 + 4)

    with pytest.raises(VaultDamaged):
        opened(raw[: head_end + 4 + BLOCK_BYTES + 16], by_file_key(KEY))


@settings(max_examples=60, deadline=None)
@given(at=some.integers(min_value=0, max_value=10**9), bit=some.integers(min_value=0, max_value=7))
def test_a_flipped_bit_is_never_passed_over(at: int, bit: int) -> None:
    raw = bytearray(_RAW)
    raw[at % len(raw)] ^= 1 << bit

    with pytest.raises((VaultDamaged, NotAVault)):
        opened(bytes(raw), by_file_key(KEY))


_RAW = vault()
