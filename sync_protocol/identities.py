"""Numbers of people: identity numbers and phones, checked and brought to one form.

Numbers are text, leading zeros matter, and none is a key. No error here repeats the number, since errors reach logs.
Sources: NĐ 137/2015 Đ.13 and TT 07/2016 for identity numbers; the numbering of 2018 for phones.
"""

import re
from enum import StrEnum

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.texts import normalised
from sync_protocol.vocabulary import IdType

BIRTH_PROVINCES = frozenset(
    re.findall(
        r"[0-9]{3}",
        "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 "
        "034 035 036 037 038 040 042 044 045 046 048 049 051 052 054 056 058 060 062 064 066 "
        "067 068 070 072 074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096",
    )
)
"""First three digits of a citizen's number: the 63 provinces before July 2025. Other values are countries or later."""

SEPARATORS = re.compile(r"[\s.\-]")
PHONE_SEPARATORS = re.compile(r"[\s.\-()]")
COUNTRY_CODE = re.compile(r"(?:\+84|84)0?(?=[1-9][0-9]{8,9}\Z)")

MOBILE = re.compile(r"0[35789][0-9]{8}")
LANDLINE = re.compile(r"02[0-9]{9}")
OLD_MOBILE = re.compile(r"01[0-9]{9}")

CCCD = re.compile(r"[0-9]{12}")
CMND = re.compile(r"[0-9]{9}")
PASSPORT = re.compile(r"[A-Z0-9]{5,20}")
TAX_CODE = re.compile(r"[0-9]{10}(-[0-9]{3})?|[0-9]{12}")
OTHER = re.compile(r".{1,50}")


class Sex(StrEnum):
    """Sex as the citizen's number states it."""

    MALE = "male"
    FEMALE = "female"


class IdWarning(StrEnum):
    """What is odd about an identity number; shown to the clerk, never a reason to refuse."""

    UNKNOWN_PROVINCE = "unknown_province"
    OTHER_SEX = "other_sex"
    OTHER_BIRTH_YEAR = "other_birth_year"


class BadPhone(FieldSyncError, ValueError):
    """A phone number that nobody can call."""

    code = "bad_phone"
    text = N_("One mobile number has 10 digits, one landline 11. Nothing was saved; correct it.")


class BadIdNumber(FieldSyncError, ValueError):
    """An identity number that does not look like its kind; the subclasses say how each kind looks."""

    code = "bad_id_number"
    text = N_("This number of a paper needs 1 to 50 characters. Nothing was saved; correct it and try again.")


class BadCccd(BadIdNumber):
    """Not a citizen's number."""

    code = "bad_cccd"
    text = N_("A citizen's identity number (CCCD) has 12 digits. Nothing was saved; correct it and try again.")


class BadCmnd(BadIdNumber):
    """Not an old identity card's number."""

    code = "bad_cmnd"
    text = N_("An old identity card number (CMND) has 9 digits. Nothing was saved; correct it and try again.")


class BadPassport(BadIdNumber):
    """Not a passport number."""

    code = "bad_passport"
    text = N_(
        "A passport number has 5 to 20 letters and digits, such as C1234567."
        " Nothing was saved; correct it and try again."
    )


class BadTaxCode(BadIdNumber):
    """Not a tax code."""

    code = "bad_tax_code"
    text = N_(
        "A tax code has 10 digits, with -001 and the like for a branch, or the 12 digits of a citizen's number."
        " Nothing was saved; correct it and try again."
    )


ID_FORMS: dict[IdType, tuple[re.Pattern[str], type[BadIdNumber]]] = {
    IdType.CCCD: (CCCD, BadCccd),
    IdType.CMND: (CMND, BadCmnd),
    IdType.PASSPORT: (PASSPORT, BadPassport),
    IdType.TAX_CODE: (TAX_CODE, BadTaxCode),
    IdType.OTHER: (OTHER, BadIdNumber),
}


def normalised_phone(text: str) -> str:
    """The phone number as it is stored: digits only, beginning with 0.

    Takes +84, 84 or 0, with spaces, dots, dashes and brackets. The 11-digit mobile numbers 01… that ended in 2018 pass,
    since old records hold them; ``is_old_mobile`` tells them. Raises BadPhone.
    """
    # Nearly all are as they are stored, and three patterns cost more than one.
    if MOBILE.fullmatch(text):
        return text
    phone = COUNTRY_CODE.sub("0", PHONE_SEPARATORS.sub("", text), count=1)
    if any(form.fullmatch(phone) for form in (MOBILE, LANDLINE, OLD_MOBILE)):
        return phone
    raise BadPhone()


def is_old_mobile(phone: str) -> bool:
    """Whether a stored phone number is one of the 11-digit mobile numbers that nobody can call since 2018."""
    return OLD_MOBILE.fullmatch(phone) is not None


def check_id_number(id_type: IdType, number: str) -> str:
    """The number as it is stored, without the gaps that people type; raises the BadIdNumber of its kind.

    Another paper's number may also raise BadText.
    """
    form, error = ID_FORMS[id_type]
    stored = _stored(id_type, number)
    if form.fullmatch(stored) is None:
        raise error()
    return stored


def id_warnings(id_type: IdType, number: str, birth_year: int | None = None, sex: Sex | None = None) -> list[IdWarning]:
    """What is odd about a checked number, beside what else is known of its owner; only citizens' numbers tell."""
    if id_type is not IdType.CCCD:
        return []
    odd = {
        IdWarning.UNKNOWN_PROVINCE: number[:3] not in BIRTH_PROVINCES,
        IdWarning.OTHER_SEX: sex is not None and sex != _stated_sex(number),
        IdWarning.OTHER_BIRTH_YEAR: birth_year is not None and birth_year != _stated_birth_year(number),
    }
    return [warning for warning, is_odd in odd.items() if is_odd]


def _stored(id_type: IdType, number: str) -> str:
    match id_type:
        case IdType.CCCD | IdType.CMND:
            return SEPARATORS.sub("", number)
        case IdType.PASSPORT:
            return SEPARATORS.sub("", number).upper()
        case IdType.TAX_CODE:
            return "".join(number.split())
        case IdType.OTHER:
            return normalised(number)


def _stated_sex(cccd: str) -> Sex:
    return Sex.FEMALE if int(cccd[3]) % 2 else Sex.MALE


def _stated_birth_year(cccd: str) -> int:
    """Digit 4 holds century and sex (0 and 1 are 19xx), digits 5 and 6 the year in it."""
    return 1900 + int(cccd[3]) // 2 * 100 + int(cccd[4:6])
