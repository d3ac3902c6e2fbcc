"""The commands that hold the journal and what the pages show against each other."""

import sys
from pathlib import Path

import click

from desk_client.commands.console import complain, desk_of, tell
from desk_client.services import projecting, verifying


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def rebuild(data: Path | None, as_json: bool) -> None:
    """Makes what the pages show again from the journal, which holds all of it."""
    count = projecting.rebuild(desk_of(data))
    tell(
        {"dossiers": count},
        f"Đã dựng lại {count} hồ sơ từ nhật ký của máy\n{count} dossiers made again from the journal",
        as_json=as_json,
    )


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def verify(data: Path | None, as_json: bool) -> None:
    """Checks that the journal is as it was sealed, and that the pages show what it says."""
    verified = verifying.verify(desk_of(data))
    for fault in verified.faults:
        complain(fault)
    content = {"entries": verified.entries, "epochs": verified.epochs, "dossiers": verified.dossiers}
    if as_json:
        tell(content | {"faults": [fault.code for fault in verified.faults]}, "", as_json=True)
    elif not verified.faults:
        click.echo(
            f"Nhật ký nguyên vẹn: {verified.entries} bản ghi, {verified.dossiers} hồ sơ hiển thị đúng như nhật ký\n"
            f"The journal is whole: {verified.entries} entries, {verified.dossiers} dossiers shown as it says"
        )
    sys.exit(1 if verified.faults else 0)
