"""What every command needs: the desk of the data folder, what is typed, and how an outcome is told."""

import sys
from collections.abc import Mapping
from pathlib import Path

import click
import orjson

from desk_client.desk import Desk
from desk_client.opening import open_desk
from desk_client.services.road import CentreRefused
from desk_client.settings import read_settings
from sync_protocol.errors import FieldSyncError
from sync_protocol.messages import error_text


def desk_of(data: Path | None) -> Desk:
    """The installation in the data folder; raises what opening it raises."""
    return open_desk(read_settings(data))


def tell(content: Mapping[str, object], text: str, *, as_json: bool) -> None:
    """Prints an outcome: one object for machines, or a text for people."""
    click.echo(orjson.dumps(dict(content)).decode() if as_json else text)


def complain(error: FieldSyncError) -> None:
    """Says in both languages what went wrong."""
    if isinstance(error, CentreRefused):
        click.echo(f"{error.vietnamese}\n{error.english}", err=True)
    else:
        click.echo(f"{error_text(error, 'vi')}\n{error_text(error, 'en')}", err=True)


def typed_password() -> str:
    """A password, asked of who sits there, or read from standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Mật khẩu / Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
