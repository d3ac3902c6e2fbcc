"""The command that serves the pages of the centre and its devices."""

import logging
from pathlib import Path

import click

from central_server.commands.console import centre_of
from central_server.services.deciding import judge_again
from central_server.serving import serve as serve_pages


@click.command()
@click.pass_obj
def serve(data: Path | None) -> None:
    """Serves pages and devices."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    central = centre_of(data)
    judge_again(central)
    serve_pages(central)
