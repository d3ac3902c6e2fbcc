"""The command that loads reference data."""

from pathlib import Path
from typing import Any

import click

from central_server.commands.console import centre_of, text_of
from central_server.services import founding


@click.command()
@click.argument("what", type=click.Choice(list(founding.TEMPLATES)))
@click.argument("file", type=click.File("r", encoding="utf-8"), required=False)
@click.option("--template", is_flag=True, help="Print the header of the file instead.")
@click.pass_obj
def load(data: Path | None, what: str, file: Any, template: bool) -> None:
    """Loads reference data from a CSV file; a second time changes nothing."""
    if template or file is None:
        click.echo(founding.TEMPLATES[what])
        return
    count = founding.load(centre_of(data), what, text_of(file))
    click.echo(f"Đã nạp {count} dòng\n{count} rows loaded")
