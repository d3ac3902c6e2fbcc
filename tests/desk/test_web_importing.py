"""The pages that take in a spreadsheet: give it, see what would become of each row, take it in."""

import csv
import io
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from desk_client.desk import Desk
from desk_client.services.import_jobs import JOBS_MAX, ImportJob
from desk_client.services.lifecycle import dossier_of
from desk_client.services.overview import overview
from desk_client.services.signing_in import add_clerk
from desk_client.sheets.grids import FILE_BYTES_MAX
from desk_client.sheets.grids import Row as SheetRow
from desk_client.storage.clerks import Clerk
from desk_client.storage.database import write_transaction
from desk_client.web.importing import UPLOAD_BYTES_MAX
from desk_client.web.present import EXTENSION, Door
from sync_protocol.vocabulary import DossierStage, Role
from tests.desk.conftest import Page, token_of
from tests.desk.registers import CODE, COLUMNS, OTHER_CODE, Row, row
from tests.desk.spreadsheets import csv_file, table
from tests.factories import PASSWORD, StandingClock

HEADER = list(COLUMNS)


def cells(*rows: Row) -> list[list[str]]:
    """Rows with the names of their columns above them."""
    return [[COLUMNS[name] for name in HEADER], *([each.get(name, "") for name in HEADER] for each in rows)]


def workbook(*rows: Row) -> bytes:
    return table(*cells(*rows))


def door_of(page: Page) -> Door:
    door: Door = page.app.extensions[EXTENSION]
    return door


def desk_of(page: Page) -> Desk:
    return door_of(page).desk


def give(page: Page, raw: bytes, name: str = "so.xlsx", **form: str) -> TestResponse:
    """Sends a file through the form."""
    token = token_of(page.client.get("/import").text)
    file = (io.BytesIO(raw), name)
    return page.client.post("/import", data={"csrf_token": token, "file": file} | form)


def given(page: Page, raw: bytes, name: str = "so.xlsx", **form: str) -> str:
    """Sends a file that can be read, waits until its rows were tried, and gives the address of its page."""
    answer = give(page, raw, name, **form)
    assert answer.status_code == 302, answer.text
    address = str(answer.headers["Location"])
    job_of(page, address).wait()
    return address


def job_of(page: Page, address: str, clerk: str = "an.nv") -> ImportJob:
    return door_of(page).imports.of(address.rpartition("/")[2], clerk)


def press(page: Page, address: str, what: str, **form: str) -> TestResponse:
    """Presses a button of a file's page."""
    token = token_of(page.client.get(address).text)
    return page.client.post(f"{address}/{what}", data={"csrf_token": token} | form)


def taken(page: Page, address: str) -> str:
    """Takes a file in and gives its page then."""
    press(page, address, "take")
    job_of(page, address).wait()
    return page.client.get(address).text


def counts(text: str) -> dict[str, str]:
    """The counts of a page by outcome."""
    return dict(re.findall(r'<li class="is-(\w+)[^"]*"><strong class="tabular">([^<]*)</strong>', text))


class Unread(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *_: Any) -> bytes:
        """Refuses."""
        raise AssertionError("the body was read")

    readline = readinto = readinto1 = read1 = read  # type: ignore[assignment]


@contextmanager
def held_up(desk: Desk) -> Iterator[None]:
    """Somebody else is saving all the while, so that no row gets on."""
    began, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with write_transaction(desk.database):
            began.set()
            may_end.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    began.wait()
    yield
    may_end.set()
    holder.join()


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (workbook(row()), "so.xlsx"),
        (csv_file(*cells(row())), "so.csv"),
        (csv_file(*cells(row()), separator=";"), "so.txt"),
    ],
    ids=["xlsx", "csv", "txt"],
)
def test_a_file_is_looked_at_before_it_is_taken_in(page: Page, raw: bytes, name: str) -> None:
    address = given(page, raw, name)
    looked_at = page.client.get(address).text
    saved_before = overview(desk_of(page)).saved_count

    text = taken(page, address)

    assert name in looked_at
    assert counts(looked_at) == {"new": "1", "changed": "0", "unchanged": "0", "refused": "0"}
    assert saved_before == 0
    assert counts(text) == {"new": "1", "changed": "0", "unchanged": "0", "refused": "0"}
    assert dossier_of(desk_of(page), CODE).dossier.stage is DossierStage.PROCESSING
    assert page.woken == 1


def test_the_same_file_again_offers_nothing_to_take(page: Page) -> None:
    raw = workbook(row())
    taken(page, given(page, raw))

    text = page.client.get(given(page, raw)).text

    assert counts(text)["unchanged"] == "1"
    assert "/take" not in text


def test_a_row_says_what_became_of_it_and_leads_to_its_dossier(page: Page) -> None:
    text = taken(page, given(page, workbook(row(), row(code=OTHER_CODE, received="31/02/2021"))))

    dossier = dossier_of(desk_of(page), CODE).dossier
    assert f'href="/dossiers/{dossier.id}">{CODE}</a>' in text
    assert "“31/02/2021” không phải là ngày" in text
    assert text.index("31/02/2021") < text.index(CODE), "what has to be corrected comes first"


def test_opening_stock_is_marked_as_such(page: Page) -> None:
    taken(page, given(page, workbook(row()), source="opening"))

    assert dossier_of(desk_of(page), CODE).dossier.source == "opening"


def test_another_mapping_is_tried_and_remembered_for_the_next_file(page: Page) -> None:
    raw = table(["Mã", "Việc", "Ai", "Khi nào"], [CODE, "Đăng ký khai sinh", "Trần Thị Bưởi", "06/09/2021"])
    address = given(page, raw)
    before = page.client.get(address).text
    chosen = {"column_0": "dossier_code", "column_1": "procedure_name", "column_2": "owner_name"}

    answer = press(page, address, "mapping", column_3="received_at", source="opening", **chosen)
    job_of(page, address).wait()
    after, next_file = page.client.get(address).text, page.client.get(given(page, raw)).text

    assert answer.status_code == 302
    assert counts(before)["refused"] == "1"
    assert "Ngày tiếp nhận, Tên thủ tục, Chủ hồ sơ" in before
    assert counts(after)["new"] == counts(next_file)["new"] == "1"
    assert '<option value="received_at" selected>' in next_file
    assert 'value="opening" checked' in after


def test_a_cell_to_be_corrected_is_named_as_its_file_names_it(page: Page) -> None:
    raw = table(
        ["Mã hồ sơ", "Thủ tục", "Chủ hồ sơ", "Khi nào"], [CODE, "Đăng ký khai sinh", "Lê Thị Hoa", "31/02/2021"]
    )
    address = given(page, raw)

    press(page, address, "mapping", column_0="dossier_code", column_3="received_at")
    job_of(page, address).wait()

    assert "<p>Khi nào: “31/02/2021” không phải là ngày" in page.client.get(address).text


def test_who_received_it_elsewhere_is_not_offered(page: Page) -> None:
    text = page.client.get(given(page, workbook(row(clerk="Lê Văn Khác")))).text

    assert "received_by" not in text


def test_a_page_without_javascript_shows_how_far_it_is_by_itself(page: Page) -> None:
    with held_up(desk_of(page)):
        address = str(give(page, workbook(row())).headers["Location"])
        during = page.client.get(address).text
    job_of(page, address).wait()

    after = page.client.get(address).text

    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in during
    assert "<progress" in during
    assert "0 / 1" in during
    assert "/take" not in during
    assert "refresh" not in after
    assert "<progress" not in after


def test_the_part_that_comes_anew_ends_with_a_word_for_those_who_hear_it(page: Page) -> None:
    with held_up(desk_of(page)):
        address = str(give(page, workbook(row())).headers["Location"])
        during = page.client.get(f"{address}/progress").text
    job_of(page, address).wait()

    after = page.client.get(f"{address}/progress").text

    assert f'hx-get="{address}/progress"' in during
    assert "hx-swap-oob" not in during
    assert "hx-get" not in after
    assert "hx-swap-oob" in after
    assert token_of(after)


def test_looking_again_while_rows_are_read_says_so_and_forgets_nothing(page: Page) -> None:
    with held_up(desk_of(page)):
        address = str(give(page, workbook(row())).headers["Location"])
        answer = press(page, address, "mapping")
        taking = press(page, address, "take")
    job_of(page, address).wait()

    assert (answer.status_code, taking.status_code) == (409, 409)
    assert 'role="alert"' in answer.text
    assert counts(page.client.get(address).text)["new"] == "1"
    assert counts(page.client.get(given(page, workbook(row()))).text)["new"] == "1", "no empty mapping is remembered"


def test_a_second_click_takes_nothing_twice_and_leaves_the_result_on_the_page(page: Page) -> None:
    address = given(page, workbook(row()))
    taken(page, address)

    text = taken(page, address)

    assert counts(text)["new"] == "1"
    assert overview(desk_of(page)).saved_count == 1


def test_the_desk_goes_on_while_a_file_is_taken_in(page: Page) -> None:
    """A long file: the thread that takes it in stands still in the middle of its second transaction's rows."""
    is_there, may_go_on = threading.Event(), threading.Event()
    address = given(page, csv_file(*cells(*(row(code=f"BN-{number:04d}") for number in range(300)))), "so.csv")
    job = job_of(page, address)
    rows = list(job.order.sheet.rows())

    def slowly() -> Iterator[SheetRow]:
        yield from rows[:250]
        is_there.set()
        may_go_on.wait()
        yield from rows[250:]

    job.order = replace(job.order, sheet=replace(job.order.sheet, read=slowly))
    press(page, address, "take")
    is_there.wait()

    saved, today, during = page.save(), page.client.get("/today"), page.client.get(address).text
    may_go_on.set()
    job.wait()

    assert (saved.status_code, today.status_code) == (302, 200)
    assert "200 / 300" in during
    assert counts(page.client.get(address).text)["new"] == "300"
    assert overview(desk_of(page)).saved_count == 301


def test_the_rows_to_be_corrected_are_a_file_without_formulas_or_people(page: Page) -> None:
    bad = row(code=OTHER_CODE, stage="=HYPERLINK(Trần Thị Bưởi)", phone="Trần Thị Bưởi", received="Trần; Thị\nBưởi")
    address = given(page, workbook(row(), bad))

    answer = page.client.get(f"{address}/refused.csv")

    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    header, *lines = csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";")
    assert header == ["Dòng", "Việc cần làm"]
    assert [line[0] for line in lines] == ["3"]
    assert "Bưởi" not in answer.text
    assert "Ngày tiếp nhận: “…” không phải là ngày" in lines[0][1]
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in lines for cell in line)


def test_another_clerks_file_is_not_there(page: Page, make_second: Callable[[], FlaskClient]) -> None:
    address = given(page, workbook(row()))
    other = make_second()

    answers = [other.get(address), other.get(f"{address}/progress"), other.get(f"{address}/refused.csv")]
    token = token_of(other.get("/import").text)
    answers += [other.post(f"{address}/{what}", data={"csrf_token": token}) for what in ("take", "mapping")]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert not any(CODE in answer.text or "so.xlsx" in answer.text for answer in answers)
    assert overview(desk_of(page)).saved_count == 0


@pytest.fixture
def make_second(page: Page) -> Callable[[], FlaskClient]:
    """The browser of a second clerk, signed in."""

    def make() -> FlaskClient:
        add_clerk(desk_of(page), Clerk(username="hoa.lt", full_name="Lê Thị Hoa", role=Role.CLERK), PASSWORD)
        client = page.app.test_client()
        token = token_of(client.get("/sign-in").text)
        client.post("/sign-in", data={"csrf_token": token, "username": "hoa.lt", "password": PASSWORD})
        return client

    return make


def test_a_file_that_is_not_kept_any_more_says_that_nothing_is_lost(page: Page) -> None:
    answer = page.client.get("/import/00000000000000000000000000000000")

    assert answer.status_code == 404
    assert "Những gì đã nhập vẫn an toàn" in answer.text


def test_nobody_gives_a_file_without_having_signed_in(client: FlaskClient) -> None:
    token = token_of(client.get("/sign-in").text)

    answers = [
        client.get("/import"),
        client.post("/import", data={"csrf_token": token, "file": (io.BytesIO(workbook(row())), "so.xlsx")}),
    ]

    assert [answer.headers.get("Location") for answer in answers] == ["/sign-in", "/sign-in"]


@pytest.mark.parametrize(
    ("raw", "name", "said"),
    [
        (b"", "so.xlsx", "Không thấy dòng hồ sơ nào"),
        (b"PK\x03\x04 not a workbook", "so.xlsx", "Bảng tính này bị hỏng"),
        (b"%PDF-1.4", "so.pdf", "không phải là bảng"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "so.xls", ".xls kiểu cũ"),
        (csv_file(*cells()), "so.csv", "Không thấy dòng hồ sơ nào"),
        (b"Ma ho so\x00", "so.csv", "Không đọc được chữ"),
    ],
    ids=["empty", "damaged", "another kind", "old", "no row", "no text"],
)
def test_a_file_that_cannot_be_read_says_what_to_do(page: Page, raw: bytes, name: str, said: str) -> None:
    answer = give(page, raw, name)

    assert answer.status_code == 422
    assert said in answer.text
    assert 'type="file"' in answer.text


def test_no_file_is_told_so(page: Page) -> None:
    answer = give(page, b"", "")

    assert answer.status_code == 422
    assert "Hãy chọn tệp trước" in answer.text


def test_a_file_that_is_too_large_is_refused_in_words_before_it_is_read(page: Page) -> None:
    answer = page.client.post(
        "/import",
        input_stream=Unread(),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(UPLOAD_BYTES_MAX + 1)},
    )

    assert answer.status_code == 413
    assert f"lớn hơn {FILE_BYTES_MAX // 1024**2} MB" in answer.text
    assert 'type="file"' in answer.text


def test_only_this_form_may_be_large(page: Page) -> None:
    answer = page.post("/dossiers", {"summary": "x" * 300_000})

    assert answer.status_code == 413


def test_the_oldest_file_makes_room_but_none_that_is_under_way(page: Page) -> None:
    first, *_, last = [given(page, workbook(row())) for _ in range(JOBS_MAX + 1)]
    with held_up(desk_of(page)):
        for _ in range(JOBS_MAX):
            give(page, workbook(row()))
        one_more = give(page, workbook(row()))

    assert page.client.get(first).status_code == 404
    assert page.client.get(last).status_code == 404
    assert one_more.status_code == 422
    assert "Đang nhập các tệp khác" in one_more.text


def test_no_name_of_a_file_or_a_person_reaches_the_log(page: Page, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    taken(page, given(page, workbook(row(), row(owner="Đặng Ước")), "ho-so-ba-Buoi.xlsx"))
    give(page, b"PK\x03\x04", "ho-so-ba-Buoi.xlsx")

    assert not re.search("ba-Buoi|Bưởi|Ước", caplog.text)


def test_an_import_that_breaks_off_says_so_and_what_is_safe(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    address = given(page, workbook(row()))
    job = job_of(page, address)
    monkeypatch.setattr("desk_client.services.importing.take_row", lambda *_: 1 / 0)

    text = taken(page, address)
    monkeypatch.undo()
    again = taken(page, address)

    assert job.error is None
    assert "Việc nhập đã dừng. Các dòng đã nhập vẫn an toàn" in text
    assert counts(again)["new"] == "1"


def test_what_the_page_asks_for_by_itself_does_not_put_off_the_lock(page: Page, clock: StandingClock) -> None:
    address = given(page, workbook(row()))
    clock.move(minutes=9)
    assert page.client.get(f"{address}/progress").status_code == 200

    clock.move(minutes=2)

    assert page.client.get(address).headers["Location"] == "/sign-in"
