"""The command that moves a training centre's clock."""

from pathlib import Path

import click

from central_server.commands.console import centre_of, instant_of
from central_server.services import founding
from sync_protocol.instants import instant_text


@click.command()
@click.argument("instant")
@click.pass_obj
def clock(data: Path | None, instant: str) -> None:
    """Sets a training centre's clock to INSTANT, an ISO time with offset."""
    shows_at = instant_of(instant)
    founding.set_clock(centre_of(data), shows_at)
    click.echo(instant_text(shows_at))
