"""What taking in a register of 10,000 dossiers costs: looked at, taken in, and given again."""

import io
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import xlsxwriter

from desk_client.desk import Desk
from desk_client.services.importing import Order, import_rows, mapping_for, try_rows
from desk_client.services.row_taking import Outcome, RowResult
from desk_client.sheets.reading import Sheet, read_sheet
from desk_client.storage import journal
from scripts.bench_many import FAMILIES, GIVEN, MIDDLES
from scripts.bench_row import Row
from sync_protocol.vocabulary import Source

ROWS = 10_000
DAYS = 250
FIRST_ON = date(2021, 1, 4)
HEADER = (
    "STT", "Mã hồ sơ", "Mã thủ tục", "Chủ hồ sơ", "Số CCCD", "Số điện thoại", "Địa chỉ", "Hình thức nộp",
    "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày có kết quả", "Ngày trả", "Người nhận", "Tình trạng",
)  # fmt: skip
STAGES = ("Đã trả kết quả",) * 9 + ("Đã xử lý xong",) * 3 + ("Đang xử lý",) * 3 + ("Được tiếp nhận",) * 5
"""As in a weekly export of a province's system: about 2.2 entries a row."""


def measured_import(desk: Desk) -> Iterator[Row]:
    """Seconds for each pass over one file, inside the caller's connection; every row has to be good."""
    raw = _workbook([each.code for each in desk.packs().procedures.values()])
    began_s = time.perf_counter()
    sheet = read_sheet(raw, "so.xlsx")
    yield Row("desk: a spreadsheet of 10,000 rows, opened", time.perf_counter() - began_s, "s")
    before = _entries(desk)
    yield Row("desk: 10,000 rows, looked at", _pass_s(desk, sheet, try_rows, Outcome.NEW), "s")
    yield Row("desk: 10,000 rows, taken in", _pass_s(desk, sheet, import_rows, Outcome.NEW), "s")
    yield Row("desk: entries that they became", _entries(desk) - before, "")
    yield Row("desk: 10,000 rows, given again", _pass_s(desk, sheet, import_rows, Outcome.UNCHANGED), "s")


def _pass_s(desk: Desk, sheet: Sheet, rows: Callable[..., Iterator[RowResult]], expected: Outcome) -> float:
    order = Order(sheet=sheet, mapping=mapping_for(desk, sheet), source=Source.IMPORT)
    began_s = time.perf_counter()
    outcomes = Counter(result.outcome for result in rows(desk, order, clerk="truong"))
    took_s = time.perf_counter() - began_s
    assert outcomes == {expected: ROWS}, outcomes
    return took_s


def _entries(desk: Desk) -> int:
    return journal.head(desk.identity().id.slot, desk.identity().origin).sequence


def _workbook(procedure_codes: list[str]) -> bytes:
    chance, raw = random.Random(2021), io.BytesIO()
    with xlsxwriter.Workbook(raw, {"in_memory": True}) as book:
        page = book.add_worksheet("Sổ theo dõi")
        page.write_row(0, 0, HEADER)
        for number in range(ROWS):
            page.write_row(number + 1, 0, _cells(number, chance, procedure_codes))
    return raw.getvalue()


def _cells(number: int, chance: random.Random, procedure_codes: list[str]) -> list[str]:
    received_on = FIRST_ON + timedelta(days=number * DAYS // ROWS)
    name, stage = " ".join(map(chance.choice, (FAMILIES, MIDDLES, GIVEN))), chance.choice(STAGES)
    has_result, is_delivered = stage.startswith("Đã"), stage.startswith("Đã trả")
    return [
        str(number + 1),
        f"BN-{number:05d}",
        chance.choice(procedure_codes),
        name,
        f"026{chance.randrange(10**9):09d}",
        f"0987{chance.randrange(10**6):06d}",
        "Thôn Đông, Xã Định Trung",
        "Trực tiếp",
        f"{received_on:%d/%m/%Y} 08:15",
        f"{received_on + timedelta(days=5):%d/%m/%Y}",
        f"{received_on + timedelta(days=2):%d/%m/%Y}" * has_result,
        f"{received_on + timedelta(days=3):%d/%m/%Y}" * is_delivered,
        name * is_delivered,
        stage,
    ]
