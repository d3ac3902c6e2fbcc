"""What one cell means: its text turned into the value of its field."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from desk_client.sheets.advice import (
    MISREAD,
    NOT_A_COUNT,
    NOT_A_DAY,
    NOT_MONEY,
    OLD_FONT,
    UNKNOWN_WORD,
    UnclearCell,
    shown,
)
from desk_client.sheets.columns import Field
from desk_client.sheets.moments import Moment, parse_moment
from desk_client.sheets.words import (
    CHANNELS,
    DELIVERY_METHODS,
    ID_TYPES,
    OWNER_TYPES,
    SEXES,
    STAGES,
    contained_word,
    exact_word,
    spoken,
)
from sync_protocol.legacy_text import is_legacy_font, is_misread_utf8
from sync_protocol.texts import folded, normalised

NOTHING = frozenset({"0", "khong", "khong co", "chua co"})
"""What people write in place of a number that there is not."""

MONEY = re.compile(r"([0-9]{1,3}(?:[., ][0-9]{3})+|[0-9]{1,12})(?:[.,]0{1,2})?(?: ?(?:đồng|đ|vnđ|vnd|d))?\.?")
FREE = frozenset({"mien phi", "khong thu", "khong thu phi", "mien", "khong"})
COUNT = re.compile(r"0*([0-9]{1,4})(?:[.,]0+)?(?: ?(?:bo|ban|ban sao|to|quyen))?")
PROCEDURE_CODE = re.compile(r"([0-9])[.,]([0-9]{1,6})(\..*)?")


def converted(name: Field, text: str) -> Any:
    """The value of a cell that is not empty, None where it says that there is none.

    Phones, dates of birth and kinds of papers need more than their cell and are not read here.
    Raises UnclearCell, BadText.
    """
    return CONVERTERS.get(name, _line)(text)


def _line(text: str) -> str:
    """A text in one line as it is stored; raises BadText."""
    if is_legacy_font(text):
        raise UnclearCell(OLD_FONT)
    if is_misread_utf8(text):
        raise UnclearCell(MISREAD)
    return normalised(" ".join(text.split()))


def _number_line(text: str) -> str | None:
    """A number or code; spreadsheets show the sign that keeps it text, an apostrophe, where a program wrote it."""
    line = _line(text).removeprefix("'").strip()
    return None if folded(line) in NOTHING else line


def _procedure_code(text: str) -> str:
    """The national code; a number's zeros at the end are put back and the suffix of a province is left out."""
    line = _line(text)
    match = PROCEDURE_CODE.fullmatch(line)
    return f"{match[1]}.{match[2]:0<6}" if match else line


def _word_in(
    words: Mapping[StrEnum, tuple[str, ...]], find: Callable[[str, Mapping[str, StrEnum]], StrEnum | None]
) -> Callable[[str], str]:
    """The converter of a closed set."""
    phrases = spoken(words)
    known = ", ".join(each[0] for each in words.values())

    def convert(text: str) -> str:
        word = find(text, phrases)
        if word is None:
            raise UnclearCell(UNKNOWN_WORD, text=shown(text), known=known)
        return word.value

    return convert


def _stated_id_type(text: str) -> str | None:
    """A kind of paper; "CMND/CCCD", as forms print it, leaves it to the number."""
    try:
        return _word_in_id_types(text)
    except UnclearCell:
        if {"cmnd", "cccd"} <= set(re.findall(r"\w+", folded(text))):
            return None
        raise


def _moment(text: str) -> Moment:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise UnclearCell(NOT_A_DAY, text=shown(text)) from error


def _day(text: str) -> str:
    return _moment(text).on.isoformat()


def _money(text: str) -> int:
    """Whole đồng of ``50.000 đ``, ``50,000``, ``50000``, or free of charge."""
    line = " ".join(text.lower().split())
    if folded(line) in FREE:
        return 0
    match = MONEY.fullmatch(line)
    if match is None:
        raise UnclearCell(NOT_MONEY, text=shown(text))
    return int(re.sub(r"[., ]", "", match[1]))


def _count(text: str) -> int:
    match = COUNT.fullmatch(folded(text))
    if match is None:
        raise UnclearCell(NOT_A_COUNT, text=shown(text))
    return int(match[1])


_word_in_id_types = _word_in(ID_TYPES, contained_word)

CONVERTERS: dict[Field, Callable[[str], Any]] = {
    Field.DOSSIER_CODE: _number_line,
    Field.EXTERNAL_CODE: _number_line,
    Field.RESULT_NUMBER: _number_line,
    Field.ID_NUMBER: _number_line,
    Field.EMAIL: _number_line,
    Field.PROCEDURE_CODE: _procedure_code,
    Field.OWNER_TYPE: _word_in(OWNER_TYPES, contained_word),
    Field.ID_TYPE: _stated_id_type,
    Field.SEX: _word_in(SEXES, contained_word),
    Field.CHANNEL: _word_in(CHANNELS, contained_word),
    Field.DELIVERY_METHOD: _word_in(DELIVERY_METHODS, contained_word),
    Field.STAGE: _word_in(STAGES, exact_word),
    Field.SET_COUNT: _count,
    Field.COPY_COUNT: _count,
    Field.RECEIVED_AT: _moment,
    Field.RESOLVED_AT: _moment,
    Field.DELIVERED_AT: _moment,
    Field.DUE_ON: _day,
    Field.FEE_AMOUNT_VND: _money,
}
"""Other fields are lines of text. Each takes a cell that is not empty and raises UnclearCell or a FieldSyncError."""
