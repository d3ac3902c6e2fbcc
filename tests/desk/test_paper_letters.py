"""The letters, the control slip and the confirmation: each says what its form has, and never more than is known."""

from dataclasses import replace
from datetime import datetime

import pytest

from desk_client.paper.confirmation import Declared, MachineLine, confirmation_sheet
from desk_client.paper.control_slip import ROWS_MIN, HandOver, control_slip_sheet
from desk_client.paper.notices import NoticeView, StopGround, notice_sheet
from desk_client.paper.pdf import sheet_pdf
from sync_protocol.instants import LOCAL
from sync_protocol.vocabulary import Declaration
from tests.papers import (
    APOLOGY,
    CODE,
    CONFIRMATION,
    CONTROL_SLIP,
    REFUSAL,
    STOP_NOTICE,
    SUPPLEMENT_REQUEST,
    page_texts,
    says,
    shown,
    sizes_mm,
    symbols,
)

PAGES_MAX = 12


@pytest.mark.parametrize(
    ("view", "texts"),
    [
        (
            SUPPLEMENT_REQUEST,
            [
                "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
                "Mẫu số 02",
                "Nguyễn Hoàng Dũng",
                "Nguyễn Hoàng Bảo Ngọc",
                "0987000111 – Email: dung.nh@example.vn",
                "1. Giấy chứng sinh có dấu của cơ sở y tế",
                "2. Bản sao giấy chứng nhận kết hôn của cha, mẹ",
                "Lý do Giấy chứng sinh chưa có dấu của cơ sở y tế",
                "Nộp bổ sung chậm nhất ngày 20 tháng 10 năm 2021",
                "Thời hạn giải quyết được tính lại từ đầu",
                "liên hệ với bà Trần Thị Thu Hường, số điện thoại 0987000555",
                "NGƯỜI HƯỚNG DẪN (Ký, ghi rõ họ tên) Trần Thị Thu Hường",
            ],
        ),
        (
            replace(SUPPLEMENT_REQUEST, clock_restarts=False),
            ["Thời gian chờ bổ sung không tính vào thời hạn giải quyết"],
        ),
        (
            REFUSAL,
            [
                "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ",
                "Mẫu số 03",
                "thông báo không tiếp nhận, giải quyết hồ sơ này với lý do cụ thể như sau:",
                "Hồ sơ thuộc thẩm quyền giải quyết của xã Thanh Trù, nơi cư trú của mẹ",
                "Xin thông báo để Ông/Bà được biết và thực hiện.",
            ],
        ),
        (
            APOLOGY,
            [
                "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ",
                "Mẫu số 04",
                "Kính gửi: Nguyễn Hoàng Bảo Ngọc",
                "Ngày 04 tháng 10 năm 2021, Bộ phận Tiếp nhận và Trả kết quả tiếp nhận hồ sơ",
                "Thời gian hẹn trả kết quả 17 giờ 00 phút, ngày 07 tháng 10 năm 2021",
                "Lý do Cần xác minh nơi cư trú của cha, mẹ với xã Thanh Trù",
                "Hẹn lại ngày trả kết quả ngày 12 tháng 10 năm 2021",
                "Ủy ban nhân dân phường Tích Sơn xin lỗi Ông/Bà/Tổ chức",
                "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ (Ký tên, đóng dấu) Phạm Quốc Khánh",
            ],
        ),
        (
            STOP_NOTICE,
            [
                "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ",
                "Ủy ban nhân dân phường Tích Sơn thông báo dừng giải quyết hồ sơ nêu trên.",
                "Lý do Không nộp giấy chứng sinh có dấu của cơ sở y tế",
            ],
        ),
        (
            replace(STOP_NOTICE, ground=StopGround.SENT_BACK),
            ["thông báo dừng giải quyết và trả lại hồ sơ nêu trên."],
        ),
        (
            replace(STOP_NOTICE, ground=StopGround.EXPIRED),
            ["Hồ sơ không được bổ sung trong thời hạn đã thông báo (ngày 20 tháng 10 năm 2021)."],
        ),
    ],
    ids=["supplement", "supplement that holds", "refusal", "apology", "stop", "send back", "expiry"],
)
def test_a_letter_says_what_its_form_has_on_one_sheet(view: NoticeView, texts: list[str]) -> None:
    pdf = sheet_pdf(notice_sheet(view))

    assert [text for text in texts if not says(pdf, text)] == []
    assert sizes_mm(pdf) == {(148, 210)}
    assert len(page_texts(pdf)) == 1


def test_a_letter_about_a_dossier_has_its_symbol_and_a_refusal_has_none() -> None:
    assert symbols(sheet_pdf(notice_sheet(APOLOGY))) == [(CODE, 20)]
    assert symbols(sheet_pdf(notice_sheet(REFUSAL))) == []


def test_the_control_slip_names_each_hand_over_and_leaves_rows_to_come() -> None:
    sheet = control_slip_sheet(CONTROL_SLIP)

    pdf = sheet_pdf(sheet)

    assert says(pdf, "Trần Thị Thu Hường – Bộ phận Một cửa Lê Văn Tịnh – Tư pháp, hộ tịch 09:30 04/10/2021")
    assert says(pdf, "15:05 06/10/2021 Trước hạn Kèm giấy khai sinh")
    assert says(pdf, "Chủ hồ sơ Nguyễn Hoàng Bảo Ngọc")
    assert len(page_texts(pdf)) == 1
    assert shown(sheet).count("<tr>") == 3 + 1 + ROWS_MIN


def test_thirty_hand_overs_are_all_printed() -> None:
    view = replace(
        CONTROL_SLIP,
        hand_overs=tuple(
            HandOver(giver=f"Người giao {number}", taker=f"Người nhận {number}", handed_at=CONTROL_SLIP.received_at)
            for number in range(30)
        ),
    )

    pdf = sheet_pdf(control_slip_sheet(view))

    assert [number for number in range(30) if not says(pdf, f"Người giao {number} Người nhận {number}")] == []
    assert len(page_texts(pdf)) < PAGES_MAX


def test_the_confirmation_says_what_the_desk_holds_and_who_says_so() -> None:
    pdf = sheet_pdf(confirmation_sheet(CONFIRMATION))

    expected = [
        "PHIẾU XÁC NHẬN TÌNH HÌNH NHẬP VÀ GỬI HỒ SƠ",
        "từ ngày 21/09/2021 đến ngày 20/10/2021",
        "Đã nhập tại máy 32 hồ sơ",
        "Máy chủ đã nhận 29 hồ sơ (máy chủ xác nhận lúc 07:42 21/10/2021)",
        "từ 50 hồ sơ",
        "Đã nhập 32 hồ sơ, trong đó 29 hồ sơ đã đến máy chủ; 3 hồ sơ còn ở Máy 2 từ 16:40 ngày 18/10/2021.",
        "01 Máy 1 – quầy tiếp nhận 07:42 21/10/2021 0",
        "02 Máy 2 – quầy trả kết quả 16:40 18/10/2021 3",
        "Đã nhập đủ hồ sơ của kỳ",
        "Trần Thị Thu Hường xác nhận lúc 08 giờ 05 phút, ngày 21 tháng 10 năm 2021",
        "Nguyên nhân Không có mạng",
        "Máy 2 đứt mạng từ chiều 18/10 do mưa lớn, đã báo sửa.",
        "Số cuối cùng trong sổ giấy 412",
        "Số cuối cùng trong sổ chứng thực 1875",
        "NGƯỜI LẬP",
        "TRƯỞNG BỘ PHẬN MỘT CỬA (Ký, ghi rõ họ tên) Phạm Quốc Khánh",
    ]
    assert [text for text in expected if not says(pdf, text)] == []
    assert sizes_mm(pdf) == {(210, 297)}
    assert len(page_texts(pdf)) == 1


def test_a_confirmation_never_takes_the_unknown_for_nothing() -> None:
    view = replace(
        CONFIRMATION,
        arrived=None,
        arrived_at=None,
        declared=None,
        machines=(MachineLine(name="Máy 3", last_statement_at=None, unsent=None),),
    )

    pdf = sheet_pdf(confirmation_sheet(view))

    assert says(pdf, "Máy chủ đã nhận Chưa có xác nhận của máy chủ")
    assert says(pdf, "Máy 3 Chưa có Chưa rõ")
    assert says(pdf, "Nội dung xác nhận Chưa xác nhận")


def test_a_nil_declaration_is_said_in_its_own_words() -> None:
    declared = Declared(
        declaration=Declaration.NIL,
        clerk_name="Trần Thị Thu Hường",
        declared_at=datetime(2021, 10, 21, 8, 5, tzinfo=LOCAL),
    )

    pdf = sheet_pdf(confirmation_sheet(replace(CONFIRMATION, declared=declared, entered=0, arrived=0)))

    assert says(pdf, "Nội dung xác nhận Không phát sinh hồ sơ trong kỳ")
    assert says(pdf, "Đã nhập tại máy 0 hồ sơ")
