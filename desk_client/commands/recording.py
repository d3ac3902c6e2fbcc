"""The command that records events of dossiers from another program."""

import sys
from collections import Counter
from pathlib import Path
from typing import BinaryIO

import click

from desk_client.commands.console import complain, desk_of, tell
from desk_client.services import filing, signing_in
from desk_client.storage.database import reading


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--clerk", default=None, help="Username to record under.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def record(data: Path | None, file: BinaryIO, clerk: str | None, as_json: bool) -> None:
    """Records events from FILE, one JSON object a line; - is standard input. Each line is told once it is durable."""
    desk = desk_of(data)
    username = signing_in.known_clerk(desk, clerk)
    with reading(desk.database):
        outcomes = Counter(
            _tell_line(result, as_json=as_json) for result in filing.record_lines(desk, file, clerk=username)
        )
    saved, refused = outcomes[True], outcomes[False]
    tell(
        {"recorded": saved, "refused": refused},
        f"Đã lưu {saved} dòng, không lưu được {refused} dòng\n{saved} lines saved, {refused} lines refused",
        as_json=as_json,
    )
    sys.exit(1 if refused else 0)


def _tell_line(result: filing.LineResult, *, as_json: bool) -> bool:
    """Says what became of a line as soon as it is durable; whether it was saved."""
    if result.error:
        complain(result.error)
        return False
    code = result.recorded.dossier.dossier_code if result.recorded else ""
    tell({"line": result.number, "dossier_code": code}, f"{result.number}  {code}", as_json=as_json)
    return True
