"""Columns of spreadsheets: which field of a dossier each one holds, by the name that stands above it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from sync_protocol.texts import folded

BRACKETED = re.compile(r"\([^)]*\)|\[[^\]]*\]")
NOT_WORD = re.compile(r"[\W_]+")


class Field(StrEnum):
    """What an import understands of a dossier; most are fields of the intake, the others tell its later life.

    received_at, resolved_at, delivered_at  when it happened
    due_on                                  the appointment on the old slip
    procedure_name, stage, received_by      to be looked up by the import
    """

    DOSSIER_CODE = "dossier_code"
    EXTERNAL_CODE = "external_code"
    PROCEDURE_CODE = "procedure_code"
    PROCEDURE_NAME = "procedure_name"
    SUMMARY = "summary"
    SUBMITTER_NAME = "submitter_name"
    OWNER_NAME = "owner_name"
    OWNER_TYPE = "owner_type"
    ID_TYPE = "id_type"
    ID_NUMBER = "id_number"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS_TEXT = "address_text"
    CHANNEL = "channel"
    DELIVERY_METHOD = "delivery_method"
    SET_COUNT = "set_count"
    RECEIVED_AT = "received_at"
    DUE_ON = "due_on"
    RESOLVED_AT = "resolved_at"
    DELIVERED_AT = "delivered_at"
    DELIVERED_TO = "delivered_to"
    STAGE = "stage"
    RESULT_NUMBER = "result_number"
    FEE_AMOUNT_VND = "fee_amount_vnd"
    STORAGE_LOCATION = "storage_location"
    COPY_COUNT = "copy_count"
    COMPETENT_UNIT = "competent_unit"
    RECEIVED_BY = "received_by"


COLUMN_NAMES: dict[Field, tuple[str, ...]] = {
    Field.DOSSIER_CODE: (
        "mã hồ sơ", "mã số hồ sơ", "số hồ sơ", "mã biên nhận", "số biên nhận", "mã HS", "số HS", "mã giấy tiếp nhận",
    ),
    Field.EXTERNAL_CODE: (
        "mã hồ sơ hệ thống tỉnh", "mã hồ sơ một cửa điện tử", "mã hồ sơ quốc gia", "mã hồ sơ cổng quốc gia",
        "mã hồ sơ dịch vụ công", "mã hồ sơ DVC", "mã hồ sơ DVCQG", "mã hồ sơ phần mềm khác", "mã hồ sơ bên ngoài",
    ),
    Field.PROCEDURE_CODE: ("mã thủ tục", "mã thủ tục hành chính", "mã TTHC", "mã số TTHC", "mã số thủ tục"),
    Field.PROCEDURE_NAME: (
        "thủ tục hành chính", "tên thủ tục hành chính", "thủ tục", "tên thủ tục", "TTHC", "tên TTHC", "loại thủ tục",
        "loại hồ sơ", "tên loại hồ sơ",
    ),
    Field.SUMMARY: (
        "trích yếu", "trích yếu hồ sơ", "nội dung", "nội dung hồ sơ", "nội dung yêu cầu", "nội dung giải quyết",
        "nội dung yêu cầu giải quyết", "tên hồ sơ", "về việc",
    ),
    Field.SUBMITTER_NAME: (
        "người nộp hồ sơ", "người nộp", "họ tên người nộp", "họ và tên người nộp", "tên người nộp",
        "họ tên người nộp hồ sơ", "họ và tên người nộp hồ sơ", "tên người nộp hồ sơ", "người đi nộp",
    ),
    Field.OWNER_NAME: (
        "chủ hồ sơ", "tên chủ hồ sơ", "họ tên chủ hồ sơ", "họ và tên chủ hồ sơ", "cá nhân tổ chức",
        "tên cá nhân tổ chức", "tên tổ chức cá nhân", "tổ chức cá nhân", "họ và tên", "họ tên", "người yêu cầu",
        "họ tên người yêu cầu", "họ và tên người yêu cầu", "tên công dân", "công dân", "tên khách hàng",
    ),
    Field.OWNER_TYPE: ("loại chủ hồ sơ", "đối tượng", "loại đối tượng", "đối tượng nộp hồ sơ", "loại khách hàng"),
    Field.ID_TYPE: ("loại giấy tờ", "loại giấy tờ tùy thân", "giấy tờ tùy thân"),
    Field.ID_NUMBER: (
        "số giấy tờ", "số giấy tờ tùy thân", "số CCCD", "CCCD", "số căn cước", "số căn cước công dân", "số định danh",
        "số định danh cá nhân", "căn cước công dân", "căn cước", "số CMND", "CMND", "số CMND CCCD", "CMND CCCD",
        "số CCCD CMND", "CCCD CMND", "số CMT", "CMT", "số chứng minh nhân dân", "chứng minh nhân dân",
        "số CMND CCCD hộ chiếu", "CMND CCCD hộ chiếu", "số CMND hộ chiếu", "số hộ chiếu", "mã số thuế",
    ),
    Field.BIRTH_DATE: ("ngày sinh", "ngày tháng năm sinh", "năm sinh", "ngày sinh chủ hồ sơ", "ngày năm sinh"),
    Field.SEX: ("giới tính", "nam nữ"),
    Field.PHONE: (
        "số điện thoại", "điện thoại", "SĐT", "ĐT", "số ĐT", "điện thoại liên hệ", "số điện thoại liên hệ",
        "số di động", "di động", "điện thoại di động", "SĐT liên hệ",
    ),
    Field.EMAIL: ("email", "e-mail", "thư điện tử", "địa chỉ email", "địa chỉ thư điện tử"),
    Field.ADDRESS_TEXT: (
        "địa chỉ", "địa chỉ chủ hồ sơ", "địa chỉ thường trú", "nơi cư trú", "nơi ở", "địa chỉ liên hệ", "chỗ ở",
        "nơi thường trú", "địa chỉ người nộp", "địa chỉ cá nhân tổ chức",
    ),
    Field.CHANNEL: (
        "hình thức nộp", "hình thức tiếp nhận", "hình thức nộp hồ sơ", "hình thức tiếp nhận hồ sơ", "kênh tiếp nhận",
        "cách thức nộp", "cách thức nộp hồ sơ", "phương thức nộp", "phương thức tiếp nhận", "nguồn tiếp nhận",
    ),
    Field.DELIVERY_METHOD: (
        "hình thức nhận kết quả", "hình thức trả kết quả", "hình thức trả", "phương thức nhận kết quả",
        "phương thức trả kết quả", "nhận kết quả tại", "cách thức nhận kết quả", "nơi nhận kết quả",
    ),
    Field.SET_COUNT: ("số bộ", "số bộ hồ sơ", "số lượng bộ", "số lượng hồ sơ", "số lượng bộ hồ sơ", "bộ"),
    Field.RECEIVED_AT: (
        "ngày tiếp nhận", "ngày nhận", "ngày nhận hồ sơ", "ngày tiếp nhận hồ sơ", "thời gian tiếp nhận",
        "thời điểm tiếp nhận", "ngày giờ tiếp nhận", "tiếp nhận", "nhận hồ sơ", "ngày tháng năm nhận hồ sơ",
        "ngày tháng năm tiếp nhận", "thời gian nhận", "thời gian nhận hồ sơ", "ngày nộp", "ngày nộp hồ sơ",
    ),
    Field.DUE_ON: (
        "ngày hẹn trả", "ngày hẹn trả kết quả", "hẹn trả", "hẹn trả kết quả", "ngày hẹn", "thời gian hẹn trả",
        "thời gian hẹn trả kết quả", "hạn trả", "hạn trả kết quả", "hạn giải quyết", "hạn xử lý", "ngày hẹn trả KQ",
        "ngày tháng năm hẹn trả kết quả", "thời hạn giải quyết đến ngày",
    ),
    Field.RESOLVED_AT: (
        "ngày giải quyết", "ngày có kết quả", "ngày giải quyết xong", "ngày xử lý xong", "ngày hoàn thành",
        "ngày kết thúc xử lý", "ngày kết thúc", "thời gian giải quyết xong", "ngày hoàn thành xử lý",
        "ngày thực tế giải quyết", "ngày kết thúc giải quyết",
    ),
    Field.DELIVERED_AT: (
        "ngày trả", "ngày trả kết quả", "trả kết quả", "ngày trả KQ", "thời gian trả kết quả", "thời gian trả",
        "ngày nhận kết quả", "ngày tháng năm trả kết quả", "ngày trả thực tế", "ngày thực trả", "ngày công dân nhận",
    ),
    Field.DELIVERED_TO: (
        "người nhận", "người nhận kết quả", "họ tên người nhận", "họ và tên người nhận", "tên người nhận",
        "họ tên người nhận kết quả", "họ và tên người nhận kết quả", "người nhận KQ",
    ),
    Field.STAGE: (
        "tình trạng", "trạng thái", "tình trạng hồ sơ", "trạng thái hồ sơ", "tình trạng xử lý", "trạng thái xử lý",
        "tình trạng giải quyết",
    ),
    Field.RESULT_NUMBER: (
        "số kết quả", "số văn bản kết quả", "số hiệu kết quả", "số quyết định", "số giấy phép", "số văn bản",
        "số ký hiệu kết quả",
    ),
    Field.FEE_AMOUNT_VND: (
        "phí", "lệ phí", "phí lệ phí", "số tiền", "phí và lệ phí", "tổng lệ phí", "tổng phí lệ phí", "thu phí",
        "mức phí", "mức thu", "tổng tiền", "số tiền lệ phí", "thành tiền",
    ),
    Field.STORAGE_LOCATION: ("nơi lưu", "vị trí lưu", "nơi lưu trữ", "vị trí lưu hồ sơ", "kệ", "hộp", "ngăn lưu"),
    Field.COPY_COUNT: ("số bản sao", "số bản", "số lượng bản sao", "số bản chứng thực", "số lượng bản"),
    Field.COMPETENT_UNIT: (
        "cơ quan giải quyết", "cơ quan thẩm quyền", "cơ quan có thẩm quyền", "cơ quan chủ trì giải quyết",
        "cơ quan có thẩm quyền giải quyết", "đơn vị giải quyết", "đơn vị xử lý", "cơ quan xử lý",
        "cơ quan chủ trì",
    ),
    Field.RECEIVED_BY: (
        "cán bộ tiếp nhận", "người tiếp nhận", "công chức tiếp nhận", "cán bộ nhận", "người tiếp nhận hồ sơ",
        "cán bộ tiếp nhận hồ sơ", "nhân viên tiếp nhận", "cán bộ một cửa",
    ),
}  # fmt: skip
"""How registers and exports name a column, the surest name first. Sources: the register book (TT 01/2018, TT 03/2025),
exports of deployed one-stop software, common usage."""


def field_of(name: str) -> Field | None:
    """The field that a name of a column stands for, None where it is not known."""
    return next((field for key in _keys(name) if (field := FIELDS.get(key))), None)


def guessed(header: Sequence[str]) -> dict[Field, int]:
    """Which column (from 0) holds each field, by the names above them; case, marks and punctuation do not matter.

    Of two columns for one field the one with the surer name is taken; where both names are equally sure, neither is.
    """
    claims: dict[Field, dict[int, int]] = {}
    for column, name in enumerate(header):
        if (field := field_of(name)) is not None:
            claims.setdefault(field, {})[column] = _doubt(field, name)
    return {field: surest for field, doubts in claims.items() if (surest := _surest(doubts)) is not None}


def header_signature(header: Sequence[str]) -> str:
    """A stable name of a header, 64 hexadecimal digits: the same for the same names in the same order.

    Case, marks, punctuation and empty columns at the end do not matter.
    """
    keys = "\n".join(_key(name) for name in header).rstrip("\n")
    return hashlib.sha256(keys.encode()).hexdigest()


def _keys(name: str) -> list[str]:
    """A name as it stands, and without what stands in brackets: "Ngày nhận (dd/mm/yyyy)"."""
    return [key for key in (_key(name), _key(BRACKETED.sub(" ", name))) if key]


def _key(name: str) -> str:
    return " ".join(NOT_WORD.sub(" ", folded(name)).split())


def _doubt(field: Field, name: str) -> int:
    """How far from the surest name of the field a known name is."""
    return min(NAMES[field][key] for key in _keys(name) if key in NAMES[field])


def _surest(doubts: Mapping[int, int]) -> int | None:
    least = min(doubts.values())
    columns = [column for column, doubt in doubts.items() if doubt == least]
    return columns[0] if len(columns) == 1 else None


NAMES: dict[Field, dict[str, int]] = {
    field: {_key(name): doubt for doubt, name in reversed(list(enumerate((*names, field.value))))}
    for field, names in COLUMN_NAMES.items()
}
FIELDS: dict[str, Field] = {key: field for field, keys in NAMES.items() for key in keys}
