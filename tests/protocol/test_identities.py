"""Identity numbers and phones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.identities import (
    BadCccd,
    BadCmnd,
    BadIdNumber,
    BadPassport,
    BadPhone,
    BadTaxCode,
    IdWarning,
    Sex,
    check_id_number,
    id_warnings,
    is_old_mobile,
    normalised_phone,
)
from sync_protocol.vocabulary import IdType


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0912345678", "0912345678"),
        ("091 234.56-78", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("84912345678", "0912345678"),
        ("+84 (0)912 345 678", "0912345678"),
        ("0211 3862 501", "02113862501"),
        ("+84 211 3862 501", "02113862501"),
        ("01234567890", "01234567890"),
    ],
)
def test_a_phone_is_stored_as_digits_from_zero(typed: str, stored: str) -> None:
    assert normalised_phone(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "912345678", "0612345678", "091234567", "09123456789", "0912345678 / 0987654321", "O912345678", "٠٩١٢٣٤٥٦٧٨"],
)
def test_what_nobody_can_call_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(BadPhone) as caught:
        normalised_phone(typed)

    assert caught.value.values == {}


def test_a_mobile_number_of_before_2018_is_told_apart() -> None:
    assert is_old_mobile("01234567890") is True
    assert is_old_mobile("0912345678") is False


@pytest.mark.parametrize(
    ("id_type", "typed", "stored"),
    [
        (IdType.CCCD, " 026 095 000 112 ", "026095000112"),
        (IdType.CMND, "135.246.789", "135246789"),
        (IdType.PASSPORT, "c1234567", "C1234567"),
        (IdType.TAX_CODE, "0100109106", "0100109106"),
        (IdType.TAX_CODE, "0100109106-001", "0100109106-001"),
        (IdType.TAX_CODE, "026095000112", "026095000112"),
        (IdType.OTHER, " GKS  12/2020 ", "GKS 12/2020"),
    ],
)
def test_an_identity_number_is_stored_without_gaps(id_type: IdType, typed: str, stored: str) -> None:
    assert check_id_number(id_type, typed) == stored


@pytest.mark.parametrize(
    ("id_type", "typed", "error"),
    [
        (IdType.CCCD, "26095000112", BadCccd),
        (IdType.CCCD, "02609500011A", BadCccd),
        (IdType.CCCD, "1.20123E+11", BadCccd),
        (IdType.CMND, "1352467890", BadCmnd),
        (IdType.PASSPORT, "C12", BadPassport),
        (IdType.TAX_CODE, "0100109106-1", BadTaxCode),
        (IdType.OTHER, "  ", BadIdNumber),
    ],
)
def test_a_number_of_another_form_is_refused_as_its_kind(id_type: IdType, typed: str, error: type[BadIdNumber]) -> None:
    with pytest.raises(error) as caught:
        check_id_number(id_type, typed)

    assert isinstance(caught.value, ValueError)
    assert caught.value.values == {}


def test_a_number_that_agrees_with_its_owner_warns_of_nothing() -> None:
    assert id_warnings(IdType.CCCD, "026095000112", birth_year=1995, sex=Sex.MALE) == []
    assert id_warnings(IdType.CCCD, "026305000112", birth_year=2005, sex=Sex.FEMALE) == []
    assert id_warnings(IdType.CCCD, "026095000112") == []


def test_an_unknown_province_is_a_warning() -> None:
    assert id_warnings(IdType.CCCD, "003095000112") == [IdWarning.UNKNOWN_PROVINCE]


def test_another_sex_and_another_birth_year_are_warnings() -> None:
    warnings = id_warnings(IdType.CCCD, "026095000112", birth_year=2095, sex=Sex.FEMALE)

    assert warnings == [IdWarning.OTHER_SEX, IdWarning.OTHER_BIRTH_YEAR]


def test_an_old_card_has_no_structure_to_warn_about() -> None:
    assert id_warnings(IdType.CMND, "003095000", birth_year=1995, sex=Sex.FEMALE) == []


@given(digits=st.from_regex(r"0[35789][0-9]{8}|02[0-9]{9}|01[0-9]{9}", fullmatch=True))
def test_a_stored_phone_is_read_back_in_every_dress(digits: str) -> None:
    dresses = [digits, "+84" + digits[1:], "84" + digits[1:], " ".join(digits)]

    assert {normalised_phone(dress) for dress in dresses} == {digits}
