"""The papers of the desk: complete, legible, by the form in force, the same as PDF and as page."""

import hashlib
import re
import unicodedata
from dataclasses import fields, replace
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pypdfium2
import pytest

from desk_client.paper.confirmation import confirmation_sheet
from desk_client.paper.control_slip import control_slip_sheet
from desk_client.paper.forms import form_on
from desk_client.paper.notices import notice_sheet
from desk_client.paper.pdf import Undrawable, sheet_pdf
from desk_client.paper.sheet import PRACTICE_MARK, Reprint, Sheet
from desk_client.paper.slip import SlipDossier, SlipPaper, SlipView, slip_sheet
from desk_client.paper.words import limit_words
from sync_protocol.calendars import TimeLimit
from sync_protocol.instants import LOCAL
from sync_protocol.vocabulary import Channel, DeliveryMethod, LimitUnit, PaperForm
from tests.papers import (
    APOLOGY,
    CODE,
    CONFIRMATION,
    CONTROL_SLIP,
    DOSSIER,
    HEADING,
    REFUSAL,
    SLIP,
    SUPPLEMENT_REQUEST,
    page_texts,
    says,
    shown,
    sizes_mm,
    symbols,
)

ON_THE_SLIP = [
    "Mẫu số 01 – TT 01/2018/TT-VPCP",
    "ỦY BAN NHÂN DÂN PHƯỜNG TÍCH SƠN",
    "BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Tích Sơn, ngày 04 tháng 10 năm 2021",
    "GIẤY TIẾP NHẬN HỒ SƠ",
    "VÀ HẸN TRẢ KẾT QUẢ",
    "H62.11.01-211004-0001",
    "Bộ phận Tiếp nhận và Trả kết quả phường Tích Sơn",
    "Nguyễn Hoàng Dũng (nộp trực tiếp)",
    "Nguyễn Hoàng Bảo Ngọc",
    "Số 12, ngõ 5, đường Lam Sơn, phường Tích Sơn, thành phố Vĩnh Yên",
    "0987000111 – Email: dung.nh@example.vn",
    "08 giờ 15 phút, ngày 04 tháng 10 năm 2021",
    "Đăng ký khai sinh",
    "Đăng ký khai sinh cho con Nguyễn Hoàng Bảo Ngọc",
    "Tờ khai đăng ký khai sinh",
    "Giấy chứng nhận kết hôn của cha, mẹ (nếu có)",
    "01 bộ",
    "3 ngày làm việc",
    "17 giờ 00 phút, ngày 07 tháng 10 năm 2021",
    "Đăng ký nhận kết quả: Trực tiếp tại nơi nộp hồ sơ",
    "điện thoại 0987000555",
    "NGƯỜI NỘP HỒ SƠ",
    "NGƯỜI TIẾP NHẬN HỒ SƠ",
    "Trần Thị Thu Hường",
]

MARKUP = '<b>Nguyễn</b> & <font color="red">"Sơn"</font> &amp; {{ 7*7 }} <script>alert(1)</script>'
LONG_NAME = "Công ty trách nhiệm hữu hạn một thành viên " * 3 + "thương mại Tam Đảo"
PAGES_MAX = 12
TT_2018 = "TT 01/2018/TT-VPCP"
TT_2025 = "TT 03/2025/TT-VPCP"


def test_the_slip_says_all_that_the_form_has() -> None:
    pdf, page = sheet_pdf(slip_sheet(SLIP)), shown(slip_sheet(SLIP))

    assert [text for text in ON_THE_SLIP if not says(pdf, text)] == []
    assert [text for text in ON_THE_SLIP if text not in page] == []


def test_an_ordinary_slip_is_one_sheet_of_a5() -> None:
    pdf = sheet_pdf(slip_sheet(SLIP))

    assert sizes_mm(pdf) == {(148, 210)}
    assert len(page_texts(pdf)) == 1


def test_a_practice_reprint_of_an_ordinary_slip_is_still_one_sheet() -> None:
    marked = replace(
        HEADING, is_practice=True, reprint=Reprint(number=2, at=datetime(2021, 10, 5, 8, 15, tzinfo=LOCAL))
    )

    pdf = sheet_pdf(slip_sheet(replace(SLIP, heading=marked)))

    assert len(page_texts(pdf)) == 1


def test_the_symbol_holds_the_code_alone_and_is_wide_enough_for_every_scanner() -> None:
    pdf = sheet_pdf(slip_sheet(SLIP))

    assert symbols(pdf) == [(CODE, 20)]


@pytest.mark.parametrize("code", ["A-210101-0001", "H62.31.04-220105-0012", "000.A12.B34.C56.D78.H62-260105-100012"])
def test_every_length_of_code_is_read_and_printed_whole(code: str) -> None:
    dossier = replace(DOSSIER, code=code)

    pdf = sheet_pdf(slip_sheet(replace(SLIP, code=code, dossiers=(dossier,))))

    assert [text for text, _ in symbols(pdf)] == [code]
    assert says(pdf, code)


def test_decomposed_letters_are_printed_as_composed_ones() -> None:
    """Keyboards of the kind "Unicode tổ hợp" send them, and reportlab would set each mark beside its letter."""
    typed = decomposed(SLIP)

    assert typed.submitter_name != SLIP.submitter_name
    assert sheet_pdf(slip_sheet(typed)) == sheet_pdf(slip_sheet(SLIP))
    assert shown(slip_sheet(typed)) == shown(slip_sheet(SLIP))


def test_the_slip_carries_no_identity_number() -> None:
    """Source: threat S34, data visible on the shared counter."""
    names = {field.name for view in (SlipView, SlipDossier, SlipPaper) for field in fields(view)}

    assert not [name for name in names if name.startswith("id_")]
    assert re.search(r"(?<!\d)(\d{9}|\d{12})(?!\d)", shown(slip_sheet(SLIP))) is None


def test_long_names_and_fifty_papers_are_printed_whole() -> None:
    papers = tuple(SlipPaper(name=f"Giấy tờ số {number}: {LONG_NAME}"[:150], originals=1) for number in range(50))
    dossier = replace(DOSSIER, procedure_name=LONG_NAME, papers=papers)
    view = replace(SLIP, submitter_name=LONG_NAME, owner_name="Ư" * 150, clerk_name=LONG_NAME, dossiers=(dossier,))

    pdf = sheet_pdf(slip_sheet(view))

    assert len(LONG_NAME) == 147
    assert says(pdf, f"{LONG_NAME} (nộp trực tiếp)")
    assert says(pdf, "Ư" * 150)
    assert [paper.name for paper in papers if not says(pdf, paper.name)] == []
    assert 1 < len(page_texts(pdf)) < PAGES_MAX


def test_twenty_dossiers_share_a_slip_and_each_has_its_appointment() -> None:
    dossiers = tuple(
        replace(
            DOSSIER,
            code=f"H62.11.01-211004-{number:04}",
            procedure_name=f"Thủ tục thứ {number}.",
            due_at=datetime(2021, 11, number, 17, 0, tzinfo=LOCAL),
        )
        for number in range(1, 21)
    )

    pdf = sheet_pdf(slip_sheet(replace(SLIP, dossiers=dossiers)))

    for number, dossier in enumerate(dossiers, start=1):
        assert says(pdf, f"Hồ sơ {number}/20: {dossier.code}")
        assert says(pdf, dossier.procedure_name)
        assert says(pdf, f"17 giờ 00 phút, ngày {number:02} tháng 11 năm 2021")
    assert symbols(pdf) == [(CODE, 20)]
    assert 1 < len(page_texts(pdf)) < PAGES_MAX


def test_every_page_has_the_head_the_code_and_its_number() -> None:
    papers = tuple(SlipPaper(name=f"Giấy tờ số {number}") for number in range(50))

    pages = page_texts(sheet_pdf(slip_sheet(replace(SLIP, dossiers=(replace(DOSSIER, papers=papers),)))))

    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert "CỘNGHÒAXÃHỘICHỦNGHĨAVIỆTNAM" in page
        assert "Mãhồsơ:H62.11.01-211004-0001" in page
        assert f"Trang{number}/3" in page


@pytest.mark.parametrize(
    "sheet",
    [
        notice_sheet(replace(REFUSAL, reason=" ".join(f"lẽ{number:04}" for number in range(2000)))),
        slip_sheet(
            replace(
                SLIP,
                dossiers=(
                    replace(DOSSIER, papers=(SlipPaper(name=" ".join(f"lẽ{number:04}" for number in range(2000))),)),
                ),
            )
        ),
        confirmation_sheet(replace(CONFIRMATION, note=" ".join(f"lẽ{number:04}" for number in range(2000)))),
        confirmation_sheet(replace(CONFIRMATION, evidence=" ".join(f"lẽ{number:04}" for number in range(2000)))),
    ],
    ids=["refusal", "paper", "note", "evidence"],
)
def test_a_text_longer_than_a_page_flows_on(sheet: Sheet) -> None:
    read = "".join(page_texts(sheet_pdf(sheet)))

    assert [number for number in range(2000) if f"lẽ{number:04}" not in read] == []


@pytest.mark.parametrize("line_count", range(20, 28))
def test_a_table_begins_with_its_head_and_a_whole_row_wherever_it_comes_on_the_page(line_count: int) -> None:
    papers = (SlipPaper(name=LONG_NAME), SlipPaper(name="Giấy chứng sinh"))
    dossier = replace(DOSSIER, summary="dài " * 14 * line_count, papers=papers)

    pages = page_texts(sheet_pdf(slip_sheet(replace(SLIP, dossiers=(dossier,)))))

    (first,) = [page for page in pages if "".join(f"01 {LONG_NAME}".split()) in page]
    assert first.index("STTThànhphầnhồsơnộpgồm") < first.index("01Côngty")


def test_a_reprint_says_so_on_every_page() -> None:
    reprinted = replace(HEADING, reprint=Reprint(number=2, at=datetime(2021, 10, 5, 8, 15, tzinfo=LOCAL)))
    papers = tuple(SlipPaper(name=f"Giấy tờ số {number}") for number in range(50))
    sheet = slip_sheet(replace(SLIP, heading=reprinted, dossiers=(replace(DOSSIER, papers=papers),)))

    pages = page_texts(sheet_pdf(sheet))

    assert len(pages) == 3
    assert ["BẢNINLẠILẦN2–08:1505/10/2021" in page for page in pages] == [True, True, True]
    assert shown(sheet).count("BẢN IN LẠI LẦN 2 – 08:15 05/10/2021") == 2


def test_a_first_print_of_a_real_dossier_has_no_marks() -> None:
    pdf, page = sheet_pdf(slip_sheet(SLIP)), shown(slip_sheet(SLIP))

    assert not says(pdf, "BẢN IN LẠI")
    assert not says(pdf, PRACTICE_MARK)
    assert "BẢN IN LẠI" not in page
    assert PRACTICE_MARK not in page


def test_a_practice_paper_says_on_every_page_that_it_is_worth_nothing() -> None:
    papers = tuple(SlipPaper(name=f"Giấy tờ số {number}") for number in range(50))
    practice = replace(HEADING, is_practice=True)
    sheet = slip_sheet(replace(SLIP, heading=practice, dossiers=(replace(DOSSIER, papers=papers),)))

    pages = page_texts(sheet_pdf(sheet))

    assert len(pages) == 3
    assert ["BẢNTẬP–KHÔNGCÓGIÁTRỊ" in page for page in pages] == [True, True, True]
    assert PRACTICE_MARK in shown(sheet)


def test_the_symbol_is_read_through_the_mark_of_a_practice_paper() -> None:
    pdf = sheet_pdf(slip_sheet(replace(SLIP, heading=replace(HEADING, is_practice=True))))

    assert symbols(pdf) == [(CODE, 20)]


@pytest.mark.parametrize(
    ("meaning", "day", "number", "circular", "title"),
    [
        (PaperForm.RECEIPT, date(2018, 6, 21), "01", TT_2018, "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"),
        (PaperForm.RECEIPT, date(2025, 9, 14), "01", TT_2018, "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"),
        (PaperForm.RECEIPT, date(2025, 9, 15), "01", TT_2025, "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"),
        (PaperForm.SUPPLEMENT_REQUEST, date(2021, 10, 5), "02", TT_2018, "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"),
        (PaperForm.SUPPLEMENT_REQUEST, date(2026, 8, 5), "02", TT_2025, "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"),
        (PaperForm.REFUSAL, date(2019, 1, 6), "03", TT_2018, "Phiếu từ chối tiếp nhận giải quyết hồ sơ"),
        (PaperForm.REFUSAL, date(2025, 9, 15), "03", TT_2025, "Phiếu từ chối tiếp nhận giải quyết hồ sơ"),
        (PaperForm.APOLOGY, date(2025, 9, 14), "04", TT_2018, "Phiếu xin lỗi và hẹn lại ngày trả kết quả"),
        (PaperForm.APOLOGY, date(2025, 9, 15), "04", TT_2025, "Văn bản xin lỗi và đề nghị gia hạn"),
        (PaperForm.CONTROL_SLIP, date(2025, 9, 14), "05", TT_2018, "Phiếu kiểm soát quá trình giải quyết hồ sơ"),
        (PaperForm.CONTROL_SLIP, date(2025, 9, 15), "06", TT_2025, "Phiếu kiểm soát quá trình giải quyết hồ sơ"),
        (PaperForm.STOP_NOTICE, date(2025, 9, 14), "", "", "Thông báo dừng giải quyết hồ sơ"),
        (PaperForm.STOP_NOTICE, date(2025, 9, 15), "05", TT_2025, "Thông báo dừng giải quyết hồ sơ"),
        (PaperForm.REGISTER_BOOK, date(2025, 9, 14), "06", TT_2018, "Sổ theo dõi hồ sơ"),
        (PaperForm.REGISTER_BOOK, date(2025, 9, 15), "07", TT_2025, "Sổ theo dõi hồ sơ"),
    ],
)  # fmt: skip
def test_a_form_bears_the_number_and_title_of_its_day(
    meaning: PaperForm, day: date, number: str, circular: str, title: str
) -> None:
    """Source: TT 01/2018 Đ.9 and the list of forms of TT 03/2025."""
    form = form_on(meaning, day)

    assert (form.number, form.circular, form.title) == (number, circular, title)


def test_a_form_that_no_circular_knows_bears_a_title_alone() -> None:
    form = form_on(PaperForm.STOP_NOTICE, date(2021, 10, 21))

    assert form.label == ""


def test_a_reprint_years_later_keeps_the_form_of_the_reception() -> None:
    later = replace(HEADING, printed_on=date(2026, 1, 5))

    pdf = sheet_pdf(slip_sheet(replace(SLIP, heading=later)))

    assert says(pdf, "TT 01/2018/TT-VPCP")
    assert not says(pdf, "TT 03/2025/TT-VPCP")


def test_the_form_follows_the_local_day_of_reception() -> None:
    """A quarter past midnight of 15 September in Viet Nam is still the 14th in UTC."""
    received_at = datetime(2025, 9, 15, 0, 15, tzinfo=LOCAL)

    sheet = slip_sheet(replace(SLIP, received_at=received_at))

    assert sheet.form.circular == "TT 03/2025/TT-VPCP"


@pytest.mark.parametrize(
    ("dossier", "promise"),
    [
        (replace(DOSSIER, limit=None, due_at=None), "Thời gian trả kết quả Không quy định thời hạn"),
        (replace(DOSSIER, due_at=None, is_out_of_area=True), "Báo sau, khi cơ quan giải quyết nhận được hồ sơ"),
    ],
)
def test_a_slip_never_promises_an_hour_that_is_not_known(dossier: SlipDossier, promise: str) -> None:
    pdf = sheet_pdf(slip_sheet(replace(SLIP, dossiers=(dossier,))))

    assert says(pdf, promise)
    assert not says(pdf, "17 giờ 00 phút")


def test_an_out_of_area_slip_says_who_decides_and_from_when_the_limit_runs() -> None:
    dossier = replace(DOSSIER, is_out_of_area=True, competent_unit="Ủy ban nhân dân xã Thanh Trù")

    pdf = sheet_pdf(slip_sheet(replace(SLIP, dossiers=(dossier,))))

    assert says(pdf, "Cơ quan giải quyết Ủy ban nhân dân xã Thanh Trù")
    assert says(pdf, "Hồ sơ được tiếp nhận không phụ thuộc địa giới hành chính.")
    assert says(pdf, "Thời hạn giải quyết tính từ khi cơ quan giải quyết nhận được hồ sơ.")


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (None, "Không quy định thời hạn"),
        (TimeLimit(value=Decimal(0), unit=LimitUnit.SAME_DAY), "trong ngày"),
        (TimeLimit(value=Decimal("2.0"), unit=LimitUnit.HOUR), "2 giờ"),
        (TimeLimit(value=Decimal(1), unit=LimitUnit.HALF_DAY), "1 buổi"),
        (TimeLimit(value=Decimal("2.5"), unit=LimitUnit.WORKING_DAY), "2,5 ngày làm việc"),
        (TimeLimit(value=Decimal(30), unit=LimitUnit.CALENDAR_DAY), "30 ngày"),
    ],
)
def test_limits_are_said_as_forms_say_them(limit: TimeLimit | None, words: str) -> None:
    assert limit_words(limit) == words


@pytest.mark.parametrize(
    ("channel", "method", "texts"),
    [
        (Channel.ONLINE, DeliveryMethod.ONLINE, ["(nộp trực tuyến)", "Đăng ký nhận kết quả: Trực tuyến"]),
        (
            Channel.POST,
            DeliveryMethod.POST,
            ["(nộp qua bưu chính công ích)", "Đăng ký nhận kết quả: Qua dịch vụ bưu chính công ích"],
        ),
    ],
)
def test_the_slip_says_how_it_came_and_how_the_result_goes(
    channel: Channel, method: DeliveryMethod, texts: list[str]
) -> None:
    pdf = sheet_pdf(slip_sheet(replace(SLIP, channel=channel, delivery_method=method)))

    assert [text for text in texts if not says(pdf, text)] == []


def test_what_was_not_given_leaves_no_empty_line() -> None:
    pdf = sheet_pdf(slip_sheet(replace(SLIP, phone="", email="", address="", hotline="")))

    assert not says(pdf, "Số điện thoại")
    assert not says(pdf, "Email")
    assert not says(pdf, "Địa chỉ")


def test_markup_in_a_name_is_printed_as_it_was_typed() -> None:
    sheet = slip_sheet(
        replace(
            SLIP,
            submitter_name=MARKUP,
            clerk_name=MARKUP,
            heading=replace(HEADING, unit_name=MARKUP),
            dossiers=(replace(DOSSIER, summary=MARKUP, papers=(SlipPaper(name=MARKUP),)),),
        )
    )

    pdf, page = sheet_pdf(sheet), shown(sheet)

    assert says(pdf, f"Tiếp nhận hồ sơ của {MARKUP} (nộp trực tiếp)")
    assert says(pdf, f"Trích yếu {MARKUP}")
    assert says(pdf, f"01 {MARKUP}")
    assert "<b>" not in page
    assert "alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page


def test_a_letter_that_the_typeface_lacks_stops_the_pdf_and_is_on_the_page() -> None:
    """Names of the Central Highlands have such letters; a gap in a name must not go out unseen."""
    sheet = slip_sheet(replace(SLIP, owner_name="H'Bĭa Ŏng"))

    with pytest.raises(Undrawable, match="ĭŎ") as told:
        sheet_pdf(sheet)

    assert told.value.values == {"letters": "ĭŎ"}
    assert "Bĭa Ŏng" in shown(sheet)


def test_a_mark_without_a_composed_letter_stops_the_pdf() -> None:
    with pytest.raises(Undrawable):
        sheet_pdf(slip_sheet(replace(SLIP, owner_name="q\u0301")))


def test_every_vietnamese_letter_can_be_drawn() -> None:
    bases = "aăâbcdđeêghiklmnoôơpqrstuưvxyfjwz"
    toned = [
        unicodedata.normalize("NFC", base + tone)
        for base in "aăâeêioôơuưy"
        for tone in "\u0300\u0309\u0303\u0301\u0323"
    ]
    letters = "".join([*bases, *toned])

    pdf = sheet_pdf(slip_sheet(replace(SLIP, address=f"{letters} {letters.upper()}")))

    assert says(pdf, letters)
    assert says(pdf, letters.upper())


def test_control_characters_and_invisible_marks_do_not_reach_the_paper() -> None:
    sheet = slip_sheet(replace(SLIP, owner_name="Nguyễn\u200b Hoàng\nBảo\tNgọc\x00"))

    assert sheet_pdf(sheet) == sheet_pdf(slip_sheet(SLIP))


def test_the_same_sheet_gives_the_same_bytes() -> None:
    assert sheet_pdf(slip_sheet(SLIP)) == sheet_pdf(slip_sheet(SLIP))


def test_the_file_tells_its_title_and_language_and_no_name() -> None:
    pdf = sheet_pdf(slip_sheet(SLIP))

    with pypdfium2.PdfDocument(pdf) as document:
        told = document.get_metadata_dict()
    assert told["Title"] == "Giấy tiếp nhận hồ sơ và hẹn trả kết quả H62.11.01-211004-0001"
    assert told["Author"] == "Ủy ban nhân dân phường Tích Sơn"
    assert b"/Lang (vi-VN)" in pdf
    assert "Nguyễn" not in str(told)


@pytest.mark.parametrize(
    "sheet",
    [
        slip_sheet(SLIP),
        notice_sheet(SUPPLEMENT_REQUEST),
        notice_sheet(APOLOGY),
        control_slip_sheet(CONTROL_SLIP),
        confirmation_sheet(CONFIRMATION),
    ],
    ids=["slip", "supplement", "apology", "control slip", "confirmation"],
)
def test_the_page_says_what_the_file_says_and_needs_nothing_that_the_policy_stops(sheet: Sheet) -> None:
    pdf, page = sheet_pdf(sheet), shown(sheet)

    for text in texts_between_tags(page):
        assert says(pdf, text)
    assert "style=" not in page
    assert re.search(r"<script(?! src=)", page) is None
    assert re.search(r'(?:src|href)="(?!/)', page) is None


def test_the_typeface_is_the_one_that_was_checked_in() -> None:
    folder = files("sync_protocol") / "fonts"
    lines = (line.split() for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines())
    sums = {name: sum_ for sum_, name in lines}

    found = {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()}

    found.pop("SHA256SUMS")
    assert found == sums


def texts_between_tags(page: str) -> list[str]:
    """What the sheet of a page says, piece by piece."""
    article = re.search(r"<article.*</article>", page, re.DOTALL)
    assert article, "the page has no sheet"
    return [text.strip() for text in re.findall(r">([^<]+)<", article[0]) if text.strip()]


def decomposed(view: Any) -> Any:
    """A view as a keyboard with loose marks would have typed it."""
    texts = {
        field.name: unicodedata.normalize("NFD", value)
        for field in fields(view)
        if isinstance(value := getattr(view, field.name), str) and not hasattr(value, "name")
    }
    inner = {
        "heading": replace(view.heading, unit_name=unicodedata.normalize("NFD", view.heading.unit_name)),
        "dossiers": tuple(
            replace(
                dossier,
                summary=unicodedata.normalize("NFD", dossier.summary),
                papers=tuple(replace(paper, name=unicodedata.normalize("NFD", paper.name)) for paper in dossier.papers),
            )
            for dossier in view.dossiers
        ),
    }
    return replace(view, **texts | inner)
