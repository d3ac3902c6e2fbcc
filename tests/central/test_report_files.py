"""The files of a report, opened by other programs: they tell what the report tells, set as papers of an office are."""

import csv
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from docx import Document as word_file
from docx.enum.text import WD_ALIGN_PARAGRAPH
from flask_babel import force_locale

from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.paper.document_pages import document_pages
from central_server.paper.document_words import document_words
from central_server.paper.documents import CellShown, Document, HeadShown, RowShown, TableShown
from central_server.reports.by_hand import Piece
from central_server.services.reporting import make_report
from central_server.storage.units import EVERYTHING
from central_server.web.report_document import UNSIGNED, SignOff
from central_server.web.report_files import FORMATS, file_of
from sync_protocol.errors import BadInput
from sync_protocol.periods import PeriodSeries
from tests.central.writing import enrolled_writer
from tests.conftest import DESK, only_on_sqlite
from tests.factories import StandingClock
from tests.papers import page_texts, says, sizes_mm

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
BARE = Document(
    agency="ỦY BAN NHÂN DÂN TỈNH VĨNH PHÚC",
    number="Số: 1/BC-VP",
    place_and_day="Vĩnh Phúc, ngày 26 tháng 10 năm 2021",
    title="BÁO CÁO",
    subtitles=(),
    notes=(),
    paragraphs=(),
    changed="",
    tables=(),
    receivers=(),
    signer="",
    training=False,
)
SIGNED = SignOff(number="12/BC-VP", issued_on=date(2021, 10, 26), signer="Trần Thị Vân")

CSV_IN_UTF_8 = "csv:Text - txt - csv (StarCalc):44,34,76"

Maker = Callable[..., bytes]
Converter = Callable[[bytes, str, str], Path]


@pytest.fixture
def made(central: Central, clock: StandingClock) -> Maker:
    """Makes a file of October's report in Vietnamese; a desk has received 1.234 dossiers."""
    writer = enrolled_writer(central)
    for count in (400, 400, 434):
        sent = writer.head if writer.head > 1 else 0
        for _ in range(count):
            writer.receive(date(2021, 10, 4))
        writer.send(writer.contact(sent + 1))
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)

    def make(ending: str, sign_off: SignOff = UNSIGNED, *, layout: str = "monthly", training: bool = False) -> bytes:
        report = make_report(central, EVERYTHING, layout, OCTOBER)
        with create_app(central).app_context(), force_locale("vi"):
            return file_of(report, ending, sign_off, training=training)

    return make


@pytest.fixture
def converted(tmp_path: Path) -> Converter:
    """Opens a file by LibreOffice, which writes it in another kind; without one the tests skip, and in CI they fail."""
    program = shutil.which("soffice")
    if program is None:
        assert not os.environ.get("CI"), "there is no LibreOffice"
        pytest.skip("there is no LibreOffice on this machine")

    def convert(body: bytes, ending: str, wanted: str) -> Path:
        (tmp_path / f"report.{ending}").write_bytes(body)
        home = f"-env:UserInstallation=file://{tmp_path}/office"
        command = [program, home, "--headless", "--convert-to", wanted, "--outdir", str(tmp_path / "out")]
        subprocess.run([*command, str(tmp_path / f"report.{ending}")], check=True, capture_output=True, timeout=180)
        return tmp_path / "out" / f"report.{wanted.partition(':')[0]}"

    return convert


def test_the_pdf_has_the_form_of_an_office_and_the_figures(made: Maker) -> None:
    pdf = made("pdf")

    for text in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "ỦY BAN NHÂN DÂN TỈNH VĨNH PHÚC",
        "Số: ……… / BC-………",
        "Vĩnh Phúc, ngày …… tháng …… năm 20……",
        "Kỳ 21/09/2021 – 20/10/2021",
        "1.234",
        "Số liệu sơ bộ",
        "Nơi nhận:",
    ):
        assert says(pdf, text), text
    assert sizes_mm(pdf) == {(210, 297), (297, 210)}


def test_what_is_signed_off_stands_where_the_dots_were(made: Maker) -> None:
    pdf = made("pdf", SIGNED)

    for text in ("Số: 12/BC-VP", "ngày 26 tháng 10 năm 2021", "Trần Thị Vân"):
        assert says(pdf, text), text
    assert not says(pdf, "BC-………")


def test_a_text_that_was_written_over_is_set_and_its_marks_are_explained(made: Maker) -> None:
    over = SignOff(paragraphs=[[Piece("Trong tháng tiếp nhận "), Piece("1.235", is_by_hand=True)]])

    assert says(made("pdf", over), "1.235")
    assert says(made("pdf", over), "Gạch chân")
    assert not says(made("pdf"), "Gạch chân")


def test_a_table_of_many_rows_has_its_head_on_each_page() -> None:
    rows = [
        RowShown(place="", name=f"Xã {n} & <b>", key=f"H62.{n}", cells=[CellShown(text="7")] * 8, is_total=False)
        for n in range(60)
    ]
    table = TableShown(
        id="desks",
        name="Theo xã",
        names=[HeadShown(text="Tên")],
        heads=[HeadShown(text="Tổng số phải giải quyết")] * 8,
        rows=rows,
    )
    pages = page_texts(document_pages(replace(BARE, tables=[table])))

    of_rows = [page for page in pages if "<b>H62." in page]
    assert len(of_rows) >= 3
    assert all("Tổngsốphảigiảiquyết" in page for page in of_rows)
    assert "Xã7&<b>H62.7" in "".join(of_rows)


def test_words_of_a_table_begin_at_the_left_and_figures_end_at_the_right() -> None:
    table = TableShown(
        id="external",
        name="Số liệu từ nguồn khác",
        names=[HeadShown(text="Tên")],
        heads=[HeadShown(text="Giá trị"), HeadShown(text="Theo", is_words=True)],
        rows=[
            RowShown(
                place="", name="Khách", key="", cells=[CellShown(text="7"), CellShown(text="BC 15")], is_total=False
            )
        ],
    )

    drawn = word_file(BytesIO(document_words(replace(BARE, tables=[table])))).tables[1]

    cells = [cell.paragraphs[-1] for cell in drawn.rows[-1].cells[1:]]
    assert [(each.text, each.alignment) for each in cells] == [
        ("7", WD_ALIGN_PARAGRAPH.RIGHT),
        ("BC 15", WD_ALIGN_PARAGRAPH.LEFT),
    ]


def test_each_page_of_a_training_centre_says_so(made: Maker) -> None:
    assert all("TẬPHUẤN" in page for page in page_texts(made("pdf", training=True)))
    assert not says(made("pdf"), "TẬP HUẤN")


@only_on_sqlite
@pytest.mark.slow
def test_a_second_program_reads_the_word_processors_file(made: Maker, converted: Converter) -> None:
    over = SignOff(number="12/BC-VP", paragraphs=[[Piece("Đã tiếp nhận "), Piece("1.235", is_by_hand=True)]])
    file = made("docx", over, training=True)

    told = converted(file, "docx", "txt:Text (encoded):UTF8").read_text("utf-8")
    for text in (
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN TỈNH VĨNH PHÚC",
        "Số: 12/BC-VP",
        "Đã tiếp nhận 1.235",
        "Gạch chân",
        "Tiếp nhận mới trong kỳ",
        "1.234",
        DESK,
    ):
        assert text in told, text
    pdf = converted(file, "docx", "pdf").read_bytes()
    assert sizes_mm(pdf) == {(210, 297), (297, 210)}


@only_on_sqlite
@pytest.mark.slow
def test_a_second_program_reads_the_sheets_numbers(made: Maker, converted: Converter) -> None:
    path = converted(made("xlsx"), "xlsx", CSV_IN_UTF_8)

    with path.open(encoding="utf-8", newline="") as file:
        rows = {row[1]: row[2:] for row in csv.reader(file) if len(row) > 2}
    assert rows["Tiếp nhận mới trong kỳ"][0] == "1,234"
    assert rows["Đã giải quyết"][0] == "0"


def test_the_command_writes_by_the_ending_of_the_name(
    central: Central, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "centre_of", lambda _: central)

    for ending in FORMATS:
        out = tmp_path / f"report.{ending}"
        assert run(out).exit_code == 0
        assert out.stat().st_size > 1_000

    with pytest.raises(BadInput):
        run(tmp_path / "report.txt")
    with pytest.raises(BadInput):
        run(tmp_path / "report.pdf")


def run(out: Path) -> Result:
    """Asks for October's report."""
    asked = ["report", "ii06a", "--period", "2021-10", "--out", str(out)]
    return CliRunner().invoke(cli, asked, catch_exceptions=False)
