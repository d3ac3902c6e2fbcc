"""Digits apart from words: together again they are what was taken apart, and nothing else passes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync_protocol.digits import DIGITS_MAX, NotApart, digit_count, number_bytes, put_together, taken_apart

TEXTS = st.lists(st.text("0123456789ab:-ễ", max_size=80).map(str.encode), max_size=10)


@given(TEXTS)
@example([])
@example([b""])
@example([b"0"])
@example([b"00", b"", b"0" * 29, b"0" * 30, b"0" * 31])
def test_what_was_taken_apart_comes_together_again(texts: list[bytes]) -> None:
    words, number = taken_apart(texts)

    assert put_together(words, number) == texts


def test_a_time_is_its_marks_and_a_number() -> None:
    assert taken_apart([b"2021-10-04T01:30:03Z"]) == (
        b"\x04-\x02-\x02T\x02:\x02:\x02Z\x1e",
        (20211004013003).to_bytes(6),
    )


def test_a_single_digit_stays_among_the_words() -> None:
    assert taken_apart([b'"slot":2']) == (b'"slot":2\x1e', b"")


@pytest.mark.parametrize("byte", range(32))
def test_a_text_with_a_control_character_is_not_taken_apart(byte: int) -> None:
    with pytest.raises(NotApart):
        taken_apart([b"a" + bytes([byte])])


def test_as_many_digits_as_are_allowed_are_taken_apart_and_no_more() -> None:
    words, number = taken_apart([b"9" * DIGITS_MAX])

    assert put_together(words, number) == [b"9" * DIGITS_MAX]
    with pytest.raises(NotApart):
        taken_apart([b"9" * (DIGITS_MAX + 1)])


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (b"\x02\x1e", b""),
        (b"\x02\x1e", b"\0\0"),
        (b"\x02\x1e", b"\x64"),
        (b"a\x1e", b"\0"),
        (b"a", b""),
        (b"a\x1eb", b""),
        (b"\x1d" * 200 + b"\x1e", b"\0" * 2_409),
    ],
    ids=["no number", "a number too long", "100 for two digits", "a number of nothing", "no end", "a text without end",
         "too many digits"],
)  # fmt: skip
def test_what_does_not_belong_together_is_refused(words: bytes, number: bytes) -> None:
    with pytest.raises(NotApart):
        put_together(words, number)


def test_a_number_takes_3_point_3_bits_a_digit() -> None:
    assert [number_bytes(count) for count in (0, 1, 2, 3, 12, 100)] == [0, 1, 1, 2, 5, 42]


def test_digits_are_counted_before_anything_is_made_of_them() -> None:
    assert digit_count(b"\x1d" * 1_000_000) == 29_000_000
