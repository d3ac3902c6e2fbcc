"""The commands of the books and of scoring do what the pages do."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from central_server.__main__ import cli
from central_server.central import Central
from central_server.commands import console
from central_server.services.complaints import BadComplaint
from tests.central.test_figure_sheets import GOOD, sheet
from tests.conftest import only_on_sqlite
from tests.factories import StandingClock

pytestmark = only_on_sqlite
ABOUT = (
    "--unit",
    "08707",
    "--received-on",
    "2021-10-11",
    "--answer-due-on",
    "2021-10-18",
    "--document",
    "KL 3/KL-UBND",
)


@pytest.fixture(autouse=True)
def at_console(central: Central, clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Central:
    """The centre that the commands open."""
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    monkeypatch.setattr(console, "open_central", lambda _: central)
    return central


def run(*arguments: str) -> str:
    """What a command printed; expected errors are raised, as `main` shows them."""
    return CliRunner().invoke(cli, list(arguments), catch_exceptions=False).stdout


def test_a_figure_is_added_and_listed() -> None:
    run("figure", "add", "visitors", "--unit", "26", "--period", "2021-10", "--value", "1.234", "--source", "BC 15")

    [line] = run("figure", "list").splitlines()

    told = orjson.loads(line)
    assert (told["indicator"], told["unit"], told["value"], told["stands"]) == ("visitors", "26", "1234", True)
    assert told["recorded_by"].startswith("cli")


def test_a_file_is_looked_through_and_kept_only_when_told_to(tmp_path: Path) -> None:
    file = tmp_path / "so-lieu.xlsx"
    file.write_bytes(sheet(GOOD, ("weather", *GOOD[1:])))

    looked, kept = run("figure", "import", str(file)), run("figure", "import", str(file), "--keep")

    assert "4: The figure was not kept: there is no such indicator" in looked
    assert "0 figures kept" in looked
    assert "1 figures kept" in kept
    assert len(run("figure", "list").splitlines()) == 1


@pytest.mark.parametrize(("rows", "code"), [((GOOD,), 0), ((GOOD, ("weather", *GOOD[1:])), 1), ((), 1)])
def test_a_file_with_what_is_not_usable_ends_with_an_exit_code(
    rows: tuple[tuple[object, ...], ...], code: int, tmp_path: Path
) -> None:
    file = tmp_path / "so-lieu.xlsx"
    file.write_bytes(sheet(*rows))

    assert CliRunner().invoke(cli, ["figure", "import", str(file)]).exit_code == code


def test_a_complaint_is_recorded_and_corrected_and_counts_in_the_scores() -> None:
    run("figure", "add", "complaints_received", "--unit", "26", "--period", "2021-10", "--value", "1", "--source", "BC")
    run("complaint", "record", *ABOUT)
    before = orjson.loads(run("scoring", "--period", "2021-10", "--unit", "08707", "--json"))
    run("complaint", "record", *ABOUT, "--answered-on", "2021-10-15", "--finding", "not_upheld", "--corrects", "1")

    [row] = orjson.loads(run("scoring", "--period", "2021-10", "--unit", "08707", "--json"))

    assert (before[0]["points"]["8"], row["points"]["8"]) == ("0", "2")
    assert (row["known"], row["of"], row["class_from"], row["class_to"]) == (1, 9, "weak", "excellent")
    assert "1/9" in run("scoring", "--period", "2021-10", "--unit", "08707")


def test_a_complaint_that_is_not_there_is_not_corrected() -> None:
    with pytest.raises(BadComplaint):
        run("complaint", "record", *ABOUT, "--corrects", "7")
