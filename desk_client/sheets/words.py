"""The usual words of closed sets, as registers and exports of other software write them."""

import re
from collections.abc import Mapping
from enum import StrEnum

from sync_protocol.identities import Sex
from sync_protocol.texts import folded
from sync_protocol.vocabulary import Channel, DeliveryMethod, DossierStage, IdType, OwnerType

NOT_WORD = re.compile(r"[\W_]+")
DENIED = re.compile(r"\b(?:khong|chua)\b")
"""Not, not yet: a phrase beside it does not mean what it says."""

CHANNELS: dict[StrEnum, tuple[str, ...]] = {
    Channel.DIRECT: ("trực tiếp", "tại một cửa", "tại bộ phận một cửa", "tại quầy", "tại trung tâm"),
    Channel.ONLINE: (
        "trực tuyến", "qua mạng", "dịch vụ công", "DVC", "DVCTT", "cổng dịch vụ công", "mức 3", "mức 4", "mức độ 3",
        "mức độ 4", "toàn trình", "một phần", "điện tử",
    ),
    Channel.POST: ("bưu chính", "bưu chính công ích", "BCCI", "bưu điện"),
}  # fmt: skip
DELIVERY_METHODS: dict[StrEnum, tuple[str, ...]] = {
    DeliveryMethod.COUNTER: (
        "trực tiếp", "tại một cửa", "tại bộ phận một cửa", "tại quầy", "tại trung tâm", "tại nơi nộp",
    ),
    DeliveryMethod.POST: ("bưu chính", "bưu chính công ích", "BCCI", "bưu điện"),
    DeliveryMethod.ONLINE: ("trực tuyến", "qua mạng", "điện tử", "bản điện tử", "email", "thư điện tử"),
}  # fmt: skip
OWNER_TYPES: dict[StrEnum, tuple[str, ...]] = {
    OwnerType.CITIZEN: ("công dân", "cá nhân", "người dân", "hộ gia đình"),
    OwnerType.BUSINESS: ("doanh nghiệp", "công ty", "hộ kinh doanh"),
    OwnerType.STATE_AGENCY: ("cơ quan nhà nước", "cơ quan"),
    OwnerType.ORGANISATION: ("tổ chức", "tổ chức khác"),
    OwnerType.OTHER: ("khác", "đối tượng khác"),
}
ID_TYPES: dict[StrEnum, tuple[str, ...]] = {
    IdType.CCCD: ("CCCD", "căn cước công dân", "căn cước", "thẻ căn cước", "số định danh", "định danh cá nhân"),
    IdType.CMND: ("CMND", "CMT", "CMTND", "chứng minh nhân dân", "chứng minh thư"),
    IdType.PASSPORT: ("hộ chiếu",),
    IdType.TAX_CODE: ("mã số thuế", "MST"),
    IdType.OTHER: ("khác", "giấy tờ khác"),
}
SEXES: dict[StrEnum, tuple[str, ...]] = {Sex.MALE: ("nam",), Sex.FEMALE: ("nữ",)}

STAGES: dict[StrEnum, tuple[str, ...]] = {
    DossierStage.REGISTERED: ("mới đăng ký", "chờ tiếp nhận", "chưa tiếp nhận"),
    DossierStage.RECEIVED: (
        "được tiếp nhận", "đã tiếp nhận", "mới tiếp nhận", "tiếp nhận", "mới nhận", "chờ xử lý", "chưa xử lý",
    ),
    DossierStage.NOT_ACCEPTED: ("không được tiếp nhận", "không tiếp nhận", "từ chối tiếp nhận"),
    DossierStage.PROCESSING: (
        "đang xử lý", "đang giải quyết", "đang thụ lý", "đang thực hiện", "chưa giải quyết", "chuyển xử lý",
    ),
    DossierStage.AWAITING_SUPPLEMENT: (
        "yêu cầu bổ sung", "chờ bổ sung", "yêu cầu bổ sung hồ sơ", "chờ bổ sung hồ sơ",
        "yêu cầu bổ sung giấy tờ", "đang chờ bổ sung",
    ),
    DossierStage.AWAITING_PAYMENT: (
        "chờ nghĩa vụ tài chính", "yêu cầu thực hiện nghĩa vụ tài chính", "chờ thực hiện nghĩa vụ tài chính",
        "yêu cầu thanh toán", "chờ thanh toán",
    ),
    DossierStage.WITHDRAWN: (
        "công dân yêu cầu rút", "công dân yêu cầu rút hồ sơ", "rút hồ sơ", "đã rút", "xin rút", "công dân rút hồ sơ",
    ),
    DossierStage.STOPPED: ("dừng xử lý", "dừng giải quyết", "đã dừng", "ngừng giải quyết"),
    DossierStage.SENT_BACK: ("trả lại", "trả lại hồ sơ", "đã trả lại", "đã trả lại hồ sơ"),
    DossierStage.RESOLVED: (
        "đã xử lý xong", "xử lý xong", "đã giải quyết", "giải quyết xong", "đã giải quyết xong", "đã có kết quả",
        "có kết quả", "chờ trả kết quả", "chưa trả kết quả", "đã xử lý", "hoàn thành xử lý",
    ),
    DossierStage.DELIVERED: ("đã trả kết quả", "trả kết quả", "đã trả", "đã trả công dân", "đã nhận kết quả"),
}  # fmt: skip
"""States of deployed one-stop software. Told by the whole cell only, since "trả", "trả lại" and "chưa trả" are
opposites."""


def spoken(words: Mapping[StrEnum, tuple[str, ...]]) -> dict[str, StrEnum]:
    """By folded phrase, what it means; identifiers are phrases too, since our own exports have them."""
    return {_key(phrase): word for word, phrases in words.items() for phrase in (*phrases, word.value)}


def exact_word(text: str, phrases: Mapping[str, StrEnum]) -> StrEnum | None:
    """What a whole cell means, None if it is no known phrase; case, marks and punctuation do not matter."""
    return phrases.get(_key(text))


def contained_word(text: str, phrases: Mapping[str, StrEnum]) -> StrEnum | None:
    """What a cell means by the phrases in it, None where they are none, deny it, or mean different things."""
    key = _key(text)
    if key in phrases:
        return phrases[key]
    if DENIED.search(key):
        return None
    found = [phrase for phrase in phrases if f" {phrase} " in f" {key} "]
    longest = [phrase for phrase in found if not any(phrase != other and phrase in other for other in found)]
    meanings = {phrases[phrase] for phrase in longest}
    return meanings.pop() if len(meanings) == 1 else None


def _key(text: str) -> str:
    return " ".join(NOT_WORD.sub(" ", folded(text)).split())
