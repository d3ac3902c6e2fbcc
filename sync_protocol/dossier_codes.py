"""Dossier codes, issued offline: each device slot of a desk owns serials that no other slot can print.

Sources: TT 01/2018 Đ.19, QĐ 20/2020 Đ.4.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sync_protocol.errors import N_, FieldSyncError

CODE_PATTERN = re.compile(r"[A-Z0-9]{1,3}(?:\.[A-Z0-9]{1,3}){0,5}-[0-9]{6}-[0-9]{4,6}")
"""A whole code, to be used with ``fullmatch``. Source: TT 01/2018 Đ.19, QĐ 20/2020 Đ.4."""

FOUR_DIGITS_MAX = 9_999
SIX_DIGITS_MIN = 100_000
SIX_DIGITS_MAX = 999_999

SLOTS_MAX = 100
"""Slots of a desk: the blocks of a later epoch stand behind those that all slots own in the epoch before it."""

SHOWN_MAX = 40
"""How much of a text that is not a code is repeated to the person who sent it."""

CENTURY = 2000
"""A code holds two digits of the year; the system of codes began in 2019."""


class BadDossierCode(FieldSyncError):
    """A text that is not a dossier code, or parts that do not make one."""

    code = "bad_dossier_code"
    text = N_(
        "%(dossier_code)s is not a dossier code. A code looks like H62.31.04-211004-0001: unit, day of reception"
        " as year, month, day, and number. Nothing was changed; correct it and try again."
    )


class BadSerialRule(FieldSyncError):
    """A rule for dossier numbers that leaves the first device no number of four digits."""

    code = "bad_serial_rule"
    text = N_(
        "Dossier numbers cannot start at %(first)s with %(per_slot)s for each machine; both are from 1 to 9999."
        " Nothing was changed; correct the setting."
    )


class SerialsExhausted(FieldSyncError):
    """The device has used every number that it owns for a day."""

    code = "serials_exhausted"
    text = N_(
        "Machine %(slot)d has used all its dossier numbers for this day. What was saved is safe."
        " Use another machine of this desk, or ask your supervisor for a new machine number."
    )


class CodeParts(NamedTuple):
    """What a dossier code is made of."""

    identifier_code: str
    received_on: date
    serial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialRule:
    """How a desk's numbers of a day are shared among its devices.

    first     lowest number in use, above what the province's own system issues
    per_slot  how many numbers a device owns
    """

    first: int = 1
    per_slot: int = 1000

    def __post_init__(self) -> None:
        if not (1 <= self.first <= FOUR_DIGITS_MAX and 1 <= self.per_slot <= FOUR_DIGITS_MAX):
            raise BadSerialRule(first=self.first, per_slot=self.per_slot)


def serial_blocks(slot: int, rule: SerialRule, epoch: int = 1) -> tuple[range, ...]:
    """The numbers that a device owns on every day, in the order of use; neither slots nor their epochs share one.

    First a block of four digits, while there are any: blocks are aligned to ``per_slot``, so that by default slot 1
    owns 1 to 999, slot 2 1000 to 1999, slot 10 9000 to 9999; a higher ``first`` moves them up by whole blocks and cuts
    the first one. Then a block of six digits, for full days and for later slots. Empty if neither is left.
    A restored or copied installation cannot know which numbers were given since, so its later epochs own another block
    of six digits each, and no others.
    """
    assert slot >= 1, "the centre's slot issues no dossier codes"
    six_digits = _block(SIX_DIGITS_MIN, slot + SLOTS_MAX * (epoch - 1), rule.per_slot, up_to=SIX_DIGITS_MAX)
    if epoch > 1:
        return (six_digits,) if six_digits else ()
    aligned_first = rule.first - rule.first % rule.per_slot
    four_digits = _block(aligned_first, slot, rule.per_slot, up_to=FOUR_DIGITS_MAX)
    four_digits = range(max(four_digits.start, rule.first), four_digits.stop)
    return tuple(block for block in (four_digits, six_digits) if block)


def next_serial(last: int | None, slot: int, rule: SerialRule, epoch: int = 1) -> int:
    """The lowest number of the device above the last one it used on that day; None if it used none.

    Numbers only rise, also when the rule changes during a day, so none is given twice. Raises SerialsExhausted.
    """
    used_up_to = 0 if last is None else last
    for block in serial_blocks(slot, rule, epoch):
        if used_up_to < block[-1]:
            return max(block.start, used_up_to + 1)
    raise SerialsExhausted(slot=slot)


def dossier_code(identifier_code: str, received_on: date, serial: int) -> str:
    """The code to print, for example ``H62.31.04-211004-0001``; BadDossierCode if the parts do not make one."""
    code = f"{identifier_code}-{received_on:%y%m%d}-{serial:04d}"
    if parse_code(code) != (identifier_code, received_on, serial):
        raise BadDossierCode(dossier_code=code)
    return code


def parse_code(code: str) -> CodeParts:
    """Identifier of the unit, day of reception and number of a code; BadDossierCode if it is not one."""
    if CODE_PATTERN.fullmatch(code) is None:
        raise BadDossierCode(dossier_code=code[:SHOWN_MAX])
    identifier_code, day, serial = code.split("-")
    return CodeParts(identifier_code, _day(day, code), int(serial))


def _block(first: int, slot: int, per_slot: int, *, up_to: int) -> range:
    start = first + (slot - 1) * per_slot
    return range(start, min(start + per_slot - 1, up_to) + 1)


def _day(digits: str, code: str) -> date:
    try:
        return date(CENTURY + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError as error:
        raise BadDossierCode(dossier_code=code) from error
