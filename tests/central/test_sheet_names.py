"""A workbook's sheets have names that every program takes, however long and alike those of the tables are."""

from io import BytesIO

import openpyxl

from central_server.paper.spreadsheets import Column, Sheet, sheet_names, workbook

LONG = "Xếp hạng huyện, thành phố theo hồ sơ tiếp nhận"
ALIKE = "Xếp hạng huyện, thành phố theo tỷ lệ đúng hạn"


def test_long_names_that_begin_alike_are_told_apart() -> None:
    assert sheet_names([LONG, ALIKE, LONG.upper(), "Tổng cộng"]) == [
        "Xếp hạng huyện, thành phố theo ",
        "Xếp hạng huyện, thành phố t (2)",
        "XẾP HẠNG HUYỆN, THÀNH PHỐ T (3)",
        "Tổng cộng",
    ]


def test_a_workbook_of_tables_with_such_names_is_written() -> None:
    sheets = [
        Sheet(name=name, title=name, notes=(), columns=[Column(head="Tên", width=9)], rows=[["x"]])
        for name in (LONG, ALIKE)
    ]

    book = openpyxl.load_workbook(BytesIO(workbook(*sheets)))

    assert len(book.sheetnames) == 2
