"""What comes out of the printer when a clerk prints a form from the page: complete, on its size of paper, legible."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from threading import Thread

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from desk_client.paper.confirmation import confirmation_sheet
from desk_client.paper.control_slip import control_slip_sheet
from desk_client.paper.notices import notice_sheet
from desk_client.paper.sheet import Reprint
from desk_client.paper.slip import SlipPaper, slip_sheet
from sync_protocol.instants import LOCAL
from tests.browser.reading import violations
from tests.browser.walking import Window, expect_prints, printed
from tests.papers import (
    APOLOGY,
    CODE,
    CONFIRMATION,
    CONTROL_SLIP,
    DOSSIER,
    HEADING,
    REFUSAL,
    SLIP,
    STOP_NOTICE,
    SUPPLEMENT_REQUEST,
    page_texts,
    paper_app,
    says,
    sizes_mm,
    symbols,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES_MAX = 14
LONG_NAME = "Công ty trách nhiệm hữu hạn một thành viên " * 3 + "thương mại Tam Đảo"
WORDS = [f"lẽ{number:04}" for number in range(2000)]
MARKED = replace(HEADING, is_practice=True, reprint=Reprint(number=2, at=datetime(2021, 10, 5, 8, 15, tzinfo=LOCAL)))
FIFTY_PAPERS = tuple(SlipPaper(name=f"Giấy tờ số {number}: {LONG_NAME}"[:150], originals=1) for number in range(50))
TWENTY = tuple(
    replace(
        DOSSIER,
        code=f"H62.11.01-211004-{number:04}",
        procedure_name=f"Thủ tục thứ {number}.",
        due_at=datetime(2021, 11, number, 17, 0, tzinfo=LOCAL),
    )
    for number in range(1, 21)
)
LONG = replace(
    SLIP,
    submitter_name=LONG_NAME,
    owner_name="Ư" * 150,
    clerk_name=LONG_NAME,
    dossiers=(replace(DOSSIER, procedure_name=LONG_NAME, papers=FIFTY_PAPERS),),
)

SHEETS = {
    "slip": slip_sheet(SLIP),
    "marked": slip_sheet(replace(SLIP, heading=MARKED)),
    "long": slip_sheet(LONG),
    "long_marked": slip_sheet(replace(LONG, heading=MARKED)),
    "twenty": slip_sheet(replace(SLIP, dossiers=TWENTY)),
    "supplement_request": notice_sheet(SUPPLEMENT_REQUEST),
    "refusal": notice_sheet(REFUSAL),
    "apology": notice_sheet(APOLOGY),
    "stop_notice": notice_sheet(STOP_NOTICE),
    "control_slip": control_slip_sheet(CONTROL_SLIP),
    "confirmation": confirmation_sheet(CONFIRMATION),
    "long_reason": notice_sheet(replace(REFUSAL, reason=" ".join(WORDS))),
    "long_paper": slip_sheet(
        replace(SLIP, dossiers=(replace(DOSSIER, papers=(SlipPaper(name=" ".join(WORDS)),)),))
    ),
    "letters": slip_sheet(replace(SLIP, owner_name="H'Bĭa Ŏng")),
}  # fmt: skip


@pytest.fixture(scope="module")
def papers() -> Iterator[str]:
    """The address under which each sheet stands."""
    server = make_server("127.0.0.1", 0, paper_app(SHEETS), threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_the_printed_slip_is_one_sheet_of_a5_and_complete(window: Window, papers: str) -> None:
    pdf = printed_at(window.page, f"{papers}/slip")

    expected = [
        "Mẫu số 01 – TT 01/2018/TT-VPCP",
        "ỦY BAN NHÂN DÂN PHƯỜNG TÍCH SƠN",
        "Độc lập - Tự do - Hạnh phúc",
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ H62.11.01-211004-0001",
        "Tiếp nhận hồ sơ của Nguyễn Hoàng Dũng (nộp trực tiếp)",
        "Chủ hồ sơ Nguyễn Hoàng Bảo Ngọc",
        "Địa chỉ Số 12, ngõ 5, đường Lam Sơn, phường Tích Sơn, thành phố Vĩnh Yên",
        "Thời gian nhận hồ sơ 08 giờ 15 phút, ngày 04 tháng 10 năm 2021",
        "01 Tờ khai đăng ký khai sinh",
        "Thời gian trả kết quả 17 giờ 00 phút, ngày 07 tháng 10 năm 2021",
        "NGƯỜI TIẾP NHẬN HỒ SƠ (Ký, ghi rõ họ tên) Trần Thị Thu Hường",
        "Mã hồ sơ: H62.11.01-211004-0001",
    ]
    assert [text for text in expected if not says(pdf, text)] == []
    assert sizes_mm(pdf) == {(148, 210)}
    assert len(page_texts(pdf)) == 1


@pytest.mark.parametrize("name", ["slip", "marked", "long", "twenty", "supplement_request", "apology", "control_slip"])
def test_a_scanner_reads_the_code_from_the_print(window: Window, papers: str, name: str) -> None:
    pdf = printed_at(window.page, f"{papers}/{name}")

    assert symbols(pdf) == [(CODE, 20)]


@pytest.mark.parametrize("name", ["supplement_request", "refusal", "apology", "stop_notice", "control_slip", "marked"])
def test_each_form_is_printed_on_one_sheet_of_a5(window: Window, papers: str, name: str) -> None:
    pdf = printed_at(window.page, f"{papers}/{name}")

    assert sizes_mm(pdf) == {(148, 210)}
    assert len(page_texts(pdf)) == 1


def test_the_confirmation_is_printed_on_one_sheet_of_a4(window: Window, papers: str) -> None:
    pdf = printed_at(window.page, f"{papers}/confirmation")

    assert sizes_mm(pdf) == {(210, 297)}
    assert len(page_texts(pdf)) == 1


def test_long_names_and_fifty_papers_are_printed_whole(window: Window, papers: str) -> None:
    pdf = printed_at(window.page, f"{papers}/long")

    assert says(pdf, f"{LONG_NAME} (nộp trực tiếp)")
    assert says(pdf, "Ư" * 150)
    assert [paper.name for paper in FIFTY_PAPERS if not says(pdf, paper.name)] == []
    assert says(pdf, "NGƯỜI TIẾP NHẬN HỒ SƠ")
    assert 1 < len(page_texts(pdf)) < PAGES_MAX


def test_twenty_dossiers_are_printed_with_their_appointments(window: Window, papers: str) -> None:
    pdf = printed_at(window.page, f"{papers}/twenty")

    for number, dossier in enumerate(TWENTY, start=1):
        assert says(pdf, f"Hồ sơ {number}/20: {dossier.code}")
        assert says(pdf, dossier.procedure_name)
        assert says(pdf, f"17 giờ 00 phút, ngày {number:02} tháng 11 năm 2021")
    assert 1 < len(page_texts(pdf)) < PAGES_MAX


@pytest.mark.parametrize("name", ["long_reason", "long_paper"])
def test_a_text_longer_than_a_page_flows_on(window: Window, papers: str, name: str) -> None:
    read = "".join(page_texts(printed_at(window.page, f"{papers}/{name}")))

    assert [word for word in WORDS if word not in read] == []


def test_every_printed_page_has_the_head_the_code_and_its_marks(window: Window, papers: str) -> None:
    pages = page_texts(printed_at(window.page, f"{papers}/long_marked"))

    assert len(pages) > 1
    for page in pages:
        assert "CỘNGHÒAXÃHỘICHỦNGHĨAVIỆTNAM" in page
        assert "Mãhồsơ:H62.11.01-211004-0001" in page
        assert "BẢNTẬP–KHÔNGCÓGIÁTRỊ" in page
        assert "BẢNINLẠILẦN2–08:1505/10/2021" in page


def test_letters_that_the_typeface_lacks_are_printed_all_the_same(window: Window, papers: str) -> None:
    """The PDF refuses them, and sends the clerk here."""
    pdf = printed_at(window.page, f"{papers}/letters")

    assert says(pdf, "H'Bĭa Ŏng")


def test_nothing_of_the_screen_is_printed(window: Window, papers: str) -> None:
    pdf = printed_at(window.page, f"{papers}/slip")

    assert not says(pdf, "Ctrl+P")
    assert not says(pdf, "PDF")


def test_the_button_prints(window: Window, papers: str) -> None:
    window.page.goto(f"{papers}/slip")

    window.page.locator("[data-print]").click()

    expect_prints(window.page, 1)


def test_a_page_that_was_opened_to_be_printed_prints_once_by_itself(window: Window, papers: str) -> None:

    window.page.goto(f"{papers}/slip?print=1")

    expect_prints(window.page, 1)
    assert window.page.evaluate("document.fonts.check('600 10px \"Be Vietnam Pro\"', 'Ệ')")


def test_without_javascript_there_is_no_dead_button(papers: str, window: Window) -> None:
    browser = window.context.browser
    assert browser
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{papers}/slip")

    expect(page.locator("[data-print]")).to_be_hidden()
    expect(page.locator(".code")).to_have_text(CODE)
    context.close()


@pytest.mark.parametrize("name", ["slip", "marked", "apology", "control_slip", "confirmation"])
def test_the_page_of_a_form_is_accessible(window: Window, papers: str, name: str) -> None:
    window.page.goto(f"{papers}/{name}")

    assert violations(window.page) == []


def printed_at(page: Page, url: str) -> bytes:
    """What comes out of the printer at an address."""
    page.goto(url)
    return printed(page)
