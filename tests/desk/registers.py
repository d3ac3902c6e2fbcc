"""Registers of other software for tests: spreadsheets of dossiers, taken in by the service. All people are invented."""

from collections.abc import Sequence

from desk_client.desk import Desk
from desk_client.services import importing
from desk_client.services.importing import Order
from desk_client.services.row_taking import RowResult
from desk_client.sheets.reading import read_sheet
from desk_client.storage import journal
from desk_client.storage.database import reading
from sync_protocol.vocabulary import Source
from tests.desk.spreadsheets import table

COLUMNS = {
    "code": "Mã hồ sơ",
    "external": "Mã hồ sơ quốc gia",
    "procedure": "Thủ tục hành chính",
    "owner": "Chủ hồ sơ",
    "id": "Số CCCD",
    "phone": "Số điện thoại",
    "address": "Địa chỉ",
    "channel": "Hình thức nộp",
    "copies": "Số bản sao",
    "clerk": "Cán bộ tiếp nhận",
    "received": "Ngày tiếp nhận",
    "due": "Ngày hẹn trả",
    "resolved": "Ngày có kết quả",
    "number": "Số kết quả",
    "delivered": "Ngày trả",
    "taker": "Người nhận",
    "stage": "Tình trạng",
}
CODE = "H62.11.01-210906-0412"
OTHER_CODE = "H62.11.01-210907-0413"

Row = dict[str, str]


def row(**cells: str) -> Row:
    """A dossier that is in process, received on 6 September 2021; a column is left out with an empty cell."""
    return {
        "code": CODE,
        "procedure": "Đăng ký khai sinh",
        "owner": "Trần Thị Bưởi",
        "id": "026185900001",
        "phone": "0987000001",
        "received": "06/09/2021",
        "due": "20/10/2021",
        "stage": "Đang xử lý",
    } | cells


def order(desk: Desk, *rows: Row, source: Source = Source.IMPORT) -> Order:
    """The order to take in a workbook of these rows, with the columns that any of them has."""
    columns = [name for name in COLUMNS if any(name in each for each in rows)]
    cells = [[each.get(name, "") for name in columns] for each in rows]
    sheet = read_sheet(table([COLUMNS[name] for name in columns], *cells), "so.xlsx")
    return Order(sheet=sheet, mapping=importing.mapping_for(desk, sheet), source=source)


def take(desk: Desk, *rows: Row, source: Source = Source.IMPORT) -> list[RowResult]:
    """Takes these rows in."""
    return list(importing.import_rows(desk, order(desk, *rows, source=source), clerk="an.nv"))


def take_one(desk: Desk, **cells: str) -> RowResult:
    """Takes one row in."""
    [result] = take(desk, row(**cells))
    return result


def outcomes(results: Sequence[RowResult]) -> list[str]:
    """What became of rows, in their order."""
    return [each.outcome.value for each in results]


def texts(result: RowResult) -> list[str]:
    """What is said of a row."""
    return [each.text for each in result.remarks]


def entries(desk: Desk) -> int:
    """How many entries the journal holds."""
    with reading(desk.database):
        return journal.head(desk.identity().id.slot, desk.identity().origin).sequence
