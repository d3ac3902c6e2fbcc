"""What is said of a cell that cannot be taken as it stands, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from desk_client.sheets.columns import Field
from sync_protocol.errors import N_

WITHOUT_VALUE = N_(
    "The formula in this cell has no result in the file. Open the file in the spreadsheet program, save it and give it"
    " again, or type the value in place of the formula."
)
ERROR_CELL = N_("This cell shows an error of the spreadsheet. Correct it there, or clear the cell.")
TOO_LONG = N_("This cell holds more than %(limit)d characters. Shorten it.")
BROKEN_NUMBER = N_(
    "The spreadsheet has broken this number. Format the column as Text, type the number again and give the file again."
)
LOST_ZEROS = N_(
    "An identity number has 12 digits (CCCD) or 9 (CMND), this one has %(count)d. If it began with 0, the spreadsheet"
    " has dropped it: format the column as Text and type the number again."
)
OLD_FONT = N_(
    "This text was typed in an old font (TCVN3 such as .VnTime, or VNI). Convert it to Unicode, for example with"
    " UniKey, or type it again."
)
MISREAD = N_(
    "The letters of this text were broken when the file was made. Make the file again in Unicode (UTF-8 or .xlsx), or"
    " type the text again."
)
UNKNOWN_WORD = N_("“%(text)s” is not known in this column. Write one of: %(known)s.")
NOT_A_DAY = N_(
    "“%(text)s” is not a day. Write day/month/year, such as 04/10/2021, with the time behind it if it is known: 08:15."
)
NOT_A_BIRTH = N_(
    "This is not a date of birth. Write day/month/year with four figures of the year, such as 02/07/1965, or the year."
)
NOT_MONEY = N_("“%(text)s” is not an amount in đồng. Write a whole number, such as 50000 or 50.000.")
NOT_A_COUNT = N_("“%(text)s” is not a number of sets or copies. Write a whole number, such as 1.")
MORE_PHONES = N_("The cell holds more than one phone number. The first one is taken, these are left out: %(rest)s")

SHOWN_CHARACTERS = 60
"""As much of a cell as advice repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something to be said of a cell, in the catalogue of the desk or of both ends (see `messages.translated`)."""

    field: Field
    text: str
    values: Mapping[str, object]


class UnclearCell(Exception):
    """A cell that says nothing certain, with the advice on it; it never leaves this room."""

    def __init__(self, advice: str, **values: object) -> None:
        self.text = advice
        self.values = values
        super().__init__(advice)


def shown(text: str) -> str:
    """A cell as advice repeats it."""
    return " ".join(text.split())[:SHOWN_CHARACTERS]
