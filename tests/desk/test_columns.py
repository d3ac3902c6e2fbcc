"""Columns are found by their usual names, and cells mean what people meant, or are refused with advice."""

import unicodedata
from datetime import date, time
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_client.sheets import advice
from desk_client.sheets.columns import COLUMN_NAMES, NAMES, Field, field_of, guessed, header_signature
from desk_client.sheets.grids import Mark, Row
from desk_client.sheets.moments import Moment
from desk_client.sheets.values import RowValues, values_of
from desk_client.sheets.words import (
    CHANNELS,
    DELIVERY_METHODS,
    ID_TYPES,
    OWNER_TYPES,
    SEXES,
    STAGES,
    exact_word,
    spoken,
)
from sync_protocol.identities import BadCccd, BadPhone
from sync_protocol.schemas import IntakeSchema
from sync_protocol.texts import BadText
from sync_protocol.vocabulary import DossierStage

REGISTER = (
    "STT", "Mã hồ sơ", "Thủ tục hành chính", "Số bộ", "Chủ hồ sơ", "Địa chỉ", "Số điện thoại", "Ngày tiếp nhận",
    "Ngày hẹn trả", "Ngày trả", "Người nhận", "Ghi chú",
)  # fmt: skip


def read(mark: Mark | None = None, **cells: str) -> RowValues:
    """What cells mean, given by the names of their fields; the first one may bear a mark."""
    row = Row(2, tuple(cells.values()), {0: mark} if mark else {})
    return values_of(row, {Field(name): column for column, name in enumerate(cells)})


def value(name: str, text: str) -> Any:
    """The value of a cell that has to be good."""
    result = read(None, **{name: text})
    assert result.problems == ()
    return result.values.get(name)


def problem(name: str, text: str, mark: Mark | None = None) -> str:
    """The advice on a cell that has to be bad and therefore gives no value."""
    result = read(mark, **{name: text})
    (only,) = result.problems
    assert only.field == name
    assert only.text % only.values
    assert name not in result.values
    return only.text


def test_the_columns_of_the_register_book_are_known() -> None:
    assert guessed(REGISTER) == {
        Field.DOSSIER_CODE: 1,
        Field.PROCEDURE_NAME: 2,
        Field.SET_COUNT: 3,
        Field.OWNER_NAME: 4,
        Field.ADDRESS_TEXT: 5,
        Field.PHONE: 6,
        Field.RECEIVED_AT: 7,
        Field.DUE_ON: 8,
        Field.DELIVERED_AT: 9,
        Field.DELIVERED_TO: 10,
    }


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("NGÀY HẸN TRẢ KẾT QUẢ", Field.DUE_ON),
        ("Ngày tiếp nhận\n(dd/mm/yyyy)", Field.RECEIVED_AT),
        ("Họ và tên người nộp *", Field.SUBMITTER_NAME),
        ("Số CMND/CCCD", Field.ID_NUMBER),
        ("Phí, lệ phí (đồng)", Field.FEE_AMOUNT_VND),
        ("Mã hồ sơ (hệ thống tỉnh)", Field.EXTERNAL_CODE),
        ("so dien thoai", Field.PHONE),
        (unicodedata.normalize("NFD", "Địa chỉ"), Field.ADDRESS_TEXT),
        ("external_code", Field.EXTERNAL_CODE),
        ("Ghi chú", None),
        ("", None),
        ("()", None),
    ],
)
def test_case_marks_and_punctuation_of_a_name_do_not_matter(name: str, field: Field | None) -> None:
    assert field_of(name) == field


def test_every_field_has_names_and_no_name_has_two_fields() -> None:
    keys = [key for names in NAMES.values() for key in names]

    assert set(COLUMN_NAMES) == set(Field)
    assert len(keys) == len(set(keys))


def test_two_columns_of_equally_sure_names_stay_unmapped() -> None:
    assert guessed(("Số điện thoại", "SỐ ĐIỆN THOẠI", "Chủ hồ sơ")) == {Field.OWNER_NAME: 2}


def test_the_surer_of_two_names_for_a_field_is_taken() -> None:
    assert guessed(("Họ và tên", "Chủ hồ sơ")) == {Field.OWNER_NAME: 1}


def test_a_header_keeps_its_signature_however_it_is_written() -> None:
    signature = header_signature(REGISTER)

    assert header_signature([name.upper() for name in REGISTER] + ["", " "]) == signature
    assert header_signature([unicodedata.normalize("NFD", name) for name in REGISTER]) == signature
    assert header_signature(REGISTER[::-1]) != signature
    assert header_signature(("", *REGISTER)) != signature


@pytest.mark.parametrize(
    ("name", "text", "meant"),
    [
        ("owner_name", "  Nguyễn   Văn An ", "Nguyễn Văn An"),
        ("owner_name", unicodedata.normalize("NFD", "Nguyễn Văn An"), "Nguyễn Văn An"),
        ("address_text", "Thôn 1\nXã Tam Hồng", "Thôn 1 Xã Tam Hồng"),
        ("dossier_code", " H62.11.01-211004-0001 ", "H62.11.01-211004-0001"),
        ("external_code", "'000123", "000123"),
        ("procedure_code", "2.000815", "2.000815"),
        ("procedure_code", "1.00119", "1.001190"),
        ("procedure_code", "1,00119", "1.001190"),
        ("procedure_code", "1.004873.000.00.00.H62", "1.004873"),
        ("channel", "Trực tiếp", "direct"),
        ("channel", "Nộp trực tiếp tại Bộ phận Một cửa", "direct"),
        ("channel", "Trực tuyến", "online"),
        ("channel", "Mức độ 4", "online"),
        ("channel", "DVC trực tuyến mức 3", "online"),
        ("channel", "Qua dịch vụ BCCI", "post"),
        ("channel", "online", "online"),
        ("delivery_method", "Tại Một cửa", "counter"),
        ("delivery_method", "Bưu chính công ích", "post"),
        ("owner_type", "CÁ NHÂN", "citizen"),
        ("owner_type", "Công dân", "citizen"),
        ("owner_type", "Doanh nghiệp", "business"),
        ("owner_type", "Cơ quan nhà nước", "state_agency"),
        ("owner_type", "Tổ chức khác", "organisation"),
        ("owner_type", "Tổ chức khác (hội, đoàn thể)", "organisation"),
        ("sex", "Nữ", "female"),
        ("sex", "nam", "male"),
        ("stage", "Đang xử lý", "processing"),
        ("stage", "Được tiếp nhận", "received"),
        ("stage", "Yêu cầu bổ sung", "awaiting_supplement"),
        ("stage", "Đã xử lý xong", "resolved"),
        ("stage", "Chưa trả kết quả", "resolved"),
        ("stage", "Đã trả kết quả", "delivered"),
        ("stage", "Trả lại hồ sơ", "sent_back"),
        ("stage", "Không được tiếp nhận", "not_accepted"),
        ("set_count", "02 bộ", 2),
        ("set_count", "1.0", 1),
        ("copy_count", "3 bản", 3),
        ("fee_amount_vnd", "50.000 đ", 50_000),
        ("fee_amount_vnd", "50,000", 50_000),
        ("fee_amount_vnd", "1.250.000,00 VNĐ", 1_250_000),
        ("fee_amount_vnd", "8000", 8_000),
        ("fee_amount_vnd", "8000.0", 8_000),
        ("fee_amount_vnd", "Miễn phí", 0),
        ("phone", "0987.000.123", "0987000123"),
        ("phone", "+84 987 000 123", "0987000123"),
        ("phone", "987000123", "0987000123"),
        ("phone", "(0211) 3000 001", "02113000001"),
        ("phone", "không có", None),
        ("email", "-", None),
        ("summary", "…", None),
        ("due_on", "05/10/2021", "2021-10-05"),
        ("due_on", "05/10/2021 17:00", "2021-10-05"),
    ],
)
def test_a_cell_means_what_people_meant(name: str, text: str, meant: object) -> None:
    assert value(name, text) == meant


@pytest.mark.parametrize(
    ("text", "on", "at"),
    [
        ("04/10/2021", date(2021, 10, 4), None),
        ("4/10/21", date(2021, 10, 4), None),
        ("4-10-2021", date(2021, 10, 4), None),
        ("04.10.2021", date(2021, 10, 4), None),
        ("2021-10-04", date(2021, 10, 4), None),
        ("04/10/2021 08:15", date(2021, 10, 4), time(8, 15)),
        ("08:15 04/10/2021", date(2021, 10, 4), time(8, 15)),
        ("08:15:37, ngày 04/10/2021", date(2021, 10, 4), time(8, 15, 37)),
        ("8h15 ngày 4 tháng 10 năm 2021", date(2021, 10, 4), time(8, 15)),
        ("04/10/2021 14g", date(2021, 10, 4), time(14)),
        ("04/10/2021 02:30 CH", date(2021, 10, 4), time(14, 30)),
        ("04/10/2021 12:05 AM", date(2021, 10, 4), time(0, 5)),
        ("2021-10-04 8:15", date(2021, 10, 4), time(8, 15)),
        ("2021-10-04T08:15:37.250", date(2021, 10, 4), time(8, 15, 37)),
        ("2021-10-03T20:15:00Z", date(2021, 10, 4), time(3, 15)),
    ],
)
def test_a_moment_is_read_in_every_usual_order(text: str, on: date, at: time | None) -> None:
    assert value("received_at", text) == Moment(on, at)


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2021", "10/13/2021", "44473", "hôm qua", "04/10", "2021-13-01", "04/10/2021 25:00", "04/10/2021 sáng",
        "04/10/1821", "0001-01-01T00:00:00Z", "04/10/2021 05/10/2021", "04/10/20211",
    ],
)  # fmt: skip
def test_what_is_no_day_is_refused_and_repeated(text: str) -> None:
    assert problem("received_at", text) == advice.NOT_A_DAY


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("02/07/1965", "1965-07-02", "day"),
        ("1965", "1965-01-01", "year"),
        ("7/1965", "1965-01-01", "year"),
        ("00/00/1965", "1965-01-01", "year"),
    ],
)
def test_a_date_of_birth_says_how_much_is_known(text: str, day: str, precision: str) -> None:
    assert read(birth_date=text).values == {"birth_date": day, "birth_precision": precision}


@pytest.mark.parametrize("text", ["02/07/65", "65", "31/02/1965", "không rõ"])
def test_a_birth_whose_century_or_day_is_not_told_is_refused(text: str) -> None:
    assert problem("birth_date", text) == advice.NOT_A_BIRTH


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("channel", "Fax", advice.UNKNOWN_WORD),
        ("channel", "Trực tiếp hoặc trực tuyến", advice.UNKNOWN_WORD),
        ("channel", "Không trực tuyến", advice.UNKNOWN_WORD),
        ("sex", "Nam/Nữ", advice.UNKNOWN_WORD),
        ("stage", "Trả", advice.UNKNOWN_WORD),
        ("stage", "Chưa đã trả kết quả", advice.UNKNOWN_WORD),
        ("fee_amount_vnd", "50.5", advice.NOT_MONEY),
        ("fee_amount_vnd", "50 nghìn", advice.NOT_MONEY),
        ("fee_amount_vnd", "-5000", advice.NOT_MONEY),
        ("set_count", "một", advice.NOT_A_COUNT),
        ("set_count", "1,5", advice.NOT_A_COUNT),
        ("owner_name", "NguyÔn V¨n An", advice.OLD_FONT),
        ("address_text", "Xaõ Tam Hoàng, huyeän Yeân Laïc", advice.OLD_FONT),
        ("owner_name", "Nguyá»…n VÄƒn An", advice.MISREAD),
        ("owner_name", "An\x07Bình", BadText.text),
        ("phone", "0987", BadPhone.text),
        ("phone", "0987,000,123", BadPhone.text),
    ],
)
def test_what_is_not_certain_is_refused_with_advice(name: str, text: str, said: str) -> None:
    assert problem(name, text) == said


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (Mark.WITHOUT_VALUE, advice.WITHOUT_VALUE),
        (Mark.ERROR, advice.ERROR_CELL),
        (Mark.TOO_LONG, advice.TOO_LONG),
    ],
)
def test_a_cell_that_the_spreadsheet_spoilt_is_refused(mark: Mark, said: str) -> None:
    assert problem("owner_name", "Nguyễn Văn An", mark) == said


@pytest.mark.parametrize("name", ["id_number", "external_code", "dossier_code", "result_number", "phone"])
def test_a_number_that_the_spreadsheet_has_broken_is_refused(name: str) -> None:
    assert problem(name, "1.20123E+11", Mark.BROKEN_NUMBER) == advice.BROKEN_NUMBER


def test_a_long_number_whose_digits_are_all_there_is_taken_where_nothing_can_be_lost() -> None:
    result = read(Mark.BROKEN_NUMBER, phone="84987000123")

    assert result.values == {"phone": "0987000123"}


def test_the_result_of_a_formula_is_taken() -> None:
    result = read(Mark.FORMULA, owner_name="Nguyễn Văn An")

    assert result.values == {"owner_name": "Nguyễn Văn An"}


@pytest.mark.parametrize(
    "text", ["0987000123, 0987000456", "0987000123/0987000456", "0987000123 - 0987000456", "0987000123\n0987000456"]
)
def test_the_first_of_several_phones_is_taken_and_the_others_are_told(text: str) -> None:
    result = read(phone=text)

    assert result.values == {"phone": "0987000123"}
    assert [(note.text, note.values) for note in result.notes] == [(advice.MORE_PHONES, {"rest": "0987000456"})]


def test_dashes_inside_one_phone_do_not_part_it() -> None:
    result = read(phone="0987 - 000 - 123")

    assert result.values == {"phone": "0987000123"}
    assert result.notes == ()


@pytest.mark.parametrize(
    ("cells", "id_type", "number"),
    [
        ({"id_number": "026090000001"}, "cccd", "026090000001"),
        ({"id_number": "026 090 000 001"}, "cccd", "026090000001"),
        ({"id_number": "'026090000001"}, "cccd", "026090000001"),
        ({"id_number": "135000001"}, "cmnd", "135000001"),
        ({"id_number": "135000001", "id_type": "CMND/CCCD"}, "cmnd", "135000001"),
        ({"id_number": "026090000001", "id_type": "CMND"}, "cccd", "026090000001"),
        ({"id_number": "c1234567"}, "passport", "C1234567"),
        ({"id_number": "C1234567", "id_type": "Hộ chiếu"}, "passport", "C1234567"),
        ({"id_number": "2500000001", "id_type": "MST"}, "tax_code", "2500000001"),
        ({"id_number": "2500000001", "owner_type": "Doanh nghiệp"}, "tax_code", "2500000001"),
        ({"id_number": "2500000001-001"}, "tax_code", "2500000001-001"),
        ({"id_number": "GKS 12/2021"}, "other", "GKS 12/2021"),
    ],
)
def test_the_kind_of_a_paper_follows_from_its_number_where_nothing_else_says_it(
    cells: dict[str, str], id_type: str, number: str
) -> None:
    result = read(None, **cells)

    assert result.problems == ()
    assert (result.values["id_type"], result.values["id_number"]) == (id_type, number)


@pytest.mark.parametrize("digits", ["26090000001", "1090000001", "35000001"])
def test_a_number_that_may_have_lost_its_zeros_is_refused(digits: str) -> None:
    assert problem("id_number", digits) == advice.LOST_ZEROS


def test_a_number_that_is_not_of_its_kind_is_refused() -> None:
    result = read(id_number="A26090000001", id_type="CCCD")

    assert [(each.field, each.text) for each in result.problems] == [(Field.ID_NUMBER, BadCccd.text)]
    assert result.values == {}


def test_a_kind_of_paper_without_a_number_says_nothing() -> None:
    assert read(id_number="", id_type="CCCD").values == {}


def test_a_bad_cell_does_not_touch_its_neighbours() -> None:
    result = read(owner_name="Nguyễn Văn An", phone="0987", received_at="hôm qua", sex="Nam")

    assert result.values == {"owner_name": "Nguyễn Văn An", "sex": "male"}
    assert [each.field for each in result.problems] == [Field.PHONE, Field.RECEIVED_AT]


def test_advice_on_a_person_does_not_repeat_the_cell() -> None:
    result = read(phone="0987", id_number="26090000001", birth_date="02/07/65", owner_name="NguyÔn V¨n An")

    said = " ".join(each.text % each.values for each in result.problems)

    assert len(result.problems) == 4
    assert not any(text in said for text in ("0987", "26090000001", "02/07/65", "NguyÔn"))


def test_values_fit_the_schema_of_an_intake() -> None:
    result = read(
        procedure_code="2.000815",
        submitter_name="Trần Thị Bé",
        owner_name="Công ty A",
        owner_type="Doanh nghiệp",
        id_number="2500000001",
        birth_date="1965",
        sex="Nữ",
        phone="0987 000 123",
        channel="Trực tiếp",
        delivery_method="BCCI",
        set_count="02",
        due_on="05/10/2021",
        fee_amount_vnd="8.000 đ",
        copy_count="3",
    )

    loaded = IntakeSchema().load(orjson.loads(orjson.dumps(result.values)))

    assert loaded["due_on"] == date(2021, 10, 5)


def test_every_state_has_its_words_but_the_one_that_only_a_supervisor_gives() -> None:
    assert set(STAGES) == set(DossierStage) - {DossierStage.VOIDED}


@pytest.mark.parametrize("words", [CHANNELS, DELIVERY_METHODS, OWNER_TYPES, ID_TYPES, SEXES, STAGES])
def test_no_phrase_has_two_meanings(words: dict[Any, tuple[str, ...]]) -> None:
    meant = [(phrase, word) for word, phrases in words.items() for phrase in (*phrases, word.value)]

    assert [(phrase, exact_word(phrase, spoken(words))) for phrase, _ in meant] == meant


@given(texts=st.lists(st.text(max_size=30), min_size=len(Field), max_size=len(Field)))
def test_no_cells_raise_anything(texts: list[str]) -> None:
    result = values_of(Row(2, tuple(texts)), {name: column for column, name in enumerate(Field)})

    assert set(result.values) <= {*Field, "birth_precision"}


@given(
    name=st.sampled_from(Field),
    text=st.from_regex(r"[0-9/.,:+\-T Zhđ']{1,24}", fullmatch=True),
    mark=st.sampled_from([None, *Mark]),
)
def test_no_cell_of_digits_and_signs_raises_anything(name: Field, text: str, mark: Mark | None) -> None:
    result = values_of(Row(2, (text,), {0: mark} if mark else {}), {name: 0})

    assert all(isinstance(each.text % each.values, str) for each in result.problems)
