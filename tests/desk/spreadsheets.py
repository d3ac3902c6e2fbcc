"""Spreadsheet files for tests, made in memory. All people in them are invented."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter

HEADER = ("STT", "Mã hồ sơ", "Chủ hồ sơ", "Số điện thoại", "Ngày tiếp nhận")
ROW = ("1", "H62.11.01-211004-0001", "Nguyễn Văn An", "0987000123", "04/10/2021")


def workbook(fill: Callable[[Any, Any], None]) -> bytes:
    """An .xlsx file; fill is handed the workbook and its first sheet."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    fill(book, book.add_worksheet("Sổ theo dõi"))
    book.close()
    return file.getvalue()


def table(*rows: Sequence[Any]) -> bytes:
    """An .xlsx file of rows from the first one on: texts as text cells, numbers as number cells, None left out."""

    def fill(book: Any, sheet: Any) -> None:
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write(number, column, value)

    return workbook(fill)


def csv_file(*rows: Sequence[str], separator: str = ",", encoding: str = "utf-8") -> bytes:
    """A csv file of rows."""
    return "".join(separator.join(row) + "\r\n" for row in rows).encode(encoding)
