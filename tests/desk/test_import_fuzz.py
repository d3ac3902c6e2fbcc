"""Any text in any cell: a row is taken or refused in words, never half, and the same file again adds nothing."""

import unicodedata
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk_client.desk import Desk
from desk_client.services.importing import Order, import_rows, try_rows
from desk_client.services.overview import overview
from desk_client.services.projecting import rebuild
from desk_client.services.row_taking import Outcome, RowResult
from desk_client.sheets.columns import Field
from desk_client.sheets.grids import Mark, Row
from desk_client.sheets.reading import Sheet
from desk_client.storage import journal
from desk_client.storage.database import reading
from sync_protocol.entries import chain
from sync_protocol.messages import LANGUAGES, error_text, translated
from sync_protocol.schemas import read_event
from sync_protocol.vocabulary import Source
from tests.desk.projections import projection
from tests.factories import enrolled_desk

pytestmark = pytest.mark.slow

COLUMNS = tuple(Field)
CODES = [f"BN-{number}" for number in range(40)] + [f"H62.11.01-210906-{number:04d}" for number in range(1, 20)]
PAST = ("06/09/2021", "07/09/2021 10:15", "2021-09-06T08:00:00+07:00", "ngày 6 tháng 9 năm 2021", "04/10/2021 23:59")
STAGES = (
    "Mới đăng ký", "Được tiếp nhận", "Đang xử lý", "Yêu cầu bổ sung", "Chờ nghĩa vụ tài chính", "Rút hồ sơ",
    "Trả lại", "Dừng xử lý", "Đã xử lý xong", "Đã trả kết quả", "Không được tiếp nhận",
)  # fmt: skip
GOOD = {
    Field.DOSSIER_CODE: CODES,
    Field.PROCEDURE_NAME: ("Đăng ký khai sinh", "CẤP GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN"),
    Field.SUBMITTER_NAME: ("", "Trần Thị Bưởi"),
    Field.OWNER_NAME: ("Trần Thị Bưởi", "Trần Thị Bưởi", "Đặng Ước"),
    Field.OWNER_TYPE: ("", "Công dân", "Doanh nghiệp"),
    Field.ID_NUMBER: ("", "026185900001", "123456789"),
    Field.BIRTH_DATE: ("", "1965", "02/07/1965"),
    Field.SEX: ("", "Nam", "nữ"),
    Field.PHONE: ("", "0987000001", "987000002", "0987000001; 0987000002"),
    Field.ADDRESS_TEXT: ("", "Thôn Đông", "Thôn Đoài"),
    Field.CHANNEL: ("", "Trực tiếp", "Trực tuyến"),
    Field.SET_COUNT: ("", "02 bộ"),
    Field.RECEIVED_AT: PAST[:4],
    Field.DUE_ON: ("", "20/10/2021", "31/12/2099"),
    Field.RESOLVED_AT: ("", "", *PAST),
    Field.DELIVERED_AT: ("", "", "", PAST[4]),
    Field.DELIVERED_TO: ("", "Lê Thị Hoa"),
    Field.STAGE: ("", *STAGES),
    Field.RESULT_NUMBER: ("", "12/QĐ"),
    Field.FEE_AMOUNT_VND: ("", "50.000 đ", "miễn phí"),
    Field.COPY_COUNT: ("", "12"),
}
"""What stands in registers; columns that are not here are empty in most of them."""

ODD = st.one_of(
    st.text(max_size=30),
    st.text(alphabet=st.characters(categories=["Cc", "Cf", "Mn", "Zs", "Cs"]), max_size=8),
    st.text(alphabet="aăâđêôơưừữệỗ ", max_size=20).map(lambda text: unicodedata.normalize("NFD", text)),
    st.sampled_from(
        ("=1+1", "=HYPERLINK(1)", "@SUM(A1)", "#N/A", "-", "0", "NguyÔn V¨n", "Nguyá»…n", "%(text)s %d %%")
    ),
    st.sampled_from(("31/02/2021", "05/10/2021", "01/01/1900", "06/09/99", "44445", "2.6186E+10", "1.1.3", "x" * 61)),
    st.sampled_from("aớ ").map(lambda letter: letter * 2_000),
)
USUAL_ROWS = st.tuples(*(st.sampled_from(GOOD.get(name, ("",))) for name in COLUMNS))
ODD_CELLS = st.dictionaries(st.integers(0, len(COLUMNS) - 1), ODD, max_size=2)
ROWS = st.lists(
    st.builds(
        lambda usual, odd: tuple(odd.get(column, text) for column, text in enumerate(usual)), USUAL_ROWS, ODD_CELLS
    ),
    min_size=1,
    max_size=4,
)
MARKS = st.dictionaries(st.integers(0, len(COLUMNS) - 1), st.sampled_from(Mark), max_size=1)
MAPPINGS = st.sets(st.sampled_from(COLUMNS), min_size=26).map(
    lambda names: {name: COLUMNS.index(name) for name in sorted(names)}
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return enrolled_desk(tmp_path_factory.mktemp("desk"))


def sheet(rows: Sequence[Row]) -> Sheet:
    def read() -> Iterator[Row]:
        return iter(rows)

    return Sheet(
        name="so.xlsx",
        header=tuple(COLUMNS),
        header_row=1,
        row_count=len(rows),
        has_merged_cells=False,
        has_formulas=False,
        read=read,
    )


def sealed_after(desk: Desk, sequence: int) -> list[str]:
    """The kinds of the entries after a sequence, each of which can be read again."""
    with reading(desk.database):
        return [read_event(entry).header.kind for entry in journal.entries_after(1, 1, sequence, 10_000)]


def head(desk: Desk) -> int:
    with reading(desk.database):
        return journal.head(1, desk.identity().origin).sequence


def assert_told(results: Sequence[RowResult]) -> None:
    """Whoever is refused is told why, in both languages."""
    for result in results:
        assert (result.outcome is not Outcome.REFUSED) or result.remarks or result.error
        for language in LANGUAGES:
            said = [translated(each.text, each.values, language, "desk_client") for each in result.remarks]
            assert all([*said, error_text(result.error, language)] if result.error else said)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(cells=ROWS, marks=MARKS, mapping=MAPPINGS, source=st.sampled_from((Source.IMPORT, Source.OPENING)))
def test_any_text_in_any_cell_is_taken_or_refused_in_words(
    desk: Desk, cells: list[tuple[str, ...]], marks: dict[int, Mark], mapping: dict[Field, int], source: Source
) -> None:
    rows = [Row(number, texts, marks if number == 2 else {}) for number, texts in enumerate(cells, start=2)]
    order = Order(sheet=sheet(rows), mapping=mapping, source=source)
    saved, before = overview(desk).saved_count, head(desk)

    tried = list(try_rows(desk, order, clerk="an.nv"))
    first = list(import_rows(desk, order, clerk="an.nv"))
    saved_first, kinds = overview(desk).saved_count, sealed_after(desk, before)
    pairs = list(zip(first, import_rows(desk, order, clerk="an.nv"), strict=True))

    new_count = sum(each.outcome is Outcome.NEW for each in first)
    assert [each.outcome for each in tried] == [each.outcome for each in first]
    assert sum(kind in ("register", "receive", "refuse_at_desk") for kind in kinds) >= new_count
    assert saved_first == saved + new_count
    assert overview(desk).saved_count == saved + new_count
    assert {again.outcome for once, again in pairs if once.outcome is not Outcome.REFUSED} <= {Outcome.UNCHANGED}
    assert_told(first)


def test_after_all_of_it_the_chain_holds_and_the_screens_are_those_of_the_journal(desk: Desk) -> None:
    before = projection(desk)
    rebuild(desk)

    with reading(desk.database):
        sealed = journal.entries_after(1, 1, 0, 100_000)
        end = journal.head(1, desk.identity().origin)
    assert projection(desk) == before
    assert chain(sealed, desk.identity().origin)[-1] == end.hash
    assert len(before["dossiers"]) > 0
