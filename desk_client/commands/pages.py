"""The commands that open the pages of a desk."""

import logging
from pathlib import Path

import click

from desk_client.commands.console import desk_of
from desk_client.opening import open_practice
from desk_client.serving import serve as serve_pages
from desk_client.serving import serve_practice
from desk_client.settings import read_settings


@click.command()
@click.pass_obj
def serve(data: Path | None) -> None:
    """Opens the desk's page on this machine and sends in the background; a new machine is enrolled on it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    serve_pages(desk_of(data))


@click.command()
@click.pass_obj
def practise(data: Path | None) -> None:
    """Opens the practice pages: dossiers to learn with, which are never sent and never count."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    serve_practice(open_practice(read_settings(data)))
