"""What a row means: the values of its fields, and advice on the cells that have to be corrected."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk_client.sheets.advice import (
    BROKEN_NUMBER,
    ERROR_CELL,
    LOST_ZEROS,
    MORE_PHONES,
    NOT_A_BIRTH,
    TOO_LONG,
    WITHOUT_VALUE,
    Remark,
    UnclearCell,
)
from desk_client.sheets.columns import Field
from desk_client.sheets.converting import NOTHING, converted
from desk_client.sheets.grids import CELL_CHARACTERS_MAX, Mark, Row
from desk_client.sheets.moments import parse_birth
from sync_protocol.errors import FieldSyncError
from sync_protocol.identities import check_id_number, normalised_phone
from sync_protocol.texts import folded
from sync_protocol.vocabulary import BirthPrecision, IdType, OwnerType

NO_CONTENT = re.compile(r"[\W_]*")
"""Dashes and dots that stand for "nothing"."""

NUMBER_FIELDS = frozenset({Field.ID_NUMBER, Field.DOSSIER_CODE, Field.EXTERNAL_CODE, Field.RESULT_NUMBER})
"""Numbers of which no digit may be guessed."""

PHONES_APART = re.compile(r"[,;/|\n\r]|\s-\s|\bhoặc\b|\bvà\b")
WITHOUT_ZERO = re.compile(r"[35789][0-9]{8}|2[0-9]{9}")
"""A mobile or a landline number whose 0 a spreadsheet has dropped."""

SEPARATORS = re.compile(r"[\s.\-]")
PASSPORT = re.compile(r"[A-Z][0-9]{7,8}", re.IGNORECASE)
BRANCH_TAX_CODE = re.compile(r"[0-9]{10}-[0-9]{3}")
TYPES_BY_DIGITS = {12: IdType.CCCD, 9: IdType.CMND}
TAX_CODE_DIGITS = 10
ORGANISED = frozenset({OwnerType.BUSINESS, OwnerType.ORGANISATION, OwnerType.STATE_AGENCY})


@dataclass(frozen=True, slots=True, kw_only=True)
class RowValues:
    """What a row says.

    values    by field, ready for the schemas: text in its stored form, words of closed sets as their identifiers, whole
              numbers, days as ISO text; received_at, resolved_at and delivered_at are Moments. Empty cells are left
              out. birth_date brings birth_precision with it, id_number brings id_type.
    problems  cells that have to be corrected; the row is not to be taken before. Their fields are not in values.
    notes     what was decided, for the preview
    """

    values: Mapping[str, Any]
    problems: tuple[Remark, ...]
    notes: tuple[Remark, ...]


def values_of(row: Row, mapping: Mapping[Field, int]) -> RowValues:
    """What the mapped cells (by column from 0) of a row mean; whether enough is there is for the import to say.

    Raises nothing: what cannot be understood is a problem with its advice.
    """
    reading = _Reading()
    for name, column in mapping.items():
        reading.take(name, row.text(column), row.marks.get(column))
    reading.settle_id()
    return RowValues(values=reading.values, problems=tuple(reading.problems), notes=tuple(reading.notes))


class _Reading:
    """A row while its cells are read."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.problems: list[Remark] = []
        self.notes: list[Remark] = []

    def take(self, name: Field, text: str, mark: Mark | None) -> None:
        """Reads one cell."""
        try:
            _check_mark(name, mark)
            if not NO_CONTENT.fullmatch(text):
                self._convert(name, text)
        except (UnclearCell, FieldSyncError) as unclear:
            is_broken = mark is Mark.BROKEN_NUMBER
            self._refuse(name, UnclearCell(BROKEN_NUMBER) if is_broken else unclear)

    def settle_id(self) -> None:
        """Brings the kind of the paper and its number together; a kind without a number says nothing."""
        stated = self.values.pop(Field.ID_TYPE, None)
        number = self.values.pop(Field.ID_NUMBER, None)
        if number is None:
            return
        try:
            id_type = _id_type(number, stated, self.values.get(Field.OWNER_TYPE))
            self.values[Field.ID_NUMBER.value] = check_id_number(id_type, number)
            self.values[Field.ID_TYPE.value] = id_type.value
        except (UnclearCell, FieldSyncError) as unclear:
            self._refuse(Field.ID_NUMBER, unclear)

    def _convert(self, name: Field, text: str) -> None:
        match name:
            case Field.PHONE:
                self._take_phone(text)
            case Field.BIRTH_DATE:
                self._take_birth(text)
            case _:
                value = converted(name, text)
                if value is not None:
                    self.values[name.value] = value

    def _take_phone(self, text: str) -> None:
        if folded(text) in NOTHING:
            return
        phones = _phones_in(text)
        taken = next((phone for phone in phones if _is_phone(phone)), text)
        self.values[Field.PHONE.value] = _phone(taken)
        rest = [phone for phone in phones if phone is not taken]
        if rest:
            self.notes.append(Remark(field=Field.PHONE, text=MORE_PHONES, values={"rest": ", ".join(rest)}))

    def _take_birth(self, text: str) -> None:
        try:
            day, is_known = parse_birth(text)
        except ValueError as error:
            raise UnclearCell(NOT_A_BIRTH) from error
        precision = BirthPrecision.DAY if is_known else BirthPrecision.YEAR
        self.values |= {Field.BIRTH_DATE.value: day.isoformat(), "birth_precision": precision.value}

    def _refuse(self, name: Field, unclear: UnclearCell | FieldSyncError) -> None:
        self.problems.append(Remark(field=name, text=unclear.text, values=unclear.values))


def _check_mark(name: Field, mark: Mark | None) -> None:
    match mark:
        case Mark.WITHOUT_VALUE:
            raise UnclearCell(WITHOUT_VALUE)
        case Mark.ERROR:
            raise UnclearCell(ERROR_CELL)
        case Mark.TOO_LONG:
            raise UnclearCell(TOO_LONG, limit=CELL_CHARACTERS_MAX)
        case Mark.BROKEN_NUMBER if name in NUMBER_FIELDS:
            raise UnclearCell(BROKEN_NUMBER)


def _id_type(number: str, stated: str | None, owner_type: str | None) -> IdType:
    """The kind of paper; digits decide between the citizen's number and the old card, whatever the register says."""
    if stated not in (None, IdType.CCCD, IdType.CMND):
        return IdType(stated)
    digits = SEPARATORS.sub("", number)
    if digits.isdecimal() and not BRANCH_TAX_CODE.fullmatch(number):
        return _id_type_of_digits(len(digits), owner_type)
    if stated:
        return IdType(stated)
    if BRANCH_TAX_CODE.fullmatch(number):
        return IdType.TAX_CODE
    return IdType.PASSPORT if PASSPORT.fullmatch(digits) else IdType.OTHER


def _id_type_of_digits(count: int, owner_type: str | None) -> IdType:
    if count in TYPES_BY_DIGITS:
        return TYPES_BY_DIGITS[count]
    if count == TAX_CODE_DIGITS and owner_type in ORGANISED:
        return IdType.TAX_CODE
    raise UnclearCell(LOST_ZEROS, count=count)


def _phones_in(text: str) -> list[str]:
    """The numbers in a cell as they stand; one that is whole with its dashes is not split."""
    parts = [text] if _is_phone(text) else PHONES_APART.split(text)
    return [part.strip(" .'") for part in parts if part.strip(" .'")]


def _phone(text: str) -> str:
    """A phone number as it is stored, with the 0 that a spreadsheet has dropped; raises BadPhone."""
    digits = SEPARATORS.sub("", text)
    return normalised_phone(f"0{digits}" if WITHOUT_ZERO.fullmatch(digits) else text)


def _is_phone(text: str) -> bool:
    try:
        return bool(_phone(text))
    except FieldSyncError:
        return False
