"""A command loads what it needs, and not what only others need: it begins at once on a slow machine."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from central_server import __main__ as central_main
from desk_client import __main__ as desk_main
from sync_protocol.loading import Loaded

HEAVY = {"docx", "flask", "openpyxl", "reportlab", "xlsxwriter"}
GROUPS = {"desk_client": desk_main.cli, "central_server": central_main.cli}
COMMANDS = [(package, name) for package, group in GROUPS.items() for name in group.commands]


@pytest.mark.parametrize(("package", "name"), COMMANDS)
def test_each_command_stands_where_its_name_says(package: str, name: str) -> None:
    command = GROUPS[package].commands[name]

    assert isinstance(command, click.Command)
    assert command.name == name


@pytest.mark.parametrize(
    ("package", "name"),
    [
        ("desk_client", "record"),
        ("desk_client", "status"),
        ("desk_client", "sync"),
        ("central_server", "standings"),
        ("central_server", "load"),
        ("central_server", "user"),
    ],
)
def test_a_small_command_waits_neither_for_pages_nor_for_papers(package: str, name: str) -> None:
    code = f"import sys; from {package}.__main__ import cli; cli.commands[{name!r}]; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert HEAVY & set(done.stdout.split()) == set()


def test_a_name_that_is_nobodys_is_none() -> None:
    loaded = Loaded({"path": "pathlib:Path"})

    assert loaded.get("path") is Path
    assert loaded.get("paths") is None
