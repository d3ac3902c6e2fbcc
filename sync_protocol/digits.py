"""Digits apart from words: how few entries become few bytes.

Digits – times, numbers, codes – are a sixth of what an entry says and half of what it costs: a short message gives
deflate no reason to spend less than a byte on each. Taken out they are one number, at 3.3 bits a digit, and the words
between them are much the same in every entry, so that a dictionary matches them in long pieces.

    words    texts, each ended by 0x1E; a run of 2 to 29 digits is one byte that tells its length
    number   all digits of the runs in their order, as one number, big endian, in as many bytes as so many nines take
"""

import re
from collections.abc import Iterable

END = b"\x1e"
RUN_MAX = 29
DIGITS_MAX = 4_000
"""Digits of one number: Python itself reads no more than 4,300."""

_RUN = re.compile(rb"[0-9]{2,29}")
_LENGTH = re.compile(rb"[\x02-\x1d]")
_NOT_OF_WORDS = re.compile(rb"[\x00-\x1f]")


class NotApart(ValueError):
    """Texts that cannot be told in this way, or bytes that tell none."""


def taken_apart(texts: Iterable[bytes]) -> tuple[bytes, bytes]:
    """Words and number of some texts; raises NotApart where a text has control characters, or all too many digits."""
    whole = b"".join(_ended(text) for text in texts)
    digits = b"".join(_RUN.findall(whole))
    if len(digits) > DIGITS_MAX:
        raise NotApart
    words = _RUN.sub(lambda run: bytes([len(run[0])]), whole)
    return words, int(digits or b"0").to_bytes(number_bytes(len(digits)))


def digit_count(words: bytes) -> int:
    """How many digits were taken out of words; nothing is built for it, however many they claim."""
    return sum(length * words.count(bytes([length])) for length in range(2, RUN_MAX + 1))


def number_bytes(digit_count: int) -> int:
    """How many bytes the number of so many digits takes; raises NotApart where they are too many."""
    if digit_count > DIGITS_MAX:
        raise NotApart
    nines: int = 10**digit_count - 1
    return (nines.bit_length() + 7) // 8


def put_together(words: bytes, number: bytes) -> list[bytes]:
    """The texts again; raises NotApart where the two do not belong together."""
    count = digit_count(words)
    value = int.from_bytes(number)
    if len(number) != number_bytes(count) or value >= 10**count:
        raise NotApart
    digits = iter(_runs(words, b"%0*d" % (count, value)))
    texts = _LENGTH.sub(lambda _: next(digits), words).split(END)
    if texts.pop():
        raise NotApart
    return texts


def _runs(words: bytes, digits: bytes) -> Iterable[bytes]:
    at = 0
    for length in _LENGTH.findall(words):
        yield digits[at : at + length[0]]
        at += length[0]


def _ended(text: bytes) -> bytes:
    if _NOT_OF_WORDS.search(text):
        raise NotApart
    return text + END
