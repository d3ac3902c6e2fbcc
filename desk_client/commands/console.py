"""What every command needs: the desk of the data folder, and how an outcome is told."""

from collections.abc import Mapping
from pathlib import Path

import click
import orjson

from desk_client.desk import Desk
from desk_client.opening import open_desk
from desk_client.settings import read_settings


def desk_of(data: Path | None) -> Desk:
    """The installation in the data folder; raises what opening it raises."""
    return open_desk(read_settings(data))


def tell(content: Mapping[str, object], text: str, *, as_json: bool) -> None:
    """Prints an outcome: one object for machines, or a text for people."""
    click.echo(orjson.dumps(dict(content)).decode() if as_json else text)
