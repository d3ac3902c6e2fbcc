"""What the command line answers to somebody in a hurry: a sentence in both languages, and never a traceback."""

import sys

import pytest

from central_server import __main__ as command_line
from central_server.commands.reports import WHAT_ENDINGS
from central_server.services.unusable import Unusable
from sync_protocol.messages import error_text


@pytest.mark.parametrize(
    ("words", "amiss"),
    [
        (["publish", "monthly", "--period", "2021-10", "--number", "1", "--issued-on", "25/10/2021"], "25/10/2021"),
        (["report", "weekly"], "weekly"),
        (["complaint", "record", "--corrects", "mot"], "mot"),
        (["figure", "import", "khong-co.xlsx"], "khong-co.xlsx"),
        (["khong-co"], "khong-co"),
    ],
)
def test_a_command_that_is_written_wrongly_is_told_what_is_amiss(
    words: list[str], amiss: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["central-server", *words])

    with pytest.raises(SystemExit) as ended:
        command_line.main()

    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "Nothing was changed; what is amiss stands below." in said
    assert amiss in said


def test_help_ends_well(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["central-server", "publish", "--help"])

    with pytest.raises(SystemExit) as ended:
        command_line.main()

    assert ended.value.code in (0, None)
    assert "--issued-on" in capsys.readouterr().out


def test_the_reason_why_something_is_not_usable_is_told_in_vietnamese() -> None:
    assert "tên tệp phải kết thúc bằng" in error_text(Unusable(what="bao-cao.txt", reason=WHAT_ENDINGS), "vi")
