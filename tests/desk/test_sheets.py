"""Spreadsheets are read as people see them; what is broken is said, and nothing breaks the program."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_client.sheets import grids, workbooks
from desk_client.sheets.columns import Field, guessed
from desk_client.sheets.grids import (
    BadSheet,
    DamagedWorkbook,
    EmptySheet,
    FileTooLarge,
    LegacyFont,
    Mark,
    OldWorkbook,
    ProtectedWorkbook,
    TooManyColumns,
    TooManyRows,
    UnreadableFile,
    UnreadableText,
    WrongQuotes,
)
from desk_client.sheets.reading import Sheet, read_sheet
from sync_protocol.errors import FieldSyncError
from tests.desk.spreadsheets import HEADER, ROW, csv_file, table, workbook

MAIN_SHEET = "xl/worksheets/sheet1.xml"


def read(raw: bytes) -> Sheet:
    return read_sheet(raw, "so-theo-doi")


def cells(raw: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in read(raw).rows()]


def one_cell(fill: Callable[[Any, Any], None]) -> tuple[str, Mark | None]:
    """Text and mark of the cell C2 that fill writes into a table."""

    def table_with(book: Any, sheet: Any) -> None:
        for column, name in enumerate(HEADER):
            sheet.write_string(0, column, name)
        sheet.write_string(1, 0, "1")
        fill(book, sheet)

    (row,) = read(workbook(table_with)).rows()
    return row.text(2), row.marks.get(2)


def changed(raw: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same .xlsx file with one part changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return file.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        table(HEADER, ROW),
        csv_file(HEADER, ROW),
        csv_file(HEADER, ROW, encoding="utf-8-sig"),
        csv_file(HEADER, ROW, separator=";"),
        csv_file(HEADER, ROW, separator="\t", encoding="utf-16"),
    ],
    ids=["xlsx", "csv", "csv with a mark", "csv with semicolons", "unicode text"],
)
def test_a_table_is_read_as_it_stands(raw: bytes) -> None:
    sheet = read(raw)

    assert sheet.header == HEADER
    assert sheet.header_row == 1
    assert sheet.row_count == 1
    assert [(row.number, row.cells) for row in sheet.rows()] == [(2, ROW)]


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "so.xlsx"
    path.write_bytes(table(HEADER, ROW))

    assert [row.cells for row in read_sheet(path, "so").rows()] == [ROW]


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_sheet(tmp_path / "nowhere.xlsx", "nowhere")


def test_rows_can_be_read_again() -> None:
    sheet = read(table(HEADER, ROW))

    first, second = list(sheet.rows()), list(sheet.rows())

    assert first == second


def test_text_in_the_windows_code_page_is_read() -> None:
    vietnamese = "Nguye\u0302\u0303n Văn An".replace("e\u0302", "ê")

    raw = csv_file(("Ma ho so", "Chu ho so"), ("1", vietnamese), encoding="cp1258")

    assert cells(raw) == [("1", "Nguyễn Văn An")]


def test_old_font_text_in_a_file_without_encoding_stays_as_it_looks() -> None:
    """By the table of Windows-1258 it would turn into letters that look like another name."""
    raw = csv_file(("Ma ho so", "Chu ho so"), ("1", "Lª ThÞ BÝch"), ("2", "NguyÔn V¨n An"), encoding="cp1252")

    assert cells(raw) == [("1", "Lª ThÞ BÝch"), ("2", "NguyÔn V¨n An")]


def test_titles_and_empty_rows_are_passed_over_and_rows_keep_their_numbers() -> None:
    raw = table(("SỔ THEO DÕI HỒ SƠ",), ("Tháng 10 năm 2021",), (), HEADER, ROW, (), ("", " "), ROW)

    sheet = read(raw)

    assert sheet.header_row == 4
    assert [row.number for row in sheet.rows()] == [5, 8]


def test_titles_above_a_csv_do_not_decide_its_separator() -> None:
    raw = csv_file(("SỔ THEO DÕI, NĂM 2021, XÃ, HUYỆN, TỈNH, QUYỂN",)) + csv_file(HEADER, ROW, separator=";")

    assert cells(raw) == [ROW]


def test_a_row_that_counts_the_columns_is_no_dossier() -> None:
    raw = table(HEADER, ("(1)", "(2)", "(3)", "(4)", "(5)"), ROW)

    assert cells(raw) == [ROW]


def test_names_in_two_rows_are_read_together() -> None:
    def fill(book: Any, sheet: Any) -> None:
        for column, name in enumerate(("STT", "Mã hồ sơ", "Chủ hồ sơ")):
            sheet.merge_range(0, column, 1, column, name)
        sheet.merge_range(0, 3, 0, 5, "Ngày")
        for column, name in enumerate(("tiếp nhận", "hẹn trả", "trả"), start=3):
            sheet.write_string(1, column, name)
        for column, value in enumerate(("1", "H62-1", "Trần Thị Bé", "04/10/2021", "05/10/2021", "06/10/2021")):
            sheet.write_string(2, column, value)

    sheet = read(workbook(fill))

    assert sheet.header_row == 2
    assert not sheet.has_merged_cells
    assert guessed(sheet.header) == {
        Field.DOSSIER_CODE: 1,
        Field.OWNER_NAME: 2,
        Field.RECEIVED_AT: 3,
        Field.DUE_ON: 4,
        Field.DELIVERED_AT: 5,
    }


def test_a_first_row_of_data_is_never_taken_for_names() -> None:
    header = ("Số giấy tờ", "Loại giấy tờ", "Chủ hồ sơ")

    raw = table(header, ("026090000001", "CCCD", "Nguyễn Văn An"), ("026090000002", "CMND", "Trần Thị Bé"))

    assert len(cells(raw)) == 2


def test_a_table_of_unknown_names_is_read_from_its_first_row_of_many_cells() -> None:
    sheet = read(table(("Danh sách",), ("Alpha", "Beta"), ("1", "2")))

    assert sheet.header == ("Alpha", "Beta")
    assert [row.cells for row in sheet.rows()] == [("1", "2")]


def test_the_visible_sheet_whose_columns_are_known_is_taken() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ("Hướng dẫn", "Cách nhập"))
        sheet.write_row(1, 0, ("a", "b"))
        data, hidden = book.add_worksheet("Dữ liệu"), book.add_worksheet("Cũ")
        for each in (data, hidden):
            each.write_row(0, 0, HEADER)
            each.write_row(1, 0, ROW)
        hidden.write_row(0, 5, ("Địa chỉ", "Tình trạng"))
        hidden.hide()

    assert read(workbook(fill)).name == "Dữ liệu"


def test_merged_data_is_read_in_its_first_cell_and_told() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ROW)
        sheet.write_row(2, 0, ROW)
        sheet.merge_range(1, 2, 2, 2, "Lò Văn Páo", book.add_format({"valign": "top"}))

    sheet = read(workbook(fill))

    assert sheet.has_merged_cells
    assert [row.text(2) for row in sheet.rows()] == ["Lò Văn Páo", ""]


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (3, None, "3"),
        (3.0, None, "3"),
        (1.004873, None, "1.004873"),
        (0.1 + 0.2, None, "0.3"),
        (50000, "#,##0", "50000"),
        (987000123, "0000000000", "0987000123"),
        (26090000001, "000000000000", "026090000001"),
        (True, None, "TRUE"),
        (datetime(2021, 10, 4), "dd/mm/yyyy", "04/10/2021"),
        (datetime(2021, 10, 4), "m/d/yy", "04/10/2021"),
        (datetime(2021, 10, 4, 8, 15), "dd/mm/yyyy hh:mm", "04/10/2021 08:15"),
        (datetime(2021, 10, 4, 8, 15, 37), "dd/mm/yyyy hh:mm", "04/10/2021 08:15:37"),
        (time(8, 15), "hh:mm", "08:15"),
    ],
)
def test_a_cell_is_text_as_a_person_sees_it(value: object, form: str | None, text: str) -> None:
    read_as = one_cell(lambda book, sheet: sheet.write(1, 2, value, book.add_format({"num_format": form or "General"})))

    assert read_as == (text, None)


def test_zeros_in_front_are_kept_in_text() -> None:
    assert one_cell(lambda book, sheet: sheet.write_string(1, 2, "026090000001")) == ("026090000001", None)


def test_a_line_break_as_the_format_writes_it_is_not_shown() -> None:
    text, _ = one_cell(lambda book, sheet: sheet.write_string(1, 2, "Thôn 1\r\nXã Hòa"))

    assert text == "Thôn 1 \nXã Hòa"


def test_a_long_number_without_a_format_is_marked_as_broken() -> None:
    read_as = one_cell(lambda book, sheet: sheet.write_number(1, 2, 120123000000))

    assert read_as == ("120123000000", Mark.BROKEN_NUMBER)


@pytest.mark.parametrize("text", ["1.20123E+11", "1,20123E+11", "1E+11"])
def test_a_number_that_a_csv_shows_in_powers_is_marked_as_broken(text: str) -> None:
    raw = csv_file(HEADER, ("1", text, "", "", ""), separator=";")

    (row,) = read(raw).rows()

    assert row.marks == {1: Mark.BROKEN_NUMBER}


def test_the_last_result_of_a_formula_is_taken_and_marked() -> None:
    assert one_cell(lambda book, sheet: sheet.write_formula(1, 2, "=A2", value="Nguyễn Văn An")) == (
        "Nguyễn Văn An",
        Mark.FORMULA,
    )


def test_a_formula_without_a_result_is_marked() -> None:
    raw = table(HEADER, ROW, ROW)
    # What programs write that compute nothing: a formula and no value.
    raw = changed(raw, MAIN_SHEET, lambda xml: xml.replace(b'<c r="C3" t="s"><v>7</v></c>', b'<c r="C3"><f>B3</f></c>'))

    sheet = read(raw)

    assert sheet.has_formulas
    assert [(row.text(2), row.marks.get(2)) for row in sheet.rows()] == [
        ("Nguyễn Văn An", None),
        ("", Mark.WITHOUT_VALUE),
    ]


def test_an_error_of_the_spreadsheet_is_marked() -> None:
    assert one_cell(lambda book, sheet: sheet.write_formula(1, 2, "=NA()", value="#N/A")) == ("#N/A", Mark.ERROR)


@pytest.mark.parametrize(
    ("text", "shown", "mark"),
    [
        ('"=""001090000001"""', "001090000001", None),
        ("=A1+1", "", Mark.WITHOUT_VALUE),
        ("#N/A", "#N/A", Mark.ERROR),
        ("########", "########", Mark.ERROR),
    ],
)
def test_what_a_spreadsheet_wrote_into_a_csv_is_understood(text: str, shown: str, mark: Mark | None) -> None:
    (row,) = read(csv_file(HEADER, ("1", text, "x", "", ""))).rows()

    assert (row.text(1), row.marks.get(1)) == (shown, mark)


@pytest.mark.parametrize("write", [table, csv_file])
def test_a_cell_that_is_too_long_is_cut_and_marked(write: Callable[..., bytes]) -> None:
    (row,) = read(write(HEADER, ("1", "H62", "x" * 2001))).rows()

    assert (len(row.text(2)), row.marks.get(2)) == (2000, Mark.TOO_LONG)


def test_line_breaks_in_a_quoted_cell_do_not_make_rows() -> None:
    raw = csv_file(HEADER, ("1", "a", '"Thôn 1\nXã Hòa"', "", ""), ROW)

    assert [(row.number, row.text(2)) for row in read(raw).rows()] == [(2, "Thôn 1\nXã Hòa"), (3, "Nguyễn Văn An")]


def test_a_quotation_mark_that_never_closes_is_told_with_its_row() -> None:
    raw = csv_file(HEADER, ROW, ("2", '"Nguyễn Văn An', "x"), ROW, ROW)

    with pytest.raises(WrongQuotes) as caught:
        read(raw)

    assert caught.value.values == {"row": 3}


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", EmptySheet),
        (b"\r\n\r\n", EmptySheet),
        (csv_file(HEADER), EmptySheet),
        (table(), EmptySheet),
        (table(HEADER), EmptySheet),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), OldWorkbook),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), ProtectedWorkbook),
        (b"PK\x03\x04 and no more", DamagedWorkbook),
        (table(HEADER, ROW)[:-300], DamagedWorkbook),
        (b"<html><table><tr><td>STT</td></tr></table></html>", BadSheet),
        (b"%PDF-1.7\n", BadSheet),
        ("STT,Tên\r\n1,\0An\r\n".encode(), UnreadableText),
        (csv_file(HEADER, ROW)[:-3] + "ễ".encode()[:2], UnreadableText),
        (csv_file(HEADER, ROW, encoding="utf-16")[:-1], UnreadableText),
        (csv_file(("Ma", "Ten"), ("1", "Nguy\x8dn"), encoding="latin-1"), UnreadableText),
        (csv_file(("STT", "Hä vµ tªn"), ("1", "NguyÔn V¨n An"), encoding="latin-1"), LegacyFont),
        (table(("STT", "Hoï vaø teân"), ("1", "Nguyeãn Vaên An")), LegacyFont),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_what_to_do(raw: bytes, error: type[BadSheet]) -> None:
    with pytest.raises(BadSheet) as caught:
        read(raw)

    assert type(caught.value) is error


def test_a_sheet_under_another_form_of_zip_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")

    with pytest.raises(DamagedWorkbook):
        read(file.getvalue())


def test_more_rows_than_the_bound_are_refused_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk_client.sheets.reading.DATA_ROWS_MAX", 3)

    assert read(table(HEADER, ROW, ROW, ROW)).row_count == 3
    for write in (table, csv_file):
        with pytest.raises(TooManyRows) as caught:
            read(write(HEADER, ROW, ROW, ROW, ROW))
        assert caught.value.values == {"limit": 3}


@pytest.mark.parametrize("write", [table, csv_file])
def test_more_columns_than_the_bound_are_refused_with_it(write: Callable[..., bytes]) -> None:
    with pytest.raises(TooManyColumns) as caught:
        read(write(HEADER, ["x"] * 201))

    assert caught.value.values == {"limit": 200}


def test_empty_cells_at_the_end_are_no_columns() -> None:
    assert cells(csv_file(HEADER, (*ROW, *[""] * 300))) == [ROW]


def test_a_file_above_the_bound_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(grids.FILE_BYTES_MAX + 1)

    with pytest.raises(FileTooLarge) as caught:
        read_sheet(path, "big")

    assert caught.value.values == {"limit": 32}


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = changed(table(HEADER, ROW), MAIN_SHEET, lambda xml: xml + b" " * 20_000_000)
    monkeypatch.setattr("openpyxl.load_workbook", lambda *_, **__: pytest.fail("it was opened"))

    with pytest.raises(FileTooLarge):
        read(bomb)


def test_many_parts_of_modest_size_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "UNPACKED_BYTES_MAX", 1_000)

    with pytest.raises(FileTooLarge):
        read(table(HEADER, ROW))


@pytest.mark.parametrize("claim", [b"A1:XFD1048576", b"A1"])
def test_a_size_that_the_file_claims_is_not_believed(claim: bytes) -> None:
    raw = changed(table(HEADER, ROW), MAIN_SHEET, lambda xml: xml.replace(b'ref="A1:E2"', b'ref="%s"' % claim))

    assert cells(raw) == [ROW]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<row r="2"', b'<row r="99999999999"'),
        (b'<row r="2"', b'<row r="1"'),
        (b'<c r="A2"', b'<c r="ZZZ2"'),
        (b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="nowhere"/></mergeCells>'),
        (b"<v>5</v>", b"<v>5000</v>"),
    ],
    ids=["row far away", "row twice", "column far away", "merged nowhere", "text that is not there"],
)
def test_a_sheet_that_contradicts_itself_is_refused(old: bytes, new: bytes) -> None:
    raw = changed(table(HEADER, ROW), MAIN_SHEET, lambda xml: xml.replace(old, new))

    with pytest.raises(DamagedWorkbook):
        cells(raw)


def test_entities_that_multiply_are_refused() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "%s">%s]>' % (
        b"ha" * 50,
        b"".join(b'<!ENTITY %c "%s">' % (98 + at, b"&%c;" % (97 + at) * 50) for at in range(6)),
    )
    raw = changed(
        table(HEADER, ROW),
        "xl/sharedStrings.xml",
        lambda xml: xml.replace(b"?>", b"?>" + laughs, 1).replace(b"STT", b"&g;"),
    )

    with pytest.raises(DamagedWorkbook):
        read(raw)


GOOD_FILES = [table(HEADER, ROW, ROW), csv_file(HEADER, ROW, ROW), csv_file(HEADER, ROW, encoding="utf-16")]


def try_to_read(raw: bytes) -> None:
    with suppress(FieldSyncError):
        cells(raw)


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=2000), start=st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"STT,"]))
def test_no_bytes_raise_anything_but_our_own_errors(raw: bytes, start: bytes) -> None:
    try_to_read(start + raw)


@settings(max_examples=100, deadline=None)
@given(raw=st.sampled_from(GOOD_FILES), share=st.floats(0, 1))
def test_no_file_cut_short_raises_anything_but_our_own_errors(raw: bytes, share: float) -> None:
    try_to_read(raw[: int(len(raw) * share)])


@settings(max_examples=100, deadline=None)
@given(raw=st.sampled_from(GOOD_FILES), places=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=5))
def test_no_flipped_bit_raises_anything_but_our_own_errors(raw: bytes, places: list[float]) -> None:
    flipped = bytearray(raw)
    for place in places:
        bit = int(place * len(raw) * 8)
        flipped[bit // 8] ^= 1 << bit % 8

    try_to_read(bytes(flipped))


@settings(max_examples=100, deadline=None)
@given(
    part=st.sampled_from([MAIN_SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]),
    place=st.floats(0, 1, exclude_max=True),
    piece=st.sampled_from([b"", b"<", b"0", b"-1", b'"', b"x", b"\xff", b"9" * 30, b"<f/>", b"<c/>", b"<row/>"]),
)
def test_no_damage_inside_the_parts_raises_anything_but_our_own_errors(part: str, place: float, piece: bytes) -> None:
    """Bits flipped in the file are mostly found by the sums of the archive; this damage has the right sums."""
    raw = changed(
        GOOD_FILES[0],
        part,
        lambda xml: xml[: int(place * len(xml))] + piece + xml[int(place * len(xml)) + len(piece) :],
    )

    try_to_read(raw)
