"""The commands about machines do what the pages do, and say it for people and for machines."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from central_server.__main__ import cli
from central_server.central import Central
from central_server.commands import console
from sync_protocol.errors import BadInput, FieldSyncError
from tests.central.writing import enrolled_writer
from tests.conftest import DESK, only_on_sqlite
from tests.papers import page_texts

pytestmark = only_on_sqlite
NAME = f"{DESK}/1"


@pytest.fixture
def at_console(central: Central, monkeypatch: pytest.MonkeyPatch) -> Central:
    """The centre that the commands open, with one machine at a desk."""
    monkeypatch.setattr(console, "open_central", lambda _: central)
    enrolled_writer(central)
    return central


def run(*arguments: str) -> Result:
    """What a command did; expected errors are raised, as `main` shows them."""
    return CliRunner().invoke(cli, list(arguments), catch_exceptions=False)


def machines() -> list[dict[str, object]]:
    listed: list[dict[str, object]] = orjson.loads(run("device", "list", "--json").stdout)
    return listed


def test_the_list_tells_machines_what_people_see(at_console: Central) -> None:
    [machine] = machines()

    assert (machine["device"], machine["state"], machine["app_version"]) == (NAME, "active", "0.1.0")
    assert (machine["enrolled_at"], machine["ahead"], machine["clock_offset_s"]) == ("2021-10-04T02:00:00Z", 0, None)
    assert machine["possible"] == ["suspend", "lost", "replace", "retire", "spare"]
    assert NAME in run("device", "list").stdout
    assert NAME in run("device", "list", DESK).stdout


@pytest.mark.parametrize(
    ("action", "state"), [("suspend", "suspended"), ("lost", "lost"), ("retire", "retired"), ("spare", "spare")]
)
def test_an_action_is_done_for_a_reason(at_console: Central, action: str, state: str) -> None:
    done = run("device", action, NAME, "--reason", "Máy hỏng nguồn", "--json")

    assert orjson.loads(done.stdout)["state"] == state
    assert machines()[0]["state"] == state


def test_replacing_prints_the_code_for_the_next_machine(at_console: Central) -> None:
    done = orjson.loads(run("device", "replace", NAME, "--reason", "Máy hỏng nguồn", "--json").stdout)

    assert done["state"] == "replaced"
    assert len(done["invitation"]["code"]) == 19


def test_a_machine_is_lost_since_a_time(at_console: Central) -> None:
    run("device", "lost", NAME, "--since", "2021-10-04T09:00:00+07:00", "--reason", "Mất trộm")

    assert machines()[0]["left_at"] == "2021-10-04T02:00:00Z"


def test_a_suspended_machine_is_approved_without_a_reason(at_console: Central) -> None:
    run("device", "suspend", NAME, "--reason", "Nghi ngờ")

    run("device", "approve", NAME)

    assert machines()[0]["state"] == "active"


def test_new_machines_wait_once_approval_is_on(at_console: Central) -> None:
    run("device", "approval", "on")
    enrolled_writer(at_console, seed=b"\x02" * 32)

    assert [each["state"] for each in machines()] == ["active", "pending"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("suspend", NAME),
        ("suspend", "H62.11.01/9", "--reason", "Nghi ngờ"),
        ("suspend", "H62", "--reason", "Nghi ngờ"),
        ("approve", NAME),
        ("lost", NAME, "--since", "hôm qua", "--reason", "Mất trộm"),
        ("lost", NAME, "--since", "2031-01-01T00:00:00Z", "--reason", "Mất trộm"),
        ("list", "H99"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_changes_nothing(at_console: Central, arguments: tuple[str, ...]) -> None:
    with pytest.raises(FieldSyncError):
        run("device", *arguments)

    assert machines()[0]["state"] == "active"


def test_all_invitations_are_one_file_of_a_sheet_a_desk(at_console: Central, tmp_path: Path) -> None:
    out = tmp_path / "moi.pdf"

    done = run("invite", "--all", "--out", str(out), "--json")

    codes = [orjson.loads(line)["code"] for line in done.stdout.splitlines()]
    assert len(codes) == 5
    for code, page in zip(codes, page_texts(out.read_bytes()), strict=True):
        assert code.replace("-", "") in page


def test_a_file_that_cannot_be_written_costs_no_codes(at_console: Central, tmp_path: Path) -> None:
    (tmp_path / "moi.pdf").write_text("đã có")

    with pytest.raises(BadInput):
        run("invite", "--all", "--out", str(tmp_path / "moi.pdf"))

    assert (tmp_path / "moi.pdf").read_text() == "đã có"


def test_who_works_at_the_console_is_recorded(at_console: Central) -> None:
    assert console.console_user().startswith("cli:")
