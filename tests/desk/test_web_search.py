"""The search, the lists of work, scanned slips, the register and what is taken along of them, as pages.

The pages are asked for in English, the language of the catalogue's keys.
"""

import csv
import logging
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO, StringIO

import openpyxl
import pytest
from werkzeug.test import TestResponse

from desk_client.desk import Desk
from desk_client.services import listing
from desk_client.services.exporting import separated, workbook
from desk_client.services.lifecycle import dossier_of, unseen_deliveries
from desk_client.services.recording import Manner, record_receptions, record_registration
from desk_client.services.signing_in import add_clerk
from desk_client.storage.clerks import Clerk
from desk_client.web.present import EXTENSION
from sync_protocol.dossiers import Dossier
from sync_protocol.events import Delivered, Voided
from sync_protocol.vocabulary import DeliveryMethod, DossierStage, Role
from tests.desk.conftest import Page, opened, token_of
from tests.desk.lives import CLERK, DELIVERED, PAPERS_ASKED_FOR, RESOLVED, after, received
from tests.factories import NOW, PASSWORD, reception

UNSEEN = "H62.11.01-210920-2555"
LIVE = ("=1+1", "+84987000001", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "'=1+1")
LISTS = ("due_today", "due_soon", "overdue", "waiting", "results")


@pytest.fixture
def page(make_page: Callable[..., Page]) -> Page:
    """The head's browser, in English."""
    made = make_page()
    made.sign_in()
    made.post("/language", {"language": "en"})
    return made


@pytest.fixture
def desk(page: Page) -> Desk:
    """The desk behind the pages."""
    desk: Desk = page.app.extensions[EXTENSION].desk
    return desk


def find(page: Page, text: str = "", **fields: str) -> TestResponse:
    """Sends the search, and follows to what it finds."""
    return page.post("/search", {"text": text} | fields, follow_redirects=True)


def codes_in(text: str) -> list[str]:
    """The codes of the rows of a page's table, in order."""
    return re.findall(r"data-row>([^<]+)</a>", text)


def stage_of(desk: Desk, dossier: Dossier) -> DossierStage:
    """Where a dossier stands."""
    return dossier_of(desk, dossier.id).dossier.stage


# The search


def test_a_search_shows_what_it_finds_with_masked_numbers(page: Page, desk: Desk) -> None:
    received(desk)
    received(desk, submitter_name="Lê Văn Cam", owner_name="Lê Văn Cam")

    answer = find(page, "thi huong")

    assert answer.status_code == 200
    assert codes_in(answer.text) == ["H62.11.01-211004-0001"]
    assert "Dossiers found: 1" in answer.text
    assert "026*******01" in answer.text
    assert "026185900001" not in answer.text


def test_the_address_of_a_search_tells_nothing_of_it(page: Page, desk: Desk) -> None:
    received(desk)

    address = page.post("/search", {"text": "nguyen thi huong 0987000001"}).headers["Location"]

    assert re.fullmatch(r"/search\?n=[0-9a-f]{32}", address)
    assert codes_in(page.client.get(address).text) == ["H62.11.01-211004-0001"]


def test_a_search_belongs_to_who_asked(page: Page, desk: Desk) -> None:
    received(desk)
    address = page.post("/search", {"text": "huong"}).headers["Location"]
    add_clerk(desk, Clerk(username="binh.tt", full_name="Trần Thị Bình", role=Role.CLERK), PASSWORD)
    other = page.app.test_client()
    form = {"csrf_token": token_of(other.get("/sign-in").text), "username": "binh.tt", "password": PASSWORD}
    other.post("/sign-in", data=form)

    text = other.get(address).text

    assert 'value="huong"' not in text
    assert codes_in(text) == []


def test_a_search_of_before_a_restart_is_an_empty_form(page: Page, desk: Desk) -> None:
    received(desk)
    address = page.post("/search", {"text": "huong"}).headers["Location"]
    restarted = opened(desk)
    restarted.sign_in()

    answer = restarted.client.get(address)

    assert answer.status_code == 200
    assert codes_in(answer.text) == []


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("1/10", {}),
        ("01/10/2021", {}),
        ("1-10-2021", {}),
        ("huong 1/10", {}),
        ("", {"first_on": "0110", "last_on": "0110"}),
        ("", {"first_on": "1/10"}),
        ("", {"last_on": "1/10"}),
        ("", {"stage": "resolved"}),
        ("thi", {"stage": "resolved", "first_on": "1/9", "last_on": "1/10"}),
    ],
)
def test_a_search_takes_days_and_stages(page: Page, desk: Desk, text: str, fields: dict[str, str]) -> None:
    received(desk)
    after(desk, received(desk, on=date(2021, 10, 1)), RESOLVED)

    assert codes_in(find(page, text, **fields).text) == ["H62.11.01-211001-0001"]


@pytest.mark.parametrize("fields", [{"first_on": "32/10"}, {"last_on": "hôm qua"}, {"text": "31/2"}])
def test_a_day_that_is_none_is_told_and_what_was_typed_stays(page: Page, fields: dict[str, str]) -> None:
    answer = page.post("/search", {"text": "huong"} | fields)

    assert answer.status_code == 422
    assert "Type the days as day/month/year" in answer.text
    assert f'value="{next(iter(fields.values()))}"' in answer.text


def test_results_stand_by_name_and_newest_first(page: Page, desk: Desk) -> None:
    for name in ("An Văn Bình", "Ân Văn Bình"):
        received(desk, owner_name=name)
    address = page.post("/search", {"text": "binh"}).headers["Location"]

    by_name = codes_in(page.client.get(address).text)
    newest = codes_in(page.client.get(f"{address}&order=newest").text)

    assert by_name == ["H62.11.01-211004-0001", "H62.11.01-211004-0002"]
    assert newest == ["H62.11.01-211004-0002", "H62.11.01-211004-0001"]


def test_a_search_that_finds_nothing_says_what_to_try(page: Page) -> None:
    assert "Try fewer words" in find(page, "nobody").text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' OR 1=1 --", '"*"'])
def test_what_was_searched_is_text(page: Page, text: str) -> None:
    answer = find(page, text)

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text


def test_no_search_reaches_the_log(page: Page, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    received(desk)

    with caplog.at_level(logging.INFO):
        answer = find(page, "nguyen thi huong 0987000001")
        page.client.get(re.findall(r'href="(/search/export.xlsx[^"]*)"', answer.text)[0].replace("&amp;", "&"))

    assert "1 rows of search.export exported as xlsx by an.nv" in caplog.text
    assert re.search("(?i)h[uư][oơờ]ng|0987000001|026185900001", caplog.text) is None


# Scanning


@pytest.mark.parametrize("text", ["H62.11.01-211004-0001", "h6211012110040001", " H62.11.01 211004 0001 "])
def test_a_scanned_slip_opens_its_dossier(page: Page, desk: Desk, text: str) -> None:
    dossier = received(desk)

    answer = find(page, text)

    assert answer.request.path == f"/dossiers/{dossier.id}"


def test_the_code_of_other_software_opens_its_dossier(page: Page, desk: Desk) -> None:
    dossier = received(desk, external_code="VP/2021/77")

    assert find(page, "VP/2021/77").request.path == f"/dossiers/{dossier.id}"


@pytest.fixture
def shared(desk: Desk) -> list[Dossier]:
    """Three dossiers on one slip, two of them resolved."""
    rows = [reception(procedure_code="2.000815", owner_name=f"Chủ Hồ Sơ {letter}") for letter in "ABC"]
    made = record_receptions(desk, rows, received_at=NOW, clerk=CLERK, manner=Manner(on_one_slip=True))
    first, second, third = (each.dossier for each in made)
    return [after(desk, first, RESOLVED), after(desk, second, RESOLVED), third]


def test_a_slip_that_several_share_lists_them(page: Page, shared: list[Dossier]) -> None:
    answer = find(page, shared[0].dossier_code)

    assert answer.request.path == "/slips/H62.11.01-211004-0001"
    assert codes_in(answer.text) == [each.dossier_code for each in shared]


def test_the_code_of_a_later_dossier_of_a_slip_opens_it_alone(page: Page, shared: list[Dossier]) -> None:
    assert find(page, shared[1].dossier_code).request.path == f"/dossiers/{shared[1].id}"


def hand_over(page: Page, address: str, **fields: str) -> TestResponse:
    """Sends the form of a hand-over as it stands on a slip's page, with others in its place."""
    text = page.client.get(address.removesuffix("/all")).text
    form_id = re.findall(r'name="form_id" value="([^"]+)"', text)[-1]
    form = {"csrf_token": token_of(text), "form_id": form_id, "happened_on": "", "happened_time": ""}
    return page.client.post(address, data=form | {"delivered_to": "Trần Văn Bưởi", "delivered_by": "counter"} | fields)


def test_the_results_of_a_slip_are_handed_over_at_once(page: Page, desk: Desk, shared: list[Dossier]) -> None:
    answer = hand_over(page, "/slips/H62.11.01-211004-0001/all", which="ready")

    assert answer.status_code == 302
    stages = [stage_of(desk, each) for each in shared]
    assert stages == [DossierStage.DELIVERED, DossierStage.DELIVERED, DossierStage.RECEIVED]
    assert dossier_of(desk, shared[0].id).text("delivered_to") == "Trần Văn Bưởi"
    assert page.woken == 1


def test_all_of_a_slip_are_resolved_and_handed_over_at_once(page: Page, desk: Desk, shared: list[Dossier]) -> None:
    hand_over(page, "/slips/H62.11.01-211004-0001/all", which="with_results")

    assert {stage_of(desk, each) for each in shared} == {DossierStage.DELIVERED}


def test_a_hand_over_without_a_taker_is_not_recorded(page: Page, desk: Desk, shared: list[Dossier]) -> None:
    answer = hand_over(page, "/slips/H62.11.01-211004-0001/all", which="ready", delivered_to="")

    assert answer.status_code == 422
    assert 'href="#delivered_to"' in answer.text
    assert stage_of(desk, shared[0]) is DossierStage.RESOLVED


def test_a_hand_over_before_the_result_is_not_recorded(page: Page, desk: Desk, shared: list[Dossier]) -> None:
    answer = hand_over(page, "/slips/H62.11.01-211004-0001/all", which="ready", happened_time="0859")

    assert answer.status_code == 422
    assert 'href="#happened_on"' in answer.text
    assert stage_of(desk, shared[0]) is DossierStage.RESOLVED


def test_a_slip_that_nobody_knows_here_is_handed_over_against(page: Page, desk: Desk) -> None:
    asked = find(page, UNSEEN)

    answer = hand_over(page, f"/slips/{UNSEEN}")

    assert f"no dossier of the slip {UNSEEN} yet" in asked.text
    assert answer.status_code == 302
    [told] = unseen_deliveries(desk, UNSEEN)
    assert told.payload == Delivered(delivered_to="Trần Văn Bưởi", delivered_by=DeliveryMethod.COUNTER)
    shown = page.client.get(f"/slips/{UNSEEN}").text
    assert "result handed over to Trần Văn Bưởi (At the desk), noted by Nguyễn Văn An" in shown
    assert 'action="/slips/' not in shown
    assert page.woken == 1


def test_an_unseen_slip_sent_twice_is_one_hand_over(page: Page, desk: Desk) -> None:
    text = page.client.get(f"/slips/{UNSEEN}").text
    form = {"csrf_token": token_of(text), "form_id": "f1", "delivered_to": "Lê Thị Thu", "delivered_by": "post"}

    answers = [page.client.post(f"/slips/{UNSEEN}", data=form).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert len(unseen_deliveries(desk, UNSEEN)) == 1


def test_another_hand_over_of_an_unseen_slip_is_refused_in_words(page: Page, desk: Desk) -> None:
    hand_over(page, f"/slips/{UNSEEN}")
    form = {"form_id": "f2", "delivered_to": "Lê Thị Thu", "delivered_by": "post"}

    answer = page.post(f"/slips/{UNSEEN}", form)

    assert answer.status_code == 400
    assert "noted as handed over before" in answer.text
    assert len(unseen_deliveries(desk, UNSEEN)) == 1


@pytest.mark.parametrize("fields", [{"delivered_to": ""}, {"happened_on": "05/10/2021"}, {"happened_on": "99/99"}])
def test_a_wrong_hand_over_of_an_unseen_slip_is_not_recorded(page: Page, desk: Desk, fields: dict[str, str]) -> None:
    answer = hand_over(page, f"/slips/{UNSEEN}", **fields)

    assert answer.status_code == 422
    assert unseen_deliveries(desk, UNSEEN) == []


@pytest.mark.parametrize("code", ["nonsense", "H62.11.01-211399-0001", "%3Cscript%3E"])
def test_what_is_no_code_is_no_slip(page: Page, code: str) -> None:
    answer = page.client.get(f"/slips/{code}")

    assert answer.status_code == 400
    assert "is not a dossier code" in answer.text
    assert "<script>" not in answer.text


# Lists of work


def test_the_lists_open_at_what_presses_most(page: Page, desk: Desk) -> None:
    received(desk, procedure_code="2.000815")

    assert page.client.get("/lists").headers["Location"] == "/lists/due_today"
    received(desk, on=date(2021, 9, 20))
    assert page.client.get("/lists").headers["Location"] == "/lists/overdue"


def test_the_tabs_count_what_each_list_holds(page: Page, desk: Desk) -> None:
    received(desk, on=date(2021, 9, 20))
    after(desk, received(desk), PAPERS_ASKED_FOR)

    text = page.client.get("/lists/waiting").text

    tabs = dict(re.findall(r'/lists/(\w+)"[^>]*>[^<]*<span class="count">(\d+)</span>', text))
    assert tabs == {"due_today": "0", "due_soon": "0", "overdue": "1", "waiting": "1", "results": "0"}


def test_a_row_leads_to_the_usual_next_step(page: Page, desk: Desk) -> None:
    waiting = after(desk, received(desk), PAPERS_ASKED_FOR)
    ready = after(desk, received(desk), RESOLVED)
    late = received(desk, on=date(2021, 9, 20))

    assert f'/dossiers/{waiting.id}/steps/supplement_received"' in page.client.get("/lists/waiting").text
    assert f'/dossiers/{ready.id}/steps/deliver"' in page.client.get("/lists/results").text
    overdue = page.client.get("/lists/overdue").text
    assert f'/dossiers/{late.id}/steps/resolve"' in overdue
    assert "overdue by working days: 7" in overdue


def test_nothing_is_said_of_an_appointment_before_anything_was_promised(page: Page, desk: Desk) -> None:
    record_registration(desk, reception(channel="online"), filed_at=NOW, clerk=CLERK)

    text = page.client.get("/lists/waiting").text

    assert "Dossier without a code" in text
    assert "no time limit" not in text


@pytest.mark.parametrize("which", LISTS)
def test_an_empty_list_says_so(page: Page, which: str) -> None:
    answer = page.client.get(f"/lists/{which}")

    assert answer.status_code == 200
    assert 'class="empty"' in answer.text


def test_a_long_list_stands_on_pages_and_tells_how_many(
    page: Page, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_ROWS", 2)
    monkeypatch.setattr("desk_client.web.lists.PAGE_ROWS", 2)
    for day in (20, 21, 22):
        received(desk, on=date(2021, 9, day))

    first, second = page.client.get("/lists/overdue").text, page.client.get("/lists/overdue?page=2").text

    assert "1–2 of 3 dossiers" in first
    assert 'rel="next"' in first
    assert codes_in(second) == ["H62.11.01-210922-0001"]
    assert 'rel="next"' not in second
    assert 'rel="prev"' in second


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=999999999999", "page=²", "order=nonsense"])
def test_an_odd_page_of_a_list_does_no_harm(page: Page, query: str) -> None:
    assert page.client.get(f"/lists/overdue?{query}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/lists/nonsense", "/lists/overdue/export.exe", "/register/export.doc", "/search/export.bat"]
)
def test_what_is_no_list_is_not_found(page: Page, path: str) -> None:
    assert page.client.get(path).status_code == 404


# Files for spreadsheets


def cells_of(answer: TestResponse) -> list[list[str]]:
    """The cells of an .xlsx file; no cell of it is anything but text."""
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).worksheets[0]
    cells = [list(row) for row in sheet.iter_rows()]
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n"}
    assert [cell for row in cells for cell in row if cell.data_type == "n" and cell.value is not None] == []
    return [[cell.value or "" for cell in row] for row in cells]


def rows_of(answer: TestResponse) -> list[list[str]]:
    """The cells of a .csv file, which begins with its byte order mark."""
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(answer.data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("name", LIVE)
def test_no_cell_of_a_workbook_is_a_formula(page: Page, desk: Desk, name: str) -> None:
    name = name.strip()
    received(desk, on=date(2021, 9, 20), owner_name=name, owner_type="organisation", address_text=name)

    for path in ("/lists/overdue/export.xlsx", "/register/export.xlsx?first=2021-09-01&last=2021-10-31"):
        [_, row] = cells_of(page.client.get(path))
        assert name in row


@pytest.mark.parametrize("cell", LIVE)
def test_what_a_spreadsheet_would_run_is_quoted_in_a_csv_file(cell: str) -> None:
    file = separated([("Tên", 10)], [[cell], ["Nguyễn Văn A"]])

    [_, [live], [plain]] = csv.reader(StringIO(file.decode("utf-8-sig"), newline=""))
    assert live == (cell if cell.startswith("'") else f"'{cell}")
    assert plain == "Nguyễn Văn A"


def test_a_workbook_takes_any_text_and_bounds_a_cell() -> None:
    file = workbook("Sổ: theo/dõi [hồ sơ]*?", [("Tên", 10)], [["a" * 40_000], ["Đặng\nHòa"]])

    sheet = openpyxl.load_workbook(BytesIO(file)).worksheets[0]
    assert len(str(sheet["A2"].value)) == 32_767
    assert sheet["A3"].value == "Đặng\nHòa"


def test_a_list_is_taken_along_with_masked_numbers(page: Page, desk: Desk) -> None:
    received(desk, on=date(2021, 9, 20))

    as_workbook = page.client.get("/lists/overdue/export.xlsx")
    as_csv = page.client.get("/lists/overdue/export.csv")

    [_, row] = cells_of(as_workbook)
    assert row[:5] == [
        "H62.11.01-210920-0001",
        "Cấp Giấy xác nhận tình trạng hôn nhân",
        "Nguyễn Thị Hường",
        "Nguyễn Thị Hường",
        "026*******01",
    ]
    assert rows_of(as_csv)[1] == row
    assert as_workbook.headers["Content-Disposition"] == 'attachment; filename="lists-20211004-0900.xlsx"'


def test_what_a_search_found_is_taken_along(page: Page, desk: Desk) -> None:
    received(desk)
    received(desk, submitter_name="Lê Văn Cam", owner_name="Lê Văn Cam")
    address = page.post("/search", {"text": "cam"}).headers["Location"]

    [_, row] = cells_of(page.client.get(address.replace("/search?", "/search/export.xlsx?")))

    assert row[0] == "H62.11.01-211004-0002"


# The register


def test_the_register_has_the_columns_of_the_book(page: Page, desk: Desk) -> None:
    after(desk, received(desk, on=date(2021, 10, 1)), RESOLVED, DELIVERED)

    titles, row = cells_of(page.client.get("/register/export.xlsx"))

    assert titles == [
        "No.",
        "Code",
        "Procedure",
        "Sets",
        "Owner",
        "Address",
        "Phone",
        "Received",
        "Appointment",
        "Handed over at",
        "Taken by",
        "Area",
    ]
    assert row == [
        "1",
        "H62.11.01-211001-0001",
        "Cấp Giấy xác nhận tình trạng hôn nhân",
        "1",
        "Nguyễn Thị Hường",
        "Thôn Đông, Xã Định Trung",
        "0987000001",
        "08:00 01/10/2021",
        "08:00 06/10/2021",
        "04/10/2021",
        "Nguyễn Thị Hường",
        "Hộ tịch",
    ]


def test_the_register_is_of_the_days_asked_for_both_included(page: Page, desk: Desk) -> None:
    for day in (27, 28, 29, 30):
        received(desk, on=date(2021, 9, day))

    by_form = page.client.get("/register?first=28/9&last=29/09/2021").text
    by_link = cells_of(page.client.get("/register/export.xlsx?first=2021-09-28&last=2021-09-29"))

    assert re.findall(r"<td>(H62[^<]+)</td>", by_form) == ["H62.11.01-210928-0001", "H62.11.01-210929-0001"]
    assert [row[1] for row in by_link[1:]] == ["H62.11.01-210928-0001", "H62.11.01-210929-0001"]


def test_what_was_never_received_is_not_in_the_register(page: Page, desk: Desk) -> None:
    record_registration(desk, reception(channel="online"), filed_at=NOW, clerk=CLERK)
    after(desk, received(desk), Voided(reason="Nhập thử"))
    received(desk)

    rows = cells_of(page.client.get("/register/export.xlsx"))

    assert [row[1] for row in rows[1:]] == ["H62.11.01-211004-0002"]


@pytest.mark.parametrize("query", ["first=99/99", "first=2021-10-05&last=2021-10-01", "first=a&last=b"])
def test_odd_days_show_the_present_period_and_say_so(page: Page, desk: Desk, query: str) -> None:
    received(desk)

    answer = page.client.get(f"/register?{query}")

    assert answer.status_code == 200
    assert "The days of the present period are shown" in answer.text
    assert "H62.11.01-211004-0001" in answer.text


def test_a_register_longer_than_its_page_says_that_the_file_has_all(
    page: Page, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk_client.web.register.SHOWN_ROWS", 1)
    received(desk)
    received(desk)

    text = page.client.get("/register").text

    assert "The first 1 of 2 stand here; the file has them all." in text
    assert len(cells_of(page.client.get("/register/export.xlsx"))) == 3


# What a page must never do


def test_a_name_is_text_in_every_table(page: Page, desk: Desk) -> None:
    name = '"><img src=x onerror=alert(1)>'
    received(desk, on=date(2021, 9, 20), owner_name=name, submitter_name=name, owner_type="organisation")
    texts = [page.client.get(path).text for path in ("/lists/overdue", "/register?first=2021-09-01&last=2021-09-30")]

    texts.append(find(page, "img").text)

    assert [text for text in texts if "<img src=x" in text] == []
    assert [text for text in texts if "&lt;img src=x" not in text] == []


@pytest.mark.parametrize("path", ["/lists/overdue", "/search", "/register", f"/slips/{UNSEEN}"])
def test_no_page_holds_an_inline_script_or_style_or_personal_data_in_an_address(
    page: Page, desk: Desk, path: str
) -> None:
    received(desk, on=date(2021, 9, 20))

    text = page.client.get(path).text

    assert re.findall(r"<style|<script>| style=| on[a-z]+=", text) == []
    assert re.findall(r'(?:href|action)="[^"]*(?:Hường|026185|0987000)[^"]*"', text) == []


@pytest.mark.parametrize(
    "path", ["/lists", "/lists/overdue", "/search", "/register", f"/slips/{UNSEEN}", "/lists/overdue/export.xlsx"]
)
def test_nobody_who_is_not_signed_in_sees_a_list(make_page: Callable[..., Page], path: str) -> None:
    answer = make_page().client.get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in"
