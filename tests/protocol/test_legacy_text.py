"""Text of old fonts is recognised, and real names never are taken for it."""

import csv
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.legacy_text import is_legacy_font, is_misread_utf8

REFERENCE = Path(__file__).parent.parent.parent / "central_server" / "reference"

TCVN3_CODES = {
    "à": 0xB5, "ả": 0xB6, "ã": 0xB7, "á": 0xB8, "ạ": 0xB9,
    "ă": 0xA8, "ằ": 0xBB, "ẳ": 0xBC, "ẵ": 0xBD, "ắ": 0xBE, "ặ": 0xC6,
    "â": 0xA9, "ầ": 0xC7, "ẩ": 0xC8, "ẫ": 0xC9, "ấ": 0xCA, "ậ": 0xCB,
    "đ": 0xAE, "è": 0xCC, "ẻ": 0xCE, "ẽ": 0xCF, "é": 0xD0, "ẹ": 0xD1,
    "ê": 0xAA, "ề": 0xD2, "ể": 0xD3, "ễ": 0xD4, "ế": 0xD5, "ệ": 0xD6,
    "ì": 0xD7, "ỉ": 0xD8, "ĩ": 0xDC, "í": 0xDD, "ị": 0xDE,
    "ò": 0xDF, "ỏ": 0xE1, "õ": 0xE2, "ó": 0xE3, "ọ": 0xE4,
    "ô": 0xAB, "ồ": 0xE5, "ổ": 0xE6, "ỗ": 0xE7, "ố": 0xE8, "ộ": 0xE9,
    "ơ": 0xAC, "ờ": 0xEA, "ở": 0xEB, "ỡ": 0xEC, "ớ": 0xED, "ợ": 0xEE,
    "ù": 0xEF, "ủ": 0xF1, "ũ": 0xF2, "ú": 0xF3, "ụ": 0xF4,
    "ư": 0xAD, "ừ": 0xF5, "ử": 0xF6, "ữ": 0xF7, "ứ": 0xF8, "ự": 0xF9,
    "ỳ": 0xFA, "ỷ": 0xFB, "ỹ": 0xFC, "ý": 0xFD, "ỵ": 0xFE,
    "Ă": 0xA1, "Â": 0xA2, "Ê": 0xA3, "Ô": 0xA4, "Ơ": 0xA5, "Ư": 0xA6, "Đ": 0xA7,
}  # fmt: skip

VNI_SPELLINGS = dict(
    re.findall(
        r"(.)=(\w+)",
        "à=aø á=aù ả=aû ã=aõ ạ=aï ă=aê ằ=aè ắ=aé ẳ=aú ẵ=aü ặ=aë â=aâ ầ=aà ấ=aá ẩ=aå ẫ=aã ậ=aä "
        "è=eø é=eù ẻ=eû ẽ=eõ ẹ=eï ê=eâ ề=eà ế=eá ể=eå ễ=eã ệ=eä ì=ì í=í ỉ=æ ĩ=ó ị=ò "
        "ò=oø ó=où ỏ=oû õ=oõ ọ=oï ô=oâ ồ=oà ố=oá ổ=oå ỗ=oã ộ=oä ơ=ô ờ=ôø ớ=ôù ở=ôû ỡ=ôõ ợ=ôï "
        "ù=uø ú=uù ủ=uû ũ=uõ ụ=uï ư=ö ừ=öø ứ=öù ử=öû ữ=öõ ự=öï ỳ=yø ý=yù ỷ=yû ỹ=yõ ỵ=î đ=ñ",
    )
)

WORDS = re.compile(r"\w+")
SURNAMES = WORDS.findall(
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Đoàn Lâm Mai Trịnh Cao Tạ Tô Hà Lương "
    "Quách Nghiêm Khuất Triệu Thạch Giàng Lò Vàng Sùng Thào Mùa Chẻo Phàn Tẩn Nông Hoàng Lộc Bế Ma Ly Vừ Lầu Cứ Hạng"
)
MIDDLES = WORDS.findall("Văn Thị Đức Hữu Ngọc Quốc Minh Xuân Thanh Kim Hồng Diệu Đình Quang Bá Thế Công Khánh Tuyết")
GIVEN = WORDS.findall(
    "An Bình Cường Dũng Đào Giang Hải Hạnh Hiếu Hòa Hoà Huệ Hương Khuê Kiều Lan Linh Loan Long Mỹ Nam Nga Nghĩa Nguyệt "
    "Nhung Oanh Phúc Phượng Quyên Quý Quỳnh Sơn Tâm Thảo Thắng Thúy Thuỷ Tiến Toàn Trang Trí Tuấn Tú Uyên Vân Việt Vỹ "
    "Xoan Yến Ý Khoẻ Khỏe Thuở Tuyển Khuyến Nguyên Út Páo Sử Mẩy Pó"
)

OTHER_NAMES = [
    "François Lefèvre", "Hélène Dupont", "Loïc Martin", "Zoë Noël", "Michaël Besançon", "Benoît Strauß", "Jörg Müller",
    "Björn Åkesson", "João Gonçalves", "José Muñoz Peña", "Raúl Núñez", "Anaïs Maître", "Siobhán O'Brien", "John Smith",
    "H'Hen Niê", "Y Ñuên Niê", "H'Ñinh Niê Kđăm", "Y Bhĭu Êban", "Rơ Châm H'Byơi", "K'Sor Y Blŏ", "Kpă H'Ƀlin",
    "A Lăng Bhuôch", "Zơ Râm Pơloong", "Kră Jăn Ha Čăm", "Giàng A Páo", "Thạch Sà Rương", "Ðinh Thị Ðào",
]  # fmt: skip


def as_tcvn3(text: str) -> str:
    """What a text typed in a TCVN3 font looks like in another one; its fonts of capitals have no codes of their own."""
    codes = (TCVN3_CODES.get(letter) or TCVN3_CODES.get(letter.lower()) for letter in text)
    return "".join(chr(code) if code else letter for code, letter in zip(codes, text, strict=True))


def as_vni(text: str) -> str:
    """What a text typed in a VNI font looks like in another one."""
    spelt = (VNI_SPELLINGS.get(letter.lower(), letter.lower()) for letter in text)
    return "".join(
        spelling.upper() if letter.isupper() else spelling for spelling, letter in zip(spelt, text, strict=True)
    )


def official_texts() -> list[str]:
    """Names of procedures, fields and units."""
    files = ("procedures.csv", "invented_procedures.csv", "admin_units_vinh_phuc_2021.csv", "invented_desks.csv")
    texts = set()
    for name in files:
        with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
            texts |= {row[column] for row in csv.DictReader(file) for column in ("name", "field") if column in row}
    return sorted(unicodedata.normalize("NFC", text) for text in texts)


def people() -> list[str]:
    """Invented people of many families."""
    return [
        f"{surname} {MIDDLES[(at * 7 + other) % len(MIDDLES)]} {given}"
        for at, surname in enumerate(SURNAMES)
        for other, given in enumerate(GIVEN)
    ]


OFFICIAL = official_texts()
PEOPLE = people()
SYLLABLES = sorted({word for text in OFFICIAL + PEOPLE for word in text.split()})


@pytest.mark.parametrize(
    "text", ["NguyÔn V¨n An", "®Êt", "TrÇn ThÞ Lª", "Tr­êng TiÓu häc", "nguyÔn ®×nh chiÓu", "§Æng H÷u"]
)
def test_text_of_a_tcvn3_font_is_recognised(text: str) -> None:
    assert is_legacy_font(text)


@pytest.mark.parametrize(
    "text", ["Nguyeãn Vaên", "ñaát", "NGUYEÃN THÒ BEÙ", "UBND xaõ Tích Sôn", "Ñaëng Höõu", "Lyù Töï Troïng"]
)
def test_text_of_a_vni_font_is_recognised(text: str) -> None:
    assert is_legacy_font(text)


@pytest.mark.parametrize(
    "text", [*OTHER_NAMES, "", "0987000123", "02 bộ", "An · Bình", "«Đất»", "Nước 1 m²", "ẤP 3 – XÃ HÒA"]
)
def test_what_is_only_unusual_is_no_text_of_an_old_font(text: str) -> None:
    assert not is_legacy_font(text)
    assert not is_misread_utf8(text)


@pytest.mark.parametrize("shown", [str, str.upper, str.lower], ids=["as written", "capitals", "small"])
def test_no_official_text_and_no_name_is_taken_for_an_old_font(shown: Callable[[str], str]) -> None:
    taken = [text for text in OFFICIAL + PEOPLE if is_legacy_font(shown(text)) or is_misread_utf8(shown(text))]

    assert taken == []


@given(words=st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=12))
def test_no_text_made_of_real_syllables_is_taken_for_an_old_font(words: list[str]) -> None:
    text = " ".join(words)

    assert not is_legacy_font(text)
    assert not is_legacy_font(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize("encoded", [as_tcvn3, as_vni])
@pytest.mark.parametrize("texts", [OFFICIAL, PEOPLE], ids=["official", "people"])
def test_nearly_every_text_of_an_old_font_is_recognised(texts: list[str], encoded: Callable[[str], str]) -> None:
    spoilt = [encoded(text) for text in texts if encoded(text) != text]

    share = sum(map(is_legacy_font, spoilt)) / len(spoilt)

    assert share >= 0.99


@pytest.mark.parametrize("text", ["Nguyễn Văn An", "Lý", "Đất", "HUỲNH THỊ ÚT"])
def test_utf8_read_by_a_western_table_is_recognised(text: str) -> None:
    misread = "".join(bytes([code]).decode("cp1252", errors="ignore") or chr(code) for code in text.encode())

    assert is_misread_utf8(misread)


@given(st.text(max_size=40))
def test_any_text_gets_an_answer(text: str) -> None:
    assert is_legacy_font(text) in (True, False)
    assert is_misread_utf8(text) in (True, False)
