"""The command that takes in a spreadsheet, as a real process: given twice, killed in the middle, told to machines."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from desk_client.opening import open_desk
from desk_client.settings import Settings
from desk_client.storage import dossiers, journal
from desk_client.storage.database import reading
from desk_client.storage.models import DossierRow
from sync_protocol.entries import chain
from tests.desk.registers import COLUMNS, Row, row
from tests.desk.spreadsheets import csv_file, table
from tests.factories import bare_desk, enrolled_desk
from tests.processes import Done, desk

pytestmark = pytest.mark.slow

KILLS = 4
ROWS = 1_200
SEED = 20211021


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An enrolled desk whose file has the key that the command line will find."""
    (tmp_path / "desk.key").write_text("ab" * 32)
    enrolled_desk(tmp_path).database.close()
    return tmp_path


def workbook(folder: Path, *rows: Row) -> str:
    path = folder / "so.xlsx"
    path.write_bytes(table(list(COLUMNS.values()), *([each.get(name, "") for name in COLUMNS] for each in rows)))
    return str(path)


def told(done: Done) -> list[dict[str, object]]:
    """What a command said to machines."""
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_file_given_twice_brings_nothing_new_the_second_time(folder: Path) -> None:
    path = workbook(folder, row(), row(code="BN-77", owner="Đặng Ước", stage="Đã xử lý xong", resolved="01/10/2021"))

    tried, first, second = (desk(folder, "import", path, "--json", *more) for more in (["--try"], [], []))

    assert [each.code for each in (tried, first, second)] == [0, 0, 0]
    assert told(tried) == [
        {"row": 2, "outcome": "new", "dossier_code": "H62.11.01-210906-0412"},
        {"row": 3, "outcome": "new", "dossier_code": ""},
        {"new": 2, "changed": 0, "unchanged": 0, "refused": 0},
    ]
    assert told(first)[1:] == [
        {"row": 3, "outcome": "new", "dossier_code": "H62.11.01-210906-0413"},
        {"new": 2, "changed": 0, "unchanged": 0, "refused": 0},
    ]
    assert told(second)[-1] == {"new": 0, "changed": 0, "unchanged": 2, "refused": 0}


def test_a_refused_row_is_told_in_both_languages_and_by_the_exit_code(folder: Path) -> None:
    done = desk(folder, "import", workbook(folder, row(), row(code="BN-77", received="31/02/2021")), "--opening")

    assert done.code == 1
    assert "1 new, 0 changed, 0 as before, 1 to be corrected" in done.out
    vietnamese, english = done.err.splitlines()
    assert vietnamese.startswith("3: Ngày tiếp nhận: “31/02/2021” không phải là ngày.")
    assert english.startswith("3: Ngày tiếp nhận: “31/02/2021” is not a day.")


@pytest.mark.parametrize(
    ("name", "raw", "code", "said"),
    [
        ("so.xlsx", b"PK\x03\x04", 1, "This spreadsheet is damaged"),
        ("so.csv", b"", 1, "No row was found in this file"),
        ("khong-co.xlsx", None, 2, "does not exist"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_one_sentence(
    folder: Path, name: str, raw: bytes | None, code: int, said: str
) -> None:
    path = folder / name
    if raw is not None:
        path.write_bytes(raw)

    done = desk(folder, "import", str(path))

    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_machine_that_is_not_enrolled_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "desk.key").write_text("ab" * 32)
    bare_desk(tmp_path).database.close()

    done = desk(tmp_path, "import", workbook(tmp_path, row()))

    assert done.code == 1
    assert "desk-client enrol" in done.err


def test_an_import_that_is_killed_again_and_again_takes_each_row_once(folder: Path) -> None:
    chance = random.Random(SEED)
    path = folder / "so.csv"
    rows = [["BN-" + str(number), *_cells()] for number in range(ROWS)]
    path.write_bytes(csv_file(["Mã hồ sơ", "Thủ tục", "Chủ hồ sơ", "Ngày nhận", "Tình trạng"], *rows))

    confirmed: set[object] = set()
    for _ in range(KILLS):
        confirmed |= _import_until_killed(folder, path, after_s=chance.uniform(0.0, 0.4))
    done = desk(folder, "import", str(path), "--json")

    *lines, counts = told(done)
    print(f"kill -9: {KILLS}, seed {SEED}, confirmed before: {len(confirmed)}, then: {counts}")
    assert done.code == 0
    assert len(confirmed) >= KILLS
    assert {line["dossier_code"] for line in lines if line["outcome"] == "unchanged"} >= confirmed
    assert len({line["dossier_code"] for line in lines}) == ROWS
    _assert_whole(folder)


def _cells() -> list[str]:
    return ["Đăng ký khai sinh", "Trần Thị Bưởi", "06/09/2021", "Đang xử lý"]


def _import_until_killed(folder: Path, path: Path, after_s: float) -> set[object]:
    """Codes of the rows that the real command confirmed before it was killed, `after_s` after a new one."""
    process = subprocess.Popen(
        [sys.executable, "-m", "desk_client", "--data", str(folder), "import", str(path), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    said = b""
    while b'"new"' not in said:
        said += process.stdout.readline()
    time.sleep(after_s)
    process.kill()
    said += process.stdout.read()
    process.wait()
    whole_lines = said[: said.rfind(b"\n") + 1].splitlines()
    return {json.loads(line)["dossier_code"] for line in whole_lines if b"dossier_code" in line}


def _assert_whole(folder: Path) -> None:
    """Each row is one dossier, with both of its entries, and the chain holds."""
    opened = open_desk(Settings(data=folder, key_store="file"))
    with reading(opened.database):
        sealed = journal.entries_after(1, 1, 0, 3 * ROWS)
        head = journal.head(1, opened.identity().origin)
        rows = DossierRow.select().count()
        stages = {row.stage for row in DossierRow.select(DossierRow.stage)}
        saved = dossiers.saved_count()
    assert (rows, saved, stages) == (ROWS, ROWS, {"processing"})
    assert chain(sealed, opened.identity().origin)[-1] == head.hash
    assert len(sealed) == head.sequence == 2 * ROWS + 2
