"""The command that tells a supporter how this installation is, without telling anything of a person."""

from pathlib import Path

import click
import orjson

from desk_client.commands.console import desk_of
from desk_client.services.diagnosing import diagnose as diagnosed
from desk_client.services.telling import diagnosis_content


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def diagnose(data: Path | None, as_json: bool) -> None:
    """Tells how this machine and its journal are, to be sent to a supporter; it holds nothing of any person."""
    content = diagnosis_content(diagnosed(desk_of(data)))
    if as_json:
        click.echo(orjson.dumps(content).decode())
        return
    for name, value in content.items():
        click.echo(f"{name:20} {value}")
