"""Figures from a spreadsheet: looked through first, kept only when confirmed, and never from a formula or a bomb."""

import io
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from flask.testing import FlaskClient

from central_server.app import create_app
from central_server.central import Central
from central_server.services import external_figures, figure_sheets, signing_in
from central_server.services.external_figures import COLUMNS
from central_server.services.figure_sheets import FILE_BYTES_MAX, ROWS_MAX, BadFigureSheet, keep_sheet, look_through
from central_server.storage.units import EVERYTHING
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser, token
from tests.factories import StandingClock

SOURCE = "Báo cáo số 15/BC-TTPVHCC"
GOOD = ("visitors", "26", "2021-10", 1234, None, None, SOURCE)


@pytest.fixture
def book(central: Central, clock: StandingClock) -> Central:
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    return central


@pytest.fixture
def client(book: Central) -> FlaskClient:
    for username, role, unit in (("tinh", Role.PROVINCE, None), ("vinhyen", Role.SUPERVISOR, "243")):
        signing_in.add_user(
            book, username=username, full_name="Trần Thị Vân", role=role, unit_code=unit, password=PASSWORD
        )
    return browser(create_app(book), "tinh")


def sheet(*rows: Sequence[Any], head: Sequence[Any] = COLUMNS) -> bytes:
    """A file like the sample."""
    made = openpyxl.Workbook()
    page = made.worksheets[0]
    page.append(["Số liệu từ nguồn khác"])
    for row in (head, *rows):
        page.append(list(row))
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def values(central: Central) -> list[Decimal]:
    return [row.figure.value for row in external_figures.book(central, EVERYTHING)]


def test_looking_through_tells_each_row_and_keeps_nothing(book: Central) -> None:
    raw = sheet(GOOD, ("weather", *GOOD[1:]), (None,) * 7, ("procedures_online", "26", "2021-Q3", None, 1, 3, SOURCE))

    lines = look_through(book, EVERYTHING, raw, by="tinh")

    assert [(each.number, each.is_to_be_kept) for each in lines] == [(3, True), (4, False), (6, True)]
    assert lines[1].problem
    assert "there is no such indicator" in str(lines[1].problem)
    assert values(book) == []


def test_only_usable_rows_are_kept_and_a_second_time_none(book: Central) -> None:
    raw = sheet(GOOD, ("weather", *GOOD[1:]))

    counts = [keep_sheet(book, EVERYTHING, raw, by="tinh") for _ in range(2)]

    assert counts == [1, 0]
    assert values(book) == [Decimal(1234)]


def test_a_row_that_says_the_same_twice_is_kept_once(book: Central) -> None:
    assert keep_sheet(book, EVERYTHING, sheet(GOOD, GOOD), by="tinh") == 1


@pytest.mark.parametrize("place", range(len(COLUMNS)))
def test_a_formula_is_never_taken_whatever_it_shows(book: Central, place: int) -> None:
    row = [*GOOD]
    row[place] = "=1234+0"

    [line] = look_through(book, EVERYTHING, sheet(row), by="tinh")

    assert line.figure is None
    assert "a cell holds a formula" in str(line.problem)


@pytest.mark.parametrize(
    ("row", "value"),
    [
        (("published_on_time_rate_due", "26", "2021-10", 99.98, None, None, SOURCE), "99.98"),
        (("published_on_time_rate_due", "26", "2021-10", 1.234, None, None, SOURCE), "1.234"),
        (("visitors", "26", "2021-10", "1.234", None, None, SOURCE), "1234"),
        (("visitors", 26, datetime(2021, 10, 1), 5.0, None, None, SOURCE), "5"),
        (("visitors", 8707, "2021-10", 5, None, None, SOURCE), "5"),
        (("visitors", "26", 2021, 5, None, None, SOURCE), "5"),
    ],
)
def test_what_a_spreadsheet_makes_of_cells_is_read_as_it_was_meant(
    book: Central, row: Sequence[Any], value: str
) -> None:
    [line] = look_through(book, EVERYTHING, sheet(row), by="tinh")

    assert line.figure
    assert line.figure.value == Decimal(value)


@pytest.mark.parametrize("raw", [b"", b"PK", b"not a file", b"x" * (FILE_BYTES_MAX + 1)])
def test_what_is_no_spreadsheet_is_refused(book: Central, raw: bytes) -> None:
    with pytest.raises(BadFigureSheet):
        look_through(book, EVERYTHING, raw, by="tinh")


def test_a_file_without_its_head_is_refused_since_a_row_would_be_lost(book: Central) -> None:
    full = ("visitors", "26", "2021-10", 5, 1, 2, SOURCE)

    for head in (GOOD, full):
        with pytest.raises(BadFigureSheet):
            look_through(book, EVERYTHING, sheet(GOOD, head=head), by="tinh")


def test_too_many_rows_are_refused_whole(book: Central) -> None:
    rows = [("visitors", "26", "2021-10", number, None, None, "x") for number in range(ROWS_MAX + 1)]

    with pytest.raises(BadFigureSheet):
        keep_sheet(book, EVERYTHING, sheet(*rows), by="tinh")

    assert keep_sheet(book, EVERYTHING, sheet(*rows[1:]), by="tinh") == ROWS_MAX


def test_a_file_that_unpacks_to_more_than_it_may_is_not_opened(book: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO(sheet(GOOD))
    with ZipFile(packed, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings2.xml", b"<a/>" * (figure_sheets.UNPACKED_BYTES_MAX // 4))
    monkeypatch.setattr("openpyxl.load_workbook", lambda *_, **__: pytest.fail("it was opened"))

    assert len(packed.getvalue()) < FILE_BYTES_MAX
    with pytest.raises(BadFigureSheet):
        look_through(book, EVERYTHING, packed.getvalue(), by="tinh")


def test_a_person_looks_a_file_through_on_the_page_and_then_keeps_it(client: FlaskClient, book: Central) -> None:
    raw = sheet(GOOD, ("weather", *GOOD[1:]))
    form = {"csrf_token": token(client), "file": (BytesIO(raw), "so-lieu.xlsx")}
    shown = client.post("/figures/preview", data=form, content_type="multipart/form-data").text
    nothing_yet = values(book)
    [file] = re.findall(r'name="file" value="([^"]+)"', shown)

    kept = client.post("/figures/import", data={"csrf_token": token(client), "file": file})

    assert "there is no such indicator; take one of the list" in shown
    assert "to be added as 1,234" in shown
    assert nothing_yet == []
    assert (kept.status_code, kept.headers["Location"]) == (303, "/figures?kept=1")
    assert values(book) == [Decimal(1234)]
    assert "by Báo cáo số 15/BC-TTPVHCC" in client.get("/figures").text


def test_what_is_sent_in_place_of_a_file_keeps_nothing(client: FlaskClient, book: Central) -> None:
    for sent in ("", "§", urlsafe_b64encode(b"nothing").decode(), "A"):
        assert client.post("/figures/import", data={"csrf_token": token(client), "file": sent}).status_code == 400

    assert values(book) == []


def test_a_supervisor_keeps_only_what_is_of_the_own_area(client: FlaskClient, book: Central) -> None:
    supervisor = browser(client.application, "vinhyen")
    raw = sheet(GOOD, ("visitors", "08707", *GOOD[2:]))

    supervisor.post("/figures/import", data={"csrf_token": token(supervisor), "file": urlsafe_b64encode(raw).decode()})

    assert [row.unit_code for row in external_figures.book(book, EVERYTHING)] == ["08707"]


def test_a_figure_is_added_on_the_page_and_a_wrong_one_stands_again(client: FlaskClient, book: Central) -> None:
    form = dict(zip(COLUMNS, ("visitors", "26", "2021-10", "1.234", "", "", SOURCE), strict=True))
    form["csrf_token"] = token(client)

    wrong = client.post("/figures", data=form | {"unit_code": "99"})
    right = client.post("/figures", data=form)

    assert wrong.status_code == 400
    assert "there is no unit of this code in your area" in wrong.text
    assert f'value="{SOURCE}"' in wrong.text
    assert right.status_code == 303
    assert values(book) == [Decimal(1234)]


def test_the_sample_file_is_taken_as_it_is(client: FlaskClient, book: Central) -> None:
    raw = client.get("/figures/sample.xlsx").data

    assert look_through(book, EVERYTHING, raw, by="tinh") == []
    listed = openpyxl.load_workbook(BytesIO(raw)).worksheets[1]
    assert "published_on_time_rate_due" in {row[0] for row in listed.iter_rows(values_only=True)}
