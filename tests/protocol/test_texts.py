"""Vietnamese text: stored, searched, sorted, masked."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.texts import BadText, collation_key, folded, masked, normalised, telex_residue


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Nguyễn   Văn An ", "Nguyễn Văn An"),
        ("Nguye\u0302\u0303n", "Nguy\u1ec5n"),
        ("Trần\u00a0Thị\u2003Bé", "Trần Thị Bé"),
        ("Lò\u200b Văn\ufeff Páo", "Lò Văn Páo"),
        ("", ""),
    ],
)
def test_a_text_is_stored_composed_and_with_single_spaces(typed: str, stored: str) -> None:
    assert normalised(typed) == stored


@pytest.mark.parametrize("character", ["\x00", "\x07", "\n", "\t", "\x7f", "\x85", "\ud800"])
def test_a_character_that_cannot_be_kept_is_named_by_its_place(character: str) -> None:
    with pytest.raises(BadText) as caught:
        normalised("An" + character + "Bình")

    assert caught.value.values == {"code_point": f"U+{ord(character):04X}", "position": 3}
    assert "Bình" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Xuân Hoà", "xuan hoa"),
        ("Xuân Hòa", "xuan hoa"),
        ("ĐẶNG  Thị Đào", "dang thi dao"),
        ("Ðình", "dinh"),
        ("Nguye\u0302\u0303n", "nguyen"),
        ("Ươm mầm", "uom mam"),
    ],
)
def test_a_search_key_has_no_marks_and_no_case(text: str, key: str) -> None:
    assert folded(text) == key


def test_letters_sort_in_the_order_of_the_vietnamese_alphabet() -> None:
    words = ["ư", "u", "ơ", "ô", "o", "ê", "e", "đ", "d", "c", "b", "â", "ă", "a", "y", "x"]

    in_order = sorted(words, key=collation_key)

    assert in_order == ["a", "ă", "â", "b", "c", "d", "đ", "e", "ê", "o", "ô", "ơ", "u", "ư", "x", "y"]


def test_tones_sort_level_first_and_heavy_last() -> None:
    in_order = sorted(["mạ", "má", "mã", "mả", "mà", "ma"], key=collation_key)

    assert in_order == ["ma", "mà", "mả", "mã", "má", "mạ"]


def test_letters_of_the_whole_text_come_before_tones() -> None:
    names = ["Vĩnh Yên", "Tích Sơn", "Hòa An", "Hoa Bình", "Đại Đồng", "Dương Xá", "Ân Thi", "An Bình", "Anh Sơn"]

    in_order = sorted(names, key=collation_key)

    assert in_order == [
        "An Bình",
        "Anh Sơn",
        "Ân Thi",
        "Dương Xá",
        "Đại Đồng",
        "Hòa An",
        "Hoa Bình",
        "Tích Sơn",
        "Vĩnh Yên",
    ]


def test_a_word_with_two_marks_sorts_by_letter_then_tone() -> None:
    in_order = sorted(["Mận", "Mẫn", "Mân", "Mạn", "Man", "Mặn"], key=collation_key)

    assert in_order == ["Man", "Mạn", "Mặn", "Mân", "Mẫn", "Mận"]


@pytest.mark.parametrize("name", ["Nguyeenx", "ddaats", "Vawn", "HOOF", "Trần Thị Bes", "Lê jun", "Zung"])
def test_unconverted_telex_is_noticed(name: str) -> None:
    assert telex_residue(name) is True


@pytest.mark.parametrize("name", ["Nguyễn Văn An", "Đặng Thị Ánh", "Trần Xuân Sơn", "Hồ Sỹ Rằng", ""])
def test_a_vietnamese_name_is_not_taken_for_telex(name: str) -> None:
    assert telex_residue(name) is False


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("026095000112", "026*******12"),
        ("135246789", "135****89"),
        ("C1234567", "********"),
        ("", ""),
    ],
)
def test_a_masked_number_shows_its_ends_only(number: str, shown: str) -> None:
    assert masked(number) == shown


storable = st.text(st.characters(exclude_categories=["Cc", "Cs"]))


@given(text=storable)
def test_storing_a_stored_text_changes_nothing(text: str) -> None:
    stored = normalised(text)

    assert normalised(stored) == stored


@given(text=st.text())
def test_a_search_key_is_its_own_key_and_ignores_composition(text: str) -> None:
    key = folded(text)

    assert folded(key) == key
    assert folded(unicodedata.normalize("NFD", text)) == key
    assert folded(unicodedata.normalize("NFC", text)) == key


@given(one=storable, other=storable)
def test_unlike_texts_have_unlike_sort_keys(one: str, other: str) -> None:
    are_alike = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)

    assert (collation_key(one) == collation_key(other)) is are_alike
