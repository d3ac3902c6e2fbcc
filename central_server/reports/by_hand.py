"""Which numbers of a text that people edited are none of the report's: they are marked wherever the text is shown.

Numbers are compared as the reader understands them: 1.234 is 1234, and 99,90 % is 99,9%; twelve is not twelve percent.
Words for numbers (*mười hai*) are not looked at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

NUMBER = re.compile(r"(?:(?<!\w)[+−-])?\d+(?:[.,/:]\d+)*(?:\s?%)?")
"""A number, a date or a time with its sign and percent sign, as it stands in a Vietnamese text."""

VIETNAMESE = re.compile(r"\d+(?:,\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?")
"""Dots between thousands, a decimal comma. What is written otherwise, such as a date, is compared as it stands."""

Figure = tuple[str, Decimal | str, bool]
"""Sign, value, and whether it is one of percent."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; `is_by_hand` where it is a number that is none of the report's."""

    text: str
    is_by_hand: bool = False


def pieces(text: str, made: str) -> Sequence[Piece]:
    """A text cut so that each number by hand is a piece of its own; joined they are the text.

    made  the text as it was made of the report, whose numbers are the report's
    """
    known = {_figure(match[0]) for match in NUMBER.finditer(made)}
    cut: list[Piece] = []
    end = 0
    for match in NUMBER.finditer(text):
        if _figure(match[0]) in known:
            continue
        cut += [Piece(text[end : match.start()]), Piece(match[0], is_by_hand=True)]
        end = match.end()
    return [piece for piece in (*cut, Piece(text[end:])) if piece.text]


def _figure(written: str) -> Figure:
    digits = written.rstrip("%").rstrip()
    sign = digits[0].replace("−", "-") if not digits[0].isdigit() else ""
    digits = digits.lstrip("+−-")
    value = Decimal(digits.replace(".", "").replace(",", ".")) if VIETNAMESE.fullmatch(digits) else digits
    return sign, value, written.endswith("%")
