"""README says what is so: its commands exist, its tables are those of the code, its figures those of the demo."""

import dataclasses
import re
import shlex
from collections import Counter
from pathlib import Path

import click
import pytest

from central_server import __main__ as central_main
from central_server import settings as central_settings
from desk_client import __main__ as desk_main
from desk_client import settings as desk_settings
from scripts.demo_world import plan_world
from sync_protocol.messages import translated
from sync_protocol.standings import STANDING_NAMES
from sync_protocol.vocabulary import Standing

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = re.findall(
    r"^(?:central-server|desk-client) .+$", "\n".join(re.findall(r"```sh\n(.*?)```", README, re.S)), re.M
)
SCRIPTS = re.findall(r"^python3 (scripts/\S+)", README, re.M)


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_of_the_readme_is_one(line: str) -> None:
    program, *words = shlex.split(line, comments=True)
    group = {"central-server": central_main.cli, "desk-client": desk_main.cli}[program]

    command = _resolved(group, [word for word in words if not word.startswith("/")])

    assert isinstance(command, click.Command)


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_of_the_readme_is_there(script: str) -> None:
    assert (ROOT / script).is_file()


@pytest.mark.parametrize(
    ("prefix", "settings"), [("DESK_", desk_settings.Settings), ("CENTRAL_", central_settings.Settings)]
)
def test_the_tables_of_settings_are_those_of_the_code(prefix: str, settings: type) -> None:
    rows = dict(re.findall(rf"^\| `{prefix}(\w+)` \| *(\S*) *\|", README, re.M))

    fields = {each.name: each for each in dataclasses.fields(settings)}

    assert {name.lower(): default for name, default in rows.items()} == {
        name: str(field.default) for name, field in fields.items() if name != "data"
    }


def test_the_counts_of_the_demo_are_those_of_its_world() -> None:
    counts = Counter(plan.expected.standing for plan in plan_world(2021))

    line = " · ".join(
        f"{translated(STANDING_NAMES[each], {}, 'vi')}: {counts[each]}" for each in Standing if counts[each]
    )

    assert line in README


def _resolved(group: click.Group, words: list[str]) -> click.Command | None:
    """The command that the words name, options skipped."""
    command: click.Command | None = group
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-"):
            command = command.commands.get(word)
    return command
